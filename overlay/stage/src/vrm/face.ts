/**
 * The face of a model: our emotions by the expressions that it has, the mouth by what the voice says, lids and eyes by
 * the rig.
 */
import type { Emotion, MouthShape, StageModel } from "@haishin/common/protocol";
import { EXPRESSIONS, type State } from "../avatar/expressions.ts";
import type { Pose } from "../avatar/pose.ts";
import { approach, clamp, Spring } from "../avatar/spring.ts";

/** What a model's face offers; three-vrm's managers have it, and tests have their own. */
export interface Offered {
  /** The names of the model's expressions. */
  readonly names: readonly string[];
  set(name: string, weight: number): void;
  /** Turn the eyes, in degrees: to the viewer's right, and up. */
  look(yaw: number, pitch: number): void;
  /** Open the jaw by a share, where the model has a bone for it. */
  jaw(open: number): void;
}

type Mixture = readonly (readonly [name: string, weight: number])[];

/** What is tried for each emotion, best first, where the streamer said nothing else. */
const USUAL: Record<Emotion, readonly string[]> = {
  neutral: [],
  joy: ["happy:0.9"],
  laugh: ["laugh", "happy"],
  smug: ["smug", "relaxed:0.8"],
  surprise: ["surprised"],
  shy: ["shy", "blush", "relaxed:0.45"],
  sad: ["sad"],
  angry: ["angry"],
  sleepy: ["sleepy", "relaxed:0.4"],
  thinking: ["thinking"],
};
/** Expressions that shape the lids themselves: the rig's own must not be laid over them. */
const OWN_LIDS: ReadonlySet<Emotion> = new Set(["joy", "laugh", "surprise", "sad", "angry"]);

const VISEMES = ["aa", "ih", "ou", "ee", "oh"] as const;
type Viseme = (typeof VISEMES)[number];
/** The vowels that stand for what has no viseme of its own: a consonant leans on a narrow mouth. */
const SHAPES: Record<MouthShape, Partial<Record<Viseme, number>>> = {
  aa: { aa: 1 },
  ih: { ih: 1 },
  ou: { ou: 1 },
  ee: { ee: 1 },
  oh: { oh: 1 },
  nn: { ih: 0.35, ee: 0.2 },
  closed: {},
  rest: { aa: 0.6 },
};
/** Lips part and meet so fast, in shares a second: shut within 80 ms of silence. */
const LIPS = 45;
/** Degrees of the eyes at 1 of ParamEyeBallX and Y. */
const EYES = { x: 24, y: 16 };
/** How far a mouth that speaks takes back an expression that shapes it too. */
const TAKEN_BACK = 0.35;
const MOST_PARTS = 8;

/** Read "happy:0.7+blush" into names and weights; what is not one is passed over. */
export function mixture(text: string): Mixture {
  const parts: [string, number][] = [];
  for (const part of text.slice(0, 200).split("+").slice(0, MOST_PARTS)) {
    const [name = "", weight = "1"] = part.split(":").map((word) => word.trim());
    const share = Number(weight);
    if (name && Number.isFinite(share)) parts.push([name, clamp(share, 0, 1)]);
  }
  return parts;
}

/** The lips for a mouth that opens by `open` with the form `form` (-1 round, 1 wide): shares of the five vowels. */
export function vowels(open: number, form: number, shape: MouthShape | null): Record<Viseme, number> {
  const found: Record<Viseme, number> = { aa: 0, ih: 0, ou: 0, ee: 0, oh: 0 };
  const wide = clamp(form, 0, 1);
  const round = clamp(-form, 0, 1);
  const parts = shape
    ? SHAPES[shape]
    : { aa: 1 - Math.max(wide, round), ih: wide * 0.6, ee: wide * 0.4, ou: round * 0.5, oh: round * 0.5 };
  for (const name of VISEMES) found[name] = clamp(open, 0, 1) * (parts[name] ?? 0);
  return found;
}

export class Face {
  readonly #offered: Offered;
  readonly #known: ReadonlyMap<string, string>;
  readonly #speaks: boolean;
  #mixtures = {} as Record<Emotion, Mixture>;
  readonly #shares: Record<Emotion, Spring>;
  readonly #lips: Record<Viseme, number> = { aa: 0, ih: 0, ou: 0, ee: 0, oh: 0 };
  #jaw = 0;
  #open = 0;
  #form = 0;
  #shape: MouthShape | null = null;

