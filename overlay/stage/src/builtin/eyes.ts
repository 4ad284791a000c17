import { css, lighten, mix, type Rgb } from "../avatar/colour.ts";
import type { Pose } from "../avatar/pose.ts";
import { clamp, smoothstep } from "../avatar/spring.ts";
import type { EyeShape, FaceShape, Lid } from "./faces.ts";
import { beside, closed, dense, fill, filled, inked, inside, line, oval, reversed } from "./ink.ts";
import type { Paint } from "./paint.ts";
import { lerp, type Turn } from "./space.ts";

/** One eye as the pose has it. */
interface Eye {
  readonly side: 1 | -1;
  readonly open: number;
  readonly smile: number;
  /** Slant of the lids with the brow: 1 droops outside, -1 inside. */
  readonly slant: number;
}

const PUPIL_INK: Rgb = [30, 16, 34];
const WHITE: Rgb = [255, 253, 252];

/** Both eyes as the pose has them. */
export function eyesOf(pose: Pose): [Eye, Eye] {
  return [
    { side: -1, open: pose.ParamEyeROpen, smile: pose.ParamEyeRSmile, slant: pose.ParamBrowRAngle },
    { side: 1, open: pose.ParamEyeLOpen, smile: pose.ParamEyeLSmile, slant: pose.ParamBrowLAngle },
  ];
}

/** The upper lid between shut and open: it keeps its arch on the way, and the smile lifts it from below. */
export function upperLid(shape: EyeShape, { open, smile, slant }: Eye): number[] {
  const share = clamp(open, 0, 1);
  const wide = Math.max(0, open - 1);
  const out: number[] = [];
  for (let i = 0; i < shape.upper.length; i += 2) {
    const of = (lid: Lid, k: number): number => lid[i + k] ?? 0;
    const u = lerp(lerp(of(shape.shut, 0), of(shape.smile, 0), smile), of(shape.upper, 0), share);
    const rest = lerp(of(shape.shut, 1), of(shape.smile, 1), smile);
    const arch = 25 * share * (1 - share) * (1 - (u / 24) ** 2);
    const v = lerp(rest, of(shape.upper, 1), share) - arch - wide * 15 * (1 - (u / 30) ** 2);
    out.push(u, v + u * slant * (slant > 0 ? 0.22 - 0.13 * share : 0.17 * share));
  }
  return out;
}

/** The lower lid: it rises in a smile, and a little as the eye shuts. */
export function lowerLid(shape: EyeShape, { open, smile }: Eye): number[] {
  const out: number[] = [];
  const shut = 1 - clamp(open, 0, 1);
  for (let i = 0; i < shape.lower.length; i += 2) {
    const u = shape.lower[i] ?? 0;
    const v = shape.lower[i + 1] ?? 0;
    const middle = 1 - (u / 25) ** 2;
    out.push(u, v - (7.5 * smile + 2 * shut) * middle + Math.max(0, open - 1) * 5 * middle);
  }
  return out;
}

/** Draw the two eyes under the hair. */
export function drawEyes(ctx: CanvasRenderingContext2D, turn: Turn, face: FaceShape, paint: Paint, pose: Pose): void {
  for (const eye of eyesOf(pose)) drawEye(ctx, turn, face, paint, pose, eye);
}

type Place = (lid: readonly number[], du?: number, dv?: number) => number[];

function placer(turn: Turn, face: FaceShape, side: number): Place {
  return (lid, du = 0, dv = 0) => {
    const out: number[] = [];
    for (let i = 0; i < lid.length; i += 2) {
      const u = ((lid[i] ?? 0) + du) * face.eyeW;
      const v = ((lid[i + 1] ?? 0) + dv) * face.eyeH;
      turn.at(...face.tube.front(side * (face.eyeX + u), face.eyeY + v, 0));
      out.push(turn.x, turn.y);
    }
    return out;
  };
}

