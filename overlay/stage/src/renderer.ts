/**
 * What the stage asks of whatever draws the host: our own figure, or later a model that the streamer brings. All are
 * driven by parameters with the names that Cubism models use (`avatar/pose.ts`).
 */
import type { Emotion, Gesture, Look, MouthShape, Reaction } from "@haishin/common/protocol";
import type { State } from "./avatar/expressions.ts";

/** Something happened that a living being reacts to: a clause ends, somebody writes, gives, arrives, laughs. */
export type Notice = "clauseEnd" | Reaction["kind"];

export interface Renderer {
  /** Change the look at once; a renderer of a streamer's own model may ignore it. */
  setLook(look: Look): void;
  setEmotion(emotion: Emotion): void;
  /** Play a gesture after those that still wait; a stopped or dozing figure makes none. */
  gesture(gesture: Gesture): void;
  setState(state: State): void;
  readonly state: State;
  /**
   * What the voice does now: `open` 0 to 1 (ParamMouthOpenY), `form` -1 ("u") to 1 ("i"). `shape` is what it says by
   * its own marks, where it has any.
   */
  setMouth(open: number, form: number, shape?: MouthShape | null): void;
  /** React to what happened; `strength` 0 to 1. */
  notice(what: Notice, strength?: number): void;
  /** What is felt between the sentences: it colours the face where no clause has a feeling of its own. */
  setMood?(emotion: Emotion, strength: number): void;
  /** Draw one frame for the clock `nowMs`, in ms as `requestAnimationFrame` gives it. Fits the canvas' pixels. */
  draw(nowMs: number): void;
  /** How many times wider than high its drawing is at the most, whatever it does; any width without. */
  readonly widest?: number;
  /** What the last frame costs beside the page's own work, where it cannot see it, in ms. */
  readonly elsewhereMs?: number;
  /** The parameters as they were last drawn, by their names. */
  parameters(): Record<string, number>;
}
