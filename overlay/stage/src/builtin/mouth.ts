import type { Pose } from "../avatar/pose.ts";
import { clamp, smoothstep } from "../avatar/spring.ts";
import type { FaceShape } from "./faces.ts";
import { closed, fill, filled, inked, inside, line, reversed } from "./ink.ts";
import type { Paint } from "./paint.ts";
import type { Turn } from "./space.ts";

const SHARES = [-1, -0.72, -0.38, 0, 0.38, 0.72, 1] as const;

/** Draw the mouth by ParamMouthOpenY, ParamMouthForm, ParamMouthWide and ParamMouthSkew. */
export function drawMouth(ctx: CanvasRenderingContext2D, turn: Turn, face: FaceShape, paint: Paint, pose: Pose): void {
  const open = clamp(pose.ParamMouthOpenY, 0, 1);
  const smile = clamp(pose.ParamMouthForm, -1, 1);
  const wide = clamp(pose.ParamMouthWide, -1, 1);
  const skew = pose.ParamMouthSkew;
  const wave = pose.ParamMouthWave * (1 - 0.8 * smoothstep(0, 0.3, open));
  const purse = smoothstep(0, -0.75, wide) * smoothstep(0.12, 0.5, open);
  const size = face.mouth;
  const spread = 9.4 + 4 * Math.max(0, smile) + 3.4 * wide * (0.5 + open) + 2 * open * Math.max(0, smile);
  const half = Math.max(4.6 + 2.6 * open, spread - 2.5 * purse - 2.6 * pose.ParamCheekPuff) * size;
  const height = open * (23 - 3 * Math.abs(wide) - 5 * purse) * size;
  // Corners go up in a smile; the middle of the line dips a little, like a bow.
  const corner = -4.6 * smile - 0.8 * open + purse * height * 0.4;
  const middle = 2.6 * Math.max(0, smile) - 0.6 * open - 2.2 * Math.max(0, -smile);
  const at = (u: number, v: number): [number, number] => {
    turn.at(...face.tube.front(u, face.mouthY + v - skew * u * 0.26, 4));
    return [turn.x, turn.y];
  };
  const upperV = (s: number): number =>
    corner * s * s +
    middle * (1 - s * s) +
    2.4 * wave * Math.sin(s * 7.6) -
    0.45 * Math.exp(-((s / 0.26) ** 2)) * (1 - open);
  const upper = SHARES.flatMap((s) => at(s * half, upperV(s)));
  const ink = new Path2D();
  if (height < 1.2) {
    line(ink, upper, 2.2, (t) => (0.55 + 0.45 * Math.abs(2 * t - 1) ** 1.5) * (1 - Math.abs(2 * t - 1) ** 12));
    fill(ctx, ink, paint.skin.line);
  } else {
    const full = smile > 0 ? 0.62 : 0.5;
    const lower = SHARES.flatMap((s) =>
      at(
        s * half * (1 - 0.12 * smoothstep(0.2, 1, open) * (1 - purse)),
        upperV(s) + height * (1 - Math.abs(s) ** (2 + full)) ** (0.62 + 0.2 * purse),
      ),
    );
    const shape = closed(upper, reversed(lower));
    fill(ctx, shape, "#7a2836");
    inside(ctx, shape, () => {
      const floor = middle + height;
      filled(ctx, "#ee8189", 1, [
        ...at(-half, floor + 4),
        ...at(-half * 0.72, floor - height * 0.2),
        ...at(-half * 0.3, floor - height * 0.42),
        ...at(0, floor - height * 0.36),
        ...at(half * 0.3, floor - height * 0.42),
        ...at(half * 0.72, floor - height * 0.2),
        ...at(half, floor + 4),
      ]);
      // Anger shows both rows of teeth, shut.
      const grit = smoothstep(-0.55, -0.85, smile) * smoothstep(0.2, 0.4, open) * (1 - purse);
      if (grit > 0.05) {
        filled(ctx, "#fffaf6", grit, upper, reversed(lower));
        const seam = SHARES.flatMap((s) => at(s * half, upperV(s) + height * 0.5 * (1 - 0.5 * s * s)));
        inked(ctx, paint.skin.line, 0.7 * grit, seam, 1.4, () => 1);
      }
      const teeth = clamp(height * 0.34, 0, 4.6) * (1 - purse) * smoothstep(0.1, 0.35, open);
      if (teeth > 0.4) {
        const edge = SHARES.flatMap((s) => at(s * half, upperV(s) + teeth * (1 - 0.6 * Math.abs(s) ** 3)));
        const above = SHARES.flatMap((s) => at(s * half, upperV(s) - 4));
        filled(ctx, "#fffaf6", 1, above, reversed(edge));
      }
    });
    line(ink, upper, 2.5, (t) => 0.4 + 0.6 * Math.sin(Math.PI * t));
    line(ink, lower, 1.7, (t) => 0.3 + 0.7 * Math.sin(Math.PI * t));
    fill(ctx, ink, paint.skin.line);
  }
  const below = new Path2D();
  const under = middle + height + 6.5;
  line(below, [...at(-4.2 * size, under), ...at(0, under + 0.9), ...at(4.2 * size, under)], 1.9);
  fill(ctx, below, paint.lip, 0.4);
}
