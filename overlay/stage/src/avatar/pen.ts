/**
 * The pen: points of the head in three dimensions to smooth paths on the canvas.
 *
 * Model space has its origin between the eyes, x to the viewer's right, y down, z towards the viewer; the face is
 * about 195 units wide and 250 high. Turning the head moves near points more than far ones, which is the whole trick
 * of a drawing that seems to have depth.
 */

/** `[x, y, z, corner]`; a point whose `corner` is 1 is sharp, the curve passes smoothly through all others. */
export type Point = readonly [x: number, y: number, z?: number, corner?: 0 | 1];

/** How a hanging thing is bent: nothing above `from`, fully at `to` (both y), by `mid` half-way and `tip` at the end. */
export interface Sway {
  readonly from: number;
  readonly to: number;
  readonly mid: number;
  readonly tip: number;
}

/** Yaw and pitch in radians at 30 of ParamAngleX and ParamAngleY. */
const YAW = 0.52;
const PITCH = 0.4;
/** Distance of the eye that looks at the model, in units; large, so that perspective stays gentle. */
const DISTANCE = 1500;

/** Draws shapes of the head as it is turned now. */
export class Pen {
  readonly ctx: CanvasRenderingContext2D;
  /** Where the last projected point fell. */
  x = 0;
  y = 0;
  #sin = 0;
  #cos = 1;
  #sinPitch = 0;
  #cosPitch = 1;
  /** Reused from path to path: x, y, corner of each point. */
  readonly #points: number[] = [];

  constructor(ctx: CanvasRenderingContext2D) {
    this.ctx = ctx;
  }

  /** Turn the head: both in Cubism's degrees, -30 to 30; positive looks to the viewer's right and up. */
  turn(angleX: number, angleY: number): void {
    const yaw = (angleX / 30) * YAW;
    const pitch = (angleY / 30) * PITCH;
    this.#sin = Math.sin(yaw);
    this.#cos = Math.cos(yaw);
    this.#sinPitch = Math.sin(pitch);
    this.#cosPitch = Math.cos(pitch);
  }

  /** Put a point into `x` and `y`. `round` 1 keeps the width: for outlines of what is round, like the skull. */
  project(x: number, y: number, z: number, round = 0): void {
    const squash = this.#cos + (1 - this.#cos) * round;
    const depth = z * this.#cos - x * this.#sin * (1 - round);
    const tall = this.#cosPitch + (1 - this.#cosPitch) * round;
    const near = 1 + depth / DISTANCE;
    this.x = (x * squash + z * this.#sin) * near;
    this.y = (y * tall - depth * this.#sinPitch) * near;
  }

  /** Smooth path through points; bent by `sway` if given, added to the path `into` if given. */
  shape(points: readonly Point[], closed = true, round = 0, sway?: Sway, into?: Path2D): Path2D {
    const flat = this.#points;
    flat.length = 0;
    for (const [x, y, z = 0, corner = 0] of points) {
      const shift = sway ? bend(sway, y) : 0;
      this.project(x + shift, y - Math.abs(shift) * 0.12, z, round);
      flat.push(this.x, this.y, corner);
    }
    return spline(flat, closed, into);
  }

  /** Ellipse around a projected point; its radii are not projected. */
  ellipse(x: number, y: number, z: number, rx: number, ry: number, turn = 0): Path2D {
    this.project(x, y, z);
    const path = new Path2D();
    path.ellipse(this.x, this.y, rx, ry, turn, 0, 2 * Math.PI);
    return path;
  }

  fill(path: Path2D, style: string | CanvasGradient): void {
    this.ctx.fillStyle = style;
    this.ctx.fill(path);
  }

  stroke(path: Path2D, style: string | CanvasGradient, width: number): void {
    this.ctx.strokeStyle = style;
    this.ctx.lineWidth = width;
    this.ctx.stroke(path);
  }

  /** Draw something that stays inside `path`. */
  inside(path: Path2D, draw: () => void): void {
    this.ctx.save();
    this.ctx.clip(path);
    draw();
    this.ctx.restore();
  }
}

/** Smooth closed path in the current space of the canvas, which no turning of the head reaches. */
export function flat(points: readonly Point[]): Path2D {
  return spline(
    points.flatMap(([x, y, , corner = 0]) => [x, y, corner]),
    true,
  );
}

/** Sideways shift of a point at height `y`: the quadratic curve through the root, the middle and the tip. */
export function bend(sway: Sway, y: number): number {
  const t = Math.min(1, Math.max(0, (y - sway.from) / (sway.to - sway.from)));
  return 2 * t * (1 - t) * sway.mid + t * t * sway.tip;
}

/** Catmull-Rom through `[x, y, corner]` triples, written as Bézier curves; corners take no part of their neighbours. */
export function spline(flat: readonly number[], closed: boolean, path = new Path2D()): Path2D {
  const n = flat.length / 3;
  const at = (i: number): number => (closed ? ((i + n) % n) * 3 : Math.min(n - 1, Math.max(0, i)) * 3);
  const get = (i: number): number => flat[i] ?? 0;
  path.moveTo(get(0), get(1));
  for (let i = 0; i < (closed ? n : n - 1); i++) {
    const [p0, p1, p2, p3] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    const leave = get(p1 + 2) === 1 ? p1 : p0;
    const enter = get(p2 + 2) === 1 ? p2 : p3;
    const [x1, y1, x2, y2] = [get(p1), get(p1 + 1), get(p2), get(p2 + 1)];
    path.bezierCurveTo(
      x1 + (x2 - get(leave)) / 6,
      y1 + (y2 - get(leave + 1)) / 6,
      x2 - (get(enter) - x1) / 6,
      y2 - (get(enter + 1) - y1) / 6,
      x2,
      y2,
    );
  }
  if (closed) path.closePath();
  return path;
}
