/** The video mixer and its director on the wire: `bot/control/schemas/mixer.py` in TypeScript. */

export type OutputState = "stopped" | "starting" | "active" | "reconnecting" | "stopping";
export type ShowState = "offline" | "starting" | "live" | "break" | "technical" | "ending";
/** Where a person chose a scene. */
export type Hand = "mixer" | "panel" | "chat";
export type Outcome = "done" | "partly" | "refused" | "failed" | "dropped" | "undone";

/** `POST /api/mixer/scene`. */
export interface SceneIn {
  scene: string;
}

/** `POST /api/mixer/state`. */
export interface ShowStateIn {
  state: "starting" | "live" | "break" | "ending";
}

/** `POST /api/cues/run` and `/api/cues/rehearse`. */
export interface CueIn {
  cue: string;
}

/** What a cue would do, one line each. */
export interface Rehearsal {
  lines: string[];
}

/** A person has chosen the scene; the director leaves it alone. */
export interface SceneHold {
  scene: string;
  by: Hand;
  age_s: number;
}

/** A cue that can be run; `skipped` counts how often it was not set off because it rested. */
export interface CueItem {
  name: string;
  priority: number;
  skipped: number;
}

/** Why a cue came out as it did. */
export type Why =
  | "circle"
  | "no_cue"
  | "away"
  | "crowded"
  | "waited"
  | "held"
  | "busy"
  | "priority"
  | "much"
  | "no_scene"
  | "put_back"
  | "stays"
  | "stuck"
  | "error";

/** A reason: `step` is the verb of the step, `value`, `more` and `near` are names. */
export interface CueRemark {
  why: Why;
  value: string;
  more: string;
  step: string;
  near: string;
}

/** What became of a cue, `count` times in a row. */
export interface CueLine {
  cue: string;
  outcome: Outcome;
  detail: string;
  remarks: CueRemark[];
  count: number;
  age_s: number;
}

/** Something that the watchdog found; `over` when it has passed, `tried` how often it was tried to mend it. */
export interface FindingLine {
  name: string;
  level: "warning" | "error";
  words: string;
  remedy: string;
  tried: number;
  over: boolean;
  age_s: number;
}

/** `GET /api/mixer/picture`: what is on air, as a PNG in base64; empty when OBS shows none. */
export interface Picture {
  png: string;
}

/** The mixer and the director. While it is not connected, scenes and outputs are what was last seen. */
export interface MixerView {
  connected: boolean;
  problem: string;
  version: string;
  scene: string;
  scenes: string[];
  stream: OutputState;
  record: OutputState;
  show: ShowState;
  /** Why the show is "technical". */
  why: string;
  /** The scene that the show asks for, and why it is not on air. */
  wished: string;
  trouble: string;
  hold: SceneHold | null;
  cues: CueItem[];
  last: CueLine[];
  findings: FindingLine[];
}
