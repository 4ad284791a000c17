import { drawEye } from "./eyes.ts";
import { drawMouth } from "./mouth.ts";
import type { Pen } from "./pen.ts";

/** The outline of the face, from the left temple over the chin to the right one. */
export function traceFace(pen: Pen): void {
  pen
    .begin()
    .move(-143, -60, 22)
    .curve([-150, 10, 24], [-147, 72, 30], [-122, 108, 44])
    .curve([-98, 142, 62], [-46, 172, 92], [-8, 184, 98])
    .quad(0, 186, 98, 8, 184, 98)
    .curve([46, 172, 92], [98, 142, 62], [122, 108, 44])
    .curve([147, 72, 30], [150, 10, 24], [143, -60, 22])
    .curve([130, -150, 60], [-130, -150, 60], [-143, -60, 22])
    .close();
}

/** Skin, ears, blush, nose, mouth and eyes. `shadow` draws what the fringe casts on the forehead. */
export function drawFace(pen: Pen, shadow: () => void): void {
  const { c, paints, pose } = pen;
  const { colour } = paints;
  for (const side of [-1, 1]) drawEar(pen, side);
  traceFace(pen);
  pen.fill(paints.skin);
  c.save();
  c.clip();
  c.fillStyle = colour.skinShade;
  c.translate(2, 15);
  shadow();
  c.translate(-2, -15);
  drawCheeks(pen);
  c.restore();
  traceFace(pen);
  pen.stroke(colour.skinLine, 2.6);
  drawNose(pen);
  drawMouth(pen);
  const p = pose.params;
  drawEye(pen, -1, p.ParamEyeROpen, p.ParamEyeRSmile);
  drawEye(pen, 1, p.ParamEyeLOpen, p.ParamEyeLSmile);
}

function drawEar(pen: Pen, side: number): void {
  const { colour } = pen.paints;
  pen
    .begin()
    .move(side * 140, 18, 0)
    .curve([side * 168, 6, -8], [side * 172, 64, -8], [side * 140, 82, 4])
    .close()
    .fill(colour.skin)
    .stroke(colour.skinLine, 2.4);
  pen
    .begin()
    .move(side * 146, 32, 0)
    .quad(side * 162, 36, -6, side * 148, 64, 0)
    .stroke(colour.skinDeep, 2.4);
}

function drawCheeks(pen: Pen): void {
  const { paints, pose } = pen;
  const strength = pose.params.ParamCheek;
  if (strength < 0.02) return;
  for (const side of [-1, 1]) {
    pen.onFace(side * 88, 104, (c) => {
      c.scale(1.12, 0.62);
      c.globalAlpha = Math.min(1, strength * 1.05);
      c.fillStyle = paints.cheek;
      c.fillRect(-40, -40, 80, 80);
    });
    const hatch = Math.max(pose.marks.blush, (strength - 0.6) * 0.8);
    if (hatch < 0.05) continue;
    pen.onFace(side * 88, 103, (c) => {
      c.globalAlpha = Math.min(1, hatch) * 0.75;
      c.strokeStyle = paints.colour.blushLine;
      c.lineWidth = 2.6;
      c.beginPath();
      for (const x of [-15, -3, 9]) {
        c.moveTo(x + 5, -8);
        c.lineTo(x - 3, 8);
      }
      c.stroke();
    });
  }
}

function drawNose(pen: Pen): void {
  pen.onPoint([0, 96, 128], (c) => {
    c.fillStyle = pen.paints.colour.skinDeep;
    c.beginPath();
    c.moveTo(-1, -6);
    c.quadraticCurveTo(6, 1, 2, 5);
    c.quadraticCurveTo(-3, 4, -1, -6);
    c.fill();
  });
}

/** Brows lie over the fringe, half seen through it, so that they can always be read. */
export function drawBrows(pen: Pen): void {
  const p = pen.pose.params;
  drawBrow(pen, -1, p.ParamBrowRY, p.ParamBrowRAngle, p.ParamEyeROpen);
  drawBrow(pen, 1, p.ParamBrowLY, p.ParamBrowLAngle, p.ParamEyeLOpen);
}

function drawBrow(pen: Pen, side: number, lift: number, angle: number, open: number): void {
  pen.onFace(side * 70, -14 - lift * 13 + (1 - Math.min(1, open)) * 5, (c) => {
    c.scale(side, 1);
    c.rotate(angle * 0.34);
    const bend = 6 - angle * 3;
    c.beginPath();
    c.moveTo(-31, 2);
    c.quadraticCurveTo(-2, -bend - 5, 33, 3);
    c.quadraticCurveTo(0, -bend + 3.5, -30, 7.5);
    c.closePath();
    c.fillStyle = pen.paints.colour.hairLine;
    c.globalAlpha = 0.86;
    c.fill();
  });
}
