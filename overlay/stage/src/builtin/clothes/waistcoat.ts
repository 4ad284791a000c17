import { closed, fill, line } from "../ink.ts";
import { drapeTrunk, HEM } from "../trunk.ts";
import type { Garment } from "./garment.ts";
import { button, piece, pointedCollar, seams } from "./parts.ts";

/** A waistcoat over a shirt with rolled sleeves, and a tie. */
export const waistcoat: Garment = {
  sleeve: (paint) => ({ cloth: paint.shirt, ease: [4, 4, 4.5], cuff: [paint.shirt, 15] }),
  draw: (ctx, trunk, paint) => {
    const { neckBase: b, waist } = trunk.shape;
    drapeTrunk(ctx, trunk, paint.shirt, paint.rim);
    seams(ctx, trunk, paint.shirt.line, 1.5, 0.5, [-1.05, 168, -1, 230], [1.05, 170, 1, 232]);
    // The front of the waistcoat: two halves with their points.
    for (const side of [1, -1]) {
      const s = (...points: number[]): number[] => points.map((v, i) => (i % 2 === 0 ? v * side + 0.02 : v));
      piece(
        ctx,
        trunk,
        paint.outfit,
        side < 0 ? paint.outfit.base : paint.outfit.shade,
        2.5,
        s(0.72, b + 6, 0.5, 184, 0.02, 252),
        s(0.02, 252, 0.02, waist + 64),
        s(0.02, waist + 64, 0.2, waist + 84),
        s(0.2, waist + 84, 0.9, waist + 62, 1.72, waist + 56),
        s(1.72, waist + 56, 1.6, 250, 1.2, 206, 1.06, 176, 1, b + 26),
        s(1, b + 26, 0.72, b + 6),
      );
      piece(
        ctx,
        trunk,
        paint.outfit,
        side < 0 ? paint.outfit.light : paint.outfit.base,
        4,
        s(0.72, b + 6, 0.5, 184, 0.06, 246),
        s(0.06, 246, 0.36, 214, 0.62, 186),
        s(0.62, 186, 0.5, 178),
        s(0.5, 178, 0.86, 164, 0.86, b + 12),
      );
      piece(
        ctx,
        trunk,
        paint.outfit,
        paint.outfit.light,
        3.5,
        s(0.46, waist + 22, 0.96, waist + 16),
        s(0.96, waist + 16, 0.96, waist + 26),
        s(0.96, waist + 26, 0.46, waist + 32),
        s(0.46, waist + 32, 0.46, waist + 22),
      );
    }
    for (let i = 0; i < 5; i++) {
      const [x = 0, y = 0] = trunk.around(4, -0.06, 266 + i * 28);
      button(ctx, x, y, 4.4, paint.accent);
    }
    // Trousers below.
    const legs = closed(
      trunk.around(2, -1.75, waist + 68, -0.2, waist + 92, 0.02, waist + 72, 0.2, waist + 92, 1.75, waist + 68),
      trunk.around(4, 1.75, HEM, -1.75, HEM),
    );
    fill(ctx, legs, paint.outfit.deep);
    seams(ctx, trunk, paint.outfit.line, 2.4, 1, [0.02, waist + 78, 0.04, HEM]);
    tie(ctx, trunk, paint);
    pointedCollar(ctx, trunk, paint.shirt, 18);
    // A watch's chain across the belly.
    const chain = new Path2D();
    line(chain, trunk.around(5, -0.06, 322, -0.3, 346, -0.52, 344, -0.7, waist + 22), 2.2, () => 1);
    fill(ctx, chain, paint.accent.base);
  },
};

function tie(
  ctx: CanvasRenderingContext2D,
  trunk: Parameters<Garment["draw"]>[1],
  paint: Parameters<Garment["draw"]>[2],
): void {
  const { neckBase: b } = trunk.shape;
  piece(
    ctx,
    trunk,
    paint.accent,
    paint.accent.base,
    3,
    [-0.1, b + 30, -0.2, 230, -0.05, 256],
    [-0.05, 256, 0.24, 232],
    [0.24, 232, 0.12, b + 30],
  );
  piece(
    ctx,
    trunk,
    paint.accent,
    paint.accent.base,
    5,
    [-0.16, b + 12, -0.1, b + 32],
    [-0.1, b + 32, 0.12, b + 32],
    [0.12, b + 32, 0.18, b + 12],
    [0.18, b + 12, -0.16, b + 12],
  );
  const stripes = new Path2D();
  for (const y of [b + 52, b + 72, b + 92]) line(stripes, trunk.around(4, -0.16, y, 0.18, y - 10), 3.6, () => 1);
  fill(ctx, stripes, paint.accent.shade);
}
