/**
 * The built-in figure: points in space, drawn with a tapering brush on Canvas2D, and driven by parameters with the
 * names that Cubism models use. `draw` is called once a frame; nothing else costs anything.
 */
import type { Look } from "@haishin/common/protocol";
import { Rig } from "../avatar/rig.ts";
import type { Renderer } from "../renderer.ts";
import { Figure, WIDEST } from "./figure.ts";
import type { Wish } from "./looks.ts";

/** A page that was hidden must not make up for an hour in one frame; seconds. */
const LONGEST_FRAME = 0.25;
const LONGEST_STEP = 0.05;

/** Make a figure on a canvas. `random` is for tests. */
export function createBuiltin(
  canvas: HTMLCanvasElement,
  look: Look | Wish,
  random: () => number = Math.random,
): Renderer {
  const ctx = canvas.getContext("2d");
  if (!ctx) throw new Error("this browser draws no 2D canvas");
  const rig = new Rig(random);
  let figure = new Figure(ctx, { ...look });
  let last: number | undefined;
  let time = 0;
  return {
    setLook: (next) => {
      figure = new Figure(ctx, { ...next });
    },
    setEmotion: (emotion) => rig.setEmotion(emotion),
    gesture: (gesture) => rig.gesture(gesture),
    setState: (state) => rig.setState(state),
    get state() {
      return rig.state;
    },
    setMouth: (open, form) => rig.setMouth(open, form),
    notice: (what, strength) => rig.notice(what, strength),
    setMood: (emotion, strength) => rig.setMood(emotion, strength),
    draw: (nowMs) => {
      const passed = Math.min(LONGEST_FRAME, Math.max(0, (nowMs - (last ?? nowMs)) / 1000));
      last = nowMs;
      // What moves by steps moves alike at ten frames a second and at sixty.
      const steps = Math.max(1, Math.ceil(passed / LONGEST_STEP));
      for (let n = 0; n < steps; n++) {
        time += passed / steps;
        figure.step(rig.step(passed / steps), time, passed / steps);
      }
      figure.draw(rig.pose);
    },
    widest: WIDEST,
    parameters: () => ({ ...rig.pose }),
  };
}
