/** Sets the page up for what its address asks for: theme, layout, and the layers' own code when any is wanted. */
import type { Dress, Layout, ServerMessage } from "@haishin/common/protocol";
import fonts from "../fonts.css?url";
import { drawsInSoftware } from "../pace.ts";
import { adopt, type Choice, chosen, type Layer } from "./choice.ts";
import { make } from "./dom.ts";
import { Placement } from "./placement.ts";

/** Layers that have code of their own. */
const OWN: readonly Layer[] = [
  "chat",
  "answer",
  "alerts",
  "goals",
  "vote",
  "segment",
  "clock",
  "playing",
  "screens",
  "stinger",
];
/** How long a page waits for its layout before it shows what its address says, in ms. */
const LAYOUT_MS = 3_000;
/** Messages that wait for the code; it is there within a moment. */
const MOST_WAITING = 300;
/** What nobody draws a picture for is shown after so long, in ms: the slowest pace of the host's pictures. */
const ALONE_MS = 150;

/** What the layers are told; the code comes when it is there. */
export interface Told {
  receive(message: ServerMessage): void;
  lost(): void;
  /** Other layers are chosen now. */
  changed(): void;
  /** The host's picture is being drawn. */
  frame(now: number): void;
}

export interface Page {
  choice: Choice;
  language: string;
  layers: Told | undefined;
  /** Show a layout from now on; false when the page must be loaded anew, since the host comes or goes with it. */
  relay(layout: Layout | null): boolean;
}

/** Read the address, dress the page, and fetch the code of the layers that it asks for. */
export async function setUp(query: URLSearchParams): Promise<Page> {
  const choice = chosen(query);
  const placement = new Placement();
  const first = choice.named && !choice.sample ? await layoutOf(choice.named) : null;
  if (first) {
    adopt(choice, first);
    choice.figure = choice.layers.has("avatar");
  }
  const language = (query.get("lang") ?? navigator.language).slice(0, 20);
  const { dataset } = document.documentElement;
  if (drawsInSoftware()) dataset.drawn = "software";
  dataset.theme = choice.theme ?? "glass";
  const fit = () => {
    const tall = innerHeight > innerWidth * 1.2 && !choice.alone;
    dataset.layout = choice.layout === "auto" ? (tall ? "tall" : "wide") : choice.layout;
  };
  const show = () => {
    fit();
    dataset.layers = [...choice.layers].join(" ");
  };
  show();
  if (first) placement.put(first);
  addEventListener("resize", fit);
  if (choice.alone) dataset.alone = choice.alone;
  // Behind the first picture: the letters of each script are fetched when one of them is shown.
  const dressLetters = () => setTimeout(() => addSheet("fonts", fonts));
  if (document.readyState === "complete") dressLetters();
  else addEventListener("load", dressLetters, { once: true });
  if (choice.unknown.length) tellUnknown(choice.unknown);
  const mayCome = choice.named !== "" || OWN.some((one) => choice.layers.has(one));
  const layers = mayCome ? fetched(choice, language) : undefined;
  return {
    choice,
    language,
    layers,
    relay: (layout) => {
      document.getElementById("no-layout")?.remove();
      if (!layout) {
        tell(`there is no layout "${choice.named.slice(0, 40)}"`, "no-layout");
        return true;
      }
      adopt(choice, layout);
      if (!choice.sample && choice.figure !== choice.layers.has("avatar")) return false;
      placement.put(layout);
      if (choice.theme) dataset.theme = choice.theme;
      else dataset.theme = dressed?.theme ?? "glass";
      show();
      layers?.changed();
      return true;
    },
  };
}

/** Fetch a layout before the page is built; null when it is not there, or not in time: the host tells it again. */
async function layoutOf(name: string): Promise<Layout | null> {
  try {
    const answer = await fetch(`layouts/${encodeURIComponent(name)}`, { signal: AbortSignal.timeout(LAYOUT_MS) });
    return answer.ok ? ((await answer.json()) as Layout) : null;
  } catch {
    return null;
  }
}

/** Something that is not on this page: whatever is asked of it does nothing. */
export function absent<T extends object>(): T {
  return new Proxy({} as T, { get: () => () => ({}), set: () => true });
}

let dressed: Dress | undefined;

/** Put on the theme of the settings and the streamer's own style; an address may name another theme. */
export function dressPage(dress: Dress, choice: Choice): void {
  dressed = dress;
  document.documentElement.dataset.theme = choice.theme ?? dress.theme;
  const before = document.getElementById("own-style");
  if (!dress.css) {
    before?.remove();
    return;
  }
  // The old one stays until the new one is there: no flash of another style on air.
  const link = addSheet("own-style", `user.css?v=${dress.css}`);
  link.onload = () => before?.remove();
  link.onerror = () => link.remove();
}

function addSheet(id: string, href: string): HTMLLinkElement {
  const link = document.createElement("link");
  link.id = id;
  link.rel = "stylesheet";
  link.href = href;
  document.head.append(link);
  return link;
}

function fetched(choice: Choice, language: string): Told {
  const root = make("main", { id: "layers" });
  document.body.prepend(root);
  const gathered = new Gathered();
  import("./index.ts").then(
    ({ Layers }) => gathered.ready(new Layers(choice, root, language)),
    (error: unknown) => console.warn("the layers could not be fetched:", error),
  );
  return gathered;
}

/**
 * Keeps what the layers are told until the host's next picture: the browser then draws both at once, where each change
 * by itself would have it draw the whole page again.
 */
export class Gathered implements Told {
  readonly #waiting: ServerMessage[] = [];
  #layers: Told | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The code is there. */
  ready(layers: Told): void {
    this.#layers = layers;
    this.#tell();
  }

  receive(message: ServerMessage): void {
    if (this.#waiting.length >= MOST_WAITING) {
      if (!this.#layers) return;
      this.#tell();
    }
    this.#waiting.push(message);
    if (this.#layers) this.#timer ??= setTimeout(() => this.#tell(), ALONE_MS);
  }

  lost(): void {
    this.#tell();
    this.#layers?.lost();
  }

  changed(): void {
    this.#layers?.changed();
  }

  frame(now: number): void {
    if (this.#timer !== undefined) this.#tell();
    this.#layers?.frame(now);
  }

  #tell(): void {
    const layers = this.#layers;
    if (!layers) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const message of this.#waiting.splice(0)) layers.receive(message);
  }
}

/** A wrong address is told on the page itself, where whoever wrote it looks. */
function tellUnknown(unknown: readonly string[]): void {
  const words = `?layers= has no "${unknown.join('", "').slice(0, 80)}"`;
  tell(words, "unknown");
}

function tell(words: string, id: string): void {
  console.warn(words);
  document.body.append(make("p", { id, class: "fault", text: words }));
}
