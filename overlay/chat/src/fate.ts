import { calmLine } from "@haishin/panel/kit/text.ts";
import type { Fate } from "./stores/room.ts";

/** Say what became of a line, with the server's reason where it did not end well. */
export function fateWords(fate: Fate, t: (key: string, named?: Record<string, string>) => string): string {
  const words = t(`fate.${fate.outcome}`);
  const reason = calmLine(fate.reason);
  // An answer needs no reason, and what waits has only a provisional one.
  if (!reason || fate.outcome === "answered" || fate.outcome === "queued") return words;
  return t("fate.because", { fate: words, reason });
}
