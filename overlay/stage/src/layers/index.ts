/** The layers of this page: made only when its address asks for them, each fed by its own messages. */
import type { ServerMessage } from "@haishin/common/protocol";
import { Alerts } from "./alerts.ts";
import { ChatBox } from "./chat.ts";
import { type Choice, type Layer, showsPlatform } from "./choice.ts";
import { make } from "./dom.ts";
import { AnswerPanel, Clock, GoalsPanel, SegmentPanel, VotePanel } from "./panels.ts";
import { Screens } from "./screens.ts";
import { type Words, wordsOf } from "./words.ts";
import "./layers.css";
import "./themes.css";

const TICK_MS = 250;

export class Layers {
  readonly #choice: Choice;
  readonly #root: HTMLElement;
  readonly #words: Words;
  readonly #chat: ChatBox | undefined;
  readonly #alerts: Alerts | undefined;
  readonly #answer: AnswerPanel | undefined;
  readonly #goals: GoalsPanel | undefined;
  readonly #vote: VotePanel | undefined;
  readonly #segment: SegmentPanel | undefined;
  readonly #clock: Clock | undefined;
  readonly #screens: Screens | undefined;
  #sources: readonly string[] = [];

  constructor(choice: Choice, root: HTMLElement, language: string) {
    this.#choice = choice;
    this.#root = root;
    this.#words = wordsOf(language);
    const words = this.#words;
    this.#screens = this.#make("screens", (at) => new Screens(at, words));
    this.#chat = this.#make("chat", (at) => new ChatBox(at, words));
    this.#goals = this.#make("goals", (at) => new GoalsPanel(at, words));
    this.#vote = this.#make("vote", (at) => new VotePanel(at, words));
    this.#segment = this.#make("segment", (at) => new SegmentPanel(at, words));
    this.#clock = this.#make("clock", (at) => new Clock(at, language));
    this.#answer = this.#make("answer", (at) => new AnswerPanel(at, words));
    this.#alerts = this.#make("alerts", (at) => new Alerts(at, words));
    if (this.#vote || this.#segment || this.#clock) {
      this.#tick();
      setInterval(() => this.#tick(), TICK_MS);
    }
  }

  /** Take a message; those of no layer here are nothing to it. */
  receive(message: ServerMessage): void {
    switch (message.type) {
      case "hello":
        this.#screens?.connected();
        this.#screens?.name(message.name);
        break;
      case "dress":
        this.#sources = message.sources;
        break;
      case "chat":
        if (showsPlatform(message.source, this.#choice.platforms, this.#sources)) this.#chat?.add(message);
        break;
      case "chat_gone":
        this.#chat?.forget(message.keys);
        this.#alerts?.forget(message.keys);
        this.#answer?.forget(message.keys);
        break;
      case "alert":
        this.#alerts?.add(message);
        break;
      case "answer":
        this.#answer?.show(message);
        break;
      case "goals":
        this.#goals?.show(message);
        break;
      case "vote":
        this.#vote?.show(message);
        break;
      case "segment":
        this.#segment?.show(message);
        break;
      case "screen":
        this.#screens?.show(message.state);
    }
  }

  /** The connection is gone: what it may take back must not stand. */
  lost(): void {
    this.#chat?.clear();
    this.#screens?.lost();
  }

  #make<T>(layer: Layer, build: (at: HTMLElement) => T): T | undefined {
    if (!this.#choice.layers.has(layer)) return undefined;
    const element = make("section", { id: layer, class: "layer" });
    this.#root.append(element);
    return build(element);
  }

  #tick(): void {
    this.#vote?.tick();
    this.#segment?.tick();
    this.#clock?.tick();
  }
}
