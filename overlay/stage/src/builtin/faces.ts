import { levels, Tube } from "./tube.ts";

/** Lids in the eye's own space: u away from the nose, v down, flat; the eye is about 44 wide. */
export type Lid = readonly number[];

/** The cut of an eye. All lids have the same number of points. */
export interface EyeShape {
  readonly upper: Lid;
  readonly lower: Lid;
  readonly shut: Lid;
  readonly smile: Lid;
  readonly iris: readonly [rx: number, ry: number, v: number];
  /** Thickness of the lashes at the outer third (single hairs are drawn from 5 on), and how far their wing reaches out and up. */
  readonly lash: number;
  readonly wing: readonly [number, number];
  readonly lowerLash: number;
  readonly pupil: "round" | "tall" | "star";
}

/** Proportions of a face. */
export interface FaceShape {
  readonly tube: Tube;
  readonly chin: number;
  readonly eyeX: number;
  readonly eyeY: number;
  readonly eyeW: number;
  readonly eyeH: number;
  readonly noseY: number;
  readonly nose: number;
  readonly mouthY: number;
  readonly mouth: number;
  readonly browY: number;
  readonly brow: number;
  readonly eyes: EyeShape;
  /** Creatures have no brows, nose or ears of people. */
  readonly creature?: boolean;
}

const ROUND: EyeShape = {
  upper: [-21, 8, -17.5, -3, -8.5, -12, 3, -15, 13.5, -12.8, 20.5, -5, 23, 4],
  lower: [-19.5, 10, -15, 16.5, -7, 20, 2, 21, 11, 19.5, 18, 13, 21.5, 5],
  shut: [-21, 11, -14, 15.5, -6, 18, 3, 18.8, 12, 17.6, 19, 14, 24, 9.5],
  smile: [-20.5, 15, -15, 7.5, -7, 2.5, 2, 1, 11, 3.5, 18.5, 9.5, 23, 16],
  iris: [16.2, 19.8, 1.4],
  lash: 7,
  wing: [6.5, -3],
  lowerLash: 1.5,
  pupil: "tall",
};
const DROOPING: EyeShape = {
  ...ROUND,
  upper: [-21, 4, -17, -8, -8, -15.5, 3, -17, 13.5, -12.5, 20.5, -3, 23.5, 6.5],
  lower: [-19.5, 8, -15, 15.5, -7, 20, 2, 21.5, 11, 20.5, 18.5, 15, 22.5, 8],
  shut: [-21, 9, -14, 14, -6, 17.5, 3, 19, 12, 18, 19.5, 14, 25, 9.5],
  iris: [17, 20.4, 2],
  wing: [5.5, 0.5],
  pupil: "round",
};
const SHARP: EyeShape = {
  ...ROUND,
  upper: [-21.5, 9.5, -17, -2, -8, -10, 3, -13.8, 13.5, -13, 20.5, -8, 24, -2],
  lower: [-19.5, 11.5, -14, 16, -6, 18, 3, 18, 12, 15.5, 19, 9, 23, 1],
  shut: [-21.5, 12, -14, 15.5, -6, 16.8, 3, 16.6, 12, 14, 20, 8.5, 26, 1.5],
  smile: [-20.5, 14, -15, 7, -7, 2.5, 2, 0.5, 11, 2, 19, 7, 24, 12],
  iris: [13.8, 17.6, 2],
  lash: 6,
  wing: [8, -5],
  lowerLash: 1.3,
};
const NARROW: EyeShape = {
  ...ROUND,
  upper: [-20.5, 6.5, -16, -2.5, -8, -8.5, 2, -10.8, 12, -9.8, 19, -5.5, 22.5, 0.5],
  lower: [-18.5, 9, -13.5, 12.5, -6, 14.3, 2, 14.5, 11, 13, 17.5, 8.5, 21.5, 3],
  shut: [-20.5, 9.5, -14, 12.5, -6, 13.6, 2, 13.4, 11, 11.5, 18, 8, 23, 4],
  smile: [-19.5, 12, -14.5, 6.5, -7, 3, 1, 2, 10, 3.5, 17, 8, 21.5, 12.5],
  iris: [11.6, 14.4, 1.6],
  lash: 3.9,
  wing: [2.2, -0.6],
  lowerLash: 0.9,
  pupil: "round",
};
const LIVELY: EyeShape = {
  ...NARROW,
  upper: [-20, 7, -16.5, -4.5, -8.5, -12, 2, -14.6, 12, -12.8, 19, -6.8, 22, 1.5],
  lower: [-18.5, 9.5, -13.5, 14, -6, 16.6, 2, 17, 11, 15, 17.5, 10, 21, 4],
  iris: [12.8, 16.4, 1.6],
  lash: 4.5,
  wing: [2.6, -1.2],
};
const BEADS: EyeShape = {
  ...ROUND,
  upper: [-19, 5, -16.5, -8, -9, -17.5, 0, -20.5, 9, -17.5, 16.5, -8, 19, 5],
  lower: [-18.5, 6, -15.5, 15, -8, 20.5, 0, 22, 8, 20.5, 15.5, 15, 18.5, 6],
  shut: [-19, 8, -13, 12.5, -6, 15, 0, 15.6, 6, 15, 13, 12.5, 19, 8],
  smile: [-19, 14, -14, 6.5, -7, 2, 0, 0.6, 7, 2, 14, 6.5, 19, 14],
  iris: [17.2, 20, 1],
  lash: 3.2,
  wing: [1.5, 0],
  lowerLash: 0,
  pupil: "star",
};

