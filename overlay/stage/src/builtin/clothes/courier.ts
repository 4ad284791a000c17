import { closed, fill, filled, inked, inside, line, oval, reversed } from "../ink.ts";
import type { Paint } from "../paint.ts";
import { drapeTrunk, HEM, type Trunk } from "../trunk.ts";
import type { Garment } from "./garment.ts";
import { band, bow, piece, pleats, seams } from "./parts.ts";

/** A sky courier's uniform: a blouse under a short cape, a pleated skirt, and the strap of a bag. */
export const courier: Garment = {
  sleeve: (paint) => ({ cloth: paint.shirt, ease: [5, 5.5, 7], cuff: [paint.outfit, 10], trim: paint.accent }),
  draw: (ctx, trunk, paint) => {
    const { waist } = trunk.shape;
    drapeTrunk(ctx, trunk, paint.shirt, paint.rim);
    seams(
      ctx,
      trunk,
      paint.shirt.line,
      1.5,
      0.5,
      [-0.5, 200, -0.42, waist - 6],
      [0.52, 204, 0.44, waist - 6],
      [0.02, 190, 0, waist],
    );
    skirt(ctx, trunk, paint);
    band(ctx, trunk, paint.outfit, waist - 4, waist + 16);
  },
  over: (ctx, trunk, paint) => {
    cape(ctx, trunk, paint);
  },
};

function skirt(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint): void {
  const { waist } = trunk.shape;
  const { left, right } = trunk;
  const cut = (side: readonly number[]): number[] => {
    const out: number[] = [];
    for (let i = 0; i < side.length; i += 2)
      if ((side[i + 1] ?? 0) > waist - 2) out.push(side[i] ?? 0, side[i + 1] ?? 0);
    return out;
  };
  const l = cut(left);
  const r = cut(right);
  const shape = closed(l, reversed(r));
  fill(ctx, shape, paint.outfit.base);
  inside(ctx, shape, () => {
    filled(
      ctx,
      paint.outfit.shade,
      0.8,
      trunk.around(2, 0.66, waist, 0.7, 330, 0.6, HEM),
      trunk.around(6, 1.9, HEM, 1.9, waist),
    );
    pleats(
      ctx,
      trunk,
      paint.outfit,
      waist + 12,
      [
        [-1.2, HEM],
        [-0.85, HEM],
        [-0.5, HEM],
        [-0.16, HEM],
        [0.18, HEM],
        [0.52, HEM],
        [0.88, HEM],
        [1.2, HEM],
      ],
      0.86,
    );
    const hem = trunk.around(1, -1.8, 446, -1.1, 452, -0.5, 456, 0, 458, 0.5, 456, 1.1, 452, 1.8, 446);
    inked(ctx, paint.accent.base, 1, hem, 5, () => 1);
  });
  inked(ctx, paint.outfit.line, 1, l, 2.2, () => 1);
  inked(ctx, paint.outfit.line, 1, r, 2.6, () => 1);
}

/** The cape lies over both shoulders and the upper arms. */
function cape(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint): void {
  const { shape, turn } = trunk;
  const b = shape.neckBase;
  const [sx, sy] = shape.shoulder;
  const at = (x: number, y: number, z: number): [number, number] => {
    turn.at(x, y, z);
    return [turn.x, turn.y];
  };
  const hem = [
    ...at(-sx - 32, sy + 48, -4),
    ...at(-sx + 2, sy + 67, 34),
    ...at(-34, sy + 62, 54),
    ...at(0, sy + 50, 60),
    ...at(34, sy + 62, 54),
    ...at(sx - 2, sy + 67, 34),
    ...at(sx + 32, sy + 48, -4),
  ];
  const right = [
    ...at(sx + 32, sy + 48, -4),
    ...at(sx + 23, sy + 6, -4),
    ...at(sx - 8, sy - 22, -4),
    ...at(shape.neck + 6, b - 6, -6),
  ];
  const left = [
    ...at(-shape.neck - 6, b - 6, -6),
    ...at(-sx + 8, sy - 22, -4),
    ...at(-sx - 23, sy + 6, -4),
    ...at(-sx - 32, sy + 48, -4),
  ];
  const top = [
    ...at(shape.neck + 6, b - 6, -6),
    ...at(10, b + 12, 22),
    ...at(0, b + 16, 26),
    ...at(-10, b + 12, 22),
    ...at(-shape.neck - 6, b - 6, -6),
  ];
  const cloth = closed(hem, right, top, left);
  ctx.translate(2, 7);
  fill(ctx, cloth, paint.shirt.deep, 0.35);
  ctx.translate(-2, -7);
  fill(ctx, cloth, paint.outfit.base);
  inside(ctx, cloth, () => {
    filled(
      ctx,
      paint.outfit.shade,
      0.85,
      [...at(sx - 24, sy - 30, 10), ...at(sx - 10, sy + 10, 30), ...at(sx - 22, sy + 80, 34)],
      [...at(sx + 50, sy + 70, 0), ...at(sx + 40, sy - 30, 0)],
    );
    const folds = new Path2D();
    for (const [x, y] of [
      [-66, 62],
      [-40, 66],
      [24, 64],
      [52, 66],
      [84, 54],
    ] as const) {
      const from = at(x * 0.6, sy + 8, 40);
      const to = at(x, sy + y, 46);
      line(folds, [...from, (from[0] + to[0]) / 2 + 2, (from[1] + to[1]) / 2, ...to], 4.5, (t) => t ** 1.4);
    }
    fill(ctx, folds, paint.outfit.shade);
    ctx.translate(0, -6);
    inked(ctx, paint.accent.base, 1, hem, 3, () => 1);
    ctx.translate(0, 6);
    filled(ctx, paint.outfit.deep, 0.4, [
      ...at(-40, b - 10, 10),
      ...at(-28, b + 20, 30),
      ...at(6, b + 26, 34),
      ...at(34, b + 16, 20),
      ...at(40, b - 14, 10),
    ]);
  });
  const ink = new Path2D();
  for (const part of [hem, right, left]) line(ink, part, 2.3, (t) => 0.6 + 0.4 * Math.sin(Math.PI * t));
  fill(ctx, ink, paint.outfit.line);
  for (const side of [-1, 1]) {
    const s = (...points: number[]): number[] => points.map((v, i) => (i % 2 === 0 ? v * side : v));
    piece(
      ctx,
      trunk,
      paint.shirt,
      side < 0 ? paint.shirt.base : paint.shirt.shade,
      8,
      s(0.62, b - 12, 0.3, b + 2, 0.02, b + 14),
      s(0.02, b + 14, 0.5, b + 40),
      s(0.5, b + 40, 0.8, b + 14, 0.78, b - 4, 0.62, b - 12),
    );
  }
  const [x, y] = at(0, b + 20, 40);
  bow(ctx, x, y, 0.86, -0.04, paint.accent);
  // The badge of the sky's post: a cloud.
  const [cx, cy] = at(-52, sy + 26, 46);
  const cloud = new Path2D();
  for (const [dx, dy, r] of [
    [-6, 2, 5],
    [0, -2, 6.6],
    [6.5, 1.6, 5.2],
  ] as const)
    cloud.addPath(oval(cx + dx, cy + dy, r + 1.3, r + 1.3));
  fill(ctx, cloud, paint.accent.line);
  const white = new Path2D();
  for (const [dx, dy, r] of [
    [-6, 2, 5],
    [0, -2, 6.6],
    [6.5, 1.6, 5.2],
  ] as const)
    white.addPath(oval(cx + dx, cy + dy, r, r));
  fill(ctx, white, "#ffffff");
}
