import { free } from "../scalp.ts";
import type { Lock } from "../strands.ts";
import { type Haircut, mirrored, rows, tail } from "./cut.ts";

/** Two long tails, tied high, and a fringe that meets in the middle. */
export function twintails(): Haircut {
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
