import { expect, it } from "vitest";
import type { ClauseState } from "../src/api.ts";
import { splitHeard } from "../src/heard.ts";

const clause = (index: number, text: string, state: ClauseState) => ({ index, text, state, due_in_s: null });
const halves = (clauses: ReturnType<typeof clause>[], heard: string) =>
  splitHeard(clauses, heard).map(({ before, after }) => [before, after]);

it("cuts the playing clause where the hearing is", () => {
  const clauses = [
    clause(0, "Oh, nice.", "heard"),
    clause(1, "I count lights,", "playing"),
    clause(2, "too.", "waiting"),
  ];
  expect(halves(clauses, "Oh, nice. I count")).toEqual([
    ["Oh, nice.", ""],
    ["I count", " lights,"],
    ["", "too."],
  ]);
});

it("counts nothing as heard of what is held back or waits, even when the words are the same", () => {
  expect(halves([clause(0, "yes", "heard"), clause(1, "yes", "pending")], "yes yes")[1]).toEqual(["", "yes"]);
  expect(halves([clause(0, "yes", "heard"), clause(1, "yes", "waiting")], "yes yes")[1]).toEqual(["", "yes"]);
});

it("shows of a cut clause what was heard before the cut", () => {
  expect(halves([clause(0, "你好呀，大家", "cut"), clause(1, "再见", "cut")], "你好")).toEqual([
    ["你好", "呀，大家"],
    ["", "再见"],
  ]);
});

it("takes the server's word for a heard clause, whatever the text says", () => {
  expect(halves([clause(0, "one", "heard"), clause(1, "two", "playing")], "")).toEqual([
    ["one", ""],
    ["", "two"],
  ]);
});

it("never cuts a character in two", () => {
  expect(halves([clause(0, "🦊🦊", "playing")], "🦊🐱")).toEqual([["🦊", "🦊"]]);
});
