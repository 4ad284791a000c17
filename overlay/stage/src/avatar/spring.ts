/** Springs: everything that moves on the avatar moves by one of these, so that nothing ever jumps. */

/** Longest step that keeps the stiffest spring here stable, in seconds. */
const STEP = 1 / 120;

/** A damped spring. `frequency` is in Hz; `damping` 1 comes to rest without overshoot, less swings. */
export class Spring {
  value: number;
  velocity = 0;
  readonly #omega: number;

  constructor(
    frequency: number,
    readonly damping: number,
    value = 0,
  ) {
    this.#omega = 2 * Math.PI * frequency;
    this.value = value;
  }

  /** Move towards `target` for `dt` seconds. */
  step(target: number, dt: number): number {
    for (let left = dt; left > 1e-9; left -= STEP) {
      const h = Math.min(left, STEP);
      const pull = (target - this.value) * this.#omega * this.#omega - 2 * this.damping * this.#omega * this.velocity;
      this.velocity += pull * h;
      this.value += this.velocity * h;
    }
    return this.value;
  }

  /** Push it: an impulse in units a second. */
  kick(velocity: number): void {
    this.velocity += velocity;
  }
}

/** Go from `value` towards `target` at `rate` a second, falling off exponentially; independent of the frame rate. */
export function approach(value: number, target: number, rate: number, dt: number): number {
  return target + (value - target) * Math.exp(-rate * dt);
}

/** Keep within bounds; what is not a number becomes the lower one. */
export function clamp(value: number, low: number, high: number): number {
  return value > low ? Math.min(value, high) : low;
}

/** Go smoothly from 0 to 1 while `x` goes from `from` to `to`. */
export function smoothstep(from: number, to: number, x: number): number {
  const t = clamp((x - from) / (to - from), 0, 1);
  return t * t * (3 - 2 * t);
}
