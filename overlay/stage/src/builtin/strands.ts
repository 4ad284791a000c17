import { catmull } from "./ink.ts";
import { lerp, type Turn, type V3 } from "./space.ts";

/** One lock of hair: a spine in the space of the head, from root to tip, with a greatest width and a profile. */
export interface Lock {
  readonly spine: readonly V3[];
  readonly width: number;
  /** Share of the width at the root, and where along it the lock is widest. */
  readonly root: number;
  readonly belly: number;
  /** Share of the width at the very tip: 0 is pointed, above it is cut. */
  readonly tip: number;
  /** How suddenly it runs out: 1 evenly, 2 late. */
  readonly full: number;
  /** How much it swings: 0 is stiff. */
  readonly loose: number;
  /** Fine lines along it. */
  readonly lines: number;
  readonly layer: Layer;
  /** Shift of tone: below 0 darker. */
  readonly tone: number;
  /** Order among those of its layer, added to the depth of its middle. */
  readonly over: number;
}

export type Layer = "back" | "side" | "front" | "top";

/** Points along a lock that its outline is made of: a long one has more. */
const SAMPLES = 9;
const FEW = 7;
/** How far a lock on the far side gives way at a full turn, in units. */
const CLEAR = 30;
/** How much thicker the line is on the side away from the light. */
const HEAVY = 1.7;

/** Share of the greatest width at share `t` of the length. */
export function widthAt(lock: Pick<Lock, "root" | "belly" | "tip" | "full">, t: number): number {
  if (t < lock.belly) {
    const s = t / lock.belly;
    return lerp(lock.root, 1, s * s * (3 - 2 * s));
  }
  const s = (t - lock.belly) / (1 - lock.belly);
  return lock.tip + (1 - lock.tip) * Math.max(0, 1 - s ** lock.full) ** 0.92;
}

/** Reused from lock to lock: both edges, flat. */
const RIGHT = new Float64Array(SAMPLES * 2);
const LEFT = new Float64Array(SAMPLES * 2);

/** Add the shape between both edges: down the right one, back up the left one. */
function emit(path: CanvasPath, n: number): void {
  path.moveTo(RIGHT[0] ?? 0, RIGHT[1] ?? 0);
  for (let i = 0; i < n - 1; i++) curve(path, RIGHT, Math.max(0, i - 1), i, i + 1, Math.min(n - 1, i + 2));
  path.lineTo(LEFT[n * 2 - 2] ?? 0, LEFT[n * 2 - 1] ?? 0);
  for (let i = n - 1; i > 0; i--) curve(path, LEFT, Math.min(n - 1, i + 1), i, i - 1, Math.max(0, i - 2));
  path.closePath();
}

function curve(path: CanvasPath, p: Float64Array, a: number, b: number, c: number, d: number): void {
  const x1 = p[b * 2] ?? 0;
  const y1 = p[b * 2 + 1] ?? 0;
  const x2 = p[c * 2] ?? 0;
  const y2 = p[c * 2 + 1] ?? 0;
  path.bezierCurveTo(
    x1 + (x2 - (p[a * 2] ?? 0)) / 6,
    y1 + (y2 - (p[a * 2 + 1] ?? 0)) / 6,
    x2 - ((p[d * 2] ?? 0) - x1) / 6,
    y2 - ((p[d * 2 + 1] ?? 0) - y1) / 6,
    x2,
    y2,
  );
}

/** A lock in motion: its points in the picture, and what its outline is now. */
export class Strand {
  readonly lock: Lock;
  /** Depth of its middle, for the order of drawing. */
  depth = 0;
  /** Whether it lies behind the outline of the face: so do the sides on the far side of a turned head. */
  behind = false;
  /** How far the hair's surface here faces the light, -1 to 1. */
  facing = 0;
  /** Offsets from where a stiff lock would be, and their speeds; x and y of each point of the spine. */
  readonly offset: Float64Array;
  readonly speed: Float64Array;
  /** Where the points were without their offsets in the last frame. */
  readonly held: Float64Array;
  fresh = true;
  readonly #n: number;
  readonly #m: number;
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #sx = new Float64Array(SAMPLES);
  readonly #sy = new Float64Array(SAMPLES);
  readonly #nx = new Float64Array(SAMPLES);
  readonly #ny = new Float64Array(SAMPLES);
  readonly #half = new Float64Array(SAMPLES);
  readonly #profile: Float64Array;

