/** Puts the layers where a layout says: in percent of the page, so that every size of the page looks alike. */
import type { Layout } from "@haishin/common/protocol";

type Box = Layout["boxes"][number];

/** Stronger than where a layer stands by itself, whatever the page's shape. */
const HERE = "html[data-placed][data-placed][data-placed]";
/** What covers the whole page wherever its box is. */
const WHOLE = new Set(["screens", "stinger", "streamer"]);
/** What is as high as what is in it: it hangs from its upper edge, or stands on its lower one. */
const FITS = new Set(["answer", "goals", "vote", "segment", "clock", "playing", "label"]);

export class Placement {
  readonly #sheet = new CSSStyleSheet();

  put(layout: Layout): void {
    document.documentElement.dataset.placed = "";
    this.#sheet.replaceSync(layout.boxes.map((box, index) => ruleOf(box, index)).join("\n"));
    if (!document.adoptedStyleSheets.includes(this.#sheet)) document.adoptedStyleSheets.push(this.#sheet);
  }
}

/** The rule for one box; `index` is its place among all, the last one on top. */
export function ruleOf({ layer, x, y, w, h, size }: Box, index: number): string {
  const at = `${HERE} #${layer}`;
  const unit = `--u: calc(1vmin * ${size});`;
  if (WHOLE.has(layer)) return "";
  if (layer === "avatar")
    return `${at} { inset: ${y}% auto auto ${x}%; width: ${w}%; height: ${h}%; -webkit-mask-image: none; mask-image: none; }`;
  const low = y + h / 2 > 50;
  if (layer === "label") {
    // Towards the nearer edge, so that a longer word grows into the page.
    const side = x + w / 2 > 50 ? `auto ${100 - x - w}% auto auto` : `auto auto auto ${x}%`;
    return `${at} { inset: ${side}; top: ${y}%; ${unit} }`;
  }
  const height = FITS.has(layer) ? "auto" : `${h}%`;
  const edge = FITS.has(layer) && low ? `auto auto ${100 - y - h}% ${x}%` : `${y}% auto auto ${x}%`;
  const more =
    layer === "captions"
      ? `justify-content: ${low ? "flex-end" : "flex-start"}; align-items: center; text-align: center;`
      : layer === "alerts"
        ? "align-content: center;"
        : "";
  // Captions lie above all layers, and they and the clock have letters of their own size.
  const order = layer === "captions" ? "" : `z-index: ${index + 1};`;
  const letters = layer === "captions" || layer === "clock" ? "" : "font-size: calc(2.5 * var(--u));";
  const whole = [unit, order, letters, more].filter(Boolean).join(" ");
  return `${at} { inset: ${edge}; width: ${w}%; height: ${height}; max-width: none; margin: 0; ${whole} }`;
}
