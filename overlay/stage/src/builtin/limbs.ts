import { type Arm, bend, type Reach } from "./arms.ts";
import type { BodyShape } from "./bodies.ts";
import { drawHand } from "./hands.ts";
import { beside, closed, dense, ellipse, fill, filled, inked, line, oval, RUN, reversed } from "./ink.ts";
import type { Material, Paint } from "./paint.ts";
import { between, lerp, type Turn, type V3 } from "./space.ts";

/** How a sleeve is cut. */
export interface Sleeve {
  readonly cloth: Material;
  /** How much wider than the arm at shoulder, elbow and hem. */
  readonly ease: readonly [number, number, number];
  /** A band at the hem: its cloth and its width, 0 for none. */
  readonly cuff: readonly [Material, number];
  /** A line of trim above the cuff. */
  readonly trim?: Material;
}

/** The body for which arm poses are written: the shoulder and the length of the arm. */
const WRITTEN_FOR = { shoulder: [75, 163] as const, length: 204 };
const LINE = 1.1;

/** Find an arm's joints; `side` 1 is the viewer's right. */
export function armOf(shape: BodyShape, reach: Reach, side: 1 | -1, shrug: number): Arm {
  const flip = (p: V3): V3 => [p[0] * side, p[1], p[2]];
  const { shoulder } = shape;
  const scale = (shape.upperArm + shape.foreArm) / WRITTEN_FOR.length;
  // Other bodies reach as far as their own arms do.
  const wrist: V3 = [
    shoulder[0] + (reach.wrist[0] - WRITTEN_FOR.shoulder[0]) * scale,
    shoulder[1] + (reach.wrist[1] - WRITTEN_FOR.shoulder[1]) * scale,
    reach.wrist[2],
  ];
  const from: V3 = [shoulder[0] - 3, shoulder[1] + 5 - shrug, shoulder[2]];
  const arm = bend(from, wrist, reach.elbow, shape.upperArm, shape.foreArm);
  return { shoulder: flip(arm.shoulder), elbow: flip(arm.elbow), wrist: flip(arm.wrist) };
}

/** The half width at share `t` of the length. */
function width(widths: readonly number[], t: number): number {
  const last = widths.length - 1;
  const i = Math.min(last - 1, Math.floor(t * last));
  return lerp(widths[i] ?? 0, widths[i + 1] ?? 0, t * last - i);
}

/** One arm in its sleeve, laid out in the picture. Draw its upper part, then its lower one with the hand. */
export class Limb {
  readonly #shape: BodyShape;
  readonly #paint: Paint;
  readonly #sleeve: Sleeve;
  readonly #reach: Reach;
  readonly #side: 1 | -1;
  readonly shoulder: readonly [number, number];
  readonly elbow: readonly [number, number];
  readonly wrist: readonly [number, number];
  readonly #upper: number[];
  readonly #fore: number[];
  readonly #upperWidths: readonly number[];
  readonly #foreWidths: readonly number[];
  readonly #seam: number[];

