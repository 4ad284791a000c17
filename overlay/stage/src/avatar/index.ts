/**
 * The built-in avatar: a bust drawn by our own code on Canvas2D and driven by parameters with the names that Cubism
 * models use. `draw` is called once a frame; nothing else costs anything.
 */
import type { Emotion, Gesture, Look } from "@haishin/common/protocol";
import type { State } from "./expressions.ts";
import { Figure } from "./figure.ts";
import { Physics, type Swing } from "./physics.ts";
import { Rig } from "./rig.ts";

export type { State } from "./expressions.ts";

/** A page that was hidden must not make up for an hour in one frame; seconds. */
const LONGEST_FRAME = 0.25;
const LONGEST_STEP = 0.05;

export interface Avatar {
  /** Change colours, haircut and accessory at once. */
  setLook(look: Look): void;
  setEmotion(emotion: Emotion): void;
  /** Play a gesture after those that still wait; a stopped or dozing avatar makes none. */
  gesture(gesture: Gesture): void;
  setState(state: State): void;
  readonly state: State;
  /** What the voice does now: `open` 0 to 1, `form` -1 ("u") to 1 ("i"). */
  setMouth(open: number, form: number): void;
  /** Draw one frame for the clock `nowMs`, in ms as `requestAnimationFrame` gives it. Fits the canvas' pixels. */
  draw(nowMs: number): void;
  /** The parameters as they were last drawn, by their names. */
  parameters(): Record<string, number>;
}

/** Make an avatar on a canvas. `random` is for tests. */
export function createAvatar(canvas: HTMLCanvasElement, look: Look, random: () => number = Math.random): Avatar {
  const ctx = canvas.getContext("2d");
  if (!ctx) throw new Error("this browser draws no 2D canvas");
  const rig = new Rig(random);
  const physics = new Physics();
  let figure = new Figure(ctx, look);
  let last: number | undefined;
  let time = 0;
  return {
    setLook: (next) => {
      figure = new Figure(ctx, next);
    },
    setEmotion: (emotion) => rig.setEmotion(emotion),
    gesture: (gesture) => rig.gesture(gesture),
    setState: (state) => rig.setState(state),
    get state() {
      return rig.state;
    },
    setMouth: (open, form) => rig.setMouth(open, form),
    draw: (nowMs) => {
      const passed = Math.min(LONGEST_FRAME, Math.max(0, (nowMs - (last ?? nowMs)) / 1000));
      last = nowMs;
      // What moves by steps moves alike at ten frames a second and at sixty.
      const steps = Math.max(1, Math.ceil(passed / LONGEST_STEP));
      let { pose } = rig;
      let swing: Swing | undefined;
      for (let n = 0; n < steps; n++) {
        time += passed / steps;
        pose = rig.step(passed / steps);
        swing = physics.step(pose, time, passed / steps);
      }
      if (swing) figure.draw(pose, swing, time);
    },
    parameters: () => ({ ...rig.pose }),
  };
}
