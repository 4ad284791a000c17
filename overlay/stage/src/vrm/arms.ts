/**
 * Arms and hands. A gesture says where the wrists go, measured by the model's own arm and head, so that a hand meets
 * the chin of a tall figure and of a small one alike; two bones are then bent to reach it.
 */
import { Matrix4, Quaternion, Vector3 } from "three";
import type { Parameter, Pose } from "../avatar/pose.ts";
import type { Bone, Bones } from "./bones.ts";

type Side = "left" | "right";

/** How a hand is held: shares by which fingers are curled. */
interface Fingers {
  readonly index: number;
  readonly others: number;
  readonly thumb: number;
}

interface ArmPose {
  /** Where the wrist is. */
  at(m: Measures, time: number): Vector3;
  /** Where the elbow points. */
  readonly elbow: readonly [number, number, number];
  /** Where the fingers point and the palm looks; without, as the arm hangs. */
  readonly hand?: readonly [fingers: readonly [number, number, number], palm: readonly [number, number, number]];
  readonly fingers: Fingers;
}

/** What one side of a figure measures at rest. Out is away from the body: x of a pose grows outwards on either side. */
class Measures {
  readonly shoulder: Vector3;
  readonly head: Vector3;
  readonly upper: number;
  readonly lower: number;
  /** Length of the arm to the wrist, and height of the head without hair, in metres. */
  readonly arm: number;
  readonly skull: number;

  constructor(
    bones: Bones,
    side: Side,
    readonly out: 1 | -1,
  ) {
    this.shoulder = bones.home(`${side}UpperArm`);
    const elbow = bones.home(`${side}LowerArm`);
    const wrist = bones.home(`${side}Hand`);
    this.upper = Math.max(0.01, this.shoulder.distanceTo(elbow));
    this.lower = Math.max(0.01, elbow.distanceTo(wrist));
    this.arm = this.upper + this.lower;
    this.head = bones.home("head");
    const neck = bones.home("neck", "upperChest", "chest", "spine");
    // The head bone sits at the root of the skull; an arm is about three heads long, in figures with large heads less.
    this.skull = Math.max(0.08, Math.min(0.4, 0.42 * this.arm, 3.2 * Math.max(0.03, this.head.y - neck.y)));
  }

  /** A point by the shoulder, in lengths of the arm. */
  by(x: number, y: number, z: number): Vector3 {
    return new Vector3(x * this.out, y, z).multiplyScalar(this.arm).add(this.shoulder);
  }

  /** A point by the root of the skull, in heights of the head. */
  face(x: number, y: number, z: number): Vector3 {
    return new Vector3(x * this.out, y, z).multiplyScalar(this.skull).add(this.head);
  }

  /** A point before the breastbone, in lengths of the arm; x from the middle. */
  chest(x: number, y: number, z: number): Vector3 {
    const middle = new Vector3(this.head.x, this.shoulder.y, this.shoulder.z);
    return new Vector3(x * this.out, y, z).multiplyScalar(this.arm).add(middle);
  }
}

const LOOSE: Fingers = { index: 0.22, others: 0.32, thumb: 0.2 };
const OPEN: Fingers = { index: 0.03, others: 0.05, thumb: 0 };
const FIST: Fingers = { index: 0.95, others: 0.98, thumb: 0.7 };
const POINTING: Fingers = { index: 0.02, others: 0.95, thumb: 0.6 };

const HANGING: ArmPose = { at: (m) => m.by(0.24, -0.93, 0.05), elbow: [0.5, 0, -1], fingers: LOOSE };

