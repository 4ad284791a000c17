import type { Parameter, Pose } from "../avatar/pose.ts";
import { ARM_POSES, type ArmPose, blend, HANG, HIP, type Reach } from "./arms.ts";

/** How a figure stands when its hands have nothing to do. */
export const STANCES = {
  hip: { left: { ...HANG, wrist: [98, 362, 6] }, right: HIP },
  calm: { left: { ...HANG, wrist: [97, 362, 6] }, right: { ...HANG, wrist: [97, 362, 6] } },
  clasped: {
    left: { wrist: [26, 322, 66], elbow: [1, 0.3, -0.5], turn: -62, hand: "rest", front: true },
    right: { wrist: [22, 318, 72], elbow: [1, 0.3, -0.5], turn: -66, hand: "rest", front: true },
  },
  pockets: {
    left: { wrist: [66, 366, 46], elbow: [1, 0.1, -0.5], turn: -40, hand: "hidden", front: true },
    right: { wrist: [66, 366, 46], elbow: [1, 0.1, -0.5], turn: -40, hand: "hidden", front: true },
  },
  casual: { left: HIP, right: { ...HANG, wrist: [97, 362, 6] } },
  paws: {
    left: { wrist: [62, 306, 96], elbow: [1, 0.8, 0], turn: -60, hand: "rest", front: true },
    right: { wrist: [62, 306, 96], elbow: [1, 0.8, 0], turn: -60, hand: "rest", front: true },
  },
} as const satisfies Record<string, ArmPose>;

export type StanceName = keyof typeof STANCES;

/** Parameters that move the arms, later ones over earlier ones. */
const MOVES = [
  ["ParamArmShy", "shy"],
  ["ParamArmBow", "bow"],
  ["ParamArmNod", "nod"],
  ["ParamArmShake", "shake"],
  ["ParamArmShrug", "shrug"],
  ["ParamArmThink", "think"],
  ["ParamArmTea", "tea"],
  ["ParamArmSip", "sip"],
  ["ParamArmHeart", "heart"],
  ["ParamArmPoint", "point"],
  ["ParamArmFacepalm", "facepalm"],
  ["ParamArmCheer", "cheer"],
  ["ParamArmWave", "wave"],
] as const satisfies readonly (readonly [Parameter, keyof typeof ARM_POSES])[];

/** Where both arms want to be in this pose. `time` in seconds moves a waving hand. */
export function reachesOf(stance: StanceName, pose: Pose, time: number): { left: Reach; right: Reach } {
  let { left, right }: { left: Reach; right: Reach } = STANCES[stance];
  for (const [parameter, name] of MOVES) {
    const share = smooth(pose[parameter]);
    if (share <= 0.002) continue;
    const { left: l, right: r }: ArmPose = ARM_POSES[name];
    // A pose of one arm leaves the other one where it is.
    if (!l.idle) left = blend(left, l, share);
    right = blend(right, r, share);
  }
  const wave = Math.sin(time * 9.5) * pose.ParamArmWave;
  const no = Math.sin(time * 11) * pose.ParamArmShake;
  const yes = Math.sin(time * 10) * pose.ParamArmNod;
  const pump = Math.sin(time * 8) * pose.ParamArmCheer;
  return {
    left: moved(left, 0, pump * -7, 0),
    right: moved(right, wave * 15 + no * 13, pump * -7 + yes * 5, wave * -16 + no * -9),
  };
}

function smooth(share: number): number {
  const t = Math.min(1, Math.max(0, share));
  return t * t * (3 - 2 * t);
}

function moved(reach: Reach, dx: number, dy: number, turn: number): Reach {
  const [x, y, z] = reach.wrist;
  return { ...reach, wrist: [x + dx, y + dy, z], turn: reach.turn + turn };
}
