import { blob, closed, fill, filled, inked, inside, line, reversed } from "../ink.ts";
import type { Paint } from "../paint.ts";
import { drapeTrunk, type Trunk } from "../trunk.ts";
import type { Garment } from "./garment.ts";

/** A lamp moth's own coat: a collar of down, a pale belly, and wings behind. */
export const fur: Garment = {
  sleeve: (paint) => ({ cloth: paint.hair, ease: [3, 3, 2], cuff: [paint.hair, 0] }),
  behind: (ctx, trunk, paint) => {
    wing(ctx, trunk, paint, -1);
    wing(ctx, trunk, paint, 1);
  },
  draw: (ctx, trunk, paint) => {
    drapeTrunk(ctx, trunk, paint.hair, paint.rim);
    inside(ctx, trunk.path, () => {
      fill(
        ctx,
        blob(
          trunk.around(
            1,
            -0.7,
            190,
            -0.85,
            270,
            -0.75,
            360,
            -0.3,
            420,
            0.3,
            420,
            0.72,
            360,
            0.8,
            270,
            0.66,
            190,
            0,
            150,
          ),
        ),
        paint.shirt.base,
      );
      const marks = new Path2D();
      for (const [u, y] of [
        [-0.3, 250],
        [0.1, 270],
        [0.4, 250],
        [-0.2, 320],
        [0.24, 330],
        [-0.42, 290],
        [0.5, 306],
      ] as const) {
        line(marks, trunk.around(1.5, u - 0.07, y - 5, u, y + 3, u + 0.07, y - 5), 2.6);
      }
      fill(ctx, marks, paint.shirt.shade);
    });
    down(ctx, trunk, paint);
  },
};

/** The collar: two rows of tufts around the neck. */
function down(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint): void {
  for (const [top, length, from] of [
    [128, 62, 0],
    [108, 54, 0.5],
  ] as const) {
    for (let i = 0; i < 9; i++) {
      const u = -1.5 + (3 * (i + (from ? 0.5 : 0))) / (from ? 9 : 8);
      if (u > 1.55) continue;
      const a = trunk.around(
        16,
        u - 0.28,
        top,
        u - 0.2,
        top + length * 0.5,
        u * 1.04,
        top + length * (1 - Math.abs(u) * 0.14),
      );
      const b = trunk.around(
        16,
        u * 1.04,
        top + length * (1 - Math.abs(u) * 0.14),
        u + 0.22,
        top + length * 0.5,
        u + 0.28,
        top,
      );
      filled(ctx, i % 2 ? paint.shirt.base : paint.shirt.light, 1, a, b);
      filled(
        ctx,
        paint.shirt.shade,
        0.7,
        b,
        reversed(trunk.around(16, u * 1.04, top + length * 0.9, u + 0.08, top + length * 0.5, u + 0.1, top)),
      );
      const ink = new Path2D();
      line(ink, [...a, ...b.slice(2)], 1.9, (t) => Math.sin(Math.PI * t));
      fill(ctx, ink, paint.shirt.line);
    }
  }
}

function wing(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint, side: number): void {
  const at = (...points: number[]): number[] => {
    const out: number[] = [];
    for (let i = 0; i < points.length; i += 2) {
      trunk.turn.at(side * (points[i] ?? 0), points[i + 1] ?? 0, -60);
      out.push(trunk.turn.x, trunk.turn.y);
    }
    return out;
  };
  const lower = closed(at(60, 230, 130, 250, 186, 310, 196, 372, 160, 420, 110, 410, 70, 340));
  const upper = closed(
    at(50, 150, 110, 80, 190, 40, 244, 52),
    at(244, 52, 250, 110, 232, 170, 240, 210, 206, 250, 130, 268, 60, 240),
  );
  for (const [shape, colour] of [
    [lower, paint.outfit.shade],
    [upper, paint.outfit.base],
  ] as const) {
    fill(ctx, shape, colour);
    ctx.lineWidth = 2.4;
    ctx.strokeStyle = paint.outfit.line;
    ctx.stroke(shape);
  }
  inside(ctx, upper, () => {
    inked(ctx, paint.tip.base, 1, at(240, 40, 236, 110, 216, 170, 222, 230), 16, () => 1);
    fill(ctx, blob(at(140, 120, 168, 108, 188, 126, 180, 152, 154, 160, 136, 146)), paint.accent.line);
    fill(ctx, blob(at(145, 124, 167, 114, 182, 128, 176, 148, 154, 154, 141, 144)), paint.accent.base);
    fill(ctx, blob(at(154, 128, 166, 124, 172, 133, 166, 143, 155, 142)), paint.lash);
    const veins = new Path2D();
    line(veins, at(70, 190, 140, 184, 220, 200), 2.2);
    line(veins, at(66, 170, 120, 110, 200, 64), 2.2);
    fill(ctx, veins, paint.outfit.line, 0.5);
  });
  inside(ctx, lower, () => {
    inked(ctx, paint.tip.shade, 1, at(190, 310, 190, 372, 150, 414, 100, 406), 14, () => 1);
  });
}
