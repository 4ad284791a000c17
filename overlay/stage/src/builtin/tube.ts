import type { Turn, V3 } from "./space.ts";

/** One cross-section of a round body: an ellipse at height `y` with half width `a`, half depth `b`, its middle at `z`. */
export interface Level {
  readonly y: number;
  readonly a: number;
  readonly b: number;
  readonly z: number;
}

/** Write levels shortly: `[y, a, b, z]`. */
export function levels(...rows: readonly (readonly [number, number, number, number])[]): Level[] {
  return rows.map(([y, a, b, z]) => ({ y, a, b, z }));
}

/** Cross-sections that a body remembers. */
const KNOWN = 400;
/** How much flatter than an ellipse the front is: a face is no ball. */
const FLAT = 2.5;

/** A body of cross-sections: a face, a neck, a trunk. */
export class Tube {
  /** Cross-sections that were asked for before: most heights are asked for in every frame. */
  readonly #known = new Map<number, Level>();

  constructor(readonly levels: readonly Level[]) {}

  /** The cross-section at height `y`, smoothly between two. */
  at(y: number): Level {
    const known = this.#known.get(y);
    if (known) return known;
    const level = this.#between(y);
    if (this.#known.size < KNOWN) this.#known.set(y, level);
    return level;
  }

  #between(y: number): Level {
    const all = this.levels;
    let i = 0;
    while (i < all.length - 2 && y > (all[i + 1]?.y ?? 0)) i++;
    const low = all[i];
    const high = all[i + 1] ?? low;
    if (!low || !high) return { y, a: 0, b: 0, z: 0 };
    const before = all[i - 1] ?? low;
    const after = all[i + 2] ?? high;
    const t = Math.min(1, Math.max(0, (y - low.y) / (high.y - low.y || 1)));
    const span = high.y - low.y || 1;
    const s1 = span / (high.y - before.y || 1);
    const s2 = span / (after.y - low.y || 1);
    const t2 = t * t;
    const t3 = t2 * t;
    const h = 3 * t2 - 2 * t3;
    const h1 = (t3 - 2 * t2 + t) * s1;
    const h2 = (t3 - t2) * s2;
    return {
      y,
      a: low.a + (high.a - low.a) * h + (high.a - before.a) * h1 + (after.a - low.a) * h2,
      b: low.b + (high.b - low.b) * h + (high.b - before.b) * h1 + (after.b - low.b) * h2,
      z: low.z + (high.z - low.z) * h + (high.z - before.z) * h1 + (after.z - low.z) * h2,
    };
  }

  /** The point of the surface at angle `u` from the front (radians, positive to the viewer's right). */
  around(u: number, y: number, off = 0): V3 {
    const { a, b, z } = this.at(y);
    return [Math.sin(u) * (a + off), y, z + Math.cos(u) * (b + off)];
  }

  /** The point of the front at `x`, which is flatter than an ellipse; `off` lies before it. */
  front(x: number, y: number, off = 0): V3 {
    const { a, b, z } = this.at(y);
    const share = Math.min(1, Math.abs(x) / (a || 1));
    return [x, y, z + b * Math.sqrt(Math.max(0, 1 - share ** FLAT)) + off];
  }

  /** Where the outline of a turned body lies at height `y`: on the viewer's right (1) or left (-1). */
  edge(turn: Turn, y: number, side: 1 | -1, off = 0): V3 {
    const { a, b } = this.at(y);
    const u = Math.atan2(a * turn.cos, b * turn.sin);
    return this.around(side > 0 ? u : u - Math.PI, y, off);
  }
}
