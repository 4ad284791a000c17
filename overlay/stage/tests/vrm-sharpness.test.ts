import { describe, expect, it } from "vitest";
import { LEAST_SHARE, MAY_COST_MS, MOST_SHARE, Sharpness } from "../src/vrm/sharpness.ts";

/** Draw frames whose cost grows with their pixels, `whole` ms at the full share; return the costs that were seen. */
function drawn(sharpness: Sharpness, whole: number, frames: number): number[] {
  const seen: number[] = [];
  for (let n = 0; n < frames; n++) {
    if (!sharpness.due()) continue;
    const ms = whole * (sharpness.share / MOST_SHARE) ** 2;
    seen.push(ms);
    sharpness.note(ms);
  }
  return seen;
}

describe("a model without a graphics card", () => {
  it("is drawn less sharp until a frame costs what it may", () => {
    const sharpness = new Sharpness();
    drawn(sharpness, 60, 400);
    expect(sharpness.costMs).toBeLessThanOrEqual(MAY_COST_MS);
    expect(sharpness.share).toBeGreaterThan(LEAST_SHARE);
  });
  it("stays sharp where frames are cheap, and becomes so again", () => {
    const sharpness = new Sharpness();
    drawn(sharpness, 12, 400);
    expect(sharpness.share).toBe(MOST_SHARE);
    drawn(sharpness, 500, 400);
    expect(sharpness.share).toBe(LEAST_SHARE);
    drawn(sharpness, 12, 400);
    expect(sharpness.share).toBe(MOST_SHARE);
  });
  it("does not go back and forth, and times few frames", () => {
    const sharpness = new Sharpness();
    drawn(sharpness, 60, 400);
    const share = sharpness.share;
    expect(drawn(sharpness, 60, 240).length).toBe(10);
    expect(sharpness.share).toBe(share);
  });
});
