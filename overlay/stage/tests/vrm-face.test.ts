import type { Emotion } from "@haishin/common/protocol";
import { describe, expect, it } from "vitest";
import { Rig } from "../src/avatar/rig.ts";
import { Face, mixture, vowels } from "../src/vrm/face.ts";

const PRESETS = ["happy", "angry", "sad", "relaxed", "surprised", "aa", "ih", "ou", "ee", "oh"];

function face(names: string[], mapping: Record<string, Record<string, string>> = {}) {
  const set: Record<string, number> = {};
  const eyes = { yaw: 0, pitch: 0 };
  const out = { set, eyes, jaw: 0 };
  const made = new Face(
    {
      names,
      set: (name, weight) => {
        set[name] = weight;
      },
      look: (yaw, pitch) => Object.assign(eyes, { yaw, pitch }),
      jaw: (open) => {
        out.jaw = open;
      },
    },
    mapping,
  );
  return { face: made, ...out, out };
}

function settle(made: Face, rig: Rig, emotion: Emotion, seconds = 2): void {
  rig.setEmotion(emotion);
  for (let t = 0; t < seconds; t += 0.05) made.step(rig.step(0.05), emotion, rig.state, 0.05);
}

/** Never blinks within these tests, and looks straight ahead. */
const calm = () => new Rig(() => 0.5);

describe("a model's face", () => {
  it("shows our emotions by the expressions that the model has", () => {
    const { face: made, set } = face([...PRESETS, "blink"]);
    settle(made, calm(), "joy");
    expect(set.happy).toBeGreaterThan(0.8);
    expect(set.angry).toBe(0);
    settle(made, calm(), "surprise");
    expect(set.happy).toBeLessThan(0.05);
    expect(set.surprised).toBeGreaterThan(0.9);
  });

  it("takes the model's own names, whatever their case, and the streamer's before all", () => {
    expect(face(["Surprised", "Blush"]).face.uses("surprise")).toEqual([["Surprised", 1]]);
    expect(face(["Surprised", "Blush"]).face.uses("shy")).toEqual([["Blush", 1]]);
    const said = { emotions: { joy: "grin:0.6 + blush", sad: "nothing there" } };
    const { face: made } = face(["happy", "Grin", "Blush", "sad"], said);
    expect(made.uses("joy")).toEqual([
      ["Grin", 0.6],
      ["Blush", 1],
    ]);
    expect(made.uses("sad")).toEqual([]);
    made.remap({ emotions: { joy: "happy" } });
    expect(made.uses("joy")).toEqual([["happy", 1]]);
  });

  it("reads a mixture, and passes over what is none", () => {
    expect(mixture("happy")).toEqual([["happy", 1]]);
    expect(mixture(" a : 2 + b:-1 + c:x + :1 +")).toEqual([
      ["a", 1],
      ["b", 0],
    ]);
    expect(mixture("a+".repeat(500)).length).toBeLessThanOrEqual(8);
  });

  it("leaves the lids to an expression that shapes them, and shuts them when the host is stopped", () => {
    const { face: made, set } = face([...PRESETS, "blinkLeft", "blinkRight", "blink"]);
    const rig = calm();
    settle(made, rig, "laugh");
    expect(set.happy).toBeGreaterThan(0.9);
    expect(set.blinkLeft).toBeLessThan(0.25);
    rig.setState("stopped");
    settle(made, rig, "laugh", 3);
    expect(set.happy).toBeLessThan(0.05);
    expect(set.blinkLeft).toBeGreaterThan(0.9);
    expect(set.blink).toBe(0);
  });

  it("opens the mouth by the voice's own shapes, and shuts it within 80 ms of silence", () => {
    const { face: made, set } = face(PRESETS);
    const rig = calm();
    made.setMouth(0.8, 0, "ou");
    settle(made, rig, "neutral", 0.3);
    expect(set.ou).toBeGreaterThan(0.75);
    expect(set.aa).toBe(0);
    made.setMouth(0, 0, null);
    for (let n = 0; n < 5; n++) made.step(rig.step(0.016), "neutral", "speaking", 0.016);
    expect(set.ou).toBeLessThan(0.05);
  });

  it("guesses the vowel from the form of the lips where the voice marks none", () => {
    expect(vowels(1, 0, null).aa).toBe(1);
    expect(vowels(1, 1, null).ih).toBeGreaterThan(vowels(1, 1, null).aa);
    expect(vowels(1, -1, null).ou).toBeGreaterThan(vowels(1, -1, null).ih);
    expect(vowels(Number.NaN, Number.NaN, null)).toEqual({ aa: 0, ih: 0, ou: 0, ee: 0, oh: 0 });
    expect(Object.values(vowels(1, 0, "closed")).every((share) => share === 0)).toBe(true);
  });

  it("moves the jaw of a model without vowels, and of no other", () => {
    const bare = face(["happy"]);
    bare.face.setMouth(1, 0, "aa");
    settle(bare.face, calm(), "neutral", 0.3);
    expect(bare.out.jaw).toBeGreaterThan(0.9);
    const whole = face(PRESETS);
    whole.face.setMouth(1, 0, "aa");
    settle(whole.face, calm(), "neutral", 0.3);
    expect(whole.out.jaw).toBe(0);
  });

  it("turns the eyes where the rig looks", () => {
    const { face: made, eyes } = face([]);
    settle(made, calm(), "thinking");
    expect(eyes.yaw).toBeGreaterThan(5);
    expect(eyes.pitch).toBeGreaterThan(5);
  });
});
