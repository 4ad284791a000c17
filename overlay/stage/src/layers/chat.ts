/**
 * The chat box. Its elements have the names of YouTube's, as blivechat's have, so ready-made styles fit.
 *
 * Lines are added in bunches, and no more than can be read: a flood costs no more than a lively chat.
 */
import type { ChatLine } from "@haishin/common/protocol";
import { foreign, make } from "./dom.ts";
import type { Words } from "./words.ts";

/** Lines that stand, that are added at once, and how often, in ms. */
export const KEPT = 60;
export const AT_ONCE = 12;
const EVERY_MS = 160;
/** A gift of the same kind from the same viewer joins the one before for so long, in ms. */
export const JOINS_MS = 30_000;
const ROLE: Record<string, string> = {
  broadcaster: "owner",
  moderator: "moderator",
  subscriber: "member",
  vip: "member",
};
/** The colours of a paid message by tier: the ones that YouTube's viewers know. */
const COLOURS = [
  ["", ""],
  ["rgb(30, 136, 229)", "rgb(21, 101, 192)"],
  ["rgb(0, 191, 165)", "rgb(0, 150, 136)"],
  ["rgb(245, 124, 0)", "rgb(230, 81, 0)"],
  ["rgb(230, 33, 23)", "rgb(208, 0, 0)"],
] as const;
const GIFTS = new Set(["gift", "sub", "cheer", "guard"]);

interface Row {
  element: HTMLElement;
  line: ChatLine;
  keys: Set<string>;
  count: number;
  at: number;
}

export class ChatBox {
  readonly #items: HTMLElement;
  readonly #words: Words;
  #rows: Row[] = [];
  #waiting: ChatLine[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(root: HTMLElement, words: Words) {
    this.#words = words;
    this.#items = make("div", { id: "items", class: "style-scope yt-live-chat-item-list-renderer" });
    const offset = make("div", { id: "item-offset" }, this.#items);
    const scroller = make("div", { id: "item-scroller", class: "animated" }, offset);
    const list = make("yt-live-chat-item-list-renderer", { class: "style-scope yt-live-chat-renderer" }, scroller);
    root.append(make("yt-live-chat-renderer", { class: "style-scope yt-live-chat-app" }, list));
  }

  add(line: ChatLine): void {
    this.#waiting.push(line);
    if (this.#waiting.length > KEPT) {
      const free = this.#waiting.findIndex((one) => one.tier === 0);
      this.#waiting.splice(Math.max(0, free), 1);
    }
    this.#timer ??= setTimeout(() => this.#flush(), this.#rows.length ? EVERY_MS : 0);
  }

