import { ReconnectingSocket } from "@haishin/common/socket";

/** `denied` is final: the token is wrong, and dialling again cannot help. */
export type LinkState = "connecting" | "live" | "lost" | "denied";

/** A frame of the server: a JSON object with a `type`. */
export interface Frame {
  readonly type: string;
}

/** After this long in the background a phone has usually dropped the connection without saying so, ms. */
const SLEEP_MS = 20_000;

/** What a `Link` is made of. */
export interface LinkOptions {
  readonly url: string;
  readonly onFrame: (frame: Frame) => void;
  readonly onState: (state: LinkState) => void;
  /** Ask over HTTP whether the token is refused: a browser does not say why a socket was. May throw: unknown. */
  readonly denied: () => Promise<boolean>;
  /** A connection that is silent for so long is dead, ms; 0 where silence means nothing. */
  readonly idleMs: number;
}

/** A page's line to the server: comes back by itself, tells how it stands, and gives up on a wrong token alone. */
export class Link {
  readonly #options: LinkOptions;
  #socket: ReconnectingSocket | null = null;
  #state: LinkState = "connecting";
  #hiddenAt: number | null = null;
  #asking = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    document.addEventListener("visibilitychange", this.#onVisibility);
    window.addEventListener("online", this.#redial);
    this.#dial();
  }

  /** Send a message as JSON. False when no connection stands: then it is dropped. */
  send(message: object): boolean {
    return this.#socket?.send(message) ?? false;
  }

  /** Hang up for good. */
  close(): void {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    window.removeEventListener("online", this.#redial);
    this.#socket?.close();
    this.#socket = null;
  }

  #dial(): void {
    const { url, idleMs } = this.#options;
    this.#socket = new ReconnectingSocket(
      () => url,
      {
        text: (data) => this.#hear(data),
        lost: () => this.#enter("lost"),
        failed: () => {
          this.#enter("lost");
          void this.#ask();
        },
      },
      { idleMs },
    );
  }

  #hear(data: string): void {
    const frame = parse(data);
    if (!frame) return;
    this.#enter("live");
    this.#options.onFrame(frame);
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const denied = await this.#options.denied().catch(() => false);
    this.#asking = false;
    if (!denied || !this.#socket || this.#state === "live") return;
    this.close();
    this.#enter("denied");
  }

  readonly #redial = (): void => {
    this.#socket?.close();
    this.#enter("lost");
    this.#dial();
  };

  readonly #onVisibility = (): void => {
    if (document.hidden) {
      this.#hiddenAt = Date.now();
      return;
    }
    // Date and not performance: some phones stop the latter while they sleep.
    const slept = this.#hiddenAt !== null && Date.now() - this.#hiddenAt > SLEEP_MS;
    this.#hiddenAt = null;
    if (slept || this.#state === "lost") this.#redial();
  };

  #enter(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}

function parse(data: string): Frame | null {
  try {
    const frame: unknown = JSON.parse(data);
    const typed = typeof frame === "object" && frame !== null && "type" in frame && typeof frame.type === "string";
    return typed ? (frame as Frame) : null;
  } catch {
    return null;
  }
}
