import { type Fall, fall, free } from "./scalp.ts";
import type { V3 } from "./space.ts";
import type { Lock } from "./strands.ts";

/** A haircut: its locks, and the mass behind the neck that closes what they leave open. */
export interface Haircut {
  readonly locks: readonly Lock[];
  /** Outline of the mass behind the neck, half of it: [x, y] from the top down, mirrored; empty for none. */
  readonly nape: readonly (readonly [number, number])[];
  /** Depth of that mass. */
  readonly napeZ: number;
  /** Where the dye of the tips begins and is full, as heights, by layer. */
  readonly dip: Readonly<Record<"back" | "side" | "front", readonly [number, number]>>;
  /** Share of the tips' dye. */
  readonly ombre: number;
  /** Where the hair over the forehead begins, in degrees from the top, and whether ears are seen. */
  readonly hairline: number;
  readonly ears: boolean;
  /** Height of the halo's middle. */
  readonly halo: number;
}

/** One of the fringe: where it leaves the scalp, where it ends, how wide it is, and what else. */
type Row = readonly [a: number, end: number, width: number, more?: Partial<Fall>];

const rows = (list: readonly Row[], base: Omit<Fall, "a" | "end" | "width">): Lock[] =>
  list.map(([a, end, width, more]) => fall({ ...base, a, end, width, ...more }));

const mirrored = (list: readonly Row[]): Row[] => [
  ...list,
  ...list.map(
    ([a, end, width, more]): Row => [-a, end + (Math.abs(a) % 7) - 3, width, { ...more, curl: -(more?.curl ?? 0) }],
  ),
];

function bob(): Haircut {
  const left = { root: [10, 15] as const, layer: "front" as const, loose: 0.55 };
  const right = { root: [26, 20] as const, layer: "front" as const, loose: 0.55 };
  return {
    locks: [
      // Behind: a curtain of locks whose tips flick outwards.
      ...rows(
        [
          [180, 90, 56],
          [152, 97, 52, { flare: 4 }],
          [-152, 94, 52, { flare: 4 }],
          [128, 103, 46, { flare: 8, lines: 2 }],
          [-128, 100, 46, { flare: 8, lines: 2 }],
          [110, 112, 40, { flare: 9, lines: 1, bulge: 12 }],
          [-110, 108, 40, { flare: 8, lines: 1, bulge: 12 }],
        ],
        { root: [180, 40], layer: "back", lift: 1.06, bulge: 6, rootWidth: 0.5, belly: 0.62, tone: -1, loose: 0.8 },
      ),
      // The sides, from the temple back: three sizes.
      ...rows(
        [
          [96, 114, 50, { flare: 2, lines: 2, bulge: 16 }],
          [-96, 110, 50, { flare: 2, lines: 2, bulge: 16 }],
          [-80, 124, 30, { flare: 0, curl: 7, lines: 2, over: 10 }],
          [80, 127, 30, { flare: 0, curl: -6, lines: 2, over: 10 }],
          [-92, 84, 13, { flare: 21, over: 12, bulge: 12 }],
          [93, 90, 13, { flare: 23, over: 12, bulge: 12 }],
          [-69, 93, 12, { curl: 8, over: 14, loose: 0.9 }],
          [70, 99, 12, { curl: -8, over: 14, loose: 0.9 }],
        ],
        { root: [0, 14], layer: "side", lift: 1.07, bulge: 5, belly: 0.6, rootWidth: 0.3, loose: 0.8 },
      ),
      // The fringe left of the parting, which lies over her left eye.
      ...rows(
        [
          [-63, 68, 24, { curl: -1, over: 3, lines: 1 }],
          [-49, 38, 33, { curl: -4, lines: 2 }],
          [-33, 12, 34, { curl: -7, over: 2, lines: 2 }],
          [-17, 2, 30, { curl: -8, over: 1, lines: 1 }],
          [-3, 22, 31, { curl: -12, over: 4, lines: 2 }],
          [11, 4, 20, { curl: -12, over: 2 }],
          [-41, 44, 8, { curl: -2, over: 8, loose: 0.8 }],
          [5, 36, 8, { curl: -14, over: 9, loose: 0.8 }],
        ],
        { ...left, lift: 1.07, b: 76, belly: 0.5, rootWidth: 0.26 },
      ),
      // And right of it.
      ...rows(
        [
          [63, 74, 24, { curl: 2, over: 3 }],
          [51, 36, 33, { curl: 6, lines: 2 }],
          [37, 10, 27, { curl: 11, over: 2, lines: 1 }],
          [45, 42, 8, { curl: 5, over: 8, loose: 0.8 }],
        ],
        { ...right, lift: 1.07, b: 76, belly: 0.5, rootWidth: 0.26 },
      ),
      // A lock that no comb tames.
      free(
        [
          [15, -104, -4],
          [13, -115, 0],
          [6, -124, 4],
          [-5, -128, 8],
          [-17, -125, 10],
          [-26, -116, 12],
        ],
        { width: 7.5, layer: "top", root: 0.75, belly: 0.35, loose: 1.3, lines: 0 },
      ),
    ],
    nape: [
      [60, -40],
      [76, 10],
      [78, 50],
      [66, 76],
      [30, 84],
    ],
    napeZ: -34,
    dip: { back: [45, 108], side: [50, 116], front: [20, 95] },
    ombre: 0.95,
    hairline: 58,
    ears: true,
    halo: -60,
  };
}

