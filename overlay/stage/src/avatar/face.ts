import { css } from "./colour.ts";
import type { Palette } from "./palette.ts";
import type { Pen, Point } from "./pen.ts";
import type { Pose } from "./pose.ts";

/** How far a point of the face stands out: a shallow dome, flat as drawn faces are. */
export function faceDepth(x: number, y: number): number {
  return 40 - 0.0034 * x * x - 0.0007 * (y - 30) * (y - 30);
}

/** From the viewer's left temple down over the chin to the right one, and over the forehead, which hair covers. */
const OUTLINE: readonly Point[] = [
  [-96, -40, -4],
  [-96, 10, 2],
  [-90, 46, 6],
  [-71, 81, 14],
  [-41, 107, 22],
  [-13, 121.5, 28],
  [0, 124, 30],
  [13, 121.5, 28],
  [41, 107, 22],
  [71, 81, 14],
  [90, 46, 6],
  [96, 10, 2],
  [96, -40, -4],
  [70, -120, 0],
  [0, -145, 0],
  [-70, -120, 0],
];

const EAR: readonly Point[] = [
  [92, -4, -14],
  [106, -14, -16],
  [114, 2, -18],
  [109, 26, -16],
  [98, 44, -12],
  [90, 40, -8],
];
const EAR_FOLD: readonly Point[] = [
  [99, 2, -14],
  [106, 2, -16],
  [104, 18, -15],
  [99, 28, -13],
];

/** Give the outline, for clipping what lies on the face. */
export function faceShape(pen: Pen): Path2D {
  return pen.shape(OUTLINE);
}

/** Draw skin, ears, cheeks and nose: all that is under the hair and holds still. */
export function drawFace(pen: Pen, palette: Palette, pose: Pose, outline: Path2D): void {
  const { ctx } = pen;
  for (const side of [-1, 1]) {
    const mirror = (points: readonly Point[]): Point[] => points.map(([x, y, z]) => [x * side, y, z ?? 0] as const);
    const ear = pen.shape(mirror(EAR));
    pen.fill(ear, palette.skin);
    pen.stroke(ear, palette.skinLine, 1.6);
    pen.stroke(pen.shape(mirror(EAR_FOLD), false), palette.skinDeep, 1.6);
  }
  const skin = ctx.createLinearGradient(0, -60, 0, 130);
  skin.addColorStop(0, palette.skin);
  skin.addColorStop(0.72, palette.skin);
  skin.addColorStop(1, css(palette.skinShadeRgb));
  pen.fill(outline, skin);
  pen.inside(outline, () => {
    drawCheeks(pen, palette, pose);
  });
  pen.stroke(outline, palette.skinLine, 1.7);
  drawNose(pen, palette);
}

function drawCheeks(pen: Pen, palette: Palette, pose: Pose): void {
  const { ctx } = pen;
  for (const side of [-1, 1]) {
    pen.project(side * 62, 62, 20);
    const { x, y } = pen;
    const strength = 0.2 + 0.55 * pose.ParamCheek;
    ctx.save();
    ctx.translate(x, y);
    ctx.scale(1, 0.56);
    const glow = ctx.createRadialGradient(0, 0, 2, 0, 0, 34);
    glow.addColorStop(0, css(palette.blushRgb, strength));
    glow.addColorStop(0.5, css(palette.blushRgb, strength * 0.55));
    glow.addColorStop(1, css(palette.blushRgb, 0));
    ctx.fillStyle = glow;
    ctx.fillRect(-34, -34, 68, 68);
    ctx.restore();
    if (pose.ParamCheek > 0.45) {
      ctx.globalAlpha = Math.min(1, (pose.ParamCheek - 0.45) * 2.4);
      for (const dx of [-11, 0, 11]) {
        const line = new Path2D();
        line.moveTo(x + dx + 3, y - 5);
        line.lineTo(x + dx - 3, y + 5);
        pen.stroke(line, css(palette.blushRgb), 2);
      }
      ctx.globalAlpha = 1;
    }
  }
  if (pose.ParamFlush > 0.02) {
    pen.project(0, 54, 44);
    ctx.save();
    ctx.translate(pen.x, pen.y);
    ctx.scale(1, 0.3);
    const flush = ctx.createRadialGradient(0, 0, 20, 0, 0, 104);
    flush.addColorStop(0, css(palette.blushRgb, 0.34 * pose.ParamFlush));
    flush.addColorStop(0.6, css(palette.blushRgb, 0.26 * pose.ParamFlush));
    flush.addColorStop(1, css(palette.blushRgb, 0));
    ctx.fillStyle = flush;
    ctx.fillRect(-110, -110, 220, 220);
    ctx.restore();
  }
}

function drawNose(pen: Pen, palette: Palette): void {
  const shade = pen.shape([
    [-0.5, 59, 52],
    [4, 64.5, 52],
    [-2.5, 66, 50],
  ]);
  pen.fill(shade, palette.skinDeep);
  pen.stroke(
    pen.shape(
      [
        [2.6, 61.5, 53],
        [2.6, 64.2, 53],
        [-1.2, 65.4, 52],
      ],
      false,
    ),
    palette.skinLine,
    1.5,
  );
  pen.fill(pen.ellipse(-1.5, 56, 54, 1.9, 2.6, 0.2), palette.skinLight);
}

/** Draw the brows; hair lets them shine through, so this is called twice: under the hair and, faintly, above it. */
export function drawBrows(pen: Pen, palette: Palette, pose: Pose, alpha: number): void {
  const { ctx } = pen;
  const brows = [
    { side: -1, lift: pose.ParamBrowRY, angle: pose.ParamBrowRAngle, form: pose.ParamBrowRForm },
    { side: 1, lift: pose.ParamBrowLY, angle: pose.ParamBrowLAngle, form: pose.ParamBrowLForm },
  ];
  ctx.globalAlpha = alpha;
  for (const { side, lift, angle, form } of brows) {
    const place = (u: number, v: number, sharp: 0 | 1 = 0): Point => {
      const x = side * (50 + u);
      const y = -36 - lift * 13 + v - (angle * -u * 14) / 24 + (Math.abs(u) / 24 - 0.5) * -form * -5;
      return [x, y, faceDepth(x, y), sharp];
    };
    const brow = pen.shape([
      place(-25, 1.5),
      place(-24, -2.4),
      place(-6, -6.6),
      place(12, -6.4),
      place(29, 1, 1),
      place(11, -2.6),
      place(-6, -1.6),
    ]);
    pen.fill(brow, palette.brow);
  }
  ctx.globalAlpha = 1;
}
