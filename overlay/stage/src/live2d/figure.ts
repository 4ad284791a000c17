/** A model of the streamer's: its own movements and expressions, our pose on top, what swings last. */
import type { Emotion, Gesture } from "@haishin/common/protocol";
import type { Pose } from "../avatar/pose.ts";
import { clamp } from "../avatar/spring.ts";
import type { Assets } from "./assets.ts";
import type { CoreModel } from "./core.ts";
import {
  changed,
  type Expression,
  isData,
  list,
  type Motion,
  number,
  readExpression,
  readMotion,
  text,
  valueAt,
} from "./curves.ts";
import { Driver, type Mapping } from "./mapping.ts";
import { Physics } from "./physics.ts";

/** Movements and expressions of one model at most. */
const MOST = 200;

type Data = Record<string, unknown>;

interface Playing {
  readonly motion: Motion;
  readonly ours: boolean;
  at: number;
  /** Seconds since it was told to end; below 0 while it was not. */
  ending: number;
}

/** Groups of parts of which one is shown at a time. */
interface PartGroup {
  readonly parts: { readonly part: number; readonly parameter: number; readonly linked: readonly number[] }[];
  readonly seconds: number;
}

export interface Moves {
  readonly motions: ReadonlyMap<string, Motion>;
  readonly expressions: ReadonlyMap<string, Expression>;
  readonly physics: Physics | null;
  readonly groups: readonly PartGroup[];
}

/** Fetch what a model moves by; a file that is missing or broken is left out. */
export async function loadMoves(assets: Assets, model3: Data, model: CoreModel): Promise<Moves> {
  const files = isData(model3.FileReferences) ? model3.FileReferences : {};
  const motions = new Map<string, Motion>();
  const expressions = new Map<string, Expression>();
  const wanted: Promise<void>[] = [];
  for (const [group, entries] of Object.entries(isData(files.Motions) ? files.Motions : {})) {
    list(entries).forEach((entry, n) => {
      if (!isData(entry) || wanted.length >= MOST) return;
      wanted.push(
        assets.json(text(entry.File)).then((data) => {
          const motion = readMotion(data, { fadeIn: entry.FadeInTime, fadeOut: entry.FadeOutTime });
          if (motion) motions.set(`${group}/${n}`, motion);
        }),
      );
    });
  }
  for (const entry of list(files.Expressions).filter(isData).slice(0, MOST)) {
    wanted.push(
      assets.json(text(entry.File)).then((data) => {
        const expression = readExpression(data);
        if (expression) expressions.set(text(entry.Name), expression);
      }),
    );
  }
  const [physics, pose] = await Promise.all([
    files.Physics ? assets.json(text(files.Physics)) : null,
    files.Pose ? assets.json(text(files.Pose)) : null,
    ...wanted,
  ]);
  return {
    motions,
    expressions,
    physics: physics ? new Physics(physics, Array.from(model.parameters.ids)) : null,
    groups: partGroups(pose, model),
  };
}

function partGroups(data: unknown, model: CoreModel): PartGroup[] {
  if (!isData(data)) return [];
  const parts = new Map(Array.from(model.parts.ids, (id, n) => [id, n]));
  const parameters = new Map(Array.from(model.parameters.ids, (id, n) => [id, n]));
  const seconds = clamp(number(data.FadeInTime, 0.5), 0, 5);
  return list(data.Groups)
    .slice(0, MOST)
    .map((group) => ({
      seconds,
      parts: list(group)
        .filter(isData)
        .map((one) => ({
          part: parts.get(text(one.Id)) ?? -1,
          parameter: parameters.get(text(one.Id)) ?? -1,
          linked: list(one.Link)
            .map((link) => parts.get(text(link)) ?? -1)
            .filter((part) => part >= 0),
        }))
        .filter((one) => one.part >= 0),
    }))
    .filter((group) => group.parts.length > 0);
}

export class Figure {
  readonly #model: CoreModel;
  readonly #mapping: Mapping;
  readonly #moves: Moves;
  readonly #driver: Driver;
  readonly #index: ReadonlyMap<string, number>;
  readonly #random: () => number;
  readonly #shares = new Map<string, number>();
  readonly #parts: ReadonlyMap<string, number>;
  readonly #opacities = new Map<number, number>();
  #playing: Playing[] = [];
  #emotion: Emotion = "neutral";

  constructor(model: CoreModel, mapping: Mapping, moves: Moves, random: () => number = Math.random) {
    this.#model = model;
    this.#mapping = mapping;
    this.#moves = moves;
    this.#driver = new Driver(mapping, model.parameters);
    this.#index = new Map(Array.from(model.parameters.ids, (id, n) => [id, n]));
    this.#parts = new Map(Array.from(model.parts.ids, (id, n) => [id, n]));
    this.#random = random;
    for (const group of moves.groups) {
      group.parts.forEach(({ part }, n) => {
        this.#opacities.set(part, n === 0 ? 1 : 0);
      });
    }
  }

  /** Whether the model has an expression of its own for an emotion: then our face keeps still. */
  expresses(emotion: Emotion): boolean {
    return this.#moves.expressions.has(this.#mapping.emotions[emotion] ?? "");
  }

  setEmotion(emotion: Emotion): void {
    this.#emotion = emotion;
  }

