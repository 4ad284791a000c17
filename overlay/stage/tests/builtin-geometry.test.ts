import { describe, expect, test } from "vitest";
import { rest } from "../src/avatar/pose.ts";
import { bend } from "../src/builtin/arms.ts";
import { eyesOf, lowerLid, upperLid } from "../src/builtin/eyes.ts";
import { FACES } from "../src/builtin/faces.ts";
import { HAIRCUTS } from "../src/builtin/hairstyles.ts";
import { Turn } from "../src/builtin/space.ts";
import { reachesOf, STANCES } from "../src/builtin/stance.ts";
import { Strand } from "../src/builtin/strands.ts";
import { advance, solve, stepsFor } from "../src/builtin/sway.ts";
import { levels, Tube } from "../src/builtin/tube.ts";

const turned = (degrees: number, roll = 0): Turn =>
  new Turn().set((degrees * Math.PI) / 180, 0, (roll * Math.PI) / 180, [0, 0, 0], [0, 0, 0]);

describe("turning", () => {
  test("what is near moves more than what is far, and the order by depth turns with it", () => {
    const turn = turned(25);
    expect(turn.at(0, 0, 60).x).toBeGreaterThan(20);
    expect(turn.at(0, 0, -60).x).toBeLessThan(-20);
    // Turned to the right, the left cheek comes nearer than the right one.
    expect(turn.at(-60, 0, 10).z).toBeGreaterThan(turn.at(60, 0, 10).z + 30);
  });

  test("a turn there and back is none", () => {
    const there = turned(25).point([30, -20, 40]);
    const back = turned(-25).point(there);
    // Perspective is in both turns: what is nearer is a little larger.
    expect(Math.abs(back[0] - 30)).toBeLessThan(1.5);
    expect(Math.abs(back[2] - 40)).toBeLessThan(1.5);
  });

  test("the far eye of a turned face is narrower than the near one", () => {
    const { tube, eyeX, eyeY } = FACES.soft;
    const turn = turned(25);
    const span = (from: number, to: number): number => {
      const x = turn.at(...tube.front(from, eyeY)).x;
      return Math.abs(turn.at(...tube.front(to, eyeY)).x - x);
    };
    const far = span(eyeX - 20, eyeX + 20);
    const near = span(-eyeX - 20, -eyeX + 20);
    expect(far).toBeLessThan(near * 0.85);
    expect(span(eyeX - 20, eyeX + 20)).toBeGreaterThan(12);
  });

  test("the outline is the outermost of all points of the surface", () => {
    const { tube } = FACES.slender;
    for (const degrees of [-25, -10, 0, 10, 25]) {
      const turn = turned(degrees);
      for (const y of [-20, 20, 60, 90]) {
        const right = turn.at(...tube.edge(turn, y, 1)).x;
        const left = turn.at(...tube.edge(turn, y, -1)).x;
        for (let u = -Math.PI; u < Math.PI; u += 0.05) {
          const { x } = turn.at(...tube.around(u, y));
          expect(x).toBeLessThan(right + 0.6);
          expect(x).toBeGreaterThan(left - 0.6);
        }
      }
    }
  });

  test("cross-sections pass through their levels and bound what lies outside of them", () => {
    const tube = new Tube(levels([0, 10, 5, 1], [10, 20, 6, 2], [20, 15, 4, 0]));
    expect(tube.at(10)).toEqual({ y: 10, a: 20, b: 6, z: 2 });
    expect(tube.at(-100).a).toBe(10);
    expect(tube.at(1e9).a).toBe(15);
  });
});

