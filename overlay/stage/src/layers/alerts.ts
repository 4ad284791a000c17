/** Alerts for what viewers give: one at a time, larger gifts longer and with more around them. */
import type { Alert } from "@haishin/common/protocol";
import { cut, foreign, make } from "./dom.ts";
import { Held } from "./held.ts";
import { picture } from "./pictures.ts";
import { AlertQueue, type Waiting } from "./queue.ts";
import { AlertSounds } from "./sounds.ts";
import type { Words } from "./words.ts";

const GAP_MS = 350;
const LEAVES_MS = 400;
/** Pieces of paper that fly at a tier. */
const CONFETTI = [0, 0, 0, 8, 14] as const;

/** How loud alerts are, and the streamer's own files by name, each with its version. */
export interface AlertLook {
  volume: number;
  files: Record<string, number>;
}

export class Alerts {
  readonly #root: HTMLElement;
  readonly #words: Words;
  readonly #look: AlertLook;
  readonly #sounds = new AlertSounds();
  readonly #held = new Held();
  #queue = new AlertQueue();
  #shown: { waiting: Waiting; element: HTMLElement } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(root: HTMLElement, words: Words, look: AlertLook = { volume: 0, files: {} }) {
    this.#root = root;
    this.#words = words;
    this.#look = look;
  }

  add(alert: Alert): void {
    if (this.#queue.add(alert) && !this.#shown && this.#timer === undefined) this.#next();
  }

  /** The host's picture is being drawn: what moves here moves with it. */
  frame(now: number): void {
    this.#held.frame(now);
  }

  forget(keys: readonly string[]): void {
    this.#queue.forget(keys);
    const shown = this.#shown;
    if (shown && !shown.waiting.crowd && keys.some((key) => shown.waiting.keys.has(key))) {
      clearTimeout(this.#timer);
      shown.element.remove();
      this.#shown = null;
      this.#timer = setTimeout(() => this.#next(), GAP_MS);
    }
  }

  #next(): void {
    this.#timer = undefined;
    const waiting = this.#queue.next();
    if (!waiting) return;
    const element = this.#draw(waiting);
    this.#root.replaceChildren(element);
    this.#held.take(element);
    this.#shown = { waiting, element };
    this.#timer = setTimeout(() => this.#leave(), this.#queue.shownMs(waiting));
    const { tier, sound } = waiting.alert;
    if (sound) void this.#sounds.play(tier, this.#look.volume, this.#file("sound", tier));
  }

  /** The address of a file of the streamer's own; empty when there is none for a tier. */
  #file(what: "sound" | "image", tier: number): string {
    const name = `${what}-${tier}`;
    const version = this.#look.files[name];
    return version === undefined ? "" : `alerts/${name}?v=${version}`;
  }

  #picture(kind: string, tier: number): Element {
    const drawn = picture(kind);
    const file = this.#file("image", tier);
    if (!file) return drawn;
    const image = make("img", { class: "own" }) as HTMLImageElement;
    image.alt = "";
    image.onerror = () => image.replaceWith(drawn);
    image.src = file;
    return image;
  }

  #leave(): void {
    const leaving = this.#shown?.element;
    if (leaving) {
      leaving.classList.add("leaves");
      this.#held.take(leaving);
    }
    this.#timer = setTimeout(() => {
      this.#shown?.element.remove();
      this.#shown = null;
      this.#timer = setTimeout(() => this.#next(), GAP_MS);
    }, LEAVES_MS);
  }

  #draw({ alert, count, people, crowd }: Waiting): HTMLElement {
    const words = this.#words;
    const card = make("article", {
      class: `alert tier-${alert.tier}`,
      data: { kind: alert.kind, source: alert.source },
    });
    const body = make("div", { class: "body" });
    const head = make("p", { class: "head" });
    if (crowd) head.append(make("b", { class: "name", text: words.crowd(count, people.size) }));
    else {
      head.append(foreign("b", cut(alert.author, 32), { class: "name" }), " ");
      head.append(make("span", { class: "gave", text: words.gave[alert.kind] ?? "" }));
      if (alert.item) head.append(" ", foreign("span", cut(alert.item, 32), { class: "item" }));
      if (count > 1) head.append(" ", make("span", { class: "count", text: `×${count}` }));
      if (alert.amount) head.append(" ", make("span", { class: "amount", text: alert.amount }));
    }
    body.append(head);
    if (alert.text && !crowd) body.append(foreign("p", cut(alert.text, 160), { class: "text" }));
    // The host's own words, beside the viewer's from a gift of some size on.
    if (alert.line && !crowd && (!alert.text || alert.tier > 1))
      body.append(foreign("p", cut(alert.line, 120), { class: "line" }));
    card.append(this.#picture(crowd ? "gift" : alert.kind, alert.tier), body);
    for (let n = 0; n < (CONFETTI[alert.tier] ?? 0); n++) {
      const piece = make("i", { class: "paper" });
      piece.style.setProperty("--n", String(n));
      piece.style.setProperty("--x", `${((n * 37) % 100) - 50}`);
      piece.style.setProperty("--t", `${(n * 53) % 360}deg`);
      piece.onanimationend = () => piece.remove();
      card.append(piece);
    }
    return card;
  }
}