  /** The host's picture is being drawn: what waits is drawn with it. */
  frame(): void {
    if (this.#timer !== undefined) this.#flush();
  }

  /** Take what was deleted off at once, also what waits. */
  forget(keys: readonly string[]): void {
    const gone = new Set(keys);
    this.#waiting = this.#waiting.filter(({ key }) => !gone.has(key));
    this.#rows = this.#rows.filter((row) => {
      const stays = ![...row.keys].some((key) => gone.has(key));
      if (!stays) row.element.remove();
      return stays;
    });
  }

  /** All lines, when a connection begins anew. */
  clear(): void {
    this.#waiting = [];
    this.#rows = [];
    this.#items.replaceChildren();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = performance.now();
    const fresh = document.createDocumentFragment();
    for (const line of this.#waiting.splice(0, AT_ONCE)) {
      if (this.#rows.some((row) => row.keys.has(line.key)) || this.#joins(line, now)) continue;
      const row = {
        element: this.#draw(line, line.count),
        line,
        keys: new Set([line.key]),
        count: line.count,
        at: now,
      };
      this.#rows.push(row);
      fresh.append(row.element);
    }
    this.#items.append(fresh);
    for (const row of this.#rows.splice(0, Math.max(0, this.#rows.length - KEPT))) row.element.remove();
    if (this.#waiting.length) this.#timer = setTimeout(() => this.#flush(), EVERY_MS);
  }

  #joins(line: ChatLine, now: number): boolean {
    if (!GIFTS.has(line.kind) || line.parts.length) return false;
    const row = this.#rows.findLast((one) => now - one.at < JOINS_MS && belongs(one.line, line));
    if (!row) return false;
    row.count += line.count;
    row.keys.add(line.key);
    row.at = now;
    const element = this.#draw({ ...row.line, amount: "" }, row.count);
    element.classList.add("again");
    row.element.replaceWith(element);
    row.element = element;
    return true;
  }

  #draw(line: ChatLine, count: number): HTMLElement {
    const [name, of] = this.#kind(line);
    const element = make(name, {
      class: `style-scope ${of}`,
      data: { key: line.key, source: line.source, kind: line.kind },
    });
    element.setAttribute("author-type", ROLE[line.role] ?? "");
    const author = make("yt-live-chat-author-chip", { class: `style-scope ${name}` });
    const badge = ROLE[line.role] ? `${ROLE[line.role]} ` : "";
    author.append(
      foreign("span", line.author, { id: "author-name", class: `${badge}style-scope yt-live-chat-author-chip` }),
    );
    if (line.tier === 0 && name === TEXT) {
      element.append(make("div", { id: "content", class: `style-scope ${name}` }, author, message(line, name)));
      return element;
    }
    const [primary, secondary] = COLOURS[line.tier] ?? COLOURS[0];
    if (primary) {
      element.style.setProperty("--yt-live-chat-paid-message-primary-color", primary);
      element.style.setProperty("--yt-live-chat-paid-message-secondary-color", secondary);
      element.style.setProperty("--tier", primary);
    }
    const what = make("div", { id: "purchase-amount", class: `style-scope ${name}`, text: this.#gave(line, count) });
    const column = make("div", { id: "header-content-primary-column", class: `style-scope ${name}` }, author, what);
    const header = make(
      "div",
      { id: "header", class: `style-scope ${name}` },
      make("div", { id: "header-content", class: `style-scope ${name}` }, column),
    );
    const card = make("div", { id: "card", class: `style-scope ${name}` }, header);
    if (line.parts.length)
      card.append(make("div", { id: "content", class: `style-scope ${name}` }, message(line, name)));
    else element.setAttribute("show-only-header", "");
    element.append(card);
    return element;
  }

  #kind(line: ChatLine): [string, string] {
    if (line.kind === "sub" || line.kind === "guard") return ["yt-live-chat-membership-item-renderer", LIST];
    return [line.tier > 0 || line.kind !== "chat" ? "yt-live-chat-paid-message-renderer" : TEXT, LIST];
  }

  #gave(line: ChatLine, count: number): string {
    const gave = [this.#words.gave[line.kind] ?? "", line.item, count > 1 ? `×${count}` : "", line.amount];
    return gave.filter(Boolean).join(" ");
  }
}

const TEXT = "yt-live-chat-text-message-renderer";
const LIST = "yt-live-chat-item-list-renderer";

/** Whether a gift goes on with one that is shown. */
export function belongs(shown: ChatLine, line: ChatLine): boolean {
  if (shown.parts.length || shown.source !== line.source || shown.author !== line.author || shown.kind !== line.kind)
    return false;
  return shown.item === line.item && (line.item !== "" || (line.combo !== "" && shown.combo === line.combo));
}

function message(line: ChatLine, of: string): HTMLElement {
  const element = make("div", { id: "message", class: `style-scope ${of}` });
  element.dir = "auto";
  for (const part of line.parts) {
    if (!part.emote) {
      element.append(part.text);
      continue;
    }
    const image = document.createElement("img");
    image.className = `emoji yt-formatted-string style-scope ${of}`;
    image.alt = part.text;
    image.decoding = "async";
    // A picture that cannot be had is its word.
    image.onerror = () => image.replaceWith(part.text);
    image.src = `emotes/${encodeURIComponent(part.emote)}`;
    element.append(image);
  }
  return element;
}
