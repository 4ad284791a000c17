import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { EXPRESSIONS } from "../src/avatar/expressions.ts";
import { MOTIONS } from "../src/avatar/gestures.ts";
import { PARAMETER_NAMES } from "../src/avatar/pose.ts";
import { createBuiltin } from "../src/builtin/index.ts";
import { ACCESSORIES, LOOKS, type Wish } from "../src/builtin/looks.ts";
import { drawScene } from "../src/scenes/index.ts";
import { type Hour, LIGHTS, type SceneName } from "../src/scenes/light.ts";

/** A canvas that draws nothing and lets no bad number through: browsers drop a path with a NaN without a word. */
const seen = { fills: 0, strokes: 0, depth: 0, deepest: 0, colours: new Set<string>() };

function check(args: readonly unknown[]): void {
  for (const arg of args) {
    if (typeof arg === "number" && !Number.isFinite(arg)) throw new Error(`a coordinate is ${arg}`);
  }
}

class FakePath {
  constructor() {
    for (const name of ["moveTo", "lineTo", "bezierCurveTo", "quadraticCurveTo", "closePath", "addPath", "roundRect"]) {
      Object.assign(this, { [name]: (...args: unknown[]) => check(args) });
    }
    for (const name of ["arc", "ellipse"]) {
      Object.assign(this, {
        [name]: (...args: number[]) => {
          check(args);
          const radii = name === "arc" ? args.slice(2, 3) : args.slice(2, 4);
          if (radii.some((radius) => radius < 0)) throw new RangeError("a radius below 0");
        },
      });
    }
  }
}

