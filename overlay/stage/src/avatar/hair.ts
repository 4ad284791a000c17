import type { Look } from "@haishin/common/protocol";
import { css } from "./colour.ts";
import { DOME, HAIRSTYLES, type Hairstyle } from "./hairstyles.ts";
import type { Palette } from "./palette.ts";
import type { Pen, Point, Sway } from "./pen.ts";
import type { Swing } from "./physics.ts";
import { type Cut, cut, type Dye, drawStrand, dye } from "./strand.ts";

interface Tail {
  readonly side: 1 | -1;
  readonly strands: readonly Cut[];
}

/** How far below the dome's top the band of light runs, and how it dips to the sides. */
const SHINE_Y = -112;

/** The hair of one look: outlines and gradients are made once, then drawn as the head turns and the air moves. */
export class Hair {
  readonly style: Hairstyle;
  readonly #palette: Palette;
  readonly #backFill: CanvasGradient;
  readonly #backDye: Dye;
  readonly #tailDye: Dye;
  readonly #fringeDye: Dye;
  readonly #sideDye: Dye;
  readonly #ahogeDye: Dye;
  readonly #backStrands: readonly Cut[];
  readonly #tails: readonly Tail[];
  readonly #fringe: readonly Cut[];
  readonly #sides: readonly { readonly side: 1 | -1; readonly cut: Cut; readonly from: number; readonly to: number }[];
  readonly #ahoge: readonly Cut[];
  readonly #shine: readonly (readonly Point[])[];
  readonly #shineFill: CanvasGradient;

  constructor(ctx: CanvasRenderingContext2D, look: Look, palette: Palette) {
    this.style = HAIRSTYLES[look.style] ?? HAIRSTYLES.long;
    this.#palette = palette;
    const [from, to] = this.style.fade;
    this.#backFill = ctx.createLinearGradient(0, -130, 0, to);
    this.#backFill.addColorStop(0, css(palette.hairRgb));
    this.#backFill.addColorStop(0.28, css(palette.hairDeepRgb));
    this.#backFill.addColorStop(1, css(palette.tipDeepRgb));
    this.#backDye = dye(ctx, palette, { from, to, share: 0.85, lines: from - 60 });
    this.#tailDye = dye(ctx, palette, { from, to, share: 1, lines: from - 60 });
    this.#fringeDye = dye(ctx, palette, { from: -90, to: 40, share: 0.35, lines: -138, crown: true });
    const ends = Math.max(...this.style.sides.map((s) => s.tip[1]));
    this.#sideDye = dye(ctx, palette, { from: -20, to: ends, share: 0.95, lines: -60 });
    this.#ahogeDye = dye(ctx, palette, { from: -170, to: -120, share: 0, lines: -290 });
    this.#backStrands = this.style.backStrands.map(cut);
    this.#tails = this.style.tails.map(({ side, strands }) => ({ side, strands: strands.map(cut) }));
    this.#fringe = this.style.fringe.map(cut);
    this.#sides = this.style.sides.map((s) => ({
      side: s.root[0] < 0 ? -1 : 1,
      cut: cut(s),
      from: s.root[1],
      to: s.tip[1],
    }));
    this.#ahoge = this.style.ahoge.map(cut);
    this.#shine = [shineBand(-90, -16, 5), shineBand(4, 90, 5)];
    this.#shineFill = ctx.createLinearGradient(0, SHINE_Y - 10, 0, SHINE_Y + 56);
    this.#shineFill.addColorStop(0, palette.hairShine);
    this.#shineFill.addColorStop(1, palette.hairShineEnd);
  }

  /** What hangs behind neck and shoulders. */
  drawBack(pen: Pen, swing: Swing): void {
    const sway: Sway = { from: -40, to: 400, mid: swing.back.mid * 1.3, tip: swing.back.tip * 1.3 };
    for (const tail of this.#tails) {
      const s = tail.side < 0 ? swing.left : swing.right;
      const tailSway: Sway = { from: -90, to: 270, mid: s.mid * 1.6, tip: s.tip * 1.9 };
      for (const strand of tail.strands) drawStrand(pen, strand, this.#tailDye, tailSway, 0.9);
    }
    for (const strand of this.#backStrands) drawStrand(pen, strand, this.#backDye, sway, 0.85);
    const mass = pen.shape(this.style.back, true, 0.95, sway);
    pen.fill(mass, this.#backFill);
    pen.stroke(mass, this.#palette.hairLine, 1.7);
  }

  /** Shape of fringe and side locks together, for the shadow that they throw on the face. */
  shadow(pen: Pen, swing: Swing): Path2D {
    const path = new Path2D();
    for (const strand of this.#fringe) pen.shape(strand.outline, true, 0, fringeSway(swing), path);
    return path;
  }

  /** Crown, side locks and fringe. */
  drawFront(pen: Pen, swing: Swing): void {
    for (const { side, cut: strand, from, to } of this.#sides) {
      const s = side < 0 ? swing.left : swing.right;
      drawStrand(pen, strand, this.#sideDye, {
        from,
        to,
        mid: s.mid * ((to - from) / 200),
        tip: s.tip * ((to - from) / 200),
      });
    }
    const dome = pen.shape(DOME, true, 0.75);
    pen.fill(dome, this.#fringeDye.fill);
    for (const strand of this.#fringe) drawStrand(pen, strand, this.#fringeDye, fringeSway(swing));
    for (const band of this.#shine) pen.fill(pen.shape(band), this.#shineFill);
    const top = pen.shape([...DOME.slice(11), ...DOME.slice(0, 6)], false, 0.75);
    pen.stroke(top, this.#palette.hairLine, 1.8);
    for (const strand of this.#ahoge) {
      drawStrand(pen, strand, this.#ahogeDye, { from: -160, to: -205, mid: swing.ahoge.mid, tip: swing.ahoge.tip });
    }
  }
}

function fringeSway(swing: Swing): Sway {
  return { from: -110, to: 20, mid: swing.front.mid * 0.25, tip: swing.front.tip * 0.4 };
}

/** Bands of light to both sides of the parting, with the long teeth that strands give their lower edge. */
function shineBand(from: number, to: number, teeth: number): Point[] {
  const upper: Point[] = [];
  const lower: Point[] = [];
  const at = (share: number, drop: number, corner: 0 | 1): Point => {
    const x = from + (to - from) * share;
    return [x, SHINE_Y + 0.0046 * x * x + drop, 62 - 0.0052 * x * x, corner];
  };
  for (let i = 0; i <= teeth * 2; i++) {
    const share = i / (teeth * 2);
    const swell = Math.sin(share * Math.PI);
    upper.push(at(share, -5 * swell - (i % 2) * 3 * swell, i === 0 || i === teeth * 2 ? 1 : 0));
    const tooth = i % 2 === 1 ? (13 + ((i * 5) % 9)) * (0.45 + 0.55 * swell) : 3 * swell;
    if (i > 0 && i < teeth * 2) lower.push(at(share, tooth, i % 2 === 1 ? 1 : 0));
  }
  return [...upper, ...lower.reverse()];
}
