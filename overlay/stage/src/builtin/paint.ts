import { css, lighten, lightness, mix, multiply, type Rgb } from "../avatar/colour.ts";

/** The colours that a look names. */
export interface Dyes {
  readonly hair: Rgb;
  readonly tip: Rgb;
  readonly eyes: Rgb;
  readonly skin: Rgb;
  readonly outfit: Rgb;
  readonly accent: Rgb;
  readonly shirt: Rgb;
  readonly scene: Rgb;
}

/** One material: its colour in light and shade, its line, and the rim that the scene throws on it. */
export interface Material {
  readonly base: string;
  readonly light: string;
  readonly shade: string;
  readonly deep: string;
  readonly line: string;
  readonly rgb: Rgb;
  readonly shadeRgb: Rgb;
}

/** Every colour of a drawing. */
export interface Paint {
  readonly skin: Material;
  readonly hair: Material;
  readonly tip: Material;
  readonly outfit: Material;
  readonly shirt: Material;
  readonly accent: Material;
  readonly lash: string;
  readonly lashRgb: Rgb;
  readonly lashWarm: string;
  readonly brow: string;
  readonly browEdge: string;
  readonly blush: Rgb;
  readonly lip: string;
  readonly eyes: Rgb;
  readonly eyesDeep: Rgb;
  readonly eyesGlow: Rgb;
  readonly rim: string;
  readonly dyes: Dyes;
}

/** Shadows of cloth and hair go cool, as under a sky; those of skin go warm, since blood shines through. */
const COOL: Rgb = [150, 140, 205];
const WARM: Rgb = [246, 196, 196];
const INK: Rgb = [44, 22, 40];

function material(rgb: Rgb, shadow: Rgb, ink: number): Material {
  const pale = lightness(rgb);
  const shade = multiply(rgb, shadow, pale > 0.6 ? 0.62 : 0.85);
  const deep = multiply(shade, shadow, 0.9);
  return {
    base: css(rgb),
    light: css(lighten(rgb, pale > 0.6 ? 0.45 : 0.16)),
    shade: css(shade),
    deep: css(deep),
    line: css(mix(multiply(deep, shadow), INK, ink)),
    rgb,
    shadeRgb: shade,
  };
}

/** Make all colours from those of a look. */
export function paintOf(dyes: Dyes): Paint {
  const { skin, hair, eyes } = dyes;
  const dark = lightness(hair) < 0.5;
  const lash = mix(multiply(mix(hair, [70, 40, 50], 0.55), COOL, 0.8), INK, 0.55);
  return {
    skin: { ...material(skin, WARM, 0.2), line: css(mix(multiply(skin, [190, 110, 100]), INK, 0.28)) },
    hair: material(hair, [176, 164, 205], dark ? 0.32 : 0.2),
    tip: material(dyes.tip, [205, 150, 170], 0.2),
    outfit: material(dyes.outfit, COOL, 0.5),
    shirt: material(dyes.shirt, [205, 196, 226], 0.35),
    accent: material(dyes.accent, [226, 160, 120], 0.25),
    lash: css(lash),
    lashRgb: lash,
    lashWarm: css(mix(lash, [178, 84, 70], 0.55)),
    brow: css(mix(multiply(hair, COOL, dark ? 0.5 : 0.9), [90, 50, 50], dark ? 0.18 : 0.3)),
    browEdge: css(dark ? lighten(hair, 0.42) : lighten(hair, 0.3)),
    blush: mix(skin, [255, 90, 100], 0.55),
    lip: css(mix(skin, [196, 84, 84], 0.62)),
    eyes,
    eyesDeep: mix(multiply(eyes, multiply(eyes, [150, 110, 150]), 0.9), INK, 0.3),
    eyesGlow: lighten(mix(eyes, [255, 250, 210], 0.35), 0.3),
    rim: css(lighten(dyes.scene, 0.35)),
    dyes,
  };
}

/** Go towards light without losing the colour, as lit hair does. */
export function brighten([r, g, b]: Rgb, share: number): Rgb {
  const up = (v: number, add: number): number => Math.min(255, v * (1 + share * 0.9) + add * share);
  return [up(r, 26), up(g, 34), up(b, 46)];
}