function gradient(...args: number[]): object {
  check(args);
  return {
    addColorStop: (at: number, colour: string) => {
      if (!(at >= 0 && at <= 1)) throw new RangeError(`a stop at ${at}`);
      if (!/^(#[0-9a-f]{6}|rgba?\([\d.,]+\))$/u.test(colour)) throw new Error(`not a colour: ${colour}`);
      seen.colours.add(colour);
    },
  };
}

function fakeCanvas(width: number, height: number): HTMLCanvasElement {
  const canvas = { width, height };
  const ctx = {
    canvas,
    globalAlpha: 1,
    save: () => {
      seen.depth++;
      seen.deepest = Math.max(seen.deepest, seen.depth);
    },
    restore: () => {
      seen.depth--;
      if (seen.depth < 0) throw new Error("restored more than saved");
    },
    fill: () => seen.fills++,
    stroke: () => seen.strokes++,
    clip: () => {},
    createLinearGradient: gradient,
    createRadialGradient: (...args: number[]) => {
      if ((args[2] ?? 0) < 0 || (args[5] ?? 0) < 0) throw new RangeError("a radius below 0");
      return gradient(...args);
    },
    ...Object.fromEntries(
      [
        "setTransform",
        "translate",
        "rotate",
        "scale",
        "clearRect",
        "fillRect",
        "beginPath",
        "moveTo",
        "lineTo",
        "bezierCurveTo",
        "quadraticCurveTo",
        "closePath",
        "ellipse",
        "arc",
        "rect",
        "drawImage",
      ].map((name) => [name, (...args: unknown[]) => check(args)]),
    ),
  };
  return Object.assign(canvas, { getContext: () => ctx }) as unknown as HTMLCanvasElement;
}

const LOOK: Wish = LOOKS.mira ?? {};

beforeAll(() => vi.stubGlobal("Path2D", FakePath));
afterAll(() => vi.unstubAllGlobals());
beforeEach(() => {
  Object.assign(seen, { fills: 0, strokes: 0, depth: 0, deepest: 0, colours: new Set<string>() });
});

function play(look: Wish, prepare: (avatar: ReturnType<typeof createBuiltin>) => void, seconds = 1.2): void {
  const avatar = createBuiltin(fakeCanvas(1280, 720), look, () => 0.4);
  prepare(avatar);
  for (let ms = 0; ms < seconds * 1000; ms += 50) avatar.draw(ms);
  expect(seen.depth).toBe(0);
}

describe("every look draws", () => {
  test.each(Object.keys(LOOKS))("%s", (name) => {
    play(LOOKS[name] ?? {}, (avatar) => avatar.gesture("shake"));
    expect(seen.fills).toBeGreaterThan(24 * 100);
  });

  test.each(ACCESSORIES)("accessory: %s", (accessory) => {
    play({ ...LOOK, accessory }, () => {});
    const { fills, strokes } = seen;
    seen.fills = seen.strokes = 0;
    play({ ...LOOK, accessory: "none" }, () => {});
    if (accessory !== "none") expect(fills + strokes).toBeGreaterThan(seen.fills + seen.strokes);
  });

  test("wrong colours and unknown shapes fall back", () => {
    const wrong = { ...LOOK, hair: "javascript:alert(1)", eyes: 7, style: "__proto__", accessory: "crown", face: {} };
    play(wrong, () => {});
    expect(seen.fills).toBeGreaterThan(0);
  });
});

describe("every face draws", () => {
  test.each(Object.keys(EXPRESSIONS) as (keyof typeof EXPRESSIONS)[])("%s", (emotion) => {
    play(LOOK, (avatar) => {
      avatar.setEmotion(emotion);
      avatar.setMouth(0.7, -1);
    });
  });

  test.each(["idle", "thinking", "speaking", "stopped", "offline"] as const)("state: %s", (state) => {
    play(LOOK, (avatar) => avatar.setState(state), 2);
  });

  test.each(Object.keys(MOTIONS) as (keyof typeof MOTIONS)[])("gesture: %s", (gesture) => {
    play(LOOK, (avatar) => avatar.gesture(gesture as never), MOTIONS[gesture].seconds + 0.2);
  });
});

describe("avatar", () => {
  test("names its parameters", () => {
    const avatar = createBuiltin(fakeCanvas(640, 360), LOOK);
    avatar.draw(0);
    const parameters = avatar.parameters();
    expect(Object.keys(parameters)).toEqual(PARAMETER_NAMES);
    parameters.ParamAngleX = 99;
    expect(avatar.parameters().ParamAngleX).not.toBe(99);
  });

  test("a new look is drawn in its colours, and the face keeps its mood", () => {
    const avatar = createBuiltin(fakeCanvas(1280, 720), LOOK);
    avatar.setEmotion("laugh");
    for (let ms = 0; ms < 2000; ms += 20) avatar.draw(ms);
    seen.colours.clear();
    avatar.setLook({ ...LOOK, skin: "#000000" } as never);
    avatar.draw(2020);
    expect([...seen.colours].some((colour) => colour.startsWith("rgba(140,"))).toBe(true);
    expect(avatar.parameters().ParamMouthOpenY).toBeGreaterThan(0.7);
  });

  test.each([
    [1, 1],
    [0, 0],
    [3840, 2160],
    [300, 1200],
  ])("fits a canvas of %i × %i", (width, height) => {
    const avatar = createBuiltin(fakeCanvas(width, height), LOOK);
    avatar.draw(0);
    avatar.draw(16);
    expect(seen.depth).toBe(0);
  });

  test("a clock that stands still or runs back does no harm", () => {
    const avatar = createBuiltin(fakeCanvas(1280, 720), LOOK);
    for (const now of [1000, 1000, 500, 10_000_000]) avatar.draw(now);
    for (const value of Object.values(avatar.parameters())) expect(Number.isFinite(value)).toBe(true);
  });
});

describe("scenes", () => {
  const names = Object.keys(LIGHTS) as SceneName[];

  test.each(names.flatMap((name) => (["day", "night"] as Hour[]).map((hour) => [name, hour] as const)))(
    "%s by %s is drawn whole in any shape of page",
    (name, hour) => {
      vi.stubGlobal("document", { createElement: () => fakeCanvas(1, 1) });
      try {
        for (const [width, height] of [
          [1280, 720],
          [720, 1280],
          [2, 2],
        ] as const) {
          seen.fills = seen.depth = 0;
          drawScene(fakeCanvas(width, height), name, hour);
          expect(seen.fills).toBeGreaterThan(60);
          expect(seen.depth).toBe(0);
        }
      } finally {
        vi.stubGlobal("document", undefined);
      }
    },
  );
});
