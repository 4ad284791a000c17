/** Ages, amounts and times as people read them. */

import type { Locale } from "./locale.ts";

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** Write a span of seconds in its largest unit, with a second one where it matters: "42s", "3m 5s", "2h 10m". */
export function span(seconds: number, locale: Locale): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const first = UNITS.findIndex(([, size]) => whole >= size);
  if (first < 0) return unit(0, "second", locale);
  let rest = whole;
  const parts: string[] = [];
  for (const [name, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(unit(count, name, locale));
  }
  return parts.join(" ");
}

function unit(count: number, name: string, locale: Locale): string {
  return new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "narrow" }).format(count);
}

/** Write what is left of a short wait, as a clock counts down: "14:05", "0:09". */
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(Number.isFinite(seconds) ? seconds : 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** What platforms count in instead of money. */
const TOKENS: Readonly<Record<string, Readonly<Record<Locale, string>>>> = {
  BITS: { en: "bits", zh: "Bits" },
  BATTERY: { en: "batteries", zh: "电池" },
  POINTS: { en: "points", zh: "点数" },
};

/** Write an amount: "4.99 USD" becomes "$4.99", "100 BITS" "100 bits"; what is neither stays as it came. */
export function money(amount: string, locale: Locale): string {
  const match = /^(\d{1,12}(?:\.\d{1,4})?) ([A-Z]{3,10})$/u.exec(amount.trim());
  const [, value, currency] = match ?? [];
  if (value === undefined || currency === undefined) return amount.trim();
  const token = TOKENS[currency];
  if (token) return `${new Intl.NumberFormat(locale).format(Number(value))} ${token[locale]}`;
  if (!isCurrency(currency)) return amount.trim();
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    trailingZeroDisplay: "stripIfInteger",
  }).format(Number(value));
}

function isCurrency(code: string): boolean {
  return Intl.supportedValuesOf("currency").includes(code);
}

/** Write milliseconds: "87 ms" below a second, "1.24 s" above it, "–" where the stage was not reached. */
export function millis(ms: number | null, locale: Locale): string {
  if (ms === null || !Number.isFinite(ms)) return "–";
  const small = ms < 1_000;
  const digits = small ? 0 : 2;
  const value = new Intl.NumberFormat(locale, { maximumFractionDigits: digits, minimumFractionDigits: digits });
  return small ? `${value.format(ms)} ms` : `${value.format(ms / 1_000)} s`;
}

/** Write the hour and minute of an ISO 8601 time, or "" for what is none. */
export function clock(iso: string, locale: Locale): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false }).format(at);
}
