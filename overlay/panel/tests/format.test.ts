import { expect, it } from "vitest";
import { clock, millis, money, span } from "../kit/format.ts";

it.each([
  [0, "0s"],
  [-3, "0s"],
  [Number.NaN, "0s"],
  [59.99, "59s"],
  [60, "1m"],
  [185, "3m 5s"],
  [3_600, "1h"],
  [7_265, "2h 1m"],
  [90_000, "1d 1h"],
])("writes %d seconds as %s", (seconds, words) => {
  expect(span(seconds, "en")).toBe(words);
});

it("writes ages in Chinese", () => {
  expect(span(185, "zh")).toBe("3分钟 5秒");
});

it.each([
  ["4.99 USD", "en", "$4.99"],
  ["5.00 USD", "en", "$5"],
  ["30 CNY", "zh", "¥30"],
  ["500 JPY", "en", "¥500"],
  ["1200 BITS", "en", "1,200 bits"],
  ["99 BATTERY", "zh", "99 电池"],
  ["3 stickers", "en", "3 stickers"],
  ["3 XQZ", "en", "3 XQZ"],
  [" $5 ", "en", "$5"],
  ["9e99 USD", "en", "9e99 USD"],
  ["", "en", ""],
] as const)("writes the amount %j in %s as %j", (amount, locale, words) => {
  expect(money(amount, locale)).toBe(words);
});

it.each([
  [87.4, "87 ms"],
  [999.4, "999 ms"],
  [1_240, "1.24 s"],
  [0, "0 ms"],
  [null, "–"],
  [Number.POSITIVE_INFINITY, "–"],
])("writes a latency of %d as %s", (ms, words) => {
  expect(millis(ms, "en")).toBe(words);
});

it("writes the time of day, and nothing for what is no time", () => {
  expect(clock("2026-05-01T10:20:30", "en")).toBe("10:20");
  expect(clock("yesterday", "en")).toBe("");
});
