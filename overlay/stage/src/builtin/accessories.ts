import { bow } from "./clothes/parts.ts";
import type { FaceShape } from "./faces.ts";
import { blob, closed, ellipse, fill, filled, inked, line, oval, reversed } from "./ink.ts";
import type { Accessory } from "./looks.ts";
import type { Paint } from "./paint.ts";
import { direction, onScalp } from "./scalp.ts";
import type { Turn } from "./space.ts";

/** What an accessory is drawn with. `bounce` is how far what is loose leans, in units; `time` in seconds. */
interface Stage {
  readonly ctx: CanvasRenderingContext2D;
  readonly turn: Turn;
  readonly face: FaceShape;
  readonly paint: Paint;
  readonly bounce: number;
  readonly time: number;
}

function scalp({ turn }: Stage, a: number, b: number, k: number): [number, number, number] {
  turn.at(...onScalp(direction(a, b), k));
  return [turn.x, turn.y, turn.z];
}

/** Draw what lies behind the hair. */
export function drawBehind(stage: Stage, accessory: Accessory): void {
  if (accessory === "ears") ears(stage);
  if (accessory === "feelers") feelers(stage);
}

/** Draw what lies on the hair. */
export function drawUpon(stage: Stage, accessory: Accessory): void {
  if (accessory === "star") star(stage, 62, 62);
  if (accessory === "ribbon") {
    const [x, y] = scalp(stage, 64, 44, 1.13);
    bow(stage.ctx, x, y, 0.95, 0.45 + stage.turn.roll, stage.paint.accent);
  }
  if (accessory === "flower") flower(stage);
  if (accessory === "headphones") headphones(stage);
  if (accessory === "antenna") antenna(stage);
}

/** Draw what lies on the face, under the hair. */
export function drawOnFace(stage: Stage, accessory: Accessory): void {
  if (accessory === "glasses") glasses(stage);
}

function star(stage: Stage, a: number, b: number): void {
  const { ctx, paint, turn } = stage;
  const [x, y] = scalp(stage, a, b, 1.13);
  const points: number[][] = [];
  for (let i = 0; i < 10; i++) {
    const r = i % 2 === 0 ? 15 : 6.6;
    const w = (i * Math.PI) / 5 + 0.25 + turn.roll;
    points.push([x + Math.sin(w) * r * 0.9, y - Math.cos(w) * r]);
  }
  const shape = closed(...points);
  ellipse(ctx, paint.hair.line, 0.45, x + 1.5, y + 3, 13, 12);
  ctx.lineJoin = "round";
  ctx.lineWidth = 4.6;
  ctx.strokeStyle = paint.accent.line;
  ctx.stroke(shape);
  ctx.lineWidth = 1.6;
  ctx.strokeStyle = paint.accent.base;
  ctx.stroke(shape);
  fill(ctx, shape, paint.accent.base);
  filled(ctx, paint.accent.shade, 0.8, [x, y], points[4] ?? [], points[5] ?? [], points[6] ?? []);
  filled(ctx, paint.accent.shade, 0.45, [x, y], points[2] ?? [], points[3] ?? [], points[4] ?? []);
  ellipse(ctx, "#ffffff", 0.9, x - 3, y - 4.5, 2.6, 1.8, -0.6);
}

function flower(stage: Stage): void {
  const { ctx, paint, turn } = stage;
  for (const [a, b, size] of [
    [-66, 66, 1],
    [-82, 52, 0.62],
  ] as const) {
    const [x, y] = scalp(stage, a, b, 1.13);
    ellipse(ctx, paint.hair.line, 0.35, x + 2, y + 4, 20 * size, 18 * size);
    for (let i = 0; i < 6; i++) {
      const w = (i * Math.PI) / 3 + 0.3 + turn.roll;
      const petal = oval(x + Math.sin(w) * 11 * size, y - Math.cos(w) * 11 * size, 8 * size, 11 * size, w);
      fill(ctx, petal, paint.outfit.line);
      ellipse(
        ctx,
        i % 2 ? paint.outfit.light : paint.outfit.base,
        1,
        x + Math.sin(w) * 11 * size,
        y - Math.cos(w) * 11 * size,
        6.9 * size,
        9.8 * size,
        w,
      );
    }
    ellipse(ctx, paint.accent.line, 1, x, y, 6 * size, 6 * size);
    ellipse(ctx, paint.accent.base, 1, x, y, 4.8 * size, 4.8 * size);
  }
  const [x, y] = scalp(stage, -72, 74, 1.16);
  const { bounce } = stage;
  for (const [dx, length] of [
    [-4, 38],
    [5, 50],
  ] as const) {
    const cord = [x + dx, y + 6, x + dx + bounce * 0.3, y + length * 0.5, x + dx + bounce, y + length];
    inked(ctx, paint.accent.shade, 1, cord, 1.8, () => 1);
    for (let i = 1; i <= 3; i++) {
      const t = i / 3;
      ellipse(ctx, paint.accent.line, 1, x + dx + bounce * t * t, y + 6 + (length - 6) * t, 3.4, 3.8);
      ellipse(ctx, paint.accent.base, 1, x + dx + bounce * t * t, y + 6 + (length - 6) * t, 2.5, 2.9);
    }
  }
}

