/** The screens that cover the picture while there is no show: starting, a break, trouble, the end. */
import type { Screen } from "@haishin/common/protocol";
import { foreign, make } from "./dom.ts";
import type { Words } from "./words.ts";

/** The host may be restarting: only then it is trouble; ms. */
export const AWAY_MS = 8_000;

export class Screens {
  readonly #root: HTMLElement;
  readonly #words: Words;
  #state: Screen["state"] = "starting";
  #away: ReturnType<typeof setTimeout> | undefined;
  #name: string;
  #told = false;

  constructor(root: HTMLElement, words: Words, name = "") {
    this.#root = root;
    this.#words = words;
    this.#name = name;
    this.#draw("starting");
  }

  /** Whether a state changes what is seen; the first one that is told only says how things stand. */
  turns(state: Screen["state"]): boolean {
    return this.#told && this.#away === undefined && state !== this.#state;
  }

  show(state: Screen["state"]): void {
    this.#state = state;
    this.#told = true;
    this.connected();
  }

  /** Whose show it is. */
  name(name: string): void {
    this.#name = name;
    this.#draw(this.#state);
  }

  /** The host answers, or answers again. */
  connected(): void {
    clearTimeout(this.#away);
    this.#away = undefined;
    this.#draw(this.#state);
  }

  /** The connection is gone; after a while viewers are told. */
  lost(): void {
    this.#away ??= setTimeout(() => this.#draw("technical"), AWAY_MS);
  }

  #draw(state: Screen["state"]): void {
    this.#root.classList.toggle("on", state !== "live");
    if (state === "live") return;
    this.#root.dataset.state = state;
    const [title, words] = this.#words.screens[state];
    this.#root.replaceChildren(
      make("div", { class: "sky" }, make("i"), make("i"), make("i")),
      make(
        "div",
        { class: "words" },
        foreign("p", this.#name, { class: "name" }),
        make("h1", { text: title }),
        make("p", { text: words }),
        make("div", { class: "dots" }, make("i"), make("i"), make("i")),
      ),
    );
  }
}
