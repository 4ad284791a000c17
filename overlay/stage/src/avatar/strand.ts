import { css, mix } from "./colour.ts";
import type { Palette } from "./palette.ts";
import type { Pen, Point, Sway } from "./pen.ts";

/** A tapering lock of hair: from root to tip along a curve that bulges sideways by `bend`. */
export interface Strand {
  readonly root: readonly [x: number, y: number];
  readonly tip: readonly [x: number, y: number];
  /** How far the middle lies off the straight line, in units; positive to the viewer's right. */
  readonly bend: number;
  /** Width at the root, the middle and shortly before the tip. */
  readonly width: readonly [number, number, number];
  /** Depth at root and tip. */
  readonly z: readonly [number, number];
  /** Amplitude of one full wave along it, in units. */
  readonly wave?: number;
  /** Number of fine lines drawn along it. */
  readonly lines?: number;
}

const STEPS = [0, 0.16, 0.32, 0.48, 0.64, 0.78, 0.9] as const;

interface Spine {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly nx: number;
  readonly ny: number;
  readonly half: number;
}

/** Walk the middle line: place, normal and half width at share `t` of the length. */
function spineAt(strand: Strand, t: number): Spine {
  const [[x0, y0], [x2, y2]] = [strand.root, strand.tip];
  const length = Math.hypot(x2 - x0, y2 - y0) || 1;
  const [ux, uy] = [(x2 - x0) / length, (y2 - y0) / length];
  // The control point lies twice as far off as the curve's middle.
  const [x1, y1] = [(x0 + x2) / 2 + uy * 2 * strand.bend, (y0 + y2) / 2 - ux * 2 * strand.bend];
  const s = 1 - t;
  const [dx, dy] = [s * (x1 - x0) + t * (x2 - x1), s * (y1 - y0) + t * (y2 - y1)];
  const slope = Math.hypot(dx, dy) || 1;
  const [w0, w1, w2] = strand.width;
  const wave = (strand.wave ?? 0) * Math.sin(2 * Math.PI * t) * Math.min(1, 2 * t);
  const half =
    t < 0.5 ? w0 + (w1 - w0) * (t / 0.5) : t < 0.8 ? w1 + (w2 - w1) * ((t - 0.5) / 0.3) : w2 * (1 - (t - 0.8) * 4.2);
  return {
    x: s * s * x0 + 2 * s * t * x1 + t * t * x2 + (dy / slope) * wave,
    y: s * s * y0 + 2 * s * t * y1 + t * t * y2 - (dx / slope) * wave,
    z: strand.z[0] + (strand.z[1] - strand.z[0]) * t,
    nx: dy / slope,
    ny: -dx / slope,
    half: half / 2,
  };
}

/** What a strand is made of; computed once, drawn every frame. */
export interface Cut {
  readonly outline: readonly Point[];
  /** The side away from the light. */
  readonly shade: readonly Point[];
  readonly lines: readonly (readonly Point[])[];
}

/** Compute the outline of a strand. */
export function cut(strand: Strand): Cut {
  const spine = STEPS.map((t) => spineAt(strand, t));
  const tip: Point = [strand.tip[0], strand.tip[1], strand.z[1], 1];
  const along = (share: number): Point[] =>
    spine.map((p) => [p.x + p.nx * p.half * share, p.y + p.ny * p.half * share, p.z] as const);
  const lines: Point[][] = [];
  for (let i = 0; i < (strand.lines ?? 1); i++) {
    const share = ((i + 1) / ((strand.lines ?? 1) + 1)) * 2 - 1;
    lines.push(
      [0.3, 0.5, 0.7, 0.88].map((t) => {
        const p = spineAt(strand, t);
        return [p.x + p.nx * p.half * share, p.y + p.ny * p.half * share, p.z] as const;
      }),
    );
  }
  return {
    outline: [...along(-1), tip, ...along(1).reverse()],
    shade: [...along(0.25), tip, ...along(1).reverse()],
    lines,
  };
}

/** Colours of a group of strands: gradients down the length, in the pen's space. */
export interface Dye {
  readonly fill: CanvasGradient;
  readonly shade: CanvasGradient;
  /** Fades in below the roots, so that locks grow out of one mass. */
  readonly line: CanvasGradient;
}

/** Where a dye changes down the length, all y in units. */
export interface Dip {
  /** Hair colour above, `share` of the tip colour from `to` on. */
  readonly from: number;
  readonly to: number;
  readonly share: number;
  /** Lines and shades fade in below here. */
  readonly lines: number;
  /** The light of the crown, from `CROWN` down to `from`. */
  readonly crown?: boolean;
}

/** Top of the head. */
const CROWN = -180;
/** Length over which lines fade in. */
const FADE = 80;

/** Make a dye. */
export function dye(ctx: CanvasRenderingContext2D, palette: Palette, dip: Dip): Dye {
  const top = dip.crown ? CROWN : dip.from;
  const start = (dip.from - top) / (dip.to - top);
  const fill = ctx.createLinearGradient(0, top, 0, dip.to);
  fill.addColorStop(0, css(dip.crown ? palette.hairLightRgb : palette.hairRgb));
  fill.addColorStop(start, css(palette.hairRgb));
  fill.addColorStop(start + (1 - start) * 0.45, css(mix(palette.hairRgb, palette.tipRgb, dip.share * 0.3)));
  fill.addColorStop(1, css(mix(palette.hairRgb, palette.tipRgb, dip.share)));
  const line = ctx.createLinearGradient(0, dip.lines, 0, dip.lines + FADE);
  line.addColorStop(0, css(palette.hairLineRgb, 0));
  line.addColorStop(1, css(palette.hairLineRgb, 0.95));
  const shade = ctx.createLinearGradient(0, dip.lines, 0, dip.lines + FADE);
  shade.addColorStop(0, css(palette.hairShadeRgb, 0));
  shade.addColorStop(1, css(palette.hairShadeRgb, palette.hairShadeAlpha));
  return { fill, shade, line };
}

/** Draw one strand. */
export function drawStrand(pen: Pen, strand: Cut, colours: Dye, sway?: Sway, round = 0): void {
  const outline = pen.shape(strand.outline, true, round, sway);
  pen.fill(outline, colours.fill);
  pen.fill(pen.shape(strand.shade, true, round, sway), colours.shade);
  if (strand.lines.length > 0) {
    const lines = new Path2D();
    for (const line of strand.lines) pen.shape(line, false, round, sway, lines);
    pen.ctx.globalAlpha = 0.4;
    pen.stroke(lines, colours.line, 1.1);
    pen.ctx.globalAlpha = 1;
  }
  pen.stroke(outline, colours.line, 1.7);
}
