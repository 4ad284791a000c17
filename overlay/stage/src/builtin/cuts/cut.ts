import { type Fall, fall, free } from "../scalp.ts";
import type { V3 } from "../space.ts";
import type { Lock } from "../strands.ts";

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
export type Row = readonly [a: number, end: number, width: number, more?: Partial<Fall>];

/** Locks that differ in where and how they fall. */
export const rows = (list: readonly Row[], base: Omit<Fall, "a" | "end" | "width">): Lock[] =>
  list.map(([a, end, width, more]) => fall({ ...base, a, end, width, ...more }));

/** The same on both sides, not quite alike. */
export const mirrored = (list: readonly Row[]): Row[] => [
  ...list,
  ...list.map(
    ([a, end, width, more]): Row => [-a, end + (Math.abs(a) % 7) - 3, width, { ...more, curl: -(more?.curl ?? 0) }],
  ),
];

/** Locks that leave a tie: a fan of free spines. `points` runs from the tie to the tips. */
export function tail(
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
