/** Why a verdict was given, in the page's own language: one sentence for each finding. */

import type { AuditReason } from "./api-moderation.ts";
import { brief } from "./platforms.ts";

/** Letters of a finding that are quoted, and findings that are told. */
const QUOTED = 40;
const TOLD = 8;

/** The parts of a translator that this needs. */
export interface Words {
  t: (key: string, named?: Record<string, unknown>) => string;
  te: (key: string) => boolean;
}

const plain = (name: string) => /^[a-z-]+$/u.test(name);

/** The name of a category in the page's language; one that the page does not know keeps its own. */
export function categoryName(category: string, { t, te }: Words): string {
  const key = `category.${category}`;
  return plain(category) && te(key) ? t(key) : brief(category, 40);
}

/** What a rule is, for people: the last part of its name that the page has words for, or "". */
export function ruleName(rule: string, { t, te }: Words): string {
  const known = rule.split(":").reverse();
  const found = known.find((part) => plain(part) && te(`why.seen.${part}`));
  return found === undefined ? "" : t(`why.seen.${found}`);
}

/** The findings as sentences, the hardest first; `placed` with the places of their letters. */
export function sentences(text: string, reasons: readonly AuditReason[], words: Words, placed = true): string[] {
  const rank = { block: 0, hold: 1, mask: 2, allow: 3 } as const;
  const points = Array.from(text);
  const told = [...reasons]
    .sort((a, b) => rank[a.action] - rank[b.action])
    .map((one) => sentence(points, one, words, placed));
  return [...new Set(told)].slice(0, TOLD);
}

function sentence(points: readonly string[], reason: AuditReason, words: Words, placed: boolean): string {
  const { rule, category, action, start, end } = reason;
  const { t } = words;
  const all = end <= start || (start <= 0 && end >= points.length);
  const letters = brief(points.slice(Math.max(0, start), end).join(""), QUOTED);
  const place = placed ? t("why.letters", { from: start + 1, to: end }) : "";
  const quote = all || !letters ? t("why.whole") : `“\u2068${letters}\u2069”${place}`;
  const named = { category: categoryName(category, words), seen: ruleName(rule, words) };
  const what = named.seen ? t("why.and", named) : named.category;
  return t(`why.${action === "allow" ? "noted" : action}`, { what: t("why.is", { quote, what }) });
}
