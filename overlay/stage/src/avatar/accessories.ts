import type { Look } from "@haishin/common/protocol";
import { css } from "./colour.ts";
import type { Palette } from "./palette.ts";
import { flat, type Pen, type Point } from "./pen.ts";
import type { Bend } from "./physics.ts";

type Accessory = Look["accessory"];

/** What an accessory moves with. */
export interface Motion {
  readonly bounce: Bend;
  /** Seconds. */
  readonly time: number;
}

/** Draw in a flat space around a point of the head, turned by `angle` radians. */
function at(pen: Pen, x: number, y: number, z: number, angle: number, draw: () => void): void {
  pen.project(x, y, z);
  const { ctx } = pen;
  const [px, py] = [pen.x, pen.y];
  ctx.save();
  ctx.translate(px, py);
  ctx.rotate(angle);
  draw();
  ctx.restore();
}

function oval(x: number, y: number, rx: number, ry: number, turn = 0): Path2D {
  const path = new Path2D();
  path.ellipse(x, y, rx, ry, turn, 0, 2 * Math.PI);
  return path;
}

/** Draw what lies below the fringe: glasses, and the ears that grow out of the hair. */
export function drawUnder(pen: Pen, kind: Accessory, palette: Palette, motion: Motion): void {
  if (kind === "glasses") drawGlasses(pen, palette);
  if (kind === "ears") for (const side of [-1, 1] as const) drawCatEar(pen, palette, side, motion);
}

/** Draw what lies on the hair. */
export function drawOver(pen: Pen, kind: Accessory, palette: Palette, motion: Motion): void {
  switch (kind) {
    case "ribbon":
      at(pen, 80, -128, 40, 0.62, () => drawRibbon(pen, palette, motion.bounce.tip * 0.012));
      break;
    case "flower":
      at(pen, 86, -98, 46, 0.2, () => drawFlower(pen, palette));
      break;
    case "headphones":
      drawHeadphones(pen, palette);
      break;
    case "antenna":
      drawAntenna(pen, palette, motion);
      break;
    default:
  }
}

/** A bow with two tails, about 90 units wide, around the origin of the current space. */
export function drawRibbon(pen: Pen, palette: Palette, sway: number): void {
  const { ctx } = pen;
  for (const side of [-1, 1]) {
    ctx.save();
    ctx.scale(side, 1);
    ctx.rotate(side * sway);
    const tail = flat([
      [0, 4, 0, 1],
      [14, 22],
      [22, 48, 0, 1],
      [13, 44],
      [4, 50, 0, 1],
      [2, 24],
    ]);
    pen.fill(tail, palette.accentDark);
    pen.stroke(tail, palette.accentLine, 1.6);
    const loop = flat([
      [2, -3],
      [22, -22],
      [44, -26],
      [48, -10],
      [47, 10],
      [40, 20],
      [20, 13],
      [2, 4],
    ]);
    pen.fill(loop, palette.accent);
    const under = flat([
      [4, 1],
      [26, 2],
      [48, -4],
      [47, 10],
      [40, 20],
      [20, 13],
    ]);
    pen.fill(under, palette.accentDark);
    const gleam = flat([
      [20, -17],
      [34, -22],
      [42, -20],
      [32, -17],
    ]);
    pen.fill(gleam, palette.accentLight);
    pen.stroke(loop, palette.accentLine, 1.7);
    ctx.restore();
  }
  const knot = oval(0, 0, 8, 10);
  pen.fill(knot, palette.accent);
  pen.fill(oval(-2, -4, 3.2, 3), palette.accentLight);
  pen.stroke(knot, palette.accentLine, 1.7);
}

function drawFlower(pen: Pen, palette: Palette): void {
  const { ctx } = pen;
  for (const leaf of [2.2, 3.1]) {
    ctx.save();
    ctx.rotate(leaf);
    const path = flat([
      [8, 0, 0, 1],
      [24, -9],
      [42, 0, 0, 1],
      [24, 9],
    ]);
    pen.fill(path, "#7fb58a");
    pen.stroke(path, "#41705a", 1.4);
    ctx.restore();
  }
  for (let i = 0; i < 5; i++) {
    ctx.save();
    ctx.rotate((i * 2 * Math.PI) / 5 - 0.3);
    const petal = flat([
      [0, 2, 0, 1],
      [-14, -14],
      [-11, -30],
      [0, -27, 0, 1],
      [11, -30],
      [14, -14],
    ]);
    pen.fill(petal, palette.accent);
    pen.fill(oval(0, -9, 4.5, 9), palette.accentLight);
    pen.stroke(petal, palette.accentLine, 1.5);
    ctx.restore();
  }
  pen.fill(oval(0, 0, 7, 7), "#ffe08a");
  pen.stroke(oval(0, 0, 7, 7), palette.accentLine, 1.3);
}

