import { free } from "../scalp.ts";
import { type Haircut, rows } from "./cut.ts";

/** A bob with a parting on her left, tips that flick out, and a lock that no comb tames. */
export function bob(): Haircut {
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
