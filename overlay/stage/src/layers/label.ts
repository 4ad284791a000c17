/** Whether the AI label can be seen: a style of the streamer's own may hide it, and then the host is told. */
const EVERY_MS = 4_000;
/** Letters smaller than this are no label, px. */
const LEAST_PX = 8;

/** Whether viewers can see an element, as far as its own style and those around it say. */
export function canBeSeen(element: HTMLElement): boolean {
  let opacity = 1;
  for (let at: HTMLElement | null = element; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.display === "none" || style.visibility !== "visible") return false;
    const clip = style.clipPath;
    if (clip && clip !== "none") return false;
    opacity *= style.opacity === "" ? 1 : Number(style.opacity);
  }
  const style = getComputedStyle(element);
  if (opacity < 0.4 || Number.parseFloat(style.fontSize) < LEAST_PX || clear(style.color)) return false;
  const { width, height, left, right, top, bottom } = element.getBoundingClientRect();
  const inside = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
  return inside && width >= LEAST_PX && height >= LEAST_PX;
}

function clear(colour: string): boolean {
  const alpha = /^rgba\(.*,\s*([\d.]+)\)$/u.exec(colour)?.[1] ?? /\/\s*([\d.]+)\)$/u.exec(colour)?.[1];
  return colour === "transparent" || (alpha !== undefined && Number(alpha) < 0.4);
}

/** Look at the label now and then; tell each change. A page that is hidden looks at nothing. */
export function watchLabel(label: HTMLElement, tell: (shown: boolean) => void): () => void {
  let before: boolean | undefined;
  const look = () => {
    if (document.hidden || !label.textContent || label.hidden) return;
    const seen = canBeSeen(label);
    if (seen !== before) tell(seen);
    before = seen;
  };
  setInterval(look, EVERY_MS);
  return () => {
    before = undefined;
  };
}
