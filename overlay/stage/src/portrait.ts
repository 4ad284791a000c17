/** A page for the people who draw: one look in one pose, still, at `window.portrait(...)`. Not part of a build. */
import { EXPRESSIONS } from "./avatar/expressions.ts";
import { MOTIONS, type Movement } from "./avatar/gestures.ts";
import { limit, type Pose, rest } from "./avatar/pose.ts";
import { smoothstep } from "./avatar/spring.ts";
import { Figure } from "./builtin/figure.ts";
import { LOOKS, type Wish } from "./builtin/looks.ts";

interface Wanted {
  look?: string | Wish;
  emotion?: string;
  /** A gesture, and the share of it that has passed. */
  gesture?: Movement;
  at?: number;
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
  gesture,
  at = 0.5,
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
  if (gesture) MOTIONS[gesture].add(now, at, smoothstep(0, 0.2, at) * (1 - smoothstep(0.75, 1, at)));
  limit(now);
  for (let i = 0; i < 180; i++) figure.step(now, i / 60, 1 / 60);
  for (let i = 0; i < repeat; i++) figure.draw(now);
  canvas.style.filter = silhouette ? "brightness(0)" : "";
  const began = performance.now();
  for (let i = 0; i < repeat; i++) figure.draw(now);
  return (performance.now() - began) / repeat;
};
