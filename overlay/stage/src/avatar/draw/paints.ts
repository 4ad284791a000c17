import type { Look } from "@haishin/common/protocol";
import { type Palette, palette } from "../look.ts";

type Stops = readonly (readonly [number, string])[];

/** The colours of a look, and the gradients made of them: made once, as they are in the drawing's own space. */
export class Paints {
  readonly colour: Palette;
  readonly hairBack: CanvasGradient;
  readonly hairFront: CanvasGradient;
  readonly hairLock: CanvasGradient;
  readonly hairTail: CanvasGradient;
  readonly iris: CanvasGradient;
  readonly sclera: CanvasGradient;
  readonly mouth: CanvasGradient;
  readonly cheek: CanvasGradient;
  readonly outfit: CanvasGradient;
  readonly skin: CanvasGradient;

  constructor(
    readonly c: CanvasRenderingContext2D,
    readonly look: Look,
  ) {
    const p = palette(look);
    const { style } = look;
    this.colour = p;
    const reach = { long: 470, twintails: 330, bob: 210, short: 150 }[style];
    this.hairBack = this.#down(-60, reach, [
      [0, p.hairDeep],
      [0.45, p.hairShade],
      [1, p.tipShade],
    ]);
    this.hairFront = this.#down(-212, 75, [
      [0, p.hairLight],
      [0.3, p.hair],
      [0.78, p.hair],
      [1, style === "short" || style === "bob" ? p.tip : p.hair],
    ]);
    this.hairLock = this.#down(-60, { long: 330, twintails: 230, bob: 190, short: 120 }[style], [
      [0, p.hair],
      [0.5, p.hair],
      [1, p.tip],
    ]);
    this.hairTail = this.#down(-110, 330, [
      [0, p.hair],
      [0.4, p.hair],
      [1, p.tip],
    ]);
    this.iris = this.#down(-34, 36, [
      [0, p.eyeTop],
      [0.34, p.eyeTop],
      [0.62, p.eye],
      [1, p.eyeLow],
    ]);
    this.sclera = this.#down(-44, 30, [
      [0, "#b9b4d6"],
      [0.36, "#eeecf8"],
      [0.6, "#ffffff"],
    ]);
    this.mouth = this.#down(-10, 44, [
      [0, "#6d1f33"],
      [1, "#a63c4c"],
    ]);
    this.cheek = c.createRadialGradient(0, 0, 2, 0, 0, 36);
    this.cheek.addColorStop(0, p.blush);
    this.cheek.addColorStop(1, p.blushClear);
    this.outfit = this.#down(230, 540, [
      [0, p.outfitLight],
      [0.35, p.outfit],
      [1, p.outfitShade],
    ]);
    this.skin = this.#down(-60, 185, [
      [0, p.skin],
      [0.7, p.skin],
      [1, p.skinShade],
    ]);
  }

  #down(from: number, to: number, stops: Stops): CanvasGradient {
    const gradient = this.c.createLinearGradient(0, from, 0, to);
    for (const [at, colour] of stops) gradient.addColorStop(at, colour);
    return gradient;
  }
}
