// @vitest-environment jsdom
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Answer, type Asked, takeNetwork, Wire } from "../../panel/tests/wire.ts";
import type { ChatHello, ChatLine } from "../src/api.ts";
import { fateWords } from "../src/fate.ts";
import { messages } from "../src/messages.ts";
import { KEPT, useRoom } from "../src/stores/room.ts";

const line = (id: string, more: Partial<ChatLine> = {}): ChatLine => ({
  type: "line",
  id,
  author: "bob",
  text: `line ${id}`,
  kind: "chat",
  host: false,
  at: "2026-01-01T10:00:00.000+00:00",
  ...more,
});
const hello = (lines: ChatLine[] = []): ChatHello => ({
  type: "hello",
  host: "Mira",
  greeting: "Welcome",
  label: "AI",
  lines,
  status: { type: "status", host: "Mira", state: "idle", audible: true },
});
const ids = () => room.lines.map(({ id }) => id);

let asked: Asked[];
let network: () => Answer;
let room: ReturnType<typeof useRoom>;

let answer: () => object;

function enter(): void {
  setActivePinia(createPinia());
  room = useRoom();
  room.open("t");
  Wire.last.answer = (frame) => {
    const { ref } = frame as { ref: number };
    Wire.last.tell({ ref, ...answer() });
  };
  Wire.last.accept();
}

beforeEach(() => {
  answer = () => ({ type: "receipt", id: "mine", outcome: "queued", reason: "" });
  asked = takeNetwork(() => network());
  network = () => null;
  enter();
});
afterEach(() => {
  room.close();
  sessionStorage.clear();
  localStorage.clear();
  vi.unstubAllGlobals();
});

it("shows the room as it is, and then what comes", () => {
  Wire.last.tell(hello([line("1"), line("2")]));
  Wire.last.tell(line("3"));
  Wire.last.tell({ type: "status", host: "Mira", state: "thinking", audible: false });
  Wire.last.tell({ type: "weather", sun: true });
  expect(ids()).toEqual(["1", "2", "3"]);
  expect(room.status).toMatchObject({ state: "thinking", audible: false });
  expect(room.hello).toMatchObject({ greeting: "Welcome", label: "AI" });
});

it("keeps the newest lines alone", () => {
  Wire.last.tell(hello());
  for (let n = 0; n < KEPT + 20; n += 1) Wire.last.tell(line(String(n)));
  expect(room.lines).toHaveLength(KEPT);
  expect(ids()[0]).toBe("20");
});

it("shows each line once over a reconnection, and a host's line beside a viewer's of the same id", () => {
  Wire.last.tell(hello([line("1"), line("2")]));
  Wire.last.tell(hello([line("2"), line("3"), line("3", { host: true, author: "Mira" })]));
  expect(ids()).toEqual(["1", "2", "3", "3"]);
});

it("sends the remembered name, and follows the line to its end", async () => {
  Wire.last.tell(hello());
  room.name = "  小林 ";
  await room.send("你好", "Guest 1");
  expect(Wire.last.sent).toEqual([{ type: "say", ref: 1, author: "小林", text: "你好" }]);
  expect(asked).toEqual([]);
  expect(localStorage.getItem("haishin.chat.name")).toBe("小林");
  expect(room.own.get("mine")?.outcome).toBe("queued");
  Wire.last.tell(line("mine", { author: "小林", text: "你好" }));
  Wire.last.tell({ type: "outcome", id: "mine", outcome: "answered", reason: "" });
  expect(ids()).toEqual(["mine"]);
  expect(room.own.get("mine")?.outcome).toBe("answered");
});

it("believes an outcome that overtakes the answer to the request", async () => {
  Wire.last.tell(hello());
  answer = () => {
    Wire.last.tell(line("mine"));
    Wire.last.tell({ type: "outcome", id: "mine", outcome: "answered", reason: "" });
    return { type: "receipt", id: "mine", outcome: "queued", reason: "" };
  };
  await room.send("quick", "Guest 1");
  expect(room.own.get("mine")?.outcome).toBe("answered");
  expect(ids()).toEqual(["mine"]);
});

it("shows a refused line to its author, with the reason", async () => {
  Wire.last.tell(hello());
  answer = () => ({ type: "receipt", id: "r", outcome: "refused", reason: "a blocked word" });
  room.name = "ann";
  await room.send("something", "Guest 1");
  expect(room.lines).toMatchObject([{ id: "r", author: "ann", text: "something" }]);
  expect(room.own.get("r")).toEqual({ outcome: "refused", reason: "a blocked word" });
});

