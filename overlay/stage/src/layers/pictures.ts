/** Pictures of events: our own line drawings, in the theme's colours. */
const PATHS: Record<string, string> = {
  heart: "M24 41C8 30 5 22 5 16a9.5 9.5 0 0 1 19-2 9.5 9.5 0 0 1 19 2c0 6-3 14-19 25z",
  star: "m24 5 5.7 12.2 13.3 1.6-9.8 9.1 2.6 13.1L24 34.4 12.2 41l2.6-13.1L5 18.8l13.3-1.6z",
  gift: "M6 16h36v8H6zM9 24h30v18H9zM24 16v26M24 16c-4-9-14-10-14-4 0 4 8 4 14 4zm0 0c4-9 14-10 14-4 0 4-8 4-14 4z",
  crown: "M6 36V14l10 9 8-15 8 15 10-9v22zM6 41h36",
  raid: "M24 5c7 5 10 12 10 20l5 7-9 1c-1 4-3 7-6 10-3-3-5-6-6-10l-9-1 5-7c0-8 3-15 10-20zm0 13a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
  bubble: "M6 9h36v24H22l-9 8v-8H6zM14 18h20M14 25h13",
  gem: "M14 7h20l9 12-19 23L5 19zM5 19h38M24 42l-8-23 5-12m3 35 8-23-5-12",
};
const OF: Record<string, string> = {
  cheer: "gem",
  gift: "gift",
  super_chat: "bubble",
  sub: "star",
  guard: "crown",
  raid: "raid",
  follow: "heart",
  redemption: "gem",
};
const SVG = "http://www.w3.org/2000/svg";

/** Draw what stands for a kind of event. */
export function picture(kind: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 48 48");
  svg.setAttribute("class", "picture");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[OF[kind] ?? "heart"] ?? "");
  svg.append(path);
  return svg;
}
