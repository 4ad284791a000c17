/** Which part of each clause the audience has heard: the server's `heard` laid over the clauses. */

import type { NowClause } from "./api.ts";

/** A clause cut in two at the place where the hearing ended. */
export interface HeardClause extends NowClause {
  readonly before: string;
  readonly after: string;
}

/** Split every clause into what was heard and what was not. A clause that counts as heard is so as a whole. */
export function splitHeard(clauses: readonly NowClause[], heard: string): HeardClause[] {
  let rest = heard;
  return clauses.map((clause) => {
    rest = rest.trimStart();
    const shared = clause.state === "waiting" || clause.state === "pending" ? 0 : sharedLength(clause.text, rest);
    rest = rest.slice(shared);
    const length = clause.state === "heard" ? clause.text.length : shared;
    return { ...clause, before: clause.text.slice(0, length), after: clause.text.slice(length) };
  });
}

/** Length of the common beginning, never in the middle of a surrogate pair. */
function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return /[\ud800-\udbff]$/u.test(a.slice(0, length)) ? length - 1 : length;
}