  constructor(offered: Offered, mapping: StageModel["mapping"]) {
    this.#offered = offered;
    this.#known = new Map(offered.names.map((name) => [name.toLowerCase(), name]));
    this.#speaks = VISEMES.some((name) => this.#known.has(name));
    this.#shares = Object.fromEntries(Object.keys(USUAL).map((name) => [name, new Spring(4, 0.9)])) as Record<
      Emotion,
      Spring
    >;
    this.remap(mapping);
  }

  /** Take over the streamer's own names for the emotions. */
  remap(mapping: StageModel["mapping"]): void {
    for (const emotion of Object.keys(USUAL) as Emotion[]) {
      const said = mapping.emotions?.[emotion];
      const tried = said === undefined ? USUAL[emotion] : [said];
      this.#mixtures[emotion] = tried.map((text) => this.#there(mixture(text))).find((parts) => parts.length > 0) ?? [];
    }
  }

  /** The expressions of an emotion, as they are used. */
  uses(emotion: Emotion): Mixture {
    return this.#mixtures[emotion];
  }

  setMouth(open: number, form: number, shape: MouthShape | null): void {
    this.#open = clamp(open, 0, 1);
    this.#form = clamp(form, -1, 1) || 0;
    this.#shape = shape;
  }

  /** Move on by `dt` seconds. */
  step(pose: Pose, emotion: Emotion, state: State, dt: number): void {
    const shown: Emotion =
      state === "stopped" || state === "offline" ? "neutral" : state === "thinking" ? "thinking" : emotion;
    const weights = new Map<string, number>();
    let own = { left: 0, right: 0 };
    for (const name of Object.keys(USUAL) as Emotion[]) {
      const share = clamp(this.#shares[name].step(name === shown ? 1 : 0, dt), 0, 1);
      const parts = this.#mixtures[name];
      if (share < 0.002 || !parts.length) continue;
      for (const [part, weight] of parts) weights.set(part, (weights.get(part) ?? 0) + weight * share);
      if (OWN_LIDS.has(name)) {
        const { ParamEyeLOpen: left = 1, ParamEyeROpen: right = 1 } = EXPRESSIONS[name];
        own = { left: own.left + share * (1 - left), right: own.right + share * (1 - right) };
      }
    }
    const back = 1 - TAKEN_BACK * this.#open;
    for (const name of this.#offered.names) {
      if (!RIG.has(name)) this.#offered.set(name, clamp((weights.get(name) ?? 0) * back, 0, 1));
    }
    this.#speak(dt);
    this.#lids(clamp(1 - pose.ParamEyeLOpen - own.left, 0, 1), clamp(1 - pose.ParamEyeROpen - own.right, 0, 1));
    this.#offered.look(pose.ParamEyeBallX * EYES.x, pose.ParamEyeBallY * EYES.y);
  }

  #speak(dt: number): void {
    const wanted = vowels(this.#open, this.#form, this.#shape);
    for (const name of VISEMES) {
      const share = approach(this.#lips[name], wanted[name], LIPS, dt);
      this.#lips[name] = share < 0.01 ? 0 : share;
      const known = this.#known.get(name);
      if (known !== undefined) this.#offered.set(known, this.#lips[name]);
    }
    this.#jaw = approach(this.#jaw, this.#open, LIPS, dt);
    if (!this.#speaks) this.#offered.jaw(this.#jaw < 0.01 ? 0 : this.#jaw);
  }

  #lids(left: number, right: number): void {
    const sides = [this.#known.get("blinkleft"), this.#known.get("blinkright")] as const;
    const both = this.#known.get("blink");
    if (sides[0] !== undefined && sides[1] !== undefined) {
      this.#offered.set(sides[0], left);
      this.#offered.set(sides[1], right);
      if (both !== undefined) this.#offered.set(both, 0);
    } else if (both !== undefined) {
      this.#offered.set(both, Math.min(left, right));
    }
  }

  /** The parts that the model has, by the names that it has for them. */
  #there(parts: Mixture): Mixture {
    return parts.flatMap(([name, weight]) => {
      const known = this.#known.get(name.toLowerCase());
      return known === undefined ? [] : [[known, weight] as const];
    });
  }
}

/** What the rig and the voice set, not an emotion. */
const RIG: ReadonlySet<string> = new Set([
  ...VISEMES,
  "blink",
  "blinkLeft",
  "blinkRight",
  "lookUp",
  "lookDown",
  "lookLeft",
  "lookRight",
]);
