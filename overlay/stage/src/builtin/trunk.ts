import type { BodyShape } from "./bodies.ts";
import type { FaceShape } from "./faces.ts";
import { closed, fill, filled, inked, inside, reversed } from "./ink.ts";
import type { Material, Paint } from "./paint.ts";
import type { Turn } from "./space.ts";

/** Lowest height of the trunk that is drawn: below the edge of the picture. */
export const HEM = 520;

/** Put points of the trunk's surface into the picture: `u` around in radians (positive to the viewer's right), `y`. */
export type Surface = (...points: number[]) => number[];

/** A trunk that is turned as the body is now. */
export interface Trunk {
  readonly turn: Turn;
  readonly shape: BodyShape;
  readonly path: Path2D;
  /** The outline on the viewer's left and right, from the neck down. */
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** Points `u, y, …` of the surface; `around(off)` gives those that lie `off` before it. */
  around(off: number, ...points: number[]): number[];
}

/** Lay out the trunk. `shrug` lifts the shoulders. */
export function trunkOf(turn: Turn, shape: BodyShape, shrug: number): Trunk {
  const [sx, sy] = shape.shoulder;
  const sides = ([-1, 1] as const).map((side) => {
    const out: number[] = [];
    const put = (x: number, y: number, z: number): void => {
      turn.at(x * side, y, z);
      out.push(turn.x, turn.y);
    };
    put(shape.neck, shape.neckBase - 10, -8);
    put(shape.neck + 12, shape.neckBase + 3 - shrug * 0.4, -8);
    put(sx - 26, sy - 25 - shrug, -6);
    put(sx - 4, sy - 19.5 - shrug, -4);
    put(sx + 10, sy - 8 - shrug, -4);
    put(sx + 8, sy + 12 - shrug, -4);
    for (let y = sy + 28; y <= HEM; y += y < 320 ? 24 : 40) {
      const [px, , pz] = shape.trunk.edge(turn, y, side);
      turn.at(px, y, pz);
      out.push(turn.x, turn.y);
    }
    return out;
  });
  const [left = [], right = []] = sides;
  return {
    turn,
    shape,
    path: closed(left, reversed(right)),
    left,
    right,
    around: (off, ...points) => {
      const out: number[] = [];
      for (let i = 0; i < points.length; i += 2) {
        const y = points[i + 1] ?? 0;
        turn.at(...shape.trunk.around(points[i] ?? 0, y, off));
        out.push(turn.x, turn.y);
      }
      return out;
    },
  };
}

/** The neck with the head's shadow on it. `chin` is where the chin is now. */
export function drawNeck(ctx: CanvasRenderingContext2D, head: Turn, trunk: Trunk, face: FaceShape, paint: Paint): void {
  const { turn, shape } = trunk;
  const flat = (t: Turn, x: number, y: number, z: number): [number, number] => {
    t.at(x, y, z);
    return [t.x, t.y];
  };
  const top = face.chin - 34;
  const n = shape.neck;
  const left = [
    ...flat(head, -n + 1, top, -16),
    ...flat(turn, -n, shape.neckBase - 20, -10),
    ...flat(turn, -n - 5, shape.neckBase - 2, -8),
    ...flat(turn, -n - 26, shape.neckBase + 12, -6),
  ];
  const right = [
    ...flat(head, n - 1, top, -16),
    ...flat(turn, n, shape.neckBase - 20, -10),
    ...flat(turn, n + 5, shape.neckBase - 2, -8),
    ...flat(turn, n + 26, shape.neckBase + 12, -6),
  ];
  const front = [...flat(turn, 0, shape.neckBase + 62, 30)];
  const path = closed(left, front, reversed(right));
  fill(ctx, path, paint.skin.base);
  inside(ctx, path, () => {
    const [cx, cy] = flat(head, 4, face.chin + 15, 16);
    const [lx, ly] = flat(head, -n - 10, top + 6, 0);
    const [rx, ry] = flat(head, n + 22, top + 6, 0);
    const shade = closed(
      [lx, ly - 40],
      [lx, ly + 22, cx - 14, cy + 3, cx + 5, cy + 9, cx + 18, cy + 14, rx, ry + 62],
      [rx + 10, ry - 40],
    );
    fill(ctx, shade, paint.skin.shade);
    fill(ctx, shade, paint.skin.deep, 0.3);
  });
  inked(ctx, paint.skin.line, 1, left.slice(0, 6), 2, (t) => 0.5 + 0.5 * t);
  inked(ctx, paint.skin.line, 1, right.slice(0, 6), 2.2, (t) => 0.5 + 0.5 * t);
}

/** Cloth on the whole trunk: base, light from the upper left, the shaded side, and the line. */
export function drapeTrunk(ctx: CanvasRenderingContext2D, trunk: Trunk, cloth: Material, rim: string): void {
  const { left, right, path } = trunk;
  fill(ctx, path, cloth.base);
  inside(ctx, path, () => {
    // The side away from the light, wider below the chest and at the hip.
    const inner: number[] = [];
    for (const [y, u] of [
      [150, 1.25],
      [185, 0.98],
      [215, 0.92],
      [240, 0.7],
      [275, 0.78],
      [300, 0.86],
      [350, 0.72],
      [420, 0.66],
      [HEM, 0.6],
    ] as const) {
      inner.push(...trunk.around(0, u, y));
    }
    filled(
      ctx,
      cloth.shade,
      0.8,
      right.slice(8).map((v, i) => (i % 2 === 0 ? v + 6 : v)),
      reversed(inner),
    );
    // What the chest throws on the waist.
    filled(
      ctx,
      cloth.shade,
      0.55,
      trunk.around(0, -1.25, 226, -0.75, 240, -0.3, 245, 0, 240, 0.3, 247, 0.8, 240),
      trunk.around(0, 0.7, 262, 0.2, 256, -0.3, 253, -0.8, 248),
    );
  });
  inside(ctx, path, () =>
    inked(
      ctx,
      rim,
      0.6,
      right.map((v, i) => (i % 2 === 0 ? v - 2.6 : v)),
      3,
      (t) => Math.sin(Math.PI * t) ** 0.5,
    ),
  );
  inked(ctx, cloth.line, 1, left, 2.4, (t) => 0.55 + 0.45 * Math.sin(Math.PI * t));
  inked(ctx, cloth.line, 1, right, 2.8, (t) => 0.6 + 0.4 * Math.sin(Math.PI * t));
}