  constructor(lock: Lock) {
    this.lock = lock;
    this.#n = lock.spine.length;
    this.#m = this.#n > 6 ? SAMPLES : FEW;
    this.offset = new Float64Array(this.#n * 2);
    this.speed = new Float64Array(this.#n * 2);
    this.held = new Float64Array(this.#n * 2);
    this.#x = new Float64Array(this.#n);
    this.#y = new Float64Array(this.#n);
    this.#profile = Float64Array.from({ length: this.#m }, (_, i) => widthAt(lock, i / (this.#m - 1)));
  }

  /** The index of the last point of its outline. */
  get last(): number {
    return this.#m - 1;
  }

  /** Turn the spine, add its swing, and lay out the outline. */
  place(turn: Turn): void {
    const { spine } = this.lock;
    for (let i = 0; i < spine.length; i++) {
      const point = spine[i] as V3;
      const px = point[0];
      const py = point[1];
      turn.at(px, py, point[2]);
      // On the far side of a turned head hair is drawn clear of the eye, as painters have it.
      const away = Math.max(0, px * turn.sin) / 80;
      const clear = Math.min(1, Math.max(0, (py + 60) / 70)) * away * CLEAR * Math.sign(px);
      this.#x[i] = turn.x + clear + (this.offset[i * 2] ?? 0);
      this.#y[i] = turn.y + (this.offset[i * 2 + 1] ?? 0);
      if (i === this.#n >> 1) this.depth = turn.z + this.lock.over;
    }
    const middle = spine[this.#n >> 1] ?? [0, 0, 1];
    const across = Math.hypot(middle[0], middle[2] + 10) || 1;
    const nx = (middle[0] * turn.cos + (middle[2] + 10) * turn.sin) / across;
    const nz = ((middle[2] + 10) * turn.cos - middle[0] * turn.sin) / across;
    this.behind = middle[0] * turn.sin > 9 && this.lock.layer === "side";
    this.facing = -nx * 0.75 + nz * 0.35;
    this.#sample(0.5 + 0.5 * Math.min(1, Math.abs(nz) + 0.25));
  }

  #sample(narrow: number): void {
    const last = this.#n - 1;
    for (let s = 0; s < this.#m; s++) {
      const at = (s / (this.#m - 1)) * last;
      const i = Math.min(last - 1, Math.floor(at));
      const t = at - i;
      const a = Math.max(0, i - 1);
      const b = i;
      const c = i + 1;
      const d = Math.min(last, i + 2);
      this.#sx[s] = catmull(this.#x[a] ?? 0, this.#x[b] ?? 0, this.#x[c] ?? 0, this.#x[d] ?? 0, t);
      this.#sy[s] = catmull(this.#y[a] ?? 0, this.#y[b] ?? 0, this.#y[c] ?? 0, this.#y[d] ?? 0, t);
      this.#half[s] = (this.lock.width / 2) * narrow * (this.#profile[s] ?? 0);
    }
    for (let s = 0; s < this.#m; s++) {
      const a = Math.max(0, s - 1);
      const b = Math.min(this.#m - 1, s + 1);
      const dx = (this.#sx[b] ?? 0) - (this.#sx[a] ?? 0);
      const dy = (this.#sy[b] ?? 0) - (this.#sy[a] ?? 0);
      const length = Math.sqrt(dx * dx + dy * dy) || 1;
      this.#nx[s] = dy / length;
      this.#ny[s] = -dx / length;
    }
  }

  /** One edge of the lock: `share` of the half width to the viewer's right (for a lock that hangs down), plus `more`. */
  edge(share: number, more = 0, from = 0, to = this.last): number[] {
    const out: number[] = [];
    for (let s = from; s <= to; s++) {
      const w = share * (this.#half[s] ?? 0) + more * Math.min(1, s / 2.5) * (s === this.#m - 1 ? 0.4 : 1);
      out.push((this.#sx[s] ?? 0) + (this.#nx[s] ?? 0) * w, (this.#sy[s] ?? 0) + (this.#ny[s] ?? 0) * w);
    }
    return out;
  }

  /** Add the whole lock, `line` wider than itself: the difference to the lock is its line. */
  outline(path: CanvasPath, line = 0, dx = 0, dy = 0): void {
    this.#lay(RIGHT, 1, line * HEAVY, 0, dx, dy);
    this.#lay(LEFT, -1, -line, 0, dx, dy);
    emit(path, this.#m);
  }

  /** Add the side away from the light, from `share` of the half width on. */
  shade(path: CanvasPath, share: number): void {
    this.#lay(RIGHT, 1, 0, 1, 0, 0);
    this.#lay(LEFT, share, 0, 1, 0, 0);
    emit(path, this.#m - 1);
  }

  #lay(into: Float64Array, share: number, more: number, from: number, dx: number, dy: number): void {
    for (let s = from, k = 0; s < this.#m; s++) {
      const w = share * (this.#half[s] ?? 0) + more * Math.min(1, s / 2.5) * (s === this.#m - 1 ? 0.4 : 1);
      into[k++] = (this.#sx[s] ?? 0) + (this.#nx[s] ?? 0) * w + dx;
      into[k++] = (this.#sy[s] ?? 0) + (this.#ny[s] ?? 0) * w + dy;
    }
  }

  /** Add a gleam at share `t` of the length: smooth above, with teeth of uneven length below. */
  gleam(path: Path2D, t: number, height: number): void {
    const at = t * (this.#m - 1);
    const i = Math.min(this.#m - 2, Math.floor(at));
    const s = at - i;
    const of = (list: Float64Array): number => lerp(list[i] ?? 0, list[i + 1] ?? 0, s);
    const [x, y, nx, ny, half] = [of(this.#sx), of(this.#sy), of(this.#nx), of(this.#ny), of(this.#half) * 0.86];
    // Along the lock: the normal turned back by a quarter.
    const put = (across: number, down: number): [number, number] => [
      x + nx * half * across - ny * down * height,
      y + ny * half * across + nx * down * height,
    ];
    const teeth = half > 11 ? 3 : 2;
    path.moveTo(...put(-1, 0));
    path.quadraticCurveTo(...put(0, -0.5), ...put(1, 0));
    for (let k = 0; k < teeth; k++) {
      const right = 1 - (2 * k) / teeth;
      const left = 1 - (2 * (k + 1)) / teeth;
      const middle = (right + left) / 2;
      const long = 0.75 + 0.5 * (((k * 2 + Math.round(this.lock.width)) % 3) / 2);
      path.quadraticCurveTo(...put(lerp(right, middle, 0.55), 0.35), ...put(middle, long));
      path.quadraticCurveTo(...put(lerp(left, middle, 0.55), 0.35), ...put(left, k === teeth - 1 ? 0 : 0.12));
    }
    path.closePath();
  }

  /** The share of the length at which the lock comes to a height in the head's space; below 0 where it never does. */
  reach(height: number): number {
    const { spine } = this.lock;
    for (let i = 1; i < spine.length; i++) {
      const [a, b] = [spine[i - 1]?.[1] ?? 0, spine[i]?.[1] ?? 0];
      if (a <= height && b > height) return (i - 1 + (height - a) / (b - a)) / (spine.length - 1);
    }
    return -1;
  }
}
