import { css } from "./colour.ts";
import type { Palette } from "./palette.ts";
import { flat, type Pen } from "./pen.ts";

/** Where the elbow is when the arm is up, and how far below it waits. */
const ELBOW_X = 186;
const ELBOW_Y = 304;
const HIDDEN = 330;

/** Fingers from the wrist: root, tip and thickness; the thumb first. */
const FINGERS = [
  [-15, -20, -33, -40, 12.5],
  [-14, -44, -21, -76, 11.5],
  [-4, -48, -6, -85, 12],
  [7, -47, 10, -81, 12],
  [17, -42, 24, -68, 10.5],
] as const;

/** Draw the waving arm, raised by `raised` (0 out of sight, 1 up). `time` in seconds swings it. */
export function drawArm(pen: Pen, palette: Palette, raised: number, time: number): void {
  if (raised < 0.02) return;
  const { ctx } = pen;
  ctx.save();
  ctx.translate(ELBOW_X, ELBOW_Y + (1 - raised) * HIDDEN);
  ctx.rotate(0.12 + Math.sin(time * 9) * 0.16 * raised);
  const sleeve = flat([
    [-34, 96],
    [-31, 20],
    [-24, -62],
    [24, -62],
    [33, 20],
    [38, 96],
  ]);
  ctx.save();
  ctx.translate(0, -74);
  ctx.rotate(Math.sin(time * 9 - 0.7) * 0.14 * raised);
  drawHand(pen, palette);
  ctx.restore();
  pen.fill(sleeve, css(palette.outfitRgb));
  const shade = flat([
    [12, 96],
    [16, 20],
    [14, -62],
    [24, -62],
    [33, 20],
    [38, 96],
  ]);
  pen.fill(shade, css(palette.outfitDarkRgb, 0.75));
  pen.stroke(sleeve, palette.outfitLine, 1.8);
  const cuff = flat([
    [-29, -50],
    [-29, -70],
    [0, -74],
    [29, -70],
    [29, -50],
    [0, -54],
  ]);
  pen.fill(cuff, palette.shirt);
  pen.stroke(cuff, palette.outfitLine, 1.7);
  ctx.restore();
}

/** An open palm; the wrist is the origin. All parts in the line's colour first, then smaller in skin: one outline. */
function drawHand(pen: Pen, palette: Palette): void {
  const palm = flat([
    [-11, 10],
    [-16, -10],
    [-21, -30],
    [-18, -48],
    [0, -53],
    [20, -46],
    [22, -26],
    [13, -6],
    [11, 10],
  ]);
  const bones = FINGERS.map(([x0, y0, x1, y1, thick]) => {
    const bone = new Path2D();
    bone.moveTo(x0, y0);
    bone.lineTo(x1, y1);
    return { bone, thick };
  });
  for (const { bone, thick } of bones) pen.stroke(bone, palette.skinLine, thick + 3);
  pen.stroke(palm, palette.skinLine, 3.2);
  for (const { bone, thick } of bones) pen.stroke(bone, palette.skin, thick);
  pen.fill(palm, palette.skin);
  const crease = new Path2D();
  crease.moveTo(-12, -36);
  crease.quadraticCurveTo(2, -28, 14, -34);
  crease.moveTo(-8, -22);
  crease.quadraticCurveTo(-1, -16, -2, -6);
  pen.stroke(crease, palette.skinDeep, 1.6);
}
