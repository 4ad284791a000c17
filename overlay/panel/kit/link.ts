/** A socket that comes back by itself, and that knows the difference between quiet and dead. */

/** `denied` is final: the token is wrong, and dialling again cannot help. */
export type LinkState = "connecting" | "live" | "lost" | "denied";

/** First and longest wait between two dials, ms. */
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5_000;
/** A dial that has not opened by then is given up, ms. */
const DIAL_MS = 6_000;
/** After this long in the background a phone has usually dropped the connection without saying so, ms. */
const SLEEP_MS = 20_000;

/** The waits between dials: growing by 1.7 to the longest, each cut by up to a half at random. */
export function* waits(random: () => number = Math.random): Generator<number, never> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 1.7)) {
    yield wait * (1 - random() / 2);
  }
}

/** What a `Link` is made of. */
export interface LinkOptions {
  readonly url: string;
  /** Every well-formed frame: a JSON object with a `type`. */
  onFrame(frame: { readonly type: string }): void;
  onState(state: LinkState): void;
  /** Ask the server over HTTP whether it is there: true, or false where the token is refused; throws when unreached. */
  probe(): Promise<boolean>;
  /** After this long without a frame the server is probed, ms. */
  readonly silenceMs: number;
}

/** One socket to the server, dialled for ever. */
export class Link {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waits = waits();
  private state: LinkState = "connecting";
  private hiddenAt: number | null = null;
  private closed = false;

  constructor(private readonly options: LinkOptions) {}

  /** Dial, and go on dialling until `close`. */
  open(): void {
    this.closed = false;
    document.addEventListener("visibilitychange", this.onVisibility);
    window.addEventListener("online", this.redial);
    this.dial();
  }

  /** Hang up for good. */
  close(): void {
    this.closed = true;
    document.removeEventListener("visibilitychange", this.onVisibility);
    window.removeEventListener("online", this.redial);
    clearTimeout(this.timer);
    this.hangUp();
  }

  private dial(): void {
    const socket = new WebSocket(this.options.url);
    this.socket = socket;
    let heard = false;
    this.after(DIAL_MS, () => this.lose(heard));
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (socket !== this.socket) return;
      const frame = parse(event.data);
      if (!frame) return;
      if (!heard) {
        heard = true;
        this.waits = waits();
        this.enter("live");
      }
      this.after(this.options.silenceMs, () => void this.listen());
      this.options.onFrame(frame);
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lose(heard);
    };
  }

  /** Nothing came for a while: the show is quiet, or the connection is dead. */
  private async listen(): Promise<void> {
    const socket = this.socket;
    const alive = await this.options.probe().catch(() => false);
    if (socket !== this.socket || this.closed) return;
    if (alive) this.after(this.options.silenceMs, () => void this.listen());
    else this.lose(true);
  }

  private lose(heard: boolean): void {
    this.hangUp();
    this.enter("lost");
    const wait = this.waits.next().value;
    if (heard) this.after(wait, () => this.dial());
    // A browser does not say why a socket was refused; an ordinary request does.
    else this.after(wait, () => void this.ask());
  }

  private async ask(): Promise<void> {
    const allowed = await this.options.probe().catch(() => null);
    if (this.closed || this.socket) return;
    if (allowed === false) this.enter("denied");
    else if (allowed === null) this.after(this.waits.next().value, () => void this.ask());
    else this.dial();
  }

  private readonly redial = (): void => {
    if (this.closed || this.state === "denied") return;
    this.hangUp();
    this.waits = waits();
    this.dial();
  };

  private readonly onVisibility = (): void => {
    if (document.hidden) {
      this.hiddenAt = performance.now();
      return;
    }
    const slept = this.hiddenAt !== null && performance.now() - this.hiddenAt > SLEEP_MS;
    this.hiddenAt = null;
    if (slept || this.state === "lost") this.redial();
  };

  private hangUp(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private after(ms: number, act: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(act, ms);
  }

  private enter(state: LinkState): void {
    if (state === this.state) return;
    this.state = state;
    this.options.onState(state);
  }
}

function parse(data: unknown): { readonly type: string } | null {
  if (typeof data !== "string") return null;
  try {
    const frame: unknown = JSON.parse(data);
    const typed = typeof frame === "object" && frame !== null && "type" in frame && typeof frame.type === "string";
    return typed ? (frame as { readonly type: string }) : null;
  } catch {
    return null;
  }
}