it("does not take strangers' lines for its own", () => {
  Wire.last.tell(hello([line("1")]));
  Wire.last.tell({ type: "outcome", id: "1", outcome: "expired", reason: "" });
  for (let n = 0; n < 500; n += 1) Wire.last.tell({ type: "outcome", id: `x${n}`, outcome: "refused", reason: "" });
  expect(room.own.size).toBe(0);
});

it("knows its own lines after a reload, and survives a spoilt memory", async () => {
  Wire.last.tell(hello());
  await room.send("hi", "Guest 1");
  room.close();
  enter();
  expect(room.own.get("mine")?.outcome).toBe("queued");
  room.close();
  for (const spoilt of ["{", "7", '[["a",{"outcome":"flying","reason":""}],["b",null],3]']) {
    sessionStorage.setItem("haishin.chat.own", spoilt);
    enter();
    expect(room.own.size).toBe(0);
    room.close();
  }
});

it("raises what the server says, and keeps nothing of a line that was not taken", async () => {
  Wire.last.tell(hello());
  answer = () => ({ type: "problem", detail: "the database is busy" });
  await expect(room.send("again", "Guest 1")).rejects.toMatchObject({ status: 422, detail: "the database is busy" });
  expect(room.lines).toEqual([]);
  expect(room.own.size).toBe(0);
});

it("gives up a line that the server cannot answer any more, and one that nobody hears", async () => {
  Wire.last.tell(hello());
  Wire.last.answer = () => {};
  const lost = expect(room.send("are you there?", "Guest 1")).rejects.toMatchObject({ status: 0 });
  Wire.last.drop();
  await lost;
  await expect(room.send("hello?", "Guest 1")).rejects.toMatchObject({ status: 0 });
  expect(room.lines).toEqual([]);
});

it("answers to each line what was said of that line", async () => {
  Wire.last.tell(hello());
  const refs: number[] = [];
  Wire.last.answer = (frame) => refs.push((frame as { ref: number }).ref);
  const sent = [room.send("one", "Guest 1"), room.send("two", "Guest 1")];
  const [one, two] = refs;
  Wire.last.tell({ type: "receipt", ref: two, id: "2", outcome: "queued", reason: "" });
  Wire.last.tell({ type: "receipt", ref: one, id: "1", outcome: "refused", reason: "no" });
  await expect(Promise.all(sent)).resolves.toMatchObject([{ id: "1" }, { id: "2" }]);
});

it("asks its own page whether its key is refused: no route would tell", async () => {
  network = () => ({ status: 401, body: {} });
  room.close();
  room.open("t");
  Wire.last.drop();
  await vi.waitFor(() => expect(room.link).toBe("denied"));
  expect(asked).toEqual([{ method: "HEAD", path: "/chat/", token: "Bearer t", body: null }]);
});

it("says each outcome in words, with the reason where it matters", () => {
  const t = (key: string, named: Record<string, string> = {}) => {
    const found: unknown = key
      .split(".")
      .reduce<unknown>((tree, part) => (tree as Record<string, unknown>)[part], messages.en);
    if (typeof found !== "string") throw new Error(`no words for ${key}`);
    return found.replace(/\{(\w+)\}/gu, (_, name: string) => named[name] ?? "?");
  };
  expect(fateWords({ outcome: "refused", reason: "a blocked word" }, t)).toBe("Refused: a blocked word");
  expect(fateWords({ outcome: "refused", reason: "" }, t)).toBe("Refused");
  expect(fateWords({ outcome: "answered", reason: "turn t9" }, t)).toBe("Answered");
  expect(fateWords({ outcome: "held", reason: "\u202elook\n\nat it" }, t)).toBe("Held for a look: look at it");
  expect(fateWords({ outcome: "dropped", reason: "a command: help, answered" }, t)).toBe("A command");
  expect(fateWords({ outcome: "dropped", reason: "a command for a bot" }, t)).toBe("Passed over: a command for a bot");
  const all = ["queued", "folded", "held", "refused", "dropped", "answered", "expired"] as const;
  expect(new Set(all.map((outcome) => fateWords({ outcome, reason: "" }, t))).size).toBe(all.length);
});
