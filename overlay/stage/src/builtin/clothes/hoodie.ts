import { blob, closed, ellipse, fill, filled, inked, inside, line, stroke } from "../ink.ts";
import { drapeTrunk } from "../trunk.ts";
import type { Garment } from "./garment.ts";
import { band, opening, piece, seams } from "./parts.ts";

/** A hooded jacket over a shirt: the hood on the back, cords, a zip, stripes and a pocket. */
export const hoodie: Garment = {
  sleeve: (paint) => ({ cloth: paint.outfit, ease: [6, 7, 7], cuff: [paint.accent, 12] }),
  behind: (ctx, trunk, paint) => {
    const { turn, shape } = trunk;
    const b = shape.neckBase;
    const at = (x: number, y: number, z: number): [number, number] => {
      turn.at(x, y, z);
      return [turn.x, turn.y];
    };
    const hood = blob([
      ...at(-62, b + 16, -30),
      ...at(-66, b - 22, -40),
      ...at(-40, b - 46, -46),
      ...at(0, b - 52, -50),
      ...at(40, b - 46, -46),
      ...at(66, b - 22, -40),
      ...at(62, b + 16, -30),
      ...at(0, b + 40, -20),
    ]);
    fill(ctx, hood, paint.outfit.line);
    ctx.save();
    ctx.translate(0, 2);
    fill(ctx, hood, paint.outfit.deep);
    ctx.restore();
  },
  draw: (ctx, trunk, paint) => {
    const { neckBase: b } = trunk.shape;
    drapeTrunk(ctx, trunk, paint.outfit, paint.rim);
    opening(ctx, trunk, paint.shirt, [-0.5, b + 4, -0.34, 200, -0.14, 250], [0.12, 250, 0.36, 200, 0.54, b + 6]);
    // A neckline of the shirt.
    seams(ctx, trunk, paint.shirt.line, 2.2, 0.8, [-0.46, b + 2, -0.2, b + 24, 0.05, b + 29, 0.28, b + 24, 0.5, b + 4]);
    // The motif: a bolt.
    const [mx = 0, my = 0] = trunk.around(2, 0, 206);
    filled(
      ctx,
      paint.accent.base,
      1,
      [mx + 2, my - 20],
      [mx - 11, my + 3],
      [mx - 1, my + 3],
      [mx - 5, my + 20],
      [mx + 11, my - 5],
      [mx + 1, my - 5],
      [mx + 7, my - 20],
    );
    seams(ctx, trunk, paint.outfit.line, 2.4, 0.9, [-0.02, 246, 0, 320, 0.02, 430]);
    seams(ctx, trunk, paint.accent.base, 1.8, 1, [0.03, 250, 0.05, 320, 0.07, 430]);
    band(ctx, trunk, paint.outfit, 436, 476, 4, 1);
    seams(ctx, trunk, paint.outfit.line, 1.6, 0.7, [-0.95, 170, -1, 214], [0.98, 172, 1.02, 214]);
  },
  over: (ctx, trunk, paint) => {
    const { turn, shape } = trunk;
    const b = shape.neckBase;
    const at = (x: number, y: number, z: number): [number, number] => {
      turn.at(x, y, z);
      return [turn.x, turn.y];
    };
    // Pockets.
    for (const side of [-1, 1]) {
      const s = (...points: number[]): number[] => points.map((v, i) => (i % 2 === 0 ? v * side : v));
      piece(
        ctx,
        trunk,
        paint.outfit,
        side < 0 ? paint.outfit.light : paint.outfit.base,
        2,
        s(0.16, 352, 0.6, 350),
        s(0.6, 350, 0.98, 392),
        s(0.98, 392, 1, 424),
        s(1, 424, 0.16, 430),
        s(0.16, 430, 0.16, 352),
      );
    }
    // The hood's edge lies around the neck like a scarf.
    for (const side of [-1, 1]) {
      const n = shape.neck;
      const shapeOf = closed(
        [
          ...at(side * (n + 4), b - 22, -22),
          ...at(side * (n + 20), b - 12, -12),
          ...at(side * (n + 26), b + 10, 8),
          ...at(side * (n + 8), b + 40, 34),
          ...at(side * 12, b + 66, 44),
        ],
        [
          ...at(side * 9, b + 46, 42),
          ...at(side * n * 0.7, b + 18, 28),
          ...at(side * (n - 1), b - 4, 4),
          ...at(side * (n + 4), b - 22, -22),
        ],
      );
      ctx.translate(2, 5);
      fill(ctx, shapeOf, paint.outfit.deep, 0.6);
      ctx.translate(-2, -5);
      fill(ctx, shapeOf, side < 0 ? paint.outfit.light : paint.outfit.base);
      inside(ctx, shapeOf, () => {
        inked(
          ctx,
          paint.outfit.shade,
          1,
          [
            ...at(side * n, b - 20, -20),
            ...at(side * (n + 4), b + 2, 8),
            ...at(side * n * 0.8, b + 22, 30),
            ...at(side * 10, b + 52, 44),
          ],
          9,
          () => 1,
        );
      });
      const ink = new Path2D();
      line(
        ink,
        [
          ...at(side * (n + 4), b - 22, -22),
          ...at(side * (n + 20), b - 12, -12),
          ...at(side * (n + 26), b + 10, 8),
          ...at(side * (n + 8), b + 40, 34),
          ...at(side * 12, b + 66, 44),
        ],
        2.4,
      );
      line(ink, [...at(side * 9, b + 46, 42), ...at(side * n * 0.7, b + 18, 28), ...at(side * (n - 1), b - 4, 4)], 2);
      fill(ctx, ink, paint.outfit.line);
      const [x, y] = at(side * 15, b + 52, 46);
      const cord = stroke([x, y, x - side * 3, y + 22, x + side * 2, y + 46 + side * 4], 3.2, () => 1);
      fill(ctx, cord, paint.shirt.base);
      ellipse(ctx, paint.accent.base, 1, x + side * 2, y + 49 + side * 4, 2.9, 5.4);
      ellipse(ctx, paint.accent.line, 1, x, y, 3.4, 3.4);
    }
  },
};
