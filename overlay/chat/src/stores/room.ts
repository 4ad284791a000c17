import { pageUrl, socketUrl } from "@haishin/common/token";
import { ApiError, Client } from "@haishin/panel/kit/http.ts";
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
const GUEST_KEY = "haishin.chat.guest";

/** What is known of one's own line: `queued` waits, the rest is final. */
export interface Fate {
  readonly outcome: Receipt["outcome"] | "answered" | "expired";
  readonly reason: string;
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
  const stageUrl = ref("/stage/");
  /** Tells those without a name apart; the same as long as this browser remembers. */
  const guestNumber = Number(recall(GUEST_KEY)) || 100 + Math.floor(900 * Math.random());
  remember(GUEST_KEY, String(guestNumber));

  /** Outcomes that came over the socket before the answer to the request that sent the line. */
  const early = new Map<string, Fate>();
  let client = new Client("");
  let line: Link | null = null;

  function open(token: string): void {
    client = new Client(token);
    stageUrl.value = pageUrl("/stage/", token);
    line?.close();
    line = new Link({
      url: socketUrl("/ws/chat", { token }),
      // A quiet room is a healthy one.
      idleMs: 0,
      onState: (now) => {
        link.value = now;
      },
      onFrame: (frame) => {
        if (isChatFrame(frame)) receive(frame);
      },
      denied,
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

  async function denied(): Promise<boolean> {
    try {
      await client.get("/api/state");
      return false;
    } catch (error) {
      return error instanceof ApiError && error.denied;
    }
  }

  /** Put a line into the room, as a guest where no name was given. A line that was refused is shown to its author alone. */
  async function send(text: string, guest: string): Promise<Receipt> {
    const given = name.value.trim();
    remember(NAME_KEY, given);
    const author = given || guest;
    const receipt = await client.post<Receipt>("/api/chat", { author, text });
    decide(receipt.id, early.get(receipt.id) ?? { outcome: receipt.outcome, reason: receipt.reason });
    early.delete(receipt.id);
    if (!lines.value.some((shown) => !shown.host && shown.id === receipt.id)) {
      const at = new Date().toISOString();
      merge([{ type: "line", id: receipt.id, author, text, kind: "chat", host: false, at }]);
    }
    return receipt;
  }

  return { link, hello, status, lines, own, name, guestNumber, stageUrl, open, close, receive, send };
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
