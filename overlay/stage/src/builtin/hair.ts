import { css, lighten, mix, type Rgb } from "../avatar/colour.ts";
import type { Haircut } from "./hairstyles.ts";
import { blob, fill, LENS, line } from "./ink.ts";
import type { Material, Paint } from "./paint.ts";
import { brighten } from "./paint.ts";
import { direction, onScalp, SKULL } from "./scalp.ts";
import type { Turn, V3 } from "./space.ts";
import { type Layer, Strand } from "./strands.ts";
import { advance, type Steps, stepsFor } from "./sway.ts";
import { Tube } from "./tube.ts";

/** Width of the lines between locks. */
const LINE = 0.8;
/** Half the height of the halo. */
const HALO = 15;
const TONES = ["lit", "plain", "dim"] as const;
type Tone = (typeof TONES)[number];

/** The skull with hair on it, as a body of cross-sections. */
const CAP = new Tube(
  [-1, -0.97, -0.9, -0.75, -0.5, -0.2, 0.1, 0.4].map((v) => {
    const full = v < 0 ? 1 + 0.3 * (1 - v * v) * v * v : 1;
    const r = Math.sqrt(1 - v * v) * 1.03 * full;
    const { middle, radii } = SKULL;
    return { y: middle[1] + v * radii[1] * 1.03 * full, a: radii[0] * r, b: radii[2] * r, z: middle[2] };
  }),
);
const HAIRLINE = [-96, -80, -62, -42, -20, 0, 20, 42, 62, 80, 96] as const;

/** The hair of one look: swings with `step`, and is drawn in two halves with the face between. */
export class Hair {
  readonly #cut: Haircut;
  readonly #paint: Paint;
  readonly #strands: readonly Strand[];
  readonly #of: Readonly<Record<Layer, Strand[]>>;
  #fills: Partial<Record<string, CanvasGradient>> = {};

  constructor(cut: Haircut, paint: Paint) {
    this.#cut = cut;
    this.#paint = paint;
    this.#strands = cut.locks.map((lock) => new Strand(lock));
    const of = (layer: Layer): Strand[] => this.#strands.filter(({ lock }) => lock.layer === layer);
    this.#of = { back: of("back"), side: of("side"), front: of("front"), top: of("top") };
  }

  /** How far what is loose on the head leans now, in units. */
  get bounce(): number {
    const strand = this.#of.top[0] ?? this.#strands[0];
    return strand?.offset[strand.offset.length - 2] ?? 0;
  }

