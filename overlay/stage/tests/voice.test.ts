import { afterEach, expect, it, vi } from "vitest";
import { Voice } from "../src/voice.ts";

vi.mock("../src/worklet.ts?worker&url", () => ({ default: "worklet.js" }));
afterEach(() => void vi.unstubAllGlobals());

it("opens no sound on a page that was not asked for any, and stays silent there", async () => {
  const made = vi.fn();
  vi.stubGlobal("AudioContext", made);
  const voice = new Voice(vi.fn(), vi.fn());
  expect(await voice.unlock()).toBe(false);
  expect(voice.running).toBe(false);
  expect(voice.latencyMs).toBe(0);
  expect(voice.heardAt(1)).toBeGreaterThan(0);
  expect(made).not.toHaveBeenCalled();
});
