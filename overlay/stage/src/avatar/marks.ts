import { css } from "./colour.ts";
import { faceDepth } from "./face.ts";
import type { Palette } from "./palette.ts";
import { flat, type Pen } from "./pen.ts";
import type { Pose } from "./pose.ts";

/** Red of the anger mark, whatever the look: viewers read the sign by its colour. */
const ANGER = "#e8344e";
const TEAR = "rgba(170,220,255,0.92)";
const TEAR_LINE = "rgba(90,150,215,0.9)";

/** The signs that drawn characters wear for what they feel. `time` is in seconds. */
export function drawMarks(pen: Pen, palette: Palette, pose: Pose, time: number): void {
  if (pose.ParamTear > 0.03) drawTears(pen, pose.ParamTear, time);
  if (pose.ParamAngerMark > 0.03) drawAnger(pen, pose.ParamAngerMark, time);
  if (pose.ParamStartle > 0.03) drawStartle(pen, palette, pose.ParamStartle);
  if (pose.ParamSparkle > 0.03) drawSparkles(pen, palette, pose.ParamSparkle, time);
  if (pose.ParamThinkMark > 0.03) drawThought(pen, palette, pose.ParamThinkMark, time);
  if (pose.ParamSleepMark > 0.03) drawSleep(pen, palette, pose.ParamSleepMark, time);
}

function at(pen: Pen, x: number, y: number, size: number, alpha: number, draw: () => void): void {
  const { ctx } = pen;
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(size, size);
  ctx.globalAlpha = alpha;
  draw();
  ctx.restore();
}

function drawTears(pen: Pen, strength: number, time: number): void {
  for (const side of [-1, 1]) {
    const swell = 0.9 + 0.1 * Math.sin(time * 2 + side);
    const [x, y] = [side * 68, 46];
    pen.project(x, y, faceDepth(x, y));
    at(pen, pen.x, pen.y, strength * swell, strength, () => {
      const drop = flat([
        [0, -9, 0, 1],
        [7, 3],
        [4.5, 10],
        [0, 11.5],
        [-4.5, 10],
        [-7, 3],
      ]);
      pen.fill(drop, TEAR);
      pen.stroke(drop, TEAR_LINE, 1.2);
      pen.fill(
        flat([
          [-3, 3],
          [-1, 1],
          [-1, 6],
          [-3, 7],
        ]),
        "#ffffff",
      );
    });
  }
}

function drawAnger(pen: Pen, strength: number, time: number): void {
  pen.project(-82, -108, 56);
  at(pen, pen.x, pen.y, strength * (1 + 0.07 * Math.sin(time * 9)), strength, () => {
    const sign = new Path2D();
    for (let i = 0; i < 4; i++) {
      const [c, s] = [Math.cos((i * Math.PI) / 2 + 0.2), Math.sin((i * Math.PI) / 2 + 0.2)];
      const to = (x: number, y: number): [number, number] => [x * c - y * s, x * s + y * c];
      sign.moveTo(...to(5, 21));
      sign.quadraticCurveTo(...to(5, 5), ...to(21, 5));
    }
    pen.stroke(sign, "#ffffff", 10);
    pen.stroke(sign, ANGER, 5.6);
  });
}

function drawStartle(pen: Pen, palette: Palette, strength: number): void {
  for (const [angle, length] of [
    [-1.02, 26],
    [-0.72, 34],
    [-0.42, 26],
  ] as const) {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const line = new Path2D();
    const from = 168 + (1 - strength) * 20;
    line.moveTo(c * from, -28 + s * from);
    line.lineTo(c * (from + length * strength), -28 + s * (from + length * strength));
    pen.stroke(line, palette.accentLine, 8);
    pen.stroke(line, palette.accentLight, 4.6);
  }
}

function drawSparkles(pen: Pen, palette: Palette, strength: number, time: number): void {
  const stars = [
    [-150, -84, 1],
    [152, -66, 1.25],
    [140, 66, 0.8],
  ] as const;
  for (const [i, [x, y, size]] of stars.entries()) {
    const twinkle = 0.75 + 0.25 * Math.sin(time * 4 + i * 2.1);
    at(pen, x, y, size * strength * twinkle, strength, () => {
      const star = new Path2D();
      for (let k = 0; k < 4; k++) {
        const [c, s] = [Math.cos((k * Math.PI) / 2), Math.sin((k * Math.PI) / 2)];
        if (k === 0) star.moveTo(15 * c, 15 * s);
        star.quadraticCurveTo(2 * (c - s), 2 * (s + c), -15 * s, 15 * c);
      }
      star.closePath();
      pen.stroke(star, palette.accentLine, 3);
      pen.fill(star, "#fff3b8");
    });
  }
}

function drawThought(pen: Pen, palette: Palette, strength: number, time: number): void {
  for (let i = 0; i < 3; i++) {
    const hop = Math.max(0, Math.sin(time * 3.6 - i * 0.8)) * 6;
    at(pen, 146 + i * 23, -122 - i * 12 - hop, strength, strength, () => {
      const dot = new Path2D();
      dot.arc(0, 0, 6 + i * 1.4, 0, 2 * Math.PI);
      pen.fill(dot, "#ffffff");
      pen.stroke(dot, palette.outfitLine, 2.4);
    });
  }
}

function drawSleep(pen: Pen, palette: Palette, strength: number, time: number): void {
  for (let i = 0; i < 3; i++) {
    const t = (time * 0.22 + i / 3) % 1;
    const alpha = strength * Math.sin(t * Math.PI);
    at(pen, 118 + t * 62 + Math.sin(t * 7) * 6, -66 - t * 96, 0.55 + t * 0.75, alpha, () => {
      const z = new Path2D();
      z.moveTo(-9, -10);
      z.lineTo(9, -10);
      z.lineTo(-9, 10);
      z.lineTo(9, 10);
      pen.stroke(z, palette.outfitLine, 9);
      pen.stroke(z, css([240, 244, 255]), 4.6);
    });
  }
}
