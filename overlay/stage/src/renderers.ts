/**
 * Which renderer draws the host: our own figure, or a model that the streamer brought.
 *
 * The code of a model's kind is fetched when it is chosen. Until its first picture is there, and whenever it fails or
 * the browser takes the graphics context away, our figure is on the stage. Whatever is told is told to both.
 */
import type { Emotion, Gesture, Look, MouthShape, StageModel } from "@haishin/common/protocol";
import type { State } from "./avatar/expressions.ts";
import type { Notice, Renderer } from "./renderer.ts";

/** A renderer of a streamer's own model. */
export interface ModelRenderer extends Renderer {
  /** Take over other names of the model's own, without loading it again. */
  remap?(mapping: StageModel["mapping"]): void;
  /** Let go of everything that it holds. */
  dispose(): void;
}

/**
 * Load a model and return what draws it on `canvas`, which is not on the page yet; throw with a reason that a streamer
 * understands. `failed` is for what goes wrong later. Stop loading when `signal` says so.
 */
export type Open = (
  canvas: HTMLCanvasElement,
  model: StageModel,
  failed: (why: string) => void,
  signal: AbortSignal,
) => Promise<ModelRenderer>;

export type Kind = Exclude<StageModel["kind"], "none">;
export type Openers = Partial<Record<Kind, () => Promise<{ open: Open }>>>;

/** The kinds of models that this page draws; each is a file of its own. */
export const OPENERS: Openers = {
  vrm: () => import("./vrm/index.ts"),
  live2d: () => import("./live2d/index.ts"),
};

/** What the host is told. */
export interface Told {
  name: string;
  state: "shown" | "failed";
  detail: string;
}

/** A model that has not loaded by then is given up, in ms. */
const LOADING_MS = 60_000;
/** When a model that was lost is loaded again, in ms after each loss; after the last one it stays away. */
const AGAIN_MS = [2_000, 15_000, 60_000];
/** A model that stood so long is whole again: its losses are forgotten. */
const WHOLE_MS = 120_000;

const NOTHING: Renderer = {
  setLook: () => {},
  setEmotion: () => {},
  gesture: () => {},
  setState: () => {},
  state: "idle",
  setMouth: () => {},
  notice: () => {},
  draw: () => {},
  parameters: () => ({}),
};

/** The figure on the stage, whoever draws it. */
export class Figure implements Renderer {
  readonly #own: Renderer;
  readonly #ownCanvas: HTMLCanvasElement;
  readonly #tell: (told: Told) => void;
  readonly #openers: Openers;
  #model: ModelRenderer | null = null;
  #canvas: HTMLCanvasElement;
  #wanted: StageModel | null = null;
  #trying: AbortController | null = null;
  #again: ReturnType<typeof setTimeout> | undefined;
  #losses = 0;
  #since = 0;
  #emotion: Emotion = "neutral";
  #ratio = 1;

  /** `own` draws our figure on `canvas`, which is on the page. `tell` reports to the host. */
  constructor(canvas: HTMLCanvasElement, own: Renderer, tell: (told: Told) => void, openers: Openers = OPENERS) {
    this.#own = own;
    this.#ownCanvas = this.#canvas = canvas;
    this.#tell = tell;
    this.#openers = openers;
  }