function drawHeadphones(pen: Pen, palette: Palette): void {
  const band = pen.shape(
    [
      [-117, -14, -6],
      [-123, -80, -4],
      [-90, -155, 0],
      [0, -190, 4],
      [90, -155, 0],
      [123, -80, -4],
      [117, -14, -6],
    ],
    false,
    0.6,
  );
  pen.stroke(band, palette.outfitLine, 15);
  pen.stroke(band, palette.shirt, 11.5);
  pen.ctx.save();
  pen.ctx.translate(0, -2);
  pen.stroke(band, palette.accent, 3);
  pen.ctx.restore();
  for (const side of [-1, 1]) {
    at(pen, side * 116, 0, 4, side * 0.06, () => {
      const pad = oval(-side * 7, 0, 14, 35);
      pen.fill(pad, css(palette.outfitDarkRgb));
      pen.stroke(pad, palette.outfitLine, 1.8);
      const cup = oval(side * 3, 0, 19, 32);
      pen.fill(cup, palette.shirt);
      pen.inside(cup, () => pen.fill(oval(side * 3 + 7, 6, 19, 32), palette.shirtShade));
      pen.stroke(cup, palette.outfitLine, 1.8);
      const ring = oval(side * 4, 0, 11, 20);
      pen.fill(ring, palette.accent);
      pen.stroke(ring, palette.accentLine, 1.5);
      pen.fill(oval(side * 4 - 3, -8, 3, 5, 0.3), palette.accentLight);
    });
  }
}

function drawAntenna(pen: Pen, palette: Palette, motion: Motion): void {
  const { ctx } = pen;
  for (const side of [-1, 1]) {
    at(pen, side * 62, -158, 20, side * 0.42 + motion.bounce.tip * 0.012, () => {
      const stem = new Path2D();
      stem.moveTo(0, 6);
      stem.bezierCurveTo(side * 2, -12, -side * 5, -24, side * 1, -40);
      pen.stroke(stem, palette.outfitLine, 5.5);
      pen.stroke(stem, palette.shirt, 2.8);
      const glow = ctx.createRadialGradient(side, -48, 4, side, -48, 24);
      const pulse = 0.4 + 0.15 * Math.sin(motion.time * 2.4 + side);
      glow.addColorStop(0, css(palette.accentRgb, pulse));
      glow.addColorStop(1, css(palette.accentRgb, 0));
      pen.fill(oval(side, -48, 24, 24), glow);
      const ball = oval(side, -48, 10, 10);
      pen.fill(ball, palette.accent);
      pen.fill(oval(side - 3, -51.5, 3.4, 2.8, -0.5), palette.accentLight);
      pen.stroke(ball, palette.accentLine, 1.7);
      const clip = oval(0, 6, 11, 5.5);
      pen.fill(clip, palette.shirt);
      pen.stroke(clip, palette.outfitLine, 1.6);
    });
  }
}

function drawGlasses(pen: Pen, palette: Palette): void {
  for (const side of [-1, 1]) {
    const rim = pen.shape([
      [side * 14, 4, 50],
      [side * 20, -14, 50],
      [side * 50, -19, 46],
      [side * 84, -14, 32],
      [side * 91, 6, 28],
      [side * 84, 38, 32],
      [side * 52, 48, 44],
      [side * 22, 40, 50],
    ]);
    pen.fill(rim, "rgba(255,255,255,0.10)");
    pen.stroke(rim, palette.accentLine, 4);
    pen.stroke(rim, palette.accent, 2);
    const gleam = pen.shape([
      [side * 50 - 16, -10, 46],
      [side * 50 - 4, -12, 46],
      [side * 50 - 22, 26, 46],
      [side * 50 - 29, 18, 46],
    ]);
    pen.fill(gleam, "rgba(255,255,255,0.22)");
    const arm = pen.shape(
      [
        [side * 90, 2, 28],
        [side * 104, -2, -10],
      ],
      false,
    );
    pen.stroke(arm, palette.accentLine, 3.5);
  }
  const bridge = pen.shape(
    [
      [-14, 4, 52],
      [0, -1, 56],
      [14, 4, 52],
    ],
    false,
  );
  pen.stroke(bridge, palette.accentLine, 4);
  pen.stroke(bridge, palette.accent, 2);
}

function drawCatEar(pen: Pen, palette: Palette, side: 1 | -1, motion: Motion): void {
  // Each ear twitches by itself every few seconds.
  const phase = (motion.time * 0.37 + (side > 0 ? 0.45 : 0)) % 1;
  const twitch = phase < 0.06 ? Math.sin((phase / 0.06) * Math.PI * 2) * 4 : 0;
  const outer = (inset: number): Point[] => [
    [side * (32 + inset), -164 + inset, -4, 1],
    [side * (56 + inset * 0.6), -198 + inset * 1.4, -6],
    [side * (98 + twitch), -226 + inset * 2.4, -8, 1],
    [side * (114 - inset * 0.6), -180 + inset, -10],
    [side * (112 - inset), -116 - inset, -10, 1],
  ];
  const ear = pen.shape(outer(0), true, 0.6);
  pen.fill(ear, css(palette.hairRgb));
  pen.stroke(ear, palette.hairLine, 1.8);
  pen.fill(pen.shape(outer(11), true, 0.6), css(palette.blushRgb, 0.75));
  for (const [x, y, tip] of [
    [52, -160, -192],
    [66, -152, -196],
    [82, -146, -186],
  ] as const) {
    const tuft = pen.shape(
      [
        [side * (x - 9), y, -2, 1],
        [side * (x + 8), tip, -4, 1],
        [side * (x + 10), y, -2, 1],
      ],
      true,
      0.6,
    );
    pen.fill(tuft, css(palette.hairRgb));
  }
}