describe("arms", () => {
  test.each([[[40, 100, 30]], [[900, 900, 900]], [[0, 0, 0]], [[0, 1, 0]]] as const)(
    "bones keep their lengths for a wrist at %j",
    (wrist) => {
      const arm = bend([0, 0, 0], wrist, [1, 0.2, -0.3], 100, 90);
      const length = (a: readonly number[], b: readonly number[]): number =>
        Math.hypot((a[0] ?? 0) - (b[0] ?? 0), (a[1] ?? 0) - (b[1] ?? 0), (a[2] ?? 0) - (b[2] ?? 0));
      expect(length(arm.shoulder, arm.elbow)).toBeCloseTo(100, 3);
      expect(length(arm.elbow, arm.wrist)).toBeCloseTo(90, 3);
      for (const v of [...arm.elbow, ...arm.wrist]) expect(Number.isFinite(v)).toBe(true);
    },
  );

  test("a wave lifts one hand above the shoulder and leaves the other one", () => {
    const pose = rest();
    const calm = reachesOf("hip", pose, 0);
    pose.ParamArmWave = 1;
    const wave = reachesOf("hip", pose, 0);
    expect(wave.right.wrist[1]).toBeLessThan(163);
    expect(wave.right.hand).toBe("open");
    expect(wave.left).toEqual(calm.left);
  });

  test("every stance is a resting one", () => {
    for (const name of Object.keys(STANCES) as (keyof typeof STANCES)[]) {
      for (const reach of Object.values(reachesOf(name, rest(), 3))) expect(reach.wrist[1]).toBeGreaterThan(200);
    }
  });
});

describe("hair", () => {
  test.each([1 / 240, 1 / 60, 1 / 8, 1, 3600, Number.NaN, -1])("its springs are stable for a step of %d s", (dt) => {
    const head = turned(0);
    const steps = stepsFor(dt);
    for (const lock of HAIRCUTS.twintails().locks) {
      const strand = new Strand(lock);
      for (let i = 0; i < 40; i++) advance(strand, i % 2 ? turned(26, 18) : head, steps, i);
      for (const v of strand.offset) expect(Math.abs(v)).toBeLessThan(70);
    }
  });

  test("one long step and many short ones come to the same", () => {
    let [x, v] = [1, 0];
    const short = solve(2, 0.3, 0.01);
    for (let i = 0; i < 50; i++) [x, v] = [x * short.xx + v * short.xv, x * short.vx + v * short.vv];
    const long = solve(2, 0.3, 0.5);
    expect(x).toBeCloseTo(long.xx, 8);
    expect(v).toBeCloseTo(long.vx, 8);
  });

  test("it lags behind a turning head and comes to rest", () => {
    const lock = HAIRCUTS.long().locks[0];
    if (!lock) throw new Error("no lock");
    const strand = new Strand(lock);
    const steps = stepsFor(1 / 60);
    const tip = strand.offset.length - 2;
    for (let i = 0; i < 200; i++) advance(strand, turned(0), steps, 0);
    const calm = strand.offset[tip] ?? 0;
    const seen: number[] = [];
    for (let i = 0; i < 400; i++) {
      advance(strand, turned(0, Math.min(12, i * 2)), steps, 0);
      seen.push(strand.offset[tip] ?? 0);
    }
    expect(Math.max(...seen.map((v) => Math.abs(v - calm)))).toBeGreaterThan(8);
    expect(Math.abs((seen.at(-1) ?? 0) - (seen.at(-40) ?? 0))).toBeLessThan(0.05);
  });

  test("a root never leaves the scalp", () => {
    for (const cut of Object.values(HAIRCUTS)) {
      for (const lock of cut().locks) {
        const strand = new Strand(lock);
        for (let i = 0; i < 30; i++) advance(strand, turned(i % 2 ? 25 : -25), stepsFor(1 / 30), i);
        expect(strand.offset[0]).toBe(0);
        expect(strand.offset[1]).toBe(0);
      }
    }
  });
});

describe("lids", () => {
  test("half shut, the upper lid is still an arch", () => {
    const pose = rest();
    pose.ParamEyeLOpen = 0.5;
    const lid = upperLid(FACES.soft.eyes, eyesOf(pose)[1]);
    const middle = lid[7] ?? 0;
    expect(middle).toBeLessThan(((lid[1] ?? 0) + (lid[13] ?? 0)) / 2 - 3);
  });

  test("a smile lifts the lower lid", () => {
    const pose = rest();
    const calm = lowerLid(FACES.soft.eyes, eyesOf(pose)[0])[9] ?? 0;
    pose.ParamEyeRSmile = 1;
    expect(lowerLid(FACES.soft.eyes, eyesOf(pose)[0])[9] ?? 0).toBeLessThan(calm - 4);
  });

  test("all lids of an eye have the same number of points", () => {
    for (const { eyes } of Object.values(FACES)) {
      const counts = [eyes.upper, eyes.lower, eyes.shut, eyes.smile].map((lid) => lid.length);
      expect(new Set(counts).size).toBe(1);
    }
  });
});
