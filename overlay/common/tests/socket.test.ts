import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Backoff } from "../backoff.ts";
import { ReconnectingSocket } from "../socket.ts";

/** A socket whose network is the test. */
class Wire {
  static readonly OPEN = 1;
  static all: Wire[] = [];
  readyState = 0;
  binaryType = "";
  sent: string[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: unknown }) => void;
  onclose?: (event: { code: number; reason: string }) => void;
  constructor(readonly url: string) {
    Wire.all.push(this);
  }
  send(data: string) {
    this.sent.push(data);
  }
  close() {
    this.readyState = 3;
  }
  accept() {
    this.readyState = Wire.OPEN;
    this.onopen?.();
  }
  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code, reason: "" });
  }
}

const last = () => Wire.all[Wire.all.length - 1] as Wire;
const timing = () => ({ backoff: new Backoff(200, 3_000, () => 1) });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Wire);
  Wire.all = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("delivers both kinds of frames and sends JSON only while it stands", () => {
  const text = vi.fn();
  const binary = vi.fn();
  const socket = new ReconnectingSocket(() => "ws://x", { text, binary }, timing());
  expect(socket.send({ a: 1 })).toBe(false);
  last().accept();
  last().onmessage?.({ data: "hi" });
  const sound = new ArrayBuffer(2);
  last().onmessage?.({ data: sound });
  expect(text).toHaveBeenCalledWith("hi");
  expect(binary).toHaveBeenCalledWith(sound);
  expect(socket.send({ a: 1 })).toBe(true);
  expect(last().sent).toEqual(['{"a":1}']);
});

it("comes back for ever, and asks for the address each time", () => {
  let n = 0;
  const failed = vi.fn();
  new ReconnectingSocket(() => `ws://${++n}`, { text: vi.fn(), failed }, timing());
  for (const wait of [200, 400, 800, 1600, 3000, 3000]) {
    last().drop();
    const before = Wire.all.length;
    vi.advanceTimersByTime(wait - 1);
    expect(Wire.all.length).toBe(before);
    vi.advanceTimersByTime(1);
    expect(Wire.all.length).toBe(before + 1);
  }
  expect(last().url).toBe("ws://7");
  expect(failed).toHaveBeenCalledTimes(6);
});

it("starts the backoff over only after a healthy connection", () => {
  const lost = vi.fn();
  new ReconnectingSocket(() => "ws://x", { text: vi.fn(), lost }, timing());
  last().accept();
  last().drop(1013);
  expect(lost).toHaveBeenLastCalledWith(1013, "", 200);
  vi.advanceTimersByTime(200);
  last().accept();
  vi.advanceTimersByTime(100);
  last().drop();
  expect(lost).toHaveBeenLastCalledWith(1006, "", 400);
  vi.advanceTimersByTime(400);
  last().accept();
  vi.advanceTimersByTime(2_000);
  last().drop();
  expect(lost).toHaveBeenLastCalledWith(1006, "", 200);
});

it("gives up an attempt that hangs, and a connection that went quiet", () => {
  const lost = vi.fn();
  const failed = vi.fn();
  new ReconnectingSocket(() => "ws://x", { text: vi.fn(), lost, failed }, { ...timing(), idleMs: 1_000 });
  vi.advanceTimersByTime(5_000);
  expect(failed).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(200);
  last().accept();
  vi.advanceTimersByTime(900);
  last().onmessage?.({ data: "still here" });
  vi.advanceTimersByTime(900);
  expect(lost).not.toHaveBeenCalled();
  vi.advanceTimersByTime(100);
  expect(lost).toHaveBeenCalledOnce();
});

it("stays closed", () => {
  const lost = vi.fn();
  const socket = new ReconnectingSocket(() => "ws://x", { text: vi.fn(), lost }, timing());
  last().accept();
  socket.close();
  last().drop(1000);
  vi.advanceTimersByTime(60_000);
  expect(Wire.all.length).toBe(1);
  expect(lost).not.toHaveBeenCalled();
});
