/** The ears and the floor on the wire: `bot/control/schemas/ears.py` in TypeScript. */

export type TalkMode = "open" | "push" | "toggle";
export type InputState = "closed" | "opening" | "live" | "no_device" | "lost" | "mute";
export type FloorState = "free" | "streamer" | "grace" | "thinking" | "speaking";
export type FloorRule = "wait" | "next_clause" | "cut" | "expire";
export type FloorEvent =
  | "streamer"
  | "operator"
  | "paid_large"
  | "paid"
  | "alert"
  | "addressed"
  | "chat"
  | "segment"
  | "own_accord";
/** Who has the floor when something else wants it: the columns of the table. */
export type FloorColumn = Exclude<FloorState, "free">;

/** `POST /api/ears`. */
export interface EarsIn {
  on: boolean;
}

/** `POST /api/ears/talk`: the button goes down or up; it counts as let go after `for_s` seconds. */
export interface TalkIn {
  down: boolean | null;
  for_s: number;
}

/** `PUT /api/ears/floor`. */
export interface FloorCellIn {
  event: FloorEvent;
  state: "streamer" | "grace" | "thinking" | "speaking";
  rule: FloorRule;
}

/** A row of the floor's table. */
export interface FloorRowView {
  event: FloorEvent;
  streamer: FloorRule;
  grace: FloorRule;
  thinking: FloorRule;
  speaking: FloorRule;
}

/** The floor's table in force; `edited` are changes made here, as YAML for the configuration. */
export interface FloorView {
  rows: FloorRowView[];
  edited: string;
}

/** Something that the streamer said, as it was recognised; `confidence` is within 0 and 1. */
export interface HeardLine {
  text: string;
  language: string;
  confidence: number;
  age_s: number;
}

/** The ears; `trouble` says why they hear nothing, with the next step. What was heard is gone when they are off. */
export interface EarsView {
  enabled: boolean;
  on: boolean;
  held: boolean;
  listening: boolean;
  mode: TalkMode;
  input: InputState;
  source: "microphone" | "browser" | "none";
  trouble: string;
  level: number;
  clipped: boolean;
  dropped: number;
  floor: FloorState;
  /** Whether the host answers on a button alone. */
  wants_button: boolean;
  partial: string;
  stable: string;
  last: HeardLine[];
}
