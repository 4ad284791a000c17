/** What the scenes are drawn with: the figure's own ink on a board of 1600 × 900 units, and chance that repeats. */
import { css, mix, multiply, type Rgb } from "../avatar/colour.ts";
import { blob, ellipse, fill, filled, inked, RUN, type Taper } from "../builtin/ink.ts";

export const WIDTH = 1600;
export const HEIGHT = 900;
const INK: Rgb = [44, 30, 58];

/** Read `rrggbb`. */
export function rgb(hex: string): Rgb {
  const n = Number.parseInt(hex, 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

export class Board {
  #seed = 7;

  constructor(
    readonly ctx: CanvasRenderingContext2D,
    readonly night: boolean,
  ) {}

  /** One of two colours, by the hour. */
  by(day: string, night: string): Rgb {
    return rgb(this.night ? night : day);
  }

  /** A number from 0 to 1, the same in each picture. */
  chance(): number {
    this.#seed = (this.#seed * 16807) % 2147483647;
    return this.#seed / 2147483647;
  }

  /** Fill a stretch of the board from top to bottom with colours. */
  wash(top: number, bottom: number, colours: readonly Rgb[], left = 0, right = WIDTH): void {
    const { ctx } = this;
    const ramp = ctx.createLinearGradient(0, top, 0, bottom);
    for (const [i, one] of colours.entries()) ramp.addColorStop(i / Math.max(1, colours.length - 1), css(one));
    ctx.fillStyle = ramp;
    ctx.fillRect(left, top, right - left, bottom - top);
  }

  /** A box with a line around it and shade on its lower side. */
  box(x: number, y: number, w: number, h: number, colour: Rgb, line = 2.4): void {
    const { ctx } = this;
    ctx.fillStyle = css(colour);
    ctx.fillRect(x, y, w, h);
    if (line <= 0) return;
    const ink = css(this.line(colour));
    for (const [a, b, c, d] of [
      [x, y, x + w, y],
      [x + w, y, x + w, y + h],
      [x + w, y + h, x, y + h],
      [x, y + h, x, y],
    ] as const) {
      inked(ctx, ink, 0.9, [a, b, (a + c) / 2, (b + d) / 2, c, d], line, () => 1);
    }
  }

  /** A shape with straight edges. */
  poly(points: readonly number[], colour: Rgb, alpha = 1, line = 0): void {
    const { ctx } = this;
    ctx.beginPath();
    for (let i = 0; i < points.length; i += 2) ctx.lineTo(points[i] ?? 0, points[i + 1] ?? 0);
    ctx.closePath();
    ctx.globalAlpha = alpha;
    ctx.fillStyle = css(colour);
    ctx.fill();
    if (line > 0) {
      ctx.lineWidth = line;
      ctx.lineJoin = "round";
      ctx.strokeStyle = css(this.line(colour));
      ctx.stroke();
    }
    ctx.globalAlpha = 1;
  }

  /** A smooth shape with an inked line. */
  blob(points: readonly number[], colour: Rgb, line = 2.4, alpha = 1): void {
    const { ctx } = this;
    fill(ctx, blob(points), css(colour), alpha);
    if (line > 0) {
      ctx.lineWidth = line;
      ctx.globalAlpha = alpha;
      ctx.strokeStyle = css(this.line(colour));
      ctx.stroke(blob(points));
      ctx.globalAlpha = 1;
    }
  }

  /** A smooth shape between two lists of points. */
  between(upper: readonly number[], lower: readonly number[], colour: Rgb, alpha = 1): void {
    filled(this.ctx, css(colour), alpha, upper, lower);
  }

  ink(points: readonly number[], colour: Rgb, width: number, taper: Taper = RUN, alpha = 1): void {
    inked(this.ctx, css(colour), alpha, points, width, taper);
  }

  dot(x: number, y: number, r: number, colour: Rgb, alpha = 1, flat = 1): void {
    ellipse(this.ctx, css(colour), alpha, x, y, r, r * flat);
  }

  /** Soft light around a point. */
  glow(x: number, y: number, r: number, colour: Rgb, alpha: number): void {
    const { ctx } = this;
    const light = ctx.createRadialGradient(x, y, 0, x, y, r);
    light.addColorStop(0, css(colour, Math.min(0.99, alpha)));
    light.addColorStop(0.4, css(colour, alpha * 0.42));
    light.addColorStop(1, css(colour, 0));
    ctx.fillStyle = light;
    ctx.fillRect(x - r, y - r, 2 * r, 2 * r);
  }

  /** A cloud of round heaps on a flat foot. */
  cloud(x: number, y: number, size: number, light: Rgb, shade: Rgb, alpha = 1): void {
    const heaps = [-1.5, -0.85, -0.1, 0.65, 1.35].map((dx, i) => {
      const r = size * ([0.34, 0.56, 0.78, 0.6, 0.36][i] ?? 0.4) * (0.9 + 0.2 * this.chance());
      return [x + dx * size * 0.72, y - r * 0.62, r] as const;
    });
    const path = new Path2D();
    for (const [cx, cy, r] of heaps) {
      path.moveTo(cx + r, cy);
      path.arc(cx, cy, r, 0, 2 * Math.PI);
    }
    const { ctx } = this;
    ctx.save();
    ctx.beginPath();
    ctx.rect(x - size * 3, y - size * 3, size * 6, size * 3);
    ctx.clip();
    fill(ctx, path, css(light), alpha);
    ctx.clip(path);
    for (const [cx, cy, r] of heaps)
      ellipse(ctx, css(shade), 0.55 * alpha, cx + r * 0.2, cy + r * 0.75, r * 1.05, r * 0.62);
    ctx.restore();
  }

  /** Stars over the board down to a height. */
  stars(count: number, bottom: number): void {
    for (let i = 0; i < count; i++) {
      const [x, y, r] = [this.chance() * WIDTH, this.chance() ** 1.3 * bottom, 0.7 + this.chance() ** 3 * 2.2];
      this.dot(x, y, r, [255, 250, 230], 0.4 + 0.6 * this.chance());
      if (r > 2.2) this.glow(x, y, r * 7, [200, 220, 255], 0.4);
    }
  }

  /** Leaves in a heap, darker ones behind. */
  leaves(x: number, y: number, rx: number, ry: number, colour: Rgb, count: number): void {
    for (let i = 0; i < count; i++) {
      const angle = this.chance() * 2 * Math.PI;
      const far = Math.sqrt(this.chance());
      const [cx, cy] = [x + Math.cos(angle) * far * rx, y + Math.sin(angle) * far * ry];
      const size = 9 + 11 * this.chance();
      const tone = mix(multiply(colour, [120, 130, 190], 0.75), colour, i / count);
      ellipse(this.ctx, css(tone), 1, cx, cy, size, size * 0.62, angle);
    }
  }

  /** The line around a colour: the dark of it. */
  line(colour: Rgb): Rgb {
    return mix(multiply(colour, [120, 104, 160]), INK, 0.3);
  }
}
