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
  readonly #domeFill: CanvasGradient;
  readonly #backStrands: readonly Cut[];
  readonly #tails: readonly Tail[];
  readonly #fringe: readonly Cut[];
  readonly #sides: readonly { readonly side: 1 | -1; readonly cut: Cut; readonly from: number; readonly to: number }[];
  readonly #ahoge: readonly Cut[];
  readonly #shine: readonly Point[];

  constructor(ctx: CanvasRenderingContext2D, look: Look, palette: Palette) {
    this.style = HAIRSTYLES[look.style] ?? HAIRSTYLES.long;
    this.#palette = palette;
    const [from, to] = this.style.fade;
    this.#backFill = ctx.createLinearGradient(0, from, 0, to);
    this.#backFill.addColorStop(0, css(palette.hairDeepRgb));
    this.#backFill.addColorStop(1, css(palette.tipDeepRgb));
    this.#backDye = dye(ctx, palette, from, to, 0.85, from - 60);
    this.#tailDye = dye(ctx, palette, from, to, 1, from - 60);
    this.#fringeDye = dye(ctx, palette, -90, 40, 0.35, -120);
    this.#sideDye = dye(ctx, palette, -20, Math.max(...this.style.sides.map((s) => s.tip[1])), 0.95, -60);
    this.#ahogeDye = dye(ctx, palette, -170, -120, 0, -260);
    this.#domeFill = ctx.createLinearGradient(0, -176, 0, 20);
    this.#domeFill.addColorStop(0, css(palette.hairRgb));
    this.#domeFill.addColorStop(1, css(palette.hairRgb));
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
    this.#shine = shineBand();
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
    for (const strand of this.#fringe) path.addPath(pen.shape(strand.outline, true, 0, fringeSway(swing)));
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
    const crown = pen.shape(DOME.slice(0, 6).concat(DOME.slice(-5)), false, 0.75);
    pen.fill(dome, this.#domeFill);
    for (const strand of this.#fringe) drawStrand(pen, strand, this.#fringeDye, fringeSway(swing));
    pen.fill(pen.shape(this.#shine), this.#palette.hairShine);
    const top = pen.shape([...DOME.slice(11), ...DOME.slice(0, 6)], false, 0.75);
    pen.stroke(top, this.#palette.hairLine, 1.8);
    void crown;
    for (const strand of this.#ahoge) {
      drawStrand(pen, strand, this.#ahogeDye, { from: -160, to: -205, mid: swing.ahoge.mid, tip: swing.ahoge.tip });
    }
  }
}

function fringeSway(swing: Swing): Sway {
  return { from: -110, to: 20, mid: swing.front.mid * 0.25, tip: swing.front.tip * 0.4 };
}

/** A band of light around the crown with the ragged edges that strands give it. */
function shineBand(): Point[] {
  const upper: Point[] = [];
  const lower: Point[] = [];
  const count = 13;
  for (let i = 0; i <= count; i++) {
    const x = -84 + (168 * i) / count;
    const y = SHINE_Y + 0.0042 * x * x;
    const z = 62 - 0.005 * x * x;
    const end = i === 0 || i === count;
    const ragged = i % 2 === 0 ? 1 : 0;
    const tooth = end ? 0 : ragged * (7 + ((i * 7) % 5));
    upper.push([x, y - (end ? 0 : 3 + tooth * 0.4), z, 1]);
    lower.push([x + 2, y + (end ? 0 : 4 + tooth), z, 1]);
  }
  return [...upper, ...lower.reverse()];
}
