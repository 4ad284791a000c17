/**
 * The shape of a mouth that says what is being played.
 *
 * Pure: no clock, no browser. How far it opens is the loudness of the sound; which shape it has, the voice's own marks
 * say. Of a voice without marks, the balance of the bands in which the second formant lies tells wide lips from round.
 */
import type { MouthMark, MouthShape } from "@haishin/common/protocol";

/** What the avatar gets: `open` 0 to 1, `form` -1 (pursed) to 1 (spread); `shape` is null without marks. */
export interface MouthPose {
  open: number;
  form: number;
  shape: MouthShape | null;
}

/** How far a shape opens at full loudness, and its form; a consonant leans on the vowel before it. */
const SHAPES: Record<MouthShape, { open: number; form: number | null }> = {
  aa: { open: 1, form: 0.1 },
  ee: { open: 0.9, form: 0.6 },
  ih: { open: 0.8, form: 1 },
  oh: { open: 0.95, form: -0.6 },
  ou: { open: 0.8, form: -1 },
  nn: { open: 0.7, form: null },
  closed: { open: 0.08, form: null },
  // The sound that is there goes on a little in a pause that the marks announce.
  rest: { open: 0.5, form: null },
};
/** Below this part of the loudest of late, or this level, a sound is silence to an ear. */
const SILENT_PART = 0.02;
const SILENT = 0.004;
/** The part of the way that the mouth goes in one step of about 16 ms: lips part quicker than they meet. */
const OPENING = 0.7;
const CLOSING = 0.5;
const SHUTTING = 0.65;
const FORMING = 0.55;
const SHUT = 0.01;

/** The shapes of one clause by the time in it. */
export class MouthTrack {
  #marks: MouthMark[] = [];

  /** Add marks; whatever comes is in the order of its times. */
  add(marks: readonly MouthMark[]): void {
    this.#marks.push(...marks);
  }

  /** The shape at a position in ms; null without any marks. */
  at(ms: number): MouthShape | null {
    const marks = this.#marks;
    if (!marks.length) return null;
    let low = 0;
    let high = marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((marks[middle]?.at_ms ?? 0) <= ms) low = middle + 1;
      else high = middle;
    }
    return marks[low - 1]?.shape ?? "rest";
  }
}

/** Follows a sound that is heard piece by piece; `step` tells what became of it, every 16 ms or so. */
export class Mouth {
  #rate = 0;
  #low = 0;
  #high = 0;
  #lowState = 0;
  #highState = 0;
  #energy = 0;
  #lowEnergy = 0;
  #highEnergy = 0;
  #count = 0;
  #rms = 0;
  #loudest = 0.08;
  #open = 0;
  #form = 0;

  get moving(): boolean {
    return this.#open > 0;
  }

  /** Hear samples of 16 bits at `rate` Hz, those behind the last ones. */
  hear(samples: Int16Array, rate: number): void {
    if (rate !== this.#rate) {
      this.#rate = rate;
      this.#low = 1 - Math.exp((-2 * Math.PI * 900) / rate);
      this.#high = 1 - Math.exp((-2 * Math.PI * 1800) / rate);
    }
    for (const value of samples) {
      const sample = value / 32768;
      this.#lowState += this.#low * (sample - this.#lowState);
      this.#highState += this.#high * (sample - this.#highState);
      const high = sample - this.#highState;
      this.#energy += sample * sample;
      this.#lowEnergy += this.#lowState * this.#lowState;
      this.#highEnergy += high * high;
    }
    this.#count += samples.length;
  }

  /** Hear that nothing sounds. */
  silence(): void {
    this.#rms = 0;
  }

