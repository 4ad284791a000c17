import { describe, expect, test } from "vitest";
import { MOTIONS } from "../src/avatar/gestures.ts";
import { PARAMETER_NAMES, PARAMETERS, type Pose } from "../src/avatar/pose.ts";
import { Rig } from "../src/avatar/rig.ts";

const FRAME = 1 / 60;

/** Repeatable numbers between 0 and 1. */
function numbers(seed = 7): () => number {
  let state = seed;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}

function run(rig: Rig, seconds: number, each: (pose: Pose) => void = () => {}): Pose {
  for (let t = 0; t < seconds; t += FRAME) each(rig.step(FRAME));
  return { ...rig.pose };
}

describe("rig", () => {
  test("an expression arrives and leaves", () => {
    const rig = new Rig(numbers());
    rig.setEmotion("laugh");
    const laugh = run(rig, 2);
    expect(laugh.ParamEyeLOpen).toBeLessThan(0.05);
    expect(laugh.ParamMouthOpenY).toBeGreaterThan(0.7);
    rig.setEmotion("neutral");
    let open = 0;
    run(rig, 2);
    run(rig, 1, (pose) => {
      open = Math.max(open, pose.ParamEyeLOpen);
    });
    expect(open).toBeGreaterThan(0.9);
    expect(rig.pose.ParamMouthOpenY).toBeLessThan(0.05);
  });

  test("nothing jumps when the expression changes", () => {
    const rig = new Rig(numbers());
    run(rig, 1);
    rig.setEmotion("surprise");
    let before = rig.pose.ParamMouthOpenY;
    run(rig, 1, (pose) => {
      expect(Math.abs(pose.ParamMouthOpenY - before)).toBeLessThan(0.35);
      before = pose.ParamMouthOpenY;
    });
  });

  test("the mouth follows the voice at 60 a second, so that it is shut when the voice is", () => {
    const rig = new Rig(numbers());
    run(rig, 1);
    rig.setMouth(1, 0);
    rig.step(1 / 60);
    expect(rig.pose.ParamMouthOpenY).toBeCloseTo(1 - Math.exp(-1), 2);
    run(rig, 1);
    rig.setMouth(0, 0);
    rig.step(1 / 60);
    expect(rig.pose.ParamMouthOpenY).toBeCloseTo(Math.exp(-1), 1);
  });

  test("while the voice has the mouth, the expression does not hold it open", () => {
    const rig = new Rig(numbers());
    rig.setEmotion("laugh");
    run(rig, 2);
    rig.setMouth(0.1, 0);
    run(rig, 0.5);
    expect(rig.pose.ParamMouthOpenY).toBeLessThan(0.15);
    rig.setMouth(0, 0);
    expect(run(rig, 1).ParamMouthOpenY).toBeGreaterThan(0.7);
  });

  test.each(Object.keys(MOTIONS) as (keyof typeof MOTIONS)[])("%s moves the figure and ends", (gesture) => {
    const still = new Rig(numbers());
    const moving = new Rig(numbers());
    run(still, 1);
    run(moving, 1);
    moving.gesture(gesture);
    let most = 0;
    run(moving, MOTIONS[gesture].seconds + 0.1, (pose) => {
      const calm = still.step(FRAME);
      for (const name of PARAMETER_NAMES) {
        const { low, high } = PARAMETERS[name];
        most = Math.max(most, Math.abs(pose[name] - calm[name]) / (high - low));
      }
    });
    expect(most).toBeGreaterThan(0.25);
    expect(moving.pose.ParamAngleY).toBeCloseTo(still.pose.ParamAngleY, 5);
  });

  test("a flood of gestures ends within seconds", () => {
    const rig = new Rig(numbers());
    for (let i = 0; i < 10_000; i++) rig.gesture("wave");
    run(rig, 4 * MOTIONS.wave.seconds + 0.5);
    let arm = 0;
    run(rig, 3, (pose) => {
      arm = Math.max(arm, pose.ParamArmWave);
    });
    expect(arm).toBe(0);
  });

  test("stopped is still: eyes and mouth shut, no gesture, no sway", () => {
    const rig = new Rig(numbers());
    rig.setEmotion("joy");
    rig.gesture("wave");
    run(rig, 1);
    rig.setState("stopped");
    rig.gesture("nod");
    run(rig, 4);
    const angles: number[] = [];
    run(rig, 3, (pose) => {
      angles.push(pose.ParamAngleX);
      expect(pose.ParamEyeLOpen).toBeLessThan(0.01);
      expect(pose.ParamMouthOpenY).toBeLessThan(0.01);
      expect(pose.ParamArmWave).toBe(0);
    });
    expect(Math.max(...angles) - Math.min(...angles)).toBeLessThan(0.5);
  });

  test("offline dozes: eyes shut, breathing", () => {
    const rig = new Rig(numbers());
    rig.setState("offline");
    const breaths: number[] = [];
    run(rig, 8, (pose) => breaths.push(pose.ParamBreath));
    expect(rig.pose.ParamEyeLOpen).toBeLessThan(0.01);
    expect(rig.pose.ParamSleepMark).toBeGreaterThan(0.9);
    expect(Math.max(...breaths) - Math.min(...breaths)).toBeGreaterThan(0.9);
  });

  test("what is no emotion, gesture, state or number changes nothing", () => {
    const rig = new Rig(numbers());
    const same = new Rig(numbers());
    rig.setEmotion("constructor" as never);
    rig.gesture("toString" as never);
    rig.setState("__proto__" as never);
    rig.setMouth(Number.NaN, Number.NaN);
    expect(run(rig, 1)).toEqual(run(same, 1));
  });

  test("an hour's sleep of the page is one short step", () => {
    const rig = new Rig(numbers());
    rig.setEmotion("joy");
    rig.step(3600);
    for (const name of PARAMETER_NAMES) expect(Number.isFinite(rig.pose[name])).toBe(true);
    expect(rig.pose.ParamSparkle).toBeLessThan(0.9);
  });
});

