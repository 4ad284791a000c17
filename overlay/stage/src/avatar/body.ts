import { css, mix } from "./colour.ts";
import type { Palette } from "./palette.ts";
import type { Pen, Point } from "./pen.ts";
import type { Pose } from "./pose.ts";

/** Below this the canvas always ends. */
const HEM = 420;

/** Complete the viewer's right half, given from the middle outwards and down, by its mirror image. */
function both(right: readonly Point[]): Point[] {
  const left = right
    .filter(([x]) => x !== 0)
    .map(([x, y, z = 0, corner = 0]) => [-x, y, z, corner] as const)
    .reverse();
  return [...right, ...left];
}

const NECK = both([
  [0, 96],
  [23, 96],
  [23, 136],
  [28, 162],
  [62, 184],
  [60, 230],
  [0, 258],
]);

const TORSO = both([
  [0, 236, 10, 1],
  [34, 172, 4],
  [70, 180],
  [112, 197],
  [134, 216],
  [138, 262],
  [126, 320],
  [122, HEM],
  [0, HEM],
]);

const SLEEVE: readonly Point[] = [
  [80, 183],
  [118, 193],
  [148, 213],
  [166, 256],
  [174, 320],
  [178, HEM],
  [126, HEM],
  [124, 330],
  [116, 262],
];
const SLEEVE_SHADE: readonly Point[] = [
  [117, 264],
  [132, 300],
  [138, 360],
  [140, HEM],
  [126, HEM],
  [124, 330],
];

/** A sailor's collar: over the shoulder and down to the bow. */
const COLLAR: readonly Point[] = [
  [30, 164, 4, 1],
  [52, 166, 4],
  [100, 192, 4],
  [108, 204, 6, 1],
  [86, 226, 10],
  [40, 252, 12],
  [3, 262, 14, 1],
  [0, 238, 14, 1],
  [20, 206, 10],
];
const TRIM: readonly Point[] = [
  [101, 200, 6],
  [82, 217, 10],
  [38, 242, 12],
  [4, 252, 14],
];

const BOW: readonly Point[] = [
  [4, 250, 20],
  [20, 234, 22],
  [46, 226, 22],
  [54, 236, 22],
  [54, 258, 22],
  [47, 268, 22],
  [22, 264, 22],
  [4, 258, 20],
];
const BOW_FOLD: readonly Point[] = [
  [8, 253, 20],
  [24, 248, 22],
  [38, 248, 22],
];
const RIBBON: readonly Point[] = [
  [2, 258, 18, 1],
  [16, 284, 18],
  [30, 312, 18, 1],
  [20, 311, 18],
  [11, 320, 18, 1],
  [2, 292, 18],
];

function side(points: readonly Point[], sign: number): Point[] {
  return points.map(([x, y, z = 0, corner = 0]) => [x * sign, y, z, corner] as const);
}

/** Draw neck, shoulders and clothes. The pen must be turned by the body, not by the head. */
export function drawBody(pen: Pen, palette: Palette, pose: Pose): void {
  const { ctx } = pen;
  const lift = pose.ParamShoulderY * -7;
  drawNeck(pen, palette);
  const cloth = ctx.createLinearGradient(0, 170, 0, 400);
  cloth.addColorStop(0, css(palette.outfitRgb));
  cloth.addColorStop(1, css(mix(palette.outfitRgb, palette.outfitDarkRgb, 0.75)));
  ctx.save();
  ctx.translate(0, lift);
  for (const sign of [-1, 1]) {
    const sleeve = pen.shape(side(SLEEVE, sign));
    pen.fill(sleeve, cloth);
    pen.fill(pen.shape(side(SLEEVE_SHADE, sign)), css(palette.outfitDarkRgb, 0.8));
    pen.stroke(sleeve, palette.outfitLine, 1.8);
  }
  const torso = pen.shape(TORSO);
  pen.fill(torso, cloth);
  pen.stroke(torso, palette.outfitLine, 1.8);
  drawFolds(pen, palette);
  drawCollar(pen, palette);
  drawBow(pen, palette);
  ctx.restore();
}