  /** Move on by `dt` seconds with the head as it is turned now; `time` in seconds drives a faint draught. */
  step(turn: Turn, time: number, dt: number): void {
    const steps: Steps = stepsFor(dt);
    for (const [i, strand] of this.#strands.entries()) advance(strand, turn, steps, time + i * 0.37);
  }

  /** Lay out all locks for the turned head; called once a frame before drawing. */
  place(ctx: CanvasRenderingContext2D, turn: Turn): void {
    for (const strand of this.#strands) strand.place(turn);
    for (const list of Object.values(this.#of)) list.sort((a, b) => a.depth - b.depth);
    this.#fills = {};
    for (const layer of ["back", "side", "front"] as const) this.#dye(ctx, turn, layer);
  }

  #dye(ctx: CanvasRenderingContext2D, turn: Turn, layer: "back" | "side" | "front"): void {
    const { hair, tip } = this.#paint;
    const [from, to] = this.#cut.dip[layer];
    turn.at(0, -112, 0);
    const [x0, y0] = [turn.x, turn.y];
    turn.at(0, to, 0);
    const share = (y: number): number => Math.min(1, Math.max(0, (y + 112) / (to + 112)));
    for (const tone of TONES) {
      const gradient = ctx.createLinearGradient(x0, y0, turn.x, turn.y);
      const base = toned(hair, tone, layer === "back");
      const end = mix(base, toned(tip, tone, layer === "back"), this.#cut.ombre);
      gradient.addColorStop(0, css(layer === "back" ? base : brighten(base, tone === "lit" ? 0.3 : 0.18)));
      gradient.addColorStop(share(-40), css(base));
      gradient.addColorStop(share(from), css(base));
      gradient.addColorStop(share(from + (to - from) * 0.55), css(mix(base, end, 0.38)));
      gradient.addColorStop(1, css(end));
      this.#fills[`${layer} ${tone}`] = gradient;
    }
  }

  /** What lies behind neck and shoulders. */
  drawBack(ctx: CanvasRenderingContext2D, turn: Turn): void {
    const { hair } = this.#paint;
    if (this.#cut.nape.length > 0) {
      const side = (sign: number): number[] =>
        this.#cut.nape.flatMap(([x, y]) => {
          turn.at(sign * x, y, this.#cut.napeZ);
          return [turn.x, turn.y];
        });
      const right = side(1);
      const left = side(-1);
      const round: number[] = [...left];
      for (let i = right.length - 2; i >= 0; i -= 2) round.push(right[i] ?? 0, right[i + 1] ?? 0);
      fill(ctx, blob(round), hair.deep);
    }
    for (const strand of this.#of.top) if (strand.lock.over < 0) this.#lock(ctx, strand, "front");
    for (const strand of this.#of.back) this.#lock(ctx, strand, "back");
  }

  /** The shape of the skull with hair, and the locks of the far side, behind the face. */
  drawCap(ctx: CanvasRenderingContext2D, turn: Turn): void {
    const points: number[] = [];
    for (const { y } of [...CAP.levels].reverse()) points.push(...flat(turn, CAP.edge(turn, y, -1)));
    for (const { y } of CAP.levels) points.push(...flat(turn, CAP.edge(turn, y, 1)));
    fill(ctx, blob(points), this.#paint.hair.shade);
    for (const strand of this.#of.side) if (strand.behind) this.#lock(ctx, strand, "side");
  }

  /** The shapes that throw a shadow on the face. */
  shadow(dx: number, dy: number): Path2D {
    const path = new Path2D();
    for (const strand of [...this.#of.front, ...this.#of.side]) if (!strand.behind) strand.outline(path, 0, dx, dy);
    return path;
  }

  /** Crown, sides and fringe, the far ones first. */
  drawFront(ctx: CanvasRenderingContext2D, turn: Turn): void {
    this.#crown(ctx, turn);
    for (const strand of this.#of.side) if (!strand.behind) this.#lock(ctx, strand, "side");
    for (const strand of this.#of.front) this.#lock(ctx, strand, "front");
    this.#halo(ctx, turn);
    for (const strand of this.#of.top) if (strand.lock.over >= 0) this.#lock(ctx, strand, "front");
  }

  #crown(ctx: CanvasRenderingContext2D, turn: Turn): void {
    const line: number[] = [];
    for (const a of HAIRLINE)
      line.push(...flat(turn, onScalp(direction(a, this.#cut.hairline + Math.abs(a) * 0.18), 1.02)));
    const top: number[] = [];
    for (const { y } of CAP.levels) if (y < -50) top.unshift(...flat(turn, CAP.edge(turn, y, 1)));
    for (const { y } of CAP.levels) if (y < -50) top.push(...flat(turn, CAP.edge(turn, y, -1)));
    fill(ctx, blob([...line, ...top]), this.#fills["front plain"] ?? this.#paint.hair.base);
  }

  #lock(ctx: CanvasRenderingContext2D, strand: Strand, layer: "back" | "side" | "front"): void {
    const { hair } = this.#paint;
    const { lock } = strand;
    const light = strand.facing + lock.tone * 0.5;
    const tone: Tone = light > 0.3 ? "lit" : light > -0.25 ? "plain" : "dim";
    paintLock(ctx, hair.line, 1, () => strand.outline(ctx, LINE));
    paintLock(ctx, this.#fills[`${layer} ${tone}`] ?? hair.base, 1, () => strand.outline(ctx));
    if (lock.width > 12) {
      paintLock(ctx, hair.deep, layer === "back" ? 0.4 : 0.42, () => strand.shade(ctx, tone === "dim" ? 0.1 : 0.42));
    }
    if (lock.lines > 0 && lock.width > 12) {
      paintLock(ctx, hair.line, 0.42, () => {
        for (let i = 0; i < lock.lines; i++) {
          const share = lock.lines === 1 ? -0.15 : i * 0.62 - 0.5;
          line(ctx, strand.edge(share, 0, 2 + i, strand.last - 1), 1.25, LENS);
        }
      });
    }
    // The scene's light catches the side away from the key.
    if (strand.facing < -0.45 && lock.width > 28) {
      paintLock(ctx, this.#paint.rim, 0.38, () => line(ctx, strand.edge(0.84, 0, 2, strand.last - 1), 2.2, LENS));
    }
  }

  /** The ring of light around the crown, broken by the locks. */
  #halo(ctx: CanvasRenderingContext2D, turn: Turn): void {
    const shine = new Path2D();
    const shift = -turn.pitch * 30;
    for (const [i, strand] of this.#of.front.entries()) {
      if (strand.lock.width < 12 || strand.facing < -0.4) continue;
      const x = strand.lock.spine[2]?.[0] ?? 0;
      // The ring is round: it lies lower at its ends.
      const t = strand.reach(this.#cut.halo + shift + (x / 60) ** 2 * 16 + ((i * 37) % 5) - 2);
      if (t >= 0) strand.gleam(shine, t, HALO * (0.7 + 0.3 * Math.max(0, strand.facing + 0.4)));
    }
    fill(ctx, shine, css(brighten(lighten(this.#paint.hair.rgb, 0.35), 0.5)), 0.5);
  }
}

/** Fill a shape on the canvas' own path, which costs less than an object for each. */
function paintLock(
  ctx: CanvasRenderingContext2D,
  style: string | CanvasGradient,
  alpha: number,
  trace: () => void,
): void {
  ctx.beginPath();
  trace();
  ctx.fillStyle = style;
  ctx.globalAlpha = alpha;
  ctx.fill();
  ctx.globalAlpha = 1;
}

function flat(turn: Turn, [x, y, z]: V3): [number, number] {
  turn.at(x, y, z);
  return [turn.x, turn.y];
}

function toned({ rgb, shadeRgb }: Material, tone: Tone, back: boolean): Rgb {
  const share = (tone === "lit" ? -0.1 : tone === "plain" ? 0.08 : 0.4) + (back ? 0.3 : 0);
  return share < 0 ? brighten(rgb, -share * 1.6) : mix(rgb, shadeRgb, Math.min(1, share));
}
