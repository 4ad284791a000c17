/**
 * Waits before each attempt to connect again, in milliseconds: doubling from `first` to `cap`, each
 * jittered to between half of it and all of it, so that many pages do not come back in one instant.
 */
export class Backoff {
  #next: number;

  constructor(
    readonly first = 200,
    readonly cap = 3_000,
    readonly random: () => number = Math.random,
  ) {
    this.#next = first;
  }

  /** Give the next wait. */
  next(): number {
    const wait = this.#next * (0.5 + this.random() / 2);
    this.#next = Math.min(this.cap, this.#next * 2);
    return wait;
  }

  /** Start over: the connection has proved healthy. */
  reset(): void {
    this.#next = this.first;
  }
}
