import { describe, expect, test } from "vitest";
import { css, lighten, lightness, mix, multiply, parse } from "../src/avatar/colour.ts";
import { EXPRESSIONS, STATES } from "../src/avatar/expressions.ts";
import { Blink, Gaze, wander } from "../src/avatar/life.ts";
import { limit, PARAMETER_NAMES, PARAMETERS, type Pose, rest } from "../src/avatar/pose.ts";
import { approach, clamp, Spring, smoothstep } from "../src/avatar/spring.ts";

const FRAME = 1 / 60;

/** Repeatable numbers between 0 and 1. */
function numbers(seed = 7): () => number {
  let state = seed;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}

describe("colours", () => {
  test("a colour that is none becomes the fallback", () => {
    expect(parse("#2fb7c9", [0, 0, 0])).toEqual([47, 183, 201]);
    for (const wrong of ["", "red", "#fff", "#12345g", "#1234567", "#123456\n", "url(x)"]) {
      expect(parse(wrong, [1, 2, 3])).toEqual([1, 2, 3]);
    }
  });

  test("mixing, shading and writing", () => {
    expect(mix([0, 0, 0], [100, 200, 50], 0.5)).toEqual([50, 100, 25]);
    expect(multiply([200, 100, 50], [255, 0, 255])).toEqual([200, 0, 50]);
    expect(lighten([0, 0, 0], 1)).toEqual([255, 255, 255]);
    expect(lightness([255, 255, 255])).toBeCloseTo(1);
    expect(css([1.4, 2.6, 3])).toBe("rgb(1,3,3)");
    expect(css([1, 2, 3], 0.5)).toBe("rgba(1,2,3,0.5)");
  });
});

describe("springs", () => {
  test.each([10, 30, 60, 144])("comes to rest on the target at %i frames a second", (fps) => {
    const spring = new Spring(4, 0.8);
    for (let i = 0; i < 3 * fps; i++) spring.step(1, 1 / fps);
    expect(spring.value).toBeCloseTo(1, 3);
  });

  test("swings over when damped little, never when damped fully", () => {
    const highest = (damping: number): number => {
      const spring = new Spring(3, damping);
      let high = 0;
      for (let i = 0; i < 120; i++) high = Math.max(high, spring.step(1, FRAME));
      return high;
    };
    expect(highest(0.2)).toBeGreaterThan(1.3);
    expect(highest(1)).toBeLessThan(1.001);
  });

  test("approach does not depend on the frame rate", () => {
    let slow = 0;
    let fast = 0;
    for (let i = 0; i < 30; i++) slow = approach(slow, 1, 14, 1 / 30);
    for (let i = 0; i < 120; i++) fast = approach(fast, 1, 14, 1 / 120);
    expect(slow).toBeCloseTo(fast, 10);
  });

  test("bounds and steps", () => {
    expect([clamp(-2, 0, 1), clamp(2, 0, 1), clamp(0.4, 0, 1), clamp(Number.NaN, 0, 1)]).toEqual([0, 1, 0.4, 0]);
    expect([smoothstep(0, 2, -1), smoothstep(0, 2, 1), smoothstep(0, 2, 3)]).toEqual([0, 0.5, 1]);
  });
});

describe("pose", () => {
  test("limit bounds every parameter and repairs what is no number", () => {
    const pose = rest();
    for (const name of PARAMETER_NAMES) pose[name] = 1e9;
    limit(pose);
    for (const name of PARAMETER_NAMES) expect(pose[name]).toBe(PARAMETERS[name].high);
    pose.ParamAngleX = Number.NaN;
    expect(limit(pose).ParamAngleX).toBe(0);
  });

  test("rest lies within the bounds", () => {
    for (const name of PARAMETER_NAMES) {
      const { rest: calm, low, high } = PARAMETERS[name];
      expect(calm).toBeGreaterThanOrEqual(low);
      expect(calm).toBeLessThanOrEqual(high);
    }
  });
});

describe("expressions", () => {
  const changes = Object.entries({ ...EXPRESSIONS, stopped: STATES.stopped, offline: STATES.offline });

  test.each(changes)("%s stays within the bounds", (_, change) => {
    for (const name of PARAMETER_NAMES) {
      const value = change[name];
      if (value === undefined) continue;
      expect(value).toBeGreaterThanOrEqual(PARAMETERS[name].low);
      expect(value).toBeLessThanOrEqual(PARAMETERS[name].high);
    }
  });

  test("any two differ clearly in eyes, brows or mouth", () => {
    const seen = PARAMETER_NAMES.filter((name) => /Eye|Brow|Mouth|Cheek/u.test(name));
    const at = (change: Partial<Pose>, name: keyof Pose): number => change[name] ?? PARAMETERS[name].rest;
    const faces = Object.entries(EXPRESSIONS);
    expect(faces).toHaveLength(14);
    for (const [i, [one, a]] of faces.entries()) {
      for (const [two, b] of faces.slice(i + 1)) {
        const distance = Math.sqrt(seen.reduce((sum, name) => sum + (at(a, name) - at(b, name)) ** 2, 0));
        expect(distance, `${one} and ${two}`).toBeGreaterThan(0.75);
      }
    }
  });
});

describe("life", () => {
  test("blinks are short, complete, and 8 to 40 a minute", () => {
    const blink = new Blink(numbers());
    let count = 0;
    let shut = false;
    let longest = 0;
    let since = 0;
    for (let t = 0; t < 120; t += FRAME) {
      const closed = blink.step(FRAME);
      since = closed > 0.05 ? since + FRAME : 0;
      longest = Math.max(longest, since);
      if (closed > 0.9 && !shut) count++;
      shut = closed > (shut ? 0.3 : 0.9);
    }
    expect(count).toBeGreaterThan(16);
    expect(count).toBeLessThan(80);
    expect(longest).toBeLessThan(0.35);
  });

  test("the gaze moves and stays on the face", () => {
    const gaze = new Gaze(numbers());
    const xs: number[] = [];
    for (let t = 0; t < 60; t += FRAME) {
      gaze.step(FRAME, false);
      xs.push(gaze.x);
      expect(Math.abs(gaze.x)).toBeLessThanOrEqual(0.75);
      expect(Math.abs(gaze.y)).toBeLessThanOrEqual(0.5);
    }
    expect(Math.max(...xs) - Math.min(...xs)).toBeGreaterThan(0.4);
  });

  test("wander stays within one", () => {
    for (let t = 0; t < 500; t += 0.37) expect(Math.abs(wander(t, 3))).toBeLessThanOrEqual(1);
  });
});