function headphones(stage: Stage): void {
  const { ctx, paint, turn } = stage;
  const arc = (k: number, z: number): number[] => {
    const out: number[] = [];
    for (let i = -6; i <= 6; i++) {
      const w = (i / 6) * 1.72;
      turn.at(Math.sin(w) * 92 * k, -14 - Math.cos(w) * 100 * k, z - 8);
      out.push(turn.x, turn.y);
    }
    return out;
  };
  const outer = arc(1.05, 2);
  const inner = arc(0.975, 6);
  const bandOf = closed(outer, reversed(inner));
  fill(ctx, bandOf, paint.outfit.deep);
  inked(ctx, paint.outfit.light, 1, arc(1.03, 4), 4.4, (t) => 0.4 + 0.6 * Math.sin(Math.PI * t));
  inked(ctx, paint.outfit.line, 1, outer, 2.2, () => 1);
  inked(ctx, paint.outfit.line, 1, inner, 1.8, () => 1);
  for (const side of turn.sin > 0 ? [1, -1] : [-1, 1]) {
    turn.at(side * 88, 20, -8);
    const { x, y } = turn;
    turn.at(side * 98, 20, -8);
    const out = turn.x - x;
    const rx = 13 + Math.max(0, -side * turn.sin) * 18;
    ellipse(ctx, paint.outfit.line, 1, x, y, rx + 4, 27);
    ellipse(ctx, paint.outfit.base, 1, x, y, rx + 2.4, 25.4);
    ellipse(ctx, paint.outfit.line, 1, x + out * 0.8, y, rx + 1, 22);
    ellipse(ctx, paint.accent.base, 1, x + out * 0.8, y, rx - 0.6, 20.4);
    ellipse(ctx, paint.accent.shade, 1, x + out * 0.9, y + 1, Math.max(2, rx - 6), 13);
    ellipse(ctx, paint.accent.light, 1, x + out * 0.8 - rx * 0.3, y - 9, Math.max(1.5, rx * 0.24), 6);
  }
}

/** A small cloud on a spring. */
function antenna(stage: Stage): void {
  const { ctx, paint, bounce, time } = stage;
  const [x, y] = scalp(stage, -62, 26, 1.06);
  const tip = [x - 16 + bounce * 1.4, y - 22 + Math.sin(time * 1.7) * 1.5];
  const [tx = 0, ty = 0] = tip;
  const wire = [x, y + 4, x - 12, y - 6, x - 6 + bounce * 0.4, y - 15, tx, ty];
  inked(ctx, paint.outfit.line, 1, wire, 4, () => 1);
  inked(ctx, paint.accent.base, 1, wire, 1.9, () => 1);
  const puffs = [
    [-13, 3, 9],
    [0, -5, 12],
    [13, 2, 10],
    [2, 5, 9],
  ] as const;
  const border = new Path2D();
  const body = new Path2D();
  for (const [dx, dy, r] of puffs) {
    border.addPath(oval(tx + dx, ty + dy, r + 1.8, r + 1.8));
    body.addPath(oval(tx + dx, ty + dy, r, r));
  }
  fill(ctx, border, paint.outfit.line);
  fill(ctx, body, "#ffffff");
  filled(
    ctx,
    paint.outfit.light,
    0.45,
    [tx - 20, ty + 8, tx - 6, ty + 9, tx + 8, ty + 8, tx + 22, ty + 4],
    [tx + 16, ty + 12, tx, ty + 14, tx - 16, ty + 12],
  );
}

