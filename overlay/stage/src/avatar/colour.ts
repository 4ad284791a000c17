/** Colours as `[red, green, blue]`, each 0 to 255. */
export type Rgb = readonly [number, number, number];

const HEX = /^#[0-9a-f]{6}$/iu;
const WHITE: Rgb = [255, 255, 255];

/** Read `#rrggbb`; whatever is not one becomes `fallback`, since a wrong setting must not blank the picture. */
export function parse(hex: string, fallback: Rgb): Rgb {
  if (!HEX.test(hex)) return fallback;
  const n = Number.parseInt(hex.slice(1), 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

/** Go from `a` (share 0) to `b` (share 1). */
export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** Lay a coloured shadow over `a`, as a painter's multiply layer of strength `share` does. */
export function multiply(a: Rgb, b: Rgb, share = 1): Rgb {
  return mix(a, [(a[0] * b[0]) / 255, (a[1] * b[1]) / 255, (a[2] * b[2]) / 255], share);
}

/** Go towards white. */
export function lighten(a: Rgb, share: number): Rgb {
  return mix(a, WHITE, share);
}

/** Perceived lightness, 0 (black) to 1 (white), by the weights of ITU-R BT.709. */
export function lightness(a: Rgb): number {
  return (0.2126 * a[0] + 0.7152 * a[1] + 0.0722 * a[2]) / 255;
}

/** Write for Canvas. */
export function css(a: Rgb, alpha = 1): string {
  const [r, g, b] = a.map(Math.round);
  return alpha >= 1 ? `rgb(${r},${g},${b})` : `rgba(${r},${g},${b},${alpha})`;
}
