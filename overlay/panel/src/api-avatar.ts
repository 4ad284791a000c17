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

/** `GET /api/avatar`: `own` is the model of the persona's file, `shown` the one on the stage; empty: the built-in figure. */
export interface AvatarView {
  persona: string;
  own: string;
  shown: string;
  chosen: boolean;
  problem: string;
  models: ModelItem[];
}
