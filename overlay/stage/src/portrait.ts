/** A page for the people who draw: one look in one pose, still, at `window.portrait(...)`. Not part of a build. */
import type { Dyes } from "./builtin/paint.ts";
import { parse } from "./avatar/colour.ts";
import { EXPRESSIONS } from "./avatar/expressions.ts";
import { type Pose, PARAMETERS, rest } from "./avatar/pose.ts";
import { Figure } from "./builtin/figure.ts";

interface Wanted {
  look?: string;
  emotion?: string;
  arms?: string;
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
const D: Record<string, string> = { hair: "#24375e", tip: "#f2a65a", eyes: "#f0b13c", skin: "#ffe3cf", outfit: "#2c4170", accent: "#ffc56b", shirt: "#f6ecdc", scene: "#9fb4ff" };
const dyes = Object.fromEntries(Object.entries(D).map(([k, v]) => [k, parse(v, [0, 0, 0])])) as unknown as Dyes;

window.portrait = ({ emotion = "neutral", arms = "rest", repeat = 1, pose = {}, width = innerWidth, height = innerHeight }) => {
  const canvas = document.querySelector("canvas");
  const ctx = canvas?.getContext("2d");
  if (!canvas || !ctx) throw new Error("no canvas");
  canvas.width = width;
  canvas.height = height;
  const figure = new Figure(ctx, dyes);
  figure.arms = arms as never;
  const now: Pose = { ...rest(), ...(EXPRESSIONS as Record<string, Partial<Pose>>)[emotion], ...pose };
  void PARAMETERS;
  for (let i = 0; i < 180; i++) figure.step(now, i / 60, 1 / 60);
  for (let i = 0; i < repeat; i++) figure.draw(now);
  const began = performance.now();
  for (let i = 0; i < repeat; i++) figure.draw(now);
  return (performance.now() - began) / repeat;
};
