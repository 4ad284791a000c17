import { css, mix } from "./colour.ts";
import { faceDepth } from "./face.ts";
import type { Palette } from "./palette.ts";
import type { Pen, Point } from "./pen.ts";
import type { Pose } from "./pose.ts";
import { clamp, smoothstep } from "./spring.ts";

/** Where the middle of the eyes is. */
const EYE_X = 51.5;
/** The lids below are drawn a little larger than life. */
const SIZE = 1.07;
const EYE_Y = 14;
const IRIS_RX = 25.2;
const IRIS_RY = 31;

/** Lids of an eye in its own space, u away from the nose and v down: open, shut, and shut in a smile. */
type Lid = readonly (readonly [u: number, v: number])[];
const UPPER_OPEN: Lid = [
  [-29, 10],
  [-22, -9],
  [-6, -21],
  [13, -22],
  [28, -12],
  [34, 2],
];
const UPPER_SHUT: Lid = [
  [-29, 15],
  [-19, 21],
  [-5, 25],
  [12, 24],
  [26, 18],
  [35, 11],
];
const UPPER_SMILE: Lid = [
  [-30, 21],
  [-21, 9],
  [-6, 1],
  [12, 1],
  [26, 10],
  [35, 20],
];
const LOWER_OPEN: Lid = [
  [-28, 12],
  [-23, 23],
  [-9, 30],
  [9, 31],
  [25, 23],
  [32, 8],
];
const LOWER_SMILE: Lid = [
  [-27, 20],
  [-20, 19],
  [-8, 18],
  [9, 18],
  [22, 19],
  [31, 18],
];

type Place = (u: number, v: number, sharp?: 0 | 1) => Point;

interface Eye {
  readonly side: 1 | -1;
  /** Slant of the lid, which follows the brow: 1 droops outside, -1 inside. */
  readonly slant: number;
  readonly open: number;
  readonly smile: number;
}

/** Draw both eyes. `time` is in seconds and lets the highlights shimmer. */
export function drawEyes(pen: Pen, palette: Palette, pose: Pose, time: number): void {
  drawEye(
    pen,
    palette,
    pose,
    { side: -1, slant: pose.ParamBrowRAngle, open: pose.ParamEyeROpen, smile: pose.ParamEyeRSmile },
    time,
  );
  drawEye(
    pen,
    palette,
    pose,
    { side: 1, slant: pose.ParamBrowLAngle, open: pose.ParamEyeLOpen, smile: pose.ParamEyeLSmile },
    time,
  );
}

function blend(a: Lid, b: Lid, share: number): Lid {
  return a.map(([u, v], i) => {
    const [bu, bv] = b[i] ?? [u, v];
    return [u + (bu - u) * share, v + (bv - v) * share] as const;
  });
}

function drawEye(pen: Pen, palette: Palette, pose: Pose, eye: Eye, time: number): void {
  const { ctx } = pen;
  const wide = Math.max(0, eye.open - 1);
  const open = clamp(eye.open, 0, 1);
  const shut = blend(UPPER_SHUT, UPPER_SMILE, eye.smile);
  // Half shut, a lid keeps its arch: straight between open and shut it would look bored.
  const arch = wide * 26 + 26 * open * (1 - open);
  const slant = eye.slant < 0 ? eye.slant * open * 0.25 : eye.slant * smoothstep(0, 0.3, open) * 0.16;
  const upper = blend(shut, UPPER_OPEN, open).map(
    ([u, v]) => [u, v - arch * (1 - (u * u) / 1300) + u * slant] as const,
  );
  const lower = blend(LOWER_OPEN, LOWER_SMILE, eye.smile * 0.75);
  const place = (u: number, v: number, sharp: 0 | 1 = 0): Point => {
    const x = eye.side * (EYE_X + u * SIZE);
    const y = EYE_Y + v * SIZE;
    return [x, y, faceDepth(x, y), sharp];
  };
  if (open > 0.08) {
    const white = pen.shape([
      ...upper.map(([u, v]) => place(u, v)),
      // The white never comes out under a falling lid.
      ...[...lower].reverse().map(([u, v], i) => place(u, Math.max(v, upper[5 - i]?.[1] ?? v))),
    ]);
    pen.fill(white, "#fffdfd");
    pen.inside(white, () => {
      drawIris(pen, palette, pose, eye, time);
      // The shadow of lid and lashes on the ball.
      const shadow = pen.shape([
        ...upper.map(([u, v]) => place(u * 1.1, v - 6)),
        ...[...upper].reverse().map(([u, v]) => place(u * 1.04, v + 8.5 * open)),
      ]);
      pen.fill(shadow, css(mix(palette.lashRgb, palette.eyesRgb, 0.25), 0.34));
    });
    drawLowerLash(pen, palette, lower, place, open);
  }
  drawUpperLash(pen, palette, upper, place, open, eye.smile);
  if (open > 0.35) {
    const crease = pen.shape(
      upper.slice(1, 5).map(([u, v]) => place(u * 0.98 + 1, v - 7.5 - 2 * wide)),
      false,
    );
    ctx.globalAlpha = (open - 0.35) / 0.65;
    pen.stroke(crease, palette.skinLine, 1.5);
    ctx.globalAlpha = 1;
  }
}

