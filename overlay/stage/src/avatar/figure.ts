import type { Look } from "@haishin/common/protocol";
import { drawOver, drawUnder } from "./accessories.ts";
import { drawBody } from "./body.ts";
import { drawEyes } from "./eyes.ts";
import { drawBrows, drawFace, faceShape } from "./face.ts";
import { Hair } from "./hair.ts";
import { drawArm } from "./hand.ts";
import { drawMarks } from "./marks.ts";
import { drawMouth } from "./mouth.ts";
import { type Palette, paletteOf } from "./palette.ts";
import { Pen } from "./pen.ts";
import type { Swing } from "./physics.ts";
import type { Pose } from "./pose.ts";

/** Units from the top of the canvas to the origin between the eyes, and from there to its bottom. */
const ABOVE = 236;
const BELOW = 316;
/** Width that must always be seen, in units. */
const WIDTH = 470;
/** How much of the brows is seen through the hair, as drawn characters have it. */
const SHINE_THROUGH = 0.5;
/** The joint of head and neck. */
const NECK_Y = 118;

/** The whole drawing of one look. */
export class Figure {
  readonly #pen: Pen;
  readonly #palette: Palette;
  readonly #hair: Hair;
  readonly #accessory: Look["accessory"];

  constructor(ctx: CanvasRenderingContext2D, look: Look) {
    this.#pen = new Pen(ctx);
    this.#palette = paletteOf(look);
    this.#hair = new Hair(ctx, look, this.#palette);
    this.#accessory = look.accessory;
  }

  /** Draw one frame over a cleared canvas. `time` is in seconds. */
  draw(pose: Pose, swing: Swing, time: number): void {
    const pen = this.#pen;
    const { ctx } = pen;
    const { width, height } = ctx.canvas;
    const scale = Math.min(height / (ABOVE + BELOW), width / WIDTH);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, width, height);
    ctx.lineCap = "round";
    ctx.lineJoin = "round";
    // The bust stands on the lower edge of the canvas, in the middle.
    ctx.setTransform(scale, 0, 0, scale, width / 2, height - BELOW * scale);
    const breath = pose.ParamBreath * 2.4;
    ctx.translate(pose.ParamBodyAngleX * 1.2, -breath - pose.ParamBodyAngleY * 1.6);
    ctx.translate(0, 420);
    ctx.rotate((pose.ParamBodyAngleZ * Math.PI) / 180 / 2);
    ctx.translate(0, -420);

    this.#onHead(pose, () => this.#hair.drawBack(pen, swing));
    pen.turn(pose.ParamBodyAngleX * 1.2 + pose.ParamAngleX * 0.12, 0);
    ctx.translate(0, -8);
    drawBody(pen, this.#palette, pose);
    ctx.translate(0, 8);
    this.#onHead(pose, () => {
      const outline = faceShape(pen);
      drawFace(pen, this.#palette, pose, outline);
      pen.inside(outline, () => {
        ctx.translate(2, 9);
        pen.fill(this.#hair.shadow(pen, swing), this.#palette.skinShade);
      });
      drawMouth(pen, this.#palette, pose);
      drawEyes(pen, this.#palette, pose, time);
      drawBrows(pen, this.#palette, pose, 1);
      const motion = { bounce: swing.ahoge, time };
      drawUnder(pen, this.#accessory, this.#palette, motion);
      this.#hair.drawFront(pen, swing);
      drawBrows(pen, this.#palette, pose, SHINE_THROUGH);
      drawOver(pen, this.#accessory, this.#palette, motion);
      drawMarks(pen, this.#palette, pose, time);
    });
    drawArm(pen, this.#palette, pose.ParamArmWave, time);
  }

  /** Draw something in the space of the head, turned and tilted. */
  #onHead(pose: Pose, draw: () => void): void {
    const { ctx } = this.#pen;
    ctx.save();
    ctx.translate(pose.ParamAngleX * 0.25, NECK_Y - pose.ParamAngleY * 0.12);
    ctx.rotate((pose.ParamAngleZ * Math.PI) / 180 / 1.6);
    ctx.translate(0, -NECK_Y);
    this.#pen.turn(pose.ParamAngleX, pose.ParamAngleY);
    draw();
    ctx.restore();
  }
}
