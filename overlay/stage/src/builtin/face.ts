import { css } from "../avatar/colour.ts";
import type { Pose } from "../avatar/pose.ts";
import type { FaceShape } from "./faces.ts";
import { closed, ellipse, fill, filled, inked, inside, LENS, line, reversed } from "./ink.ts";
import type { Paint } from "./paint.ts";
import { lerp, type Turn } from "./space.ts";

/** Where the outline of the face begins, above the hairline. */
const TOP = -62;
/** Rows of the outline between the temple and the chin. */
const ROWS = [TOP, -36, -10, 8, 24, 38, 50, 61, 71, 80, 88, 94] as const;

/** The turned outline: the viewer's left side from the top to the chin, and the right side from the chin to the top. */
export interface Outline {
  readonly path: Path2D;
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/** How far the outline of the far side is drawn in at the eye's socket and out at the cheek, as painters have it. */
function profile(t: number): number {
  return -5.5 * Math.exp(-(((t - 0.43) / 0.13) ** 2)) + 2.2 * Math.exp(-(((t - 0.66) / 0.13) ** 2));
}

/** Find the outline of the turned face; `puff` blows the cheeks up. */
export function outlineOf(turn: Turn, face: FaceShape, puff = 0): Outline {
  const sides = ([-1, 1] as const).map((side) => {
    const points: number[] = [];
    // The far side of a turned face shows its profile.
    const far = Math.max(0, side * turn.sin) * 2.2;
    for (const row of ROWS) {
      const y = row > 0 ? (row * face.chin) / 100 : row;
      const [px, , pz] = face.tube.edge(turn, y, side);
      const out = 8 * puff * Math.exp(-(((y / face.chin - 0.62) / 0.22) ** 2));
      turn.at(px + side * (far * profile((y - TOP) / (face.chin - TOP)) + out), y, pz);
      points.push(turn.x, turn.y);
    }
    return points;
  });
  const [left = [], right = []] = sides;
  turn.at(0, face.chin, face.tube.at(face.chin).z + 3);
  const down = [...left, turn.x, turn.y];
  const up = [turn.x, turn.y, ...reversed(right)];
  const round = [...left, turn.x, turn.y, ...reversed(right)];
  // The chin is no corner: one smooth line from temple to temple.
  return { path: closed(round), left: down, right: up };
}

/** An ear of people, as far as the hair lets it be seen. */
export function drawEar(ctx: CanvasRenderingContext2D, turn: Turn, face: FaceShape, paint: Paint, side: 1 | -1): void {
  const { a } = face.tube.at(34);
  const at = (u: number, v: number, z: number): [number, number] => {
    turn.at(side * (a - 4 + u * 0.8), 33 + v * 0.86, z - 10);
    return [turn.x, turn.y];
  };
  const shape = closed([
    ...at(0, -14, 2),
    ...at(8, -21, -4),
    ...at(14, -14, -10),
    ...at(12, 2, -9),
    ...at(8, 14, -4),
    ...at(2, 18, 1),
  ]);
  fill(ctx, shape, paint.skin.base);
  filled(ctx, paint.skin.shade, 1, [...at(3, -9, 1), ...at(8, -14, -4), ...at(9, -4, -6), ...at(5, 8, -2)]);
  inked(
    ctx,
    paint.skin.line,
    1,
    [...at(0, -14, 2), ...at(8, -21, -4), ...at(14, -14, -10), ...at(12, 2, -9), ...at(8, 14, -4), ...at(2, 18, 1)],
    2.4,
  );
}

/** Fill the face with its light and shade; `shadows` are what hair throws on it, already moved. */
export function drawFace(
  ctx: CanvasRenderingContext2D,
  turn: Turn,
  face: FaceShape,
  paint: Paint,
  pose: Pose,
  outline: Outline,
  shadow: Path2D,
): void {
  fill(ctx, outline.path, paint.skin.base);
  inside(ctx, outline.path, () => {
    shadeCheek(ctx, turn, face, paint);
    drawBlush(ctx, turn, face, paint, pose);
    fill(ctx, shadow, paint.skin.shade, 0.9);
  });
  const ink = new Path2D();
  const whole = [...outline.left.slice(4), ...outline.right.slice(2, -4)];
  line(ink, whole, 2.6, (t) => 0.45 + 0.55 * Math.sin(Math.PI * Math.min(1, Math.max(0, t * 1.1 - 0.05))) ** 2);
  fill(ctx, ink, paint.skin.line);
}

/** The side away from the light, from the temple down to under the chin. */
function shadeCheek(ctx: CanvasRenderingContext2D, turn: Turn, face: FaceShape, paint: Paint): void {
  const { chin } = face;
  const edge: number[] = [];
  const inner: number[] = [];
  for (const t of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    const y = lerp(10, chin + 2, t);
    const [px, , pz] = face.tube.edge(turn, Math.min(y, chin), 1, 3);
    turn.at(px, y, pz);
    edge.push(turn.x + 3, turn.y);
    const { a } = face.tube.at(Math.min(y, chin));
    const x = a * (0.97 - 0.12 * Math.sin(Math.PI * Math.min(1, t * 1.1)) - 0.3 * t ** 4) - 1;
    turn.at(...face.tube.front(x, Math.min(y, chin)));
    inner.push(turn.x, turn.y);
  }
  turn.at(-8, chin + 3, face.tube.at(chin).z);
  filled(ctx, paint.skin.shade, 0.42, edge, [turn.x, turn.y], reversed(inner));
}

function glow(
  ctx: CanvasRenderingContext2D,
  paint: Paint,
  x: number,
  y: number,
  rx: number,
  ry: number,
  strength: number,
): void {
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(1, ry / rx);
  const blush = ctx.createRadialGradient(0, 0, 0, 0, 0, rx);
  blush.addColorStop(0, css(paint.blush, Math.min(1, strength)));
  blush.addColorStop(0.55, css(paint.blush, Math.min(1, strength * 0.5)));
  blush.addColorStop(1, css(paint.blush, 0));
  ctx.fillStyle = blush;
  ctx.fillRect(-rx, -rx, 2 * rx, 2 * rx);
  ctx.restore();
}

function drawBlush(ctx: CanvasRenderingContext2D, turn: Turn, face: FaceShape, paint: Paint, pose: Pose): void {
  const cheek = Math.min(1, pose.ParamCheek);
  for (const side of [-1, 1]) {
    const y = face.eyeY + 27;
    turn.at(...face.tube.front(side * (face.eyeX + 9), y, 1));
    const { x, y: cy } = turn;
    turn.at(...face.tube.front(side * (face.eyeX + 19), y, 1));
    const narrow = Math.min(1.1, Math.max(0.5, Math.abs(turn.x - x) / 10 + 0.15));
    glow(ctx, paint, x, cy, 21 * narrow, 12, 0.2 + 0.6 * cheek);
    if (cheek > 0.55) {
      const marks = new Path2D();
      for (let i = -1; i <= 1; i++) {
        const dx = i * 6.5 * narrow;
        line(marks, [x + dx + 2.4, cy - 3.6, x + dx - 2.4, cy + 3.6], 1.7, LENS);
      }
      fill(ctx, marks, paint.lip, (cheek - 0.55) * 1.5);
    }
  }
  if (pose.ParamFlush > 0.02) {
    turn.at(...face.tube.front(0, face.noseY - 4, 0));
    glow(ctx, paint, turn.x, turn.y, 66, 20, 0.55 * pose.ParamFlush);
  }
}

/** A nose is a shade, a line and a point of light. */
export function drawNose(ctx: CanvasRenderingContext2D, turn: Turn, face: FaceShape, paint: Paint): void {
  const { z } = turn.at(...face.tube.front(0, face.noseY, 0));
  void z;
  const s = face.nose;
  const at = (x: number, y: number, out: number): [number, number] => {
    turn.at(...face.tube.front(x, face.noseY + y, out));
    return [turn.x, turn.y];
  };
  // The bridge is seen on the side to which the face turns.
  const side = turn.sin > 0.12 ? 1 : turn.sin < -0.12 ? -1 : 1;
  const turned = Math.min(1, Math.abs(turn.sin) * 2.4);
  filled(ctx, paint.skin.shade, 1, [
    ...at(side * 1.2 * s, -4.5 * s, 8 * s),
    ...at(side * 3.4 * s, 1.5 * s, 5 * s),
    ...at(-0.8, 2.6 * s, 7 * s),
  ]);
  const ink = new Path2D();
  line(
    ink,
    [
      ...at(0.4 * side, -4.8 * s - 5 * turned, 7.5 * s),
      ...at(side * 1.6 * s, -0.8 * s, 9.5 * s),
      ...at(-side * 0.8, 2 * s, 8 * s),
    ],
    1.9,
    (t) => 0.15 + t * 0.85,
  );
  fill(ctx, ink, paint.skin.line, 0.85);
  const [hx, hy] = at(-side * 1.1, -5.5 * s, 9 * s);
  ellipse(ctx, paint.skin.light, 1, hx, hy, 1.2, 1.7, 0.2);
}

/** One brow each; `alpha` below 1 lets them shine through the fringe. */
export function drawBrows(
  ctx: CanvasRenderingContext2D,
  turn: Turn,
  face: FaceShape,
  paint: Paint,
  pose: Pose,
  alpha: number,
): void {
  const brows = [
    [-1, pose.ParamBrowRY, pose.ParamBrowRAngle, pose.ParamBrowRForm],
    [1, pose.ParamBrowLY, pose.ParamBrowLAngle, pose.ParamBrowLForm],
  ] as const;
  const ink = new Path2D();
  const clear = new Path2D();
  for (const [side, lift, angle, form] of brows) {
    const at = (u: number, v: number): [number, number] => {
      const tilt = angle * u * 0.42;
      turn.at(...face.tube.front(side * (face.eyeX + u), face.browY - lift * 8.5 + v + tilt + angle * -1.5, 2));
      return [turn.x, turn.y];
    };
    const arch = 3.6 + 2.6 * form;
    const spine = [...at(-18, 2.4), ...at(-9, -arch * 0.55), ...at(2, -arch), ...at(12, -arch * 0.55), ...at(21, 3.4)];
    line(ink, spine, 4.4 * face.brow, (t) => (t < 0.35 ? 0.55 + 1.3 * t : 1) * (1 - t) ** 0.55 + 0.04);
    if (alpha < 1) line(clear, spine, 4.4 * face.brow + 3, (t) => 0.55 + 0.45 * Math.sin(Math.PI * t));
  }
  // Over the fringe they have an edge of lit hair: dark brows on dark hair tell nothing.
  if (alpha < 1) fill(ctx, clear, paint.browEdge, 0.6);
  fill(ctx, ink, paint.brow, alpha);
}