  /** Play the model's movement for a gesture; false when it has none. */
  gesture(gesture: Gesture): boolean {
    const motion = this.#moves.motions.get(this.#mapping.gestures[gesture] ?? "");
    if (!motion) return false;
    this.#play(motion, true);
    return true;
  }

  /** Let go of all movements that were asked for. */
  calm(): void {
    for (const one of this.#playing) if (one.ours && one.ending < 0) one.ending = 0;
  }

  /** Move on by `dt` seconds, with our pose on top. */
  step(pose: Pose, dt: number): void {
    const { parameters } = this.#model;
    parameters.values.set(Array.from(parameters.defaultValues));
    this.#idle();
    this.#move(dt);
    this.#driver.apply(pose);
    this.#express(dt);
    this.#limit();
    this.#moves.physics?.step(parameters, dt);
    this.#showParts(dt);
  }

  #idle(): void {
    if (!this.#mapping.idle || this.#playing.some((one) => one.ending < 0)) return;
    const prefix = `${this.#mapping.idle}/`;
    const found = [...this.#moves.motions].filter(([name]) => name.startsWith(prefix));
    const motion = found[Math.min(found.length - 1, Math.floor(this.#random() * found.length))]?.[1];
    if (motion && motion.seconds > 0) this.#play(motion, false);
  }

  #play(motion: Motion, ours: boolean): void {
    for (const one of this.#playing) if (one.ending < 0) one.ending = 0;
    this.#playing.push({ motion, ours, at: 0, ending: -1 });
    if (this.#playing.length > 4) this.#playing.shift();
  }

  #move(dt: number): void {
    const { parameters, parts } = this.#model;
    for (const one of this.#playing) {
      one.at += dt;
      const { motion } = one;
      // An idle movement that loops gives way to the next one after its turn, as people shift too.
      if (one.ending < 0 && one.at >= motion.seconds - motion.fadeOut) one.ending = 0;
      else if (one.ending >= 0) one.ending += dt;
      const come = motion.fadeIn > 0 ? ease(one.at / motion.fadeIn) : 1;
      const go = one.ending < 0 ? 1 : motion.fadeOut > 0 ? 1 - ease(one.ending / motion.fadeOut) : 0;
      const share = come * go;
      for (const curve of motion.curves) {
        if (curve.target === "Parameter") {
          const index = this.#index.get(curve.id);
          if (index === undefined) continue;
          const now = parameters.values[index] ?? 0;
          parameters.values[index] = now + (valueAt(curve, one.at) - now) * share;
        } else if (curve.target === "PartOpacity") {
          const part = this.#parts.get(curve.id);
          if (part === undefined) continue;
          if (!this.#opacities.has(part)) {
            const now = parts.opacities[part] ?? 1;
            parts.opacities[part] = clamp(now + (valueAt(curve, one.at) - now) * share, 0, 1);
          } else if (share > 0.5) {
            const shown = valueAt(curve, one.at) > 0.5;
            for (const group of this.#moves.groups) {
              if (shown && group.parts.some((each) => each.part === part)) this.#shown.set(group, part);
            }
          }
        }
      }
    }
    this.#playing = this.#playing.filter((one) => one.ending < 0 || one.ending < one.motion.fadeOut);
  }

  readonly #shown = new Map<PartGroup, number>();

  #express(dt: number): void {
    const { values } = this.#model.parameters;
    const wanted = this.#mapping.emotions[this.#emotion] ?? "";
    for (const [name, expression] of this.#moves.expressions) {
      const before = this.#shares.get(name) ?? 0;
      const on = name === wanted;
      if (!on && before === 0) continue;
      const seconds = on ? expression.fadeIn : expression.fadeOut;
      const share = clamp(before + (seconds > 0 ? (on ? dt : -dt) / seconds : on ? 1 : -1), 0, 1);
      this.#shares.set(name, share);
      for (const change of expression.changes) {
        const index = this.#index.get(change.id);
        if (index !== undefined) values[index] = changed(values[index] ?? 0, change, ease(share));
      }
    }
  }

  #limit(): void {
    const { values, minimumValues, maximumValues, defaultValues, count } = this.#model.parameters;
    for (let n = 0; n < count; n++) {
      const value = values[n] ?? 0;
      values[n] = Number.isFinite(value)
        ? clamp(value, minimumValues[n] ?? 0, maximumValues[n] ?? 1)
        : (defaultValues[n] ?? 0);
    }
  }

  /** Of a group, show the part that a movement or a parameter names, else the first; cross-fade. */
  #showParts(dt: number): void {
    const { parts, parameters } = this.#model;
    for (const group of this.#moves.groups) {
      const named = group.parts.find((one) => one.parameter >= 0 && (parameters.values[one.parameter] ?? 0) > 0.5);
      const shown = named?.part ?? this.#shown.get(group) ?? group.parts[0]?.part;
      for (const { part, linked } of group.parts) {
        const now = this.#opacities.get(part) ?? 1;
        const way = group.seconds > 0 ? dt / group.seconds : 1;
        const next = clamp(now + (part === shown ? way : -way), 0, 1);
        this.#opacities.set(part, next);
        for (const one of [part, ...linked]) parts.opacities[one] = next;
      }
    }
  }
}

const ease = (t: number): number => {
  const at = clamp(t, 0, 1);
  return 0.5 - 0.5 * Math.cos(at * Math.PI);
};