/** Faces by name. */
export const FACES = {
  soft: {
    tube: new Tube(
      levels(
        [-70, 68, 58, 0],
        [-30, 74, 61, 0],
        [5, 73, 62, 0],
        [28, 72, 61, 0],
        [46, 68.5, 58, 2],
        [62, 62, 52, 6],
        [76, 52, 42, 12],
        [88, 37, 31, 19],
        [97, 20.5, 20, 25],
        [102.5, 6.5, 11, 29],
        [103.5, 2, 8, 30],
      ),
    ),
    chin: 103.5,
    eyeX: 34,
    eyeY: 26,
    eyeW: 1,
    eyeH: 1,
    noseY: 56,
    nose: 1,
    mouthY: 74.5,
    mouth: 1,
    browY: -9,
    brow: 1,
    eyes: ROUND,
  },
  round: {
    tube: new Tube(
      levels(
        [-70, 68, 58, 0],
        [-30, 75, 61, 0],
        [5, 77.5, 62, 0],
        [28, 77.5, 61, 0],
        [46, 74.5, 59, 1],
        [62, 66, 53, 4],
        [75, 52, 43, 10],
        [86, 33, 31, 18],
        [93, 15, 19, 24],
        [96.5, 3, 10, 28],
      ),
    ),
    chin: 96.5,
    eyeX: 36,
    eyeY: 28,
    eyeW: 1.04,
    eyeH: 1.03,
    noseY: 56,
    nose: 0.8,
    mouthY: 72.5,
    mouth: 0.95,
    browY: -8,
    brow: 0.85,
    eyes: DROOPING,
  },
  slender: {
    tube: new Tube(
      levels(
        [-70, 66, 58, 0],
        [-30, 71, 61, 0],
        [5, 72, 62, 0],
        [28, 70.5, 61, 0],
        [46, 66, 58, 2],
        [63, 56.5, 52, 6],
        [79, 43, 42, 12],
        [92, 26, 30, 20],
        [101, 11.5, 19, 27],
        [105, 2.5, 10, 31],
      ),
    ),
    chin: 105,
    eyeX: 33,
    eyeY: 27,
    eyeW: 0.98,
    eyeH: 0.94,
    noseY: 58,
    nose: 1.15,
    mouthY: 77.5,
    mouth: 1,
    browY: -6,
    brow: 0.9,
    eyes: SHARP,
  },
  angular: {
    tube: new Tube(
      levels(
        [-70, 66, 58, 0],
        [-30, 71, 61, 0],
        [5, 71, 62, 0],
        [28, 69, 60, 0],
        [46, 65.5, 57, 2],
        [64, 59, 51, 5],
        [81, 49, 42, 10],
        [96, 32, 31, 19],
        [106, 16.5, 20, 26],
        [111, 4, 11, 30],
      ),
    ),
    chin: 111,
    eyeX: 32.5,
    eyeY: 26,
    eyeW: 0.95,
    eyeH: 0.95,
    noseY: 60,
    nose: 1.6,
    mouthY: 82,
    mouth: 1.15,
    browY: 0,
    brow: 1.35,
    eyes: NARROW,
  },
  boyish: {
    tube: new Tube(
      levels(
        [-70, 67, 58, 0],
        [-30, 73, 61, 0],
        [5, 74, 62, 0],
        [28, 72.5, 60, 0],
        [46, 68.5, 57, 2],
        [63, 60.5, 51, 6],
        [78, 48, 42, 11],
        [91, 31, 31, 19],
        [100, 14.5, 20, 26],
        [104.5, 3.5, 11, 30],
      ),
    ),
    chin: 104.5,
    eyeX: 33.5,
    eyeY: 27,
    eyeW: 1,
    eyeH: 1,
    noseY: 58,
    nose: 1.25,
    mouthY: 78,
    mouth: 1.15,
    browY: -2,
    brow: 1.25,
    eyes: LIVELY,
  },
  creature: {
    tube: new Tube(
      levels(
        [-82, 46, 40, 0],
        [-60, 76, 62, 0],
        [-20, 96, 70, 0],
        [20, 102, 72, 0],
        [50, 96, 68, 2],
        [74, 78, 58, 4],
        [90, 48, 42, 8],
        [98, 16, 24, 12],
        [100, 4, 12, 14],
      ),
    ),
    chin: 100,
    eyeX: 45,
    eyeY: 24,
    eyeW: 1.18,
    eyeH: 1.12,
    noseY: 46,
    nose: 0.6,
    mouthY: 58,
    mouth: 0.8,
    browY: -14,
    brow: 0.6,
    eyes: BEADS,
    creature: true,
  },
} as const satisfies Record<string, FaceShape>;

export type FaceName = keyof typeof FACES;
