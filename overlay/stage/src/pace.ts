/**
 * How often the stage draws: as often as the screen, or as often as a quarter of a core allows.
 *
 * Where a graphics card draws, a frame costs the processor a millisecond or two. Where none does, the same frame
 * takes 20 ms or more from the voice and the language model on the same machine: then there are fewer frames, and
 * each is as good as before.
 */

/** Share of one core that drawing may take while the host speaks; half of it while she only breathes. */
const SHARE = 0.25;
/** What an address may ask for instead: `?cores=`, for a processor with cores to spare. */
const LEAST_SHARE = 0.05;
const MOST_SHARE = 16;
/** Frames a second below which movement falls apart; a resting avatar may come down to this, a speaking one too. */
const LEAST_FPS = 8;
/** Highest rate where the browser says that it draws in software: part of its work lies where no page can see it. */
const SOFTWARE_FPS = 20;
/** What other threads add to what is measured on the page's own: pictures are passed on and put on the screen. */
const ELSEWHERE = 1.2;
/** Frames whose median counts. */
const FRAMES = 15;
/** Costs below this, in ms, are those of a graphics card: no reason to wait. */
const FREE_MS = 4;

/** The browser's clocks; tests have their own. */
export interface Clocks {
  now(): number;
  /** Call before the screen is drawn next, with the time of that frame. */
  frame(call: (at: number) => void): void;
  /** Call once the frame that is being drawn is done with. */
  after(call: () => void): void;
  later(call: () => void, ms: number): void;
}

/** From the costs of the last frames to the time between two. */
export class Pace {
  readonly #most: number;
  readonly #share: number;
  readonly #costs: number[] = [];

  /**
   * `most` is the highest rate in frames a second; `software` says that no graphics card draws. `cores` is what drawing
   * may take of the processor, in cores: who names it knows the machine, so only it and `most` set the rate.
   */
  constructor(most: number, software: boolean, cores?: number) {
    this.#most = software && !cores ? Math.min(most, SOFTWARE_FPS) : most;
    this.#share = cores ? Math.min(MOST_SHARE, Math.max(LEAST_SHARE, cores)) : SHARE;
  }

  /** Note what a frame cost, in ms. */
  spent(ms: number): void {
    this.#costs.push(ms);
    if (this.#costs.length > FRAMES) this.#costs.shift();
  }

  /** What a frame costs, in ms of one core: the median, since any one may have waited for other work. */
  get frameMs(): number {
    const ordered = [...this.#costs].sort((a, b) => a - b);
    return (ordered[ordered.length >> 1] ?? 0) * ELSEWHERE;
  }

  /** Time from one frame to the next, in ms. */
  interval(speaking: boolean): number {
    const shortest = 1000 / this.#most;
    const { frameMs } = this;
    if (frameMs < FREE_MS) return shortest;
    const wanted = frameMs / (speaking ? this.#share : this.#share / 2);
    return Math.max(shortest, Math.min(1000 / LEAST_FPS, wanted));
  }
}

/**
 * Draw for ever, at the pace that the costs allow. `draw` returns what its frame costs where the page cannot see it, in
 * ms. `speaking` is asked before each wait.
 */
export function drawAtPace(draw: (at: number) => number, pace: Pace, speaking: () => boolean, clocks: Clocks): void {
  let drawn = Number.NEGATIVE_INFINITY;
  const ask = (): void => clocks.frame(step);
  const step = (at: number): void => {
    const began = clocks.now();
    const interval = pace.interval(speaking());
    // Refreshes come at their own times: half a slow one early is better than a whole one late.
    if (began - drawn < interval - 8) {
      ask();
      return;
    }
    drawn = began;
    const elsewhere = draw(at);
    // Software draws between this call and the page's next task.
    clocks.after(() => {
      pace.spent(clocks.now() - began + elsewhere);
      // Each refresh that is asked for costs something, even if nothing is drawn in it, and one that is asked for after
      // a rest is there at once: it has the time of the refresh before.
      const rest = drawn + pace.interval(speaking()) - clocks.now() - 1;
      if (rest > 4) clocks.later(ask, rest);
      else ask();
    });
  };
  ask();
}

/** The browser's own clocks. */
export function browserClocks(): Clocks {
  const channel = new MessageChannel();
  let call: () => void = () => undefined;
  channel.port1.onmessage = () => call();
  return {
    now: () => performance.now(),
    frame: (next) => void requestAnimationFrame(next),
    after: (next) => {
      call = next;
      channel.port2.postMessage(0);
    },
    later: (next, ms) => void setTimeout(next, ms),
  };
}

let known: boolean | undefined;

/** Whether this browser draws without a graphics card, as far as it says so. It is asked once. */
export function drawsInSoftware(): boolean {
  known ??= saysSoftware();
  return known;
}

function saysSoftware(): boolean {
  const gl = document.createElement("canvas").getContext("webgl");
  if (!gl) return true;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return isSoftware(name);
}

/** Whether a renderer's name is one of those that compute pictures on the processor. */
export function isSoftware(name: string): boolean {
  return /swiftshader|llvmpipe|softpipe|software|basic render|warp\b/i.test(name);
}
