import type { Look } from "@haishin/common/protocol";
import type { Point } from "./pen.ts";
import type { Strand } from "./strand.ts";

/** The shapes of a haircut, in model units; see `pen.ts` for the space. */
export interface Hairstyle {
  /** Behind everything: the mass, and strands that loosen its edge. Sways as a whole. */
  readonly back: readonly Point[];
  readonly backStrands: readonly Strand[];
  /** Tied tails, each with the place of its tie. */
  readonly tails: readonly {
    readonly side: 1 | -1;
    readonly tie: readonly [number, number];
    readonly strands: readonly Strand[];
  }[];
  /** Over the forehead, in the order of drawing. */
  readonly fringe: readonly Strand[];
  /** Before the ears, in the order of drawing. */
  readonly sides: readonly Strand[];
  /** The loose lock on the crown. */
  readonly ahoge: readonly Strand[];
  /** Where the colour of the tips begins and is reached, down the back. */
  readonly fade: readonly [number, number];
}

const strand = (
  root: readonly [number, number],
  tip: readonly [number, number],
  bend: number,
  width: readonly [number, number, number],
  z: readonly [number, number] = [44, 60],
  lines = 1,
): Strand => ({ root, tip, bend, width, z, lines });

/** Give the same strand on the other side. */
function mirrored(s: Strand): Strand {
  return { ...s, root: [-s.root[0], s.root[1]], tip: [-s.tip[0], s.tip[1]], bend: -s.bend };
}

/** Complete a left half: all its strands, then their mirror images. */
function both(left: readonly Strand[]): Strand[] {
  return left.flatMap((s) => [s, mirrored(s)]);
}

/** Complete an outline given from the top middle down the right side to the bottom middle. */
function outline(right: readonly Point[]): Point[] {
  const left = right
    .filter(([x]) => x !== 0)
    .map(([x, y, z = 0, corner = 0]) => [-x, y, z, corner] as const)
    .reverse();
  return [...right, ...left];
}

/** The top of the head, for every style: the mass that the fringe grows out of. */
export const DOME: readonly Point[] = outline([
  [0, -181, 0],
  [48, -173, 0],
  [90, -144, 0],
  [114, -98, -2],
  [118, -44, -4],
  [112, 2, -2],
  [100, 18, 0, 1],
  [92, -20, 8],
  [72, -52, 24],
  [0, -66, 40],
]);

const LONG: Hairstyle = {
  back: outline([
    [0, -178, -30],
    [70, -164, -34],
    [117, -98, -40],
    [126, -10, -50],
    [131, 90, -56],
    [142, 190, -60],
    [146, 300, -60],
    [136, 410, -60],
    [0, 410, -60],
  ]),
  backStrands: both([
    strand([-100, 20], [-172, 268], -14, [40, 60, 30], [-46, -60], 2),
    strand([-100, 130], [-180, 372], -18, [50, 56, 30], [-46, -60], 2),
  ]),
  tails: [],
  fringe: [
    strand([-70, -120], [-102, 34], -20, [26, 38, 18], [28, 32], 2),
    strand([72, -120], [103, 34], 20, [26, 38, 18], [28, 32], 2),
    strand([-30, -150], [-84, 6], -30, [40, 54, 27], [40, 48], 2),
    strand([46, -146], [88, 8], 26, [38, 50, 26], [40, 48], 2),
    strand([34, -152], [62, -14], 18, [34, 36, 17], [42, 54]),
    strand([-26, -154], [-49, -12], -20, [34, 34, 15], [42, 58]),
    strand([22, -154], [34, 4], 20, [42, 46, 22], [44, 60], 2),
    strand([-14, -156], [-33, 0], -22, [38, 38, 18], [44, 60]),
    strand([0, -156], [-5, 20], -15, [38, 40, 17], [46, 64], 2),
  ],
  sides: both([
    strand([-99, -60], [-122, 250], 10, [24, 44, 22], [10, 20], 3),
    strand([-96, -64], [-90, 118], -14, [24, 28, 14], [16, 26], 1),
  ]),
  ahoge: [strand([-6, -174], [40, -206], -20, [3, 10, 7], [8, 14], 0)],
  fade: [40, 380],
};

const BOB: Hairstyle = {
  back: outline([
    [0, -178, -28],
    [72, -165, -32],
    [120, -100, -36],
    [134, -20, -40],
    [140, 60, -40],
    [130, 122, -36],
    [102, 144, -30],
    [60, 136, -30],
    [0, 132, -34],
  ]),
  backStrands: both([
    strand([-116, 0], [-106, 158], -24, [40, 48, 28], [-36, -20], 2),
    strand([-122, 10], [-137, 134], -14, [34, 34, 18], [-38, -30], 1),
  ]),
  tails: [],
  fringe: [
    strand([-74, -116], [-100, 26], -16, [26, 38, 22], [28, 32], 2),
    strand([74, -116], [100, 26], 16, [26, 38, 22], [28, 32], 2),
    strand([-54, -138], [-84, 2], -22, [38, 50, 32], [38, 48], 2),
    strand([66, -134], [86, 2], 18, [36, 48, 31], [38, 48], 2),
    strand([50, -144], [62, -12], 14, [34, 38, 22], [42, 54]),
    strand([-34, -150], [-56, -8], -18, [36, 38, 22], [44, 56]),
    strand([30, -152], [40, 0], 12, [40, 48, 29], [46, 60], 2),
    strand([-14, -154], [-30, 0], -14, [40, 46, 29], [46, 60], 2),
    strand([8, -156], [5, -4], -5, [36, 42, 24], [46, 64]),
  ],
  sides: both([
    strand([-106, -50], [-92, 146], -26, [28, 50, 28], [4, 20], 3),
    strand([-98, -58], [-82, 108], -18, [20, 26, 14], [14, 26], 1),
  ]),
  ahoge: [strand([4, -174], [-34, -202], 14, [3, 9, 6], [8, 14], 0)],
  fade: [20, 160],
};

