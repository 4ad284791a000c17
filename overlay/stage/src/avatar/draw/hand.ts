import type { Pen } from "./pen.ts";

/** Fingers of a raised open hand, as lines from the palm: x, y, to x, y, width. */
const FINGERS = [
  [-24, -6, -34, -62, 21],
  [-8, -12, -11, -78, 22],
  [9, -11, 13, -74, 21],
  [24, -4, 34, -56, 18],
] as const;

/** The character's left hand, waving on the right of the picture; in the body's space. */
export function drawHand(pen: Pen): void {
  const { c, paints, pose } = pen;
  const { colour } = paints;
  const up = pose.params.ParamHandL;
  if (up < 0.02) return;
  c.save();
  c.translate(262, 520 + (1 - up) * 380);
  c.rotate(((pose.params.ParamHandLAngle + 6) * Math.PI) / 180);
  c.lineJoin = "round";
  c.lineCap = "round";
  c.beginPath(); // sleeve
  c.moveTo(-58, 140);
  c.bezierCurveTo(-50, 40, -42, -60, -38, -120);
  c.lineTo(38, -120);
  c.bezierCurveTo(46, -60, 60, 40, 74, 140);
  c.closePath();
  c.fillStyle = colour.outfit;
  c.fill();
  c.strokeStyle = colour.outfitLine;
  c.lineWidth = 3;
  c.stroke();
  c.beginPath();
  c.moveTo(10, -110);
  c.bezierCurveTo(22, -40, 30, 40, 36, 140);
  c.lineTo(74, 140);
  c.bezierCurveTo(60, 40, 46, -60, 38, -112);
  c.closePath();
  c.fillStyle = colour.outfitShade;
  c.fill();
  drawPalm(pen);
  c.beginPath(); // cuff
  c.roundRect(-46, -138, 92, 34, 12);
  c.fillStyle = colour.cloth;
  c.fill();
  c.strokeStyle = colour.clothLine;
  c.lineWidth = 2.6;
  c.stroke();
  c.beginPath();
  c.moveTo(-40, -112);
  c.lineTo(40, -112);
  c.strokeStyle = colour.accent;
  c.lineWidth = 5;
  c.stroke();
  c.restore();
}

function drawPalm(pen: Pen): void {
  const { c, paints } = pen;
  const { colour } = paints;
  c.save();
  c.translate(0, -186);
  // First everything a little larger in the outline's colour, then in skin: one clean contour.
  for (const [style, extra] of [
    [colour.skinLine, 5.2],
    [colour.skin, 0],
  ] as const) {
    c.strokeStyle = style;
    c.fillStyle = style;
    for (const [x, y, tx, ty, width] of FINGERS) {
      c.beginPath();
      c.moveTo(x, y);
      c.lineTo(tx, ty);
      c.lineWidth = width + extra;
      c.stroke();
    }
    c.beginPath(); // thumb
    c.moveTo(-24, 34);
    c.quadraticCurveTo(-46, 22, -58, -8);
    c.lineWidth = 20 + extra;
    c.stroke();
    c.beginPath();
    c.roundRect(-35 - extra / 2, -22 - extra / 2, 70 + extra, 88 + extra, 26);
    c.fill();
  }
  c.strokeStyle = colour.skinDeep;
  c.lineWidth = 2.4;
  c.beginPath();
  c.moveTo(-16, 6);
  c.quadraticCurveTo(2, 16, 20, 4);
  c.moveTo(-22, 20);
  c.quadraticCurveTo(-6, 28, -4, 48);
  c.stroke();
  c.restore();
}
