import { free } from "../scalp.ts";
import type { Lock } from "../strands.ts";
import { type Haircut, rows } from "./cut.ts";

/** A creature's down around the face. */
export function tuft(): Haircut {
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
