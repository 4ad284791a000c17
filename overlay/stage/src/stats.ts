/** Figures for benchmarks and tests, at `window.haishin.stats()`. Nothing can be changed through it. */
import type { MouthPose } from "./mouth.ts";

export interface Figures {
  fps: number;
  /** Frames that were drawn since the page was opened. */
  frames: number;
  /** Script of the drawing loop, ms a frame, over the last 240 frames. */
  scriptMs: number;
  scriptMaxMs: number;
  /** What a frame costs the processor, drawing and all, as the page's pace counts it; ms. */
  frameMs: number;
  mouth: number;
  /** Its form, -1 to 1, and the shape that the voice marks; empty without marks. */
  mouthForm: number;
  mouthShape: string;
  /** From the stop message to the player's silence, ms, each. */
  stopMs: number[];
  /** From the duck message to the moment at which the voice is down, ms, each. */
  duckMs: number[];
  /** From a clause's first frame to the first report of it, ms, each. */
  firstReportMs: number[];
  underruns: number;
  badFrames: number;
  caption: string;
  role: string;
  audio: string;
}

declare global {
  interface Window {
    haishin?: { stats(): Figures };
  }
}

const FRAMES = 240;

export class Stats {
  mouth: MouthPose = { open: 0, form: 0, shape: null };
  readonly #more: () => Pick<Figures, "caption" | "role" | "audio" | "frameMs">;
  #drawn = 0;
  #frames: { at: number; ms: number }[] = [];
  #marks = new Map<string, number>();
  #times = { stopMs: [] as number[], duckMs: [] as number[], firstReportMs: [] as number[] };
  #counts = { underruns: 0, badFrames: 0 };

  constructor(more: () => Pick<Figures, "caption" | "role" | "audio" | "frameMs">) {
    this.#more = more;
  }

  frame(at: number, ms: number): void {
    this.#drawn++;
    this.#frames.push({ at, ms });
    if (this.#frames.length > FRAMES) this.#frames.shift();
  }

  mark(name: "stop" | "duck" | "firstFrame"): void {
    this.#marks.set(name, performance.now());
  }

  took(name: "stop" | "duck" | "firstFrame", list: "stopMs" | "duckMs" | "firstReportMs"): void {
    const at = this.#marks.get(name);
    if (at === undefined) return;
    this.#marks.delete(name);
    this.#times[list] = [...this.#times[list].slice(-99), performance.now() - at];
  }

  count(name: "underruns" | "badFrames"): void {
    this.#counts[name]++;
  }

  figures(): Figures {
    const frames = this.#frames;
    const seconds = ((frames.at(-1)?.at ?? 0) - (frames[0]?.at ?? 0)) / 1000;
    const script = frames.map(({ ms }) => ms);
    return {
      fps: seconds > 0 ? (frames.length - 1) / seconds : 0,
      frames: this.#drawn,
      scriptMs: script.reduce((sum, ms) => sum + ms, 0) / Math.max(1, script.length),
      scriptMaxMs: Math.max(0, ...script),
      mouth: this.mouth.open,
      mouthForm: this.mouth.form,
      mouthShape: this.mouth.shape ?? "",
      ...this.#counts,
      stopMs: [...this.#times.stopMs],
      duckMs: [...this.#times.duckMs],
      firstReportMs: [...this.#times.firstReportMs],
      ...this.#more(),
    };
  }

  expose(): void {
    window.haishin = Object.freeze({ stats: () => this.figures() });
  }
}
