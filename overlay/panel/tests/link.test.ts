// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Link, type LinkState } from "../kit/link.ts";
import { takeNetwork, Wire } from "./wire.ts";

let states: LinkState[];
let frames: string[];
let refused: boolean | Error;
let link: Link;

beforeEach(() => {
  vi.useFakeTimers();
  takeNetwork(() => null);
  states = [];
  frames = [];
  refused = new Error("nobody there");
  link = new Link({
    url: "ws://127.0.0.1/ws/panel?token=t",
    idleMs: 5_000,
    onFrame: (frame) => frames.push(frame.type),
    onState: (state) => states.push(state),
    denied: async () => {
      if (refused instanceof Error) throw refused;
      return refused;
    },
  });
});
afterEach(() => {
  link.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function up(): void {
  Wire.last.accept();
  Wire.last.tell({ type: "state" });
}

it("is live with the first frame, not with the connection", () => {
  Wire.last.accept();
  expect(states).toEqual([]);
  Wire.last.tell({ type: "state" });
  expect(states).toEqual(["live"]);
  expect(frames).toEqual(["state"]);
});

it("lets frames go that are none", () => {
  Wire.last.accept();
  for (const odd of ["{", "3", "null", "[]", '{"type":4}', '{"kind":"state"}']) Wire.last.tell(odd);
  expect(frames).toEqual([]);
  expect(states).toEqual([]);
});

it("comes back by itself", async () => {
  up();
  Wire.last.drop();
  expect(states).toEqual(["live", "lost"]);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(Wire.all).toHaveLength(2);
  up();
  expect(states).toEqual(["live", "lost", "live"]);
});

it("takes a silent connection for a dead one", async () => {
  up();
  await vi.advanceTimersByTimeAsync(4_900);
  Wire.last.tell({ type: "state" });
  await vi.advanceTimersByTimeAsync(4_900);
  expect(states).toEqual(["live"]);
  await vi.advanceTimersByTimeAsync(200);
  expect(states).toEqual(["live", "lost"]);
});

it("dials on while the server is away, and stops at a refused token", async () => {
  for (let dials = 1; dials <= 5; dials += 1) {
    Wire.last.drop();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(Wire.all).toHaveLength(dials + 1);
  }
  refused = true;
  Wire.last.drop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(states).toEqual(["lost", "denied"]);
  expect(Wire.all).toHaveLength(6);
});

it("dials at once when the network is back, and when a phone wakes from sleep", async () => {
  up();
  window.dispatchEvent(new Event("online"));
  expect(Wire.all).toHaveLength(2);
  up();
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(4_000);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(Wire.all).toHaveLength(2);
  hidden.mockReturnValue(true);
  document.dispatchEvent(new Event("visibilitychange"));
  vi.setSystemTime(Date.now() + 60_000);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(Wire.all).toHaveLength(3);
  hidden.mockRestore();
});

it("is silent after it was closed", async () => {
  up();
  link.close();
  Wire.last.drop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(states).toEqual(["live"]);
  expect(Wire.all).toHaveLength(1);
});
