/** Subtitles that show what has been heard, and nothing before it is. */
import type { Captions as Style, WordMark } from "@haishin/common/protocol";
import { begun } from "./marks.ts";
import { Paged } from "./pages.ts";

/** Characters a second, while the length of a clause is not known yet. */
const SPEED: Record<string, number> = { en: 14, zh: 4.5, ja: 6 };
/** A clause stays so long after it was heard, unless the next one comes. */
const LINGER_MS = 2_600;
const GONE_MS = 500;
/** So far is a position carried on without a report: they come every 64 ms, and wait while a picture is drawn. */
const CARRIED_MS = 200;

interface Line {
  readonly epoch: number;
  readonly clause: number;
  readonly text: string;
  readonly paged: Paged;
  readonly language: string;
  readonly words: WordMark[];
  second: { text: string; language: string } | null;
  ms: number;
  at: number;
  durationMs: number;
  complete: boolean;
  finished: boolean;
}

/** How many characters of a text are shown at a part of its duration: whole words, whole graphemes. */
export function revealed(text: string, part: number): number {
  return new Paged(text).revealed(part);
}

export class Captions {
  readonly #root: HTMLElement;
  #lines = new Map<string, Line>();
  #current: Line | null = null;
  #shown: { line: Line; element: HTMLElement; chars: number } | null = null;
  #hide: ReturnType<typeof setTimeout> | undefined;
  #next: ReturnType<typeof setTimeout> | undefined;
  #on = true;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** What can be read on the stage now. */
  get text(): string {
    const shown = this.#shown;
    return shown ? shown.line.text.slice(0, shown.chars) : "";
  }

  style({ show, size_px, position }: Style): void {
    this.#on = show;
    this.#root.hidden = !show;
    this.#root.classList.toggle("top", position === "top");
    this.#root.classList.toggle("beside", position === "beside");
    this.#root.style.setProperty("--caption-lines", String(size_px / 7.2));
  }

  /** A clause was announced; it is shown when it begins to be heard. */
  announce(epoch: number, clause: number, text: string, language: string, knownMs: number): void {
    const line = {
      epoch,
      clause,
      text,
      paged: new Paged(text),
      language,
      words: [],
      second: null,
      ms: 0,
      at: 0,
      durationMs: knownMs,
      complete: knownMs > 0,
      finished: false,
    };
    this.#lines.set(`${epoch}/${clause}`, line);
    for (const [key, old] of this.#lines) if (old.epoch < epoch) this.#lines.delete(key);
  }

  /** The voice says when the words of a clause are heard. */
  mark(epoch: number, clause: number, words: readonly WordMark[]): void {
    this.#lines.get(`${epoch}/${clause}`)?.words.push(...words);
  }

  /** What a clause is in the second language: shown under it, whenever it comes. */
  translate(epoch: number, clause: number, text: string, language: string): void {
    const line = this.#lines.get(`${epoch}/${clause}`);
    if (!line) return;
    line.second = { text, language };
    if (this.#shown?.line === line) this.#shown.element.append(second(line.second));
  }

  /** So much of a clause was heard. */
  heard(epoch: number, clause: number, ms: number, durationMs: number, complete: boolean, finished: boolean): void {
    const line = this.#lines.get(`${epoch}/${clause}`);
    if (!line || line.finished) return;
    Object.assign(line, { ms, at: performance.now(), durationMs, complete, finished });
    const current = this.#current;
    // The end of a clause is told when it was heard, which is after the next one began to be played.
    if (current && (epoch < current.epoch || (epoch === current.epoch && clause < current.clause))) return;
    if (current !== line) {
      if (current) this.#complete(current);
      this.#current = line;
      clearTimeout(this.#hide);
    }
    if (finished) this.#hide = setTimeout(() => this.#clear(), LINGER_MS);
    this.draw(line.at);
  }

  /** The turn was cut: what was heard stays for a moment, the rest never shows. */
  cut(): void {
    clearTimeout(this.#next);
    if (this.#current) this.#current.finished = true;
    this.#lines.clear();
    this.#current = null;
    clearTimeout(this.#hide);
    this.#hide = setTimeout(() => this.#clear(), 700);
  }

  /**
   * Bring the shown text up to the moment, and come back by itself for the next word: pictures of the host may be few,
   * and a word does not wait for one.
   */
  draw(now: number): void {
    clearTimeout(this.#next);
    const line = this.#current;
    if (!line || !this.#on) return;
    const running = line.finished ? 0 : Math.max(0, Math.min(CARRIED_MS, now - line.at));
    const next = line.finished ? undefined : line.words.find(({ at_ms }) => at_ms > line.ms + running);
    const wait = next ? next.at_ms - line.ms - running : Number.POSITIVE_INFINITY;
    if (running + wait <= CARRIED_MS) this.#next = setTimeout(() => this.draw(performance.now()), wait + 1);
    const perSecond = SPEED[line.language] ?? 14;
    const length = line.complete ? line.durationMs : Math.max(line.durationMs, (line.text.length / perSecond) * 1000);
    const part = line.finished ? 1 : (line.ms + running) / Math.max(1, length);
    const chars = (part < 1 ? begun(line.words, line.text, line.ms + running) : null) ?? line.paged.revealed(part);
    if (this.#shown?.line !== line) this.#show(line);
    const shown = this.#shown;
    if (!shown || chars <= shown.chars) return;
    shown.chars = chars;
    this.#write(shown.element, line, chars);
  }

  /** Show the page that is being heard: what was heard of it, and room for the rest. */
  #write(element: HTMLElement, line: Line, chars: number): void {
    const [from, to] = line.paged.page(chars);
    const [heard, rest] = element.children;
    if (heard) heard.textContent = line.text.slice(from, chars);
    if (rest) rest.textContent = line.text.slice(chars, to);
  }

  /** The next clause is being heard, so this one was heard to its end. */
  #complete(line: Line): void {
    line.finished = true;
    const shown = this.#shown;
    if (shown?.line !== line) return;
    shown.chars = line.text.length;
    this.#write(shown.element, line, line.text.length);
  }

  #show(line: Line): void {
    for (const old of [...this.#root.children]) {
      if (old.classList.contains("old")) old.remove();
      else old.classList.add("old");
    }
    const element = document.createElement("p");
    element.lang = line.language;
    element.dir = "auto";
    const heard = document.createElement("span");
    const rest = document.createElement("span");
    rest.className = "unheard";
    element.append(heard, rest);
    if (line.second) element.append(second(line.second));
    this.#write(element, line, 0);
    this.#root.append(element);
    this.#shown = { line, element, chars: 0 };
  }

  #clear(): void {
    const leaving = [...this.#root.children];
    for (const element of leaving) element.classList.add("gone");
    setTimeout(() => {
      for (const element of leaving) element.remove();
    }, GONE_MS);
    this.#shown = this.#current = null;
  }
}

function second({ text, language }: { text: string; language: string }): HTMLElement {
  const element = document.createElement("span");
  element.className = "second";
  element.lang = language;
  element.dir = "auto";
  element.textContent = text;
  return element;
}
