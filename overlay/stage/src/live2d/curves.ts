/** Movements and expressions of a Cubism model: files of curves and of differences, read with bounds. */
import { clamp } from "../avatar/spring.ts";

/** Numbers in the segments of one file at most, and curves. */
const MOST_NUMBERS = 400_000;
const MOST_CURVES = 2_000;
/** A Bézier's time is searched so often: the error is below a thousandth of its length. */
const HALVINGS = 12;

type Data = Record<string, unknown>;

export const isData = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const number = (value: unknown, otherwise: number): number =>
  typeof value === "number" && Number.isFinite(value) ? value : otherwise;
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** One stretch of a curve, from `t0` to `t1` seconds. */
interface Segment {
  readonly kind: number;
  readonly t: readonly number[];
  readonly v: readonly number[];
}

export interface Curve {
  readonly id: string;
  readonly target: "Parameter" | "PartOpacity" | "Model";
  readonly segments: readonly Segment[];
}

export interface Motion {
  readonly seconds: number;
  readonly loop: boolean;
  readonly fadeIn: number;
  readonly fadeOut: number;
  readonly curves: readonly Curve[];
}

const LINEAR = 0;
const BEZIER = 1;
const STEPPED = 2;
const INVERSE_STEPPED = 3;

function readCurve(id: string, target: Curve["target"], raw: readonly unknown[]): Curve {
  const segments: Segment[] = [];
  let t = number(raw[0], 0);
  let v = number(raw[1], 0);
  let at = 2;
  while (at < raw.length) {
    const kind = number(raw[at], -1);
    const points = kind === BEZIER ? 3 : kind >= LINEAR && kind <= INVERSE_STEPPED ? 1 : 0;
    if (!points || at + 2 * points >= raw.length) break;
    const ts = [t];
    const vs = [v];
    for (let n = 0; n < points; n++) {
      ts.push(number(raw[at + 1 + 2 * n], t));
      vs.push(number(raw[at + 2 + 2 * n], v));
    }
    segments.push({ kind, t: ts, v: vs });
    t = ts[points] ?? t;
    v = vs[points] ?? v;
    at += 1 + 2 * points;
  }
  if (!segments.length) segments.push({ kind: STEPPED, t: [t, t], v: [v, v] });
  return { id, target, segments };
}

/** Read the content of a `.motion3.json`; null when it is none. */
export function readMotion(data: unknown, fades: { fadeIn?: unknown; fadeOut?: unknown } = {}): Motion | null {
  if (!isData(data) || !isData(data.Meta)) return null;
  const curves: Curve[] = [];
  let numbers = 0;
  for (const raw of list(data.Curves).slice(0, MOST_CURVES)) {
    if (!isData(raw)) continue;
    const segments = list(raw.Segments);
    numbers += segments.length;
    if (numbers > MOST_NUMBERS) return null;
    const target = text(raw.Target);
    if (target === "Parameter" || target === "PartOpacity" || target === "Model") {
      curves.push(readCurve(text(raw.Id), target, segments));
    }
  }
  return {
    seconds: clamp(number(data.Meta.Duration, 0), 0, 600),
    loop: data.Meta.Loop === true,
    fadeIn: clamp(number(fades.fadeIn, number(data.Meta.FadeInTime, 0.5)), 0, 5),
    fadeOut: clamp(number(fades.fadeOut, number(data.Meta.FadeOutTime, 0.5)), 0, 5),
    curves,
  };
}

const bezier = (p: readonly number[], s: number): number => {
  const r = 1 - s;
  const [a = 0, b = 0, c = 0, d = 0] = p;
  return r * r * r * a + 3 * r * r * s * b + 3 * r * s * s * c + s * s * s * d;
};

/** The value of a curve at a time in seconds. */
export function valueAt(curve: Curve, seconds: number): number {
  const { segments } = curve;
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const end = segments[middle]?.t.at(-1) ?? 0;
    if (end <= seconds) low = middle + 1;
    else high = middle;
  }
  const segment = segments[low];
  if (!segment) return 0;
  const { t, v, kind } = segment;
  const [t0 = 0] = t;
  const [v0 = 0] = v;
  const t1 = t.at(-1) ?? t0;
  const v1 = v.at(-1) ?? v0;
  if (seconds >= t1) return v1;
  if (seconds <= t0) return v0;
  if (kind === STEPPED) return v0;
  if (kind === INVERSE_STEPPED) return v1;
  if (kind === LINEAR) return v0 + ((v1 - v0) * (seconds - t0)) / (t1 - t0);
  let from = 0;
  let to = 1;
  for (let n = 0; n < HALVINGS; n++) {
    const middle = (from + to) / 2;
    if (bezier(t, middle) < seconds) from = middle;
    else to = middle;
  }
  return bezier(v, (from + to) / 2);
}

export type Blend = "Add" | "Multiply" | "Overwrite";

export interface Expression {
  readonly fadeIn: number;
  readonly fadeOut: number;
  readonly changes: readonly { readonly id: string; readonly value: number; readonly blend: Blend }[];
}

/** Read the content of an `.exp3.json`; null when it is none. */
export function readExpression(data: unknown): Expression | null {
  if (!isData(data)) return null;
  const changes = list(data.Parameters)
    .slice(0, MOST_CURVES)
    .filter(isData)
    .map((raw) => ({
      id: text(raw.Id),
      value: number(raw.Value, 0),
      blend: raw.Blend === "Multiply" || raw.Blend === "Overwrite" ? (raw.Blend as Blend) : ("Add" as Blend),
    }));
  return {
    fadeIn: clamp(number(data.FadeInTime, 0.4), 0, 5),
    fadeOut: clamp(number(data.FadeOutTime, 0.4), 0, 5),
    changes,
  };
}

/** What a value becomes by a change of which a share between 0 and 1 is there. */
export function changed(value: number, change: { value: number; blend: Blend }, share: number): number {
  if (change.blend === "Add") return value + change.value * share;
  if (change.blend === "Multiply") return value * (1 + (change.value - 1) * share);
  return value + (change.value - value) * share;
}
