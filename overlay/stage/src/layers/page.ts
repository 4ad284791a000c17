/** Sets the page up for what its address asks for: theme, layout, and the layers' own code when any is wanted. */
import type { Dress, ServerMessage } from "@haishin/common/protocol";
import fonts from "../fonts.css?url";
import { type Choice, chosen, type Layer } from "./choice.ts";
import { make } from "./dom.ts";

/** Layers that have code of their own. */
const OWN: readonly Layer[] = ["chat", "answer", "alerts", "goals", "vote", "segment", "clock", "screens"];
/** Messages that wait for the code; it is there within a moment. */
const MOST_WAITING = 300;

/** What the layers are told; the code comes when it is there. */
export interface Told {
  receive(message: ServerMessage): void;
  lost(): void;
}

export interface Page {
  choice: Choice;
  language: string;
  layers: Told | undefined;
}

/** Read the address, dress the page, and fetch the code of the layers that it asks for. */
export function setUp(query: URLSearchParams): Page {
  const choice = chosen(query);
  const language = (query.get("lang") ?? navigator.language).slice(0, 20);
  const { dataset } = document.documentElement;
  dataset.theme = choice.theme ?? "glass";
  const fit = () => {
    const tall = innerHeight > innerWidth * 1.2 && !choice.alone;
    dataset.layout = choice.layout === "auto" ? (tall ? "tall" : "wide") : choice.layout;
  };
  fit();
  addEventListener("resize", fit);
  if (choice.alone) dataset.alone = choice.alone;
  dataset.layers = [...choice.layers].join(" ");
  // Behind the first picture: the letters of each script are fetched when one of them is shown.
  addEventListener("load", () => setTimeout(() => addSheet("fonts", fonts)), { once: true });
  if (choice.unknown.length) tellUnknown(choice.unknown);
  return {
    choice,
    language,
    layers: OWN.some((one) => choice.layers.has(one)) ? fetched(choice, language) : undefined,
  };
}

/** Something that is not on this page: whatever is asked of it does nothing. */
export function absent<T extends object>(): T {
  return new Proxy({} as T, { get: () => () => ({}), set: () => true });
}

/** Put on the theme of the settings and the streamer's own style; an address may name another theme. */
export function dressPage(dress: Dress, choice: Choice): void {
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
  const waiting: ServerMessage[] = [];
  let ready: Told | undefined;
  import("./index.ts").then(
    ({ Layers }) => {
      const built = new Layers(choice, root, language);
      ready = built;
      for (const message of waiting.splice(0)) built.receive(message);
    },
    (error: unknown) => console.warn("the layers could not be fetched:", error),
  );
  return {
    receive: (message) => {
      if (ready) ready.receive(message);
      else if (waiting.length < MOST_WAITING) waiting.push(message);
    },
    lost: () => ready?.lost(),
  };
}

/** A wrong address is told on the page itself, where whoever wrote it looks. */
function tellUnknown(unknown: readonly string[]): void {
  const words = `?layers= has no "${unknown.join('", "').slice(0, 80)}"`;
  console.warn(words);
  document.body.append(make("p", { id: "fault", text: words }));
}
