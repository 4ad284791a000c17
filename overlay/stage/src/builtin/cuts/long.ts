import { type Haircut, mirrored, rows } from "./cut.ts";

/** Long hair with a blunt fringe and cut locks beside the face. */
export function long(): Haircut {
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