function drawEye(ctx: CanvasRenderingContext2D, turn: Turn, face: FaceShape, paint: Paint, pose: Pose, eye: Eye): void {
  const shape = face.eyes;
  const place = placer(turn, face, eye.side);
  const upper = upperLid(shape, eye);
  const lower = lowerLid(shape, eye);
  const open = clamp(eye.open, 0, 1);
  const lid = place(upper);
  if (open > 0.06) {
    // The white never comes out under a falling lid.
    const bottom: number[] = [];
    for (let i = 0; i < lower.length; i += 2) {
      bottom.push(lower[i] ?? 0, Math.max(lower[i + 1] ?? 0, (upper[i + 1] ?? 0) + 0.2));
    }
    const low = place(bottom);
    const ball = closed(lid, reversed(low));
    fill(ctx, ball, css(WHITE));
    inside(ctx, ball, () => {
      drawIris(ctx, turn, face, paint, pose, eye);
      // The shadow that lid and lashes throw on ball and iris.
      const shade = closed(place(upper, 0, -4), reversed(place(upper, 0, 5.4 * open)));
      fill(ctx, shade, css(mix(paint.lashRgb, paint.eyes, 0.2)), 0.32);
    });
    if (shape.lowerLash > 0) {
      const ink = new Path2D();
      line(ink, low.slice(4), shape.lowerLash * 1.25, (t) => 0.2 + 0.8 * t ** 1.5 * (1 - t ** 16));
      fill(ctx, ink, paint.lashWarm, 0.5 + 0.5 * open);
    }
  }
  drawLash(ctx, place, upper, shape, paint, eye, open);
  if (open > 0.3 && !face.creature) {
    const crease = new Path2D();
    line(crease, place(upper.slice(2, 12), 0.5, -5.6 - 1.6 * Math.max(0, eye.open - 1)), 1.5);
    fill(ctx, crease, paint.skin.line, 0.75 * smoothstep(0.3, 0.7, open));
  }
}

/** The lashes: one dark shape on the lid, thick at the outer third, with a wing and two tips. */
function drawLash(
  ctx: CanvasRenderingContext2D,
  place: Place,
  upper: readonly number[],
  shape: EyeShape,
  paint: Paint,
  eye: Eye,
  open: number,
): void {
  const fine = dense(upper, 3);
  const happy = eye.smile * (1 - open);
  const thick = shape.lash * (0.62 + 0.38 * open);
  const top: number[] = [];
  const n = fine.length / 2;
  const over = beside(fine, (t) => thick * (0.16 + 0.84 * smoothstep(0, 0.62, t)) * (1 - 0.62 * smoothstep(0.8, 1, t)));
  for (let i = 0; i < n; i++) top.push(over[i * 2] ?? 0, over[i * 2 + 1] ?? 0);
  const u = fine[fine.length - 2] ?? 0;
  const v = fine[fine.length - 1] ?? 0;
  const [wu, wv] = shape.wing;
  const tipV = lerp(v + 2 + wv * 0.2, v + wv, open) + happy * 3;
  const lash = closed(place(top), place([u + wu, tipV]), reversed(place(fine)));
  fill(ctx, lash, paint.lash);
  if (shape.lash >= 5) {
    // Tips: hairs that leave the outer third.
    const at = (k: number): [number, number] => [top[k * 2] ?? 0, top[k * 2 + 1] ?? 0];
    const ink = new Path2D();
    for (const [share, du, dv] of [
      [0.93, 6.4, -4.6],
      [0.8, 5.2, -6.2],
    ] as const) {
      const [fu, fv] = at(Math.round(share * (n - 1)));
      const drop = lerp(-dv * 0.35, dv, open * (1 - happy));
      line(
        ink,
        place([fu - 3.4, fv + 2.2, fu + du * 0.5, fv + drop * 0.35, fu + du, fv + drop]),
        3,
        (t) => 1 - t * 0.92,
      );
    }
    fill(ctx, ink, paint.lash);
    // The lower edge of the lashes is warm, since light shines through.
    inked(ctx, paint.lashWarm, 1, place(fine.slice(0, Math.round(n * 0.36) * 2)), 1.5);
  }
}

