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
  [0, -176, 0],
  [48, -170, 0],
  [90, -142, 0],
  [114, -96, -2],
  [119, -44, -4],
  [112, 2, -2],
  [100, 18, 0, 1],
  [92, -20, 8],
  [72, -52, 24],
  [0, -66, 40],
]);

const LONG: Hairstyle = {
  back: outline([
    [0, -174, -30],
    [70, -162, -34],
    [118, -96, -40],
    [132, -10, -50],
    [142, 90, -56],
    [156, 190, -60],
    [172, 290, -60],
    [160, 400, -60],
    [0, 400, -60],
  ]),
  backStrands: both([
    strand([-118, 20], [-196, 250], 20, [30, 44, 20], [-46, -60], 2),
    strand([-124, 100], [-206, 330], 26, [34, 46, 22], [-46, -60], 2),
  ]),
  tails: [],
  fringe: [
    strand([-70, -118], [-97, 22], -16, [26, 40, 20], [30, 34], 2),
    strand([70, -118], [99, 22], 16, [26, 40, 20], [30, 34], 2),
    strand([-44, -142], [-72, 3], -20, [34, 42, 21], [40, 52]),
    strand([52, -138], [76, 4], 18, [34, 42, 21], [40, 52]),
    strand([34, -150], [49, -9], 15, [36, 40, 20], [44, 58]),
    strand([-22, -152], [-41, -8], -16, [36, 44, 22], [44, 60]),
    strand([20, -152], [22, -17], 9, [34, 34, 16], [44, 62]),
    strand([2, -154], [-9, 2], -12, [36, 40, 18], [46, 64]),
  ],
  sides: both([
    strand([-98, -60], [-124, 236], 16, [26, 40, 22], [10, 20], 3),
    strand([-92, -64], [-98, 128], -10, [24, 30, 16], [16, 26], 2),
  ]),
  ahoge: [strand([-2, -164], [34, -200], -14, [10, 11, 7], [10, 14], 0)],
  fade: [40, 380],
};

const BOB: Hairstyle = {
  back: outline([
    [0, -175, -28],
    [72, -162, -32],
    [122, -98, -36],
    [140, -20, -40],
    [146, 60, -40],
    [134, 124, -36],
    [104, 150, -30],
    [60, 140, -30],
    [0, 136, -34],
  ]),
  backStrands: both([
    strand([-126, 10], [-112, 160], -24, [30, 44, 26], [-36, -20], 2),
    strand([-138, 20], [-140, 138], -12, [14, 26, 14], [-38, -30], 1),
  ]),
  tails: [],
  fringe: [
    strand([-74, -116], [-98, 14], -14, [26, 38, 22], [28, 32], 2),
    strand([74, -116], [98, 14], 14, [26, 38, 22], [28, 32], 2),
    strand([-50, -138], [-78, -2], -18, [34, 42, 25], [38, 50]),
    strand([64, -134], [80, -2], 14, [34, 42, 25], [38, 50]),
    strand([-30, -148], [-52, -8], -16, [36, 42, 26], [44, 56]),
    strand([44, -146], [54, -8], 12, [36, 42, 26], [44, 56]),
    strand([-10, -152], [-25, -11], -12, [36, 40, 25], [46, 60]),
    strand([24, -152], [27, -10], 8, [36, 40, 25], [46, 60]),
    strand([8, -154], [2, -6], -5, [34, 38, 22], [46, 62]),
  ],
  sides: both([
    strand([-108, -50], [-98, 148], -22, [26, 46, 26], [4, 20], 3),
    strand([-96, -58], [-84, 116], -16, [22, 28, 15], [14, 26], 2),
  ]),
  ahoge: [strand([2, -166], [-26, -196], 10, [9, 10, 6], [10, 14], 0)],
  fade: [20, 160],
};