describe("reactions", () => {
  test("a clause's end makes the lids fall", () => {
    const rig = new Rig(numbers());
    run(rig, 0.9);
    rig.notice("clauseEnd");
    let least = 1;
    run(rig, 0.3, (pose) => {
      least = Math.min(least, pose.ParamEyeLOpen);
    });
    expect(least).toBeLessThan(0.2);
  });

  test("a line of chat draws a glance to its side", () => {
    const rig = new Rig(numbers());
    run(rig, 1);
    rig.notice("chat");
    expect(run(rig, 0.4).ParamEyeBallX).toBeGreaterThan(0.3);
  });

  test("a stressed syllable nods, silence does not", () => {
    const still = new Rig(numbers());
    const speaking = new Rig(numbers());
    run(still, 1);
    run(speaking, 1);
    speaking.setMouth(1, 0);
    let lowest = 0;
    run(speaking, 0.3, (pose) => {
      lowest = Math.min(lowest, pose.ParamAngleY - still.step(FRAME).ParamAngleY);
    });
    expect(lowest).toBeLessThan(-0.5);
  });

  test("an idle host drinks tea now and then, a speaking one never", () => {
    const sips = (state: "idle" | "speaking"): number => {
      const rig = new Rig(numbers());
      rig.setState(state);
      let most = 0;
      run(rig, 200, (pose) => {
        most = Math.max(most, pose.ParamArmSip);
      });
      return most;
    };
    expect(sips("idle")).toBeGreaterThan(0.9);
    expect(sips("speaking")).toBe(0);
  });

  test("a new feeling reaches the hands at most every few seconds", () => {
    const rig = new Rig(() => 0);
    let raised = 0;
    let up = false;
    run(rig, 22);
    for (let i = 0; i < 20; i++) {
      rig.setEmotion(i % 2 ? "love" : "neutral");
      run(rig, 0.5, (pose) => {
        if (pose.ParamArmHeart > 0.5 && !up) raised++;
        up = pose.ParamArmHeart > (up ? 0.1 : 0.5);
      });
    }
    expect(raised).toBe(1);
  });
});

