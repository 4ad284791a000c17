/**
 * The sound of the clauses, one behind the other, without a gap: what the AudioWorklet plays.
 *
 * Pure: no clock but the samples that it is asked for, no browser. Positions are ms from the start of a
 * clause, of what was given out; what was heard is later by the latency of the output.
 */

import type { MouthMark } from "@haishin/common/protocol";
import { Mouth, type MouthPose, MouthTrack } from "./mouth.ts";

/** What the page tells the deck. */
export type Order =
  | { type: "speak"; epoch: number; clause: number; rate: number; fromMs: number; silentMs: number }
  | { type: "samples"; epoch: number; clause: number; data: Int16Array; last: boolean }
  | { type: "marks"; epoch: number; clause: number; visemes: MouthMark[] }
  | { type: "stop"; epoch: number; fadeMs: number }
  | { type: "duck"; epoch: number; gain: number; rampMs: number; hold: boolean }
  | { type: "resume"; epoch: number; rampMs: number }
  | { type: "flush"; fadeMs: number };

/** What the deck tells the page. `durationMs` grows until `complete`. */
export type Report =
  | {
      type: "position";
      epoch: number;
      clause: number;
      ms: number;
      durationMs: number;
      complete: boolean;
      finished: boolean;
    }
  | { type: "stopped"; epoch: number; clause: number; ms: number }
  | { type: "ducked" }
  /** A pose that is due in so many seconds, and what was told before for later is no more. */
  | ({ type: "mouth"; in: number } & MouthPose)
  | { type: "underrun"; epoch: number; clause: number };

const REPORT_S = 0.064;
const MOUTH_S = 0.016;
/** The mouth hears the sound so much before it is played, since lips take their time and so do pictures; seconds. */
const MOUTH_AHEAD_S = 0.04;
/** Poses are told so much before they are due: a page that draws for long reads them late, and must have them by then. */
const MOUTH_PREPARED_S = 0.16;
/** Shapes come so much before their sound: a change of form is half done by then. In ms. */
const SHAPE_AHEAD_MS = 16;
/** Sound that waits for one clause at most, in seconds; the server's own bound is lower. */
const MAX_S = 300;

interface Clip {
  readonly epoch: number;
  readonly clause: number;
  readonly rate: number;
  readonly fromMs: number;
  readonly silentMs: number;
  samples: Int16Array;
  length: number;
  /** Next sample to be played, with its fraction; for a silent clip, ms that passed. */
  at: number;
  complete: boolean;
  dry: boolean;
  begun: boolean;
  /** Where the mouth has heard up to, in samples; at the end it goes on into the silence behind. */
  listened: number;
  readonly mouth: MouthTrack;
}

export class Deck {
  readonly #rate: number;
  readonly #report: (report: Report) => void;
  #clips: Clip[] = [];
  #stopped = -1;
  #fade: { epoch: number; left: number; total: number; answer: boolean } | null = null;
  #sinceReport = 0;
  #sinceMouth = 0;
  readonly #mouth = new Mouth();
  readonly #loudness: Loudness;

  /** `rate` is the output's, in Hz. */
  constructor(rate: number, report: (report: Report) => void) {
    this.#rate = rate;
    this.#report = report;
    this.#loudness = new Loudness(rate);
  }

  /** How many clauses wait or play. */
  get clips(): number {
    return this.#clips.length;
  }

  take(order: Order): void {
    switch (order.type) {
      case "speak":
        this.#speak(order);
        break;
      case "samples":
        this.#append(order);
        break;
      case "marks":
        this.#find(order)?.mouth.add(order.visemes);
        break;
      case "stop":
        this.#begin(order.epoch, order.fadeMs, true);
        break;
      case "duck":
        this.#loudness.duck(order);
        break;
      case "resume":
        this.#loudness.resume(order);
        break;
      case "flush":
        this.#begin(Number.MAX_SAFE_INTEGER, order.fadeMs, false);
    }
  }

  #speak({ epoch, clause, rate, fromMs, silentMs }: Order & { type: "speak" }): void {
    if (epoch <= this.#stopped) return;
    const clip: Clip = {
      epoch,
      clause,
      rate,
      fromMs,
      silentMs,
      samples: new Int16Array(Math.max(1, rate)),
      length: 0,
      at: 0,
      complete: rate === 0,
      dry: false,
      begun: false,
      listened: 0,
      mouth: new MouthTrack(),
    };
    // A clause that comes again is a resync: it begins anew from where the audience was.
    const same = this.#clips.findIndex((old) => old.epoch === epoch && old.clause === clause);
    if (same >= 0) this.#clips[same] = clip;
    else this.#clips.push(clip);
  }

