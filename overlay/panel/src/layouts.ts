/** What the layout editor does to a layout: begin with one, move, size, undo. All of it without a page. */
import type { Box, Layout } from "./api-layouts.ts";

export type Shape = Layout["shape"];
export type LayerName = Box["layer"];

/** Layers that have a place of their own; the others cover the page, or have nothing to be placed. */
export const PLACED = [
  "avatar",
  "captions",
  "chat",
  "answer",
  "alerts",
  "goals",
  "vote",
  "segment",
  "clock",
  "playing",
  "label",
] as const satisfies readonly LayerName[];
export const COVERING = ["screens", "stinger", "streamer"] as const satisfies readonly LayerName[];

/** Steps of a box, its least extent, and how near an edge or the middle draws it there, in percent of the page. */
const STEP = 0.5;
const LEAST = 4;
const DRAWS = 0.9;
/** Distances from the page's edge at which boxes like to stand, in percent. */
const MARGINS = [0, 2, 50, 98, 100] as const;
const MOST_UNDONE = 100;
/** The AI label's letters are at least so large, and its box stays on the page, as the host asks. */
const LEAST_LABEL = 0.7;

const at = (layer: LayerName, x: number, y: number, w: number, h: number, size = 1): Box => ({
  layer,
  x,
  y,
  w,
  h,
  size,
});

/** Where a layer stands when it is added. */
const PLACES: Record<Shape, Record<LayerName, Box>> = {
  wide: {
    avatar: at("avatar", 0, 0, 100, 100),
    captions: at("captions", 12, 76, 76, 20),
    chat: at("chat", 72, 14, 26, 58),
    answer: at("answer", 26, 60, 44, 14),
    alerts: at("alerts", 22, 8, 48, 22),
    goals: at("goals", 2, 54, 25, 18),
    vote: at("vote", 2, 18, 25, 34),
    segment: at("segment", 2, 3, 25, 12),
    clock: at("clock", 89, 7, 9, 6),
    playing: at("playing", 2, 88, 22, 9),
    label: at("label", 82, 2, 16, 5),
    screens: at("screens", 0, 0, 100, 100),
    stinger: at("stinger", 0, 0, 100, 100),
    streamer: at("streamer", 0, 0, 100, 100),
  },
  tall: {
    avatar: at("avatar", 0, 4, 100, 68),
    captions: at("captions", 5, 58, 90, 15),
    chat: at("chat", 4, 75, 92, 23, 1.2),
    answer: at("answer", 6, 49, 88, 8),
    alerts: at("alerts", 4, 43, 92, 12),
    goals: at("goals", 4, 9, 44, 7),
    vote: at("vote", 4, 28, 50, 18),
    segment: at("segment", 4, 3, 58, 6),
    clock: at("clock", 76, 6, 20, 4),
    playing: at("playing", 50, 10, 46, 5),
    label: at("label", 64, 1.5, 34, 3),
    screens: at("screens", 0, 0, 100, 100),
    stinger: at("stinger", 0, 0, 100, 100),
    streamer: at("streamer", 0, 0, 100, 100),
  },
};

/** The layouts that one begins with, by name. */
export const BEGINNINGS = {
  talk: ["avatar", "captions", "chat", "alerts", "goals", "segment", "clock", "screens", "stinger", "label"],
  host: ["avatar", "captions", "label"],
  game: ["avatar", "captions", "chat", "alerts", "label"],
} as const satisfies Record<string, readonly LayerName[]>;
export type Beginning = keyof typeof BEGINNINGS;

/** A layout to begin with. In "game" the host stands small in a corner beside what is played. */
export function begin(beginning: Beginning, shape: Shape): Layout {
  const boxes = BEGINNINGS[beginning].map((layer) => ({ ...PLACES[shape][layer] }));
  if (beginning === "game") {
    const wide = shape === "wide";
    for (const box of boxes) {
      if (box.layer === "avatar")
        Object.assign(box, wide ? { x: 68, y: 52, w: 32, h: 48 } : { x: 0, y: 66, w: 60, h: 34 });
      if (box.layer === "captions") Object.assign(box, wide ? { x: 4, w: 62, size: 0.8 } : { y: 54, h: 12, size: 0.9 });
      if (box.layer === "chat")
        Object.assign(box, wide ? { x: 76, y: 10, w: 22, h: 40, size: 0.9 } : { x: 58, y: 68, w: 40, h: 30, size: 1 });
    }
  }
  return { shape, theme: null, platforms: [], boxes };
}

/** The same layers in the other shape, each where it stands there by itself. */
export function reshaped(layout: Layout, shape: Shape): Layout {
  return { ...layout, shape, boxes: layout.boxes.map(({ layer }) => ({ ...PLACES[shape][layer] })) };
}