/** Locks that leave a tie: a fan of free spines. `points` runs from the tie to the tips. */
function tail(
  points: readonly V3[],
  fan: readonly (readonly [side: number, ahead: number, width: number, short: number])[],
  rest: Omit<Partial<Lock>, "spine" | "width"> & { layer: Lock["layer"] },
): Lock[] {
  return fan.map(([side, ahead, width, short], i) =>
    free(
      points.map(([x, y, z], k): V3 => {
        const t = k / (points.length - 1);
        const spread = Math.sin(t * Math.PI * 0.85);
        return [x + side * spread, y - short * t, z + ahead * spread];
      }),
      { root: 0.3, belly: 0.42, lines: width > 16 ? 2 : 0, ...rest, width, over: (rest.over ?? 0) + i },
    ),
  );
}

function twintails(): Haircut {
  const tie = (side: number): Lock[] =>
    tail(
      [
        [side * 66, -66, -22],
        [side * 92, -80, -20],
        [side * 118, -62, -18],
        [side * 131, -12, -18],
        [side * 128, 50, -20],
        [side * 136, 110, -22],
        [side * 150, 160, -22],
        [side * 142, 212, -20],
      ],
      [
        [side * 2, -10, 40, 0],
        [side * 24, -4, 30, 40],
        [side * -22, -6, 32, 18],
        [side * 10, 6, 22, -14],
        [side * -8, 8, 20, 62],
        [side * 32, 6, 9, 70],
      ],
      { layer: "back", loose: 1.25, belly: 0.45 },
    );
  const part = { layer: "front" as const, loose: 0.5, lift: 1.07, b: 76, belly: 0.52, rootWidth: 0.26 };
  return {
    locks: [
      ...tie(1),
      ...tie(-1),
      ...rows(
        mirrored([
          [78, 112, 22, { curl: -8, lines: 1, over: 10 }],
          [86, 78, 26, { curl: 2, over: 4 }],
          [70, 84, 10, { curl: -6, over: 14 }],
        ]),
        { root: [0, 16], layer: "side", lift: 1.06, bulge: 5, belly: 0.55, rootWidth: 0.25, loose: 0.9 },
      ),
      ...rows(
        [
          [-60, 52, 24, { curl: 3, over: 3 }],
          [-46, 25, 30, { curl: 6, lines: 2 }],
          [-30, 9, 30, { curl: 8, over: 2, lines: 2 }],
          [-15, 3, 24, { curl: 9, over: 3 }],
          [-38, 33, 7, { curl: 6, over: 8 }],
        ],
        { ...part, root: [-8, 22] },
      ),
      ...rows(
        [
          [60, 54, 24, { curl: -3, over: 3 }],
          [47, 27, 30, { curl: -5, lines: 2 }],
          [32, 10, 30, { curl: -7, over: 2, lines: 2 }],
          [17, 5, 26, { curl: -9, over: 3 }],
          [4, 16, 22, { curl: -4, over: 5, lines: 1 }],
          [39, 34, 7, { curl: -6, over: 8 }],
          [-3, 26, 7, { curl: 5, over: 9 }],
        ],
        { ...part, root: [8, 22] },
      ),
      free(
        [
          [4, -105, -6],
          [10, -118, -4],
          [24, -126, 0],
          [34, -118, 4],
          [34, -108, 6],
        ],
        { width: 7, layer: "top", root: 0.8, belly: 0.35, loose: 1.3, lines: 0 },
      ),
    ],
    nape: [
      [58, -40],
      [68, 6],
      [56, 54],
      [26, 74],
    ],
    napeZ: -40,
    dip: { back: [20, 215], side: [40, 112], front: [30, 110] },
    ombre: 0.9,
    hairline: 58,
    ears: true,
    halo: -56,
  };
}

