import { expect, it } from "vitest";
import { countdown } from "../kit/format.ts";
import { cut } from "../kit/text.ts";
import {
  alarmSubject,
  byUrgency,
  expiryTone,
  itemActions,
  qrPath,
  safeUrl,
  sameMessage,
  signInRoles,
  writable,
} from "../src/platforms.ts";
import { connection, item, onAir } from "./sample.ts";

const DAY = 86_400;

it("puts what needs a look first", () => {
  const states = ["live", "quiet", "connecting", "deaf", "denied", "expired"] as const;
  const sorted = byUrgency(states.map((state) => connection({ name: state, state })));
  expect(sorted.map(({ name }) => name)).toEqual([...states].reverse());
});

it.each([
  [false, 3 * DAY, "calm"],
  [false, 3 * DAY - 1, "warn"],
  [false, DAY, "warn"],
  [false, DAY - 1, "bad"],
  [false, -1, "bad"],
  [true, 60, "calm"],
  [true, -1, "calm"],
] as const)("colours a sign-in (renews itself: %s) that lasts %d s: %s", (renews, seconds, tone) => {
  expect(expiryTone({ renews }, seconds)).toBe(tone);
});

it("takes both accounts on Twitch, one elsewhere, and none where there is nothing to sign in to", () => {
  expect(signInRoles(connection())).toEqual(["bot", "streamer"]);
  expect(signInRoles(connection({ name: "bilibili_web" }))).toEqual(["bot"]);
  expect(signInRoles(connection({ can_sign_in: false }))).toEqual([]);
});

it("tells messages of two platforms with one id apart", () => {
  expect(sameMessage(onAir("a"), onAir("a", { text: "changed" }))).toBe(true);
  expect(sameMessage(onAir("a"), onAir("a", { source: "bilibili_web" }))).toBe(false);
  expect(sameMessage(onAir("a"), null)).toBe(false);
});

it("offers for an item what its own platform allows, and what the item can name", () => {
  const twitch = connection();
  const bilibili = connection({ name: "bilibili_web", actions: ["send", "timeout"] });
  const of = (more: Parameters<typeof item>[1]) => itemActions(item("a1", more), [twitch, bilibili]);
  expect(of({})).toEqual(["delete", "warn", "timeout", "ban"]);
  expect(of({ source: "bilibili_web" })).toEqual(["timeout"]);
  expect(of({ source: "local" })).toEqual([]);
  expect(of({ author_id: "" })).toEqual(["delete"]);
  expect(of({ kind: "follow" })).toEqual(["warn", "timeout", "ban"]);
  expect(itemActions(item("sub:a1", { kind: "cheer" }), [twitch])).toEqual(["warn", "timeout", "ban"]);
  expect(writable([connection({ actions: ["ban"] }), bilibili])).toEqual([bilibili]);
});

it("draws every dark square of a QR code once, inside a light frame", () => {
  const size = 21;
  const rows = Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => ((x * 7 + y * 3) % 5 < 2 ? "1" : "0")).join(""),
  );
  const drawn = qrPath(rows);
  expect(drawn?.edge).toBe(size + 8);
  const squares = new Set<string>();
  for (const [, x, y, length] of drawn?.path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/gu) ?? []) {
    for (let at = 0; at < Number(length); at += 1) squares.add(`${Number(x) + at} ${y}`);
  }
  const dark = rows.flatMap((row, y) => [...row].flatMap((one, x) => (one === "1" ? [`${x + 4} ${y + 4}`] : [])));
  expect([...squares].sort()).toEqual(dark.sort());
});

it.each([
  ["too small", ["101", "010", "101"]],
  ["not square", [...Array.from({ length: 20 }, () => "1".repeat(21)), "1"]],
  ["no squares", Array.from({ length: 21 }, () => "x".repeat(21))],
  ["too large", Array.from({ length: 178 }, () => "1".repeat(178))],
])("draws no QR code that is %s", (_, rows) => {
  expect(qrPath(rows)).toBeNull();
});

it.each([
  ["https://www.twitch.tv/activate", "https://www.twitch.tv/activate"],
  ["http://www.twitch.tv/activate", null],
  ["javascript:alert(1)", null],
  ["https://www.twitch.tv@evil.example/", null],
  ["//evil.example", null],
  ["", null],
])("makes of %j the link %j", (url, link) => {
  expect(safeUrl(url)).toBe(link);
});

it("reads what an alarm is about", () => {
  expect(alarmSubject("link:bilibili_web")).toEqual({ kind: "link", source: "bilibili_web" });
  expect(alarmSubject("overdue")).toEqual({ kind: "overdue", source: "" });
});

it.each([
  [900, "15:00"],
  [61.2, "1:02"],
  [0.1, "0:01"],
  [-4, "0:00"],
  [Number.NaN, "0:00"],
])("counts %d seconds down as %s", (seconds, words) => {
  expect(countdown(seconds)).toBe(words);
});

it("cuts by letters as people count them, never through one", () => {
  expect(cut("abc", 3)).toBe("abc");
  expect(cut("abcd", 3)).toBe("ab…");
  expect(cut("🐙🐙🐙", 3)).toBe("🐙🐙🐙");
  expect(cut("🐙🐙🐙🐙", 3)).toBe("🐙🐙…");
});