const TWINTAILS: Hairstyle = {
  back: outline([
    [0, -178, -28],
    [70, -164, -32],
    [116, -98, -36],
    [122, -20, -40],
    [108, 60, -40],
    [80, 108, -34],
    [0, 116, -34],
  ]),
  backStrands: [],
  tails: ([-1, 1] as const).map((side) => ({
    side,
    tie: [side * 117, -86] as const,
    strands: [
      strand([-110, -92], [-196, 268], -66, [26, 74, 38], [-40, -50], 3),
      strand([-110, -92], [-222, 210], -52, [22, 56, 28], [-38, -46], 2),
      strand([-110, -90], [-158, 292], -62, [24, 62, 34], [-36, -44], 3),
      strand([-110, -88], [-172, 200], -60, [20, 36, 18], [-34, -40], 1),
    ].map((s) => (side === 1 ? mirrored(s) : s)),
  })),
  fringe: [
    strand([-72, -118], [-100, 30], -18, [26, 36, 18], [28, 34], 2),
    strand([72, -118], [101, 30], 18, [26, 36, 18], [28, 34], 2),
    strand([60, -138], [84, 6], 22, [36, 46, 24], [40, 50], 2),
    strand([-62, -132], [-82, 0], -16, [34, 44, 22], [38, 50], 2),
    strand([36, -150], [58, -12], 18, [36, 42, 19], [44, 56]),
    strand([-48, -144], [-58, -12], -10, [34, 36, 17], [42, 56]),
    strand([-36, -152], [-34, 2], -12, [40, 42, 19], [44, 60], 2),
    strand([12, -154], [38, 2], 18, [40, 42, 20], [44, 60]),
    strand([-18, -156], [6, 16], 14, [42, 46, 19], [46, 64], 2),
  ],
  sides: both([
    strand([-99, -60], [-104, 156], -16, [22, 32, 17], [10, 24], 2),
    strand([-94, -64], [-86, 84], -10, [18, 20, 10], [16, 26], 1),
  ]),
  ahoge: [
    strand([-2, -174], [36, -212], -20, [3, 10, 7], [8, 14], 0),
    strand([-4, -175], [-30, -196], 10, [3, 7, 5], [8, 14], 0),
  ],
  fade: [-40, 270],
};

const SHORT: Hairstyle = {
  back: outline([
    [0, -180, -28],
    [74, -166, -32],
    [120, -102, -36],
    [128, -30, -40],
    [120, 40, -40],
    [96, 96, -34],
    [60, 112, -30],
    [0, 118, -30],
  ]),
  backStrands: both([
    strand([-96, -90], [-146, 8], -12, [60, 50, 22], [-36, -36], 1),
    strand([-92, -40], [-142, 62], -14, [64, 52, 22], [-34, -32], 2),
    strand([-84, 0], [-122, 104], -14, [64, 50, 22], [-32, -28], 2),
    strand([-60, 30], [-86, 134], -12, [60, 46, 22], [-30, -24], 1),
  ]),
  tails: [],
  fringe: [
    strand([78, -112], [106, 28], 16, [28, 38, 20], [28, 32], 2),
    strand([-80, -110], [-106, 22], -14, [28, 38, 20], [28, 32], 2),
    strand([-66, -124], [-92, -2], -16, [36, 44, 22], [36, 44], 2),
    strand([68, -128], [92, 4], 18, [36, 44, 22], [38, 46], 2),
    strand([-56, -136], [-66, 8], -18, [38, 44, 20], [40, 52], 2),
    strand([-46, -146], [-38, -12], -20, [38, 42, 18], [44, 58]),
    strand([-36, -152], [-10, 6], -26, [42, 48, 20], [46, 62], 2),
    strand([22, -156], [72, -6], 8, [40, 44, 20], [44, 54]),
    strand([-22, -156], [26, -10], -20, [42, 46, 19], [46, 62]),
    strand([-8, -158], [52, 2], -8, [44, 48, 20], [46, 58], 2),
  ],
  sides: both([
    strand([-104, -48], [-108, 80], -10, [24, 32, 18], [6, 16], 2),
    strand([-98, -56], [-90, 58], -8, [18, 20, 11], [14, 24], 1),
  ]),
  ahoge: [
    strand([-12, -172], [-50, -196], 10, [4, 15, 9], [4, 8], 0),
    strand([6, -174], [40, -206], -12, [4, 14, 9], [4, 8], 0),
  ],
  fade: [-20, 140],
};

export const HAIRSTYLES: Record<Look["style"], Hairstyle> = {
  long: LONG,
  bob: BOB,
  twintails: TWINTAILS,
  short: SHORT,
};
