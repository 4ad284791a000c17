import { describe, expect, it } from "vitest";
import { decodeFrame } from "../frames.ts";

/** Build a frame as the server does: struct "<HBBIII", then s16le. */
function pack(fields: Partial<Record<"magic" | "version" | "flags", number>>, samples: number[] = [1, -2, 32767]) {
  const data = new ArrayBuffer(16 + samples.length * 2);
  const view = new DataView(data);
  view.setUint16(0, fields.magic ?? 0x4853, true);
  view.setUint8(2, fields.version ?? 1);
  view.setUint8(3, fields.flags ?? 0);
  view.setUint32(4, 4_294_967_295, true);
  view.setUint32(8, 7, true);
  view.setUint32(12, 42, true);
  samples.forEach((sample, i) => void view.setInt16(16 + i * 2, sample, true));
  return data;
}

describe("decodeFrame", () => {
  it("reads every field", () => {
    expect(decodeFrame(pack({ flags: 3 }))).toEqual({
      epoch: 4_294_967_295,
      clause: 7,
      sequence: 42,
      first: true,
      last: true,
      samples: Int16Array.of(1, -2, 32767),
    });
    expect(decodeFrame(pack({ flags: 2 }))).toMatchObject({ first: false, last: true });
  });

  it("takes an empty frame", () => {
    expect(decodeFrame(pack({ flags: 2 }, []))?.samples.length).toBe(0);
  });

  it.each([
    ["another magic", pack({ magic: 0x5348 })],
    ["another version", pack({ version: 2 })],
    ["an unknown flag", pack({ flags: 4 })],
    ["half a sample", pack({}).slice(0, 19)],
    ["half a header", pack({}).slice(0, 15)],
    ["nothing", new ArrayBuffer(0)],
    ["more than 200 ms of any rate", pack({}, new Array(38_401).fill(0))],
  ])("refuses %s", (_, data) => {
    expect(decodeFrame(data)).toBeNull();
  });
});