const TWINTAILS: Hairstyle = {
  back: outline([
    [0, -174, -28],
    [70, -162, -32],
    [116, -98, -36],
    [124, -20, -40],
    [112, 60, -40],
    [84, 112, -34],
    [0, 120, -34],
  ]),
  backStrands: [],
  tails: ([-1, 1] as const).map((side) => ({
    side,
    tie: [side * 112, -92] as const,
    strands: [
      strand([-116, -96], [-238, 250], -52, [34, 78, 40], [-40, -50], 3),
      strand([-116, -96], [-178, 282], -70, [32, 66, 36], [-36, -44], 3),
      strand([-116, -92], [-204, 190], -78, [26, 40, 20], [-34, -40], 2),
    ].map((s) => (side === 1 ? mirrored(s) : s)),
  })),
  fringe: [
    strand([-72, -118], [-96, 20], -16, [26, 36, 18], [28, 34], 2),
    strand([72, -118], [97, 20], 16, [26, 36, 18], [28, 34], 2),
    strand([50, -140], [72, 2], 18, [34, 44, 22], [40, 52]),
    strand([-62, -130], [-76, 0], -14, [32, 38, 19], [38, 50]),
    strand([30, -150], [44, -10], 14, [36, 42, 20], [44, 58]),
    strand([-46, -144], [-49, -10], -8, [36, 38, 18], [42, 56]),
    strand([-28, -152], [-16, -14], -6, [38, 38, 17], [44, 60]),
    strand([-8, -154], [14, 4], 12, [38, 42, 18], [46, 64]),
  ],
  sides: both([
    strand([-98, -60], [-106, 150], -14, [22, 32, 17], [10, 24], 2),
    strand([-92, -64], [-88, 84], -8, [18, 20, 10], [16, 26], 1),
  ]),
  ahoge: [
    strand([-4, -164], [30, -206], -16, [10, 11, 7], [10, 14], 0),
    strand([-6, -166], [-30, -192], 8, [8, 8, 5], [10, 14], 0),
  ],
  fade: [-40, 270],
};

const SHORT: Hairstyle = {
  back: outline([
    [0, -176, -28],
    [74, -164, -32],
    [122, -100, -36],
    [134, -30, -40],
    [134, 20, -40, 1],
    [122, 34, -38],
    [122, 76, -36, 1],
    [98, 84, -34],
    [80, 118, -30, 1],
    [40, 112, -30],
    [0, 120, -30],
  ]),
  backStrands: both([
    strand([-120, -40], [-152, 34], -8, [34, 34, 18], [-36, -36], 1),
    strand([-118, 10], [-136, 84], -12, [30, 32, 18], [-34, -30], 1),
    strand([-96, 40], [-104, 132], -10, [34, 34, 18], [-30, -24], 1),
  ]),
  tails: [],
  fringe: [
    strand([76, -112], [104, 20], 14, [28, 38, 20], [28, 32], 2),
    strand([-78, -110], [-104, 12], -12, [28, 36, 20], [28, 32], 2),
    strand([-64, -124], [-86, -8], -10, [34, 38, 19], [36, 46]),
    strand([-54, -136], [-57, 2], -14, [36, 40, 19], [40, 54]),
    strand([-44, -146], [-28, -8], -18, [38, 42, 19], [44, 58]),
    strand([66, -126], [86, 0], 14, [34, 42, 21], [38, 48]),
    strand([-34, -152], [4, 2], -22, [40, 46, 20], [46, 62]),
    strand([-22, -156], [38, -8], -14, [40, 46, 20], [46, 60]),
    strand([2, -156], [64, -10], 2, [40, 44, 20], [46, 56]),
  ],
  sides: both([
    strand([-104, -48], [-110, 74], -10, [24, 30, 17], [6, 16], 2),
    strand([-96, -56], [-91, 58], -6, [18, 18, 10], [14, 24], 1),
  ]),
  ahoge: [
    strand([-10, -164], [-44, -196], 10, [16, 15, 9], [8, 10], 0),
    strand([10, -164], [32, -200], -8, [14, 13, 8], [8, 10], 0),
  ],
  fade: [-20, 140],
};

export const HAIRSTYLES: Record<Look["style"], Hairstyle> = {
  long: LONG,
  bob: BOB,
  twintails: TWINTAILS,
  short: SHORT,
};
