/** Latencies of finished turns: medians, and the segments of each turn's bar. */

import type { TurnLine } from "./api.ts";

/** The stages of a turn up to the first sound, in order. */
export const STAGES = ["first_token_ms", "first_clause_ms", "first_audio_ms"] as const;
export type StageName = (typeof STAGES)[number];

/** One coloured piece of a bar, ms from the choice of the message. */
export interface Segment {
  readonly stage: StageName;
  readonly from: number;
  readonly to: number;
}

/** Middle of the values that are there, ms; null where there is none. */
export function median(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value): value is number => value !== null).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return null;
  const lower = sorted[middle - 1];
  return sorted.length % 2 === 0 && lower !== undefined ? (lower + upper) / 2 : upper;
}

/** Cut a turn into its stages; a stage that was not reached has no piece, and none runs backwards. */
export function segments(turn: TurnLine): Segment[] {
  const found: Segment[] = [];
  let from = 0;
  for (const stage of STAGES) {
    const at = turn[stage];
    if (at === null) continue;
    const to = Math.max(from, at);
    found.push({ stage, from, to });
    from = to;
  }
  return found;
}

/** Length of the longest bar, ms, rounded up to a half second so that the bars do not dance. */
export function scaleOf(turns: readonly TurnLine[]): number {
  const longest = Math.max(0, ...turns.map((turn) => segments(turn).at(-1)?.to ?? 0));
  return Math.max(500, Math.ceil(longest / 500) * 500);
}
