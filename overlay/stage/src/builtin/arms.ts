import { between, lerp, type V3 } from "./space.ts";

/** What a hand does. */
export type HandShape = "rest" | "open" | "point" | "fist" | "flat" | "heart" | "hold" | "hidden";

/** Where one arm wants to be, in the space of the body, for the viewer's right arm; the other one is mirrored. */
export interface Reach {
  /** The wrist, and the way in which the elbow points. */
  readonly wrist: V3;
  readonly elbow: V3;
  /** The hand's own direction in the picture, degrees: 0 points down, 90 to the viewer's right, 180 up. */
  readonly turn: number;
  readonly hand: HandShape;
  /** In front of the body, or behind its edge. */
  readonly front: boolean;
  /** This arm takes no part. */
  readonly idle?: boolean;
}

export interface ArmPose {
  readonly left: Reach;
  readonly right: Reach;
}

/** An arm laid out: its joints in the space of the body. */
export interface Arm {
  readonly shoulder: V3;
  readonly elbow: V3;
  readonly wrist: V3;
}

/** Find the elbow between shoulder and wrist for two bones; a wrist out of reach is drawn in. */
export function bend(shoulder: V3, wrist: V3, pole: V3, upper: number, fore: number): Arm {
  let [dx, dy, dz] = [wrist[0] - shoulder[0], wrist[1] - shoulder[1], wrist[2] - shoulder[2]];
  let span = Math.hypot(dx, dy, dz);
  // A wrist in the shoulder itself hangs down.
  if (span < 1e-6) [dx, dy, dz, span] = [0, 1, 0, 1];
  const most = (upper + fore) * 0.995;
  const least = Math.abs(upper - fore) + 6;
  const want = Math.min(most, Math.max(least, span));
  [dx, dy, dz] = [dx / span, dy / span, dz / span];
  span = want;
  const along = (upper * upper - fore * fore + span * span) / (2 * span);
  const off = Math.sqrt(Math.max(0, upper * upper - along * along));
  // The pole's part across the line from shoulder to wrist.
  const dot = pole[0] * dx + pole[1] * dy + pole[2] * dz;
  let [px, py, pz] = [pole[0] - dot * dx, pole[1] - dot * dy, pole[2] - dot * dz];
  const size = Math.hypot(px, py, pz) || 1;
  [px, py, pz] = [px / size, py / size, pz / size];
  return {
    shoulder,
    elbow: [
      shoulder[0] + dx * along + px * off,
      shoulder[1] + dy * along + py * off,
      shoulder[2] + dz * along + pz * off,
    ],
    wrist: [shoulder[0] + dx * span, shoulder[1] + dy * span, shoulder[2] + dz * span],
  };
}

/** Between two wishes; the hand's shape changes half-way. */
export function blend(a: Reach, b: Reach, share: number): Reach {
  if (share <= 0) return a;
  if (share >= 1) return b;
  return {
    wrist: between(a.wrist, b.wrist, share),
    elbow: between(a.elbow, b.elbow, share),
    turn: lerp(a.turn, b.turn, share),
    hand: share < 0.5 ? a.hand : b.hand,
    front: share < 0.5 ? a.front : b.front,
  };
}

export const HANG: Reach = { wrist: [104, 362, 6], elbow: [0.9, 0.3, -0.7], turn: -4, hand: "rest", front: true };
export const HIP: Reach = { wrist: [88, 300, 26], elbow: [1, 0.1, -0.3], turn: -52, hand: "rest", front: true };
const UP: Reach = { wrist: [138, 118, 52], elbow: [0.8, 0.8, 0], turn: 172, hand: "open", front: true };

const IDLE: Reach = { ...HANG, idle: true };

/** Poses of both arms, in units of the woman's body. */
export const ARM_POSES = {
  wave: { left: IDLE, right: UP },
  point: {
    left: IDLE,
    right: { wrist: [112, 188, 92], elbow: [0.7, 0.8, -0.1], turn: 158, hand: "point", front: true },
  },
  think: {
    left: { wrist: [-22, 268, 66], elbow: [0.9, 0.6, 0], turn: -84, hand: "rest", front: true },
    right: { wrist: [34, 146, 74], elbow: [0.7, 0.9, 0.1], turn: -158, hand: "fist", front: true },
  },
  cheer: {
    left: { ...UP, wrist: [122, 96, 40], turn: 176, hand: "fist" },
    right: { ...UP, wrist: [122, 96, 40], turn: 176, hand: "fist" },
  },
  heart: {
    left: { wrist: [31, 236, 92], elbow: [1, 0.35, -0.2], turn: -150, hand: "heart", front: true },
    right: { wrist: [31, 236, 92], elbow: [1, 0.35, -0.2], turn: -150, hand: "heart", front: true },
  },
  facepalm: {
    left: IDLE,
    right: { wrist: [50, 86, 92], elbow: [0.7, 0.8, 0.2], turn: -152, hand: "flat", front: true },
  },
  tea: {
    left: { wrist: [8, 262, 78], elbow: [1, 0.5, 0], turn: -90, hand: "flat", front: true },
    right: { wrist: [46, 216, 82], elbow: [1, 0.7, 0], turn: -118, hand: "hold", front: true },
  },
  sip: {
    left: { wrist: [12, 196, 78], elbow: [1, 0.7, 0], turn: -130, hand: "flat", front: true },
    right: { wrist: [42, 130, 92], elbow: [1, 0.6, 0], turn: -122, hand: "hold", front: true },
  },
  bow: {
    left: { wrist: [26, 322, 66], elbow: [1, 0.3, -0.5], turn: -62, hand: "rest", front: true },
    right: { wrist: [22, 318, 72], elbow: [1, 0.3, -0.5], turn: -66, hand: "rest", front: true },
  },
  nod: {
    left: IDLE,
    right: { wrist: [72, 214, 92], elbow: [0.8, 0.8, -0.1], turn: 170, hand: "fist", front: true },
  },
  shake: {
    left: IDLE,
    right: { wrist: [70, 186, 96], elbow: [0.8, 0.8, 0], turn: 176, hand: "flat", front: true },
  },
  shrug: {
    left: { wrist: [132, 236, 70], elbow: [0.5, 1, -0.4], turn: 112, hand: "open", front: true },
    right: { wrist: [132, 236, 70], elbow: [0.5, 1, -0.4], turn: 112, hand: "open", front: true },
  },
  shy: {
    left: { wrist: [20, 250, 78], elbow: [1, 0.6, 0], turn: -112, hand: "fist", front: true },
    right: { wrist: [24, 242, 80], elbow: [1, 0.6, 0], turn: -116, hand: "fist", front: true },
  },
} as const satisfies Record<string, ArmPose>;

export type ArmPoseName = keyof typeof ARM_POSES;
