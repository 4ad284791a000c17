import type { Hair } from "../rig.ts";
import type { Pen, Point } from "./pen.ts";

/** A strand: a curve in depth from its root to its tip, and how it swings. */
export interface Lock {
  /** Root, two control points, tip. */
  spine: readonly [Point, Point, Point, Point];
  /** Half its width at the root and in its belly; it ends in a point. */
  width: readonly [number, number];
  /** Which group it swings with, and how much of that it takes. */
  group: keyof Omit<Hair, "lift">;
  swing: number;
}

/** How much of the swing each point of the spine takes. */
const GIVE = [0, 0.12, 0.5, 1] as const;

/** Give a lock on the other side of the head. */
export function mirrored(lock: Lock): Lock {
  const flip = ([x, y, z]: Point): Point => [-x, y, z];
  const [a, b, c, d] = lock.spine;
  return { ...lock, spine: [flip(a), flip(b), flip(c), flip(d)] };
}

/** Trace a lock as a closed, leaf-like shape. */
export function traceLock(pen: Pen, lock: Lock): void {
  const { hair } = pen.pose;
  const angle = (hair[lock.group] * lock.swing * Math.PI) / 180;
  const [root, , , tip] = lock.spine;
  const length = Math.hypot(tip[0] - root[0], tip[1] - root[1]);
  const [p0, p1, p2, p3] = lock.spine.map(([x, y, z], i) => {
    const give = GIVE[i] ?? 1;
    const outward = Math.sign(tip[0]) * hair.lift * 0.5;
    return pen.at(
      x + Math.sin(angle * give) * length * give + outward * give * lock.swing,
      y - (1 - Math.cos(angle * give)) * length * 0.5 - hair.lift * give * lock.swing,
      z,
    );
  }) as [P, P, P, P];
  const [w0, w1] = lock.width;
  const [ax, ay] = normal(p0, p1);
  const [bx, by] = normal(p0, p2);
  const [cx, cy] = normal(p1, p3);
  const { c } = pen;
  c.beginPath();
  c.moveTo(p0[0] + ax * w0, p0[1] + ay * w0);
  c.bezierCurveTo(
    p1[0] + bx * w1 * 1.2,
    p1[1] + by * w1 * 1.2,
    p2[0] + cx * w1,
    p2[1] + cy * w1,
    p3[0],
    p3[1],
  );
  c.bezierCurveTo(
    p2[0] - cx * w1,
    p2[1] - cy * w1,
    p1[0] - bx * w1 * 1.2,
    p1[1] - by * w1 * 1.2,
    p0[0] - ax * w0,
    p0[1] - ay * w0,
  );
}

/** Draw a lock with its outline and one line of shine along its belly. */
export function drawLock(pen: Pen, lock: Lock, fill: string | CanvasGradient, shine = 0.35): void {
  const { c, paints } = pen;
  traceLock(pen, lock);
  c.fillStyle = fill;
  c.fill();
  c.strokeStyle = paints.colour.hairLine;
  c.lineWidth = 2.6;
  c.stroke();
  if (shine <= 0) return;
  const thin: Lock = { ...lock, width: [lock.width[0] * 0.12, lock.width[1] * 0.3] };
  c.globalAlpha = shine;
  traceLock(pen, thin);
  c.fillStyle = paints.colour.hairShine;
  c.fill();
  c.globalAlpha = 1;
}

type P = [number, number];

function normal(from: P, to: P): P {
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  const length = Math.hypot(dx, dy) || 1;
  return [-dy / length, dx / length];
}
