/** What the mouth should do, from 10 to 20 ms of sound. `open` 0..1; `form` -1 (rounded: u, o) .. 1 (wide: i, e). */
export interface Lips {
  open: number;
  form: number;
}

/** A resonator of constant peak gain: one band of the ear. */
class Band {
  #x1 = 0;
  #x2 = 0;
  #y1 = 0;
  #y2 = 0;
  readonly #b0: number;
  readonly #a1: number;
  readonly #a2: number;
  energy = 0;

  constructor(rate: number, centre: number, q: number) {
    const w = (2 * Math.PI * centre) / rate;
    const alpha = Math.sin(w) / (2 * q);
    this.#b0 = alpha / (1 + alpha);
    this.#a1 = (-2 * Math.cos(w)) / (1 + alpha);
    this.#a2 = (1 - alpha) / (1 + alpha);
  }

  push(x: number): void {
    const y = this.#b0 * (x - this.#x2) - this.#a1 * this.#y1 - this.#a2 * this.#y2;
    this.#x2 = this.#x1;
    this.#x1 = x;
    this.#y2 = this.#y1;
    this.#y1 = y;
    this.energy += y * y;
  }

  take(): number {
    const energy = this.energy;
    this.energy = 0;
    if (Math.abs(this.#y1) < 1e-15) this.#y1 = this.#y2 = 0; // denormals are slow
    return energy;
  }
}

/** Speech quieter than this (full scale is 1) never opens the mouth. */
const FLOOR = 0.008;
/** The loudness that opens the mouth wholly is at least this, so that a hiss is not taken for a shout. */
const LEAST_PEAK = 0.05;

/**
 * Reads a mouth shape off the sound as it is played: loudness opens it, and where the second formant
 * lies (back vowels 600 to 1100 Hz, front vowels 1800 to 2800 Hz) rounds or widens it. Hisses
 * (4 kHz and up) narrow it. Runs in the audio thread: no allocation but the result.
 */
export class LipReader {
  readonly #low: Band;
  readonly #back: Band;
  readonly #front: Band;
  readonly #hiss: Band;
  readonly #fall: number;
  #peak = 0.12;
  #power = 0;
  #count = 0;

  constructor(readonly rate: number) {
    this.#low = new Band(rate, 450, 0.9);
    this.#back = new Band(rate, 900, 1.6);
    this.#front = new Band(rate, 2_200, 1.8);
    this.#hiss = new Band(rate, 5_200, 1.5);
    this.#fall = Math.exp(-1 / (rate * 4)); // the remembered peak halves in about 3 s of speech
  }

  /** Listen to a piece. */
  push(samples: Float32Array): void {
    for (let i = 0; i < samples.length; i++) {
      const x = samples[i] ?? 0;
      this.#power += x * x;
      this.#low.push(x);
      this.#back.push(x);
      this.#front.push(x);
      this.#hiss.push(x);
    }
    this.#count += samples.length;
  }

  /** Give the shape for what was heard since the last call. */
  take(): Lips {
    const rms = Math.sqrt(this.#power / Math.max(1, this.#count));
    const fell = this.#fall ** this.#count;
    const low = this.#low.take();
    const back = this.#back.take();
    const front = this.#front.take() * 6; // speech falls by about 8 dB from the one band to the other
    const hiss = this.#hiss.take() * 4;
    this.#power = 0;
    this.#count = 0;
    if (rms < FLOOR) return { open: 0, form: 0 };
    this.#peak = Math.max(LEAST_PEAK, rms, rms > FLOOR * 3 ? this.#peak * fell : this.#peak);
    const voiced = (low + back + front) / (low + back + front + hiss + 1e-12);
    const loud = Math.min(1, (rms - FLOOR) / (this.#peak * 0.72));
    const form = (front - back) / (front + back + low * 0.25 + 1e-12);
    return { open: loud ** 0.8 * (0.35 + 0.65 * voiced), form: Math.max(-1, Math.min(1, form * 1.3)) };
  }
}