function long(): Haircut {
  const part = { layer: "front" as const, loose: 0.45, lift: 1.065, b: 77, belly: 0.7, rootWidth: 0.26 };
  return {
    locks: [
      ...rows(
        mirrored([
          [165, 330, 64, { lines: 2 }],
          [140, 318, 62, { flare: 12, lines: 2 }],
          [120, 334, 52, { flare: 26, lines: 2, wave: 4 }],
          [106, 300, 40, { flare: 38, lines: 1, wave: 5 }],
          [100, 262, 20, { flare: 50, wave: 6 }],
        ]),
        {
          root: [180, 40],
          layer: "back",
          lift: 1.05,
          bulge: 8,
          rootWidth: 0.5,
          belly: 0.6,
          tone: -1,
          loose: 0.8,
          points: 8,
        },
      ),
      ...rows(
        mirrored([
          [96, 240, 34, { flare: 10, lines: 2, wave: 5, points: 8 }],
          [86, 196, 22, { flare: 4, lines: 1, wave: 4, points: 8, over: 3 }],
          [76, 84, 27, { tip: 0.55, lines: 2, over: 10, belly: 0.75, loose: 0.5 }],
          [66, 72, 15, { tip: 0.5, over: 14, belly: 0.75, loose: 0.5 }],
        ]),
        { root: [0, 10], layer: "side", lift: 1.055, bulge: 4, belly: 0.5, rootWidth: 0.3, loose: 0.85 },
      ),
      ...rows(
        [
          [-52, 12, 27, { tip: 0.24 }],
          [-37, 9, 29, { tip: 0.3, lines: 2, over: 2 }],
          [-22, 6, 28, { tip: 0.28, lines: 2 }],
          [-7, 8, 27, { tip: 0.3, lines: 2, over: 3 }],
          [8, 6, 27, { tip: 0.28, lines: 2 }],
          [23, 8, 28, { tip: 0.3, lines: 2, over: 2 }],
          [38, 7, 28, { tip: 0.26, lines: 2 }],
          [53, 13, 26, { tip: 0.24 }],
          [-14, 19, 7, { over: 8 }],
          [30, 20, 7, { over: 8 }],
        ],
        { ...part, root: [0, 10] },
      ),
    ],
    nape: [
      [62, -40],
      [80, 10],
      [84, 110],
      [92, 220],
      [80, 290],
      [40, 306],
    ],
    napeZ: -40,
    dip: { back: [140, 330], side: [90, 250], front: [30, 140] },
    ombre: 0.85,
    hairline: 58,
    ears: false,
    halo: -62,
  };
}

