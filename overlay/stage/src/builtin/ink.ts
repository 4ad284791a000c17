/** Ink: smooth curves, tapering lines and filled shapes on a canvas, from flat lists x, y, x, y, … */

/** Share of the greatest width at share `t` of a line. */
export type Taper = (t: number) => number;

/** A line that swells in the middle and ends thin, as a pen draws it. */
export const SWELL: Taper = (t) => 0.22 + 0.78 * Math.sin(Math.PI * t);
/** Thin at both ends, without the last quarter of width. */
export const LENS: Taper = (t) => Math.sin(Math.PI * t);
/** Thick at the start, running out. */
export const RUN: Taper = (t) => (1 - t) ** 0.7 * Math.min(1, 0.35 + t * 6);

function at(list: ArrayLike<number>, i: number): number {
  return list[i] ?? 0;
}

/** Go on through the points, smoothly; with `start` move to the first one, else a straight line leads there. */
export function through(path: CanvasPath, points: ArrayLike<number>, start = true, n = points.length >> 1): void {
  if (n === 0) return;
  if (start) path.moveTo(at(points, 0), at(points, 1));
  else path.lineTo(at(points, 0), at(points, 1));
  for (let i = 0; i < n - 1; i++) {
    const before = Math.max(0, i - 1) * 2;
    const from = i * 2;
    const to = from + 2;
    const after = Math.min(n - 1, i + 2) * 2;
    const x1 = at(points, from);
    const y1 = at(points, from + 1);
    const x2 = at(points, to);
    const y2 = at(points, to + 1);
    path.bezierCurveTo(
      x1 + (x2 - at(points, before)) / 6,
      y1 + (y2 - at(points, before + 1)) / 6,
      x2 - (at(points, after) - x1) / 6,
      y2 - (at(points, after + 1) - y1) / 6,
      x2,
      y2,
    );
  }
}

/** A closed shape of smooth pieces; where two pieces meet is a corner. */
export function closed(...pieces: readonly (readonly number[])[]): Path2D {
  const path = new Path2D();
  for (const [i, piece] of pieces.entries()) through(path, piece, i === 0);
  path.closePath();
  return path;
}

/** A smooth closed shape without a corner. */
export function blob(points: readonly number[], path = new Path2D()): Path2D {
  const n = points.length >> 1;
  const get = (i: number): number => ((i + n) % n) * 2;
  path.moveTo(at(points, 0), at(points, 1));
  for (let i = 0; i < n; i++) {
    const p0 = get(i - 1);
    const p1 = get(i);
    const p2 = get(i + 1);
    const p3 = get(i + 2);
    path.bezierCurveTo(
      at(points, p1) + (at(points, p2) - at(points, p0)) / 6,
      at(points, p1 + 1) + (at(points, p2 + 1) - at(points, p0 + 1)) / 6,
      at(points, p2) - (at(points, p3) - at(points, p1)) / 6,
      at(points, p2 + 1) - (at(points, p3 + 1) - at(points, p1 + 1)) / 6,
      at(points, p2),
      at(points, p2 + 1),
    );
  }
  path.closePath();
  return path;
}

/** The points backwards. */
export function reversed(points: readonly number[]): number[] {
  const out: number[] = [];
  for (let i = points.length - 2; i >= 0; i -= 2) out.push(at(points, i), at(points, i + 1));
  return out;
}

/** The points moved sideways: `by(t)` to the left of the way they go, which is the viewer's right when they go down. */
export function beside(points: readonly number[], by: Taper): number[] {
  const n = points.length >> 1;
  const out: number[] = [];
  for (let i = 0; i < n; i++) {
    const a = Math.max(0, i - 1) * 2;
    const b = Math.min(n - 1, i + 1) * 2;
    const dx = at(points, b) - at(points, a);
    const dy = at(points, b + 1) - at(points, a + 1);
    const length = Math.sqrt(dx * dx + dy * dy) || 1;
    const w = by(n > 1 ? i / (n - 1) : 0);
    out.push(at(points, i * 2) + (dy / length) * w, at(points, i * 2 + 1) - (dx / length) * w);
  }
  return out;
}

/** Reused from line to line, since a frame has hundreds: both edges, flat, the second one backwards. */
let there = new Float64Array(256);
let back = new Float64Array(256);

