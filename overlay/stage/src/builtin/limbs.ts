import { type Arm, bend, type Reach } from "./arms.ts";
import type { BodyShape } from "./bodies.ts";
import { drawHand } from "./hands.ts";
import { beside, closed, dense, fill, line, oval, reversed, RUN, stroke } from "./ink.ts";
import type { Material, Paint } from "./paint.ts";
import { between, lerp, type Turn, type V3 } from "./space.ts";

/** How a sleeve is cut. */
export interface Sleeve {
  readonly cloth: Material;
  /** How much wider than the arm at shoulder, elbow and hem. */
  readonly ease: readonly [number, number, number];
  /** Where it ends: 1 at the wrist, below 0.5 above the elbow. */
  readonly length: number;
  /** A band at the hem: its cloth and its width, 0 for none. */
  readonly cuff: readonly [Material, number];
  /** A line of trim above the cuff. */
  readonly trim?: Material;
}

/** Find an arm's joints; `side` 1 is the viewer's right. */
export function armOf(shape: BodyShape, reach: Reach, side: 1 | -1, shrug: number): Arm {
  const flip = (p: V3): V3 => [p[0] * side, p[1], p[2]];
  const shoulder = shape.shoulder;
  const scale = (shape.upperArm + shape.foreArm) / 206;
  const from: V3 = [75, 163, -4];
  // Poses are written for one body: others reach as far as their own arms do.
  const wrist: V3 = [
    shoulder[0] + (reach.wrist[0] - from[0]) * scale,
    shoulder[1] + (reach.wrist[1] - from[1]) * scale,
    reach.wrist[2],
  ];
  const up: V3 = [shoulder[0] - 2, shoulder[1] + 5 - shrug, shoulder[2]];
  const arm = bend(up, wrist, reach.elbow, shape.upperArm, shape.foreArm);
  return { shoulder: flip(arm.shoulder), elbow: flip(arm.elbow), wrist: flip(arm.wrist) };
}

/** The half width at share `t`. */
function width(widths: readonly number[], t: number): number {
  const last = widths.length - 1;
  const i = Math.min(last - 1, Math.floor(t * last));
  return lerp(widths[i] ?? 0, widths[i + 1] ?? 0, t * last - i);
}

/** A piece of an arm: its middle line and its half widths at shares of it. */
function piece(points: readonly number[], widths: readonly number[], more: number): [number[], number[]] {
  const fine = dense(points, 4);
  const at = (t: number): number => width(widths, t) + more;
  return [beside(fine, at), beside(fine, (t) => -at(t))];
}

