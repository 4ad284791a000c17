/** The stage's layers as the panel offers them: what each is, its size in OBS, and the address that shows it. */

export const LAYERS = [
  "avatar",
  "captions",
  "chat",
  "answer",
  "alerts",
  "goals",
  "vote",
  "segment",
  "clock",
  "playing",
  "screens",
  "stinger",
  "label",
] as const;
export type Layer = (typeof LAYERS)[number];
export const THEMES = ["glass", "paper", "neon", "ink"] as const;
export const LAYOUTS = ["wide", "tall"] as const;
export const LANGUAGES = ["en", "zh", "ja"] as const;

export interface Wanted {
  layers: readonly Layer[];
  theme: (typeof THEMES)[number] | "own";
  layout: (typeof LAYOUTS)[number];
  language: (typeof LANGUAGES)[number];
  platforms: readonly string[];
}

/** Width and height of a source in OBS, in px, for one layer alone. */
const ALONE: Record<Layer, readonly [number, number]> = {
  avatar: [1920, 1080],
  captions: [1600, 320],
  chat: [500, 900],
  answer: [640, 240],
  alerts: [1000, 360],
  goals: [500, 240],
  vote: [500, 460],
  segment: [500, 190],
  clock: [260, 130],
  playing: [500, 150],
  screens: [1920, 1080],
  stinger: [1920, 1080],
  label: [360, 100],
};

/** What size the source has in OBS. */
export function sizeOf({ layers, layout }: Wanted): readonly [number, number] {
  const [only] = layers;
  if (layers.length === 1 && only) return layout === "tall" && ALONE[only][0] === 1920 ? [1080, 1920] : ALONE[only];
  return layout === "tall" ? [1080, 1920] : [1920, 1080];
}

/** The address of the stage page that shows this; `base` has the key. */
export function addressOf(base: string, wanted: Wanted, sample = false): string {
  const address = new URL(base, location.href);
  const set = (name: string, value: string) => {
    if (value) address.searchParams.set(name, value);
  };
  set("layers", wanted.layers.join(","));
  set(
    "platforms",
    wanted.layers.includes("chat") || wanted.layers.includes("alerts") ? wanted.platforms.join(",") : "",
  );
  set("theme", wanted.theme === "own" ? "" : wanted.theme);
  set("layout", wanted.layers.length > 1 ? wanted.layout : "");
  set("lang", wanted.language);
  if (sample) {
    set("sample", "1");
    set("role", "view");
  }
  return address.href;
}

/** An address to be read on a screen: all of it but the key. */
export function readable(address: string): string {
  return decodeURIComponent(address.replace(/([?&]token=)[^&]*/u, "$1…"));
}
