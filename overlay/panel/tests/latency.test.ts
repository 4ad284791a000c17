import { expect, it } from "vitest";
import type { TurnLine } from "../src/api.ts";
import { median, scaleOf, segments } from "../src/latency.ts";

const turn = (token: number | null, clause: number | null, audio: number | null): TurnLine => ({
  turn: "t",
  ended_at: "2026-01-01T00:00:00Z",
  asked: "",
  text: "",
  interrupted: false,
  outcome: "heard",
  first_token_ms: token,
  first_clause_ms: clause,
  first_audio_ms: audio,
  heard_ms: null,
  total_ms: null,
});

it("takes the middle of what was measured", () => {
  expect(median([300, null, 100, 200])).toBe(200);
  expect(median([100, 200])).toBe(150);
  expect(median([0])).toBe(0);
  expect(median([null])).toBeNull();
  expect(median([])).toBeNull();
});

it("cuts a turn into its stages", () => {
  expect(segments(turn(100, 250, 400))).toEqual([
    { stage: "first_token_ms", from: 0, to: 100 },
    { stage: "first_clause_ms", from: 100, to: 250 },
    { stage: "first_audio_ms", from: 250, to: 400 },
  ]);
});

it("leaves out stages that were not reached, and never runs backwards", () => {
  expect(segments(turn(null, null, 90))).toEqual([{ stage: "first_audio_ms", from: 0, to: 90 }]);
  expect(segments(turn(100, 80, 120)).every(({ from, to }) => to >= from)).toBe(true);
  expect(segments(turn(null, null, null))).toEqual([]);
});

it("gives all bars one scale in half seconds", () => {
  expect(scaleOf([turn(100, 200, 1_010), turn(50, 60, 70)])).toBe(1_500);
  expect(scaleOf([])).toBe(500);
});
