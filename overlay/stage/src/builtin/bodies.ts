import type { V3 } from "./space.ts";
import { levels, Tube } from "./tube.ts";

/** A trunk with its joints. Lengths in units; the head's chin lies at about 100. */
export interface BodyShape {
  readonly trunk: Tube;
  /** Half width of the neck, and where it meets the shoulders. */
  readonly neck: number;
  readonly neckBase: number;
  /** The joint of the viewer's right arm; the other is its mirror image. */
  readonly shoulder: V3;
  readonly upperArm: number;
  readonly foreArm: number;
  /** Half widths of the arm at shoulder, elbow and wrist. */
  readonly arm: readonly [number, number, number];
  readonly hand: number;
  readonly waist: number;
  /** A soft paw instead of a hand. */
  readonly paw?: boolean;
}

/** Bodies by name. */
export const BODIES = {
  woman: {
    trunk: new Tube(
      levels(
        [122, 30, 22, -8],
        [140, 62, 34, -6],
        [158, 79, 41, -3],
        [180, 80, 44, 1],
        [205, 76, 51, 6],
        [228, 69, 49, 5],
        [255, 59, 40, 1],
        [282, 53, 35, -1],
        [305, 55, 36, -1],
        [340, 70, 43, -1],
        [380, 85, 50, -2],
        [420, 93, 54, -2],
        [520, 104, 60, -2],
      ),
    ),
    neck: 18.5,
    neckBase: 128,
    shoulder: [75, 163, -4],
    upperArm: 106,
    foreArm: 98,
    arm: [19, 16, 13],
    hand: 1.22,
    waist: 284,
  },
  girl: {
    trunk: new Tube(
      levels(
        [118, 28, 21, -8],
        [134, 55, 32, -6],
        [150, 70, 38, -3],
        [172, 72, 42, 1],
        [196, 68, 46, 4],
        [220, 63, 43, 3],
        [246, 57, 39, 0],
        [270, 54, 37, -1],
        [294, 59, 39, -1],
        [326, 76, 46, -1],
        [370, 95, 56, -2],
        [420, 108, 62, -2],
        [520, 122, 70, -2],
      ),
    ),
    neck: 16.5,
    neckBase: 122,
    shoulder: [68, 155, -4],
    upperArm: 98,
    foreArm: 90,
    arm: [17, 14.5, 12],
    hand: 1.12,
    waist: 272,
  },
  man: {
    trunk: new Tube(
      levels(
        [130, 36, 26, -8],
        [148, 76, 40, -6],
        [168, 99, 47, -3],
        [192, 101, 50, 0],
        [222, 96, 51, 1],
        [252, 87, 48, 0],
        [288, 78, 44, -1],
        [316, 74, 42, -1],
        [345, 76, 43, -1],
        [390, 82, 47, -2],
        [430, 86, 50, -2],
        [520, 92, 54, -2],
      ),
    ),
    neck: 24,
    neckBase: 138,
    shoulder: [93, 176, -4],
    upperArm: 118,
    foreArm: 108,
    arm: [22, 18.5, 15],
    hand: 1.38,
    waist: 318,
  },
  creature: {
    trunk: new Tube(
      levels(
        [96, 40, 30, -6],
        [118, 62, 48, -4],
        [150, 78, 62, 0],
        [190, 96, 76, 2],
        [240, 114, 90, 3],
        [300, 128, 100, 3],
        [360, 134, 104, 2],
        [420, 132, 102, 0],
        [520, 120, 92, -2],
      ),
    ),
    neck: 30,
    neckBase: 112,
    shoulder: [84, 168, 26],
    upperArm: 62,
    foreArm: 58,
    arm: [20, 18, 17],
    hand: 0.9,
    waist: 260,
    paw: true,
  },
} as const satisfies Record<string, BodyShape>;

export type BodyName = keyof typeof BODIES;
