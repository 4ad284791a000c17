// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { EyesSide, StreamerSide } from "../src/streamer.ts";

let mark: HTMLElement;
let words: HTMLElement;
let side: StreamerSide;

beforeEach(() => {
  vi.useFakeTimers();
  mark = document.createElement("div");
  words = document.createElement("p");
  mark.hidden = words.hidden = true;
  side = new StreamerSide(mark, words, "ears off");
});
afterEach(() => vi.useRealTimers());

const ears = (state: "none" | "off" | "waiting" | "listening", shown = true) =>
  side.ears({ type: "ears", state, shown });
const heard = (text: string, final = false) => side.heard({ type: "heard", text, language: "en", final });

it("marks ears that are off, and those alone", () => {
  for (const state of ["none", "waiting", "listening"] as const) {
    ears(state);
    expect(mark.hidden).toBe(true);
  }
  ears("off", false);
  expect(mark.hidden).toBe(true);
  ears("off");
  expect([mark.hidden, mark.textContent]).toEqual([false, "ears off"]);
});

it("takes the streamer's words away when the ears are switched off", () => {
  heard("my password is");
  expect([words.hidden, words.textContent]).toEqual([false, "my password is"]);
  ears("off");
  expect([words.hidden, words.textContent]).toEqual([true, ""]);
});

it("shows what was said for a moment", () => {
  heard("hello", true);
  vi.advanceTimersByTime(2_500);
  expect(words.hidden).toBe(false);
  vi.advanceTimersByTime(200);
  expect([words.hidden, words.textContent]).toEqual([true, ""]);
  heard("hello");
  vi.advanceTimersByTime(5_000);
  heard("hello there");
  vi.advanceTimersByTime(5_000);
  expect(words.textContent).toBe("hello there");
});

it("marks eyes that are open, and those alone", () => {
  const eye = document.createElement("div");
  const sight = new EyesSide(eye, "eyes on");
  sight.eyes({ type: "eyes", open: true, shown: true });
  expect([eye.hidden, eye.textContent]).toEqual([false, "eyes on"]);
  sight.eyes({ type: "eyes", open: true, shown: false });
  expect(eye.hidden).toBe(true);
  sight.eyes({ type: "eyes", open: false, shown: true });
  expect(eye.hidden).toBe(true);
});
