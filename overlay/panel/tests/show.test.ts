// @vitest-environment jsdom
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "../kit/http.ts";
import { useShow } from "../src/stores/show.ts";
import { item, state } from "./sample.ts";
import { type Answer, type Asked, takeNetwork, Wire } from "./wire.ts";

const DONE = { status: 200, body: { ok: true, detail: "" } };
let asked: Asked[];
let answer: (asked: Asked) => Answer;
let show: ReturnType<typeof useShow>;

beforeEach(() => {
  vi.useFakeTimers();
  answer = () => DONE;
  asked = takeNetwork((request) => answer(request));
  setActivePinia(createPinia());
  show = useShow();
  show.open("t/1 &");
  Wire.last.accept();
});
afterEach(() => {
  show.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("hands the token to the socket and the requests, and to the sister pages their own keys", async () => {
  expect(new URL(Wire.last.url).searchParams.get("token")).toBe("t/1 &");
  expect(new URL(Wire.last.url).pathname).toBe("/ws/panel");
  Wire.last.tell(state());
  await vi.advanceTimersByTimeAsync(0);
  expect(show.stageUrl).toBe(`${location.origin}/stage/?token=s1`);
  expect(show.chatUrl).toBe(`${location.origin}/chat/?token=c1`);
  await show.skip();
  expect(asked).toEqual([{ method: "POST", path: "/api/skip", token: "Bearer t/1 &", body: {} }]);
});

it("takes whole states, and nothing else", () => {
  Wire.last.tell({ type: "news" });
  Wire.last.tell({ type: "state" });
  expect(show.state).toBeNull();
  expect(show.live).toBe(false);
  Wire.last.tell(state({ persona: "Yuki" }));
  expect(show.state?.persona).toBe("Yuki");
  expect(show.live).toBe(true);
});

it("keeps the last state while the connection is lost, and says that it is old", () => {
  Wire.last.tell(state());
  Wire.last.drop();
  expect(show.state?.persona).toBe("Mira");
  expect(show.live).toBe(false);
});

it("repeats the order to stop until the server takes it", async () => {
  let times = 0;
  answer = () => {
    times += 1;
    return times < 3 ? null : DONE;
  };
  const stop = show.stop();
  await vi.advanceTimersByTimeAsync(100);
  expect(show.stopFailed).toBe(true);
  await vi.advanceTimersByTimeAsync(2_000);
  await stop;
  expect(asked.map(({ path }) => path)).toEqual(["/api/stop", "/api/stop", "/api/stop"]);
  expect(show.stopFailed).toBe(false);
  expect(show.stopping).toBe(false);
});

it("does not repeat an order to stop that was refused, and gives up in the end", async () => {
  answer = () => ({ status: 401, body: { detail: "no" } });
  await expect(show.stop()).rejects.toThrow(ApiError);
  expect(asked).toHaveLength(1);
  answer = () => null;
  const stop = expect(show.stop()).rejects.toThrow(ApiError);
  await vi.advanceTimersByTimeAsync(20_000);
  await stop;
  expect(show.stopFailed).toBe(true);
  Wire.last.tell(state({ state: "stopped" }));
  expect(show.stopFailed).toBe(false);
  expect(show.stopped).toBe(true);
});

it("drops an item by its id, however odd, until it is gone from the queue", async () => {
  const odd = item("a/b?#é");
  Wire.last.tell(state({ queue: [odd, item("other")] }));
  await show.drop(odd);
  expect(asked[0]?.path).toBe("/api/queue/a%2Fb%3F%23%C3%A9/drop?source=twitch");
  expect([...show.dropping]).toEqual(["twitch a/b?#é"]);
  // One of another platform with the same id is another message.
  Wire.last.tell(state({ queue: [item("a/b?#é", { source: "local" }), item("other")] }));
  expect([...show.dropping]).toEqual([]);
});

it("frees an item whose dropping failed", async () => {
  answer = () => ({ status: 404, body: { detail: "not in the queue" } });
  Wire.last.tell(state({ queue: [item("a")] }));
  await expect(show.drop(item("a"))).rejects.toMatchObject({ status: 404, detail: "not in the queue" });
  expect(show.dropping.size).toBe(0);
});

it("is told apart: a token that is refused, and a server that is away", async () => {
  answer = () => null;
  Wire.last.drop();
  await vi.advanceTimersByTimeAsync(4_000);
  Wire.last.drop();
  await vi.advanceTimersByTimeAsync(4_000);
  expect(show.link).toBe("lost");
  answer = () => ({ status: 401, body: { detail: "wrong" } });
  Wire.last.drop();
  await vi.advanceTimersByTimeAsync(0);
  expect(show.link).toBe("denied");
});
