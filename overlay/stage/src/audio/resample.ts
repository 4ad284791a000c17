/** Half the kernel's width in input samples: 16 taps a sample keep images of the voice below -60 dB. */
const HALF = 8;
/** Kernel positions between two input samples. */
const PHASES = 512;

/** Blackman-windowed sinc, tabulated per phase; `cutoff` is a fraction of the input's Nyquist frequency. */
function kernel(cutoff: number): Float32Array {
  const taps = HALF * 2;
  const table = new Float32Array((PHASES + 1) * taps);
  for (let phase = 0; phase <= PHASES; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const x = tap - HALF + 1 - phase / PHASES;
      const window = 0.42 + 0.5 * Math.cos((Math.PI * x) / HALF) + 0.08 * Math.cos((2 * Math.PI * x) / HALF);
      const sinc = x === 0 ? cutoff : Math.sin(Math.PI * x * cutoff) / (Math.PI * x);
      const value = Math.abs(x) < HALF ? sinc * window : 0;
      table[phase * taps + tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < taps; tap++) table[phase * taps + tap] = (table[phase * taps + tap] ?? 0) / sum;
  }
  return table;
}

/**
 * Turns the s16 pieces of one clause into floats at the context's rate, as one unbroken signal.
 * What comes out in all is exactly `round(samples in * to / from)` samples.
 */
export class Resampler {
  readonly #step: number;
  readonly #table: Float32Array | null;
  /** Input not yet used up; begins `HALF - 1` samples before the read position. */
  #pending: Float32Array = new Float32Array(HALF - 1);
  #pendingAt = -(HALF - 1);
  #taken = 0;
  #given = 0;

  constructor(
    readonly from: number,
    readonly to: number,
  ) {
    this.#step = from / to;
    this.#table = from === to ? null : kernel(Math.min(1, to / from) * 0.94);
  }

  /** Input samples so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Take a piece; give what can be computed of it. `last` gives the rest. */
  push(samples: Int16Array, last: boolean): Float32Array {
    this.#taken += samples.length;
    if (!this.#table) {
      this.#given += samples.length;
      return Float32Array.from(samples, (s) => s / 32768);
    }
    const tail = last ? HALF + 1 : 0; // silence behind the end, for the last samples' kernels
    const input = new Float32Array(this.#pending.length + samples.length + tail);
    input.set(this.#pending);
    for (let i = 0; i < samples.length; i++) input[this.#pending.length + i] = (samples[i] ?? 0) / 32768;
    const end = last
      ? Math.round(this.#taken / this.#step)
      : Math.max(this.#given, Math.floor((this.#taken - HALF - 1) / this.#step));
    const out = this.#convolve(this.#table, input, end);
    const keepFrom = Math.max(0, Math.floor(this.#given * this.#step) - (HALF - 1) - this.#pendingAt);
    this.#pending = input.slice(keepFrom, input.length - tail);
    this.#pendingAt += keepFrom;
    return out;
  }

  #convolve(table: Float32Array, input: Float32Array, end: number): Float32Array {
    const taps = HALF * 2;
    const out = new Float32Array(Math.max(0, end - this.#given));
    for (let i = 0; i < out.length; i++) {
      const at = this.#given * this.#step;
      const base = Math.floor(at);
      const row = Math.round((at - base) * PHASES) * taps;
      const start = base - (HALF - 1) - this.#pendingAt;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += (input[start + tap] ?? 0) * (table[row + tap] ?? 0);
      out[i] = sum;
      this.#given++;
    }
    return out;
  }
}
