/** What a stranger wrote, made fit to be shown. Markup is harmless already: Vue interpolates text. */

/** Combining marks that one letter may carry; real scripts need at most four. */
const MARKS = /(\p{M}{4})\p{M}+/gu;
/** Characters that re-order the text around them; the page isolates directions itself. */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is the point.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb]/gu;
const BLANK_LINES = /\n{3,}/gu;

/** Take away what would spill over the neighbours: stacked marks, direction overrides, controls, blank lines. */
export function calm(text: string): string {
  return calmPart(text).trim();
}

/** The same for a part of a text, whose spaces belong between it and the next part. */
export function calmPart(text: string): string {
  return text.replace(CONTROLS, "").replace(BIDI, "").replace(MARKS, "$1").replace(BLANK_LINES, "\n\n");
}

/** The same on one line, for names and labels. */
export function calmLine(text: string): string {
  return calm(text).replace(/\s+/gu, " ");
}

/** Cut to so many code points at the most, the last of them an ellipsis. */
export function cut(text: string, most: number): string {
  const points = Array.from(text.slice(0, most * 2 + 2));
  return points.length <= most ? text : `${points.slice(0, most - 1).join("")}…`;
}

/** Length as the server counts it: code points of the trimmed text, not UTF-16 units. */
export function lengthOf(text: string): number {
  let count = 0;
  for (const _ of text.trim()) count += 1;
  return count;
}
