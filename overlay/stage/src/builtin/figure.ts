import type { Pose } from "../avatar/pose.ts";
import { approach } from "../avatar/spring.ts";
import { drawBehind, drawOnFace, drawUpon } from "./accessories.ts";
import { drawEyes } from "./eyes.ts";
import { drawBrows, drawEar, drawFace, drawNose, outlineOf } from "./face.ts";
import { Hair } from "./hair.ts";
import { armOf, drawMug, Limb } from "./limbs.ts";
import { type Design, designOf, type Wish } from "./looks.ts";
import { drawMarks } from "./marks.ts";
import { drawMouth } from "./mouth.ts";
import { type Paint, paintOf } from "./paint.ts";
import { Turn } from "./space.ts";
import { reachesOf } from "./stance.ts";
import { drawNeck, trunkOf } from "./trunk.ts";

/** Units from the top of the canvas to the origin in the head, and from there to its bottom. */
const ABOVE = 157;
const BELOW = 468;
const WIDTH = 470;
/** The most that any look reaches to its sides, with arms, ears, tails and signs: 298 of 325 units were measured. */
export const WIDEST = 650 / (ABOVE + BELOW);
const DEGREE = Math.PI / 180;
/** Yaw, pitch and roll of the head at 30 of ParamAngleX, Y and Z, in degrees. */
const YAW = 26;
const PITCH = 20;
const ROLL = 18;
/** How the body stands: turned away from the viewer a little, one shoulder lower. In degrees. */
const STANCE = { yaw: -13, roll: -1.6 };
/** How fast the body follows the head, a second. */
const FOLLOW = 9;
const SHINE_THROUGH = 0.9;

/** The whole drawing of one look. */
export class Figure {
  readonly #ctx: CanvasRenderingContext2D;
  readonly #design: Design;
  readonly #paint: Paint;
  readonly #hair: Hair;
  #time = 0;
  readonly #head = new Turn();
  readonly #turn = new Turn();
  #yaw = 0;
  #roll = 0;

  constructor(ctx: CanvasRenderingContext2D, look: Wish) {
    this.#ctx = ctx;
    this.#design = designOf(look);
    this.#paint = paintOf(this.#design.dyes);
    this.#hair = new Hair(this.#design.hair, this.#paint);
  }

  /** Move the body and all that hangs on it on by `dt` seconds. */
  step(pose: Pose, time: number, dt: number): void {
    this.#time = time;
    const yaw = (pose.ParamAngleX / 30) * YAW;
    const roll = (pose.ParamAngleZ / 30) * ROLL;
    // The head leads, the body follows.
    this.#yaw = approach(this.#yaw, yaw * 0.28, FOLLOW, dt);
    this.#roll = approach(this.#roll, roll * 0.12, FOLLOW, dt);
    const sway = pose.ParamBodyAngleX;
    this.#turn.set(
      (STANCE.yaw + this.#yaw + sway * 0.9) * DEGREE,
      (pose.ParamBodyAngleY * 0.5 + pose.ParamBreath * 0.5) * DEGREE,
      (STANCE.roll + this.#roll + pose.ParamBodyAngleZ * 0.7) * DEGREE,
      [0, 430, 0],
      [sway * 0.9, 430 - pose.ParamBreath * 1.2 - pose.ParamBodyAngleY * 1.2, 0],
    );
    const [nx, ny, nz] = this.#turn.point([0, this.#design.face.chin - 8, -8]);
    this.#head.set(
      (yaw + 2) * DEGREE,
      (pose.ParamAngleY / 30) * PITCH * DEGREE,
      (roll + 1) * DEGREE,
      [0, this.#design.face.chin - 8, -14],
      [nx, ny, nz],
    );
    this.#hair.step(this.#head, time, dt);
  }

  draw(pose: Pose): void {
    const ctx = this.#ctx;
    const { width, height } = ctx.canvas;
    const scale = Math.min(height / (ABOVE + BELOW), width / WIDTH);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, width, height);
    ctx.setTransform(scale, 0, 0, scale, width / 2, height - BELOW * scale);
    const head = this.#head;
    const paint = this.#paint;
    const { body, garment, face, creature, stance } = this.#design;
    const shrug = pose.ParamShoulderY * 5;
    const trunk = trunkOf(this.#turn, body, shrug);
    this.#hair.place(ctx, head);
    garment.behind?.(ctx, trunk, paint);
    this.#hair.drawBack(ctx, head);
    const reaches = reachesOf(stance, pose, this.#time);
    const sleeve = garment.sleeve(paint);
    const limbs = ([-1, 1] as const).map((side) => {
      const reach = side > 0 ? reaches.right : reaches.left;
      const arm = armOf(body, reach, side, shrug);
      const limb = new Limb(this.#turn, body, paint, sleeve, arm, reach, side);
      // A raised hand comes before face and hair.
      return { limb, reach, raised: arm.wrist[1] < body.shoulder[1] + 40 };
    });
    const lower = (raised: boolean): void => {
      for (const { limb, reach, raised: is } of limbs) {
        if (is !== raised) continue;
        if (reach.hand === "hold") drawMug(ctx, limb.wrist[0] - 27, limb.wrist[1] - 16, paint, this.#time);
        limb.drawLower(ctx);
      }
    };
    if (!creature) drawNeck(ctx, head, trunk, face, paint);
    garment.draw(ctx, trunk, paint);
    for (const { limb } of limbs) limb.drawUpper(ctx);
    lower(false);
    garment.over?.(ctx, trunk, paint);
    this.#drawHead(pose);
    lower(true);
    drawMarks({ ctx, head, face, paint, time: this.#time }, pose);
  }

  #drawHead(pose: Pose): void {
    const ctx = this.#ctx;
    const head = this.#head;
    const { face, accessory } = this.#design;
    const paint = this.#paint;
    const stage = { ctx, turn: head, face, paint, bounce: this.#hair.bounce, time: this.#time };
    drawBehind(stage, accessory);
    this.#hair.drawCap(ctx, head);
    if (this.#design.hair.ears && !face.creature) {
      drawEar(ctx, head, face, paint, -1);
      drawEar(ctx, head, face, paint, 1);
    }
    const outline = outlineOf(head, face, pose.ParamCheekPuff);
    drawFace(ctx, head, face, paint, pose, outline, this.#hair.shadow(3, 8));
    drawNose(ctx, head, face, paint);
    drawMouth(ctx, head, face, paint, pose);
    drawEyes(ctx, head, face, paint, pose);
    drawBrows(ctx, head, face, paint, pose, 1);
    drawOnFace(stage, accessory);
    this.#hair.drawFront(ctx, head);
    drawBrows(ctx, head, face, paint, pose, SHINE_THROUGH);
    drawUpon(stage, accessory);
  }
}