  /** Show a model, or our own figure with null. One that failed is tried anew when it is asked for again. */
  wear(model: StageModel | null): void {
    const same = model?.kind === this.#wanted?.kind && model?.url === this.#wanted?.url;
    const mapped = JSON.stringify(model?.mapping) === JSON.stringify(this.#wanted?.mapping);
    const at = this.#wanted;
    this.#wanted = model;
    if (same && mapped && (this.#model || this.#trying || !model || model.kind === "none")) {
      if (at?.credit !== model?.credit) this.#credit();
      return;
    }
    if (same && model && this.#model?.remap) {
      this.#model.remap(model.mapping);
      return;
    }
    this.#losses = 0;
    this.#load();
  }

  /** Fit the pixels of what is shown to its size on the page. */
  fit(ratio: number): void {
    this.#ratio = ratio;
    size(this.#canvas, this.#canvas, ratio, this.#model ? undefined : this.#own.widest);
  }

  /** Whether the streamer's own model is on the stage. */
  get worn(): boolean {
    return this.#model !== null;
  }

  setLook(look: Look): void {
    this.#own.setLook(look);
    this.#model?.setLook(look);
  }

  setEmotion(emotion: Emotion): void {
    this.#emotion = emotion;
    this.#own.setEmotion(emotion);
    this.#model?.setEmotion(emotion);
  }

  gesture(gesture: Gesture): void {
    this.#now.gesture(gesture);
  }

  setState(state: State): void {
    this.#own.setState(state);
    this.#model?.setState(state);
  }

  get state(): State {
    return this.#own.state;
  }

  setMouth(open: number, form: number, shape: MouthShape | null = null): void {
    this.#now.setMouth(open, form, shape);
  }

  notice(what: Notice, strength?: number): void {
    this.#now.notice(what, strength);
  }

  setMood(emotion: Emotion, strength: number): void {
    this.#own.setMood?.(emotion, strength);
    this.#model?.setMood?.(emotion, strength);
  }

  draw(nowMs: number): void {
    const drawn = this.#now;
    try {
      drawn.draw(nowMs);
    } catch (error) {
      if (drawn !== this.#model) throw error;
      this.#failed(`it cannot be drawn: ${words(error)}`);
      this.#own.draw(nowMs);
    }
  }

  get elsewhereMs(): number {
    return this.#now.elsewhereMs ?? 0;
  }

  parameters(): Record<string, number> {
    return this.#now.parameters();
  }

  get #now(): Renderer {
    if (this.#wanted?.kind === "none") return NOTHING;
    return this.#model ?? this.#own;
  }

  #load(): void {
    this.#leave();
    const model = this.#wanted;
    if (!model) return;
    if (model.kind === "none") {
      this.#ownCanvas.hidden = true;
      this.#tell({ name: model.name, state: "shown", detail: "" });
      return;
    }
    const trying = new AbortController();
    this.#trying = trying;
    const { signal } = trying;
    this.#open(model, model.kind, signal).catch((error: unknown) => {
      if (!signal.aborted) this.#failed(words(error));
    });
  }

  async #open(model: StageModel, kind: Kind, signal: AbortSignal): Promise<void> {
    const canvas = document.createElement("canvas");
    size(canvas, this.#canvas, this.#ratio);
    const fetched = this.#openers[kind];
    if (!fetched) throw new Error(`this page draws no ${kind} models`);
    const lost = (why: string): void => {
      if (!signal.aborted) this.#failed(why, true);
    };
    const limit = setTimeout(() => lost(`it did not load within ${LOADING_MS / 1000} s`), LOADING_MS);
    try {
      const { open } = await fetched();
      const made = await open(canvas, model, lost, signal);
      if (signal.aborted) {
        made.dispose();
        return;
      }
      canvas.addEventListener("webglcontextlost", (event) => {
        event.preventDefault();
        lost("the browser took the graphics context away");
      });
      this.#show(made, canvas);
    } finally {
      clearTimeout(limit);
    }
  }

  #show(made: ModelRenderer, canvas: HTMLCanvasElement): void {
    made.setEmotion(this.#emotion);
    made.setState(this.#own.state);
    this.#model = made;
    this.#put(canvas);
    this.#since = performance.now();
    this.#credit();
    if (this.#wanted) this.#tell({ name: this.#wanted.name, state: "shown", detail: "" });
  }

  /** Put our own figure back and tell why; what may come back is tried again later. */
  #failed(why: string, again = false): void {
    const name = this.#wanted?.name ?? "";
    if (this.#model && performance.now() - this.#since > WHOLE_MS) this.#losses = 0;
    this.#leave();
    console.warn(`the model ${name} is not shown:`, why);
    this.#tell({ name, state: "failed", detail: why.slice(0, 300) });
    const wait = again ? AGAIN_MS[this.#losses++] : undefined;
    if (wait !== undefined) this.#again = setTimeout(() => this.#load(), wait);
  }

  #leave(): void {
    clearTimeout(this.#again);
    const trying = this.#trying;
    const model = this.#model;
    this.#trying = this.#model = null;
    trying?.abort();
    this.#ownCanvas.hidden = false;
    this.#put(this.#ownCanvas);
    this.fit(this.#ratio);
    this.#credit();
    try {
      model?.dispose();
    } catch (error) {
      console.warn("a model could not be taken down:", error);
    }
  }

  /** One canvas is on the page, and has the name that styles and layouts know. */
  #put(canvas: HTMLCanvasElement): void {
    if (canvas === this.#canvas) return;
    const before = this.#canvas;
    size(canvas, before, this.#ratio);
    canvas.id = before.id;
    before.replaceWith(canvas);
    this.#canvas = canvas;
  }

  /** Viewers read whose work they see, where its licence asks for it. */
  #credit(): void {
    const text = this.#model ? (this.#wanted?.credit ?? "") : "";
    let line = document.getElementById("credit");
    if (!text) {
      line?.remove();
      return;
    }
    if (!line) {
      line = document.createElement("p");
      line.id = "credit";
      document.body.append(line);
    }
    line.textContent = text;
  }
}

/**
 * As many pixels as `like` has on the page; a canvas that is not there yet takes the size of the one that is. Of a page
 * that is wider than `widest` times its height the canvas has the middle: each pixel of it is drawn in every frame, and
 * whatever else lies on the page beneath it and above it with it.
 */
function size(
  canvas: HTMLCanvasElement,
  like: HTMLCanvasElement,
  ratio: number,
  widest = Number.POSITIVE_INFINITY,
): void {
  const whole = Math.round(like.clientWidth * ratio);
  const height = Math.round(like.clientHeight * ratio);
  // As much less on the left as on the right, in whole pixels.
  const aside = Math.max(0, Math.floor((whole - height * widest) / 2));
  const width = whole - 2 * aside;
  canvas.style.objectFit = aside ? "contain" : "";
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
