import { socketUrl } from "@haishin/common/token";
import { ApiError, Client, DEADLINE_MS } from "@haishin/panel/kit/http.ts";
import { Link, type LinkState } from "@haishin/panel/kit/link.ts";
import { recall, remember } from "@haishin/panel/kit/locale.ts";
import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { type ChatFrame, type ChatHello, type ChatLine, type ChatStatus, isChatFrame, type Receipt } from "../api.ts";

/** Lines kept; older ones leave the page. */
export const KEPT = 300;

/** Outcomes of strangers' lines kept in case one turns out to be ours. */
const EARLY = 100;

const NAME_KEY = "haishin.chat.name";
const OWN_KEY = "haishin.chat.own";

/** What is known of one's own line: `queued` waits, the rest is final. */
export interface Fate {
  readonly outcome: Receipt["outcome"] | "answered" | "expired";
  readonly reason: string;
}

/** What waits for the answer to a line. */
interface Asking {
  readonly done: (receipt: Receipt) => void;
  readonly fail: (error: ApiError) => void;
}

/** The local chat room. Sending raises `ApiError`. */
export const useRoom = defineStore("room", () => {
  const link = ref<LinkState>("connecting");
  const hello = shallowRef<Omit<ChatHello, "lines" | "status" | "type"> | null>(null);
  const status = shallowRef<ChatStatus | null>(null);
  const lines = shallowRef<readonly ChatLine[]>([]);
  /** Lines of this tab, by id, with what became of them. */
  const own = shallowRef<ReadonlyMap<string, Fate>>(recallOwn());
  const name = ref(recall(NAME_KEY) ?? "");

  /** Outcomes that came over the socket before the answer to the request that sent the line. */
  const early = new Map<string, Fate>();
  let client = new Client("");
  let line: Link | null = null;
  /** Lines that were sent and not answered, by their numbers. */
  const asking = new Map<number, Asking>();
  let number = 0;

  function open(token: string): void {
    client = new Client(token);
    line?.close();
    line = new Link({
      url: socketUrl("/ws/chat", { token }),
      // A quiet room is a healthy one.
      idleMs: 0,
      onState: (now) => {
        link.value = now;
        if (now !== "live") for (const one of [...asking.values()]) one.fail(new ApiError(0, ""));
      },
      onFrame: (frame) => {
        if (isChatFrame(frame)) receive(frame);
      },
      denied: () => client.refused("/chat/"),
    });
  }

  function close(): void {
    line?.close();
    line = null;
  }

  function receive(frame: ChatFrame): void {
    switch (frame.type) {
      case "hello":
        hello.value = { host: frame.host, greeting: frame.greeting, label: frame.label };
        status.value = frame.status;
        merge(frame.lines);
        break;
      case "line":
        merge([frame]);
        break;
      case "outcome":
        settle(frame.id, { outcome: frame.outcome, reason: frame.reason });
        break;
      case "removed":
        lines.value = lines.value.filter((shown) => shown.host || !frame.ids.includes(shown.id));
        break;
      case "status":
        status.value = frame;
        break;
      case "receipt":
        asking.get(frame.ref)?.done({ id: frame.id, outcome: frame.outcome, reason: frame.reason });
        break;
      case "problem":
        asking.get(frame.ref)?.fail(new ApiError(422, frame.detail));
    }
  }

  /** Add lines in the order of their arrival, each once; the server's copy of a line wins. */
  function merge(more: readonly ChatLine[]): void {
    const known = new Map(lines.value.map((old) => [key(old), old]));
    for (const next of more) known.set(key(next), next);
    lines.value = [...known.values()].slice(-KEPT);
  }

  function settle(id: string, fate: Fate): void {
    if (own.value.has(id)) {
      decide(id, fate);
      return;
    }
    early.set(id, fate);
    const [oldest] = early.keys();
    if (early.size > EARLY && oldest !== undefined) early.delete(oldest);
  }

  function decide(id: string, fate: Fate): void {
    const all = new Map(own.value);
    all.set(id, fate);
    own.value = new Map([...all].slice(-KEPT));
    try {
      sessionStorage.setItem(OWN_KEY, JSON.stringify([...own.value]));
    } catch {
      // Storage is forbidden: after a reload the lines look like anybody's.
    }
  }

  /** Hand a line in over the socket: the page's key opens no route. Raises `ApiError`. */
  function ask(author: string, text: string): Promise<Receipt> {
    number += 1;
    const ref = number;
    return new Promise((resolve, reject) => {
      const over = () => {
        clearTimeout(late);
        asking.delete(ref);
      };
      const fail = (error: ApiError) => {
        over();
        reject(error);
      };
      const late = setTimeout(() => fail(new ApiError(0, "")), DEADLINE_MS);
      const done = (receipt: Receipt) => {
        over();
        resolve(receipt);
      };
      asking.set(ref, { done, fail });
      if (!line?.send({ type: "say", ref, author, text })) fail(new ApiError(0, ""));
    });
  }

  /** Put a line into the room. A line that was refused is shown to its author alone. */
  async function send(text: string): Promise<Receipt> {
    const author = name.value.trim();
    remember(NAME_KEY, author);
    const receipt = await ask(author, text);
    decide(receipt.id, early.get(receipt.id) ?? { outcome: receipt.outcome, reason: receipt.reason });
    early.delete(receipt.id);
    if (!lines.value.some((shown) => !shown.host && shown.id === receipt.id)) {
      const at = new Date().toISOString();
      merge([{ type: "line", id: receipt.id, author, text, kind: "chat", host: false, at }]);
    }
    return receipt;
  }

  return { link, hello, status, lines, own, name, open, close, receive, send };
});

/** Ids of the host's lines are turns; they could be the same word as a viewer's. */
function key(line: ChatLine): string {
  return `${line.host ? "h" : "v"}${line.id}`;
}

const OUTCOMES = new Set<unknown>(["queued", "folded", "held", "refused", "dropped", "answered", "expired"]);

function recallOwn(): ReadonlyMap<string, Fate> {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(OWN_KEY) ?? "[]");
    return new Map(Array.isArray(kept) ? kept.filter(isEntry) : []);
  } catch {
    return new Map();
  }
}

function isEntry(entry: unknown): entry is [string, Fate] {
  if (!Array.isArray(entry) || typeof entry[0] !== "string") return false;
  const fate: unknown = entry[1];
  return (
    typeof fate === "object" && fate !== null && "outcome" in fate && OUTCOMES.has(fate.outcome) && "reason" in fate
  );
}
