import { expect, it } from "vitest";
import { effectScope, nextTick, ref, shallowRef } from "vue";
import { correction, fits, isTold } from "../src/audit.ts";
import { pieces } from "../src/marks.ts";
import { useSteady } from "../src/steady.ts";
import { categoryName, ruleName, sentences } from "../src/why.ts";
import { finding, verdict } from "./sample.ts";

const whole = (text: string, ...found: ReturnType<typeof finding>[]) => pieces(text, found, 600);

it("marks the letters that a finding points at, counted as the server counts them", () => {
  expect(whole("🦊🦊 bad fox", finding({ start: 3, end: 6 }))).toEqual([
    { text: "🦊🦊 ", weight: "none" },
    { text: "bad", weight: "stop" },
    { text: " fox", weight: "none" },
  ]);
});

it("marks by the hardest finding where several meet, and what was only noted where nothing else is", () => {
  const noted = finding({ start: 0, end: 3, action: "allow" });
  const masked = finding({ start: 2, end: 5, action: "mask" });
  const blocked = finding({ start: 4, end: 6, action: "block" });
  const told = (...found: ReturnType<typeof finding>[]) =>
    whole("abcdefg", ...found).map(({ text, weight }) => [text, weight]);
  expect(told(noted, masked, blocked)).toEqual([
    ["ab", "none"],
    ["cd", "mask"],
    ["ef", "stop"],
    ["g", "none"],
  ]);
  expect(told(noted)).toEqual([
    ["abc", "trace"],
    ["defg", "none"],
  ]);
});

it("marks nothing for a finding about all of the text, and survives places that are none", () => {
  const odd = [
    finding({ start: 0, end: 0 }),
    finding({ start: 0, end: 3 }),
    finding({ start: -5, end: 900 }),
    finding({ start: 2, end: 1 }),
    finding({ start: 70, end: 80 }),
  ];
  expect(whole("bad", ...odd)).toEqual([{ text: "bad", weight: "none" }]);
  expect(whole("", ...odd)).toEqual([]);
});

it("calms every piece, keeps the spaces between them, and cuts to a length", () => {
  const evil = `a \u202eb${"\u0301".repeat(90)}\u0000 \n\n c`;
  const shown = whole(evil, finding({ start: 3, end: 4 }));
  expect(shown.map(({ text }) => text).join("")).toBe(`a b${"\u0301".repeat(4)} c`);
  const long = pieces("x".repeat(5_000), [finding({ start: 1, end: 4_999 })], 10);
  expect(long.map(({ text }) => text).join("")).toBe(`${"x".repeat(9)}…`);
});

const known: Record<string, string> = {
  "category.harassment": "Harassment",
  "why.seen.disguised": "undisguised",
  "why.seen.mail": "a mail address",
  "why.whole": "the whole line",
};
const words = {
  te: (key: string) => key in known,
  t: (key: string, named: Record<string, unknown> = {}) => known[key] ?? `${key}(${Object.values(named).join("|")})`,
};

it("names what it knows, and leaves the names that it does not know as text", () => {
  expect(categoryName("harassment", words)).toBe("Harassment");
  expect(categoryName("<b>new</b>", words)).toBe("<b>new</b>");
  expect(categoryName("__proto__", words)).toBe("__proto__");
  expect(ruleName("private:mail", words)).toBe("a mail address");
  expect(ruleName("disguised:insult", words)).toBe("undisguised");
  expect(ruleName("word:insult", words)).toBe("");
});

it("tells the findings as sentences, the hardest first, each once", () => {
  const reasons = [
    finding({ rule: "classifier:en", start: 0, end: 11 }),
    finding({ rule: "disguised:insult", action: "block" }),
    finding({ rule: "disguised:insult", action: "block" }),
  ];
  const told = sentences("you are bad", reasons, words);
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(/^why\.block\(.*bad.*why\.letters\(9\|11\).*undisguised/u);
  expect(told[1]).toMatch(/^why\.hold\(.*the whole line\|Harassment/u);
  expect(sentences("you are bad", reasons, words, false)[0]).not.toContain("why.letters");
});

it("filters verdicts by what was decided and which way they went", () => {
  const lines = [
    verdict("hold"),
    verdict("block", { action: "block", direction: "out" }),
    verdict("mask", { action: "mask" }),
    verdict("warn", { action: "allow" }),
    verdict("passed", { action: "allow", rules: [], categories: [] }),
  ];
  const ids = (shown: Parameters<typeof fits>[1]["shown"], way: Parameters<typeof fits>[1]["way"] = "both") =>
    lines.filter((line) => fits(line, { shown, way })).map(({ id }) => id);
  expect(ids("stopped")).toEqual(["hold", "block"]);
  expect(ids("mask")).toEqual(["mask"]);
  expect(ids("warn")).toEqual(["warn"]);
  expect(ids("all")).toHaveLength(5);
  expect(ids("stopped", "out")).toEqual(["block"]);
  expect([isTold("stopped"), isTold("warn")]).toEqual([true, false]);
});

it("offers the one correction that makes sense", () => {
  expect(correction(verdict("a"))).toBe("allow");
  expect(correction(verdict("a", { action: "mask" }))).toBe("allow");
  expect(correction(verdict("a", { action: "allow" }))).toBe("block");
  expect(correction(verdict("a", { decision: "allow" }))).toBeNull();
  expect(correction(verdict("a", { text: "" }))).toBeNull();
});

function steady(append: boolean) {
  const list = shallowRef<string[]>(["a", "b", "c"]);
  const hand = ref(true);
  const made = effectScope().run(() =>
    useSteady(
      () => list.value,
      (one) => one,
      () => hand.value,
      append,
    ),
  );
  if (!made) throw new Error("no scope");
  const shown = made.rows;
  const rows = () => shown.value.map(({ key, gone }) => (gone ? `(${key})` : key)).join(" ");
  return { ...made, list, hand, rows };
}

it("holds a list still under a hand: what is over keeps its place, what is new comes below", async () => {
  const { list, hand, rows } = steady(true);
  list.value = ["c", "d"];
  await nextTick();
  expect(rows()).toBe("(a) (b) c d");
  list.value = ["b", "d"];
  await nextTick();
  expect(rows()).toBe("(a) b (c) d");
  hand.value = false;
  await nextTick();
  expect(rows()).toBe("b d");
});

it("keeps news waiting where they would come above, and counts them", async () => {
  const { list, rows, fresh, release } = steady(false);
  list.value = ["z", "y", "a", "b"];
  await nextTick();
  expect(rows()).toBe("a b (c)");
  expect(fresh.value).toBe(2);
  release();
  expect(rows()).toBe("z y a b");
  expect(fresh.value).toBe(0);
});

it("does not grow for ever under a resting hand", async () => {
  const { list, rows } = steady(true);
  for (let turn = 0; turn < 200; turn += 1) {
    list.value = [`n${turn}`];
    await nextTick();
  }
  expect(rows().split(" ")).toHaveLength(31);
  expect(rows().endsWith("(n198) n199")).toBe(true);
});
