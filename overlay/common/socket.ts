import { Backoff } from "./backoff.ts";

/** What a `ReconnectingSocket` tells its owner. Nothing is told after `close()`. */
export interface SocketEvents {
  /** A connection stands. */
  open?(): void;
  /** A text frame came. */
  text(data: string): void;
  /** A binary frame came. */
  binary?(data: ArrayBuffer): void;
  /** A connection that stood is gone. The next attempt is made after `retryMs`. */
  lost?(code: number, reason: string, retryMs: number): void;
  /** An attempt failed before it stood. */
  failed?(code: number, retryMs: number): void;
}

/** Waits, in ms. */
export interface SocketTiming {
  backoff?: Backoff;
  /** An attempt that takes longer is given up. */
  connectMs?: number;
  /** A connection is healthy, and the backoff starts over, once it has stood this long. */
  healthyMs?: number;
  /** A connection on which nothing arrives for so long is taken for dead; 0 never does. */
  idleMs?: number;
}

/** A WebSocket that comes back for ever, until `close()`. */
export class ReconnectingSocket {
  readonly #url: () => string;
  readonly #events: SocketEvents;
  readonly #timing: Required<SocketTiming>;
  #socket: WebSocket | null = null;
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #idle: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** `url` is asked anew before each attempt. */
  constructor(url: () => string, events: SocketEvents, timing: SocketTiming = {}) {
    this.#url = url;
    this.#events = events;
    this.#timing = { backoff: new Backoff(), connectMs: 5_000, healthyMs: 2_000, idleMs: 0, ...timing };
    this.#connect();
  }

  /** Whether a connection stands. */
  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Send a message as JSON. False when no connection stands: then it is dropped, never kept for later. */
  send(message: object): boolean {
    if (!this.#socket || !this.connected) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Close for good. */
  close(): void {
    this.#closed = true;
    this.#clearTimers();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = new WebSocket(this.#url());
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let stood = false;
    let over = false;
    const end = (code: number, reason: string) => {
      if (over || this.#socket !== socket) return;
      over = true;
      this.#socket = null;
      this.#clearTimers();
      const retryMs = this.#timing.backoff.next();
      this.#after(retryMs, () => this.#connect());
      if (stood) this.#events.lost?.(code, reason, retryMs);
      else this.#events.failed?.(code, retryMs);
    };
    const giveUp = (reason: string) => {
      end(1006, reason); // first, as a peer that is gone would let close() hang
      socket.close();
    };
    const heard = () => {
      if (!this.#timing.idleMs) return;
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => giveUp("nothing was heard"), this.#timing.idleMs);
    };
    const connecting = this.#after(this.#timing.connectMs, () => giveUp("no connection in time"));
    socket.onopen = () => {
      if (over) return;
      stood = true;
      clearTimeout(connecting);
      this.#after(this.#timing.healthyMs, () => this.#timing.backoff.reset());
      heard();
      this.#events.open?.();
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (over || this.#socket !== socket) return;
      heard();
      if (typeof data === "string") this.#events.text(data);
      else this.#events.binary?.(data);
    };
    socket.onclose = ({ code, reason }) => end(code, reason);
  }

  #after(ms: number, run: () => void): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    clearTimeout(this.#idle);
  }
}
