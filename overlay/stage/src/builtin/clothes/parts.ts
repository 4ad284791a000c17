import { closed, ellipse, fill, filled, inked, inside, line, reversed } from "../ink.ts";
import type { Material } from "../paint.ts";
import type { Trunk } from "../trunk.ts";

/** A round button with its light. */
export function button(ctx: CanvasRenderingContext2D, x: number, y: number, r: number, m: Material): void {
  ellipse(ctx, m.line, 1, x + r * 0.1, y + r * 0.18, r * 1.14, r * 1.14);
  ellipse(ctx, m.base, 1, x, y, r * 0.9, r * 0.9);
  ellipse(ctx, m.shade, 1, x + r * 0.14, y + r * 0.16, r * 0.5, r * 0.5);
  ellipse(ctx, "#ffffff", 0.9, x - r * 0.28, y - r * 0.32, r * 0.28, r * 0.2, -0.6);
}

/** A band around the trunk between two heights; `sag` lets its front hang lower. */
export function band(
  ctx: CanvasRenderingContext2D,
  trunk: Trunk,
  m: Material,
  from: number,
  to: number,
  sag = 3,
  off = 2.5,
): void {
  const row = (y: number): number[] =>
    trunk.around(off, -1.75, y - sag, -1.1, y, -0.5, y + sag, 0, y + sag * 1.4, 0.5, y + sag, 1.1, y, 1.75, y - sag);
  const top = row(from);
  const low = row(to);
  const shape = closed(top, reversed(low));
  fill(ctx, shape, m.base);
  inside(ctx, shape, () => {
    filled(
      ctx,
      m.shade,
      1,
      trunk.around(off, 0.62, from - 8, 0.7, to + 8),
      trunk.around(off, 1.8, to + 8, 1.8, from - 8),
    );
  });
  inked(ctx, m.line, 1, top, 1.6, () => 1);
  inked(ctx, m.line, 1, low, 2, () => 1);
}

/** What shows in an opening at the neck: `u, y` down the left edge to the bottom, and up the right one. */
export function opening(
  ctx: CanvasRenderingContext2D,
  trunk: Trunk,
  m: Material,
  left: readonly number[],
  right: readonly number[],
): void {
  filled(ctx, m.base, 1, trunk.around(1, ...left), trunk.around(1, ...right));
  const inner: number[] = [];
  for (let i = 0; i < right.length; i += 2) inner.push((right[i] ?? 0) * 0.55, right[i + 1] ?? 0);
  filled(ctx, m.shade, 0.8, trunk.around(1, ...right), reversed(trunk.around(1, ...inner)));
}

/** A flat piece on the trunk with its shadow and line; pieces are lists `u, y`. */
export function piece(
  ctx: CanvasRenderingContext2D,
  trunk: Trunk,
  m: Material,
  style: string,
  off: number,
  ...parts: readonly (readonly number[])[]
): void {
  const placed = parts.map((part) => trunk.around(off, ...part));
  const shape = closed(...placed);
  ctx.translate(2, 3.5);
  fill(ctx, shape, m.deep, 0.6);
  ctx.translate(-2, -3.5);
  fill(ctx, shape, style);
  const ink = new Path2D();
  for (const part of placed) line(ink, part, 1.9, (t) => 0.6 + 0.4 * Math.sin(Math.PI * t));
  fill(ctx, ink, m.line);
}

/** Folds that run down from a seam: `u` and the height at which each ends. */
export function pleats(
  ctx: CanvasRenderingContext2D,
  trunk: Trunk,
  m: Material,
  from: number,
  list: readonly (readonly [number, number])[],
  flare = 0.92,
): void {
  const folds = new Path2D();
  for (const [u, y] of list) {
    const [x0 = 0, y0 = 0] = trunk.around(1, u * flare, from);
    const [x1 = 0, y1 = 0] = trunk.around(1, u - 0.05, y);
    const [x2 = 0, y2 = 0] = trunk.around(1, u + 0.13, y);
    folds.moveTo(x0, y0);
    folds.quadraticCurveTo((x0 + x1) / 2 - 3, (y0 + y1) / 2, x1, y1);
    folds.lineTo(x2, y2);
    folds.closePath();
  }
  fill(ctx, folds, m.shade, 0.75);
}

/** Lines on the cloth: each a list `u, y`. */
export function seams(
  ctx: CanvasRenderingContext2D,
  trunk: Trunk,
  colour: string,
  width: number,
  alpha: number,
  ...list: readonly (readonly number[])[]
): void {
  const ink = new Path2D();
  for (const points of list) line(ink, trunk.around(1.2, ...points), width);
  fill(ctx, ink, colour, alpha);
}

/** A ribbon's bow around a knot, in the picture; `size` 1 is about 60 wide. */
export function bow(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  size: number,
  tilt: number,
  m: Material,
  tails = true,
): void {
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(tilt);
  ctx.scale(size, size);
  const both = (draw: (side: number) => void): void => {
    draw(-1);
    draw(1);
  };
  if (tails) {
    both((s) => {
      const shape = closed([s * 2, 2, s * 9, 16, s * 14, 34], [s * 20, 27, s * 26, 31], [s * 17, 13, s * 6, 0]);
      fill(ctx, shape, m.line);
      ctx.scale(0.94, 0.96);
      fill(ctx, shape, s < 0 ? m.base : m.shade);
      ctx.scale(1 / 0.94, 1 / 0.96);
    });
  }
  both((s) => {
    const edge = [s * 3, -3, s * 14, -15, s * 27, -15, s * 32, -4, s * 28, 9, s * 14, 11, s * 3, 4];
    filled(ctx, m.base, 1, edge);
    filled(ctx, m.shade, 1, [s * 5, 2, s * 18, 3, s * 31, -1], [s * 28, 9, s * 14, 11, s * 4, 4]);
    filled(ctx, m.deep, 0.6, [s * 4, -1, s * 12, -5, s * 19, -6], [s * 12, -1.5, s * 5, 1]);
    inked(ctx, m.line, 1, [...edge, s * 3, -3], 1.7, () => 1);
  });
  ellipse(ctx, m.line, 1, 0, 0.4, 6.6, 7);
  ellipse(ctx, m.base, 1, 0, 0, 5.4, 5.9);
  ellipse(ctx, m.light, 1, -1.4, -1.8, 2, 1.8);
  ctx.restore();
}

/** A turned-down collar of two points. */
export function pointedCollar(ctx: CanvasRenderingContext2D, trunk: Trunk, m: Material, reach: number): void {
  const b = trunk.shape.neckBase;
  for (const side of [-1, 1]) {
    const s = (...points: number[]): number[] => points.map((v, i) => (i % 2 === 0 ? v * side : v));
    piece(
      ctx,
      trunk,
      m,
      side < 0 ? m.base : m.shade,
      5,
      s(0.66, b - 12, 0.3, b + 2, 0.03, b + 14),
      s(0.03, b + 14, 0.2, b + 14 + reach * 0.6, 0.42, b + 14 + reach),
      s(0.42, b + 14 + reach, 0.62, b + 12, 0.78, b - 2, 0.66, b - 12),
    );
  }
}