/** A layer more, or one fewer; the label stays while the host is there. */
export function toggled(layout: Layout, layer: LayerName): Layout {
  const there = layout.boxes.some((box) => box.layer === layer);
  const host = layout.boxes.some((box) => box.layer === "avatar");
  if (there && layer === "label" && host) return layout;
  if (there && layout.boxes.length === 1) return layout;
  let boxes = there
    ? layout.boxes.filter((box) => box.layer !== layer)
    : layer === "avatar"
      ? [{ ...PLACES[layout.shape].avatar }, ...layout.boxes]
      : [...layout.boxes, { ...PLACES[layout.shape][layer] }];
  if (!there && layer === "avatar" && !boxes.some((box) => box.layer === "label"))
    boxes = [...boxes, { ...PLACES[layout.shape].label }];
  return { ...layout, boxes };
}

/** A layout with one box changed, kept to what the host takes. */
export function changed(layout: Layout, layer: LayerName, to: Partial<Omit<Box, "layer">>): Layout {
  return {
    ...layout,
    boxes: layout.boxes.map((box) => (box.layer === layer ? bounded({ ...box, ...to }) : box)),
  };
}

/** A layer above all others, or below them. */
export function raised(layout: Layout, layer: LayerName, up: boolean): Layout {
  const box = layout.boxes.find((one) => one.layer === layer);
  const others = layout.boxes.filter((one) => one.layer !== layer);
  if (!box) return layout;
  return { ...layout, boxes: up ? [...others, box] : [box, ...others] };
}

/** A box that was moved, drawn to the page's margins and middle where it is near. */
export function drawn(box: Box): Box {
  return { ...box, x: near(box.x, box.w), y: near(box.y, box.h) };
}

function near(from: number, extent: number): number {
  for (const line of MARGINS) {
    if (line === 50 && Math.abs(from + extent / 2 - 50) < DRAWS) return 50 - extent / 2;
    if (line < 50 && Math.abs(from - line) < DRAWS) return line;
    if (line > 50 && Math.abs(from + extent - line) < DRAWS) return line - extent;
  }
  return from;
}

function bounded(box: Box): Box {
  const label = box.layer === "label";
  const w = clamp(stepped(box.w), LEAST, label ? 100 : 150);
  const h = clamp(stepped(box.h), label ? 2 : LEAST, label ? 100 : 150);
  const size = clamp(Math.round(box.size * 20) / 20, label ? LEAST_LABEL : 0.4, 3);
  // Something of every box stays where it can be taken hold of.
  const x = label ? clamp(stepped(box.x), 0, 100 - w) : clamp(stepped(box.x), Math.max(-50, 3 - w), 97);
  const y = label ? clamp(stepped(box.y), 0, 100 - h) : clamp(stepped(box.y), Math.max(-50, 3 - h), 97);
  return { ...box, x, y, w, h, size };
}

const stepped = (value: number): number => (Number.isFinite(value) ? Math.round(value / STEP) * STEP : 0);
const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** What was done, to be undone and done again. */
export class History<T> {
  readonly #before: T[] = [];
  readonly #after: T[] = [];

  get canUndo(): boolean {
    return this.#before.length > 0;
  }

  get canRedo(): boolean {
    return this.#after.length > 0;
  }

  /** Note how it was before a change. */
  note(before: T): void {
    this.#before.push(before);
    if (this.#before.length > MOST_UNDONE) this.#before.shift();
    this.#after.length = 0;
  }

  undo(now: T): T {
    const found = this.#before.pop();
    if (found === undefined) return now;
    this.#after.push(now);
    return found;
  }

  redo(now: T): T {
    const found = this.#after.pop();
    if (found === undefined) return now;
    this.#before.push(now);
    return found;
  }
}

/** Widths and heights of a source in OBS, from 720p to 4K. */
export function sizesOf(shape: Shape): { name: string; width: number; height: number }[] {
  const sizes = [
    ["720p", 1280, 720],
    ["1080p", 1920, 1080],
    ["1440p", 2560, 1440],
    ["4K", 3840, 2160],
  ] as const;
  return sizes.map(([name, long, short]) =>
    shape === "wide" ? { name, width: long, height: short } : { name, width: short, height: long },
  );
}

/** The address of the stage page with a layout; `base` has the key. */
export function addressOf(base: string, name: string, language: string): string {
  const address = new URL(base, location.href);
  address.searchParams.set("layout", name);
  address.searchParams.set("lang", language);
  return address.href;
}

/** The address of the page that shows a layout while it is being changed. */
export function previewOf(base: string, language: string): string {
  const address = new URL(addressOf(base, "_", language));
  address.searchParams.set("sample", "1");
  address.searchParams.set("role", "view");
  return address.href;
}
