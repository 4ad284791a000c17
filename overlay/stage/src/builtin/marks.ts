import type { Pose } from "../avatar/pose.ts";
import type { FaceShape } from "./faces.ts";
import { closed, ellipse, fill, line, oval } from "./ink.ts";
import type { Paint } from "./paint.ts";
import type { Turn } from "./space.ts";

/** Red of the anger mark, whatever the look: viewers read the sign by its colour. */
const ANGER = "#e8344e";
const HEART = "#ff6f91";
const HEART_LINE = "#b02a55";
const TEAR = "#bfe4ff";
const TEAR_LINE = "#5a96d7";

interface Board {
  readonly ctx: CanvasRenderingContext2D;
  readonly head: Turn;
  readonly face: FaceShape;
  readonly paint: Paint;
  readonly time: number;
}

/** The signs that drawn characters wear for what they feel. `time` is in seconds. */
export function drawMarks(board: Board, pose: Pose): void {
  if (pose.ParamTear > 0.03) tears(board, pose.ParamTear);
  if (pose.ParamAngerMark > 0.03) anger(board, pose.ParamAngerMark);
  if (pose.ParamStartle > 0.03) startle(board, pose.ParamStartle);
  if (pose.ParamSparkle > 0.03) sparkles(board, pose.ParamSparkle);
  if (pose.ParamThinkMark > 0.03) thought(board, pose.ParamThinkMark);
  if (pose.ParamSleepMark > 0.03) sleep(board, pose.ParamSleepMark);
  if (pose.ParamHeartMark > 0.03) hearts(board, pose.ParamHeartMark);
  if (pose.ParamSweat > 0.03) sweat(board, pose.ParamSweat);
  if (pose.ParamQuestionMark > 0.03) question(board, pose.ParamQuestionMark);
}

/** Draw at a point of the head, upright, at a size and strength. */
function at(
  { ctx, head }: Board,
  x: number,
  y: number,
  z: number,
  size: number,
  alpha: number,
  draw: () => void,
): void {
  head.at(x, y, z);
  ctx.save();
  ctx.translate(head.x, head.y);
  ctx.scale(size, size);
  ctx.globalAlpha = Math.min(1, alpha);
  draw();
  ctx.restore();
}

function tears(board: Board, strength: number): void {
  const { ctx, face, time } = board;
  for (const side of [-1, 1]) {
    const [x, y, z] = face.tube.front(side * (face.eyeX + 12), face.eyeY + 22);
    const swell = strength * (0.85 + 0.1 * Math.sin(time * 2 + side));
    at(board, x, y, z, swell, strength, () => {
      const drop = (k: number): Path2D =>
        closed([0, -9 * k, 6 * k, 2 * k, 5 * k, 8 * k, 0, 10 * k, -5 * k, 8 * k, -6 * k, 2 * k, 0, -9 * k]);
      fill(ctx, drop(1.16), TEAR_LINE);
      fill(ctx, drop(0.95), TEAR);
      ellipse(ctx, "#ffffff", 1, -2, 3.4, 1.6, 2.4);
    });
  }
}

function anger(board: Board, strength: number): void {
  const { ctx, time } = board;
  at(board, -62, -72, 46, 0.9 * strength * (1 + 0.07 * Math.sin(time * 9)), strength, () => {
    const under = new Path2D();
    const sign = new Path2D();
    for (let i = 0; i < 4; i++) {
      const [c, s] = [Math.cos((i * Math.PI) / 2 + 0.2), Math.sin((i * Math.PI) / 2 + 0.2)];
      const to = (x: number, y: number): [number, number] => [x * c - y * s, x * s + y * c];
      const curve = [...to(5.5, 21), ...to(7, 12), ...to(12, 7), ...to(21, 5.5)];
      line(under, curve, 7.4, (t) => 0.6 + 0.4 * Math.sin(Math.PI * t));
      line(sign, curve, 4.8, (t) => 0.35 + 0.65 * Math.sin(Math.PI * t));
    }
    fill(ctx, under, "#ffffff");
    fill(ctx, sign, ANGER);
  });
}

function startle(board: Board, strength: number): void {
  const { ctx, head, paint } = board;
  head.at(0, -14, 0);
  const path = new Path2D();
  const core = new Path2D();
  for (const [angle, length] of [
    [-1.02, 24],
    [-0.72, 32],
    [-0.42, 24],
  ] as const) {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const from = 122 + (1 - strength) * 16;
    const points = [
      head.x + c * from,
      head.y + s * from,
      head.x + c * (from + length * strength),
      head.y + s * (from + length * strength),
    ];
    line(path, points, 7.4, (t) => 0.7 + 0.3 * t);
    line(core, points, 4.4, (t) => 0.6 + 0.4 * t);
  }
  fill(ctx, path, paint.accent.line);
  fill(ctx, core, paint.accent.light);
}

