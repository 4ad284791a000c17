import type { Look } from "@haishin/common/protocol";
import { type Lock, mirrored } from "./lock.ts";

/** A point of the fringe's edge. Tips hang down, notches cut up between them. */
export interface FringePoint {
  tip: readonly [x: number, y: number];
  /** The notch behind the tip, towards the right of the picture. */
  notch: readonly [x: number, y: number];
}

export interface Hairstyle {
  fringe: readonly FringePoint[];
  /** Hair behind the body, as half an outline from the crown down; it is mirrored. */
  back: readonly (readonly [x: number, y: number])[];
  /** Strands behind the body, in front of the mass. */
  behind: readonly Lock[];
  /** Strands in front of the ears. */
  sides: readonly Lock[];
  /** Loose strands on the crown. */
  crown: readonly Lock[];
}

function pair(lock: Lock): Lock[] {
  return [lock, mirrored(lock)];
}

const AHOGE: Lock = {
  spine: [
    [6, -200, 40],
    [10, -262, 40],
    [62, -286, 40],
    [74, -232, 40],
  ],
  width: [5, 9],
  group: "tip",
  swing: 0.8,
};

const SOFT_FRINGE: readonly FringePoint[] = [
  { tip: [-128, 74], notch: [-112, -14] },
  { tip: [-92, 16], notch: [-74, -34] },
  { tip: [-52, 20], notch: [-34, -42] },
  { tip: [-8, 40], notch: [6, -44] },
  { tip: [34, 16], notch: [52, -38] },
  { tip: [80, 10], notch: [102, -20] },
  { tip: [128, 74], notch: [0, 0] },
];

const STRAIGHT_FRINGE: readonly FringePoint[] = [
  { tip: [-130, 84], notch: [-114, 2] },
  { tip: [-98, 16], notch: [-80, 0] },
  { tip: [-64, 17], notch: [-46, 1] },
  { tip: [-28, 18], notch: [-10, 0] },
  { tip: [12, 18], notch: [30, 0] },
  { tip: [48, 17], notch: [64, 0] },
  { tip: [82, 16], notch: [112, 2] },
  { tip: [130, 84], notch: [0, 0] },
];

const SWEPT_FRINGE: readonly FringePoint[] = [
  { tip: [-140, 58], notch: [-122, -6] },
  { tip: [-118, 26], notch: [-92, -30] },
  { tip: [-74, 34], notch: [-50, -36] },
  { tip: [-20, 42], notch: [6, -52] },
  { tip: [52, 26], notch: [62, -52] },
  { tip: [104, 20], notch: [112, -24] },
  { tip: [138, 60], notch: [0, 0] },
];

const LONG: Hairstyle = {
  fringe: SOFT_FRINGE,
  back: [
    [0, -214],
    [120, -200],
    [188, -110],
    [196, 10],
    [204, 130],
    [228, 250],
    [232, 360],
    [250, 460],
    [236, 620],
    [0, 620],
  ],
  behind: [
    ...pair({
      spine: [
        [178, 60, -50],
        [206, 190, -50],
        [196, 290, -50],
        [270, 362, -50],
      ],
      width: [18, 26],
      group: "back",
      swing: 0.8,
    }),
    ...pair({
      spine: [
        [196, 190, -50],
        [226, 300, -50],
        [214, 400, -50],
        [282, 476, -50],
      ],
      width: [20, 28],
      group: "tip",
      swing: 0.6,
    }),
  ],
  sides: [
    ...pair({
      spine: [
        [146, -40, 30],
        [176, 60, 34],
        [132, 200, 40],
        [160, 330, 40],
      ],
      width: [20, 23],
      group: "side",
      swing: 0.8,
    }),
    ...pair({
      spine: [
        [140, -30, 46],
        [152, 50, 48],
        [118, 130, 50],
        [128, 208, 50],
      ],
      width: [12, 13],
      group: "side",
      swing: 1.1,
    }),
  ],
  crown: [AHOGE],
};

