import { faceDepth } from "./face.ts";
import type { Palette } from "./palette.ts";
import type { Pen, Point } from "./pen.ts";
import type { Pose } from "./pose.ts";
import { clamp, smoothstep } from "./spring.ts";

const MOUTH_Y = 86;

/** Draw the mouth: a line when shut, and with teeth and tongue when open. */
export function drawMouth(pen: Pen, palette: Palette, pose: Pose): void {
  const open = clamp(pose.ParamMouthOpenY, 0, 1);
  const smile = pose.ParamMouthForm;
  const wide = pose.ParamMouthWide;
  const skew = pose.ParamMouthSkew;
  // Half width: a smile and "i" spread it, "u" and a deep drop of the jaw draw it together.
  const half = 15 + 7 * Math.max(0, smile) + 4 * wide * (0.4 + open) - 2.5 * open * (1 - Math.max(0, smile));
  const height = open * (30 - 5 * Math.abs(wide));
  // Pursed lips lose their corners: the mouth becomes an O.
  const purse = smoothstep(0, -0.7, wide) * smoothstep(0.15, 0.5, open);
  const corner = -5.4 * smile - 1.2 * open + purse * height * 0.42;
  const place = (u: number, v: number, sharp: 0 | 1 = 0): Point => {
    const x = u;
    const y = MOUTH_Y + v - (skew * u * 5) / 18;
    return [x, y, faceDepth(x, y) + 3, sharp];
  };
  const left = place(-half, corner, purse > 0.3 ? 0 : 1);
  const right = place(half, corner, purse > 0.3 ? 0 : 1);
  const bow = smile * 2.6 - open * 2;
  // The line of the shut mouth, as a share of the half width; the open one drops from it.
  const edge = (share: number, drop: number): Point =>
    place(half * share, corner + (bow - corner) * (1 - share * share) + drop);
  const upper = [-0.75, -0.4, 0, 0.4, 0.75].map((share) => edge(share, 0));
  if (open < 0.04) {
    pen.stroke(pen.shape([left, ...upper, right], false), palette.skinLine, 2.3);
  } else {
    const round = smoothstep(0.1, -0.7, wide) * 0.08 + 0.74;
    const lower = [round, 0.38, -0.38, -round].map((share) => edge(share, height * (1 - share ** 2 * 0.72)));
    const shape = pen.shape([left, ...upper, right, ...lower]);
    pen.fill(shape, "#7c2636");
    pen.inside(shape, () => {
      const depth = bow + height;
      pen.fill(
        pen.shape([
          place(-half, depth - 2),
          place(-half * 0.6, depth - height * 0.4),
          place(0, depth - height * 0.44),
          place(half * 0.6, depth - height * 0.4),
          place(half, depth - 2),
          place(0, depth + 9),
        ]),
        "#f0808a",
      );
      const teeth = clamp(height * 0.36, 0, 6.5) * smoothstep(-0.9, 0.1, wide + Math.abs(smile) * 0.6);
      const row = [-0.78, -0.4, 0, 0.4, 0.78];
      const above = row.map((share) => edge(share, -8));
      const below = row.map((share) => edge(share, teeth * (1 - 0.5 * Math.abs(share)))).reverse();
      pen.fill(pen.shape([...above, ...below]), "#fffafa");
    });
    pen.stroke(shape, palette.skinLine, 2);
  }
  // The corners press into the cheek; below, the lip throws a small shade.
  if (smile > 0.1) {
    for (const side of [-1, 1]) {
      const tick = [place(side * (half - 0.5), corner + 1.2), place(side * (half + 2.4), corner - 2.4)];
      pen.stroke(pen.shape(tick, false), palette.skinLine, 1.7);
    }
  }
  const shade = pen.shape(
    [place(-5.5, bow + height + 8), place(0, bow + height + 9.4), place(5.5, bow + height + 8)],
    false,
  );
  pen.stroke(shade, palette.skinDeep, 1.7);
}