  #find({ epoch, clause }: { epoch: number; clause: number }): Clip | undefined {
    return this.#clips.find((one) => one.epoch === epoch && one.clause === clause);
  }

  #append({ epoch, clause, data, last }: Order & { type: "samples" }): void {
    if (epoch <= this.#stopped) return;
    const clip = this.#find({ epoch, clause });
    if (!clip || clip.complete) return;
    const room = Math.max(0, MAX_S * clip.rate - clip.length);
    const fresh = data.length > room ? data.subarray(0, room) : data;
    const needed = clip.length + fresh.length;
    if (needed > clip.samples.length) {
      const larger = new Int16Array(Math.max(needed, clip.samples.length * 2));
      larger.set(clip.samples.subarray(0, clip.length));
      clip.samples = larger;
    }
    clip.samples.set(fresh, clip.length);
    clip.length = needed;
    clip.complete = last;
    clip.dry = false;
  }

  #begin(epoch: number, fadeMs: number, answer: boolean): void {
    const total = Math.max(1, Math.round((fadeMs / 1000) * this.#rate));
    if (answer) this.#stopped = Math.max(this.#stopped, epoch);
    this.#fade = { epoch, left: total, total, answer };
    if (!this.#clips.some((clip) => clip.epoch <= epoch && clip.length > 0)) this.#end();
  }

  #end(): void {
    const fade = this.#fade;
    if (!fade) return;
    this.#fade = null;
    const playing = this.#clips.find((clip) => clip.epoch === fade.epoch);
    if (fade.answer) {
      const begun = playing && playing.at > 0;
      this.#report({
        type: "stopped",
        epoch: fade.epoch,
        clause: begun ? playing.clause : -1,
        ms: begun ? position(playing) : 0,
      });
    }
    this.#clips = this.#clips.filter((clip) => clip.epoch > fade.epoch);
    this.#report({ type: "mouth", in: 0, ...this.#mouth.shut() });
  }

  /** Fill the next block of the output. */
  render(out: Float32Array): void {
    const loudness = this.#loudness;
    loudness.turn(this.#clips[0]?.epoch ?? -1);
    for (let i = 0; i < out.length; i++) {
      // What stands still is not read on: afterwards it goes on at the same sample.
      let value = loudness.still ? 0 : this.#next();
      if (this.#fade) {
        value *= this.#fade.left / this.#fade.total;
        if (--this.#fade.left <= 0) this.#end();
      }
      out[i] = value;
    }
    this.#tell(out);
    if (loudness.apply(out)) this.#report({ type: "ducked" });
  }

  #next(): number {
    for (;;) {
      const clip = this.#clips[0];
      if (!clip) return 0;
      if (clip.rate === 0) {
        clip.at += 1000 / this.#rate;
        if (clip.at < clip.silentMs) return 0;
      } else {
        const index = Math.floor(clip.at);
        if (index < clip.length) {
          const here = clip.samples[index] ?? 0;
          const there = index + 1 < clip.length ? (clip.samples[index + 1] ?? 0) : here;
          const value = here + (there - here) * (clip.at - index);
          clip.at += clip.rate / this.#rate;
          return value / 32768;
        }
        if (!clip.complete) {
          if (!clip.dry && clip.at > 0) this.#report({ type: "underrun", epoch: clip.epoch, clause: clip.clause });
          clip.dry = true;
          return 0;
        }
      }
      this.#clips.shift();
      this.#position(clip, true);
    }
  }

  #tell(out: Float32Array): void {
    const seconds = out.length / this.#rate;
    this.#sinceReport += seconds;
    this.#sinceMouth += seconds;
    const clip = this.#clips[0];
    // A clause's beginning is told at once: its first word is seen then.
    const begins = clip !== undefined && clip.at > 0 && !clip.begun;
    if (begins) clip.begun = true;
    if (begins || this.#sinceReport >= REPORT_S) {
      this.#sinceReport = 0;
      if (clip && clip.at > 0 && !clip.dry) this.#position(clip, false);
    }
    if (this.#sinceMouth >= MOUTH_S) {
      this.#sinceMouth = 0;
      if (clip || this.#mouth.moving) this.#say(clip);
    }
  }

  /** Let the mouth hear what comes next, as far as it is there; what stands still is silence. */
  #say(clip: Clip | undefined): void {
    if (!clip?.rate || clip.dry || this.#loudness.still) {
      if (clip) clip.listened = Math.floor(clip.at);
      this.#mouth.silence();
      this.#report({ type: "mouth", in: 0, ...this.#mouth.step(null) });
      return;
    }
    const { rate } = clip;
    const here = clip.at + MOUTH_AHEAD_S * rate;
    // While the loudness changes, what is prepared would be wrong by the time it is due.
    const steady = this.#loudness.gain === 1 && !this.#fade;
    const reach = here + (steady ? MOUTH_PREPARED_S * rate : 0);
    if (!steady) clip.listened = Math.min(clip.listened, Math.floor(here - MOUTH_S * rate));
    const step = Math.round(MOUTH_S * rate);
    while (clip.listened + step <= Math.min(reach, clip.complete ? reach : clip.length)) {
      const to = clip.listened + step;
      if (clip.listened < clip.length)
        this.#mouth.hear(clip.samples.subarray(clip.listened, Math.min(to, clip.length)), rate);
      else this.#mouth.silence();
      clip.listened = to;
      const due = (to - here) / rate;
      const shape = clip.mouth.at(position(clip) + Math.max(0, due) * 1000 + SHAPE_AHEAD_MS);
      this.#report({ type: "mouth", in: due, ...this.#mouth.step(shape, this.#loudness.gain) });
    }
  }

  #position(clip: Clip, finished: boolean): void {
    this.#report({
      type: "position",
      epoch: clip.epoch,
      clause: clip.clause,
      ms: finished ? duration(clip) : position(clip),
      durationMs: duration(clip),
      complete: clip.complete,
      finished,
    });
  }
}

