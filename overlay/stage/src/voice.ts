/** The page's sound: an AudioContext with our player in it. Nothing here depends on the page being drawn. */
import type { Order, Report } from "./deck.ts";
// `?worker&url` bundles the worklet with its imports into a file of its own.
import workletUrl from "./worklet.ts?worker&url";

/** How long the browser may take to let a context run, before it counts as blocked. */
const UNLOCK_MS = 400;

/** A report, and the time of the sample that was played then, in seconds of the context. */
export type Timed = Report & { at: number };

export class Voice {
  readonly #report: (report: Timed) => void;
  readonly #changed: () => void;
  /** None until it is opened: one that plays nothing costs three hundredths of a core all the same. */
  #context: AudioContext | null = null;
  #node: AudioWorkletNode | null = null;
  #waiting: Order[] = [];

  constructor(report: (report: Timed) => void, changed: () => void) {
    this.#report = report;
    this.#changed = changed;
  }

  /** Whether sound comes out. */
  get running(): boolean {
    return this.#context?.state === "running" && this.#node !== null;
  }

  /** What lies between the player and the ear, in ms. */
  get latencyMs(): number {
    const seconds = (this.#context?.outputLatency || 0) + (this.#context?.baseLatency || 0);
    return Math.min(2_000, Math.max(0, seconds * 1000));
  }

  /** When a sample leaves the page, in ms of `performance.now()`; a report may be read late, where much is drawn. */
  heardAt(seconds: number): number {
    const now = performance.now();
    const { contextTime = 0, performanceTime = 0 } = this.#context?.getOutputTimestamp() ?? {};
    if (!performanceTime) return now + this.latencyMs;
    return Math.min(now + 2_000, Math.max(now - 500, performanceTime + (seconds - contextTime) * 1000));
  }

  /** Load the player and try to run. False when the browser wants a click first. */
  async open(): Promise<boolean> {
    const context = new AudioContext({ latencyHint: "interactive" });
    context.onstatechange = this.#changed;
    this.#context = context;
    await context.audioWorklet.addModule(workletUrl);
    const node = new AudioWorkletNode(context, "haishin-player", { numberOfInputs: 0, outputChannelCount: [2] });
    node.port.onmessage = ({ data }: MessageEvent<Timed>) => this.#report(data);
    node.connect(context.destination);
    this.#node = node;
    for (const order of this.#waiting.splice(0)) this.order(order);
    return this.unlock();
  }

  /** Try to run; after a click this succeeds. A page that was not opened for sound stays silent. */
  async unlock(): Promise<boolean> {
    if (!this.#context) return false;
    const patience = new Promise<void>((done) => setTimeout(done, UNLOCK_MS));
    await Promise.race([this.#context.resume().catch(() => undefined), patience]);
    return this.running;
  }

  order(order: Order): void {
    if (!this.#node) {
      this.#waiting.push(order);
      return;
    }
    const owned = order.type === "samples" ? [order.data.buffer] : [];
    this.#node.port.postMessage(order, owned);
  }
}