function glasses(stage: Stage): void {
  const { ctx, turn, face, paint } = stage;
  const at = (x: number, y: number): [number, number] => {
    turn.at(...face.tube.front(x, y, 9));
    return [turn.x, turn.y];
  };
  const y = face.eyeY + 3;
  ctx.lineJoin = "round";
  for (const side of [-1, 1]) {
    const c = side * face.eyeX;
    const rim = blob([
      ...at(c - 24, y - 9),
      ...at(c - 16, y - 17),
      ...at(c, y - 19),
      ...at(c + 16, y - 17),
      ...at(c + 24, y - 9),
      ...at(c + 22, y + 10),
      ...at(c + 12, y + 19),
      ...at(c - 12, y + 19),
      ...at(c - 22, y + 10),
    ]);
    fill(ctx, rim, "rgb(225,240,255)", 0.13);
    ctx.lineWidth = 3;
    ctx.strokeStyle = paint.outfit.line;
    ctx.stroke(rim);
    ctx.lineWidth = 1.2;
    ctx.strokeStyle = paint.accent.base;
    ctx.stroke(rim);
    const glare = closed([...at(c - 15, y - 13)], [...at(c - 7, y - 15)], [...at(c - 17, y + 6)], [...at(c - 20, y)]);
    fill(ctx, glare, "#ffffff", 0.5);
    turn.at(side * (face.tube.at(20).a + 2), y - 6, -4);
    const far = side * turn.sin > 0.15;
    if (!far) inked(ctx, paint.outfit.line, 1, [...at(c + side * 24, y - 8), turn.x, turn.y], 2.6, () => 1);
  }
  inked(
    ctx,
    paint.outfit.line,
    1,
    [...at(-face.eyeX + 24, y - 6), ...at(0, y - 10), ...at(face.eyeX - 24, y - 6)],
    2.8,
    () => 1,
  );
}

function ears(stage: Stage): void {
  const { ctx, paint, turn, bounce } = stage;
  for (const side of [-1, 1]) {
    const at = (x: number, y: number, z: number): [number, number] => {
      turn.at(side * x, y, z);
      return [turn.x + (y < -120 ? bounce * 0.4 : 0), turn.y];
    };
    const shape = closed(
      [...at(26, -92, -14), ...at(44, -132, -16), ...at(72, -164, -20)],
      [...at(72, -164, -20), ...at(84, -120, -16), ...at(82, -66, -14)],
    );
    fill(ctx, shape, paint.hair.base);
    filled(
      ctx,
      paint.tip.base,
      1,
      [...at(40, -94, -8), ...at(52, -124, -10), ...at(69, -148, -14)],
      [...at(69, -148, -14), ...at(76, -116, -10), ...at(74, -78, -8)],
    );
    const ink = new Path2D();
    line(ink, [...at(26, -92, -14), ...at(44, -132, -16), ...at(72, -164, -20)], 2.4);
    line(ink, [...at(72, -164, -20), ...at(84, -120, -16), ...at(82, -66, -14)], 2.8);
    fill(ctx, ink, paint.hair.line);
  }
}

/** A moth's feathered antennae. */
function feelers(stage: Stage): void {
  const { ctx, paint, turn, bounce, time } = stage;
  for (const side of [-1, 1]) {
    const spine: number[] = [];
    for (const [x, y] of [
      [22, -84],
      [40, -112],
      [66, -130],
      [98, -136],
      [124, -124],
    ] as const) {
      turn.at(side * x, y, -4);
      const loose = Math.max(0, -y - 90) / 50;
      spine.push(turn.x + bounce * loose + Math.sin(time * 1.3 + side) * loose, turn.y);
    }
    const comb = new Path2D();
    for (let i = 0; i < 13; i++) {
      const t = (i + 0.8) / 13.4;
      const k = Math.min(3, Math.floor(t * 4));
      const f = t * 4 - k;
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = spine.slice(k * 2, k * 2 + 4);
      const [x, y] = [x0 + (x1 - x0) * f, y0 + (y1 - y0) * f];
      const size = 4 + 19 * Math.sin(Math.PI * t ** 0.8);
      const tilt = Math.atan2(y1 - y0, x1 - x0);
      for (const way of [-1, 1]) {
        const w = tilt + way * 0.95;
        line(
          comb,
          [
            x,
            y,
            x + Math.cos(w) * size * 0.6,
            y + Math.sin(w) * size * 0.6 + 1,
            x + Math.cos(w - way * 0.2) * size,
            y + Math.sin(w - way * 0.2) * size,
          ],
          5.4,
          (s) => 1 - s * 0.75,
        );
      }
    }
    fill(ctx, comb, paint.tip.base);
    inked(ctx, paint.tip.line, 1, spine, 5.4, (t) => 1 - 0.6 * t);
    inked(ctx, paint.tip.shade, 1, spine, 3, (t) => 1 - 0.6 * t);
  }
}
