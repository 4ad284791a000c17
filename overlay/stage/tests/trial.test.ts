import { expect, test, vi } from "vitest";
import type { Figure } from "../src/renderers.ts";
import { take } from "../src/trial.ts";

function figure(): { figure: Figure; told: unknown[][] } {
  const told: unknown[][] = [];
  const note =
    (name: string) =>
    (...args: unknown[]): void => {
      told.push([name, ...args]);
    };
  const names = ["wear", "setEmotion", "gesture", "setMouth", "setState"];
  return { figure: Object.fromEntries(names.map((name) => [name, note(name)])) as unknown as Figure, told };
}

test("a model is worn, a face made, a gesture played; what is no message of ours does nothing", () => {
  const { figure: one, told } = figure();
  for (const wrong of [
    null,
    3,
    "x",
    {},
    { type: "other", emotion: "joy" },
    { type: "haishin-trial", emotion: "toString" },
  ]) {
    take(one, wrong);
  }
  expect(told).toEqual([]);
  const model = { kind: "live2d", name: "mei", url: "/stage/models/mei/a.json", credit: "", mapping: {} };
  take(one, { type: "haishin-trial", model, emotion: "joy", gesture: "wave" });
  expect(told).toEqual([
    ["wear", model],
    ["setEmotion", "joy"],
    ["gesture", "wave"],
  ]);
});

test("it speaks for as long as was asked, and shuts its mouth", () => {
  vi.useFakeTimers();
  const { figure: one, told } = figure();
  take(one, { type: "haishin-trial", speak: 1 });
  vi.advanceTimersByTime(900);
  const opened = told.filter(([name]) => name === "setMouth").map(([, open]) => Number(open));
  expect(Math.max(...opened)).toBeGreaterThan(0.4);
  vi.advanceTimersByTime(1_000);
  expect(told.at(-1)).toEqual(["setState", "idle"]);
  expect(told.at(-2)).toEqual(["setMouth", 0, 0]);
  vi.useRealTimers();
});