/** How loud a turn is: ducked while the streamer speaks over it, and level changes without a click. */
class Loudness {
  readonly #rate: number;
  #duck: { epoch: number; gain: number; hold: boolean } | null = null;
  #gain = 1;
  #target = 1;
  #step = 0;

  constructor(rate: number) {
    this.#rate = rate;
  }

  get gain(): number {
    return this.#gain;
  }

  /** Whether the sound stands still. */
  get still(): boolean {
    return this.#duck?.hold === true && this.#target === 0 && this.#gain <= 0;
  }

  duck({ epoch, gain, rampMs, hold }: Order & { type: "duck" }): void {
    this.#duck = { epoch, gain, hold };
    this.#aim(gain, rampMs);
  }

  resume({ epoch, rampMs }: Order & { type: "resume" }): void {
    if (this.#duck && this.#duck.epoch <= epoch) {
      this.#duck = null;
      this.#aim(1, rampMs);
    }
  }

  /** A turn's sound comes: one that nobody ducked is as loud as ever, from its first sample on. */
  turn(epoch: number): void {
    if (this.#duck && epoch > this.#duck.epoch) {
      this.#duck = null;
      this.#gain = this.#target = 1;
    }
  }

  /** Return whether the voice has come down within this block. */
  apply(out: Float32Array): boolean {
    if (this.#gain === 1 && this.#target === 1) return false;
    const before = this.#gain;
    for (let i = 0; i < out.length; i++) {
      if (this.#gain !== this.#target) {
        const next = this.#gain + this.#step;
        this.#gain = this.#step > 0 === next > this.#target ? this.#target : next;
      }
      out[i] = (out[i] ?? 0) * this.#gain;
    }
    return this.#gain === this.#target && this.#gain < before;
  }

  #aim(gain: number, rampMs: number): void {
    this.#target = gain;
    this.#step = (gain - this.#gain) / Math.max(1, (rampMs / 1000) * this.#rate);
    if (this.#step === 0) this.#gain = gain;
  }
}

function position(clip: Clip): number {
  return clip.fromMs + (clip.rate === 0 ? clip.at : (Math.min(clip.at, clip.length) / clip.rate) * 1000);
}

function duration(clip: Clip): number {
  return clip.fromMs + (clip.rate === 0 ? clip.silentMs : (clip.length / clip.rate) * 1000);
}
