/** What the control room makes of parts and providers: their order, and when a provider is tried again. */

import type { Part, PartState } from "./api.ts";
import { brief } from "./platforms.ts";

/** What needs a look comes first. */
const RANK: Readonly<Record<PartState, number>> = { down: 0, over: 1, resting: 2, up: 3 };

export function partsByUrgency(parts: readonly Part[]): Part[] {
  return [...parts].sort((a, b) => RANK[a.state] - RANK[b.state]);
}

/** Whether nobody needs to look at it: it runs, or has done what it was there for. */
export const isWell = ({ state, detail }: Part): boolean => state === "up" || (state === "over" && !detail);

/** One word for a part in a set; providers of two kinds may have the same name. */
export const partKey = ({ kind, name }: Pick<Part, "kind" | "name">): string => `${kind} ${name}`;

/** Whether it can be tried at once: a provider that is not up. */
export const retryable = ({ kind, state }: Part): boolean => kind !== "part" && state !== "up";

/** The server says in English when the next try is; the page says it in its own language, and counts down. */
const WHEN = /^(?:next try in \d+ s|next try with the next question|being opened): /u;

/** Why a part is not up, in the server's words. */
export function reasonOf({ kind, detail }: Part): string {
  return brief(kind === "part" ? detail : detail.replace(WHEN, ""), 240);
}