function drawNeck(pen: Pen, palette: Palette): void {
  const neck = pen.shape(NECK);
  pen.fill(neck, palette.skin);
  pen.inside(neck, () => {
    // The head's shadow.
    const shadow = pen.shape([
      [-40, 90, 0],
      [40, 90, 0],
      [34, 138, 4],
      [12, 160, 8],
      [-8, 160, 8],
      [-34, 140, 4],
    ]);
    pen.fill(shadow, palette.skinDeep);
  });
  pen.stroke(neck, palette.skinLine, 1.6);
  for (const sign of [-1, 1]) {
    pen.stroke(
      pen.shape(
        [
          [sign * 8, 204, 8],
          [sign * 24, 198, 8],
          [sign * 40, 199, 6],
        ],
        false,
      ),
      palette.skinDeep,
      1.8,
    );
  }
}

function drawFolds(pen: Pen, palette: Palette): void {
  for (const sign of [-1, 1]) {
    const fold = (points: readonly Point[]): void => {
      pen.stroke(pen.shape(side(points, sign), false), css(palette.outfitDarkRgb, 0.9), 2);
    };
    fold([
      [112, 268],
      [96, 282],
      [74, 290],
    ]);
    fold([
      [118, 296],
      [104, 312],
      [88, 320],
    ]);
    const shade = pen.shape(
      side(
        [
          [122, 250],
          [124, 300],
          [118, HEM],
          [96, HEM],
          [108, 320],
        ],
        sign,
      ),
    );
    pen.fill(shade, css(palette.outfitDarkRgb, 0.55));
  }
}

function drawCollar(pen: Pen, palette: Palette): void {
  for (const sign of [-1, 1]) {
    const shadow = pen.shape(
      side(
        COLLAR.map(([x, y, z = 0, corner = 0]) => [x, y + 7, z, corner] as const),
        sign,
      ),
    );
    pen.fill(shadow, css(palette.outfitDarkRgb, 0.6));
    const collar = pen.shape(side(COLLAR, sign));
    pen.fill(collar, palette.shirt);
    const under = pen.shape(
      side(
        [
          [30, 164, 4, 1],
          [52, 166, 4],
          [66, 176, 4],
          [44, 196, 8],
          [10, 240, 13],
          [0, 238, 14, 1],
          [20, 206, 10],
        ],
        sign,
      ),
    );
    pen.fill(under, palette.shirtShade);
    pen.stroke(pen.shape(side(TRIM, sign), false), palette.accent, 3.4);
    pen.stroke(collar, palette.outfitLine, 1.7);
  }
}

function drawBow(pen: Pen, palette: Palette): void {
  for (const sign of [-1, 1]) {
    const ribbon = pen.shape(side(RIBBON, sign));
    pen.fill(ribbon, palette.accent);
    pen.stroke(ribbon, palette.accentLine, 1.6);
  }
  for (const sign of [-1, 1]) {
    const bow = pen.shape(side(BOW, sign));
    pen.fill(bow, palette.accent);
    const under = pen.shape(
      side(
        [
          [6, 256, 20],
          [28, 254, 22],
          [54, 250, 22],
          [54, 258, 22],
          [47, 268, 22],
          [22, 264, 22],
        ],
        sign,
      ),
    );
    pen.fill(under, palette.accentDark);
    pen.stroke(pen.shape(side(BOW_FOLD, sign), false), palette.accentLine, 1.4);
    pen.stroke(bow, palette.accentLine, 1.7);
  }
  const knot = pen.ellipse(0, 254, 24, 9, 10.5);
  pen.fill(knot, palette.accent);
  pen.fill(pen.ellipse(-2.5, 250, 24, 3.6, 3, -0.4), palette.accentLight);
  pen.stroke(knot, palette.accentLine, 1.7);
}