/** What the right arm does for each parameter, and the left one where it takes part. */
const POSES: Partial<Record<Parameter, { right: ArmPose; left?: ArmPose }>> = {
  ParamArmWave: {
    right: {
      at: (m, time) => m.by(0.36 + 0.12 * Math.sin(time * 11), 0.28, 0.36),
      elbow: [0.25, -1, -0.05],
      hand: [
        [0.1, 1, 0.05],
        [0, 0, 1],
      ],
      fingers: OPEN,
    },
  },
  ParamArmPoint: {
    right: {
      at: (m) => m.by(0.3, 0.02, 0.66),
      elbow: [0.7, -1, 0],
      hand: [
        [0.35, 0.55, 1],
        [-1, -0.3, 0.3],
      ],
      fingers: POINTING,
    },
  },
  ParamArmThink: {
    right: {
      at: (m) => m.face(0.3, -0.62, 0.6),
      elbow: [0.35, -1, 0.1],
      hand: [
        [-0.35, 1, -0.05],
        [-0.5, 0, -1],
      ],
      fingers: { index: 0.25, others: 0.8, thumb: 0.1 },
    },
    left: { at: (m) => m.chest(-0.12, -0.6, 0.34), elbow: [0.8, -1, -0.2], fingers: LOOSE },
  },
  ParamArmCheer: both({
    at: (m, time) => m.by(0.3, 0.72 + 0.04 * Math.sin(time * 9), 0.18),
    elbow: [1, -0.4, -0.2],
    hand: [
      [0.05, 1, 0],
      [0, 0, 1],
    ],
    fingers: FIST,
  }),
  ParamArmHeart: both({
    at: (m) => m.chest(0.17, -0.2, 0.5),
    elbow: [0.8, -1, -0.1],
    hand: [
      [-0.75, 0.8, 0.15],
      [-0.5, -0.5, -0.6],
    ],
    fingers: { index: 0.5, others: 0.5, thumb: 0 },
  }),
  ParamArmFacepalm: {
    right: {
      at: (m) => m.face(0.42, 0.12, 0.78),
      elbow: [0.6, -1, 0.3],
      hand: [
        [-0.65, 0.75, -0.1],
        [-0.35, 0, -1],
      ],
      fingers: { index: 0.12, others: 0.15, thumb: 0.1 },
    },
  },
  ParamArmShy: both({
    at: (m) => m.chest(0.13, -0.26, 0.36),
    elbow: [0.7, -1, -0.3],
    hand: [
      [-0.45, 1, 0.1],
      [-0.5, 0, -1],
    ],
    fingers: { index: 0.75, others: 0.85, thumb: 0.4 },
  }),
};

function both(pose: ArmPose): { right: ArmPose; left: ArmPose } {
  return { right: pose, left: pose };
}

const PARAMETERS = Object.keys(POSES) as (keyof typeof POSES)[];
const FINGERS = ["Index", "Middle", "Ring", "Little"] as const;
/** By how much each joint of a finger bends when it is curled, in radians. */
const BENDS = [1.35, 1.55, 1.1] as const;
/** The share of a hand's turn about the forearm that the forearm itself makes. */
const FOREARM = 0.55;

/** Bends one arm. */
class Arm {
  readonly #m: Measures;
  readonly #side: Side;
  readonly #along: Vector3;
  readonly #palm = new Vector3(0, -1, 0);

  constructor(
    readonly bones: Bones,
    side: Side,
  ) {
    this.#side = side;
    this.#m = new Measures(bones, side, side === "left" ? 1 : -1);
    this.#along = new Vector3(this.#m.out, 0, 0);
  }

