import type { Pose } from "./pose.ts";
import { Spring } from "./spring.ts";

/** Sideways shift of a hanging thing half-way down and at its end, in model units. */
export interface Bend {
  readonly mid: number;
  readonly tip: number;
}

/** How everything that hangs is bent at this moment. */
export interface Swing {
  readonly front: Bend;
  readonly left: Bend;
  readonly right: Bend;
  readonly back: Bend;
  readonly ahoge: Bend;
}

/** A pendulum of two links: the second follows the first late, which is what makes hair flow. */
class Pendulum {
  readonly #mid: Spring;
  readonly #tip: Spring;

  constructor(
    frequency: number,
    damping: number,
    readonly gain: number,
  ) {
    this.#mid = new Spring(frequency, damping);
    this.#tip = new Spring(frequency * 0.8, damping * 0.8);
  }

  step(pull: number, dt: number): Bend {
    const mid = this.#mid.step(pull * this.gain, dt);
    const tip = this.#tip.step(mid * 1.5, dt);
    return { mid: mid * 0.6, tip };
  }
}

/** Hair follows the head late and swings out. */
export class Physics {
  readonly #front = new Pendulum(2.6, 0.32, 0.9);
  readonly #left = new Pendulum(1.7, 0.24, 1);
  readonly #right = new Pendulum(1.8, 0.24, 1);
  readonly #back = new Pendulum(1.15, 0.26, 0.8);
  readonly #ahoge = new Pendulum(3.1, 0.14, 1.1);

  /** Move on by `dt` seconds with the head as it is. `time` in seconds drives a faint draught. */
  step(pose: Pose, time: number, dt: number): Swing {
    // Hair hangs down while the head tilts, and its lower end lags behind while the head turns.
    const pull = -pose.ParamAngleZ * 0.75 - pose.ParamAngleX * 0.55 - pose.ParamBodyAngleZ * 0.8;
    const draught = Math.sin(time * 0.9) * 1.6 + Math.sin(time * 1.7 + 1) * 0.8;
    const lift = pose.ParamAngleY * 0.12;
    return {
      front: this.#front.step(pull + draught * 0.6, dt),
      left: this.#left.step(pull + draught - lift, dt),
      right: this.#right.step(pull + draught * 0.9 + lift, dt),
      back: this.#back.step(pull + draught, dt),
      ahoge: this.#ahoge.step(-pose.ParamAngleX * 0.5 - pose.ParamAngleZ * 0.4 + draught + pose.ParamBodyAngleY, dt),
    };
  }
}