/** Add a tapering line to a path, for filling. */
export function line(path: CanvasPath, points: readonly number[], width: number, taper: Taper = SWELL): void {
  const n = points.length >> 1;
  if (n * 2 > there.length) [there, back] = [new Float64Array(n * 4), new Float64Array(n * 4)];
  for (let i = 0; i < n; i++) {
    const a = Math.max(0, i - 1) * 2;
    const b = Math.min(n - 1, i + 1) * 2;
    const dx = at(points, b) - at(points, a);
    const dy = at(points, b + 1) - at(points, a + 1);
    const half = (width / 2) * taper(n > 1 ? i / (n - 1) : 0);
    const across = half / (Math.sqrt(dx * dx + dy * dy) || 1);
    const x = at(points, i * 2);
    const y = at(points, i * 2 + 1);
    there[i * 2] = x + dy * across;
    there[i * 2 + 1] = y - dx * across;
    back[(n - 1 - i) * 2] = x - dy * across;
    back[(n - 1 - i) * 2 + 1] = y + dx * across;
  }
  through(path, there, true, n);
  through(path, back, false, n);
  path.closePath();
}

/** A tapering line of its own. */
export function stroke(points: readonly number[], width: number, taper: Taper = SWELL): Path2D {
  const path = new Path2D();
  line(path, points, width, taper);
  return path;
}

/** More points on the same smooth curve: `per` pieces between two. */
export function dense(points: readonly number[], per: number): number[] {
  const n = points.length >> 1;
  const out: number[] = [];
  for (let i = 0; i < n - 1; i++) {
    const i0 = Math.max(0, i - 1) * 2;
    const i1 = i * 2;
    const i2 = i1 + 2;
    const i3 = Math.min(n - 1, i + 2) * 2;
    for (let k = 0; k < per; k++) {
      const t = k / per;
      out.push(
        catmull(at(points, i0), at(points, i1), at(points, i2), at(points, i3), t),
        catmull(at(points, i0 + 1), at(points, i1 + 1), at(points, i2 + 1), at(points, i3 + 1), t),
      );
    }
  }
  out.push(at(points, points.length - 2), at(points, points.length - 1));
  return out;
}

/** Catmull-Rom between `b` and `c`. */
export function catmull(a: number, b: number, c: number, d: number, t: number): number {
  return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t);
}

/** An ellipse. */
export function oval(x: number, y: number, rx: number, ry: number, turn = 0): Path2D {
  const path = new Path2D();
  path.ellipse(x, y, Math.max(0, rx), Math.max(0, ry), turn, 0, 2 * Math.PI);
  return path;
}

/** Fill what lies inside. */
export function fill(ctx: CanvasRenderingContext2D, path: Path2D, style: string | CanvasGradient, alpha = 1): void {
  if (alpha <= 0.004) return;
  const before = ctx.globalAlpha;
  ctx.fillStyle = style;
  ctx.globalAlpha = before * Math.min(1, alpha);
  ctx.fill(path);
  ctx.globalAlpha = before;
}

/** Draw something that stays inside `path`. */
export function inside(ctx: CanvasRenderingContext2D, path: Path2D, draw: () => void): void {
  ctx.save();
  ctx.clip(path);
  draw();
  ctx.restore();
}

function flush(ctx: CanvasRenderingContext2D, style: string | CanvasGradient, alpha: number): void {
  const before = ctx.globalAlpha;
  ctx.fillStyle = style;
  ctx.globalAlpha = before * Math.min(1, Math.max(0, alpha));
  ctx.fill();
  ctx.globalAlpha = before;
}

/** Fill a closed shape of smooth pieces on the canvas' own path, which costs less than an object for each. */
export function filled(
  ctx: CanvasRenderingContext2D,
  style: string | CanvasGradient,
  alpha: number,
  ...pieces: readonly (readonly number[])[]
): void {
  ctx.beginPath();
  for (let i = 0; i < pieces.length; i++) through(ctx, pieces[i] ?? [], i === 0);
  ctx.closePath();
  flush(ctx, style, alpha);
}

/** Fill one tapering line. */
export function inked(
  ctx: CanvasRenderingContext2D,
  style: string | CanvasGradient,
  alpha: number,
  points: readonly number[],
  width: number,
  taper: Taper = SWELL,
): void {
  ctx.beginPath();
  line(ctx, points, width, taper);
  flush(ctx, style, alpha);
}

/** Fill an ellipse. */
export function ellipse(
  ctx: CanvasRenderingContext2D,
  style: string | CanvasGradient,
  alpha: number,
  x: number,
  y: number,
  rx: number,
  ry: number,
  turn = 0,
): void {
  ctx.beginPath();
  ctx.ellipse(x, y, Math.max(0, rx), Math.max(0, ry), turn, 0, 2 * Math.PI);
  flush(ctx, style, alpha);
}