function sparkles(board: Board, strength: number): void {
  const { ctx, paint, time } = board;
  for (const [i, [x, y, size]] of (
    [
      [-118, -58, 0.8],
      [116, -70, 1],
      [120, 34, 0.62],
    ] as const
  ).entries()) {
    const twinkle = 0.75 + 0.25 * Math.sin(time * 4 + i * 2.1);
    at(board, x, y, 10, size * strength * twinkle, strength, () => {
      const star = (r: number): Path2D => {
        const path = new Path2D();
        path.moveTo(r, 0);
        for (let k = 0; k < 4; k++) {
          const [c, s] = [Math.cos((k * Math.PI) / 2), Math.sin((k * Math.PI) / 2)];
          path.quadraticCurveTo(r * 0.13 * (c - s), r * 0.13 * (s + c), -r * s, r * c);
        }
        path.closePath();
        return path;
      };
      fill(ctx, star(18), paint.accent.line, 0.75);
      fill(ctx, star(15), "#fff6c8");
    });
  }
}

function thought(board: Board, strength: number): void {
  const { ctx, paint, time } = board;
  for (let i = 0; i < 3; i++) {
    const hop = Math.max(0, Math.sin(time * 3.6 - i * 0.8)) * 5;
    at(board, 104 + i * 19, -88 - i * 11 - hop, 0, strength, strength, () => {
      const r = 5.4 + i * 1.2;
      ellipse(ctx, paint.outfit.line, 1, 0, 0, r + 1.5, r + 1.5);
      ellipse(ctx, "#ffffff", 1, 0, 0, r, r);
    });
  }
}

function sleep(board: Board, strength: number): void {
  const { ctx, paint, time } = board;
  for (let i = 0; i < 3; i++) {
    const t = (time * 0.22 + i / 3) % 1;
    const alpha = strength * Math.sin(t * Math.PI);
    at(board, 92 + t * 54 + Math.sin(t * 7) * 5, -52 - t * 78, 0, 0.5 + t * 0.7, alpha, () => {
      const z = (w: number): Path2D => {
        const path = new Path2D();
        for (const points of [
          [-9, -10, 9, -10],
          [9, -10, -9, 10],
          [-9, 10, 9, 10],
        ]) {
          line(path, points, w, () => 1);
        }
        return path;
      };
      fill(ctx, z(8.4), paint.outfit.line);
      fill(ctx, z(5), "#ffffff");
    });
  }
}

function hearts(board: Board, strength: number): void {
  const { ctx, time } = board;
  for (const [i, [x, y, size]] of (
    [
      [-112, -40, 0.72],
      [112, -62, 1],
      [128, 20, 0.55],
    ] as const
  ).entries()) {
    const t = (time * 0.32 + i * 0.37) % 1;
    const alpha = strength * Math.min(1, 5 * t, 3 * (1 - t));
    at(board, x + Math.sin(time * 2 + i) * 4, y - t * 34, 10, size * (0.7 + 0.3 * strength), alpha, () => {
      const heart = (k: number): Path2D => {
        const path = new Path2D();
        path.moveTo(0, 15 * k);
        path.bezierCurveTo(-22 * k, -1 * k, -14 * k, -18 * k, 0, -7 * k);
        path.bezierCurveTo(14 * k, -18 * k, 22 * k, -1 * k, 0, 15 * k);
        path.closePath();
        return path;
      };
      fill(ctx, heart(1.16), HEART_LINE);
      fill(ctx, heart(1), HEART);
      ellipse(ctx, "#ffffff", 0.7, -5.6, -5, 2.6, 1.7, -0.6);
    });
  }
}

function sweat(board: Board, strength: number): void {
  const { ctx, time } = board;
  const slide = (time * 0.35 + 0.4) % 1;
  at(board, -58, 6 + slide * 12, 56, 1.2, strength * Math.min(1, 6 * slide, 4 * (1 - slide)), () => {
    const drop = (k: number): Path2D =>
      closed([0, -13 * k, 5.5 * k, 0, 6.4 * k, 7 * k, 0, 12 * k, -6.4 * k, 7 * k, -5.5 * k, 0, 0, -13 * k]);
    fill(ctx, drop(1.16), TEAR_LINE);
    fill(ctx, drop(0.96), TEAR);
    ellipse(ctx, "#ffffff", 1, -2.2, 4.4, 1.6, 3);
  });
}

function question(board: Board, strength: number): void {
  const { ctx, paint, time } = board;
  const tilt = Math.sin(time * 2.4) * 0.09;
  at(board, 106, -84, 0, 0.55 + 0.55 * strength, strength, () => {
    ctx.rotate(0.2 + tilt);
    const sign = (w: number): Path2D => {
      const path = new Path2D();
      line(path, [-9, -13, -6, -22, 4, -24, 10, -16, 5, -7, 0, -1, 0, 5], w, () => 1);
      path.addPath(oval(0, 14, w * 0.62, w * 0.62));
      return path;
    };
    fill(ctx, sign(9.6), paint.outfit.line);
    fill(ctx, sign(6), "#ffffff");
  });
}
