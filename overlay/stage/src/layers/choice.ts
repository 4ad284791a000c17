/** What a page's address asks for: `?layers=chat,alerts&platforms=twitch&theme=neon&layout=tall&lang=zh`. */
import type { Layout, Theme } from "@haishin/common/protocol";

export const LAYERS = [
  "avatar",
  "captions",
  "label",
  "streamer",
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
] as const;
export type Layer = (typeof LAYERS)[number];

/** What a page without a choice shows. */
const USUAL: readonly Layer[] = ["avatar", "captions", "label", "streamer"];
const THEMES: readonly Theme[] = ["glass", "paper", "neon", "ink"];

export interface Choice {
  layers: ReadonlySet<Layer>;
  /** Names that are no layers, to be told. */
  unknown: string[];
  /** The platforms of the chat box; empty for the first one, "all" among them for all together. */
  platforms: string[];
  /** The address's own theme, before that of the settings. */
  theme: Theme | null;
  layout: "wide" | "tall" | "auto";
  /** The layout of the streamer's own that the address names; empty for none. */
  named: string;
  /** Whether the host is drawn here. */
  figure: boolean;
  /** One layer alone fills its page: a source of its own in OBS. */
  alone: Layer | null;
  /** Shows what the layers look like, without a show. */
  sample: boolean;
}

/** The avatar always carries the label: it is off only where the settings leave it empty. */
export function chosen(query: URLSearchParams): Choice {
  const named = names(query.get("layers"));
  const known = named.filter((name): name is Layer => (LAYERS as readonly string[]).includes(name));
  const layers = new Set(named.length ? known : USUAL);
  if (layers.has("avatar")) layers.add("label");
  const theme = query.get("theme");
  const layout = (query.get("layout") ?? "auto").trim();
  const built = layout === "wide" || layout === "tall" ? layout : "auto";
  const sample = query.get("sample") === "1";
  const own = built === layout || layout === "" ? "" : layout.normalize("NFC").slice(0, 120);
  const [first] = layers;
  return {
    layers,
    unknown: named.filter((name) => !(LAYERS as readonly string[]).includes(name)),
    platforms: names(query.get("platforms")),
    theme: THEMES.find((one) => one === theme) ?? null,
    layout: built,
    named: own,
    // Which layers a preview shows is told later.
    figure: layers.has("avatar") || (sample && own !== ""),
    alone: layers.size === 1 && first && !own ? first : null,
    sample,
  };
}

/** Let a page show what a layout says, in place of what its address says. */
export function adopt(choice: Choice, layout: Layout): void {
  choice.layers = new Set(layout.boxes.map(({ layer }) => layer));
  choice.platforms = layout.platforms;
  choice.theme = layout.theme;
  choice.layout = layout.shape;
}

/** Names with commas between them, each once; a hostile address is cut. */
function names(text: string | null): string[] {
  const found = (text ?? "").slice(0, 1_000).split(",").slice(0, 30);
  return [...new Set(found.map((name) => name.trim().toLowerCase()).filter(Boolean))];
}

/** Whether a line's platform is shown: "bilibili" stands for each connection to it; without a choice, the first one. */
export function showsPlatform(source: string, platforms: readonly string[], sources: readonly string[]): boolean {
  if (platforms.includes("all")) return true;
  const wanted = platforms.length ? platforms : sources.slice(0, 1);
  return wanted.some((one) => one === source || one.split("_")[0] === source.split("_")[0]);
}