function drawIris(
  ctx: CanvasRenderingContext2D,
  turn: Turn,
  face: FaceShape,
  paint: Paint,
  pose: Pose,
  eye: Eye,
): void {
  const { eyes, eyesDeep, eyesGlow } = paint;
  const shape = face.eyes;
  const form = pose.ParamEyeBallForm;
  const size = 1 + (form < 0 ? 0.3 : 0.1) * form;
  const x = eye.side * (face.eyeX + 0.8) + pose.ParamEyeBallX * 7;
  const y = face.eyeY + shape.iris[2] * face.eyeH - pose.ParamEyeBallY * 5.5;
  turn.at(...face.tube.front(x, y, -1));
  const { x: cx, y: cy } = turn;
  turn.at(...face.tube.front(x - 6, y, -1));
  const leftX = turn.x;
  turn.at(...face.tube.front(x + 6, y, -1));
  const narrow = clamp((turn.x - leftX) / 12, 0.62, 1.04);
  const rx = shape.iris[0] * size * narrow * face.eyeW;
  const ry = shape.iris[1] * size * face.eyeH;
  const at = (dx: number, dy: number, w: number, h: number, tilt = 0): Path2D =>
    oval(cx + dx * rx, cy + dy * ry, w * rx, h * ry, tilt);
  // Rim first, the iris a little smaller upon it.
  fill(ctx, at(0, 0, 1, 1), css(mix(eyesDeep, PUPIL_INK, 0.35)));
  const base = ctx.createLinearGradient(0, cy - ry, 0, cy + ry);
  base.addColorStop(0, css(mix(eyesDeep, PUPIL_INK, 0.3)));
  base.addColorStop(0.3, css(eyesDeep));
  base.addColorStop(0.58, css(eyes));
  base.addColorStop(1, css(eyesGlow));
  fill(ctx, at(0, 0.015, 0.91, 0.93), base);
  // Light gathers opposite to where it comes in: a bright bowl with rays.
  filled(
    ctx,
    css(lighten(eyesGlow, 0.28)),
    0.55,
    [
      cx - 0.74 * rx,
      cy + 0.2 * ry,
      cx - 0.42 * rx,
      cy + 0.5 * ry,
      cx,
      cy + 0.6 * ry,
      cx + 0.42 * rx,
      cy + 0.5 * ry,
      cx + 0.74 * rx,
      cy + 0.2 * ry,
    ],
    [cx + 0.62 * rx, cy + 0.66 * ry, cx, cy + 0.9 * ry, cx - 0.62 * rx, cy + 0.66 * ry],
  );
  if (shape.pupil === "star") {
    fill(ctx, at(0, 0, 0.8, 0.84), css(mix(eyesDeep, PUPIL_INK, 0.6)), 0.85);
  } else {
    const tall = shape.pupil === "tall" ? 0.5 : 0.44;
    fill(ctx, at(0, -0.03, 0.38, tall), css(mix(eyesDeep, PUPIL_INK, 0.75)));
    fill(ctx, at(0, -0.26, 0.6, 0.46), css(mix(eyesDeep, PUPIL_INK, 0.5)), 0.45);
  }
  // Reflections: the window, its echo below, and a touch of the scene.
  const look = pose.ParamEyeBallX * -0.06;
  fill(ctx, at(-0.36 + look, -0.43, 0.33, 0.27, -0.35), "#ffffff");
  fill(ctx, at(0.44 + look, 0.42, 0.15, 0.13), "#ffffff", 0.95);
  fill(ctx, at(-0.5 + look, 0.3, 0.09, 0.08), "#ffffff", 0.75);
  fill(ctx, at(0.36, -0.52, 0.3, 0.16, 0.5), css(lighten(paint.dyes.scene, 0.25)), 0.38);
}
