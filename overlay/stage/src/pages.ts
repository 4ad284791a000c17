/**
 * How a text is shown in pieces: whole words, and pages of at most a few lines. Words and graphemes are the browser's
 * (`Intl.Segmenter`), so Chinese, Japanese, right-to-left scripts and emoji sequences are cut where their readers would.
 */

/** About two lines of captions, in columns: a Chinese character takes two. */
export const PAGE_COLUMNS = 84;
/** A "word" that is longer than this is cut between its graphemes, in UTF-16 units. */
const LONGEST_WORD = 24;

const WIDE = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Extended_Pictographic}/u;
/** What stays with the word before it. */
const CLOSES = /^[\s\p{Pe}\p{Pf}\p{Po}]+$/u;

/** A text cut into words; computed once. */
export class Paged {
  readonly text: string;
  /** Where each word ends, and where each page begins, in UTF-16 units. */
  readonly #ends: number[] = [];
  readonly #pages: number[] = [0];

  constructor(text: string) {
    this.text = text;
    let columns = 0;
    let at = 0;
    for (const word of words(text)) {
      const wide = widthOf(word);
      if (columns > 0 && columns + wide > PAGE_COLUMNS && !CLOSES.test(word)) {
        this.#pages.push(at);
        columns = 0;
      }
      columns += wide;
      at += word.length;
      this.#ends.push(at);
    }
  }

  /** How many characters are shown at a part of the duration: whole words. */
  revealed(part: number): number {
    if (part >= 1) return this.text.length;
    if (part <= 0) return 0;
    return this.#ends[firstAtLeast(this.#ends, Math.ceil(this.text.length * part))] ?? this.text.length;
  }

  /** The page on which a number of characters ends: where it begins and where it ends. */
  page(chars: number): [from: number, to: number] {
    const next = firstAtLeast(this.#pages, Math.max(1, chars));
    return [this.#pages[next - 1] ?? 0, this.#pages[next] ?? this.text.length];
  }
}

function* words(text: string): Generator<string> {
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)) {
    if (segment.length <= LONGEST_WORD) yield segment;
    else for (const { segment: piece } of new Intl.Segmenter().segment(segment)) yield piece;
  }
}

function widthOf(word: string): number {
  return WIDE.test(word) ? 2 * [...new Intl.Segmenter().segment(word)].length : word.length;
}

/** The index of the first number that is at least `least`, in a list that grows. */
function firstAtLeast(list: readonly number[], least: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