  /** Hold the arm as the parameters say; `time` in seconds. */
  apply(pose: Pose, time: number): void {
    const m = this.#m;
    const wrist = HANGING.at(m, time);
    const hanging = wrist.clone();
    const elbow = this.#direction(HANGING.elbow);
    const hand = new Quaternion();
    let curl = HANGING.fingers;
    let held = 0;
    const parts: { pose: ArmPose; share: number }[] = [];
    let sum = 0;
    for (const name of PARAMETERS) {
      const arm = POSES[name]?.[this.#side];
      if (!arm || pose[name] <= 0.001) continue;
      parts.push({ pose: arm, share: pose[name] });
      sum += pose[name];
    }
    for (const { pose: arm, share } of parts) {
      const part = share / Math.max(1, sum);
      wrist.addScaledVector(arm.at(m, time).sub(hanging), part);
      elbow.addScaledVector(this.#direction(arm.elbow).sub(this.#direction(HANGING.elbow)), part);
      curl = mixed(curl, arm.fingers, part);
      if (!arm.hand) continue;
      const posed = this.#facing(this.#direction(arm.hand[0]), this.#direction(arm.hand[1]));
      held += part;
      if (held > 0) hand.slerp(posed, part / held);
    }
    // On its way from the thigh to the face a hand passes before the body, not through it.
    if (sum > 0) wrist.z += 0.35 * m.arm * Math.min(1, sum) * (1 - Math.min(1, sum)) * 4 * 0.5;
    this.#reach(wrist, elbow.normalize(), hand, Math.min(1, held));
    this.#curl(curl);
  }

  #direction([x, y, z]: readonly [number, number, number]): Vector3 {
    return new Vector3(x * this.#m.out, y, z).normalize();
  }

  /** The turn that lets the fingers point and the palm look into these directions. */
  #facing(fingers: Vector3, palm: Vector3): Quaternion {
    return basis(fingers, palm).multiply(basis(this.#along, this.#palm).invert());
  }

  #reach(wrist: Vector3, elbow: Vector3, hand: Quaternion, held: number): void {
    const m = this.#m;
    const to = wrist.clone().sub(m.shoulder);
    const far = Math.min(0.998 * m.arm, Math.max(Math.abs(m.upper - m.lower) + 0.02 * m.arm, to.length()));
    to.normalize();
    const cos = (m.upper ** 2 + far ** 2 - m.lower ** 2) / (2 * m.upper * far);
    const angle = Math.acos(Math.min(1, Math.max(-1, cos)));
    const aside = elbow.addScaledVector(to, -elbow.dot(to));
    if (aside.lengthSq() < 1e-6) aside.set(0, 0, -1).addScaledVector(to, to.z);
    aside.normalize();
    const upper = to.clone().multiplyScalar(Math.cos(angle)).addScaledVector(aside, Math.sin(angle));
    const joint = upper.clone().multiplyScalar(m.upper);
    const lower = to.multiplyScalar(far).sub(joint).normalize();

    const upperTurn = new Quaternion().setFromUnitVectors(this.#along, upper);
    // The forearm goes on from how the upper arm turned, so that the elbow does not twist.
    const natural = new Quaternion().setFromUnitVectors(upper, lower).multiply(upperTurn);
    const wanted = natural.clone().slerp(hand, held);
    const local = natural.clone().invert().multiply(wanted);
    const twist = twistOf(local, this.#along);
    const part = new Quaternion().slerp(twist, FOREARM);
    const lowerTurn = upperTurn.clone().invert().multiply(natural).multiply(part);
    this.bones.turn(`${this.#side}UpperArm`, upperTurn);
    this.bones.turn(`${this.#side}LowerArm`, lowerTurn);
    this.bones.turn(`${this.#side}Hand`, part.invert().multiply(local));
  }

  #curl(curl: Fingers): void {
    const { out } = this.#m;
    const turn = new Quaternion();
    for (const finger of FINGERS) {
      const share = finger === "Index" ? curl.index : curl.others;
      ["Proximal", "Intermediate", "Distal"].forEach((joint, n) => {
        turn.setFromAxisAngle(FORWARD, -out * share * (BENDS[n] ?? 1));
        this.bones.turn(`${this.#side}${finger}${joint}` as Bone, turn);
      });
    }
    turn.setFromAxisAngle(UP, out * curl.thumb * 0.7);
    this.bones.turn(`${this.#side}ThumbProximal`, turn);
    this.bones.turn(`${this.#side}ThumbDistal`, turn);
  }
}

const FORWARD = new Vector3(0, 0, 1);
const UP = new Vector3(0, 1, 0);

/** The turn from the axes of space to fingers (x) and palm (y, as near as it can be). */
function basis(fingers: Vector3, palm: Vector3): Quaternion {
  const x = fingers.clone().normalize();
  const z = x.clone().cross(palm);
  if (z.lengthSq() < 1e-6) z.set(0, 0, 1);
  z.normalize();
  const y = z.clone().cross(x);
  return new Quaternion().setFromRotationMatrix(new Matrix4().makeBasis(x, y, z));
}

/** The part of a turn that goes about an axis. */
function twistOf(turn: Quaternion, axis: Vector3): Quaternion {
  const along = axis.x * turn.x + axis.y * turn.y + axis.z * turn.z;
  const twist = new Quaternion(axis.x * along, axis.y * along, axis.z * along, turn.w);
  return twist.lengthSq() < 1e-9 ? twist.identity() : twist.normalize();
}

function mixed(a: Fingers, b: Fingers, share: number): Fingers {
  const at = (x: number, y: number): number => x + (y - x) * share;
  return { index: at(a.index, b.index), others: at(a.others, b.others), thumb: at(a.thumb, b.thumb) };
}

/** Both arms of a model. */
export class Arms {
  readonly #arms: Arm[];

  constructor(bones: Bones) {
    const sides: Side[] = ["left", "right"];
    this.#arms = sides.filter((side) => bones.has(`${side}UpperArm`)).map((side) => new Arm(bones, side));
  }

  apply(pose: Pose, time: number): void {
    for (const arm of this.#arms) arm.apply(pose, time);
  }
}
