import type { MouthShape } from "@haishin/common/protocol";
import { describe, expect, it } from "vitest";
import { Deck, type Order, type Report } from "../src/deck.ts";
import { FollowingMouth, Mouth, MouthDelay, MouthTrack } from "../src/mouth.ts";

const RATE = 48_000;
const SOURCE = 24_000;

type Shown = Extract<Report, { type: "mouth" }> & { at: number };

/** A deck that notes the mouth with the time at which it was told, in ms of the output. */
function talking(): { take(order: Order): void; run(ms: number): Shown[]; peak(ms: number): number; told(): Shown[] } {
  let played = 0;
  let shown: Shown[] = [];
  const deck = new Deck(RATE, (report) => {
    if (report.type === "mouth") {
      // As the page does: what is told anew takes the place of what was to come.
      const at = (played / RATE) * 1000 + report.in * 1000;
      shown = [...shown.filter((one) => one.at < at), { ...report, at }];
    }
  });
  const render = (ms: number): number => {
    let loudest = 0;
    for (const end = played + (ms / 1000) * RATE; played < end; played += 128) {
      const out = new Float32Array(128);
      deck.render(out);
      for (const value of out) loudest = Math.max(loudest, Math.abs(value));
    }
    return loudest;
  };
  return {
    take: (order) => deck.take(order),
    run(ms) {
      const from = (played / RATE) * 1000;
      render(ms);
      const now = (played / RATE) * 1000;
      return shown.filter((one) => one.at > from && one.at <= now);
    },
    peak: render,
    told: () => shown,
  };
}

/** A vowel of a voice: loud for so many ms, then silent for so many. */
function sound(loudMs: number, silentMs = 0, level = 9000): Int16Array {
  const loud = Math.round((loudMs / 1000) * SOURCE);
  const samples = new Int16Array(loud + Math.round((silentMs / 1000) * SOURCE));
  for (let i = 0; i < loud; i++) samples[i] = level * Math.sin(i / 12);
  return samples;
}

const speak: Order = { type: "speak", epoch: 1, clause: 0, rate: SOURCE, fromMs: 0, silentMs: 0 };
const samples = (data: Int16Array, last = true): Order => ({ type: "samples", epoch: 1, clause: 0, data, last });
const marks = (...visemes: [number, MouthShape][]): Order => ({
  type: "marks",
  epoch: 1,
  clause: 0,
  visemes: visemes.map(([at_ms, shape]) => ({ at_ms, shape })),
});
const shapes = (shown: Shown[]) => shown.map(({ shape }) => shape).filter((shape, i, all) => shape !== all[i - 1]);

describe("MouthTrack", () => {
  it("has each shape from its mark on, and none without marks", () => {
    const track = new MouthTrack();
    expect(track.at(5)).toBeNull();
    track.add([{ at_ms: 10, shape: "aa" }]);
    track.add([
      { at_ms: 30, shape: "closed" },
      { at_ms: 30, shape: "ou" },
    ]);
    expect([0, 10, 29, 30, 1e9].map((ms) => track.at(ms))).toEqual(["rest", "aa", "aa", "ou", "ou"]);
  });
});

