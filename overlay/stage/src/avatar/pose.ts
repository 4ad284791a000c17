/**
 * The parameters of the rig, under the names that Cubism models use, with rest value, bounds and the springs that
 * carry each one. L is the character's left, which is the viewer's right. What Cubism has no name for follows its style.
 */

interface Range {
  readonly rest: number;
  readonly low: number;
  readonly high: number;
  /** Hz of the spring that carries the parameter to a new expression. */
  readonly speed: number;
}

const range = (rest: number, low: number, high: number, speed: number): Range => ({ rest, low, high, speed });

export const PARAMETERS = {
  ParamAngleX: range(0, -30, 30, 1.5),
  ParamAngleY: range(0, -30, 30, 1.5),
  ParamAngleZ: range(0, -30, 30, 1.2),
  ParamEyeLOpen: range(1, 0, 1.25, 4),
  ParamEyeROpen: range(1, 0, 1.25, 4),
  ParamEyeLSmile: range(0, 0, 1, 3.5),
  ParamEyeRSmile: range(0, 0, 1, 3.5),
  ParamEyeBallX: range(0, -1, 1, 6),
  ParamEyeBallY: range(0, -1, 1, 6),
  /** Size of iris and pupil: below 0 shrunk by shock, above 0 wide with delight. */
  ParamEyeBallForm: range(0, -1, 1, 4),
  ParamBrowLY: range(0, -1, 1, 3.5),
  ParamBrowRY: range(0, -1, 1, 3.5),
  /** 1 inner ends up (worry), -1 inner ends down (anger). */
  ParamBrowLAngle: range(0, -1, 1, 3.5),
  ParamBrowRAngle: range(0, -1, 1, 3.5),
  ParamBrowLForm: range(0, -1, 1, 3.5),
  ParamBrowRForm: range(0, -1, 1, 3.5),
  /** Corners of the mouth: -1 down, 1 a broad smile. */
  ParamMouthForm: range(0.35, -1, 1, 4),
  ParamMouthOpenY: range(0, 0, 1, 6),
  /** Width of the mouth while it speaks: -1 pursed as in "u", 1 spread as in "i". */
  ParamMouthWide: range(0, -1, 1, 6),
  /** The line of the lips in waves, for who does not know what to feel. */
  ParamMouthWave: range(0, 0, 1, 4),
  /** One corner pulled up, for a smirk. */
  ParamMouthSkew: range(0, -1, 1, 4),
  ParamCheek: range(0.25, 0, 1, 2.5),
  /** Cheeks blown up in protest. */
  ParamCheekPuff: range(0, 0, 1, 3),
  ParamBodyAngleX: range(0, -10, 10, 1),
  ParamBodyAngleY: range(0, -10, 10, 1.3),
  ParamBodyAngleZ: range(0, -10, 10, 0.9),
  /** Shoulders drawn up. */
  ParamShoulderY: range(0, -1, 1, 2),
  ParamBreath: range(0, 0, 1, 2),
  ParamArmWave: range(0, 0, 1, 2.5),
  ParamArmPoint: range(0, 0, 1, 2.2),
  ParamArmThink: range(0, 0, 1, 1.5),
  ParamArmCheer: range(0, 0, 1, 2.5),
  ParamArmHeart: range(0, 0, 1, 2),
  ParamArmFacepalm: range(0, 0, 1, 2),
  ParamArmTea: range(0, 0, 1, 1.3),
  /** The cup at the lips. */
  ParamArmSip: range(0, 0, 1, 1.3),
  /** Hands folded before the body, for a bow. */
  ParamArmBow: range(0, 0, 1, 2),
  /** A fist that agrees, a flat hand that refuses, both palms up that do not know. */
  ParamArmNod: range(0, 0, 1, 2.5),
  ParamArmShake: range(0, 0, 1, 2.5),
  ParamArmShrug: range(0, 0, 1, 2.2),
  /** Hands drawn up before the chest. */
  ParamArmShy: range(0, 0, 1, 1.6),
  ParamTear: range(0, 0, 1, 2),
  ParamAngerMark: range(0, 0, 1, 3),
  /** Short lines of surprise beside the head. */
  ParamStartle: range(0, 0, 1, 4),
  ParamSparkle: range(0, 0, 1, 2.5),
  ParamFlush: range(0, 0, 1, 2),
  ParamThinkMark: range(0, 0, 1, 2),
  ParamSleepMark: range(0, 0, 1, 1),
  ParamHeartMark: range(0, 0, 1, 2),
  /** A drop of cold sweat at the temple. */
  ParamSweat: range(0, 0, 1, 2),
  ParamQuestionMark: range(0, 0, 1, 2.5),
} as const satisfies Record<string, Range>;

export type Parameter = keyof typeof PARAMETERS;

export type Pose = Record<Parameter, number>;

export const PARAMETER_NAMES = Object.keys(PARAMETERS) as Parameter[];

/** Return a pose at rest. */
export function rest(): Pose {
  return Object.fromEntries(PARAMETER_NAMES.map((name) => [name, PARAMETERS[name].rest])) as Pose;
}

/** Bring every parameter within its bounds, in place. */
export function limit(pose: Pose): Pose {
  for (const name of PARAMETER_NAMES) {
    const { low, high, rest: calm } = PARAMETERS[name];
    const value = pose[name];
    pose[name] = Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : calm;
  }
  return pose;
}
