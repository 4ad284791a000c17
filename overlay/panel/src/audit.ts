/** What the list of verdicts shows: by what was decided, and which way the words went. */

import type { AuditLine, Decision, Direction } from "./api-moderation.ts";

/** `stopped` is held or blocked; `warn` what was found and let pass: a rule set to warn, or a weak sign. */
export type Shown = "stopped" | "hold" | "block" | "mask" | "warn" | "all";
export type Way = "both" | Direction;

/** What the list is asked for; the guard's alarm asks too. */
export interface Filter {
  readonly shown: Shown;
  readonly way: Way;
}

export function fits({ action, rules, direction }: AuditLine, { shown, way }: Filter): boolean {
  if (way !== "both" && direction !== way) return false;
  switch (shown) {
    case "all":
      return true;
    case "stopped":
      return action === "hold" || action === "block";
    case "warn":
      return action === "allow" && rules.length > 0;
    default:
      return action === shown;
  }
}

/** Whether the server tells these by itself, as they come. The others have to be asked for. */
export const isTold = (shown: Shown): boolean => shown === "stopped" || shown === "hold" || shown === "block";

/** What one press may correct about a verdict; null where the words are gone, or a person has spoken already. */
export function correction({ action, text, decision }: AuditLine): Decision | null {
  if (!text || decision) return null;
  return action === "allow" ? "block" : "allow";
}
