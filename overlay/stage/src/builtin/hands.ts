import type { HandShape } from "./arms.ts";
import { beside, blob, dense, fill, filled, line, reversed } from "./ink.ts";
import type { Material } from "./paint.ts";

/** Points in the hand's own space: p towards the thumb, d along the fingers, from the wrist. */
type Spine = readonly number[];

interface Drawing {
  readonly palm: Spine;
  /** Fingers, those behind first, and their half width. */
  readonly fingers: readonly (readonly [Spine, number])[];
  readonly thumb: readonly [Spine, number];
  /** Which side the thumb is on when the hand points down: 1 towards the body. */
  readonly side: 1 | -1;
  /** Whether the thumb lies under the palm. */
  readonly under?: boolean;
}

const OPEN: Drawing = {
  palm: [-8, -2, -10.5, 10, -11.5, 21, -6, 26, 2, 27.5, 9, 25, 12, 15, 9.5, 4, 7.5, -2],
  fingers: [
    [[-8.5, 20, -12, 30, -15.5, 39.5], 3],
    [[-3.4, 23, -5, 36, -6.4, 47.5], 3.4],
    [[2.6, 24, 3.6, 38, 4.2, 51], 3.5],
    [[8.2, 22, 11.2, 34, 13.6, 45.5], 3.4],
  ],
  thumb: [[7, 6, 14, 12, 19.5, 18, 23.5, 26], 3.7],
  side: -1,
};
const REST: Drawing = {
  palm: [-6.5, -2, -8.5, 8, -9, 18, -5, 23, 3, 24, 8, 20, 9.5, 11, 7, -2],
  fingers: [
    [[-6.6, 17, -8, 27, -7, 34.5], 2.8],
    [[-2.6, 19, -3.6, 31, -1.4, 41], 3.2],
    [[1.8, 19, 1.6, 33, 4, 43], 3.3],
    [[6, 17, 7, 29, 8, 39.5], 3.2],
  ],
  thumb: [[6.5, 4, 11.5, 11, 12.5, 19, 10.5, 27], 3.3],
  side: 1,
};
const FIST: Drawing = {
  palm: [-8, -2, -11, 6, -12, 16, -9, 25, 0, 28, 9, 26, 12, 17, 10.5, 6, 8, -2],
  fingers: [
    [[-8.6, 24, -9, 18, -8.2, 12.5], 3.5],
    [[-3, 26, -3.2, 19, -2.6, 11.5], 3.7],
    [[2.8, 26.5, 2.8, 19, 2.8, 11], 3.8],
    [[8.4, 25, 8.6, 18, 7.8, 11.5], 3.7],
  ],
  thumb: [[10, 4, 11, 9, 5.5, 11.5, -1.5, 11.5], 3.4],
  side: -1,
};
const POINT: Drawing = {
  ...FIST,
  fingers: [...FIST.fingers.slice(0, 3), [[8, 20, 10, 36, 10.6, 50], 3.4]],
};
const FLAT: Drawing = {
  palm: [-8, -2, -10.5, 8, -11, 20, -5, 26, 3, 26.5, 9.5, 23, 11, 13, 8, -2],
  fingers: [
    [[-7.8, 19, -9.6, 30, -10, 38], 3],
    [[-3.2, 22, -4.4, 36, -4.8, 46], 3.4],
    [[1.9, 22, 1.6, 37, 1.6, 49], 3.5],
    [[7, 20, 7.8, 35, 7.8, 45], 3.4],
  ],
  thumb: [[7.5, 5, 14, 11, 17, 19, 17, 27], 3.6],
  side: 1,
};
const HEART: Drawing = {
  palm: [-9, -2, -11, 10, -10.5, 20, -4, 25, 4, 25, 9, 19, 10, 8, 8, -2],
  fingers: [
    [[-7, 18, -5, 28, 5, 33, 14, 31], 3],
    [[-3, 20, -1, 32, 8, 37, 18, 34], 3.3],
    [[1, 20, 4, 32, 12, 37, 21, 33], 3.3],
    [[5, 18, 8, 28, 15, 33, 22, 29], 3.2],
  ],
  thumb: [[7, 3, 14, 8, 21, 8, 28, 3], 3.5],
  side: -1,
};
const HOLD: Drawing = {
  palm: [-8, -2, -10, 8, -9.5, 18, -4, 23, 4, 24, 9, 20, 10, 8, 8, -2],
  fingers: [
    [[-7, 16, -6, 24, 2, 29], 3.2],
    [[-3, 18, -1.5, 28, 6, 33], 3.4],
    [[1.5, 18, 4, 29, 11, 33.5], 3.4],
    [[6, 16, 9, 26, 15.5, 30], 3.3],
  ],
  thumb: [[7, 3, 13, 8, 16, 15, 15, 22], 3.5],
  side: 1,
};

