/** The panel's preview: a page of its own host that frames this one may have a model worn, a face made, a gesture played. */
import type { Emotion, Gesture, StageModel } from "@haishin/common/protocol";
import { EXPRESSIONS } from "./avatar/expressions.ts";
import { MOTIONS } from "./avatar/gestures.ts";
import type { Figure } from "./renderers.ts";

/** What the panel sends; each part alone. `speak` moves the mouth for so many seconds. */
export interface Trial {
  type: "haishin-trial";
  model?: StageModel;
  emotion?: string;
  gesture?: string;
  speak?: number;
}

/** Say that the page is ready, and do what the page around it wants. */
export function listen(avatar: Figure): void {
  addEventListener("message", (event) => {
    if (event.source === parent && parent !== window && event.origin === location.origin) take(avatar, event.data);
  });
  if (parent !== window) parent.postMessage({ type: "haishin-trial-ready" }, location.origin);
}

/** Do what a message wants, as far as it is one. */
export function take(avatar: Figure, data: unknown): void {
  if (typeof data !== "object" || data === null || (data as Trial).type !== "haishin-trial") return;
  const { model, emotion, gesture, speak } = data as Trial;
  if (model) avatar.wear(model);
  if (emotion && Object.hasOwn(EXPRESSIONS, emotion)) avatar.setEmotion(emotion as Emotion);
  if (gesture && Object.hasOwn(MOTIONS, gesture)) avatar.gesture(gesture as Gesture);
  if (typeof speak === "number" && speak > 0) babble(avatar, Math.min(5, speak));
}

/** Move the mouth as speech does. */
function babble(avatar: Figure, seconds: number): void {
  const began = performance.now();
  avatar.setState("speaking");
  const timer = setInterval(() => {
    const at = (performance.now() - began) / 1000;
    if (at > seconds) {
      clearInterval(timer);
      avatar.setMouth(0, 0);
      avatar.setState("idle");
      return;
    }
    avatar.setMouth(Math.abs(Math.sin(at * 9)) * (0.6 + 0.4 * Math.sin(at * 2.3)), Math.sin(at * 3.1));
  }, 33);
}