/** The mean of a parameter over some seconds: blinks and breath do not count. */
function mean(rig: Rig, name: keyof Pose, seconds = 3): number {
  let sum = 0;
  let count = 0;
  run(rig, seconds, (pose) => {
    sum += pose[name];
    count++;
  });
  return sum / count;
}

describe("mood", () => {
  const settled = (emotion: Parameters<Rig["setMood"]>[0], strength: number): Rig => {
    const rig = new Rig(numbers());
    rig.setMood(emotion, strength);
    run(rig, 3);
    return rig;
  };

  test("colours the idle face by its strength, without the signs of a feeling", () => {
    const brows = [0, 0.4, 0.8].map((strength) => mean(settled("worried", strength), "ParamBrowLAngle"));
    expect(brows[0]).toBeLessThan(0.1);
    expect(brows[1]).toBeGreaterThan((brows[0] ?? 0) + 0.1);
    expect(brows[2]).toBeGreaterThan((brows[1] ?? 0) + 0.1);
    const rig = settled("worried", 1);
    expect(rig.pose.ParamSweat).toBe(0);
    expect(settled("love", 1).pose.ParamHeartMark).toBe(0);
  });

  test("gives way to what a clause feels, and comes back", () => {
    const rig = settled("sad", 1);
    expect(mean(rig, "ParamMouthForm")).toBeLessThan(-0.2);
    rig.setEmotion("joy");
    run(rig, 2);
    expect(mean(rig, "ParamMouthForm")).toBeGreaterThan(0.9);
    rig.setEmotion("neutral");
    run(rig, 2);
    expect(mean(rig, "ParamMouthForm")).toBeLessThan(-0.2);
  });

  test("a drowsy one lets the lids sink", () => {
    expect(mean(settled("sleepy", 0.75), "ParamEyeLOpen", 10)).toBeLessThan(0.62);
    expect(mean(settled("neutral", 0), "ParamEyeLOpen", 10)).toBeGreaterThan(0.85);
  });

  test("no number breaks it", () => {
    for (const strength of [Number.NaN, -1, 1e9, Number.POSITIVE_INFINITY]) {
      const rig = settled("joy", strength);
      for (const name of PARAMETER_NAMES) expect(Number.isFinite(rig.pose[name]), name).toBe(true);
    }
    expect(() => settled("constructor" as "joy", 1)).not.toThrow();
  });
});

describe("reactions", () => {
  test("a large gift startles, delights, and passes", () => {
    const rig = new Rig(numbers());
    run(rig, 1);
    rig.notice("gift", 0.8);
    run(rig, 0.6);
    expect(rig.pose.ParamStartle).toBeGreaterThan(0.5);
    run(rig, 0.8);
    expect(rig.pose.ParamArmHeart).toBeGreaterThan(0.9);
    run(rig, 1.2);
    expect(rig.pose.ParamHeartMark).toBeGreaterThan(0.8);
    run(rig, 5);
    expect(rig.pose.ParamHeartMark).toBeLessThan(0.05);
  });

  test("a raid is waved at, and what makes all laugh is laughed at", () => {
    const rig = new Rig(numbers());
    rig.notice("raid");
    run(rig, 1);
    expect(rig.pose.ParamArmWave).toBeGreaterThan(0.8);
    run(rig, 6);
    rig.notice("laughter");
    run(rig, 1);
    expect(rig.pose.ParamEyeLSmile).toBeGreaterThan(0.9);
  });

  test("a clause's feeling stands before them, and a stopped figure shows none", () => {
    const rig = new Rig(numbers());
    rig.notice("gift", 1);
    rig.setEmotion("sad");
    run(rig, 2);
    expect(rig.pose.ParamTear).toBeGreaterThan(0.8);
    const stopped = new Rig(numbers());
    stopped.setState("stopped");
    stopped.notice("gift", 1);
    run(stopped, 1);
    expect(stopped.pose.ParamArmCheer).toBe(0);
    expect(stopped.pose.ParamStartle).toBeLessThan(0.01);
  });
});
