import type { Emotion } from "@haishin/common/protocol";
import { type Change, EXPRESSIONS, STATES, type State } from "./expressions.ts";
import { Gestures, type Movement } from "./gestures.ts";
import { Life } from "./life.ts";
import { limit, PARAMETER_NAMES, PARAMETERS, type Parameter, type Pose, rest } from "./pose.ts";
import { approach, clamp, Spring } from "./spring.ts";

/** What a new feeling may make the hands do, and how often. */
const REACTIONS: Partial<Record<Emotion, readonly [Movement, number]>> = {
  joy: ["heart", 0.35],
  smug: ["point", 0.5],
  surprise: ["cheer", 0.2],
  sad: ["facepalm", 0.2],
};
const QUIET_S = 14;
/** A syllable is stressed where the mouth opens so wide, at most every so many seconds. */
const STRESS = 0.55;
const STRESS_EVERY_S = 0.5;
/** An idle host drinks tea every so many seconds, at least; as much again is left to chance. */
const THIRST_S = 60;

/** The voice moves the mouth as lips do; this only smooths the steps between two frames. Shares a second. */
const FOLLOW = 60;
/** A page that was hidden must not make up for an hour in one frame. */
const LONGEST_FRAME = 0.1;

/** From expression, state, gestures, voice and life to one pose a frame. */
export class Rig {
  readonly pose: Pose = rest();
  readonly #springs: Record<Parameter, Spring>;
  readonly #gestures = new Gestures();
  readonly #life: Life;
  readonly #random: () => number;
  /** Seconds until the hands may speak of their own accord again. */
  #quiet = 20;
  /** Seconds until an idle host drinks. */
  #thirst = 50;
  readonly #nod = new Spring(2.6, 0.6);
  #stressed = 0;
  #emotion: Emotion = "neutral";
  #state: State = "idle";
  #wantOpen = 0;
  #wantForm = 0;
  #open = 0;
  #form = 0;
  /** Seconds since the voice last opened the mouth; expressions hold their own mouth open only in silence. */
  #silence = 10;

  constructor(random: () => number) {
    this.#random = random;
    this.#life = new Life(random);
    this.#springs = Object.fromEntries(
      PARAMETER_NAMES.map((name) => [name, new Spring(PARAMETERS[name].speed, 0.8, PARAMETERS[name].rest)]),
    ) as Record<Parameter, Spring>;
  }

  get state(): State {
    return this.#state;
  }

  setEmotion(emotion: Emotion): void {
    if (!Object.hasOwn(EXPRESSIONS, emotion)) return;
    if (emotion !== this.#emotion) this.#react(emotion);
    this.#emotion = emotion;
  }

  /** Now and then a new feeling reaches the hands; never two of them in a row, and never over a gesture. */
  #react(emotion: Emotion): void {
    const [movement, chance] = REACTIONS[emotion] ?? [];
    if (!movement || this.#gestures.busy || this.#quiet > 0 || this.#random() > (chance ?? 0)) return;
    this.#quiet = QUIET_S;
    this.gesture(movement);
  }

  /** React to what happened: a clause's end makes her blink, a line of chat draws a glance. */
  notice(what: "clauseEnd" | "chat"): void {
    if (what === "clauseEnd") this.#life.blinkNow();
    else this.#life.glance();
  }

  setState(state: State): void {
    if (!Object.hasOwn(STATES, state)) return;
    this.#state = state;
    if (state === "stopped" || state === "offline") {
      this.#gestures.clear();
      this.setMouth(0, 0);
    }
  }

  gesture(gesture: Movement): void {
    if (this.#state !== "stopped" && this.#state !== "offline") this.#gestures.push(gesture);
  }

  setMouth(open: number, form: number): void {
    this.#wantOpen = clamp(open, 0, 1);
    this.#wantForm = clamp(form, -1, 1) || 0;
  }

  /** Move on by `dt` seconds. */
  step(dt: number): Pose {
    const step = clamp(dt, 0, LONGEST_FRAME);
    const { pose } = this;
    const over: Change = STATES[this.#state];
    const base: Change = EXPRESSIONS[this.#emotion];
    for (const name of PARAMETER_NAMES) {
      pose[name] = this.#springs[name].step(over[name] ?? base[name] ?? PARAMETERS[name].rest, step);
    }
    this.#speak(step);
    this.#quiet -= step;
    this.#drink(step);
    this.#gestures.step(pose, step);
    this.#life.step(pose, this.#state, this.#open, step);
    return limit(pose);
  }

  #drink(dt: number): void {
    this.#thirst -= this.#state === "idle" ? dt : 0;
    if (this.#thirst > 0 || this.#gestures.busy) return;
    this.#thirst = THIRST_S * (1 + this.#random());
    if (this.#emotion === "neutral") this.gesture("tea");
  }

  /** Stressed syllables nod. */
  #stress(dt: number): void {
    this.#stressed -= dt;
    if (this.#wantOpen > STRESS && this.#stressed <= 0) {
      this.#stressed = STRESS_EVERY_S * (1 + this.#random());
      this.#nod.kick(-120 * this.#wantOpen);
    }
    this.pose.ParamAngleY += this.#nod.step(0, dt);
  }

  #speak(dt: number): void {
    this.#stress(dt);
    this.#open = approach(this.#open, this.#wantOpen, FOLLOW, dt);
    this.#form = approach(this.#form, this.#wantForm, FOLLOW, dt);
    this.#silence = this.#wantOpen > 0.05 ? 0 : this.#silence + dt;
    const { pose } = this;
    // While the voice has the mouth, the expression keeps its corners but not its opening.
    const own = clamp((this.#silence - 0.25) / 0.35, 0, 1);
    pose.ParamMouthOpenY = Math.max(pose.ParamMouthOpenY * own, this.#open);
    pose.ParamMouthWide = pose.ParamMouthWide * own + this.#form * (1 - own);
    pose.ParamMouthSkew *= 1 - 0.6 * this.#open;
  }
}
