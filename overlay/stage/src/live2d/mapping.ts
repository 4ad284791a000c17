/**
 * Which of the model's parameters, expressions and movements stand for ours: written by `haishin live2d add`,
 * corrected on the panel.
 */
import type { Emotion, Gesture } from "@haishin/common/protocol";
import { PARAMETER_NAMES, PARAMETERS, type Parameter, type Pose } from "../avatar/pose.ts";
import { clamp } from "../avatar/spring.ts";
import type { CoreParameters } from "./core.ts";
import { isData, number, text } from "./curves.ts";

export interface Mapping {
  /** The model's parameters by ours; "-" before a name turns it round, and alone it stands for none. */
  readonly parameters: Readonly<Partial<Record<Parameter, readonly string[]>>>;
  /** Parameters for the mouth shapes A, I, U, E, O, of models that have them. */
  readonly vowels: readonly string[];
  readonly emotions: Readonly<Partial<Record<Emotion, string>>>;
  /** Movements as "Group/number". */
  readonly gestures: Readonly<Partial<Record<Gesture, string>>>;
  /** The group of movements that play while nothing else does; empty for none. */
  readonly idle: string;
  /** How much larger than by our own framing, and moved by parts of the frame's height. */
  readonly view: { readonly zoom: number; readonly x: number; readonly y: number };
}

const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isData(value) ? value : {})
      .map(([name, one]) => [name, text(one)] as const)
      .filter(([, one]) => one),
  );

const VOWELS = ["A", "I", "U", "E", "O"] as const;

/** Read what the host sent; what is missing is filled by the names that Cubism's own templates use. */
export function readMapping(data: unknown): Mapping {
  const raw = isData(data) ? data : {};
  const given = isData(raw.parameters) ? raw.parameters : {};
  const parameters: Partial<Record<Parameter, readonly string[]>> = {};
  for (const name of PARAMETER_NAMES) {
    parameters[name] = given[name] === undefined ? [name] : text(given[name]).split(/\s+/).filter(Boolean).slice(0, 16);
  }
  const vowels = strings(raw.vowels);
  const view = strings(raw.view);
  const size = (name: string, otherwise: number): number => number(Number.parseFloat(view[name] ?? ""), otherwise);
  return {
    parameters,
    vowels: VOWELS.every((vowel) => vowels[vowel]) ? VOWELS.map((vowel) => vowels[vowel] ?? "") : [],
    emotions: strings(raw.emotions),
    gestures: strings(raw.gestures),
    idle: strings(raw.motions).idle ?? "",
    view: {
      zoom: clamp(size("zoom", 1), 0.1, 10),
      x: clamp(size("x", 0), -5, 5),
      y: clamp(size("y", 0), -5, 5),
    },
  };
}

type Way = "add" | "open" | "mouth";

interface Drive {
  readonly ours: Parameter;
  readonly index: number;
  readonly sign: number;
  readonly way: Way;
}

const WAYS: Partial<Record<Parameter, Way>> = {
  ParamEyeLOpen: "open",
  ParamEyeROpen: "open",
  ParamMouthOpenY: "mouth",
};

/** Writes our pose into the model's parameters, on top of what its own movement says. */
export class Driver {
  readonly #drives: Drive[] = [];
  readonly #vowels: number[];
  readonly #model: CoreParameters;

  constructor(mapping: Mapping, model: CoreParameters) {
    this.#model = model;
    const index = new Map(Array.from(model.ids, (id, n) => [id, n]));
    for (const ours of PARAMETER_NAMES) {
      for (const name of mapping.parameters[ours] ?? []) {
        const found = index.get(name.replace(/^-/, ""));
        if (found === undefined) continue;
        this.#drives.push({ ours, index: found, sign: name.startsWith("-") ? -1 : 1, way: WAYS[ours] ?? "add" });
      }
    }
    this.#vowels = mapping.vowels.map((name) => index.get(name) ?? -1);
  }

  apply(pose: Pose): void {
    const { values, minimumValues, maximumValues, defaultValues } = this.#model;
    for (const { ours, index, sign, way } of this.#drives) {
      const [low, rest, high] = [minimumValues[index] ?? 0, defaultValues[index] ?? 0, maximumValues[index] ?? 1];
      const now = values[index] ?? rest;
      let next: number;
      if (way === "open") next = low + (now - low) * Math.max(0, pose[ours]);
      else if (way === "mouth") next = sign < 0 ? high - (high - low) * pose[ours] : low + (high - low) * pose[ours];
      else next = now + difference(ours, sign * (pose[ours] - PARAMETERS[ours].rest), low, rest, high);
      values[index] = clamp(next, low, high);
    }
    this.#shape(pose.ParamMouthOpenY, pose.ParamMouthWide);
  }

  /** Share the opening of the mouth among A, I, U, E and O by its width. */
  #shape(open: number, wide: number): void {
    if (this.#vowels.length < 5) return;
    const spread = Math.max(0, wide);
    const pursed = Math.max(0, -wide);
    const halfSpread = Math.max(0, 1 - Math.abs(spread - 0.55) / 0.4);
    const halfPursed = Math.max(0, 1 - Math.abs(pursed - 0.55) / 0.4);
    const i = clamp((spread - 0.55) / 0.35, 0, 1);
    const u = clamp((pursed - 0.55) / 0.35, 0, 1);
    const e = halfSpread * (1 - i);
    const o = halfPursed * (1 - u);
    const shares = [Math.max(0, 1 - i - u - e - o), i, u, e, o];
    this.#vowels.forEach((index, n) => {
      if (index < 0) return;
      const low = this.#model.minimumValues[index] ?? 0;
      this.#model.values[index] = low + ((this.#model.maximumValues[index] ?? 1) - low) * open * (shares[n] ?? 0);
    });
  }
}

/** How far a parameter of the model moves for a difference of ours: the ends of both ranges meet. */
function difference(ours: Parameter, by: number, low: number, rest: number, high: number): number {
  const range = PARAMETERS[ours];
  if (by > 0) return (by / Math.max(1e-6, range.high - range.rest)) * (high - rest);
  return (by / Math.max(1e-6, range.rest - range.low)) * (rest - low);
}
