import type { Pen } from "./pen.ts";

/** Where the picture ends below. */
export const FLOOR_Y = 540;
/** The figure breathes and turns about this height. */
const CHEST_Y = 330;

/** Neck, shoulders and clothes. The canvas is in the body's own space. */
export function drawBody(pen: Pen): void {
  const { c, pose } = pen;
  const turn = pose.params.ParamBodyAngleX;
  c.save();
  c.translate(0, CHEST_Y);
  const breath = pose.params.ParamBreath;
  c.scale(1 + breath * 0.006, 1 + breath * 0.012);
  c.translate(0, -CHEST_Y);
  drawNeck(pen);
  drawTorso(pen);
  c.translate(turn * 1.1, 0); // what lies on the chest is nearer: it moves more
  drawBlouse(pen);
  drawCollar(pen);
  c.translate(turn * 0.6, 0);
  drawBow(pen);
  c.restore();
}

function drawNeck(pen: Pen): void {
  const { c, paints } = pen;
  const { colour } = paints;
  c.beginPath();
  c.moveTo(-44, 130);
  c.bezierCurveTo(-42, 190, -44, 214, -84, 238);
  c.lineTo(-40, 300);
  c.lineTo(40, 300);
  c.lineTo(84, 238);
  c.bezierCurveTo(44, 214, 42, 190, 44, 130);
  c.closePath();
  c.fillStyle = colour.skin;
  c.fill();
  c.save();
  c.clip();
  c.beginPath(); // the chin's shadow
  c.moveTo(-60, 120);
  c.lineTo(60, 120);
  c.lineTo(52, 190);
  c.quadraticCurveTo(8, 232, -48, 196);
  c.closePath();
  c.fillStyle = colour.skinShade;
  c.fill();
  c.restore();
  c.strokeStyle = colour.skinLine;
  c.lineWidth = 2.6;
  c.beginPath();
  c.moveTo(-44, 130);
  c.bezierCurveTo(-42, 190, -44, 214, -84, 238);
  c.moveTo(44, 130);
  c.bezierCurveTo(42, 190, 44, 214, 84, 238);
  c.moveTo(-26, 250);
  c.quadraticCurveTo(-14, 256, -4, 252);
  c.moveTo(26, 250);
  c.quadraticCurveTo(14, 256, 4, 252);
  c.stroke();
}

function traceTorso(c: CanvasRenderingContext2D): void {
  c.beginPath();
  c.moveTo(-70, 232);
  c.bezierCurveTo(-120, 250, -176, 256, -196, 296);
  c.bezierCurveTo(-222, 350, -232, 450, -238, 600);
  c.lineTo(238, 600);
  c.bezierCurveTo(232, 450, 222, 350, 196, 296);
  c.bezierCurveTo(176, 256, 120, 250, 70, 232);
  c.quadraticCurveTo(0, 330, -70, 232);
  c.closePath();
}

function drawTorso(pen: Pen): void {
  const { c, paints } = pen;
  const { colour } = paints;
  traceTorso(c);
  c.fillStyle = paints.outfit;
  c.fill();
  c.save();
  c.clip();
  c.fillStyle = colour.outfitShade;
  for (const side of [-1, 1]) {
    c.beginPath(); // the fold between arm and chest
    c.moveTo(side * 150, 600);
    c.bezierCurveTo(side * 146, 500, side * 138, 420, side * 150, 352);
    c.bezierCurveTo(side * 160, 430, side * 176, 500, side * 172, 600);
    c.closePath();
    c.fill();
  }
  c.globalAlpha = 0.5;
  c.beginPath(); // light falls from the left
  c.moveTo(240, 260);
  c.bezierCurveTo(196, 350, 206, 480, 196, 600);
  c.lineTo(260, 600);
  c.closePath();
  c.fill();
  c.globalAlpha = 1;
  c.strokeStyle = colour.accent; // piping round the sleeves
  c.lineWidth = 7;
  for (const side of [-1, 1]) {
    c.beginPath();
    c.moveTo(side * 246, 470);
    c.quadraticCurveTo(side * 200, 486, side * 160, 474);
    c.stroke();
  }
  c.restore();
  traceTorso(c);
  c.strokeStyle = colour.outfitLine;
  c.lineWidth = 3;
  c.stroke();
}

