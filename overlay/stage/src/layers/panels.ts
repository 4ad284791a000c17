/** What stands on the screen for a while: the message that is answered, goals, a vote, the segment, the clock. */
import type { Answering, Goals, NowPlaying, SegmentState, VoteState } from "@haishin/common/protocol";
import { drawsInSoftware } from "../pace.ts";
import { cut, foreign, make, timeLeft } from "./dom.ts";
import type { Words } from "./words.ts";

export class AnswerPanel {
  readonly #root: HTMLElement;
  readonly #words: Words;
  #key = "";

  constructor(root: HTMLElement, words: Words) {
    this.#root = root;
    this.#words = words;
  }

  show({ key, author, text, more, source }: Answering): void {
    this.#key = key;
    this.#root.classList.toggle("on", key !== "");
    if (!key) return;
    this.#root.dataset.source = source;
    const name = make("p", { class: "to" }, make("span", { class: "tag", text: this.#words.answers }));
    name.append(" ", foreign("b", cut(author, 32), { class: "name" }));
    if (more > 0)
      name.append(" ", make("span", { class: "more", text: this.#words.more.replace("{n}", String(more)) }));
    this.#root.replaceChildren(name);
    if (text) this.#root.append(foreign("p", cut(text, 140), { class: "text" }));
  }

  forget(keys: readonly string[]): void {
    if (keys.includes(this.#key)) this.#root.replaceChildren();
    if (keys.includes(this.#key)) this.#root.classList.remove("on");
  }
}

export class GoalsPanel {
  readonly #root: HTMLElement;
  readonly #words: Words;

  constructor(root: HTMLElement, words: Words) {
    this.#root = root;
    this.#words = words;
  }

  show({ goals, hype }: Goals): void {
    this.#root.classList.toggle("on", goals.length > 0 || hype > 0);
    const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
    while (this.#root.children.length > goals.length + (hype > 0 ? 1 : 0)) this.#root.lastElementChild?.remove();
    for (const [index, goal] of goals.entries()) {
      const unit = goal.unit ? ` ${goal.unit}` : "";
      const value = `${number.format(goal.value)} / ${number.format(goal.target)}${unit}`;
      this.#bar(index, goal.title, value, goal.value / goal.target, "goal");
    }
    if (hype > 0) this.#bar(goals.length, `${this.#words.hype} ${hype}`, "", Math.min(1, hype / 5), "hype");
  }

  /** Bars stay where they are, so that they grow rather than jump. */
  #bar(index: number, title: string, value: string, share: number, kind: string): void {
    let bar = this.#root.children[index] as HTMLElement | undefined;
    if (!bar) {
      bar = make("div", {}, foreign("span", "", { class: "title" }), make("span", { class: "value" }), line());
      this.#root.append(bar);
    }
    bar.className = `bar ${kind}${share >= 1 ? " full" : ""}`;
    write(bar.querySelector(".title"), title);
    write(bar.querySelector(".value"), value);
    fill(bar, share);
  }
}

/** Seconds that run down. They are looked at far more often than they change. */
class Countdown {
  readonly #ends: number;
  #second = -1;

  constructor(left_s: number) {
    this.#ends = performance.now() + left_s * 1_000;
  }

  /** The seconds that are left, once another of them begins; null in between. */
  due(): number | null {
    const left = Math.max(0, this.#ends - performance.now()) / 1_000;
    if (Math.ceil(left) === this.#second) return null;
    this.#second = Math.ceil(left);
    return left;
  }
}

export class VotePanel {
  readonly #root: HTMLElement;
  readonly #words: Words;
  #of = "";
  #left = new Countdown(0);
  #length = 0;

  constructor(root: HTMLElement, words: Words) {
    this.#root = root;
    this.#words = words;
  }

  show(vote: VoteState): void {
    this.#root.classList.toggle("on", vote.title !== "");
    this.#root.classList.toggle("over", vote.left_s <= 0);
    if (!vote.title) return;
    const of = `${vote.kind}/${vote.title}/${vote.choices.join("/")}`;
    if (of !== this.#of) this.#begin(vote);
    this.#of = of;
    this.#left = new Countdown(vote.left_s);
    this.#length = Math.max(this.#length, vote.left_s);
    const total = vote.counts.reduce((sum, count) => sum + count, 0);
    const most = Math.max(1, ...vote.counts);
    for (const [index, row] of [...this.#root.querySelectorAll<HTMLElement>(".choice")].entries()) {
      const count = vote.counts[index] ?? 0;
      row.classList.toggle("leads", count === most && count > 0);
      fill(row, total ? count / total : 0);
      write(row.querySelector(".value"), `${total ? Math.round((count / total) * 100) : 0}%`);
    }
    const foot = vote.answer ? `${this.#words.answer}: ${vote.answer}` : total ? `${total} ${this.#words.votes}` : "";
    write(this.#root.querySelector(".foot"), foot);
    this.#root.classList.toggle("told", vote.answer !== "");
    this.tick();
  }

  tick(): void {
    const left = this.#left.due();
    if (left === null) return;
    if (!write(this.#root.querySelector(".left"), left > 0 ? timeLeft(left) : "")) return;
    const time = this.#root.querySelector<HTMLElement>(".time");
    if (time) fill(time, this.#length > 0 ? left / this.#length : 0);
  }

  #begin(vote: VoteState): void {
    this.#length = vote.left_s;
    const head = make("p", { class: "head" });
    const { number, total } = vote;
    const question = this.#words.question.replace("{n}", String(number)).replace("{of}", String(total));
    head.append(make("span", { class: "tag", text: number ? question : this.#words.vote }));
    head.append(make("span", { class: "left" }));
    this.#root.replaceChildren(
      head,
      foreign("p", cut(vote.title, 120), { class: "title" }),
      make("div", { class: "time" }, line()),
    );
    for (const [index, choice] of vote.choices.slice(0, 8).entries()) {
      const row = make("div", { class: "choice" }, make("b", { class: "number", text: String(index + 1) }));
      row.append(foreign("span", cut(choice, 40), { class: "words" }), make("span", { class: "value" }), line());
      this.#root.append(row);
    }
    this.#root.append(foreign("p", "", { class: "foot" }));
  }
}

export class SegmentPanel {
  readonly #root: HTMLElement;
  readonly #words: Words;
  #left: Countdown | null = null;
  #length = 0;

  constructor(root: HTMLElement, words: Words) {
    this.#root = root;
    this.#words = words;
  }

  show({ name, left_s, length_s, next }: SegmentState): void {
    this.#root.classList.toggle("on", name !== "" || next !== "");
    this.#left = left_s === null ? null : new Countdown(left_s);
    this.#length = length_s ?? 0;
    const now = make(
      "p",
      { class: "now" },
      foreign("b", cut(name, 48), { class: "name" }),
      make("span", { class: "left" }),
    );
    this.#root.replaceChildren(...(name ? [now, line()] : []));
    if (next) {
      const then = make("p", { class: "next" }, make("span", { class: "tag", text: this.#words.next }), " ");
      then.append(foreign("span", cut(next, 48)));
      this.#root.append(then);
    }
    this.#root.classList.toggle("timed", this.#left !== null);
    this.tick();
  }

  tick(): void {
    const left = this.#left?.due() ?? null;
    if (left === null) return;
    if (write(this.#root.querySelector(".left"), timeLeft(left)) && this.#length)
      fill(this.#root, 1 - left / this.#length);
  }
}

export class Clock {
  readonly #root: HTMLElement;
  readonly #time: Intl.DateTimeFormat;
  #minute = 0;

  constructor(root: HTMLElement, language: string) {
    this.#root = root;
    this.#time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false });
    root.classList.add("on");
  }

  tick(): void {
    const minute = Math.floor(Date.now() / 60_000);
    if (minute === this.#minute) return;
    this.#minute = minute;
    write(this.#root, this.#time.format(new Date()));
  }
}

function line(): HTMLElement {
  return make("div", { class: "line" }, make("i"));
}

/** Write text if it changed, and return whether it did: a countdown and its bar change the page once a second. */
function write(element: Element | null, text: string): boolean {
  if (!element || element.textContent === text) return false;
  element.textContent = text;
  return true;
}

function fill(element: HTMLElement, share: number): void {
  const text = Math.min(1, Math.max(0, share)).toFixed(3);
  if (element.style.getPropertyValue("--share") !== text) element.style.setProperty("--share", text);
}

/** How high the bars are, one after the other, and how long they stay so, in ms. */
const BARS = [0.45, 0.9, 0.6, 1, 0.7, 0.5, 0.8];
const BAR_MS = 300;

/** What is being played, and by whom. */
export class PlayingPanel {
  readonly #root: HTMLElement;
  readonly #words: Words;
  #step = -1;
  #bars: HTMLElement[] = [];

  constructor(root: HTMLElement, words: Words) {
    this.#root = root;
    this.#words = words;
  }

  show({ title, by }: NowPlaying): void {
    this.#root.classList.toggle("on", title !== "");
    if (!title) return;
    this.#bars = [make("i"), make("i"), make("i")];
    const bars = make("span", { class: "bars" }, ...this.#bars);
    const what = make("p", { class: "what" }, foreign("b", cut(title, 80), { class: "title" }));
    if (by) what.append(foreign("span", cut(by, 60), { class: "by" }));
    this.#root.replaceChildren(bars, make("span", { class: "tag", text: this.#words.playing }), what);
  }
  /** Where no graphics card moves the bars, they move with the host's pictures. */
  frame(now: number): void {
    const step = Math.floor(now / BAR_MS);
    if (step === this.#step || !drawsInSoftware() || !this.#root.classList.contains("on")) return;
    this.#step = step;
    for (const [index, bar] of this.#bars.entries()) {
      bar.style.transform = `scaleY(${BARS[(step * (index + 2) + 3 * index * index) % BARS.length]})`;
    }
  }
}
