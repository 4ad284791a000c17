import type { Pen } from "./pen.ts";

const EYE_X = 71;
const EYE_Y = 56;

function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

/** The two lids of an eye as cubic curves from the inner to the outer corner, in the eye's own space. */
interface Lids {
  inner: [number, number];
  outer: [number, number];
  upper: [number, number, number, number];
  lower: [number, number, number, number];
}

/** `open` 0..1.3; `smile` arches closed lids upwards and lifts the lower one. */
function lids(open: number, smile: number): Lids {
  const shut = 1 - Math.min(1, open);
  const wide = Math.max(0, open - 1) * 12;
  const closedY = mix(30, -14, smile); // the middle of a closed lid: hanging, or arched
  const cornerY = mix(14, 20, smile);
  const t = Math.min(1, open);
  return {
    inner: [-35, mix(cornerY, 10, t)],
    outer: [39, mix(cornerY - 3, 0, t)],
    upper: [-27, mix(closedY, -43, t) - wide, 20, mix(closedY, -54, t) - wide],
    lower: [-21, mix(closedY, 41, t) - smile * 13 * t + wide * 0.5, 27, mix(closedY, 40, t) - smile * 15 * t],
  };
}

/** One eye; `side` is -1 on the left of the picture. */
export function drawEye(pen: Pen, side: number, open: number, smile: number): void {
  const l = lids(open, smile);
  pen.onFace(side * EYE_X, EYE_Y, (c) => {
    c.scale(side, 1);
    if (open > 0.04) {
      c.save();
      traceOpening(c, l);
      c.clip();
      c.fillStyle = pen.paints.sclera;
      c.fillRect(-44, -64, 90, 112);
      drawIris(pen, c, side);
      drawLidShadow(c, l);
      c.restore();
    }
    drawLashes(pen, c, l, open, smile);
  });
}

function traceOpening(c: CanvasRenderingContext2D, { inner, outer, upper, lower }: Lids): void {
  c.beginPath();
  c.moveTo(inner[0], inner[1]);
  c.bezierCurveTo(upper[0], upper[1], upper[2], upper[3], outer[0], outer[1]);
  c.bezierCurveTo(lower[2], lower[3], lower[0], lower[1], inner[0], inner[1]);
  c.closePath();
}

function drawIris(pen: Pen, c: CanvasRenderingContext2D, side: number): void {
  const { paints, pose } = pen;
  const { colour } = paints;
  const p = pose.params;
  const size = p.ParamEyeBallForm;
  c.save();
  c.translate(side * p.ParamEyeBallX * 12 + 1, p.ParamEyeBallY * 10 - 1);
  c.scale(side * size, size); // light falls from the left on both eyes
  ellipse(c, 0, 0, 27.5, 36);
  c.fillStyle = paints.iris;
  c.fill();
  c.save();
  c.clip();
  // Light gathers at the bottom of the iris, in a soft and a bright crescent.
  c.globalAlpha = 0.85;
  ellipse(c, 0, 30, 20, 17);
  c.fillStyle = colour.eyeLow;
  c.fill();
  c.globalAlpha = 0.9;
  ellipse(c, 0, 33, 12, 9);
  c.fillStyle = colour.eyeGlow;
  c.fill();
  c.globalAlpha = 1;
  ellipse(c, 0, -2, 10.5, 15.5);
  c.fillStyle = colour.eyeRing;
  c.fill();
  c.restore();
  ellipse(c, 0, 0, 27.5, 36);
  c.strokeStyle = colour.eyeRing;
  c.lineWidth = 3;
  c.stroke();
  drawLights(pen, c);
  c.restore();
}

