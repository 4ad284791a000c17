/** The streamer's side of the stage: that the ears are off, that the eyes are open, and what the streamer says. */
import type { EarsMark, EyesMark, Heard } from "@haishin/common/protocol";

/** What was said stays so long after its last word, ms. */
const LINGER_MS = 2_600;
/** Words that go on stay longer: the next partial text may take a while. */
const GOING_ON_MS = 8_000;

/** The mark of the eyes is there while they are open. */
export class EyesSide {
  readonly #mark: HTMLElement;

  constructor(mark: HTMLElement, on: string) {
    this.#mark = mark;
    mark.textContent = on;
  }

  /** Whether the eyes are open. */
  eyes({ open, shown }: EyesMark): void {
    this.#mark.hidden = !open || !shown;
  }
}

export class StreamerSide {
  readonly #mark: HTMLElement;
  readonly #words: HTMLElement;
  #hide: ReturnType<typeof setTimeout> | undefined;

  constructor(mark: HTMLElement, words: HTMLElement, off: string) {
    this.#mark = mark;
    this.#words = words;
    mark.textContent = off;
  }

  /** How the ears are. Ears that are off take the streamer's words away at once. */
  ears({ state, shown }: EarsMark): void {
    this.#mark.hidden = state !== "off" || !shown;
    if (state === "off" || state === "none") this.#clear();
  }

  /** What the streamer says. */
  heard({ text, language, final }: Heard): void {
    this.#words.textContent = text;
    this.#words.lang = language;
    this.#words.hidden = !text;
    clearTimeout(this.#hide);
    this.#hide = setTimeout(() => this.#clear(), final ? LINGER_MS : GOING_ON_MS);
  }

  #clear(): void {
    clearTimeout(this.#hide);
    this.#words.textContent = "";
    this.#words.hidden = true;
  }
}