/** Draw an arm in its sleeve, and the hand. */
export function drawArm(
  ctx: CanvasRenderingContext2D,
  turn: Turn,
  shape: BodyShape,
  paint: Paint,
  sleeve: Sleeve,
  arm: Arm,
  reach: Reach,
  side: 1 | -1,
): void {
  const flat = (p: V3): [number, number] => {
    turn.at(...p);
    return [turn.x, turn.y];
  };
  const [w0, w1, w2] = shape.arm;
  const [e0, e1, e2] = sleeve.ease;
  const shoulder = flat(arm.shoulder);
  const elbow = flat(arm.elbow);
  const wrist = flat(arm.wrist);
  const upper = [...shoulder, ...flat(between(arm.shoulder, arm.elbow, 0.5)), ...elbow];
  const fore = [...elbow, ...flat(between(arm.elbow, arm.wrist, 0.5)), ...wrist];
  const ink = 1.15;
  const { cloth } = sleeve;
  const bare = sleeve.length < 0.6;
  // The hand first: the sleeve's hem lies over the wrist.
  if (reach.hand !== "hidden") {
    const hx = wrist[0];
    const hy = wrist[1];
    if (!shape.paw) drawHand(ctx, reach.hand, hx, hy, reach.turn, side < 0, shape.hand, paint.skin);
  }
  const skin = paint.skin;
  const one = (points: readonly number[], widths: readonly number[], m: Material, joint: number, jx: number, jy: number): void => {
    const [l, r] = piece(points, widths, ink);
    fill(ctx, closed(l, reversed(r)), m.line);
    if (joint > 0) fill(ctx, oval(jx, jy, joint + ink, joint + ink), m.line);
    const [l2, r2] = piece(points, widths, 0);
    fill(ctx, closed(l2, reversed(r2)), m.base);
    if (joint > 0) fill(ctx, oval(jx, jy, joint, joint), m.base);
  };
  const shadeSide = (points: readonly number[], widths: readonly number[], m: Material, alpha: number): void => {
    const down = (points[points.length - 1] ?? 0) >= (points[1] ?? 0) ? 1 : -1;
    const at = (t: number): number => lerp(widths[0] ?? 0, widths[widths.length - 1] ?? 0, t) * down;
    const fine = dense(points, 3);
    fill(ctx, closed(beside(fine, at), reversed(beside(fine, (t) => at(t) * (1 - Math.min(1, t * 3.2) ** 0.7 * (0.72 - 0.1 * Math.sin(t * 7)))))), m.shade, alpha);
  };
  const upperWidths = bare ? [w0 + e0, w0 + e0 * 0.9, w1] : [w0 + e0, (w0 + w1 + e0 + e1) / 2 + 0.5, w1 + e1];
  const foreWidths = bare ? [w1, w1 - 0.5, w2 - 2] : [w1 + e1, w1 + (e1 + e2) / 2 + 0.6, w2 + e2];
  if (bare) {
    one(upper, [w1 + 2, w1 + 1, w1], skin, 0, 0, 0);
    one(fore, foreWidths, skin, w1, ...elbow);
    shadeSide(fore, foreWidths, skin, 0.6);
    const short = dense(upper, 4);
    const cut = short.slice(0, Math.max(8, Math.round((short.length / 2) * Math.min(1, sleeve.length * 2)) * 2));
    one(cut, [w0 + e0, w0 + e0 + 1, w1 + e2], cloth, w0 + e0, ...shoulder);
    shadeSide(cut, [w0 + e0, w1 + e2], cloth, 0.8);
    return;
  }
  // One line around the whole arm, then its parts upon it: no line crosses the joints.
  const [ul, ur] = piece(upper, upperWidths, ink);
  const [fl0, fr0] = piece(fore, foreWidths, ink);
  const around = closed(ul, reversed(ur));
  around.addPath(closed(fl0, reversed(fr0)));
  around.addPath(oval(elbow[0], elbow[1], w1 + e1 + ink, w1 + e1 + ink));
  fill(ctx, around, cloth.line);
  const [ul1, ur1] = piece(upper, upperWidths, 0);
  fill(ctx, closed(ul1, reversed(ur1)), cloth.base);
  fill(ctx, oval(shoulder[0], shoulder[1], w0 + e0, w0 + e0), cloth.base);
  shadeSide(upper, upperWidths, cloth, 0.85);
  // Where the arm bends, the forearm lies over the upper arm.
  const lap = piece(fore, foreWidths, 0);
  const fine = dense(fore, 4);
  const over = beside(fine, (t) => width(foreWidths, t) + ink * Math.min(1, t * 5));
  fill(ctx, closed(over, reversed(beside(fine, (t) => -width(foreWidths, t) - ink * Math.min(1, t * 5)))), cloth.line);
  fill(ctx, oval(elbow[0], elbow[1], w1 + e1, w1 + e1), cloth.base);
  fill(ctx, closed(lap[0], reversed(lap[1])), cloth.base);
  shadeSide(fore, foreWidths, cloth, 0.85);
  const glint = dense(upper, 3);
  const lit = new Path2D();
  if (side > 0) line(lit, beside(glint, (t) => width(upperWidths, t) - 1.6), 2.2, (t) => Math.sin(Math.PI * t) ** 0.6);
  fill(ctx, lit, paint.rim, 0.42);
  // The seam at the shoulder.
  const [sx, sy] = arm.shoulder;
  const r = w0 + e0;
  const seam = [
    ...flat([sx - side * r * 0.62, sy - r * 0.92, 0]),
    ...flat([sx - side * r * 1.02, sy - r * 0.1, 10]),
    ...flat([sx - side * r * 0.84, sy + r * 0.9, 12]),
  ];
  fill(ctx, stroke(seam, 1.8), cloth.line, 0.8);
  const folds = new Path2D();
  const bow = Math.sign((elbow[0] - shoulder[0]) * (wrist[1] - elbow[1]) - (elbow[1] - shoulder[1]) * (wrist[0] - elbow[0])) || 1;
  const [fx, fy] = [(shoulder[0] + wrist[0]) / 2 - elbow[0], (shoulder[1] + wrist[1]) / 2 - elbow[1]];
  const fl = Math.hypot(fx, fy);
  if (fl > 12) {
    // Folds gather inside the elbow.
    const [ux, uy] = [fx / fl, fy / fl];
    const inner = [elbow[0] + ux * (w1 + e1), elbow[1] + uy * (w1 + e1)];
    for (const spread of [-0.7, 0, 0.75]) {
      const c = Math.cos(spread);
      const s = Math.sin(spread);
      const [vx, vy] = [-(ux * c - uy * s), -(ux * s + uy * c)];
      line(folds, [inner[0] ?? 0, inner[1] ?? 0, (inner[0] ?? 0) + vx * 9 + bow * vy * 2, (inner[1] ?? 0) + vy * 9 - bow * vx * 2, (inner[0] ?? 0) + vx * 17, (inner[1] ?? 0) + vy * 17], 2.2, RUN);
    }
  } else {
    line(folds, [elbow[0] - w1 - e1, elbow[1] - 3, elbow[0] - 4, elbow[1] + 2, elbow[0] + 5, elbow[1] + 1], 2, RUN);
    line(folds, [elbow[0] + w1 + e1, elbow[1] + 6, elbow[0] + 5, elbow[1] + 11, elbow[0] - 3, elbow[1] + 11], 1.8, RUN);
  }
  fill(ctx, folds, cloth.line, 0.7);
  const [band, wide] = sleeve.cuff;
  if (wide > 0) {
    const [a0 = 0, b0 = 0] = wrist;
    const [mx, my] = [a0 - (fore[2] ?? 0), b0 - (fore[3] ?? 0)];
    const ml = Math.hypot(mx, my) || 1;
    const [vx, vy] = [mx / ml, my / ml];
    const half = w2 + e2 + 1.2;
    const ring = (back: number, w: number, bowed: number): number[] => {
      const [cx, cy] = [a0 - vx * back, b0 - vy * back];
      return [cx + vy * w, cy - vx * w, cx + vx * bowed, cy + vy * bowed, cx - vy * w, cy + vx * w];
    };
    fill(ctx, closed(ring(wide + ink, half + ink, 3), reversed(ring(-1 - ink, half + ink + 0.4, 4))), band.line);
    fill(ctx, closed(ring(wide, half, 3), reversed(ring(-1, half + 0.4, 4))), band.base);
    if (sleeve.trim) {
      fill(ctx, closed(ring(wide + 5.5, half - 1, 3), reversed(ring(wide + 2.6, half - 0.8, 3))), sleeve.trim.base);
    }
  }  if (shape.paw) {
    const [mx, my] = [wrist[0] - (fore[2] ?? 0), wrist[1] - (fore[3] ?? 0)];
    const ml = Math.hypot(mx, my) || 1;
    const [px, py] = [wrist[0] + (mx / ml) * 4, wrist[1] + (my / ml) * 4];
    fill(ctx, oval(px, py, 19.5, 19.5), cloth.line);
    fill(ctx, oval(px, py, 18, 18), paint.skin.base);
    const toes = new Path2D();
    for (const w of [-0.5, 0.5]) {
      const tilt = Math.atan2(my, mx) + w;
      line(toes, [px + Math.cos(tilt) * 18, py + Math.sin(tilt) * 18, px + Math.cos(tilt) * 11, py + Math.sin(tilt) * 11], 2.4, RUN);
    }
    fill(ctx, toes, cloth.line);
  }
}
