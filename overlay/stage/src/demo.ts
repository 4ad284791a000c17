/**
 * A page for whoever works on the avatar; it is no part of the build. `demo.html` cycles all expressions, states and
 * gestures; `?look=mira` or `?look={"hair":"#24375e",…}` changes the look, `?emotion=joy` holds one expression, `?state=` a state.
 */
import type { Emotion, Gesture } from "@haishin/common/protocol";
import { EXPRESSIONS, STATES, type State } from "./avatar/expressions.ts";
import { MOTIONS } from "./avatar/gestures.ts";
import { createBuiltin } from "./builtin/index.ts";
import { LOOKS, type Wish } from "./builtin/looks.ts";

const SECONDS = 3.5;

const query = new URLSearchParams(location.search);
const canvas = document.querySelector("canvas");
const caption = document.querySelector("p");
if (!canvas || !caption) throw new Error("the page lacks its canvas");

const wanted = query.get("look") ?? "mira";
const look: Wish = LOOKS[wanted] ?? (JSON.parse(wanted) as Wish);
const avatar = createBuiltin(canvas, look);
const emotions = Object.keys(EXPRESSIONS) as Emotion[];
const gestures = Object.keys(MOTIONS) as Gesture[];
const states = Object.keys(STATES) as State[];
const scenes = [
  ...emotions.map((name) => ({ name, play: () => avatar.setEmotion(name) })),
  ...gestures.map((name) => ({ name, play: () => avatar.gesture(name) })),
  ...states.map((name) => ({ name, play: () => avatar.setState(name) })),
];
const held = scenes.find(({ name }) => name === (query.get("emotion") ?? query.get("state") ?? query.get("gesture")));

let scene = -1;
function next(): void {
  scene = (scene + 1) % scenes.length;
  avatar.setState("idle");
  const now = held ?? scenes[scene];
  now?.play();
  if (caption && now) caption.textContent = now.name;
}

function draw(now: number): void {
  requestAnimationFrame(draw);
  if (query.has("talk")) {
    const syllable = Math.max(0, Math.sin(now / 80) * Math.sin(now / 270 + 1));
    avatar.setMouth(syllable, Math.sin(now / 190));
  }
  avatar.draw(now);
}

function fit(): void {
  if (!canvas) return;
  canvas.width = innerWidth * devicePixelRatio;
  canvas.height = innerHeight * devicePixelRatio;
}

addEventListener("resize", fit);
fit();
next();
setInterval(next, SECONDS * 1000);
requestAnimationFrame(draw);
