/** Stingers: the picture is covered, changes behind the cover, and is opened again. Drawn by CSS alone. */
import type { StingerKind } from "@haishin/common/protocol";
import { cut, foreign, make } from "./dom.ts";

/** How long the cover closes, stands and opens, in ms; the style sheet has the same. */
export const CLOSES_MS = 450;
export const STANDS_MS = 350;
export const OPENS_MS = 450;
/** Pieces of each kind of cover. */
const PIECES: Record<StingerKind, number> = { swipe: 3, curtain: 2, iris: 2, stars: 24 };
/** The pieces of "stars" stand in so many columns. */
const COLUMNS = 6;

export class Stingers {
  readonly #root: HTMLElement;
  #busy = false;
  #covered: (() => void)[] = [];

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** Play one; `covered` is called when nothing of the picture can be seen. What comes meanwhile joins it. */
  play(kind: StingerKind, text: string, covered?: () => void): void {
    if (covered) this.#covered.push(covered);
    if (this.#busy) return;
    this.#busy = true;
    const cover = make("div", { class: `cover ${kind}` });
    for (let n = 0; n < PIECES[kind]; n++) {
      const piece = make("i");
      piece.style.setProperty("--n", String(n));
      piece.style.setProperty("--column", String(n % COLUMNS));
      piece.style.setProperty("--row", String(Math.floor(n / COLUMNS)));
      cover.append(piece);
    }
    if (text) cover.append(foreign("p", cut(text, 40)));
    this.#root.replaceChildren(cover);
    setTimeout(() => this.#stand(cover), CLOSES_MS);
  }

  #stand(cover: HTMLElement): void {
    this.#turn();
    setTimeout(() => {
      this.#turn();
      cover.classList.add("opens");
      setTimeout(() => {
        cover.remove();
        this.#busy = false;
        this.#turn();
      }, OPENS_MS);
    }, STANDS_MS);
  }

  #turn(): void {
    for (const covered of this.#covered.splice(0)) covered();
  }
}