const BOB: Hairstyle = {
  fringe: STRAIGHT_FRINGE,
  back: [
    [0, -214],
    [120, -200],
    [190, -106],
    [202, 10],
    [214, 110],
    [206, 186],
    [166, 226],
    [110, 214],
    [60, 190],
    [0, 186],
  ],
  behind: [
    ...pair({
      spine: [
        [176, 20, -40],
        [222, 110, -40],
        [214, 190, -40],
        [136, 232, -30],
      ],
      width: [20, 26],
      group: "back",
      swing: 0.7,
    }),
  ],
  sides: [
    ...pair({
      spine: [
        [146, -50, 26],
        [190, 40, 30],
        [178, 150, 36],
        [112, 204, 46],
      ],
      width: [20, 28],
      group: "side",
      swing: 0.6,
    }),
    ...pair({
      spine: [
        [140, -30, 44],
        [158, 40, 46],
        [140, 110, 50],
        [112, 158, 54],
      ],
      width: [12, 15],
      group: "side",
      swing: 0.8,
    }),
  ],
  crown: [
    {
      spine: [
        [-8, -204, 40],
        [-2, -236, 40],
        [34, -256, 40],
        [66, -236, 40],
      ],
      width: [6, 8],
      group: "tip",
      swing: 0.5,
    },
  ],
};

const TWINTAILS: Hairstyle = {
  fringe: SOFT_FRINGE,
  back: [
    [0, -212],
    [118, -198],
    [184, -108],
    [186, 0],
    [166, 96],
    [120, 150],
    [50, 168],
    [0, 170],
  ],
  behind: [
    ...pair({
      spine: [
        [172, -112, -20],
        [300, -120, -30],
        [276, 120, -30],
        [316, 330, -20],
      ],
      width: [20, 46],
      group: "tip",
      swing: 0.9,
    }),
    ...pair({
      spine: [
        [170, -106, -10],
        [286, -80, -20],
        [226, 130, -20],
        [246, 372, -10],
      ],
      width: [18, 42],
      group: "tip",
      swing: 1,
    }),
    ...pair({
      spine: [
        [170, -100, 0],
        [250, -60, -10],
        [196, 90, -10],
        [196, 262, 0],
      ],
      width: [12, 28],
      group: "tip",
      swing: 1.15,
    }),
  ],
  sides: [
    ...pair({
      spine: [
        [146, -40, 34],
        [166, 50, 38],
        [128, 150, 44],
        [142, 240, 44],
      ],
      width: [16, 17],
      group: "side",
      swing: 1,
    }),
  ],
  crown: [AHOGE],
};

const SHORT: Hairstyle = {
  fringe: SWEPT_FRINGE,
  back: [
    [0, -216],
    [118, -204],
    [190, -118],
    [196, -10],
    [184, 76],
    [150, 130],
    [104, 158],
    [50, 170],
    [0, 172],
  ],
  behind: [
    ...pair({
      spine: [
        [170, -40, -30],
        [214, 20, -30],
        [200, 70, -30],
        [226, 108, -30],
      ],
      width: [22, 24],
      group: "back",
      swing: 0.6,
    }),
    ...pair({
      spine: [
        [150, 50, -30],
        [188, 100, -30],
        [166, 140, -30],
        [180, 172, -30],
      ],
      width: [22, 22],
      group: "back",
      swing: 0.6,
    }),
    ...pair({
      spine: [
        [90, 110, -30],
        [130, 150, -30],
        [110, 180, -30],
        [118, 204, -30],
      ],
      width: [22, 20],
      group: "back",
      swing: 0.6,
    }),
  ],
  sides: [
    ...pair({
      spine: [
        [150, -60, 26],
        [178, 10, 30],
        [146, 70, 40],
        [148, 130, 44],
      ],
      width: [18, 19],
      group: "side",
      swing: 0.7,
    }),
    ...pair({
      spine: [
        [160, -80, 6],
        [206, -40, 0],
        [190, 10, 0],
        [210, 44, 0],
      ],
      width: [20, 18],
      group: "side",
      swing: 0.5,
    }),
  ],
  crown: [
    {
      spine: [
        [-30, -196, 30],
        [-50, -236, 30],
        [-96, -236, 30],
        [-122, -214, 30],
      ],
      width: [16, 12],
      group: "tip",
      swing: 0.3,
    },
    {
      spine: [
        [30, -200, 30],
        [40, -244, 30],
        [88, -250, 30],
        [112, -222, 30],
      ],
      width: [14, 12],
      group: "tip",
      swing: 0.4,
    },
    AHOGE,
  ],
};

export const HAIRSTYLES: Record<Look["style"], Hairstyle> = { long: LONG, bob: BOB, twintails: TWINTAILS, short: SHORT };