export const HANDS: Record<Exclude<HandShape, "hidden">, Drawing> = {
  rest: REST,
  open: OPEN,
  point: POINT,
  fist: FIST,
  flat: FLAT,
  heart: HEART,
  hold: HOLD,
};

/** A finger keeps its width and ends round. */
function finger(spine: readonly number[], half: number): [number[], number[]] {
  const fine = dense(spine, 5);
  const round = (t: number): number =>
    half * (1 - 0.16 * t) * Math.sqrt(Math.max(0, 1 - Math.max(0, (t - 0.86) / 0.14) ** 2));
  return [beside(fine, round), beside(fine, (t) => -round(t))];
}

/** Draw a hand at a wrist. `turn` in degrees: 0 points down; `mirror` for the viewer's left hand. */
export function drawHand(
  ctx: CanvasRenderingContext2D,
  shape: HandShape,
  x: number,
  y: number,
  turn: number,
  mirror: boolean,
  size: number,
  skin: Material,
): void {
  if (shape === "hidden") return;
  const hand = HANDS[shape];
  const angle = (turn * Math.PI) / 180;
  const flip = mirror ? -1 : 1;
  const [dx, dy] = [Math.sin(angle) * flip * size, Math.cos(angle) * size];
  const [px, py] = [-Math.cos(angle) * flip * size * hand.side, Math.sin(angle) * size * hand.side];
  const at = (list: Spine): number[] => {
    const out: number[] = [];
    for (let i = 0; i < list.length; i += 2) {
      const [p, d] = [list[i] ?? 0, list[i + 1] ?? 0];
      out.push(x + p * px + d * dx, y + p * py + d * dy);
    }
    return out;
  };
  const ink = 1.05;
  const one = (spine: Spine, half: number, root: boolean): void => {
    const placed = at(spine);
    const [l, r] = finger(placed, half * size + ink);
    filled(ctx, skin.line, 1, l, reversed(r));
    const [l2, r2] = finger(placed, half * size);
    filled(ctx, skin.base, 1, l2, reversed(r2));
    void root;
  };
  const palm = at(hand.palm);
  const border = new Path2D();
  line(border, [...palm, ...palm.slice(0, 4)], 2.2 * ink, () => 1);
  fill(ctx, border, skin.line);
  for (const [spine, half] of hand.fingers.slice(0, shape === "fist" || shape === "point" ? 0 : 4))
    one(spine, half, true);
  fill(ctx, blob(palm), skin.base);
  if (shape === "fist" || shape === "point") for (const [spine, half] of hand.fingers) one(spine, half, true);
  filled(ctx, skin.shade, 0.5, at([-10, 3, -10.5, 12, -8, 21]), at([-4.5, 19, -6, 10, -5, 1]));
  one(hand.thumb[0], hand.thumb[1], false);
  // The thumb grows out of the palm.
  const [a = 0, b = 0, c = 0, d = 0] = hand.thumb[0];
  fill(
    ctx,
    blob(
      at([
        a - 4,
        b - 2,
        a - 3,
        b + 5,
        (a + c) / 2 + 0.6,
        (b + d) / 2 + 1.6,
        (a + c) / 2 + 1.2,
        (b + d) / 2 - 1.2,
        a + 0.5,
        b - 3,
      ]),
    ),
    skin.base,
  );
}