function short(): Haircut {
  const up = (spine: readonly V3[], width: number): Lock =>
    free(spine, { width, layer: "top", root: 1, belly: 0.2, full: 1.35, loose: 0.5, lines: 2, over: -1 });
  return {
    locks: [
      ...rows(
        mirrored([
          [165, 62, 40, { flare: 4 }],
          [138, 70, 38, { flare: 12 }],
          [116, 56, 34, { flare: 17 }],
        ]),
        { root: [180, 40], layer: "back", lift: 1.05, bulge: 3, rootWidth: 0.5, belly: 0.5, tone: -1, loose: 0.4 },
      ),
      ...rows(
        mirrored([
          [112, 26, 36, { flare: 20, b: 72 }],
          [98, 52, 28, { flare: 10 }],
          [100, 2, 28, { flare: 24, b: 62, over: 3 }],
          [84, 62, 17, { flare: 0, curl: -2, over: 8 }],
          [76, 36, 20, { curl: -3, over: 12 }],
        ]),
        { root: [0, 16], layer: "side", lift: 1.08, belly: 0.5, rootWidth: 0.3, loose: 0.4 },
      ),
      ...rows(
        [
          [-66, 40, 26, { curl: -3, over: 3 }],
          [-50, 20, 32, { curl: -3, lines: 2 }],
          [-32, 3, 32, { curl: 4, lines: 1, over: 2 }],
          [-13, 12, 30, { curl: 9, lines: 2, over: 4 }],
          [6, 24, 30, { curl: 14, lines: 2, over: 6 }],
          [26, 12, 28, { curl: 14, lines: 1, over: 5 }],
          [45, 22, 28, { curl: 10, lines: 1, over: 3 }],
          [62, 42, 24, { curl: 5, over: 2 }],
          [-22, 24, 8, { curl: 6, over: 9 }],
          [36, 32, 8, { curl: 12, over: 9 }],
        ],
        { layer: "front", root: [-28, 18], loose: 0.4, lift: 1.1, b: 72, belly: 0.45, rootWidth: 0.3, ahead: 4 },
      ),
      up(
        [
          [-50, -30, -14],
          [-74, -58, -10],
          [-88, -72, -6],
          [-100, -76, 0],
        ],
        62,
      ),
      up(
        [
          [56, -30, -16],
          [78, -54, -14],
          [90, -70, -10],
          [100, -80, -6],
        ],
        60,
      ),
      up(
        [
          [-30, -44, -14],
          [-54, -80, -10],
          [-68, -98, -6],
          [-86, -108, 0],
        ],
        74,
      ),
      up(
        [
          [38, -44, -14],
          [58, -80, -10],
          [68, -100, -6],
          [80, -114, 0],
        ],
        72,
      ),
      up(
        [
          [-6, -50, -12],
          [-26, -90, -8],
          [-38, -110, -4],
          [-56, -124, 0],
        ],
        78,
      ),
      up(
        [
          [16, -50, -12],
          [30, -92, -8],
          [34, -114, -4],
          [36, -132, 0],
        ],
        74,
      ),
      up(
        [
          [4, -54, -10],
          [4, -94, -6],
          [-4, -116, -2],
          [-18, -132, 0],
        ],
        62,
      ),
    ],
    nape: [
      [56, -40],
      [66, 10],
      [50, 44],
      [22, 56],
    ],
    napeZ: -40,
    dip: { back: [0, 90], side: [0, 80], front: [-20, 70] },
    ombre: 0.55,
    hairline: 56,
    ears: true,
    halo: -58,
  };
}

function tied(): Haircut {
  return {
    locks: [
      ...rows(
        mirrored([
          [165, 66, 44],
          [138, 70, 40, { flare: -4 }],
          [116, 66, 36, { flare: -6 }],
        ]),
        { root: [180, 40], layer: "back", lift: 1.02, bulge: 2, rootWidth: 0.6, belly: 0.5, tone: -1, loose: 0.2 },
      ),
      ...rows(
        [
          [-106, 46, 34, { flare: -10 }],
          [106, 48, 34, { flare: -10 }],
          [-92, 30, 30, { flare: -6, over: 4 }],
          [92, 34, 30, { flare: -6, over: 4 }],
          [-84, 74, 12, { curl: 4, over: 9, loose: 0.8 }],
          [85, 66, 11, { curl: -4, over: 9, loose: 0.8 }],
        ],
        { root: [20, 16], layer: "side", lift: 1.03, belly: 0.5, rootWidth: 0.35, loose: 0.3 },
      ),
      // A long fringe, thrown to one side.
      ...rows(
        [
          [-70, 88, 22, { curl: 7, over: 6, lines: 1, bulge: 3 }],
          [-58, 62, 27, { curl: 2, over: 3, lines: 2 }],
          [-45, 34, 28, { curl: -4, lines: 2, over: 2 }],
          [-31, 10, 26, { curl: -8, lines: 1, over: 4 }],
          [-19, -2, 18, { curl: -9, over: 6 }],
          [-50, 66, 7, { curl: -5, over: 9 }],
          [-8, -34, 24, { curl: -12, b: 54, over: 7, belly: 0.6 }],
          [9, -54, 18, { curl: -6, b: 44, over: 8, belly: 0.6 }],
        ],
        { layer: "front", root: [24, 26], loose: 0.7, lift: 1.09, b: 72, belly: 0.42, rootWidth: 0.26, bulge: 2 },
      ),
      ...rows(
        [
          [74, 56, 24, { curl: -2, over: 3, lines: 1 }],
          [62, 22, 26, { curl: 7, over: 2, lines: 2 }],
          [49, -8, 24, { curl: 14, over: 1 }],
          [66, 72, 7, { curl: -3, over: 9 }],
          [38, -34, 20, { curl: 12, b: 54, over: 4, belly: 0.6 }],
          [24, -56, 14, { curl: 3, b: 44, over: 5, belly: 0.6 }],
        ],
        { layer: "front", root: [30, 26], loose: 0.6, lift: 1.08, b: 70, belly: 0.42, rootWidth: 0.26 },
      ),
      ...tail(
        [
          [58, 70, -34],
          [84, 92, -10],
          [92, 128, 22],
          [84, 172, 40],
          [80, 214, 44],
          [88, 256, 44],
        ],
        [
          [0, 0, 30, 0],
          [-10, 3, 20, 22],
          [10, 4, 18, 34],
          [4, 7, 10, 6],
        ],
        { layer: "side", loose: 1, belly: 0.42, over: 40 },
      ),
    ],
    nape: [
      [56, -40],
      [66, 10],
      [56, 56],
      [26, 76],
    ],
    napeZ: -40,
    dip: { back: [30, 120], side: [60, 250], front: [40, 120] },
    ombre: 0.9,
    hairline: 38,
    ears: true,
    halo: -62,
  };
}

