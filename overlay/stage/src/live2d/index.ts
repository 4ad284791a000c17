/**
 * A Live2D model of the streamer's on a canvas, by the same parameters as our own figure. Live2D's Core, which makes
 * shapes of its file, is installed by the streamer (`haishin live2d install`) and loaded from our own host; nothing
 * of Live2D's is part of this program.
 */
import type { Emotion } from "@haishin/common/protocol";
import { rest } from "../avatar/pose.ts";
import { Rig } from "../avatar/rig.ts";
import type { ModelRenderer, Open } from "../renderers.ts";
import { Assets } from "./assets.ts";
import { type CoreModel, loadCore, reviveModel } from "./core.ts";
import { isData, list, text } from "./curves.ts";
import { Figure, loadMoves, type Moves } from "./figure.ts";
import { type Body, frame, measure } from "./framing.ts";
import { type Mapping, readMapping } from "./mapping.ts";
import { Painter } from "./painter.ts";

/** A page that was hidden must not make up for an hour in one frame; seconds. */
const LONGEST_FRAME = 0.25;
const LONGEST_STEP = 0.05;
const MOST_TEXTURES = 64;

/** Where our host has the Core that the streamer installed. */
const CORE = "/stage/live2d/core.js";

/** Load a model and return what draws it. Raises with a reason in words when it cannot be shown. */
export const open: Open = async (canvas, { url, mapping: raw }, _failed, signal) => {
  const gl = canvas.getContext("webgl2", { alpha: true, premultipliedAlpha: true, antialias: false });
  if (!gl) throw new Error("this browser draws no WebGL 2");
  const assets = new Assets(url, signal);
  const [core, model3] = await Promise.all([loadCore(CORE), assets.model()]);
  const files = isData(model3.FileReferences) ? model3.FileReferences : {};
  const pictures = list(files.Textures).map(text).slice(0, MOST_TEXTURES);
  const [bytes, ...textures] = await Promise.all([
    assets.bytes(text(files.Moc)),
    ...pictures.map((one) => assets.picture(one)),
  ]);
  const model = reviveModel(core, bytes);
  try {
    const moves = await loadMoves(assets, model3, model);
    return show(gl, model, textures, readMapping(raw), moves, Math.random);
  } catch (error) {
    model.release();
    throw error;
  } finally {
    for (const texture of textures) texture.close();
  }
};

export function show(
  gl: WebGL2RenderingContext,
  model: CoreModel,
  textures: readonly TexImageSource[],
  first: Mapping,
  moves: Moves,
  random: () => number,
): ModelRenderer {
  const painter = new Painter(gl, model, textures);
  const rig = new Rig(random);
  let mapping = first;
  let figure = new Figure(model, mapping, moves, random);
  let body = stature(model, mapping);
  let emotion: Emotion = "neutral";
  let last: number | undefined;
  let over = false;
  figure.step(rest(), 0);
  return {
    setLook: () => {},
    setEmotion: (next) => {
      emotion = next;
      figure.setEmotion(emotion);
      rig.setEmotion(figure.expresses(emotion) ? "neutral" : emotion);
    },
    gesture: (gesture) => {
      if (rig.state === "stopped" || rig.state === "offline") return;
      if (!figure.gesture(gesture)) rig.gesture(gesture);
    },
    setState: (state) => {
      rig.setState(state);
      if (state === "stopped" || state === "offline") figure.calm();
    },
    get state() {
      return rig.state;
    },
    setMouth: (open, form) => rig.setMouth(open, form),
    notice: (what) => rig.notice(what),
    draw: (nowMs) => {
      if (over || gl.isContextLost()) return;
      const passed = Math.min(LONGEST_FRAME, Math.max(0, (nowMs - (last ?? nowMs)) / 1000));
      last = nowMs;
      const steps = Math.max(1, Math.ceil(passed / LONGEST_STEP));
      for (let n = 0; n < steps; n++) figure.step(rig.step(passed / steps), passed / steps);
      model.update();
      painter.draw(frame(body, gl.drawingBufferWidth, gl.drawingBufferHeight, mapping.view));
    },
    parameters: () => ({ ...rig.pose }),
    remap: (raw) => {
      mapping = readMapping(raw);
      body = stature(model, mapping);
      figure = new Figure(model, mapping, moves, random);
      figure.setEmotion(emotion);
      rig.setEmotion(figure.expresses(emotion) ? "neutral" : emotion);
    },
    dispose: () => {
      if (over) return;
      over = true;
      painter.dispose();
      model.release();
    },
  };
}

/** Measure a model by the parameters that a mapping names for its eyes and its mouth. */
function stature(model: CoreModel, { parameters, vowels }: Mapping): Body {
  const index = new Map(Array.from(model.parameters.ids, (id, n) => [id, n]));
  const indices = (names: readonly string[] = []): number[] =>
    names.map((name) => index.get(name.replace(/^-/, "")) ?? -1).filter((n) => n >= 0);
  const mouth = indices(parameters.ParamMouthOpenY);
  const eyes = [...indices(parameters.ParamEyeLOpen), ...indices(parameters.ParamEyeROpen)];
  return measure(model, eyes, mouth.length ? mouth : indices(vowels.slice(0, 1)));
}
