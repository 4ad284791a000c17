import { expect, it } from "vitest";
import { Backoff } from "../backoff.ts";

it("doubles up to the cap and starts over", () => {
  const waits = new Backoff(200, 3_000, () => 1);
  expect(Array.from({ length: 7 }, () => waits.next())).toEqual([200, 400, 800, 1600, 3000, 3000, 3000]);
  waits.reset();
  expect(waits.next()).toBe(200);
});

it("jitters to between half and all of a wait", () => {
  expect(new Backoff(200, 3_000, () => 0).next()).toBe(100);
  const drawn = new Set(Array.from({ length: 20 }, () => new Backoff().next()));
  expect(drawn.size).toBeGreaterThan(1);
  for (const wait of drawn) {
    expect(wait).toBeGreaterThanOrEqual(100);
    expect(wait).toBeLessThanOrEqual(200);
  }
});
