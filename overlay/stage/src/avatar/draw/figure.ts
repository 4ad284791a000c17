import type { Pose } from "../rig.ts";
import { drawAccessory } from "./accessories.ts";
import { drawBody, FLOOR_Y } from "./body.ts";
import { drawBrows, drawFace } from "./face.ts";
import { drawBackHair, drawFringe, drawSides, traceFringe } from "./hair.ts";
import { drawHand } from "./hand.ts";
import { drawMarks } from "./marks.ts";
import type { Paints } from "./paints.ts";
import { Pen } from "./pen.ts";

/** The drawing from the tip of the ears to where the bust is cut, and its width with hair and hand. */
const TOP_Y = -312;
const WIDTH = 700;
/** The head turns about the top of the neck. */
const PIVOT_Y = 170;
const TILT = (0.8 * Math.PI) / 180;

/** How the drawing is laid onto a canvas: centred, standing on its lower edge. */
export function fit(width: number, height: number): { scale: number; x: number; y: number } {
  const scale = Math.min(height / (FLOOR_Y - 20 - TOP_Y), width / WIDTH);
  return { scale, x: width / 2, y: height - (FLOOR_Y - 20) * scale };
}

/** Draw one pose, in the drawing's own units: the head's centre is the origin. */
export function drawFigure(c: CanvasRenderingContext2D, paints: Paints, pose: Pose): void {
  const p = pose.params;
  const pen = new Pen(c, paints, pose);
  c.lineCap = "round";
  c.lineJoin = "round";
  c.save();
  c.translate(0, p.ParamBaseY - p.ParamBreath * 2.5);
  swivel(c, FLOOR_Y, (p.ParamBodyAngleZ * Math.PI) / 180);

  inHead(pen, () => {
    pen.turn(p.ParamAngleX * 0.7, p.ParamAngleY * 0.7);
    drawBackHair(pen);
  });
  c.save();
  c.translate(0, p.ParamBreath * 2.5 + p.ParamBodyAngleY * -0.8);
  drawBody(pen);
  c.restore();
  inHead(pen, () => {
    pen.turn(p.ParamAngleX, p.ParamAngleY);
    drawAccessory(pen, "behind");
    drawFace(pen, () => {
      traceFringe(pen, false);
      c.fill();
    });
    drawAccessory(pen, "face");
    drawSides(pen);
    drawFringe(pen);
    drawBrows(pen);
    drawAccessory(pen, "over");
    drawMarks(pen);
  });
  drawHand(pen);
  c.restore();
}

function inHead(pen: Pen, draw: () => void): void {
  const { c, pose } = pen;
  const p = pose.params;
  c.save();
  c.translate(p.ParamBodyAngleX * 1.6 + p.ParamAngleZ * 0.25, p.ParamAngleY * -0.25 + p.ParamBodyAngleY * -1.2);
  swivel(c, PIVOT_Y, p.ParamAngleZ * TILT);
  draw();
  c.restore();
}

function swivel(c: CanvasRenderingContext2D, y: number, angle: number): void {
  c.translate(0, y);
  c.rotate(angle);
  c.translate(0, -y);
}
