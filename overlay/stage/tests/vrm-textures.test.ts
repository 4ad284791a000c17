import { describe, expect, it } from "vitest";
import { fitted, MOST, sizeOf } from "../src/vrm/textures.ts";

/** A head of so many bytes with numbers at places, big-endian unless they say otherwise. */
function head(length: number, at: Record<number, number[]>): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const [place, values] of Object.entries(at)) bytes.set(values, Number(place));
  return bytes;
}

describe("a model's pictures", () => {
  it("are measured by their heads", () => {
    const png = head(33, { 0: [0x89, 0x50, 0x4e, 0x47], 16: [0, 0, 0x10, 0], 20: [0, 0, 8, 0] });
    expect(sizeOf(png)).toEqual({ width: 4096, height: 2048 });
    const jpeg = head(40, { 0: [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8, 1, 0, 2, 0] });
    expect(sizeOf(jpeg)).toEqual({ width: 512, height: 256 });
    const webp = head(32, {
      0: [0x52, 0x49, 0x46, 0x46],
      8: [0x57, 0x45, 0x42, 0x50, 0x56, 0x50, 0x38, 0x58],
      24: [0xff, 7, 0, 0xff, 3, 0],
    });
    expect(sizeOf(webp)).toEqual({ width: 2048, height: 1024 });
  });

  it("are none where the head is cut off, of another kind, or goes in a circle", () => {
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(64),
      head(6, { 0: [0x89, 0x50, 0x4e, 0x47] }),
      head(64, { 0: [0xff, 0xd8, 0xff, 0xe0, 0, 0] }),
      new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ]) {
      expect(sizeOf(bytes)).toBeNull();
    }
  });

  it("are never larger than the stage needs", () => {
    expect(fitted({ width: 8192, height: 4096 })).toEqual({ width: MOST, height: MOST / 2 });
    expect(fitted({ width: 1024, height: 512 })).toEqual({ width: 1024, height: 512 });
    expect(fitted({ width: 8192, height: 1 })).toEqual({ width: MOST, height: 1 });
    for (const size of [
      { width: 40_000, height: 2 },
      { width: 0, height: 5 },
      { width: Number.NaN, height: 5 },
    ]) {
      expect(() => fitted(size)).toThrow("texture");
    }
  });
});
