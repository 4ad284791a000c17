/** A page for the people who draw: one look in one pose, still, at `window.portrait(...)`. Not part of a build. */
import { EXPRESSIONS } from "./avatar/expressions.ts";
import { MOTIONS, type Movement } from "./avatar/gestures.ts";
import { limit, type Pose, rest } from "./avatar/pose.ts";
import { smoothstep } from "./avatar/spring.ts";
import { Figure } from "./builtin/figure.ts";
import { createBuiltin } from "./builtin/index.ts";
import { LOOKS, type Wish } from "./builtin/looks.ts";
import type { Renderer } from "./renderer.ts";
import { drawScene } from "./scenes/index.ts";
import type { Hour, SceneName } from "./scenes/light.ts";

interface Wanted {
  look?: string | Wish;
  emotion?: string;
  /** A gesture, and the share of it that has passed. */
  gesture?: Movement;
  at?: number;
  /** Everything black, to see whether figures are told apart by their outlines. */
  silhouette?: boolean;
  repeat?: number;
  /** What is drawn behind, and when. */
  backdrop?: SceneName | "none";
  hour?: Hour;
  pose?: Partial<Pose>;
  width?: number;
  height?: number;
}
declare global {
  interface Window {
    portrait?: (wanted: Wanted) => number;
    act?: (wanted: Wanted & { seconds: number }) => void;
  }
}
window.portrait = ({
  look = "mira",
  emotion = "neutral",
  gesture,
  at = 0.5,
  repeat = 1,
  silhouette = false,
  backdrop = "none",
  hour = "day",
  pose = {},
  width = innerWidth,
  height = innerHeight,
}) => {
  const canvas = document.querySelector<HTMLCanvasElement>("#figure");
  const ctx = canvas?.getContext("2d");
  if (!canvas || !ctx) throw new Error("no canvas");
  canvas.width = width;
  canvas.height = height;
  const behind = document.querySelector<HTMLCanvasElement>("#scene");
  if (behind) {
    behind.width = width;
    behind.height = height;
    behind.hidden = backdrop === "none";
    if (backdrop !== "none") drawScene(behind, backdrop, hour);
  }
  const figure = new Figure(ctx, { ...(typeof look === "string" ? (LOOKS[look] ?? {}) : look), backdrop, hour });
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

/** A short play by the page's own renderer: she says hello, somebody gives, she is glad, and says thanks. */
const SCRIPT: readonly (readonly [number, (avatar: Renderer) => void])[] = [
  [0.1, (avatar) => avatar.setEmotion("joy")],
  [0.15, (avatar) => avatar.gesture("wave")],
  [2.1, (avatar) => avatar.setEmotion("neutral")],
  [2.5, (avatar) => avatar.setMood?.("joy", 0.7)],
  [2.62, (avatar) => avatar.notice("gift", 0.8)],
];
let played: { avatar: Renderer; at: number; next: number } | undefined;
window.act = ({
  look = "mira",
  backdrop = "none",
  hour = "day",
  width = innerWidth,
  height = innerHeight,
  seconds,
}) => {
  const canvas = document.querySelector<HTMLCanvasElement>("#figure");
  const behind = document.querySelector<HTMLCanvasElement>("#scene");
  if (!canvas || !behind) throw new Error("no canvas");
  if (!played || seconds < played.at) {
    canvas.width = behind.width = width;
    canvas.height = behind.height = height;
    canvas.style.filter = "";
    behind.hidden = backdrop === "none";
    if (backdrop !== "none") drawScene(behind, backdrop, hour);
    let seed = 11;
    const random = (): number => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    };
    const wish: Wish = { ...(typeof look === "string" ? LOOKS[look] : look), backdrop, hour };
    played = { avatar: createBuiltin(canvas, wish, random), at: 0, next: 0 };
    for (let i = 0; i < 120; i++) played.avatar.draw(i * 16 - 1920);
  }
  const { avatar } = played;
  for (; played.at < seconds; played.at += 1 / 60) {
    for (; (SCRIPT[played.next]?.[0] ?? 99) <= played.at; played.next++) SCRIPT[played.next]?.[1](avatar);
    const t = played.at;
    const talks = (t > 0.4 && t < 1.9) || (t > 3.4 && t < 4.8);
    avatar.setState(talks ? "speaking" : "idle");
    const syllable = Math.max(0, Math.sin(t * 21)) * (0.6 + 0.4 * Math.sin(t * 5));
    avatar.setMouth(talks ? syllable : 0, talks ? Math.sin(t * 9) * 0.7 : 0);
    avatar.draw(t * 1000);
  }
};
