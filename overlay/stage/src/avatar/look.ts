import type { Look } from "@haishin/common/protocol";

export const DEFAULT_LOOK: Look = {
  hair: "#6b7cff",
  hair_tip: "#b5a3ff",
  eyes: "#2fb7c9",
  skin: "#ffe6d8",
  outfit: "#2b2f4a",
  accent: "#ff8fb0",
  style: "long",
  accessory: "ribbon",
};

type Rgb = readonly [number, number, number];

function parse(colour: string, fallback: string): Rgb {
  const hex = /^#[0-9a-f]{6}$/i.test(colour) ? colour : fallback;
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function mix(a: Rgb, b: Rgb, amount: number): Rgb {
  const at = (i: 0 | 1 | 2) => a[i] + (b[i] - a[i]) * amount;
  return [at(0), at(1), at(2)];
}

function css([r, g, b]: Rgb, alpha = 1): string {
  const rgb = `${Math.round(r)},${Math.round(g)},${Math.round(b)}`;
  return alpha === 1 ? `rgb(${rgb})` : `rgba(${rgb},${alpha})`;
}

/** Perceived lightness, 0..1. */
function luma([r, g, b]: Rgb): number {
  return (0.299 * r + 0.587 * g + 0.114 * b) / 255;
}

const WHITE: Rgb = [255, 255, 255];
/** Shadows lean to violet and outlines to plum: pure black looks dirty on skin and hair. */
const DUSK: Rgb = [74, 48, 110];
const PLUM: Rgb = [52, 24, 52];
const BLUSH: Rgb = [255, 96, 110];

/** Every colour that the drawing uses, derived from the few that a persona names. */
export type Palette = ReturnType<typeof palette>;

export function palette(look: Look) {
  const hair = parse(look.hair, DEFAULT_LOOK.hair);
  const tip = parse(look.hair_tip, DEFAULT_LOOK.hair_tip);
  const eyes = parse(look.eyes, DEFAULT_LOOK.eyes);
  const skin = parse(look.skin, DEFAULT_LOOK.skin);
  const outfit = parse(look.outfit, DEFAULT_LOOK.outfit);
  const accent = parse(look.accent, DEFAULT_LOOK.accent);
  const dark = luma(hair) < 0.35;
  return {
    hair: css(hair),
    hairLight: css(mix(hair, WHITE, dark ? 0.16 : 0.26)),
    hairShine: css(mix(mix(hair, tip, 0.35), WHITE, dark ? 0.42 : 0.66)),
    hairShade: css(mix(hair, DUSK, 0.34)),
    hairDeep: css(mix(hair, PLUM, 0.5)),
    hairLine: css(mix(hair, PLUM, 0.68)),
    tip: css(tip),
    tipShade: css(mix(tip, DUSK, 0.34)),
    tipDeep: css(mix(tip, PLUM, 0.45)),
    eyeTop: css(mix(eyes, PLUM, 0.72)),
    eye: css(eyes),
    eyeLow: css(mix(eyes, WHITE, 0.5)),
    eyeRing: css(mix(eyes, PLUM, 0.82)),
    eyeGlow: css(mix(eyes, WHITE, 0.75)),
    lash: css(mix(mix(hair, PLUM, 0.78), [20, 10, 24], 0.35)),
    skin: css(skin),
    skinLight: css(mix(skin, WHITE, 0.4)),
    skinShade: css(mix(skin, [226, 128, 132], 0.34)),
    skinDeep: css(mix(skin, [190, 90, 104], 0.46)),
    skinLine: css(mix(skin, [110, 40, 52], 0.72)),
    blush: css(mix(skin, BLUSH, 0.62), 0.9),
    blushClear: css(mix(skin, BLUSH, 0.62), 0),
    blushLine: css(mix(skin, [226, 60, 84], 0.75)),
    lip: css(mix(skin, [214, 84, 98], 0.6)),
    outfit: css(outfit),
    outfitLight: css(mix(outfit, WHITE, 0.16)),
    outfitShade: css(mix(outfit, [10, 6, 26], 0.34)),
    outfitLine: css(mix(outfit, [8, 4, 20], 0.62)),
    accent: css(accent),
    accentLight: css(mix(accent, WHITE, 0.5)),
    accentShade: css(mix(accent, DUSK, 0.34)),
    accentLine: css(mix(accent, PLUM, 0.6)),
    cloth: "#fdfbff",
    clothShade: css(mix(WHITE, mix(outfit, [150, 140, 200], 0.7), 0.36)),
    clothLine: css(mix([150, 140, 178], outfit, 0.35)),
  };
}
