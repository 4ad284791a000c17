import type { Look } from "@haishin/common/protocol";
import { css, lighten, lightness, mix, multiply, parse, type Rgb } from "./colour.ts";

/** Every colour of the drawing, made from the eight that a `Look` names. Those without `Rgb` are ready for Canvas. */
export interface Palette {
  readonly hairRgb: Rgb;
  readonly hairLightRgb: Rgb;
  readonly tipRgb: Rgb;
  readonly hairLine: string;
  readonly hairLineRgb: Rgb;
  readonly hairShadeRgb: Rgb;
  readonly hairShadeAlpha: number;
  readonly hairShine: string;
  readonly hairShineEnd: string;
  readonly hairDeepRgb: Rgb;
  readonly tipDeepRgb: Rgb;
  readonly skin: string;
  readonly skinRgb: Rgb;
  readonly skinShade: string;
  readonly skinShadeRgb: Rgb;
  readonly skinDeep: string;
  readonly skinLine: string;
  readonly skinLight: string;
  readonly blushRgb: Rgb;
  readonly eyesRgb: Rgb;
  readonly eyesDarkRgb: Rgb;
  readonly eyesLightRgb: Rgb;
  readonly lash: string;
  readonly lashRgb: Rgb;
  readonly brow: string;
  readonly outfitRgb: Rgb;
  readonly outfitDarkRgb: Rgb;
  readonly outfitLine: string;
  readonly outfitTrim: string;
  readonly shirt: string;
  readonly shirtShade: string;
  readonly accentRgb: Rgb;
  readonly accent: string;
  readonly accentDark: string;
  readonly accentLight: string;
  readonly accentLine: string;
}

const FALLBACK: Record<"hair" | "hair_tip" | "eyes" | "skin" | "outfit" | "accent", Rgb> = {
  hair: [107, 124, 255],
  hair_tip: [181, 163, 255],
  eyes: [47, 183, 201],
  skin: [255, 230, 216],
  outfit: [43, 47, 74],
  accent: [255, 143, 176],
};

/** Violet multiply layer for cloth and hair: shadows that go cool look lit by a sky, grey ones look dirty. */
const SHADOW: Rgb = [168, 150, 205];
/** Shadows of skin go warm: blood shines through. */
const WARM: Rgb = [247, 218, 222];
const INK: Rgb = [46, 24, 42];

/** Derive the palette. */
export function paletteOf(look: Look): Palette {
  const hair = parse(look.hair, FALLBACK.hair);
  const tip = parse(look.hair_tip, FALLBACK.hair_tip);
  const eyes = parse(look.eyes, FALLBACK.eyes);
  const skin = parse(look.skin, FALLBACK.skin);
  const outfit = parse(look.outfit, FALLBACK.outfit);
  const accent = parse(look.accent, FALLBACK.accent);
  const pale = lightness(hair) > 0.6;
  const hairShadeRgb = multiply(hair, SHADOW, pale ? 0.75 : 0.95);
  const hairLine = mix(multiply(multiply(hair, SHADOW), SHADOW), INK, pale ? 0.25 : 0.45);
  const skinShade = multiply(skin, WARM, 0.95);
  const lash = mix(multiply(hair, SHADOW), INK, pale ? 0.82 : 0.78);
  const shine = lighten(mix(hair, tip, 0.25), pale ? 0.85 : 0.5);
  return {
    hairRgb: hair,
    hairLightRgb: lighten(mix(hair, tip, 0.06), pale ? 0.35 : 0.14),
    tipRgb: tip,
    hairLine: css(hairLine),
    hairLineRgb: hairLine,
    hairShadeRgb,
    hairShadeAlpha: pale ? 0.5 : 0.6,
    hairShine: css(shine, pale ? 0.9 : 0.62),
    hairShineEnd: css(shine, pale ? 0.5 : 0.12),
    hairDeepRgb: multiply(multiply(hair, SHADOW, pale ? 0.8 : 1), SHADOW, pale ? 0.35 : 0.5),
    tipDeepRgb: multiply(tip, SHADOW, 0.85),
    skin: css(skin),
    skinRgb: skin,
    skinShade: css(skinShade),
    skinShadeRgb: skinShade,
    skinDeep: css(multiply(skinShade, WARM, 0.95)),
    skinLine: css(mix(skin, [122, 52, 58], 0.62)),
    skinLight: css(lighten(skin, 0.6)),
    blushRgb: mix(multiply(skin, [255, 150, 155]), [255, 105, 125], 0.45),
    eyesRgb: eyes,
    eyesDarkRgb: mix(multiply(eyes, [120, 90, 160]), INK, 0.45),
    eyesLightRgb: lighten(eyes, 0.55),
    lash: css(lash),
    lashRgb: lash,
    brow: css(mix(hairLine, INK, pale ? 0.1 : 0.2)),
    outfitRgb: outfit,
    outfitDarkRgb: multiply(outfit, SHADOW, 1),
    outfitLine: css(mix(multiply(multiply(outfit, SHADOW), SHADOW), INK, 0.4)),
    outfitTrim: css(lighten(outfit, 0.18)),
    shirt: css(mix([252, 250, 255], outfit, 0.04)),
    shirtShade: css(mix([205, 202, 226], outfit, 0.12)),
    accentRgb: accent,
    accent: css(accent),
    accentDark: css(multiply(accent, [215, 150, 185])),
    accentLight: css(lighten(accent, 0.5)),
    accentLine: css(mix(multiply(accent, [170, 100, 140]), INK, 0.3)),
  };
}
