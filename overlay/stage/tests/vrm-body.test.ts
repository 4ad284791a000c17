import { Group, Object3D, Quaternion, Vector3 } from "three";
import { describe, expect, it } from "vitest";
import { rest } from "../src/avatar/pose.ts";
import { Body } from "../src/vrm/body.ts";
import { Bones } from "../src/vrm/bones.ts";
import { frame } from "../src/vrm/view.ts";

const PLACES: Record<string, [string, number, number, number]> = {
  hips: ["", 0, 0.9, 0],
  spine: ["hips", 0, 1, 0],
  chest: ["spine", 0, 1.15, 0],
  neck: ["chest", 0, 1.35, 0],
  head: ["neck", 0, 1.42, 0],
  leftUpperArm: ["chest", 0.14, 1.3, 0],
  leftLowerArm: ["leftUpperArm", 0.38, 1.3, 0],
  leftHand: ["leftLowerArm", 0.6, 1.3, 0],
  rightUpperArm: ["chest", -0.14, 1.3, 0],
  rightLowerArm: ["rightUpperArm", -0.38, 1.3, 0],
  rightHand: ["rightLowerArm", -0.6, 1.3, 0],
};

/** A skeleton as three-vrm's normalized one: no rotation at rest. One of VRM 0 looks the other way, and is turned round. */
function skeleton(version: "0" | "1") {
  const sign = version === "1" ? 1 : -1;
  const scene = new Group();
  const nodes: Record<string, Object3D> = {};
  for (const [name, [parent, x, y, z]] of Object.entries(PLACES)) {
    const node = new Object3D();
    const [, px, py, pz] = PLACES[parent] ?? ["", 0, 0, 0];
    node.position.set(sign * (x - px), y - py, sign * (z - pz));
    (nodes[parent] ?? scene).add(node);
    nodes[name] = node;
  }
  if (version === "0") scene.rotation.y = Math.PI;
  const vrm = {
    scene,
    meta: { metaVersion: version },
    humanoid: { getNormalizedBoneNode: (name: string) => nodes[name] ?? null },
  };
  const body = new Body(new Bones(vrm as never));
  return {
    body,
    where: (name: string) => {
      scene.updateWorldMatrix(true, true);
      return (nodes[name] as Object3D).getWorldPosition(new Vector3());
    },
    facing: (name: string) => {
      scene.updateWorldMatrix(true, true);
      return new Vector3(0, 0, sign).applyQuaternion((nodes[name] as Object3D).getWorldQuaternion(new Quaternion()));
    },
  };
}

describe.each(["0", "1"] as const)("a body of VRM %s", (version) => {
  it("lets its arms hang", () => {
    const { body, where } = skeleton(version);
    body.apply(rest(), 0, 0);
    for (const side of ["left", "right"]) {
      expect(where(`${side}Hand`).y).toBeLessThan(where(`${side}UpperArm`).y - 0.35);
      expect(where(`${side}Hand`).distanceTo(where(`${side}LowerArm`))).toBeCloseTo(0.22, 5);
    }
    expect(where("leftHand").x).toBeGreaterThan(0.1);
    expect(where("rightHand").x).toBeLessThan(-0.1);
  });

  it("turns its head as the parameters say: right and up as the viewer sees it", () => {
    const { body, facing } = skeleton(version);
    const pose = { ...rest(), ParamAngleX: 30, ParamAngleY: 30 };
    body.apply(rest(), 0, 0);
    const before = facing("head");
    for (let n = 0; n < 60; n++) body.apply(pose, n / 20, 0.05);
    const after = facing("head");
    expect(before.z).toBeGreaterThan(0.95);
    expect(after.x - before.x).toBeGreaterThan(0.4);
    expect(after.y - before.y).toBeGreaterThan(0.25);
  });

  it("waves with its right hand beside the head, and brings it to the chin to think", () => {
    const { body, where } = skeleton(version);
    body.apply({ ...rest(), ParamArmWave: 1 }, 0, 0);
    expect(where("rightHand").y).toBeGreaterThan(where("rightUpperArm").y + 0.1);
    expect(where("rightHand").x).toBeLessThan(-0.25);
    expect(where("leftHand").y).toBeLessThan(1);
    body.apply({ ...rest(), ParamArmThink: 1 }, 0, 0);
    const chin = where("head").add(new Vector3(0, -0.05, 0.1));
    expect(where("rightHand").distanceTo(chin)).toBeLessThan(0.2);
  });

  it("stays whole when every gesture is asked for at once", () => {
    const { body, where } = skeleton(version);
    const pose = rest();
    for (const name of Object.keys(pose) as (keyof typeof pose)[]) if (name.startsWith("ParamArm")) pose[name] = 1;
    body.apply(pose, 1, 0.05);
    for (const name of Object.keys(PLACES)) expect(where(name).toArray().every(Number.isFinite)).toBe(true);
  });
});

describe("the camera", () => {
  const figure = { hips: 0.9, head: 1.42, top: 1.7, shoulders: 0.28 };

  it("sees from the hip up in a wide picture, and the whole width of the shoulders in a tall one", () => {
    const wide = frame(figure, 16 / 9);
    const half = wide.distance * Math.tan((9 * Math.PI) / 180);
    expect(wide.middle + half).toBeGreaterThan(1.7);
    expect(wide.middle - half).toBeGreaterThan(0.8);
    const tall = frame(figure, 9 / 16);
    expect(tall.distance * Math.tan((9 * Math.PI) / 180) * 2 * (9 / 16)).toBeGreaterThanOrEqual(0.28 * 2.1 - 1e-9);
    expect(tall.middle + tall.distance * Math.tan((9 * Math.PI) / 180)).toBeCloseTo(wide.middle + half, 5);
  });

  it("is not driven away by a tall hat, nor by a model without a height", () => {
    expect(frame({ ...figure, top: 9 }, 16 / 9).distance).toBeLessThan(frame(figure, 16 / 9).distance * 1.6);
    const flat = frame({ hips: 0, head: 0, top: 0, shoulders: 0 }, 1);
    expect(flat.distance).toBeGreaterThan(0);
    expect(Number.isFinite(flat.middle)).toBe(true);
  });
});