function drawLights(pen: Pen, c: CanvasRenderingContext2D): void {
  const { time, params, marks } = pen.pose;
  const tremble = params.ParamTear * Math.sin(time * 9) * 1.3;
  c.fillStyle = "#ffffff";
  c.save();
  c.translate(-9 + tremble, -16);
  c.rotate(-0.25);
  ellipse(c, 0, 0, 9.5, 12.5);
  c.fill();
  c.restore();
  ellipse(c, 11 - tremble, 14, 5, 6);
  c.fill();
  c.globalAlpha = 0.85;
  ellipse(c, 8, -20, 3, 3.6);
  c.fill();
  if (params.ParamTear > 0.05) {
    c.globalAlpha = 0.8 * params.ParamTear;
    ellipse(c, -6 + tremble, 21, 9, 5.5);
    c.fill();
  }
  if (marks.sparkle > 0.05) {
    c.globalAlpha = marks.sparkle;
    star(c, 9, -9, 7.5 + Math.sin(time * 5) * 1.2);
    c.fill();
  }
  c.globalAlpha = 1;
}

function drawLidShadow(c: CanvasRenderingContext2D, { inner, outer, upper }: Lids): void {
  c.beginPath();
  c.moveTo(inner[0] - 4, inner[1]);
  c.bezierCurveTo(upper[0], upper[1], upper[2], upper[3], outer[0] + 4, outer[1]);
  c.bezierCurveTo(upper[2], upper[3] + 15, upper[0], upper[1] + 15, inner[0] - 4, inner[1]);
  c.fillStyle = "rgba(60,40,92,0.34)";
  c.fill();
}

function drawLashes(pen: Pen, c: CanvasRenderingContext2D, l: Lids, open: number, smile: number): void {
  const { colour } = pen.paints;
  const { inner, outer, upper, lower } = l;
  const thick = 7.5 + Math.min(1, open) * 3.5;
  const flick = mix(7, 11, Math.min(1, open)) - smile * 3;
  c.fillStyle = colour.lash;
  c.beginPath();
  c.moveTo(inner[0] - 2, inner[1] + 1.5);
  c.bezierCurveTo(upper[0] - 3, upper[1] - thick * 0.62, upper[2] + 5, upper[3] - thick, outer[0] + 7, outer[1] - 6);
  c.quadraticCurveTo(outer[0] + 9, outer[1] - 7, outer[0] + 15, outer[1] - flick - 3); // the wing
  c.quadraticCurveTo(outer[0] + 12, outer[1] + 2, outer[0] + 1, outer[1] + 6);
  c.bezierCurveTo(upper[2] - 2, upper[3] + 1.5, upper[0] + 1, upper[1] + 1, inner[0] - 2, inner[1] + 1.5);
  c.fill();
  if (open < 0.12) {
    c.beginPath(); // two lashes at the outer corner keep a closed eye from being a mere line
    for (const [x, length] of [
      [-7, 9],
      [4, 10],
    ] as const) {
      const y = outer[1] + (smile > 0.5 ? -2 : 4);
      c.moveTo(outer[0] + x, y);
      c.lineTo(outer[0] + x + 6, y + length * (smile > 0.5 ? 0.1 : 0.8));
    }
    c.strokeStyle = colour.lash;
    c.lineWidth = 3;
    c.stroke();
    return;
  }
  c.beginPath();
  c.moveTo(outer[0] + 1, outer[1] + 4);
  c.bezierCurveTo(lower[2] + 1, lower[3] + 1, lower[2] - 14, lower[3] + 3, 2, mix(lower[1], lower[3], 0.5) - 7);
  c.strokeStyle = colour.lash;
  c.globalAlpha = 0.8;
  c.lineWidth = 2.4;
  c.stroke();
  c.globalAlpha = 1;
  if (open > 0.45) {
    c.beginPath();
    c.moveTo(inner[0] + 6, inner[1] - 26 * open);
    c.bezierCurveTo(upper[0] + 4, upper[1] - 15, upper[2] + 4, upper[3] - 17, outer[0] + 5, outer[1] - 17);
    c.strokeStyle = colour.skinDeep;
    c.lineWidth = 2.2;
    c.stroke();
  }
}

export function ellipse(c: CanvasRenderingContext2D, x: number, y: number, rx: number, ry: number): void {
  c.beginPath();
  c.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
}

/** A four-pointed star. */
export function star(c: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  c.beginPath();
  c.moveTo(x, y - r);
  c.quadraticCurveTo(x, y, x + r, y);
  c.quadraticCurveTo(x, y, x, y + r);
  c.quadraticCurveTo(x, y, x - r, y);
  c.quadraticCurveTo(x, y, x, y - r);
}