  constructor(turn: Turn, shape: BodyShape, paint: Paint, sleeve: Sleeve, arm: Arm, reach: Reach, side: 1 | -1) {
    this.#shape = shape;
    this.#paint = paint;
    this.#sleeve = sleeve;
    this.#reach = reach;
    this.#side = side;
    const flat = (p: V3): [number, number] => {
      turn.at(...p);
      return [turn.x, turn.y];
    };
    this.shoulder = flat(arm.shoulder);
    this.elbow = flat(arm.elbow);
    this.wrist = flat(arm.wrist);
    this.#upper = dense([...this.shoulder, ...flat(between(arm.shoulder, arm.elbow, 0.5)), ...this.elbow], 4);
    this.#fore = dense([...this.elbow, ...flat(between(arm.elbow, arm.wrist, 0.5)), ...this.wrist], 4);
    const [w0, w1, w2] = shape.arm;
    const [e0, e1, e2] = sleeve.ease;
    this.#upperWidths = [w0 + e0, (w0 + w1 + e0 + e1) / 2 + 0.5, w1 + e1];
    this.#foreWidths = [w1 + e1, w1 + (e1 + e2) / 2 + 0.6, w2 + e2];
    const r = w0 + e0;
    const [sx, sy] = arm.shoulder;
    this.#seam = [
      ...flat([sx - side * r * 0.62, sy - r * 0.92, 0]),
      ...flat([sx - side * r * 1.02, sy - r * 0.1, 10]),
      ...flat([sx - side * r * 0.84, sy + r * 0.9, 12]),
    ];
  }

  /** The upper arm, with the line around the whole arm: no line crosses the joints. */
  drawUpper(ctx: CanvasRenderingContext2D): void {
    const { cloth } = this.#sleeve;
    const around = this.#piece(this.#upper, this.#upperWidths, LINE);
    around.addPath(this.#piece(this.#fore, this.#foreWidths, LINE));
    around.addPath(this.#joint(LINE));
    const [w0] = this.#shape.arm;
    const r = w0 + this.#sleeve.ease[0];
    const [sx, sy] = this.shoulder;
    // The round of the shoulder has its line on the outside alone: inside is the seam.
    const from = this.#side > 0 ? -1.75 : -1.39;
    const to = this.#side > 0 ? 0.15 : -3.29;
    const arc: number[] = [];
    for (let i = 0; i <= 6; i++) {
      const w = lerp(from, to, i / 6);
      arc.push(sx + Math.cos(w) * r, sy + Math.sin(w) * r);
    }
    line(around, arc, LINE * 2.2, (t) => Math.min(1, t * 4));
    fill(ctx, around, cloth.line);
    const whole = this.#piece(this.#upper, this.#upperWidths, 0);
    whole.addPath(oval(this.shoulder[0], this.shoulder[1], r, r));
    fill(ctx, whole, cloth.base);
    this.#shade(ctx, this.#upper, this.#upperWidths);
    inked(ctx, cloth.line, 0.8, this.#seam, 1.8);
    this.#glint(ctx, this.#upper, this.#upperWidths);
  }

  /** The hand, and the forearm over it and over the upper arm. */
  drawLower(ctx: CanvasRenderingContext2D): void {
    const { cloth } = this.#sleeve;
    const { paw, hand } = this.#shape;
    const reach = this.#reach;
    if (!paw)
      drawHand(ctx, reach.hand, this.wrist[0], this.wrist[1], reach.turn, this.#side < 0, hand, this.#paint.skin);
    fill(ctx, this.#piece(this.#fore, this.#foreWidths, LINE, 5), cloth.line);
    const whole = this.#piece(this.#fore, this.#foreWidths, 0);
    whole.addPath(this.#joint(0));
    fill(ctx, whole, cloth.base);
    this.#shade(ctx, this.#fore, this.#foreWidths);
    this.#glint(ctx, this.#fore, this.#foreWidths);
    this.#folds(ctx);
    this.#cuff(ctx);
    if (paw) this.#paw(ctx);
  }

  #joint(more: number): Path2D {
    const r = this.#shape.arm[1] + this.#sleeve.ease[1] + more;
    return oval(this.elbow[0], this.elbow[1], r, r);
  }

  /** A piece of the sleeve, `more` wider than itself; with `ramp` only gradually so from its start. */
  #piece(points: readonly number[], widths: readonly number[], more: number, ramp = 0): Path2D {
    const at = (t: number): number => width(widths, t) + more * (ramp > 0 ? Math.min(1, t * ramp) : 1);
    return closed(beside(points, at), reversed(beside(points, (t) => -at(t))));
  }

  #shade(ctx: CanvasRenderingContext2D, points: readonly number[], widths: readonly number[]): void {
    // The light comes from the upper left, whichever way the arm points.
    const n = points.length;
    const [dx, dy] = [(points[n - 2] ?? 0) - (points[0] ?? 0), (points[n - 1] ?? 0) - (points[1] ?? 0)];
    const down = dy + dx * -0.45 >= 0 ? 1 : -1;
    const at = (t: number): number => width(widths, t) * down;
    const inner = (t: number): number => at(t) * (1 - Math.min(1, t * 3.2) ** 0.7 * (0.72 - 0.1 * Math.sin(t * 7)));
    filled(ctx, this.#sleeve.cloth.shade, 0.85, beside(points, at), reversed(beside(points, inner)));
  }

  #glint(ctx: CanvasRenderingContext2D, points: readonly number[], widths: readonly number[]): void {
    if (this.#side < 0) return;
    const down = (points[points.length - 1] ?? 0) >= (points[1] ?? 0) ? 1 : -1;
    const edge = beside(points, (t) => (width(widths, t) - 1.7) * down);
    inked(ctx, this.#paint.rim, 0.6, edge, 2.1, (t) => Math.sin(Math.PI * t) ** 0.6);
  }

  /** Folds gather inside the elbow. */
  #folds(ctx: CanvasRenderingContext2D): void {
    const [ex, ey] = this.elbow;
    const half = this.#shape.arm[1] + this.#sleeve.ease[1];
    const [fx, fy] = [(this.shoulder[0] + this.wrist[0]) / 2 - ex, (this.shoulder[1] + this.wrist[1]) / 2 - ey];
    const deep = Math.hypot(fx, fy);
    const folds = new Path2D();
    if (deep > 12) {
      const [ux, uy] = [fx / deep, fy / deep];
      const [ix, iy] = [ex + ux * half, ey + uy * half];
      for (const spread of [-0.7, 0, 0.75]) {
        const [c, s] = [Math.cos(spread), Math.sin(spread)];
        const [vx, vy] = [-(ux * c - uy * s), -(ux * s + uy * c)];
        line(folds, [ix, iy, ix + vx * 9 + vy * 2, iy + vy * 9 - vx * 2, ix + vx * 17, iy + vy * 17], 2.2, RUN);
      }
    } else {
      line(folds, [ex - half, ey - 3, ex - 4, ey + 2, ex + 5, ey + 1], 2, RUN);
      line(folds, [ex + half, ey + 6, ex + 5, ey + 11, ex - 3, ey + 11], 1.8, RUN);
    }
    fill(ctx, folds, this.#sleeve.cloth.line, 0.7);
  }

  /** The way in which the forearm points, as a unit. */
  get #way(): [number, number] {
    const [mx, my] = [this.wrist[0] - (this.#fore[8] ?? 0), this.wrist[1] - (this.#fore[9] ?? 0)];
    const length = Math.hypot(mx, my) || 1;
    return [mx / length, my / length];
  }

  #cuff(ctx: CanvasRenderingContext2D): void {
    const [band, wide] = this.#sleeve.cuff;
    const { trim, ease } = this.#sleeve;
    if (wide <= 0) return;
    const [vx, vy] = this.#way;
    const half = this.#shape.arm[2] + ease[2] + 1.2;
    const ring = (back: number, w: number, bowed: number): number[] => {
      const [cx, cy] = [this.wrist[0] - vx * back, this.wrist[1] - vy * back];
      return [cx + vy * w, cy - vx * w, cx + vx * bowed, cy + vy * bowed, cx - vy * w, cy + vx * w];
    };
    filled(ctx, band.line, 1, ring(wide + LINE, half + LINE, 3), reversed(ring(-1 - LINE, half + LINE + 0.4, 4)));
    const shape = closed(ring(wide, half, 3), reversed(ring(-1, half + 0.4, 4)));
    fill(ctx, shape, band.base);
    if (trim) filled(ctx, trim.base, 1, ring(wide + 5.5, half - 1, 3), reversed(ring(wide + 2.6, half - 0.8, 3)));
  }

  #paw(ctx: CanvasRenderingContext2D): void {
    const [vx, vy] = this.#way;
    const [px, py] = [this.wrist[0] + vx * 4, this.wrist[1] + vy * 4];
    ellipse(ctx, this.#sleeve.cloth.line, 1, px, py, 19.3, 19.3);
    ellipse(ctx, this.#paint.skin.base, 1, px, py, 18, 18);
    const toes = new Path2D();
    for (const w of [-0.5, 0.5]) {
      const tilt = Math.atan2(vy, vx) + w;
      const [c, s] = [Math.cos(tilt), Math.sin(tilt)];
      line(toes, [px + c * 18, py + s * 18, px + c * 11, py + s * 11], 2.4, RUN);
    }
    fill(ctx, toes, this.#sleeve.cloth.line);
  }
}

/** A mug of tea with its steam; `x`, `y` is where the hand holds it. */
export function drawMug(ctx: CanvasRenderingContext2D, x: number, y: number, paint: Paint, time: number): void {
  const m = paint.accent;
  ctx.lineWidth = 6.4;
  ctx.strokeStyle = m.line;
  ctx.stroke(oval(x + 21, y - 1, 9, 10));
  ctx.lineWidth = 4.2;
  ctx.strokeStyle = m.base;
  ctx.stroke(oval(x + 21, y - 1, 9, 10));
  const body = closed(
    [x - 19, y - 22, x - 18, y + 8, x - 14, y + 19],
    [x - 14, y + 19, x, y + 22, x + 14, y + 19],
    [x + 14, y + 19, x + 18, y + 8, x + 19, y - 22],
  );
  fill(ctx, body, m.base);
  filled(
    ctx,
    m.shade,
    1,
    [x + 8, y - 22, x + 9, y + 8, x + 4, y + 21],
    [x + 14, y + 19, x + 18, y + 8, x + 19, y - 22],
  );
  filled(
    ctx,
    paint.shirt.base,
    1,
    [x - 18.6, y - 6, x, y - 2, x + 18.6, y - 6],
    [x + 18.2, y + 2, x, y + 6, x - 18.2, y + 2],
  );
  const ink = new Path2D();
  line(
    ink,
    [x - 19, y - 22, x - 18, y + 8, x - 14, y + 19, x, y + 22, x + 14, y + 19, x + 18, y + 8, x + 19, y - 22],
    2,
    () => 1,
  );
  fill(ctx, ink, m.line);
  ellipse(ctx, m.line, 1, x, y - 22, 19.4, 5.6);
  ellipse(ctx, "#9c5a34", 1, x, y - 22, 17.8, 4.2);
  const steam = new Path2D();
  for (const [i, dx] of [-6, 5].entries()) {
    const w = Math.sin(time * 1.4 + i * 2) * 4;
    line(steam, [x + dx, y - 30, x + dx + 5 + w, y - 42, x + dx - 4 + w, y - 54, x + dx + 2 + w * 1.5, y - 66], 4);
  }
  fill(ctx, steam, "#ffffff", 0.45);
}