function drawIris(pen: Pen, palette: Palette, pose: Pose, eye: Eye, time: number): void {
  const { ctx } = pen;
  const size = 1 + 0.16 * pose.ParamEyeBallForm * (pose.ParamEyeBallForm < 0 ? 1.6 : 1);
  const x = eye.side * (EYE_X + 1) + pose.ParamEyeBallX * 10;
  const y = EYE_Y + 4 - pose.ParamEyeBallY * 8;
  pen.project(x, y, faceDepth(x, y));
  const [cx, cy] = [pen.x, pen.y];
  pen.project(x + 10, y, faceDepth(x + 10, y));
  // The far eye is narrower when the head turns.
  const rx = IRIS_RX * size * clamp((pen.x - cx) / 10, 0.7, 1.1);
  const ry = IRIS_RY * size;
  const oval = (dx: number, dy: number, w: number, h: number, turn = 0): Path2D => {
    const path = new Path2D();
    path.ellipse(cx + dx * rx, cy + dy * ry, w * rx, h * ry, turn, 0, 2 * Math.PI);
    return path;
  };
  const base = ctx.createLinearGradient(0, cy - ry, 0, cy + ry);
  base.addColorStop(0, css(palette.eyesDarkRgb));
  base.addColorStop(0.34, css(mix(palette.eyesDarkRgb, palette.eyesRgb, 0.45)));
  base.addColorStop(0.66, css(palette.eyesRgb));
  base.addColorStop(1, css(palette.eyesLightRgb));
  const iris = oval(0, 0, 1, 1);
  pen.fill(iris, base);
  pen.inside(iris, () => {
    // Light gathers opposite to where it comes in.
    const glow = ctx.createRadialGradient(cx, cy + ry * 0.85, 0, cx, cy + ry * 0.85, rx * 1.25);
    glow.addColorStop(0, css(palette.eyesLightRgb, 0.95));
    glow.addColorStop(0.55, css(palette.eyesLightRgb, 0.35));
    glow.addColorStop(1, css(palette.eyesLightRgb, 0));
    pen.fill(oval(0, 0.4, 1, 0.75), glow);
    pen.fill(oval(0, -0.02, 0.46, 0.46), css(mix(palette.eyesDarkRgb, palette.lashRgb, 0.55), 0.92));
    pen.fill(oval(0, 0.2, 0.24, 0.16), css(palette.eyesRgb, 0.55));
  });
  pen.stroke(oval(0, 0, 0.965, 0.97), css(mix(palette.eyesDarkRgb, palette.lashRgb, 0.4), 0.85), 2.2);
  const shimmer = Math.sin(time * 2.1 + eye.side) * 0.012;
  const tear = 1 + 0.25 * pose.ParamTear + 0.2 * pose.ParamSparkle;
  pen.fill(oval(-0.36 + shimmer, -0.44, 0.34 * tear, 0.29 * tear, -0.35), "#ffffff");
  pen.fill(oval(0.4 - shimmer, 0.42, 0.17 * tear, 0.15 * tear), "rgba(255,255,255,0.95)");
  pen.fill(oval(0.48, -0.2, 0.09, 0.08), "rgba(255,255,255,0.6)");
  if (pose.ParamTear > 0.05) {
    pen.fill(oval(-0.1, 0.74, 0.5, 0.2), `rgba(255,255,255,${0.55 * pose.ParamTear})`);
  }
}

function drawUpperLash(pen: Pen, palette: Palette, upper: Lid, place: Place, open: number, smile: number): void {
  // Thin at the nose, thick outside, ending in a wing that points up when open and follows the lid when shut.
  const thick = [0.6, 4, 6.6, 8.2, 8.6, 4].map((t) => t * (0.6 + 0.4 * open));
  const lift = open * 11 - (1 - open) * (smile > 0.5 ? -4 : 3);
  const last = upper[5] ?? [0, 0];
  const outer = upper.map(([u, v], i) => {
    const t = thick[i] ?? 0;
    return place(u + (i > 3 ? t * 0.45 : 0), v - t * (i === 5 ? 0.55 : 1));
  });
  const wing: Point[] = [place(last[0] + 11.5, last[1] - lift, 1), place(last[0] + 2.5, last[1] + 1)];
  const inner = [...upper]
    .reverse()
    .slice(1)
    .map(([u, v], i) => place(u, v + (i === 4 ? 0 : 1.2)));
  pen.fill(pen.shape([...outer, ...wing, ...inner]), palette.lash);
}

function drawLowerLash(pen: Pen, palette: Palette, lower: Lid, place: Place, open: number): void {
  const { ctx } = pen;
  const line = pen.shape(
    lower.slice(1).map(([u, v]) => place(u, v)),
    false,
  );
  ctx.globalAlpha = 0.3 + 0.3 * open;
  pen.stroke(line, palette.lash, 1.4);
  ctx.globalAlpha = 0.85;
  const [u, v] = lower[4] ?? [0, 0];
  const [u2, v2] = lower[3] ?? [0, 0];
  pen.fill(pen.shape([place(u2 + 5, v2 - 1.5), place(u, v + 1.4), place(u + 5, v - 6)]), palette.lash);
  pen.stroke(pen.shape([place(u - 3, v + 1.5), place(u + 1, v + 5.5)], false), palette.lash, 1.5);
  ctx.globalAlpha = 1;
}
