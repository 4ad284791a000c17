import { closed, ellipse, fill, filled, inked, line } from "../ink.ts";
import type { Paint } from "../paint.ts";
import { drapeTrunk, HEM, type Trunk } from "../trunk.ts";
import type { Garment } from "./garment.ts";

/** A keeper's pea coat: wide lapels with piping, two rows of brass buttons, a belt, a warm collar under it. */
export const coat: Garment = {
  sleeve: (paint) => ({ cloth: paint.outfit, ease: [3, 2.5, 3], cuff: [paint.outfit, 13], trim: paint.accent }),
  draw: (ctx, trunk, paint) => {
    const at = (...points: number[]): number[] => trunk.around(1, ...points);
    const waist = trunk.shape.waist;
    drapeTrunk(ctx, trunk, paint.outfit, paint.rim);
    shirt(ctx, trunk, paint);
    // Where the coat closes, and how it falls open below the belt.
    const ink = new Path2D();
    line(ink, at(0.18, 246, 0.14, waist, 0.1, 340, 0.02, HEM), 2.2, (t) => 0.5 + t * 0.5);
    line(ink, at(-0.62, 158, -0.7, 200, -0.62, 240, -0.5, waist - 8), 1.5);
    line(ink, at(0.78, 162, 0.84, 204, 0.72, 244, 0.6, waist - 8), 1.5);
    line(ink, at(-0.42, waist + 20, -0.5, 350, -0.62, 430), 1.8);
    line(ink, at(0.5, waist + 18, 0.62, 348, 0.8, 440), 1.8);
    fill(ctx, ink, paint.outfit.line, 0.75);
    const folds = new Path2D();
    for (const [u, y] of [
      [-1.05, 470],
      [-0.78, 500],
      [0.28, 480],
      [1.02, 500],
    ] as const) {
      const top = at(u * 0.92, waist + 16);
      const low = at(u - 0.05, y);
      const side = at(u + 0.13, y);
      folds.moveTo(top[0] ?? 0, top[1] ?? 0);
      folds.quadraticCurveTo(
        ((top[0] ?? 0) + (low[0] ?? 0)) / 2 - 3,
        ((top[1] ?? 0) + (low[1] ?? 0)) / 2,
        low[0] ?? 0,
        low[1] ?? 0,
      );
      folds.lineTo(side[0] ?? 0, side[1] ?? 0);
      folds.closePath();
    }
    fill(ctx, folds, paint.outfit.shade, 0.75);
    lapel(ctx, trunk, paint, -1);
    lapel(ctx, trunk, paint, 1);
    buttons(ctx, trunk, paint);
    belt(ctx, trunk, paint);
    pockets(ctx, trunk, paint);
    collar(ctx, trunk, paint);
  },
};

/** The warm roll-neck that shows in the opening. */
function shirt(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint): void {
  const at = (...points: number[]): number[] => trunk.around(1, ...points);
  const { neckBase } = trunk.shape;
  const open = closed(at(-0.62, neckBase + 8, -0.32, 186, 0.1, 240), at(0.1, 240, 0.42, 190, 0.62, neckBase + 10));
  fill(ctx, open, paint.shirt.base);
  filled(
    ctx,
    paint.shirt.shade,
    1,
    at(0.1, 240, 0.42, 190, 0.62, neckBase + 10),
    at(0.36, neckBase + 22, 0.24, 190, 0.1, 240),
  );
  const ribs = new Path2D();
  for (const u of [-0.22, -0.06, 0.1, 0.26])
    line(ribs, at(u, neckBase + 20, u * 0.8 + 0.02, 185, u * 0.4 + 0.06, 222), 1.1);
  fill(ctx, ribs, paint.shirt.line, 0.28);
}

/** The roll of the collar lies around the neck and over the coat. */
function collar(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint): void {
  const { turn, shape } = trunk;
  const n = shape.neck;
  const b = shape.neckBase;
  const at = (x: number, y: number, z: number): [number, number] => {
    turn.at(x, y, z);
    return [turn.x, turn.y];
  };
  const top = [
    ...at(-n - 3, b - 14, -6),
    ...at(-n * 0.6, b - 7, 10),
    ...at(0, b - 4, 15),
    ...at(n * 0.6, b - 7, 10),
    ...at(n + 3, b - 14, -6),
  ];
  const low = [
    ...at(n + 8, b + 1, -4),
    ...at(n * 0.7, b + 14, 14),
    ...at(0, b + 18, 20),
    ...at(-n * 0.7, b + 14, 14),
    ...at(-n - 8, b + 1, -4),
  ];
  filled(ctx, paint.shirt.base, 1, top, low);
  filled(
    ctx,
    paint.shirt.shade,
    0.8,
    [...at(n * 0.25, b - 5, 13), ...at(n * 0.7, b - 8, 9), ...at(n + 3, b - 14, -6)],
    [...at(n + 8, b + 1, -4), ...at(n * 0.7, b + 14, 14), ...at(n * 0.3, b + 17, 18)],
  );
  filled(ctx, paint.shirt.shade, 0.55, top, [
    ...at(n + 4, b - 8, -5),
    ...at(n * 0.6, b - 1, 11),
    ...at(0, b + 2, 16),
    ...at(-n * 0.6, b - 1, 11),
    ...at(-n - 4, b - 8, -5),
  ]);
  const ink = new Path2D();
  line(ink, low, 2, (t) => 0.6 + 0.4 * Math.sin(Math.PI * t));
  line(ink, top, 1.7);
  fill(ctx, ink, paint.shirt.line, 0.85);
}

