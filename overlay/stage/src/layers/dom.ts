/** Small helpers to build elements. Strangers' text is only ever text. */

type Props = { class?: string; id?: string; text?: string; data?: Record<string, string> };

/** Make an element with children. Names of elements that HTML does not know are fine. */
export function make(name: string, props: Props = {}, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(name);
  if (props.class) element.className = props.class;
  if (props.id) element.id = props.id;
  if (props.text !== undefined) element.textContent = props.text;
  for (const [key, value] of Object.entries(props.data ?? {})) element.dataset[key] = value;
  element.append(...children);
  return element;
}

/** What strangers wrote: in a direction of its own, so that it turns nothing around it. */
export function foreign(name: string, text: string, props: Props = {}): HTMLElement {
  const element = make(name, { ...props, text });
  element.dir = "auto";
  return element;
}

/** The time that is left as people read it: 0:07, 12:30, 1:02:30. */
export function timeLeft(seconds: number): string {
  const all = Math.max(0, Math.ceil(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor(all / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}

/** A text of at most so many graphemes; what is cut ends in "…". Emoji sequences stay whole. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  let count = 0;
  for (const { index } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) {
    if (count === most - 1) return `${text.slice(0, index).trimEnd()}…`;
    count += 1;
  }
  return text;
}
