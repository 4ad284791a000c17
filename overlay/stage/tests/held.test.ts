// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Held } from "../src/layers/held.ts";

let software = true;
vi.mock("../src/pace.ts", () => ({ drawsInSoftware: () => software }));

/** What the browser gives for a movement in CSS. */
function movement(target: Element, endTime: number) {
  return {
    pause: vi.fn(),
    finish: vi.fn(),
    currentTime: 0,
    effect: { target, getComputedTiming: () => ({ endTime }) },
  };
}

let card: HTMLElement;
let moving: ReturnType<typeof movement>[];
beforeEach(() => {
  vi.useFakeTimers();
  software = true;
  card = document.createElement("article");
  document.body.replaceChildren(card);
  moving = [movement(card, 500), movement(card, 1_500)];
  card.getAnimations = () => moving as unknown as Animation[];
});
afterEach(() => void vi.useRealTimers());

it("moves on with the host's pictures, to the end", () => {
  const held = new Held();
  held.frame(900);
  held.take(card);
  expect(card.classList).toContain("held");
  expect(moving.every(({ pause }) => pause.mock.calls.length === 1)).toBe(true);
  held.frame(1_000);
  held.frame(1_125);
  expect(moving.map(({ currentTime }) => currentTime)).toEqual([125, 125]);
  held.frame(1_600);
  expect(moving.map(({ finish }) => finish.mock.calls.length)).toEqual([1, 0]);
  held.frame(2_600);
  held.frame(2_700);
  expect(moving.map(({ finish }) => finish.mock.calls.length)).toEqual([1, 1]);
});

it("leaves movements alone where there is no picture to move with, or a graphics card", () => {
  const held = new Held();
  held.take(card);
  held.frame(0);
  vi.advanceTimersByTime(1_000);
  held.take(card);
  software = false;
  held.frame(1_000);
  held.take(card);
  expect(card.classList).not.toContain("held");
  expect(moving[0]?.pause).not.toHaveBeenCalled();
});

it("lets go of what was taken off the page, and holds nothing twice", () => {
  const held = new Held();
  held.frame(0);
  held.take(card);
  held.take(card);
  expect(moving[0]?.pause).toHaveBeenCalledTimes(1);
  held.frame(10);
  card.remove();
  held.frame(9_000);
  expect(moving[0]?.finish).not.toHaveBeenCalled();
});
