// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Layout } from "../src/api-layouts.ts";
import {
  addressOf,
  BEGINNINGS,
  begin,
  changed,
  drawn,
  History,
  previewOf,
  raised,
  reshaped,
  sizesOf,
  toggled,
} from "../src/layouts.ts";
import { Page, settle, tell } from "./page.ts";

const boxOf = (layout: Layout, layer: string) => layout.boxes.find((box) => box.layer === layer);

describe("a layout in the editor", () => {
  it("begins with layers that the host takes, in both shapes, always with the label beside the host", () => {
    for (const name of Object.keys(BEGINNINGS) as (keyof typeof BEGINNINGS)[])
      for (const shape of ["wide", "tall"] as const) {
        const layout = begin(name, shape);
        expect(new Set(layout.boxes.map(({ layer }) => layer)).size).toBe(layout.boxes.length);
        expect(boxOf(layout, "label")).toBeDefined();
        for (const { x, y, w, h } of layout.boxes)
          expect([x >= 0, y >= 0, x + w <= 100, y + h <= 100]).toEqual([true, true, true, true]);
      }
  });

  it("keeps the label while the host is there, and brings it with the host", () => {
    const layout = begin("host", "wide");
    expect(toggled(layout, "label")).toBe(layout);
    const without = toggled(toggled(layout, "avatar"), "label");
    expect(without.boxes.map(({ layer }) => layer)).toEqual(["captions"]);
    expect(toggled(without, "captions")).toBe(without);
    expect(toggled(without, "avatar").boxes.map(({ layer }) => layer)).toEqual(["avatar", "captions", "label"]);
  });

  it("lets a box move as far as it can still be taken hold of, and the label not at all off the page", () => {
    const layout = begin("talk", "wide");
    expect(boxOf(changed(layout, "chat", { x: 400, y: -400 }), "chat")).toMatchObject({ x: 97, y: -50 });
    expect(boxOf(changed(layout, "chat", { w: -3, size: 90 }), "chat")).toMatchObject({ w: 4, size: 3 });
    expect(boxOf(changed(layout, "label", { x: 99, y: -9, size: 0.1 }), "label")).toMatchObject({
      x: 84,
      y: 0,
      size: 0.7,
    });
    expect(boxOf(changed(layout, "chat", { x: Number.NaN }), "chat")?.x).toBe(0);
  });

  it("draws a box to the margins and to the middle", () => {
    const box = { layer: "chat", x: 2.6, y: 34.7, w: 30, h: 30, size: 1 } as const;
    expect(drawn(box)).toMatchObject({ x: 2, y: 35 });
    expect(drawn({ ...box, x: 67.5, y: 20 })).toMatchObject({ x: 68, y: 20 });
  });

  it("puts a layer on top or below, and each where it belongs when the page is turned upright", () => {
    const layout = begin("talk", "wide");
    expect(raised(layout, "chat", true).boxes.at(-1)?.layer).toBe("chat");
    expect(raised(layout, "chat", false).boxes[0]?.layer).toBe("chat");
    const tall = reshaped(layout, "tall");
    expect(tall.boxes.map(({ layer }) => layer)).toEqual(layout.boxes.map(({ layer }) => layer));
    expect(sizesOf("tall").at(-1)).toEqual({ name: "4K", width: 2160, height: 3840 });
  });

  it("is undone and done again", () => {
    const history = new History<number>();
    history.note(1);
    history.note(2);
    expect(history.undo(3)).toBe(2);
    expect(history.undo(2)).toBe(1);
    expect([history.undo(1), history.canUndo, history.canRedo]).toEqual([1, false, true]);
    expect(history.redo(1)).toBe(2);
    history.note(2);
    expect(history.canRedo).toBe(false);
  });

  it("has an address with its name, and a preview that makes no sound", () => {
    expect(addressOf("http://host/stage/?token=k", "晚间 talk", "zh")).toContain("layout=%E6%99%9A%E9%97%B4+talk");
    const { searchParams } = new URL(previewOf("http://host/stage/?token=k", "en"));
    expect([searchParams.get("sample"), searchParams.get("role")]).toEqual(["1", "view"]);
  });
});

