/** The language of the page: what was chosen here before, else the browser's, else English. */

export type Locale = "en" | "zh";

const KEY = "haishin.locale";

/** Choose by the first language that the page speaks. */
export function pickLocale(saved: string | null, preferred: readonly string[]): Locale {
  if (saved === "en" || saved === "zh") return saved;
  for (const tag of preferred) {
    const language = tag.toLowerCase().split("-")[0];
    if (language === "en" || language === "zh") return language;
  }
  return "en";
}

/** Read the choice for this browser. */
export function firstLocale(): Locale {
  return pickLocale(recall(KEY), navigator.languages);
}

/** Give the other language, and remember that it was asked for. */
export function switchLocale(from: string): Locale {
  const locale = from === "zh" ? "en" : "zh";
  remember(KEY, locale);
  return locale;
}

/** Tell screen readers and fonts about the language. */
export function markLanguage(page: HTMLElement, locale: Locale): void {
  page.lang = locale === "zh" ? "zh-CN" : "en";
}

/** Read from local storage; a browser that forbids it just does not remember. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Write to local storage, if the browser lets us. */
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Forbidden or full: the next visit starts from the defaults.
  }
}