function lapel(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint, side: 1 | -1): void {
  const { neckBase: b } = trunk.shape;
  const at = (off: number, ...points: number[]): number[] =>
    trunk.around(off, ...points.map((v, i) => (i % 2 === 0 ? (side > 0 ? v + 0.08 : -v) : v)));
  const inner = at(3, 0.5, b - 4, 0.42, 168, 0.24, 206, 0.02, 252);
  const outer = at(3, 0.02, 252, 0.34, 234, 0.72, 204, 0.98, 184);
  const notch = at(3, 0.98, 184, 0.8, 178, 0.74, 171);
  const upper = at(3, 0.74, 171, 0.98, 164, 0.94, 148, 0.72, b + 2, 0.5, b - 4);
  const shape = closed(inner, outer, notch, upper);
  // The shadow under it first.
  ctx.translate(2.5, 4);
  fill(ctx, shape, paint.outfit.deep, 0.75);
  ctx.translate(-2.5, -4);
  fill(ctx, shape, side < 0 ? paint.outfit.light : paint.outfit.base);
  const ink = new Path2D();
  for (const part of [inner, outer, notch, upper]) line(ink, part, 1.9, (t) => 0.6 + 0.4 * Math.sin(Math.PI * t));
  fill(ctx, ink, paint.outfit.line);
  // Piping, a finger's breadth within the edge.
  const piping = new Path2D();
  line(piping, at(3.4, 0.12, 244, 0.36, 228, 0.68, 201, 0.86, 186), 1.7, () => 1);
  line(piping, at(3.4, 0.86, 161, 0.84, 150, 0.68, b + 8), 1.7, () => 1);
  fill(ctx, piping, paint.accent.base);
}

function buttons(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint): void {
  const { waist } = trunk.shape;
  for (const u of [-0.34, 0.62]) {
    for (const y of [waist - 16, waist + 36, waist + 76]) {
      const [x = 0, cy = 0] = trunk.around(2, u * (y > waist ? 0.8 : 1), y);
      ellipse(ctx, paint.outfit.line, 1, x + 0.8, cy + 1.4, 6.4, 6.4);
      ellipse(ctx, paint.accent.line, 1, x, cy, 5.8, 5.8);
      ellipse(ctx, paint.accent.base, 1, x, cy, 4.9, 4.9);
      ellipse(ctx, paint.accent.shade, 1, x + 0.7, cy + 0.8, 2.9, 2.9);
      ellipse(ctx, "#fffbe8", 1, x - 1.5, cy - 1.7, 1.6, 1.2, -0.6);
    }
  }
}

function belt(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint): void {
  const { waist } = trunk.shape;
  const row = (y: number, sag: number): number[] =>
    trunk.around(2.5, -1.7, y - sag, -1.1, y, -0.5, y + sag, 0, y + sag * 1.4, 0.5, y + sag, 1.1, y, 1.7, y - sag);
  const top = row(waist + 2, 2);
  const low = row(waist + 17, 3);
  const back: number[] = [];
  for (let i = low.length - 2; i >= 0; i -= 2) back.push(low[i] ?? 0, low[i + 1] ?? 0);
  filled(ctx, paint.outfit.deep, 1, top, back);
  inked(ctx, paint.outfit.line, 1, top, 1.6, () => 1);
  inked(ctx, paint.outfit.line, 1, low, 2, () => 1);
  const frame = trunk.around(4, -0.12, waist - 1, 0.3, waist + 1, 0.3, waist + 24, -0.12, waist + 22);
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0, x3 = 0, y3 = 0] = frame;
  const buckle = new Path2D();
  buckle.moveTo(x0, y0);
  for (const [x, y] of [
    [x1, y1],
    [x2, y2],
    [x3, y3],
  ] as const)
    buckle.lineTo(x, y);
  buckle.closePath();
  ctx.lineJoin = "round";
  ctx.lineWidth = 5.4;
  ctx.strokeStyle = paint.accent.line;
  ctx.stroke(buckle);
  ctx.lineWidth = 3.2;
  ctx.strokeStyle = paint.accent.base;
  ctx.stroke(buckle);
}

function pockets(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint): void {
  const { waist } = trunk.shape;
  for (const side of [-1, 1]) {
    const top = trunk.around(2, side * 0.62 + 0.06, waist + 58, side * 0.9 + 0.06, waist + 50, side * 1.16, waist + 44);
    const low = trunk.around(2, side * 1.16, waist + 58, side * 0.9 + 0.06, waist + 66, side * 0.62 + 0.06, waist + 74);
    const shape = closed(top, low);
    fill(ctx, shape, side < 0 ? paint.outfit.light : paint.outfit.base);
    inked(ctx, paint.outfit.line, 1, [...top], 1.6, () => 1);
    inked(ctx, paint.outfit.line, 1, [...low], 2, () => 1);
  }
}
