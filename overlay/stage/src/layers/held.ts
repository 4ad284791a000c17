/**
 * Movements that are held, and moved on with the host's pictures. Where no graphics card helps, the browser would draw
 * the page once more for each step of a movement, and look sixty times a second whether there is one.
 */
import { drawsInSoftware } from "../pace.ts";

/** A page whose last picture is longer ago has none to wait for, in ms. */
const STILL_MS = 400;

interface Moving {
  animation: Animation;
  of: Element | null;
  begun: number | undefined;
  end: number;
}

export class Held {
  #moving: Moving[] = [];
  #framed = Number.NEGATIVE_INFINITY;

  /** Hold all that begins to move in an element, itself too; without pictures to move with it runs by itself. */
  take(element: HTMLElement): void {
    if (!drawsInSoftware() || performance.now() - this.#framed > STILL_MS) return;
    element.classList.add("held");
    const held = new Set(this.#moving.map(({ animation }) => animation));
    for (const animation of element.getAnimations?.({ subtree: true }) ?? []) {
      if (held.has(animation)) continue;
      animation.pause();
      const effect = animation.effect as KeyframeEffect | null;
      const end = Number(effect?.getComputedTiming().endTime ?? 0);
      this.#moving.push({ animation, of: effect?.target ?? null, begun: undefined, end });
    }
  }

  /** A picture is being drawn: move on to its time. */
  frame(now: number): void {
    this.#framed = performance.now();
    if (!this.#moving.length) return;
    this.#moving = this.#moving.filter((one) => {
      one.begun ??= now;
      const at = now - one.begun;
      // Not asked of the animation: to answer, the browser would work out all styles first.
      if (!one.of?.isConnected) return false;
      if (at >= one.end) {
        one.animation.finish();
        return false;
      }
      one.animation.currentTime = at;
      return true;
    });
  }
}