const page = new Page();
const card = () => page.root.querySelector<HTMLElement>('[aria-label="Stage layouts"]');
const kept = { name: "Talk", revision: 3, layout: begin("talk", "wide") };
const copied: string[] = [];

beforeEach(() => {
  copied.length = 0;
  vi.stubGlobal("navigator", {
    languages: ["en"],
    clipboard: { writeText: async (text: string) => void copied.push(text) },
  });
});

async function press(...words: string[]): Promise<void> {
  for (const one of words) {
    const buttons = [...(card()?.querySelectorAll("button") ?? [])];
    buttons.find((button) => button.textContent?.trim() === one)?.click();
    await settle();
  }
}

async function unfold(list: unknown[]): Promise<void> {
  page.answer = ({ path, method, body }) => {
    if (path === "/api/layouts") return { status: 200, body: list };
    if (method === "PUT") {
      const order = body as { revision: number; layout: Layout };
      return { status: 200, body: { name: "Talk", revision: order.revision + 1, layout: order.layout } };
    }
    return { status: 200, body: { ok: true, detail: "" } };
  };
  await tell();
  await press("Set up");
}

const box = (words: string) => card()?.querySelector<HTMLElement>(`.box[aria-label^="${words}:"]`);
const put = () => page.asked.filter(({ method }) => method === "PUT");

it("moves and sizes a layer by keys, undoes it, and saves what was changed of the revision that was opened", async () => {
  await unfold([kept]);
  const arrow = async (key: string, more: KeyboardEventInit = {}) => {
    box("Chat")?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
    await settle();
  };
  await arrow("ArrowLeft", { shiftKey: true });
  await arrow("ArrowDown", { altKey: true });
  expect(box("Chat")?.getAttribute("style")).toContain("left: 67%");
  await press("Undo");
  expect(box("Chat")?.getAttribute("style")).toContain("height: 58%");
  expect(card()?.textContent).toContain("Not saved yet");
  await press("Save");
  const [order] = put();
  expect(order?.path).toBe("/api/layouts/Talk");
  const sent = order?.body as { revision: number; layout: Layout };
  expect([sent.revision, boxOf(sent.layout, "chat")?.x]).toEqual([3, 67]);
  expect(card()?.textContent).not.toContain("Not saved yet");
  await press("Copy the address");
  expect(new URL(copied[0] ?? "").searchParams.get("layout")).toBe("Talk");
});

it("drags a layer by pointer", async () => {
  await unfold([kept]);
  const canvas = card()?.querySelector<HTMLElement>(".canvas");
  if (canvas) canvas.getBoundingClientRect = () => ({ width: 1000, height: 500 }) as DOMRect;
  const point = (type: string, x: number, y: number) => {
    const event = new MouseEvent(type, { bubbles: true, clientX: x, clientY: y, button: 0 });
    Object.assign(event, { pointerId: 1 });
    (type === "pointerdown" ? box("Chat") : canvas)?.dispatchEvent(event);
  };
  point("pointerdown", 800, 200);
  point("pointermove", 700, 250);
  point("pointermove", 600, 300);
  point("pointerup", 600, 300);
  await settle();
  expect(box("Chat")?.getAttribute("style")).toMatch(/left: 52%; top: 34%/u);
  await press("Undo");
  expect(box("Chat")?.getAttribute("style")).toContain("left: 72%");
});

it("begins anew, changes shape and theme, and does not overwrite a layout of the same name", async () => {
  await unfold([kept]);
  await press("New", "Beside a game", "9:16", "Neon");
  await page.type('[aria-label="Stage layouts"] form input', "Talk");
  await press("Save");
  expect(put()).toEqual([]);
  expect(page.text).toContain("There is a layout of that name");
  await page.type('[aria-label="Stage layouts"] form input', "Other");
  await press("Save");
  const sent = put()[0]?.body as { revision: number; layout: Layout };
  expect([sent.revision, sent.layout.shape, sent.layout.theme]).toEqual([0, "tall", "neon"]);
});
