import { type Haircut, mirrored, rows, tail } from "./cut.ts";

/** A long fringe thrown to one side, and a low tail over one shoulder. */
export function tied(): Haircut {
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