function tuft(): Haircut {
  const tufts: Lock[] = [];
  const put = (x: number, y: number, dx: number, dy: number, width: number, layer: Lock["layer"], z = 0): void => {
    tufts.push(
      free(
        [
          [x, y, z],
          [x + dx * 0.35, y + dy * 0.3, z],
          [x + dx * 0.75, y + dy * 0.68, z],
          [x + dx, y + dy, z],
        ],
        { width, layer, root: 1, belly: 0.1, full: 1.2, loose: 0.5, lines: 0, over: 0 },
      ),
    );
  };
  for (const side of [-1, 1]) {
    for (const [x, y, dx, dy, width] of [
      [58, -70, 20, -22, 40],
      [78, -40, 26, -12, 42],
      [88, -8, 30, -4, 44],
      [88, 22, 34, 8, 46],
      [84, 46, 38, 20, 48],
      [70, 70, 34, 32, 48],
      [46, 86, 20, 34, 46],
    ] as const) {
      put(side * x, y, side * dx, dy, width, "back", -6);
    }
    put(side * 92, 34, side * 20, 12, 30, "side", 10);
    put(side * 86, 54, side * 20, 20, 30, "side", 12);
    put(side * 72, 74, side * 16, 24, 28, "side", 16);
  }
  return {
    locks: [
      ...tufts,
      ...rows(
        [
          [-30, -22, 30, { curl: -8 }],
          [-14, -8, 32, { curl: -4, over: 2 }],
          [2, 2, 34, { curl: 2, over: 4 }],
          [18, -10, 32, { curl: 6, over: 2 }],
          [33, -24, 30, { curl: 9 }],
        ],
        { layer: "front", root: [0, 12], loose: 0.5, lift: 1.12, b: 62, belly: 0.55, rootWidth: 0.3, lines: 0 },
      ),
      free(
        [
          [2, -96, 0],
          [-4, -116, 2],
          [-16, -128, 4],
          [-30, -128, 6],
        ],
        { width: 22, layer: "top", root: 0.8, belly: 0.35 },
      ),
      free(
        [
          [8, -96, 0],
          [12, -118, 2],
          [22, -132, 4],
          [36, -134, 6],
        ],
        { width: 20, layer: "top", root: 0.8, belly: 0.35 },
      ),
    ],
    nape: [],
    napeZ: 0,
    dip: { back: [0, 110], side: [10, 100], front: [-60, 10] },
    ombre: 0.8,
    hairline: 50,
    ears: false,
    halo: -200,
  };
}

/** Haircuts by the names that a look gives them. */
export const HAIRCUTS = { bob, twintails, long, short, tied, tuft } as const;
export type HaircutName = keyof typeof HAIRCUTS;
