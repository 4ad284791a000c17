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
  wave = 0,
): Strand => ({ root, tip, bend, width, z, lines, wave });

/** Give the same strand on the other side. */
function mirrored(s: Strand): Strand {
  return { ...s, root: [-s.root[0], s.root[1]], tip: [-s.tip[0], s.tip[1]], bend: -s.bend, wave: -(s.wave ?? 0) };
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
  [90, -30, 8],
  [72, -76, 24],
  [0, -98, 40],
]);

const LONG: Hairstyle = {
  back: outline([
    [0, -178, 0],
    [70, -164, -2],
    [117, -98, -14],
    [126, -10, -50],
    [131, 90, -56],
    [142, 190, -60],
    [146, 300, -60],
    [136, 410, -60],
    [0, 410, -60],
  ]),
  backStrands: both([
    strand([-104, -60], [-166, 262], 0, [36, 52, 26], [-46, -60], 2, 12),
    strand([-110, 60], [-186, 352], 2, [44, 60, 28], [-46, -60], 2, 12),
    strand([-110, 180], [-160, 440], 0, [60, 60, 30], [-46, -60], 2, 10),
  ]),
  tails: [],
  fringe: [
    strand([-70, -120], [-108, 34], -20, [26, 32, 15], [28, 32], 2),
    strand([72, -120], [109, 34], 20, [26, 32, 15], [28, 32], 2),
    strand([10, -150], [12, -46], 0, [50, 40, 24], [44, 54], 0),
    strand([-30, -150], [-91, -2], -28, [40, 52, 26], [40, 48], 2),
    strand([46, -146], [94, -2], 25, [38, 48, 24], [40, 48], 2),
    strand([34, -152], [62, -20], 18, [34, 36, 17], [42, 54]),
    strand([-26, -154], [-54, -18], -20, [34, 34, 15], [42, 58]),
    strand([22, -154], [36, -10], 20, [42, 46, 22], [44, 60], 2),
    strand([-14, -156], [-34, -12], -22, [38, 38, 18], [44, 60]),
    strand([0, -156], [-5, 20], -15, [38, 40, 17], [46, 64], 2),
  ],
  sides: both([
    strand([-98, -62], [-134, 268], 8, [24, 40, 22], [8, 18], 2, 11),
    strand([-100, -60], [-104, 212], -2, [24, 34, 18], [12, 22], 2, 9),
    strand([-99, -64], [-98, 92], -9, [20, 20, 12], [12, 18], 1),
  ]),
  ahoge: [strand([-14, -176], [36, -208], 20, [4, 10, 6], [8, 14], 0)],
  fade: [40, 380],
};

