/**
 * The avatar's parameters, by their Cubism names where Cubism has one, so that another renderer can be
 * driven by the same rig. L and R are the character's own: its left eye stands on the right of the picture.
 * Angles are degrees (-30..30, body -10..10); ParamAngleX > 0 turns to the right of the picture,
 * ParamAngleY > 0 looks up, ParamAngleZ > 0 tilts the head to the right of the picture.
 */
export const REST = {
  ParamAngleX: 0,
  ParamAngleY: 0,
  ParamAngleZ: 0,
  ParamBodyAngleX: 0,
  ParamBodyAngleY: 0,
  ParamBodyAngleZ: 0,
  ParamBreath: 0,
  /** 0 closed, 1 open, up to 1.3 wide. */
  ParamEyeLOpen: 1,
  ParamEyeROpen: 1,
  /** How far closed or narrowed lids arch upwards, 0..1. */
  ParamEyeLSmile: 0,
  ParamEyeRSmile: 0,
  /** -1..1, right and down positive. */
  ParamEyeBallX: 0,
  ParamEyeBallY: 0,
  /** Size of the iris, 1 at rest. */
  ParamEyeBallForm: 1,
  ParamBrowLY: 0,
  ParamBrowRY: 0,
  /** -1 angry (inner end down) .. 1 worried (inner end up). */
  ParamBrowLAngle: 0,
  ParamBrowRAngle: 0,
  ParamMouthOpenY: 0,
  /** -1 sad or rounded .. 1 smiling or wide. */
  ParamMouthForm: 0.3,
  /** A cat's mouth, 0..1. */
  ParamMouthCat: 0,
  /** A wavering line, 0..1. */
  ParamMouthWave: 0,
  ParamCheek: 0.16,
  /** Water in the eyes, 0..1. */
  ParamTear: 0,
  /** A raised hand, 0 out of the picture .. 1 up, and how it is turned, in degrees. */
  ParamHandL: 0,
  ParamHandLAngle: 0,
  /** Vertical shift of the whole figure, in units of the drawing (the head is about 400 high). */
  ParamBaseY: 0,
};

export type ParamName = keyof typeof REST;
export type Params = Record<ParamName, number>;

export const PARAM_NAMES = Object.keys(REST) as ParamName[];

/** Small pictures beside the head, each with its strength 0..1. */
export const MARKS = ["anger", "sweat", "tear", "zzz", "dots", "sparkle", "startle", "blush"] as const;
export type MarkName = (typeof MARKS)[number];
export type Marks = Record<MarkName, number>;

export function noMarks(): Marks {
  return Object.fromEntries(MARKS.map((name) => [name, 0])) as Marks;
}
