/** A stranger's text cut at the letters that moderation points at. */

import { calmPart } from "../kit/text.ts";
import type { AuditReason, Verdict } from "./api-moderation.ts";

/** How hard a piece is marked: by what the findings in it led to. */
export type Weight = "none" | "trace" | "mask" | "stop";

/** A piece of the text, fit to be shown. */
export interface Piece {
  readonly text: string;
  readonly weight: Weight;
}

const WEIGHTS: readonly Weight[] = ["none", "trace", "mask", "stop"];
const RANK: Readonly<Record<Verdict, number>> = { allow: 1, mask: 2, hold: 3, block: 3 };

/**
 * Cut a text where its findings begin and end, which count code points. A finding about all of it marks
 * nothing, and what was merely noted is marked only where nothing else is. At most `most` code points are
 * given, the last an ellipsis.
 */
export function pieces(text: string, reasons: readonly AuditReason[], most: number): Piece[] {
  const points = Array.from(text);
  const ranks = new Uint8Array(points.length);
  for (const { start, end, action } of reasons) {
    if (end <= start || (start <= 0 && end >= points.length)) continue;
    for (let at = Math.max(0, start); at < Math.min(end, points.length); at += 1) {
      ranks[at] = Math.max(ranks[at] ?? 0, RANK[action] ?? 1);
    }
  }
  const least = ranks.some((rank) => rank > 1) ? 2 : 1;
  const shown = points.length > most ? most - 1 : points.length;
  const found: Piece[] = [];
  for (let at = 0; at < shown; ) {
    const rank = rankAt(ranks, at, least);
    let end = at + 1;
    while (end < shown && rankAt(ranks, end, least) === rank) end += 1;
    found.push({
      text: calmPart(points.slice(at, end).join("")).replace(/\s+/gu, " "),
      weight: WEIGHTS[rank] ?? "none",
    });
    at = end;
  }
  if (shown < points.length) found.push({ text: "…", weight: "none" });
  return found.filter((piece) => piece.text !== "");
}

function rankAt(ranks: Uint8Array, at: number, least: number): number {
  const rank = ranks[at] ?? 0;
  return rank < least ? 0 : rank;
}
