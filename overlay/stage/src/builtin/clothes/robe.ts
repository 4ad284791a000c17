import { closed, fill, inked, line } from "../ink.ts";
import { drapeTrunk, HEM } from "../trunk.ts";
import type { Garment } from "./garment.ts";
import { band, opening, piece, pleats } from "./parts.ts";

/** A robe that crosses at the chest, with wide sleeves, a broad sash and a cord. */
export const robe: Garment = {
  sleeve: (paint) => ({ cloth: paint.outfit, ease: [4, 10, 27], cuff: [paint.accent, 7] }),
  draw: (ctx, trunk, paint) => {
    const { waist, neckBase: b } = trunk.shape;
    drapeTrunk(ctx, trunk, paint.outfit, paint.rim);
    pleats(ctx, trunk, paint.outfit, waist + 22, [
      [-1.15, HEM],
      [-0.7, HEM],
      [-0.28, HEM],
      [0.3, HEM],
      [0.72, HEM],
      [1.15, HEM],
    ]);
    opening(ctx, trunk, paint.skin, [-0.8, b - 16, -0.3, 172, 0.1, 214], [0.1, 214, 0.36, 168, 0.82, b - 16]);
    // The lower layers show as narrow edges, and the near collar runs under the far one.
    piece(
      ctx,
      trunk,
      paint.accent,
      paint.accent.light,
      2,
      [-1.12, b + 6, -0.62, 186, 0.02, 250],
      [0.02, 250, 0.24, 226],
      [0.24, 226, -0.4, 172, -0.86, b - 6],
    );
    piece(
      ctx,
      trunk,
      paint.shirt,
      paint.shirt.base,
      2,
      [-0.98, b - 2, -0.36, 176, 0.22, 236],
      [0.22, 236, 0.36, 226],
      [0.36, 226, -0.16, 168, -0.7, b - 8],
    );
    piece(
      ctx,
      trunk,
      paint.shirt,
      paint.shirt.shade,
      2.5,
      [0.7, b - 8, 0.42, 160, 0.06, 206, -0.3, waist - 6],
      [-0.3, waist - 6, -0.12, waist - 2],
      [-0.12, waist - 2, 0.3, 212, 0.62, 172, 0.98, b - 2],
    );
    piece(
      ctx,
      trunk,
      paint.accent,
      paint.accent.base,
      3,
      [0.86, b - 6, 0.56, 166, 0.18, 212, -0.16, waist - 4],
      [-0.16, waist - 4, 0.1, waist + 2],
      [0.1, waist + 2, 0.42, 222, 0.78, 178, 1.12, b + 6],
    );
    band(ctx, trunk, paint.shirt, waist - 18, waist + 30, 3, 3);
    band(ctx, trunk, paint.accent, waist + 1, waist + 9, 3, 4);
    const [x = 0, y = 0] = trunk.around(6, -0.12, waist + 8);
    const cord = new Path2D();
    line(cord, [x, y, x - 6, y + 40, x - 3, y + 84], 4, () => 1);
    line(cord, [x + 2, y, x + 9, y + 34, x + 12, y + 68], 4, () => 1);
    fill(ctx, cord, paint.accent.line);
    const light = new Path2D();
    line(light, [x, y, x - 6, y + 40, x - 3, y + 84], 2.2, () => 1);
    line(light, [x + 2, y, x + 9, y + 34, x + 12, y + 68], 2.2, () => 1);
    fill(ctx, light, paint.accent.base);
    for (const [dx, dy] of [
      [-3, 84],
      [12, 68],
    ] as const) {
      const tassel = closed(
        [x + dx - 2, y + dy, x + dx - 5, y + dy + 12, x + dx - 6, y + dy + 24],
        [x + dx + 6, y + dy + 24, x + dx + 5, y + dy + 12, x + dx + 2, y + dy],
      );
      fill(ctx, tassel, paint.accent.shade);
      inked(ctx, paint.accent.line, 1, [x + dx - 4, y + dy + 4, x + dx + 4, y + dy + 4], 2.4, () => 1);
    }
  },
};
