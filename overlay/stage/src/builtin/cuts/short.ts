import { free } from "../scalp.ts";
import type { V3 } from "../space.ts";
import type { Lock } from "../strands.ts";
import { type Haircut, mirrored, rows } from "./cut.ts";

/** Short, tousled hair. */
export function short(): Haircut {
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
