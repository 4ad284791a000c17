import { describe, expect, test } from "vitest";
import { designOf, LOOKS } from "../src/builtin/looks.ts";

describe("looks", () => {
  test("six of different character", () => {
    const all = Object.values(LOOKS).map(designOf);
    expect(all).toHaveLength(6);
    expect(new Set(all.map(({ face }) => face)).size).toBe(6);
    expect(new Set(all.map(({ garment }) => garment)).size).toBe(6);
    expect(new Set(all.map(({ accessory }) => accessory)).size).toBe(6);
    expect(all.filter(({ creature }) => creature)).toHaveLength(1);
  });

  test.each([
    {},
    { style: "bald", face: "__proto__", body: "constructor", clothes: "toString", stance: 4, accessory: ["star"] },
    { hair: "red", hair_tip: null, eyes: 12, skin: {}, outfit: "#12345", accent: "#gggggg", shirt: "url(x)" },
    { style: "bob\u0000", accessory: "star ", hair: "#24375e; }" },
  ])("what is wrong becomes what is usual: %j", (wish) => {
    const design = designOf(wish);
    for (const dye of Object.values(design.dyes)) {
      expect(dye).toHaveLength(3);
      for (const part of dye) expect(part).toBeGreaterThanOrEqual(0);
    }
    expect(design.face.eyes.upper.length).toBeGreaterThan(0);
    expect(design.hair.locks.length).toBeGreaterThan(10);
    expect(design.accessory).toBe("none");
  });

  test("a look of before, with its eight fields, is drawn as its haircut is usually worn", () => {
    const old = { hair: "#cfe8ff", hair_tip: "#ffb3c7", style: "twintails", accessory: "antenna" };
    const design = designOf(old);
    const ours = designOf(LOOKS.xiaoyun ?? {});
    expect(design.garment).toBe(ours.garment);
    expect(design.face).toBe(ours.face);
    expect(design.accessory).toBe("antenna");
  });

  test("a shape that is named wins over the usual one", () => {
    const design = designOf({ style: "long", clothes: "hoodie", body: "man" });
    expect(design.garment).toBe(designOf({ style: "short" }).garment);
    expect(design.body).toBe(designOf({ style: "short" }).body);
  });
});
