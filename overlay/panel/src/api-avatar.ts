/** The figure on the stage: `bot/control/schemas/avatar.py` in TypeScript. */

/** `POST /api/avatar`: an empty name stands for the built-in figure, null for what the persona's file says. */
export interface ChooseModelIn {
  name: string | null;
}

/** One model that there is; one with a `problem` cannot be chosen. */
export interface ModelItem {
  name: string;
  kind: "vrm" | "live2d" | "";
  title: string;
  author: string;
  licence: string;
  credit: string;
  problem: string;
}

/** A model as the stage page is told of it. */
export interface StageModel {
  kind: "vrm" | "live2d" | "none";
  name: string;
  url: string;
  credit: string;
  mapping: Record<string, Record<string, string>>;
}

/** Something of a model that can stand for something of ours; `title` is what its maker calls it, or empty. */
export interface Choice {
  id: string;
  title: string;
}

/** `GET /api/avatar/mapping/{name}`: what of ours is what of a model's, and what there is to choose from. */
export interface MappingView {
  model: StageModel;
  parameters: string[];
  theirs: Choice[];
  expressions: string[];
  motions: Choice[];
  groups: string[];
}

/** `PUT /api/avatar/mapping/{name}`. */
export interface MappingIn {
  mapping: Record<string, Record<string, string>>;
}

/** VTube Studio, where it is configured: whether it shows the host, and which hotkeys stand for what. */
export interface VtsView {
  driving: boolean;
  asking: boolean;
  refused: boolean;
  problem: string;
  remedy: string;
  model: string;
  hotkeys: string[];
  emotions: Record<string, string>;
  gestures: Record<string, string>;
}

/** `GET /api/avatar`: `own` is the model of the persona's file, `shown` the one on the stage; empty: the built-in figure. */
export interface AvatarView {
  persona: string;
  own: string;
  shown: string;
  chosen: boolean;
  problem: string;
  models: ModelItem[];
  vts: VtsView | null;
}
