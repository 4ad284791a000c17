import { socketUrl } from "@haishin/common/token";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { ApiError, Client } from "../../kit/http.ts";
import { Link, type LinkState } from "../../kit/link.ts";
import {
  type Done,
  isPanelState,
  type Pages,
  type PanelState,
  type Part,
  type QueueItem,
  type Receipt,
} from "../api.ts";
import { messageKey } from "../platforms.ts";

/** The server sends at least one frame a second; after this long without one the line is dead, ms. */
const SILENCE_MS = 5_000;
/** How often an order to stop is repeated until the server takes it, and for how long, ms. */
const STOP_EVERY_MS = 400;
const STOP_FOR_MS = 15_000;
/** Trying a provider takes the server up to 20 s; forgetting a viewer waits for the database, ms. */
const PATIENCE_MS = 25_000;

/** The show as the server last told it, and the orders that can be given. Orders raise `ApiError`. */
export const useShow = defineStore("show", () => {
  const state = shallowRef<PanelState | null>(null);
  const link = ref<LinkState>("connecting");
  /** `performance.now()` of the last frame, from which the ages tick on. */
  const receivedAt = ref(0);
  const stopping = ref(false);
  /** The order to stop did not reach the server: the one failure that must not be overlooked. */
  const stopFailed = ref(false);
  /** Items on their way out of the queue, by `messageKey`. */
  const dropping = ref<ReadonlySet<string>>(new Set());
  const stageUrl = ref("/stage/");
  const chatUrl = ref("/chat/");

  const live = computed(() => link.value === "live" && state.value !== null);
  const stopped = computed(() => state.value?.state === "stopped");

  /** The key that this page was opened with. */
  const token = ref("");
  let client = new Client("");
  let line: Link | null = null;

  function open(key: string): void {
    token.value = key;
    client = new Client(key);
    line?.close();
    line = new Link({
      url: socketUrl("/ws/panel", { token: key }),
      idleMs: SILENCE_MS,
      onState: (now) => {
        link.value = now;
        if (now === "live") void findPages();
      },
      onFrame: (frame) => {
        if (isPanelState(frame)) receive(frame);
      },
      denied,
    });
  }

  /** Learn the addresses of the sister pages, with keys that open nothing else. Until then the links have none. */
  async function findPages(): Promise<void> {
    try {
      const pages = await client.get<Pages>("/api/pages");
      stageUrl.value = new URL(pages.stage, location.href).href;
      chatUrl.value = new URL(pages.chat, location.href).href;
    } catch {
      // Asked again with the next connection.
    }
  }

  function close(): void {
    line?.close();
    line = null;
  }

  function receive(next: PanelState): void {
    state.value = next;
    receivedAt.value = performance.now();
    if (next.state === "stopped") stopFailed.value = false;
    if (dropping.value.size > 0) {
      const waiting = new Set(next.queue.map(messageKey));
      dropping.value = new Set([...dropping.value].filter((key) => waiting.has(key)));
    }
  }

  async function denied(): Promise<boolean> {
    try {
      await client.get<PanelState>("/api/state");
      return false;
    } catch (error) {
      return error instanceof ApiError && error.denied;
    }
  }

  /** Silence the host. Repeats the order while the server cannot be reached; raises `ApiError` when it never was; null while at it. */
  async function stop(): Promise<Done | null> {
    if (stopping.value) return null;
    stopping.value = true;
    const end = performance.now() + STOP_FOR_MS;
    try {
      for (;;) {
        try {
          const done = await client.post<Done>("/api/stop");
          stopFailed.value = false;
          return done;
        } catch (error) {
          stopFailed.value = true;
          if (!(error instanceof ApiError && error.transient) || performance.now() > end) throw error;
          await new Promise((resolve) => setTimeout(resolve, STOP_EVERY_MS));
        }
      }
    } finally {
      stopping.value = false;
    }
  }

  const rearm = () => client.post<Done>("/api/rearm");
  const skip = () => client.post<Done>("/api/skip");
  const say = (text: string) => client.post<Receipt>("/api/say", { text });

  /** Put a line into the local chat, as a viewer would. */
  const tryLine = (author: string, text: string) => client.post<Receipt>("/api/chat", { author, text });

  /** Questions and orders that this store knows nothing about. */
  const get = <T>(path: string) => client.get<T>(path);
  const put = <T>(path: string, body: object) => client.put<T>(path, body);
  const remove = <T>(path: string) => client.remove<T>(path);
  const post = <T>(path: string, body: object, deadlineMs?: number) => client.post<T>(path, body, deadlineMs);

  /** Try a provider at once; done is `ok` when it is up then. */
  const retry = ({ kind, name }: Part) =>
    client.post<Done>(`/api/providers/${kind}/${encodeURIComponent(name)}/retry`, {}, PATIENCE_MS);

  /** Forget a viewer by the platform's id of them. */
  const forget = (source: string, viewer: string) =>
    client.post<Done>(`/api/viewers/${source}/${encodeURIComponent(viewer)}/forget`, {}, PATIENCE_MS);

  /** Drop an item of the queue; its source tells it from one of another platform with the same id. */
  async function drop(item: Pick<QueueItem, "id" | "source">): Promise<Done> {
    const key = messageKey(item);
    dropping.value = new Set([...dropping.value, key]);
    try {
      const { id, source } = item;
      return await client.post<Done>(`/api/queue/${encodeURIComponent(id)}/drop?source=${encodeURIComponent(source)}`);
    } catch (error) {
      dropping.value = new Set([...dropping.value].filter((other) => other !== key));
      throw error;
    }
  }

  return {
    state,
    link,
    live,
    stopped,
    receivedAt,
    stopping,
    stopFailed,
    dropping,
    stageUrl,
    chatUrl,
    open,
    close,
    receive,
    stop,
    rearm,
    skip,
    say,
    tryLine,
    drop,
    retry,
    forget,
    get,
    remove,
    put,
    post,
    token,
  };
});
