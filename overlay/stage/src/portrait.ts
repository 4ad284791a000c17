/** A page for the people who draw: one look in one pose, still, at `window.portrait(...)`. Not part of a build. */
import { EXPRESSIONS } from "./avatar/expressions.ts";
import { type Pose, rest } from "./avatar/pose.ts";
import { Figure } from "./builtin/figure.ts";
import { LOOKS, type Wish } from "./builtin/looks.ts";

interface Wanted {
  look?: string | Wish;
  emotion?: string;
  /** Everything black, to see whether figures are told apart by their outlines. */
  silhouette?: boolean;
  repeat?: number;
  pose?: Partial<Pose>;
  width?: number;
  height?: number;
}
declare global {
  interface Window {
    portrait?: (wanted: Wanted) => number;
  }
}
window.portrait = ({
  look = "mira",
  emotion = "neutral",
  repeat = 1,
  silhouette = false,
  pose = {},
  width = innerWidth,
  height = innerHeight,
}) => {
  const canvas = document.querySelector("canvas");
  const ctx = canvas?.getContext("2d");
  if (!canvas || !ctx) throw new Error("no canvas");
  canvas.width = width;
  canvas.height = height;
  const figure = new Figure(ctx, typeof look === "string" ? (LOOKS[look] ?? {}) : look);
  const now: Pose = { ...rest(), ...(EXPRESSIONS as Record<string, Partial<Pose>>)[emotion], ...pose };
  for (let i = 0; i < 180; i++) figure.step(now, i / 60, 1 / 60);
  for (let i = 0; i < repeat; i++) figure.draw(now);
  canvas.style.filter = silhouette ? "brightness(0)" : "";
  const began = performance.now();
  for (let i = 0; i < repeat; i++) figure.draw(now);
  return (performance.now() - began) / repeat;
};
