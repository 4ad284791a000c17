/**
 * How sharp a model is drawn where no graphics card helps. The browser computes the picture in another process, whose
 * work the page's pace cannot see: now and then a frame is waited for and timed, and fewer pixels are drawn until it
 * costs what it may.
 */

/** Pixels along each side that are drawn, of those that the page has: at most, and at least. */
export const MOST_SHARE = 0.6;
export const LEAST_SHARE = 0.35;
/** What a frame may cost, in ms of a core: a quarter of one at the lowest rate, eight frames a second. */
export const MAY_COST_MS = 31;
/** One frame in so many is timed. */
const EVERY = 24;
/** Each step: so much fewer pixels along a side, or so much more where a frame costs less than this part of its due. */
const STEP = 0.85;
const PLENTY = 0.55;

export class Sharpness {
  #share = MOST_SHARE;
  #frames = 0;
  #costMs = 0;

  /** Pixels along each side, of those that the page has. */
  get share(): number {
    return this.#share;
  }

  /** What the picture of a frame costs beside the page's own work, in ms, as the last one that was timed did. */
  get costMs(): number {
    return this.#costMs;
  }

  /** Whether the frame that is drawn now is to be timed. The first ones still make the shaders. */
  due(): boolean {
    this.#frames++;
    return this.#frames % EVERY === EVERY - 1;
  }

  /** Note what a frame cost, in ms, and return whether the share is another now. */
  note(ms: number): boolean {
    this.#costMs = ms;
    const before = this.#share;
    if (ms > MAY_COST_MS) this.#share = Math.max(LEAST_SHARE, before * STEP);
    else if (ms < MAY_COST_MS * PLENTY) this.#share = Math.min(MOST_SHARE, before / STEP);
    return this.#share !== before;
  }
}
