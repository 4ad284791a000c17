import type { Emotion, Gesture } from "@haishin/common/protocol";
import { type Change, EXPRESSIONS, STATES, type State } from "./expressions.ts";
import { Gestures } from "./gestures.ts";
import { Life } from "./life.ts";
import { limit, PARAMETER_NAMES, PARAMETERS, type Parameter, type Pose, rest } from "./pose.ts";
import { approach, clamp, Spring } from "./spring.ts";

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
  #emotion: Emotion = "neutral";
  #state: State = "idle";
  #wantOpen = 0;
  #wantForm = 0;
  #open = 0;
  #form = 0;
  /** Seconds since the voice last opened the mouth; expressions hold their own mouth open only in silence. */
  #silence = 10;

  constructor(random: () => number) {
    this.#life = new Life(random);
    this.#springs = Object.fromEntries(
      PARAMETER_NAMES.map((name) => [name, new Spring(PARAMETERS[name].speed, 0.8, PARAMETERS[name].rest)]),
    ) as Record<Parameter, Spring>;
  }

  get state(): State {
    return this.#state;
  }

  setEmotion(emotion: Emotion): void {
    if (Object.hasOwn(EXPRESSIONS, emotion)) this.#emotion = emotion;
  }

  setState(state: State): void {
    if (!Object.hasOwn(STATES, state)) return;
    this.#state = state;
    if (state === "stopped" || state === "offline") {
      this.#gestures.clear();
      this.setMouth(0, 0);
    }
  }

  gesture(gesture: Gesture): void {
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
    this.#gestures.step(pose, step);
    this.#life.step(pose, this.#state, this.#open, step);
    return limit(pose);
  }

  #speak(dt: number): void {
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
