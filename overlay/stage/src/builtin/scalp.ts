import { lerp, type V3 } from "./space.ts";
import type { Layer, Lock } from "./strands.ts";

/** The skull that hair lies on: an ellipsoid. */
export const SKULL: { readonly middle: V3; readonly radii: V3 } = { middle: [0, -12, -10], radii: [79, 95, 86] };
const DEGREE = Math.PI / 180;

/** A direction from the skull's middle: `a` degrees around (0 front, positive to the viewer's right), `b` from the top. */
export function direction(a: number, b: number): V3 {
  const s = Math.sin(b * DEGREE);
  return [s * Math.sin(a * DEGREE), -Math.cos(b * DEGREE), s * Math.cos(a * DEGREE)];
}

/** The point of the scalp in a direction; `k` 1 is on it, more above it. */
export function onScalp([x, y, z]: V3, k = 1): V3 {
  const { middle, radii } = SKULL;
  // Hair stands fuller between crown and temple than an ellipsoid does.
  const full = k * (1 + 0.3 * (1 - y * y) * y * y);
  return [
    middle[0] + x * radii[0] * full,
    middle[1] + y * radii[1] * (y < 0 ? full : k),
    middle[2] + z * radii[2] * full,
  ];
}

function slerp(a: V3, b: V3, t: number): V3 {
  const dot = Math.min(1, Math.max(-1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]));
  const angle = Math.acos(dot);
  if (angle < 1e-3) return b;
  const p = Math.sin((1 - t) * angle) / Math.sin(angle);
  const q = Math.sin(t * angle) / Math.sin(angle);
  return [a[0] * p + b[0] * q, a[1] * p + b[1] * q, a[2] * p + b[2] * q];
}

/** How a lock falls. Angles in degrees, lengths in units. */
export interface Fall {
  /** Where it grows: around and from the top. */
  readonly root: readonly [a: number, b: number];
  /** Where it leaves the scalp: around, and from the top (80 if not said). */
  readonly a: number;
  readonly b?: number;
  /** Height of its tip. */
  readonly end: number;
  readonly width: number;
  readonly layer: Layer;
  /** How far above the scalp it lies, as a factor. */
  readonly lift?: number;
  /** Outwards at the tip, and at half of the free length. */
  readonly flare?: number;
  readonly bulge?: number;
  /** Sideways at the tip, to the viewer's right. */
  readonly curl?: number;
  /** Forwards at the tip. */
  readonly ahead?: number;
  readonly rootWidth?: number;
  readonly belly?: number;
  readonly tip?: number;
  readonly full?: number;
  readonly loose?: number;
  readonly lines?: number;
  readonly tone?: number;
  readonly over?: number;
  /** A wave of so many units along the free part. */
  readonly wave?: number;
  readonly points?: number;
}

/** Lay a lock: along the scalp from the root to where it leaves it, then down. */
export function fall(f: Fall): Lock {
  const from = direction(...f.root);
  const leave = direction(f.a, f.b ?? 80);
  const lift = f.lift ?? 1.05;
  const n = f.points ?? 6;
  const off = onScalp(leave, lift);
  const angle = Math.acos(Math.min(1, Math.max(-1, from[0] * leave[0] + from[1] * leave[1] + from[2] * leave[2])));
  const along = angle * 88;
  const down = Math.max(1, f.end - off[1]);
  const out = Math.hypot(leave[0], leave[2]) || 1;
  const [ox, oz] = [leave[0] / out, leave[2] / out];
  const spine: V3[] = [];
  for (let i = 0; i < n; i++) {
    const s = (i / (n - 1)) * (along + down);
    if (s <= along) {
      const t = s / (along || 1);
      spine.push(onScalp(slerp(from, leave, t), lerp(1.015, lift, Math.min(1, t * 1.6))));
    } else {
      const t = (s - along) / down;
      const flare = (f.flare ?? 0) * t * t + (f.bulge ?? 0) * Math.sin(Math.PI * Math.min(1, t * 1.05));
      const wave = (f.wave ?? 0) * Math.sin(t * Math.PI * 2.4) * Math.min(1, t * 2);
      spine.push([
        off[0] + ox * flare + (f.curl ?? 0) * t * t + wave,
        off[1] + down * t,
        off[2] + oz * flare + (f.ahead ?? 0) * t,
      ]);
    }
  }
  return {
    spine,
    width: f.width,
    root: f.rootWidth ?? 0.22,
    belly: f.belly ?? 0.52,
    tip: f.tip ?? 0,
    full: f.full ?? 1.9,
    loose: f.loose ?? 1,
    lines: f.lines ?? 1,
    layer: f.layer,
    tone: f.tone ?? 0,
    over: f.over ?? 0,
  };
}

/** A lock through points of its own, as an ahoge or a tail has. */
export function free(spine: readonly V3[], rest: Omit<Partial<Lock>, "spine"> & { width: number; layer: Layer }): Lock {
  return { root: 0.4, belly: 0.4, tip: 0, full: 1.9, loose: 1, lines: 1, tone: 0, over: 0, ...rest, spine };
}
