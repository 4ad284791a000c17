/** Where a model stands in the picture: found from the places of its eyes and mouth, as models differ in all else. */
import type { CoreModel } from "./core.ts";
import type { Mapping } from "./mapping.ts";
import type { View } from "./painter.ts";

/** In the model's units: where the head is and how tall, and the edges of all that is drawn. */
export interface Body {
  readonly headX: number;
  readonly eyesY: number;
  readonly head: number;
  readonly bottom: number;
  readonly top: number;
}

/** The head of a drawn figure is about so many times as tall as the way from its eyes to its mouth. */
const HEAD_BY_FACE = 3.6;
/** Height of the head and place of the eyes in a picture, as parts of its height. */
const HEAD = 0.34;
const EYES = 0.32;
/** In a tall picture the head is at most so wide, as a part of its width. */
const HEAD_WIDTH = 0.5;
/** Movement of a shape's points that counts, as a part of the model's height. */
const MOVED = 0.0004;
/** A full figure without a face that moves: its head is taken for this part of it. */
const WHOLE = 0.16;

/** Look at the model by moving its eyes and its mouth; leaves its parameters at rest. */
export function measure(model: CoreModel, eyes: readonly number[], mouth: readonly number[]): Body {
  const { parameters } = model;
  parameters.values.set(Array.from(parameters.defaultValues));
  model.update();
  const calm = model.drawables.vertexPositions.map((one) => Float32Array.from(one));
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let n = 0; n < model.drawables.count; n++) {
    if ((model.drawables.opacities[n] ?? 0) <= 0) continue;
    const places = calm[n] ?? [];
    for (let i = 0; i + 1 < places.length; i += 2) {
      left = Math.min(left, places[i] ?? 0);
      right = Math.max(right, places[i] ?? 0);
      bottom = Math.min(bottom, places[i + 1] ?? 0);
      top = Math.max(top, places[i + 1] ?? 0);
    }
  }
  if (!(top > bottom)) [left, right, bottom, top] = [-0.5, 0.5, -0.5, 0.5];
  const height = top - bottom;
  const moved = (indices: readonly number[]): readonly [number, number] | null => {
    for (const index of indices) {
      const { [index]: low = 0 } = parameters.minimumValues;
      const { [index]: high = 1 } = parameters.maximumValues;
      const { [index]: rest = 0 } = parameters.defaultValues;
      parameters.values[index] = high - rest > rest - low ? high : low;
    }
    model.update();
    const found = middle(model, calm, height * MOVED);
    parameters.values.set(Array.from(parameters.defaultValues));
    model.update();
    return found;
  };
  const eyesAt = eyes.length ? moved(eyes) : null;
  const mouthAt = mouth.length ? moved(mouth) : null;
  const face = eyesAt && mouthAt ? eyesAt[1] - mouthAt[1] : 0;
  if (!eyesAt || face <= height * 0.005) {
    const head = height * WHOLE;
    return { headX: (left + right) / 2, eyesY: top - head * 0.55, head, bottom, top };
  }
  return { headX: eyesAt[0], eyesY: eyesAt[1], head: face * HEAD_BY_FACE, bottom, top };
}

/** The middle of all points that are elsewhere than before. */
function middle(model: CoreModel, before: readonly Float32Array[], least: number): readonly [number, number] | null {
  let [x, y, count] = [0, 0, 0];
  for (let n = 0; n < model.drawables.count; n++) {
    const now = model.drawables.vertexPositions[n] ?? [];
    const was = before[n] ?? [];
    for (let i = 0; i + 1 < now.length; i += 2) {
      const [ax = 0, ay = 0] = [was[i], was[i + 1]];
      if (Math.hypot((now[i] ?? 0) - ax, (now[i + 1] ?? 0) - ay) < least) continue;
      x += ax;
      y += ay;
      count++;
    }
  }
  return count ? [x / count, y / count] : null;
}

/** Frame a body in a picture of so many pixels: half of it, as people are shown who speak. */
export function frame(body: Body, width: number, height: number, view: Mapping["view"]): View {
  const tall = (HEAD / body.head) * view.zoom;
  const wide = ((HEAD_WIDTH * width) / Math.max(1, height) / body.head) * view.zoom;
  /** Parts of the picture's height for one unit of the model. */
  let scale = Math.min(tall, wide);
  let eyes = EYES;
  // Nobody floats: what ends above the edge of the picture is brought down to it.
  const end = eyes + (body.eyesY - body.bottom) * scale;
  if (end < 1 && view.zoom === 1) {
    scale = Math.min(scale * Math.min(1.6, 1 / end), wide);
    eyes = Math.max(eyes, 1 - (body.eyesY - body.bottom) * scale);
  }
  const sy = 2 * scale;
  const sx = (sy * height) / Math.max(1, width);
  return {
    sx,
    sy,
    tx: -body.headX * sx + (2 * view.x * height) / Math.max(1, width),
    ty: 1 - 2 * eyes - body.eyesY * sy + 2 * view.y,
  };
}