function drawBlouse(pen: Pen): void {
  const { c, paints } = pen;
  const { colour } = paints;
  c.beginPath();
  c.moveTo(-62, 244);
  c.bezierCurveTo(-50, 330, -34, 420, -58, 600);
  c.lineTo(58, 600);
  c.bezierCurveTo(34, 420, 50, 330, 62, 244);
  c.quadraticCurveTo(0, 322, -62, 244);
  c.closePath();
  c.fillStyle = colour.cloth;
  c.fill();
  c.save();
  c.clip();
  c.fillStyle = colour.clothShade;
  c.beginPath();
  c.moveTo(-80, 250);
  c.quadraticCurveTo(0, 380, 80, 250);
  c.lineTo(80, 300);
  c.quadraticCurveTo(10, 400, -80, 296);
  c.closePath();
  c.fill();
  c.beginPath();
  c.moveTo(24, 300);
  c.quadraticCurveTo(40, 440, 20, 600);
  c.lineTo(80, 600);
  c.lineTo(80, 300);
  c.closePath();
  c.fill();
  c.restore();
  c.strokeStyle = colour.clothLine;
  c.lineWidth = 2.4;
  c.beginPath();
  c.moveTo(0, 340);
  c.lineTo(0, 600);
  c.stroke();
  c.fillStyle = colour.accent;
  for (const y of [388, 448, 508]) {
    c.beginPath();
    c.arc(0, y, 6.5, 0, 2 * Math.PI);
    c.fill();
    c.stroke();
  }
}

/** A wide collar with two stripes. */
function drawCollar(pen: Pen): void {
  const { c, paints } = pen;
  const { colour } = paints;
  for (const side of [-1, 1]) {
    c.save();
    c.scale(side, 1);
    c.beginPath();
    c.moveTo(66, 222);
    c.bezierCurveTo(100, 240, 142, 250, 172, 268);
    c.bezierCurveTo(164, 320, 126, 360, 60, 384);
    c.bezierCurveTo(40, 352, 20, 322, 2, 304);
    c.bezierCurveTo(30, 292, 56, 262, 66, 222);
    c.closePath();
    c.fillStyle = side < 0 ? colour.outfitLight : colour.outfit;
    c.fill();
    c.strokeStyle = colour.outfitLine;
    c.lineWidth = 3;
    c.stroke();
    c.save();
    c.clip();
    c.strokeStyle = colour.accent;
    c.lineWidth = 4.5;
    for (const inset of [13, 23]) {
      c.beginPath();
      c.moveTo(176 - inset, 262);
      c.bezierCurveTo(160 - inset, 316 - inset * 0.4, 122 - inset * 0.3, 352 - inset * 0.9, 60, 384 - inset * 1.15);
      c.stroke();
    }
    c.restore();
    c.restore();
  }
}

function drawBow(pen: Pen): void {
  const { c, paints, pose } = pen;
  const { colour } = paints;
  const flutter = pose.hair.side * 0.25;
  c.save();
  c.translate(0, 316);
  c.strokeStyle = colour.accentLine;
  c.lineWidth = 2.6;
  c.lineJoin = "round";
  for (const side of [-1, 1]) {
    c.save();
    c.scale(side, 1);
    c.rotate(((side * flutter) * Math.PI) / 180);
    c.beginPath(); // tail
    c.moveTo(2, 4);
    c.bezierCurveTo(16, 30, 22, 56, 40, 86);
    c.lineTo(22, 80);
    c.lineTo(10, 92);
    c.bezierCurveTo(2, 60, -4, 30, -4, 6);
    c.closePath();
    c.fillStyle = colour.accentShade;
    c.fill();
    c.stroke();
    c.beginPath(); // loop
    c.moveTo(0, -2);
    c.bezierCurveTo(20, -34, 56, -36, 66, -22);
    c.bezierCurveTo(74, -6, 70, 18, 62, 26);
    c.bezierCurveTo(44, 30, 18, 18, 0, 6);
    c.closePath();
    c.fillStyle = colour.accent;
    c.fill();
    c.stroke();
    c.beginPath();
    c.moveTo(10, 2);
    c.bezierCurveTo(28, -6, 44, -4, 56, 4);
    c.bezierCurveTo(44, 10, 26, 10, 10, 4);
    c.fillStyle = colour.accentShade;
    c.fill();
    c.beginPath();
    c.moveTo(20, -14);
    c.quadraticCurveTo(38, -26, 54, -20);
    c.strokeStyle = colour.accentLight;
    c.lineWidth = 4;
    c.lineCap = "round";
    c.stroke();
    c.restore();
  }
  c.beginPath();
  c.roundRect(-13, -13, 26, 28, 9);
  c.fillStyle = colour.accent;
  c.fill();
  c.strokeStyle = colour.accentLine;
  c.lineWidth = 2.6;
  c.stroke();
  c.beginPath();
  c.arc(-3, -4, 3.6, 0, 2 * Math.PI);
  c.fillStyle = colour.accentLight;
  c.fill();
  c.restore();
}
