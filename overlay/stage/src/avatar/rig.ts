import type { Emotion } from "@haishin/common/protocol";
import type { Notice } from "../renderer.ts";
import { EXPRESSIONS, SIGNS, STATES, type State } from "./expressions.ts";
import { Gestures, type Movement } from "./gestures.ts";
import { Life } from "./life.ts";
import { limit, PARAMETER_NAMES, PARAMETERS, type Parameter, type Pose, rest } from "./pose.ts";
import { approach, clamp, Spring } from "./spring.ts";

/** What a new feeling may make the hands do, and how often. */
const REACTIONS: Partial<Record<Emotion, readonly [Movement, number]>> = {
  joy: ["cheer", 0.25],
  love: ["heart", 0.6],
  laugh: ["cheer", 0.15],
  smug: ["point", 0.5],
  sad: ["facepalm", 0.2],
  confused: ["shrug", 0.5],
  worried: ["think", 0.25],
  pout: ["shake", 0.25],
};
/** What idle hands do in a mood, now and then; without one they take the cup. */
const IDLE_HANDS: Partial<Record<Emotion, readonly Movement[]>> = {
  joy: ["bounce", "cheer", "wave"],
  love: ["heart", "tea"],
  worried: ["think", "tea"],
  pout: ["shake", "shrug"],
  sad: ["facepalm", "tea"],
};
/** What shows on the face at once, for how long, and what the hands do, by what happens and how much of it. */
type Reply = { readonly faces: readonly (readonly [Emotion, number])[]; readonly hands?: Movement };
const REPLIES: Record<Exclude<Notice, "clauseEnd" | "chat">, (strength: number) => Reply> = {
  gift: (strength) => ({
    faces:
      strength > 0.6
        ? [
            ["surprise", 0.8],
            ["love", 3],
          ]
        : [["joy", 2.2]],
    hands: strength > 0.85 ? "cheer" : strength > 0.5 ? "heart" : "nod",
  }),
  raid: () => ({
    faces: [
      ["surprise", 0.9],
      ["joy", 3.2],
    ],
    hands: "wave",
  }),
  laughter: () => ({ faces: [["laugh", 2.4]] }),
  welcome: () => ({ faces: [["joy", 1.6]], hands: "nod" }),
};
const QUIET_S = 14;
/** How much of a mood shows on an idle face; a drowsy one hides less. */
const MOOD_SHARE = 0.6;
const DROWSY_SHARE = 1.25;
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
  #mood: Emotion = "neutral";
  #moodStrength = 0;
  /** Faces that pass by themselves, the present one first, with the seconds left to each. */
  readonly #passing: [Emotion, number][] = [];
  readonly #face: Pose = rest();
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
    if (emotion !== "neutral") this.#passing.length = 0;
    this.#compose();
  }

  /** Now and then a new feeling reaches the hands; never two of them in a row, and never over a gesture. */
  #react(emotion: Emotion): void {
    const [movement, chance] = REACTIONS[emotion] ?? [];
    if (!movement || this.#gestures.busy || this.#quiet > 0 || this.#random() > (chance ?? 0)) return;
    this.#quiet = QUIET_S;
    this.gesture(movement);
  }

  /** Feel something between the sentences, 0 to 1. */
  setMood(emotion: Emotion, strength: number): void {
    if (!Object.hasOwn(EXPRESSIONS, emotion)) return;
    this.#mood = emotion;
    this.#moodStrength = clamp(strength, 0, 1) || 0;
    this.#compose();
  }

  /** React to what happened: a clause's end makes her blink, a line of chat draws a glance, a gift delights. */
  notice(what: Notice, strength = 1): void {
    if (what === "clauseEnd") this.#life.blinkNow();
    else this.#life.glance();
    if (what === "clauseEnd" || what === "chat" || !Object.hasOwn(REPLIES, what)) return;
    if (this.#state === "stopped" || this.#state === "offline") return;
    const { faces, hands } = REPLIES[what](clamp(strength, 0, 1) || 0);
    this.#passing.length = 0;
    for (const [face, seconds] of faces) this.#passing.push([face, seconds]);
    this.#compose();
    if (hands && !this.#gestures.busy) {
      this.#quiet = QUIET_S;
      this.gesture(hands);
    }
  }

  /** Find the face to be worn: what passes, else what the clause feels, else the mood's colour. */
  #compose(): void {
    const worn = this.#passing[0]?.[0] ?? this.#emotion;
    for (const name of PARAMETER_NAMES) this.#face[name] = EXPRESSIONS[worn][name] ?? PARAMETERS[name].rest;
    if (worn !== "neutral" || this.#moodStrength <= 0) return;
    const drowsy = this.#mood === "sleepy";
    const share = Math.min(1, this.#moodStrength * (drowsy ? DROWSY_SHARE : MOOD_SHARE));
    const mood = EXPRESSIONS[this.#mood];
    for (const name of Object.keys(mood) as Parameter[]) {
      // A mood is quieter than a feeling: it wears no signs, but who nods off may dream.
      const bare = SIGNS.includes(name) && !(drowsy && name === "ParamSleepMark" && share > 0.6);
      if (!bare) this.#face[name] += ((mood[name] ?? 0) - this.#face[name]) * share;
    }
  }

  #pass(dt: number): void {
    const [now] = this.#passing;
    if (!now) return;
    now[1] -= dt;
    if (now[1] > 0) return;
    this.#passing.shift();
    this.#compose();
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
    this.#pass(step);
    const over = STATES[this.#state];
    for (const name of PARAMETER_NAMES) {
      pose[name] = this.#springs[name].step(over[name] ?? this.#face[name], step);
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
    if (this.#emotion !== "neutral") return;
    const hands: readonly Movement[] = (this.#moodStrength > 0.2 && IDLE_HANDS[this.#mood]) || ["tea"];
    this.gesture(hands[Math.floor(this.#random() * hands.length)] ?? "tea");
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
