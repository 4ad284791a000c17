import type { Look } from "@haishin/common/protocol";
import { drawFigure, fit } from "./draw/figure.ts";
import { Paints } from "./draw/paints.ts";
import { DEFAULT_LOOK } from "./look.ts";
import type { Rig } from "./rig.ts";

/** Sharper than this costs more than it shows, above all where no graphics card helps. */
const MOST_SHARP = 2;
const MOST_PIXELS = 1920 * 1080;
/** Frame times that the statistics look back on. */
const WINDOW = 120;

/** Draws the rig onto a canvas, as often as the browser shows pictures, or at most `cap` times a second. */
export class Avatar {
  readonly #canvas: HTMLCanvasElement;
  readonly #c: CanvasRenderingContext2D;
  readonly #rig: Rig;
  readonly #gap: number;
  #paints: Paints;
  #look: Look = DEFAULT_LOOK;
  #before = 0;
  #width = 0;
  #height = 0;
  #sharp = 1;
  #gaps: number[] = [];
  #costs: number[] = [];

  constructor(canvas: HTMLCanvasElement, rig: Rig, cap = 0) {
    const c = canvas.getContext("2d", { alpha: true });
    if (!c) throw new Error("this browser cannot draw");
    this.#canvas = canvas;
    this.#c = c;
    this.#rig = rig;
    this.#gap = cap > 0 ? 1000 / cap - 4 : 0;
    this.#paints = new Paints(c, this.#look);
  }

  /** Take a new look. */
  dress(look: Look): void {
    this.#look = look;
    this.#paints = new Paints(this.#c, look);
  }

  /** Draw from now on. */
  start(): void {
    new ResizeObserver(() => this.#resize()).observe(this.#canvas);
    this.#resize();
    const next = (now: number) => {
      requestAnimationFrame(next);
      const gap = now - this.#before;
      if (gap < this.#gap) return;
      this.#before = now;
      const began = performance.now();
      this.#draw(gap / 1000);
      this.#note(gap, performance.now() - began);
    };
    requestAnimationFrame(next);
  }

  /** Pictures a second and milliseconds of script each, over the last two seconds or so. */
  stats(): { fps: number; scriptMs: number } {
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    return { fps: this.#gaps.length ? 1000 / mean(this.#gaps) : 0, scriptMs: mean(this.#costs) };
  }

  #note(gap: number, cost: number): void {
    this.#gaps.push(gap);
    this.#costs.push(cost);
    if (this.#gaps.length > WINDOW) {
      this.#gaps.shift();
      this.#costs.shift();
    }
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#width = clientWidth;
    this.#height = clientHeight;
    const pixels = Math.max(1, clientWidth * clientHeight);
    this.#sharp = Math.min(MOST_SHARP, window.devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / pixels));
    this.#canvas.width = Math.max(1, Math.round(clientWidth * this.#sharp));
    this.#canvas.height = Math.max(1, Math.round(clientHeight * this.#sharp));
  }

  #draw(dt: number): void {
    const pose = this.#rig.step(dt);
    const { scale, x, y } = fit(this.#width, this.#height);
    const c = this.#c;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const s = this.#sharp;
    c.setTransform(scale * s, 0, 0, scale * s, x * s, y * s);
    drawFigure(c, this.#paints, pose);
  }
}
