import { describe, expect, test } from "vitest";
import { type Clocks, drawAtPace, isSoftware, Pace } from "../src/pace.ts";

/** A browser whose frames cost `costMs`, on a screen of 60 refreshes a second. */
class Browser implements Clocks {
  #now = 0;
  #queue: { at: number; run: () => void }[] = [];
  /** Until then the page is hidden: no frame begins. */
  hiddenUntil = 0;
  /** How many frames were asked for. */
  asked = 0;
  #last = 0;

  constructor(public costMs: number) {}

  now(): number {
    return this.#now;
  }

  frame(call: (at: number) => void): void {
    const refresh = 1000 / 60;
    const now = Math.max(this.#now, this.hiddenUntil);
    const before = Math.floor(now / refresh) * refresh;
    // As Chromium does: asked after a rest, the frame of the refresh before begins at once.
    const late = before > this.#last + refresh / 2;
    const at = late ? before : Math.ceil((now + 0.01) / refresh) * refresh;
    this.asked++;
    this.#last = at;
    this.#queue.push({ at: late ? now + 0.5 : at, run: () => call(at) });
  }

  after(call: () => void): void {
    this.#queue.push({ at: this.#now, run: call });
  }

  later(call: () => void, ms: number): void {
    this.#queue.push({ at: this.#now + ms, run: call });
  }

  /** Work on the page's own thread. */
  spend(ms: number): void {
    this.#now += ms;
  }

  run(untilMs: number): void {
    for (;;) {
      this.#queue.sort((a, b) => a.at - b.at);
      const next = this.#queue[0];
      if (!next || next.at > untilMs) return;
      this.#queue.shift();
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
  }
}

/** Frames a second, and the share of a core that drawing takes, after the pace has settled. */
function measure(costMs: number, speaking: boolean, pace = new Pace(120, false)): { fps: number; share: number } {
  const browser = new Browser(costMs);
  const frames: number[] = [];
  drawAtPace(
    (at) => {
      frames.push(at);
      browser.spend(browser.costMs);
      return 0;
    },
    pace,
    () => speaking,
    browser,
  );
  browser.run(3_000);
  frames.length = 0;
  browser.run(13_000);
  return { fps: frames.length / 10, share: (frames.length * costMs) / 10_000 };
}

describe("the pace of drawing", () => {
  test("where a graphics card draws, every refresh has its frame", () => {
    expect(measure(1.5, true).fps).toBeCloseTo(60, 0);
    expect(measure(1.5, false).fps).toBeCloseTo(60, 0);
  });

  test.each([6, 10, 15, 20, 26])("a frame of %i ms leaves three quarters of a core while the host speaks", (cost) => {
    const { fps, share } = measure(cost, true);
    expect(share).toBeLessThanOrEqual(0.25);
    expect(fps).toBeGreaterThanOrEqual(7.5);
  });

  test("a resting avatar takes half of that, and never stands still", () => {
    expect(measure(10, false).share).toBeLessThanOrEqual(0.125);
    expect(measure(60, false).fps).toBeGreaterThanOrEqual(7);
    expect(measure(60, true).fps).toBeGreaterThanOrEqual(7);
  });

  test("the rate follows what frames cost, in both directions", () => {
    const pace = new Pace(120, false);
    for (let n = 0; n < 15; n++) pace.spent(24);
    const slow = pace.interval(true);
    for (let n = 0; n < 15; n++) pace.spent(1);
    expect(pace.interval(true)).toBeLessThan(slow);
    for (let n = 0; n < 15; n++) pace.spent(24);
    expect(pace.interval(true)).toBeCloseTo(slow);
  });

  test("one frame that had to wait for other work changes nothing", () => {
    const pace = new Pace(120, false);
    for (let n = 0; n < 14; n++) pace.spent(2);
    pace.spent(300);
    expect(pace.interval(true)).toBeCloseTo(1000 / 120);
  });

  test("what a frame costs where the page cannot see it counts as well", () => {
    const browser = new Browser(2);
    const frames: number[] = [];
    const draw = (at: number) => {
      frames.push(at);
      return 18;
    };
    drawAtPace(draw, new Pace(120, false), () => true, browser);
    browser.run(3_000);
    frames.length = 0;
    browser.run(13_000);
    expect((frames.length * 20) / 10_000).toBeLessThanOrEqual(0.25);
  });

  test("a page that was hidden draws on at its old rate", () => {
    const browser = new Browser(0);
    const pace = new Pace(120, false);
    const frames: number[] = [];
    drawAtPace(
      (at) => {
        frames.push(at);
        return 0;
      },
      pace,
      () => true,
      browser,
    );
    browser.run(1_000);
    browser.hiddenUntil = browser.now() + 60_000;
    browser.run(61_000);
    frames.length = 0;
    browser.run(62_500);
    expect(frames.length).toBeGreaterThan(50);
  });

  test.each([20, 30, 60])("of frames that cost %i ms no more are asked for than are drawn", (cost) => {
    const browser = new Browser(cost);
    let drawn = 0;
    drawAtPace(
      () => {
        drawn++;
        browser.spend(cost);
        return 0;
      },
      new Pace(120, true),
      () => true,
      browser,
    );
    browser.run(3_000);
    browser.asked = drawn = 0;
    browser.run(13_000);
    expect(drawn).toBeGreaterThan(70);
    expect(browser.asked / drawn).toBeLessThan(1.2);
  });

  test("an address that gives cores away lifts the limits of software", () => {
    expect(measure(12, true, new Pace(120, true, 2)).fps).toBeGreaterThan(50);
    expect(measure(12, true, new Pace(30, true, 2)).fps).toBeLessThanOrEqual(30.5);
    const { share } = measure(10, true, new Pace(120, true, 0.5));
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThanOrEqual(0.5);
  });

  test("no number of cores stops the pictures or is taken for endless", () => {
    for (const cores of [-1, 0.001, Number.NaN]) {
      const { fps, share } = measure(10, true, new Pace(120, true, cores));
      expect(fps).toBeGreaterThanOrEqual(7.5);
      expect(share).toBeLessThanOrEqual(0.25);
    }
    expect(measure(10, true, new Pace(60, true, Number.POSITIVE_INFINITY)).fps).toBeLessThanOrEqual(60.5);
  });

  test("?fps= is never exceeded", () => {
    expect(measure(1, true, new Pace(20, false)).fps).toBeLessThanOrEqual(20.5);
    expect(measure(1, true, new Pace(120, true)).fps).toBeLessThanOrEqual(20.5);
  });
});

test.each([
  ["ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)", true],
  ["llvmpipe (LLVM 15.0.7, 256 bits)", true],
  ["ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0)", true],
  ["ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)", false],
  ["Apple M2", false],
  ["Mesa Intel(R) UHD Graphics 620 (KBL GT2)", false],
])("%s draws in software: %s", (name, software) => {
  expect(isSoftware(name)).toBe(software);
});