const BOB: Hairstyle = {
  back: outline([
    [0, -178, 0],
    [72, -165, -2],
    [120, -100, -14],
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
    strand([-74, -116], [-106, 26], -16, [26, 32, 18], [28, 32], 2),
    strand([74, -116], [106, 26], 16, [26, 32, 18], [28, 32], 2),
    strand([-54, -138], [-91, -5], -21, [38, 48, 28], [38, 48], 2),
    strand([66, -134], [93, -5], 18, [36, 46, 28], [38, 48], 2),
    strand([50, -144], [64, -18], 14, [34, 38, 22], [42, 54]),
    strand([-34, -150], [-58, -17], -18, [36, 38, 22], [44, 56]),
    strand([30, -152], [40, -11], 12, [40, 48, 29], [46, 60], 2),
    strand([-14, -154], [-30, -11], -14, [40, 46, 29], [46, 60], 2),
    strand([8, -156], [5, -4], -5, [36, 42, 24], [46, 64]),
  ],
  sides: both([
    strand([-106, -50], [-92, 146], -26, [28, 50, 28], [4, 20], 3),
    strand([-102, -58], [-88, 110], -17, [20, 24, 14], [10, 20], 1),
  ]),
  ahoge: [strand([12, -176], [-32, -204], -18, [4, 9, 6], [8, 14], 0)],
  fade: [20, 160],
};

const TWINTAILS: Hairstyle = {
  back: outline([
    [0, -178, 0],
    [70, -164, -2],
    [116, -98, -14],
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
    strand([-72, -118], [-106, 30], -18, [26, 31, 15], [28, 34], 2),
    strand([72, -118], [107, 30], 18, [26, 31, 15], [28, 34], 2),
    strand([60, -138], [93, -2], 21, [36, 44, 24], [40, 50], 2),
    strand([-62, -132], [-91, -4], -16, [34, 42, 22], [38, 50], 2),
    strand([36, -150], [61, -18], 18, [36, 42, 19], [44, 56]),
    strand([-48, -144], [-60, -18], -10, [34, 36, 17], [42, 56]),
    strand([-36, -152], [-34, -10], -12, [40, 42, 19], [44, 60], 2),
    strand([12, -154], [38, -10], 18, [40, 42, 20], [44, 60]),
    strand([-18, -156], [6, 16], 14, [42, 46, 19], [46, 64], 2),
  ],
  sides: both([
    strand([-102, -60], [-108, 156], -14, [22, 32, 17], [10, 24], 2),
    strand([-98, -64], [-97, 84], -7, [18, 18, 10], [12, 18], 1),
  ]),
  ahoge: [
    strand([-8, -176], [38, -212], 22, [4, 10, 6], [8, 14], 0),
    strand([-4, -177], [-34, -194], -9, [3, 7, 5], [8, 14], 0),
  ],
  fade: [-40, 270],
};

const SHORT: Hairstyle = {
  back: outline([
    [0, -180, 0],
    [74, -166, -2],
    [120, -102, -14],
    [128, -30, -40],
    [120, 40, -40],
    [96, 96, -34],
    [60, 112, -30],
    [0, 118, -30],
  ]),
  backStrands: both([
    strand([-60, -60], [-146, 18], -24, [60, 60, 26], [-36, -36], 1),
    strand([-60, -20], [-142, 66], -20, [60, 60, 26], [-34, -32], 2),
    strand([-50, 10], [-126, 108], -18, [60, 60, 26], [-32, -28], 2),
    strand([-40, 40], [-90, 136], -14, [60, 50, 24], [-30, -24], 1),
  ]),
  tails: [],
  fringe: [
    strand([78, -112], [110, 28], 16, [28, 33, 17], [28, 32], 2),
    strand([-80, -110], [-110, 22], -14, [28, 33, 17], [28, 32], 2),
    strand([-66, -124], [-96, -4], -16, [36, 42, 21], [36, 44], 2),
    strand([68, -128], [97, 0], 18, [36, 42, 21], [38, 46], 2),
    strand([-56, -136], [-68, -6], -18, [38, 44, 20], [40, 52], 2),
    strand([-46, -146], [-38, -18], -20, [38, 42, 18], [44, 58]),
    strand([-36, -152], [-10, 6], -26, [42, 48, 20], [46, 62], 2),
    strand([22, -156], [74, -14], 8, [40, 44, 20], [44, 54]),
    strand([-22, -156], [26, -16], -20, [42, 46, 19], [46, 62]),
    strand([-8, -158], [52, -10], -8, [44, 48, 20], [46, 58], 2),
  ],
  sides: both([
    strand([-104, -48], [-108, 80], -10, [24, 32, 18], [6, 16], 2),
    strand([-100, -56], [-99, 58], -7, [18, 18, 11], [12, 18], 1),
  ]),
  ahoge: [
    strand([10, -176], [-36, -202], -12, [8, 14, 9], [4, 8], 0),
    strand([-2, -176], [44, -196], 10, [8, 13, 8], [4, 8], 0),
  ],
  fade: [-20, 140],
};

export const HAIRSTYLES: Record<Look["style"], Hairstyle> = {
  long: LONG,
  bob: BOB,
  twintails: TWINTAILS,
  short: SHORT,
};
