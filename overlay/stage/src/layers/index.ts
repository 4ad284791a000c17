/** The layers of this page: made only when its address asks for them, each fed by its own messages. */
import type { Screen, ServerMessage } from "@haishin/common/protocol";
import { type AlertLook, Alerts } from "./alerts.ts";
import { ChatBox } from "./chat.ts";
import { type Choice, type Layer, showsPlatform } from "./choice.ts";
import { make } from "./dom.ts";
import { AnswerPanel, Clock, GoalsPanel, PlayingPanel, SegmentPanel, VotePanel } from "./panels.ts";
import { Screens } from "./screens.ts";
import { Stingers } from "./stingers.ts";
import { type Words, wordsOf } from "./words.ts";
import "./layers.css";
import "./themes.css";

/** Countdowns are looked at so often, in ms: with the host's pictures, and by themselves where there are none. */
const TICK_MS = 100;
const ALONE_MS = 250;
/** The layer of what stands until it is told anew. */
const STANDS: Partial<Record<ServerMessage["type"], Layer>> = {
  answer: "answer",
  goals: "goals",
  vote: "vote",
  segment: "segment",
  playing: "playing",
  screen: "screens",
};

export class Layers {
  readonly #choice: Choice;
  readonly #root: HTMLElement;
  readonly #words: Words;
  readonly #language: string;
  #chat: ChatBox | undefined;
  #alerts: Alerts | undefined;
  #answer: AnswerPanel | undefined;
  #goals: GoalsPanel | undefined;
  #vote: VotePanel | undefined;
  #segment: SegmentPanel | undefined;
  #clock: Clock | undefined;
  #playing: PlayingPanel | undefined;
  #screens: Screens | undefined;
  #stingers: Stingers | undefined;
  #sources: readonly string[] = [];
  #alertLook: AlertLook = { volume: 0, files: {} };
  /** How things stand, for layers that come later. */
  readonly #standing = new Map<string, ServerMessage>();
  #ticking = false;
  #ticked = 0;
  #name = "";

  constructor(choice: Choice, root: HTMLElement, language: string) {
    this.#choice = choice;
    this.#root = root;
    this.#words = wordsOf(language);
    this.#language = language;
    this.changed();
  }

  /** Make the layers that are chosen now, and take the others away. */
  changed(): void {
    const words = this.#words;
    const before = new Set([...this.#root.children].map(({ id }) => id));
    this.#screens = this.#keep("screens", this.#screens, (at) => new Screens(at, words, this.#name));
    // Before the chat box, which makes room for it.
    this.#playing = this.#keep("playing", this.#playing, (at) => new PlayingPanel(at, words));
    this.#chat = this.#keep("chat", this.#chat, (at) => new ChatBox(at, words));
    this.#goals = this.#keep("goals", this.#goals, (at) => new GoalsPanel(at, words));
    this.#vote = this.#keep("vote", this.#vote, (at) => new VotePanel(at, words));
    this.#segment = this.#keep("segment", this.#segment, (at) => new SegmentPanel(at, words));
    this.#clock = this.#keep("clock", this.#clock, (at) => new Clock(at, this.#language));
    this.#answer = this.#keep("answer", this.#answer, (at) => new AnswerPanel(at, words));
    this.#alerts = this.#keep("alerts", this.#alerts, (at) => new Alerts(at, words, this.#alertLook));
    this.#stingers = this.#keep("stinger", this.#stingers, (at) => new Stingers(at));
    for (const [layer, message] of this.#standing) if (!before.has(layer)) this.receive(message);
    if (!this.#ticking && (this.#vote || this.#segment || this.#clock)) {
      this.#ticking = true;
      setInterval(() => {
        if (performance.now() - this.#ticked >= ALONE_MS) this.#tick();
      }, ALONE_MS);
    }
    this.#tick();
  }

  /** Take a message; those of no layer here are nothing to it. */
  receive(message: ServerMessage): void {
    const layer = STANDS[message.type];
    if (layer) this.#standing.set(layer, message);
    switch (message.type) {
      case "hello":
        this.#name = message.name;
        this.#screens?.connected();
        this.#screens?.name(message.name);
        break;
      case "dress":
        this.#sources = message.sources;
        // The alerts look at it when one comes.
        Object.assign(this.#alertLook, { volume: message.volume, files: message.files });
        break;
      case "chat":
        if (showsPlatform(message.source, this.#choice.platforms, this.#sources)) this.#chat?.add(message);
        break;
      case "chat_gone":
        this.#chat?.forget(message.keys);
        this.#alerts?.forget(message.keys);
        this.#answer?.forget(message.keys);
        // Nor may it come back with a layer that is added later.
        this.#standing.delete("answer");
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
      case "playing":
        this.#playing?.show(message);
        break;
      case "stinger":
        this.#stingers?.play(message.kind, message.text);
        break;
      case "screen":
        this.#screen(message.state);
    }
  }

  /** A screen comes and goes behind a stinger, where the page has that layer. */
  #screen(state: Screen["state"]): void {
    const screens = this.#screens;
    if (this.#stingers && screens?.turns(state)) this.#stingers.play("swipe", "", () => screens.show(state));
    else screens?.show(state);
  }

  /** The host's picture is being drawn: what changes now costs no picture of its own. */
  frame(now: number): void {
    this.#chat?.frame();
    this.#playing?.frame(now);
    this.#alerts?.frame(now);
    if (performance.now() - this.#ticked >= TICK_MS) this.#tick();
  }

  /** The connection is gone: what it may take back must not stand. */
  lost(): void {
    this.#chat?.clear();
    this.#screens?.lost();
  }

  #keep<T>(layer: Layer, now: T | undefined, build: (at: HTMLElement) => T): T | undefined {
    if (!this.#choice.layers.has(layer)) {
      if (now) this.#root.querySelector(`:scope > #${layer}`)?.remove();
      return undefined;
    }
    if (now) return now;
    const element = make("section", { id: layer, class: "layer" });
    this.#root.append(element);
    return build(element);
  }

  #tick(): void {
    this.#ticked = performance.now();
    this.#vote?.tick();
    this.#segment?.tick();
    this.#clock?.tick();
  }
}