describe("the mouth of a deck", () => {
  it("takes the shapes of the marks, in their time, a little before they are heard", () => {
    const { take, run } = talking();
    take(speak);
    take(marks([0, "aa"], [300, "ih"], [600, "ou"]));
    take(samples(sound(900)));
    const shown = run(900);
    expect(shapes(shown)).toEqual(["aa", "ih", "ou"]);
    for (const [shape, from] of [
      ["ih", 300],
      ["ou", 600],
    ] as const) {
      const first = shown.find((one) => one.shape === shape);
      expect(first?.at).toBeGreaterThan(from - 35);
      expect(first?.at).toBeLessThanOrEqual(from);
    }
    expect(shown.find((one) => one.at > 500)?.form).toBeGreaterThan(0.8);
    expect(shown.findLast((one) => one.at < 850)?.form).toBeLessThan(-0.8);
  });

  it("opens less for lips that meet than for a vowel that is as loud", () => {
    const { take, run } = talking();
    take(speak);
    take(marks([0, "aa"], [300, "closed"], [600, "aa"]));
    take(samples(sound(900)));
    const shown = run(900);
    const open = (at: number) => shown.findLast((one) => one.at <= at)?.open ?? 0;
    expect(open(250)).toBeGreaterThan(0.9);
    expect(open(550)).toBeLessThan(0.15);
    expect(open(850)).toBeGreaterThan(0.9);
  });

  it("is shut within 80 ms of silence, whatever the marks go on to say", () => {
    const { take, run } = talking();
    take(speak);
    take(marks([0, "aa"]));
    take(samples(sound(500, 800)));
    const shown = run(1_200);
    expect(shown.find((one) => one.at > 400)?.open).toBeGreaterThan(0.5);
    expect(shown.filter((one) => one.at >= 580 && one.open > 0.05)).toEqual([]);
  });

  it("is shut within 80 ms of a stop", () => {
    const { take, run } = talking();
    take(speak);
    take(marks([0, "aa"]));
    take(samples(sound(2_000)));
    run(500);
    take({ type: "stop", epoch: 1, fadeMs: 8 });
    const shown = run(80);
    expect(shown.at(-1)?.open).toBe(0);
  });

  it("is told well before it is due, so that a page that draws for long has it in time", () => {
    const { take, run, told } = talking();
    take(speak);
    take(marks([0, "aa"]));
    take(samples(sound(2_000)));
    run(400);
    expect(told().at(-1)?.at).toBeGreaterThan(500);
    take({ type: "stop", epoch: 1, fadeMs: 8 });
    run(20);
    expect(told().at(-1)).toMatchObject({ open: 0 });
    expect(told().at(-1)?.at).toBeLessThan(421);
  });

  it("is smaller while the voice is ducked", () => {
    const { take, run } = talking();
    take(speak);
    take(marks([0, "aa"]));
    take(samples(sound(2_000)));
    const before = run(400).at(-1)?.open ?? 0;
    take({ type: "duck", epoch: 1, gain: 0.2, rampMs: 60, hold: false });
    const ducked = run(400).at(-1)?.open ?? 0;
    expect(ducked).toBeLessThan(before * 0.5);
    expect(ducked).toBeGreaterThan(0);
    take({ type: "resume", epoch: 1, rampMs: 60 });
    expect(run(400).at(-1)?.open).toBeCloseTo(before, 1);
  });

  it("shuts while the voice stands still, and goes on with the shape of the same sample", () => {
    const { take, run, peak } = talking();
    take(speak);
    take(marks([0, "aa"], [600, "ih"]));
    take(samples(sound(1_200)));
    run(400);
    take({ type: "duck", epoch: 1, gain: 0, rampMs: 60, hold: true });
    const held = run(1_000);
    expect(held.filter((one) => one.at > 400 + 60 + 80 && one.open > 0.05)).toEqual([]);
    expect(peak(50)).toBe(0);
    take({ type: "resume", epoch: 1, rampMs: 20 });
    // 460 ms of it were played: "ih" comes some 140 ms later, the look ahead taken off.
    expect(shapes(run(80))).toEqual(["aa"]);
    expect(shapes(run(100)).at(-1)).toBe("ih");
  });

  it("begins in mid-clause with the shapes of the place", () => {
    const { take, run } = talking();
    take({ type: "speak", epoch: 1, clause: 0, rate: SOURCE, fromMs: 600, silentMs: 0 });
    take(marks([0, "aa"], [500, "ou"], [700, "ih"]));
    take(samples(sound(400)));
    expect(shapes(run(400))).toEqual(["ou", "ih"]);
  });

  it("follows loudness and bands without marks", () => {
    const { take, run } = talking();
    take(speak);
    take(samples(sound(500, 500)));
    const shown = run(900);
    expect(new Set(shown.map(({ shape }) => shape))).toEqual(new Set([null]));
    expect(shown.find((one) => one.at > 300)?.open).toBeGreaterThan(0.9);
    expect(shown.find((one) => one.at > 300)?.form).toBeLessThan(-0.5);
    expect(shown.at(-1)?.open).toBe(0);
  });

  it("does not open for a shape that is silent", () => {
    const mouth = new Mouth();
    for (let n = 0; n < 20; n++) {
      mouth.hear(new Int16Array(384), SOURCE);
      expect(mouth.step("aa").open).toBe(0);
    }
    expect(mouth.moving).toBe(false);
  });

  it("lets the mouth follow sound that comes just in time", () => {
    const { take, run } = talking();
    take(speak);
    take(marks([0, "aa"]));
    take(samples(sound(30), false));
    const open: number[] = [];
    for (let n = 0; n < 20; n++) {
      take(samples(sound(20), n === 19));
      open.push(...run(20).map((one) => one.open));
    }
    expect(Math.min(...open.slice(3, -4))).toBeGreaterThan(0.5);
  });
});

describe("MouthDelay", () => {
  it("shows a pose when it is heard, and of several that are due the newest", () => {
    const delay = new MouthDelay();
    for (const at of [100, 116, 132]) delay.push(at, { open: at, form: 0, shape: null });
    expect(delay.take(99)).toBeNull();
    expect(delay.take(120)?.open).toBe(116);
    expect(delay.take(121)).toBeNull();
    expect(delay.take(200)?.open).toBe(132);
  });

  it("gives up what was to come when something is told for sooner, as a stop does", () => {
    const delay = new MouthDelay();
    for (const at of [100, 116, 132, 148]) delay.push(at, { open: at, form: 0, shape: null });
    delay.push(110, { open: 0, form: 0, shape: null });
    expect(delay.take(300)?.open).toBe(0);
    expect(delay.take(400)).toBeNull();
  });

  it("stays small while nothing is drawn", () => {
    const delay = new MouthDelay();
    for (let at = 0; at < 1e5; at += 16) delay.push(at, { open: at, form: 0, shape: null });
    expect(delay.take(1e9)?.open).toBe(99_984);
  });
});

describe("FollowingMouth", () => {
  it("has the shapes of the place where the audience is, and shuts when no word of it comes", () => {
    const track = new MouthTrack();
    track.add([
      { at_ms: 0, shape: "aa" },
      { at_ms: 500, shape: "ou" },
      { at_ms: 600, shape: "rest" },
    ]);
    const following = new FollowingMouth();
    expect(following.pose(0)).toBeNull();
    following.follow(track, 400, 1_000, false);
    expect(following.pose(1_050)?.shape).toBe("aa");
    expect(following.pose(1_150)).toMatchObject({ shape: "ou", form: -1 });
    expect(following.pose(1_250)?.open).toBe(0);
    expect(following.pose(1_301)).toEqual({ open: 0, form: 0, shape: null });
    expect(following.pose(1_400)).toBeNull();
  });

  it("moves by guess without marks, and shuts at the end", () => {
    const following = new FollowingMouth();
    following.follow(null, 0, 0, false);
    expect(following.pose(50)?.open).toBeGreaterThan(0);
    following.follow(null, 900, 60, true);
    expect(following.pose(60)?.open).toBe(0);
  });
});
