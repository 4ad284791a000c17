/**
 * Which positions the host is told.
 *
 * The first heard word of a turn settles what was paid, so the beginning of a turn is reported as often as the
 * deck does. Later the host needs to know less exactly: a stop tells the place to the millisecond anyway.
 */

/** How long a turn's first clause is reported at every chance, in ms. */
const DENSE_MS = 1000;
/** How far apart reports are after that, in ms. */
const SPARSE_MS = 190;

/**
 * Return how far a clause was heard, in ms. While it goes on, what is on its way to the loudspeaker was not heard yet;
 * when it is over, finished or stopped, nobody takes that back: it sounds nevertheless.
 */
export function heardOf(playedMs: number, latencyMs: number, over: boolean): number {
  return over ? playedMs : Math.max(0, playedMs - latencyMs);
}

export class Reports {
  #epoch = -1;
  #clause = -1;
  #told = 0;

  /** Return whether a position is worth a message; the last of a clause always is. */
  due(epoch: number, clause: number, ms: number, finished: boolean): boolean {
    const next = epoch !== this.#epoch || clause !== this.#clause;
    const dense = clause === 0 && ms <= DENSE_MS;
    if (!finished && !next && !dense && ms - this.#told < SPARSE_MS && ms >= this.#told) return false;
    this.#epoch = epoch;
    this.#clause = clause;
    this.#told = ms;
    return true;
  }
}
