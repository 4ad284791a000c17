/** Head, neck, trunk and arms of a model, turned by the parameters of the rig. */
import { Euler, MathUtils, Quaternion } from "three";
import type { Pose } from "../avatar/pose.ts";
import { Spring } from "../avatar/spring.ts";
import { Arms } from "./arms.ts";
import type { Bone, Bones } from "./bones.ts";

const { DEG2RAD } = MathUtils;
/** How the body stands by itself: turned a little aside, with the head against it, so that it is no passport picture. */
const STANCE = { yaw: -9, roll: 1.4 };
/** The trunk's share of each bone; what a model lacks falls to the others. */
const TRUNK: readonly [Bone, number][] = [
  ["spine", 0.4],
  ["chest", 0.35],
  ["upperChest", 0.25],
];
/** Degrees at 30 of ParamAngleX, Y and Z, and at 10 of ParamBodyAngleX, Y and Z. */
const HEAD = { yaw: 32, pitch: 22, roll: 20 };
const BODY = { yaw: 12, pitch: 9, roll: 8 };

export class Body {
  readonly #bones: Bones;
  readonly #arms: Arms;
  readonly #trunk: readonly [Bone, number][];
  /** The trunk follows the head a moment later. */
  readonly #follow = new Spring(1.1, 0.85);
  readonly #euler = new Euler(0, 0, 0, "YXZ");
  readonly #turn = new Quaternion();

  constructor(bones: Bones) {
    this.#bones = bones;
    this.#arms = new Arms(bones);
    const there = TRUNK.filter(([bone]) => bones.has(bone));
    const sum = there.reduce((total, [, share]) => total + share, 0);
    this.#trunk = there.map(([bone, share]) => [bone, share / sum]);
  }

  /** Move to a pose; `time` and `dt` in seconds. */
  apply(pose: Pose, time: number, dt: number): void {
    const lean = this.#follow.step(pose.ParamAngleX / 30, dt);
    const yaw = (pose.ParamBodyAngleX / 10) * BODY.yaw + lean * 6;
    const pitch = (pose.ParamBodyAngleY / 10) * BODY.pitch + (pose.ParamBreath - 0.5) * 1.1;
    const roll = (pose.ParamBodyAngleZ / 10) * BODY.roll + STANCE.roll;
    this.#set("hips", STANCE.yaw * 0.6, 0, -roll * 0.25);
    this.#bones.shift((pose.ParamBodyAngleZ / 10) * 0.02, Math.max(0, pose.ParamBodyAngleY) * 0.002);
    for (const [bone, share] of this.#trunk) {
      this.#set(bone, (yaw + STANCE.yaw * 0.4) * share, pitch * share, roll * share);
    }
    const lift = pose.ParamShoulderY * 7 + (pose.ParamBreath - 0.5) * 1.2 + pose.ParamArmCheer * 8;
    this.#set("leftShoulder", 0, 0, -lift);
    this.#set("rightShoulder", 0, 0, lift + pose.ParamArmWave * 5);
    const headYaw = (pose.ParamAngleX / 30) * HEAD.yaw - STANCE.yaw - lean * 3;
    const headPitch = (pose.ParamAngleY / 30) * HEAD.pitch;
    const headRoll = (pose.ParamAngleZ / 30) * HEAD.roll - STANCE.roll * 0.8;
    this.#set("neck", headYaw * 0.4, headPitch * 0.35, headRoll * 0.4);
    this.#set("head", headYaw * 0.6, headPitch * 0.65, headRoll * 0.6);
    this.#arms.apply(pose, time);
  }

  /** Degrees: yaw to the viewer's right, pitch up, roll to the viewer's right. */
  #set(bone: Bone, yaw: number, pitch: number, roll: number): void {
    this.#euler.set(-pitch * DEG2RAD, yaw * DEG2RAD, -roll * DEG2RAD);
    this.#bones.turn(bone, this.#turn.setFromEuler(this.#euler));
  }
}
