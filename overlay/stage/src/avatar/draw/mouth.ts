import type { Pen } from "./pen.ts";

/** Below this the mouth is a line. */
const PARTED = 0.05;

/** The mouth, from a line to wide open; shaped by ParamMouthForm from "o" over rest to a smile. */
export function drawMouth(pen: Pen): void {
  const p = pen.pose.params;
  const open = p.ParamMouthOpenY;
  pen.onFace(0, 132, (c) => {
    if (open > PARTED) drawOpen(pen, c, open, p.ParamMouthForm);
    else if (p.ParamMouthCat > 0.4) drawCat(pen, c, p.ParamMouthCat);
    else if (p.ParamMouthWave > 0.4) drawWave(pen, c, p.ParamMouthWave);
    else drawLine(pen, c, p.ParamMouthForm);
  });
}

function finish(pen: Pen, c: CanvasRenderingContext2D): void {
  c.strokeStyle = pen.paints.colour.skinLine;
  c.lineWidth = 3.4;
  c.stroke();
}

function drawLine(pen: Pen, c: CanvasRenderingContext2D, form: number): void {
  const half = 19 + Math.abs(form) * 6;
  c.beginPath();
  c.moveTo(-half, -form * 6);
  c.quadraticCurveTo(0, form * 12 + 1, half, -form * 6);
  finish(pen, c);
  c.beginPath();
  c.moveTo(-6, 13 + form * 2);
  c.quadraticCurveTo(0, 15 + form * 2, 6, 13 + form * 2);
  c.strokeStyle = pen.paints.colour.skinDeep;
  c.lineWidth = 2;
  c.stroke();
}

function drawCat(pen: Pen, c: CanvasRenderingContext2D, amount: number): void {
  const depth = 11 * amount;
  c.beginPath();
  c.moveTo(-27, -5);
  c.quadraticCurveTo(-14, depth + 5, 0, 1);
  c.quadraticCurveTo(14, depth + 5, 29, -8);
  finish(pen, c);
}

function drawWave(pen: Pen, c: CanvasRenderingContext2D, amount: number): void {
  const wobble = 5 * amount + Math.sin(pen.pose.time * 7) * 0.8;
  c.beginPath();
  c.moveTo(-21, 0);
  for (let i = 0; i < 4; i++) {
    const x = -21 + i * 10.5;
    c.quadraticCurveTo(x + 5.2, i % 2 ? wobble : -wobble, x + 10.5, 0);
  }
  finish(pen, c);
}

function drawOpen(pen: Pen, c: CanvasRenderingContext2D, open: number, form: number): void {
  const { paints } = pen;
  const smile = Math.max(0, form);
  const round = Math.max(0, -form);
  const half = (22 + smile * 11 - round * 9) * (1 - 0.12 * open) + open * 3;
  const corner = -2 - smile * 5 + round * 4 + open * (round * 5);
  const top = -3 - open * (3 + round * 9) + smile * 1.5;
  const bottom = 5 + open * (40 - smile * 4 - round * 4);
  // A sad mouth that stands open is an arch; a smiling one hangs from its corners.
  const full = 0.62 + round * 0.2;
  const trace = () => {
    c.beginPath();
    c.moveTo(-half, corner);
    c.bezierCurveTo(-half * 0.5, top - round * 3, half * 0.5, top - round * 3, half, corner);
    c.bezierCurveTo(half * (0.96 - smile * 0.05), bottom * 0.72, half * full, bottom, 0, bottom);
    c.bezierCurveTo(-half * full, bottom, -half * (0.96 - smile * 0.05), bottom * 0.72, -half, corner);
    c.closePath();
  };
  trace();
  c.fillStyle = paints.mouth;
  c.fill();
  c.save();
  c.clip();
  if (open > 0.16) {
    c.beginPath();
    c.ellipse(0, bottom + 4 - open * 2, half * 0.68, 8 + open * 12, 0, 0, 2 * Math.PI);
    c.fillStyle = "#ee8088";
    c.fill();
  }
  const teeth = Math.min(1, Math.max(0, open - 0.1) * 5) * (1 - round);
  if (teeth > 0.05) {
    c.beginPath();
    c.moveTo(-half, corner - 6);
    c.lineTo(half, corner - 6);
    c.lineTo(half * 0.86, corner + 3);
    c.quadraticCurveTo(0, top + 5 + teeth * 5, -half * 0.86, corner + 3);
    c.closePath();
    c.fillStyle = "#ffffff";
    c.fill();
  }
  c.restore();
  trace();
  finish(pen, c);
}
