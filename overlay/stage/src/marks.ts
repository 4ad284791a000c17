/** What the host says of the words of a clause: from which moment on each of them is heard. */
import type { WordMark } from "@haishin/common/protocol";

/**
 * How many characters of a text were begun to be said at a position in ms: those up to the next word's beginning,
 * without the space before it. Null without marks.
 */
export function begun(words: readonly WordMark[], text: string, ms: number): number | null {
  if (!words.length) return null;
  let next = 0;
  while (next < words.length && (words[next]?.at_ms ?? 0) <= ms) next++;
  if (next === 0) return 0;
  // Of several marks at one place, the text goes on to the first that is further.
  const place = words[next - 1]?.chars ?? 0;
  const end = words.slice(next).find((word) => word.chars > place)?.chars ?? text.length;
  return text.slice(0, end).trimEnd().length;
}