  /** Move on by a step: towards `shape` where the voice marks it. `gain` is how much of the sound is audible. */
  step(shape: MouthShape | null, gain = 1): MouthPose {
    // Sound that has not come yet is not silent: it is as loud as the last of it.
    if (this.#count) this.#rms = Math.sqrt(this.#energy / this.#count);
    const rms = this.#rms;
    // Voices differ in level: measure against the loudest of the last seconds.
    this.#loudest = Math.max(0.03, rms, this.#loudest * 0.998);
    const silent = rms < Math.max(SILENT, this.#loudest * SILENT_PART);
    const level = silent ? 0 : Math.min(1, ((rms * gain) / this.#loudest) ** 0.75 * 1.05);
    const look = shape ? SHAPES[shape] : { open: 1, form: this.#count ? this.#band() : null };
    const open = level * look.open;
    const form = look.form === null ? this.#form : look.form * Math.min(1, level * 3);
    this.#open += (open - this.#open) * (silent ? SHUTTING : open > this.#open ? OPENING : CLOSING);
    this.#form += (form - this.#form) * FORMING;
    this.#energy = this.#lowEnergy = this.#highEnergy = 0;
    this.#count = 0;
    if (this.#open < SHUT) this.#open = 0;
    return { open: this.#open, form: this.#form, shape };
  }

  /** Shut at once. */
  shut(): MouthPose {
    this.#rms = this.#open = this.#form = 0;
    return { open: 0, form: 0, shape: null };
  }

  /** The form of the lips by the balance of the bands: strong above 1.8 kHz is wide, below 0.9 kHz round. */
  #band(): number {
    const balance = this.#highEnergy / (this.#lowEnergy + 1e-9);
    return Math.max(-1, Math.min(1, (Math.log10(balance + 1e-6) + 1.1) * 0.9));
  }
}

/** Holds poses back until what they belong to is heard, which is later than it is played. */
export class MouthDelay {
  #waiting: { at: number; pose: MouthPose }[] = [];

  /** Let a pose be due at a time, in ms; whatever was to come later is given up: the voice was stopped or held. */
  push(at: number, pose: MouthPose): void {
    while ((this.#waiting.at(-1)?.at ?? -1) >= at) this.#waiting.pop();
    this.#waiting.push({ at, pose });
    if (this.#waiting.length > 256) this.#waiting.shift();
  }

  /** The newest pose that is due; null when none has become due since the last call. */
  take(now: number): MouthPose | null {
    let due: MouthPose | null = null;
    while (this.#waiting[0] && this.#waiting[0].at <= now) due = this.#waiting.shift()?.pose ?? due;
    return due;
  }

  clear(): void {
    this.#waiting = [];
  }
}

/** The mouth of a silent page, which knows from the page that is heard where in a clause the audience is. */
export class FollowingMouth {
  #track: MouthTrack | null = null;
  #ms = 0;
  #at = 0;
  #until = 0;
  #moving = false;

  /** The audience is at `ms` of a clause, at the time `now`; it goes on for so long as the next word of it may take. */
  follow(track: MouthTrack | null, ms: number, now: number, finished: boolean): void {
    this.#track = track;
    this.#ms = ms;
    this.#at = now;
    this.#until = finished ? now : now + 300;
    this.#moving = true;
  }

  stop(): void {
    this.#until = 0;
  }

  /** The pose at a time; null when there is nothing to change. Without marks the lips move by guess. */
  pose(now: number): MouthPose | null {
    if (!this.#moving) return null;
    if (now >= this.#until) {
      this.#moving = false;
      return { open: 0, form: 0, shape: null };
    }
    const shape = this.#track?.at(this.#ms + now - this.#at) ?? null;
    if (shape === null) {
      const syllable = Math.abs(Math.sin(now / 85) * Math.sin(now / 230 + 1));
      return { open: 0.15 + 0.6 * syllable, form: Math.sin(now / 170) * 0.5, shape };
    }
    // No sound is at hand here: a usual loudness has to do.
    return { open: shape === "rest" ? 0 : SHAPES[shape].open * 0.7, form: SHAPES[shape].form ?? 0, shape };
  }
}
