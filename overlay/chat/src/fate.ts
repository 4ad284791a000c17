import { calmLine } from "@haishin/panel/kit/text.ts";
import type { Fate } from "./stores/room.ts";

/** What the reason of a line begins with that was a command: it was no line to be answered. */
const COMMAND = "a command: ";

/** Say what became of a line, with the server's reason where it did not end well. */
export function fateWords(fate: Fate, t: (key: string, named?: Record<string, string>) => string): string {
  if (fate.reason.startsWith(COMMAND)) return t("fate.command");
  const words = t(`fate.${fate.outcome}`);
  const reason = calmLine(fate.reason);
  // An answer needs no reason, and what waits has only a provisional one.
  if (!reason || fate.outcome === "answered" || fate.outcome === "queued") return words;
  return t("fate.because", { fate: words, reason });
}
