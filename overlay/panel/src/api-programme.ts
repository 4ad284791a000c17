/** The programme on the wire: `bot/control/schemas/programme.py` in TypeScript. Times are ISO 8601 with their zone. */

export type RunPhase = "opening" | "body" | "closing";
export type RunState = "waiting" | "on air" | "done" | "cut" | "skipped" | "missed";
export type ChatMode = "all" | "addressed" | "paid" | "collect" | "votes";

/** `POST /api/programme/start`. */
export interface StartIn {
  segment: string;
  at_once?: boolean;
}

/** `POST /api/programme/skip`. */
export interface SkipIn {
  segment?: string;
}

/** `POST /api/programme/extend`. */
export interface ExtendIn {
  seconds: number;
}

/** `POST /api/programme/hold`. */
export interface HoldIn {
  on: boolean;
}

/** `POST /api/programme/reorder`. */
export interface ReorderIn {
  segments: string[];
}

export type Level = "error" | "warning" | "note";

/** One run as it was rehearsed; never started when it was left out: `note` says why. */
export interface RehearsedView {
  segment: string;
  kind: string;
  due_at: string;
  started_at: string | null;
  ended_at: string | null;
  state: RunState;
  note: string;
}

/** A time without a segment. */
export interface QuietView {
  start: string;
  end: string;
}

/** Something to look at in a programme; `place` is file and line. */
export interface FaultLine {
  level: Level;
  place: string;
  text: string;
}

/** `POST /api/programme/rehearse`: a day as it was rehearsed; `fault` when the file cannot be read. */
export interface RehearsalView {
  start: string;
  end: string;
  zone: string;
  fault: string;
  tokens: number;
  aired_s: number;
  parts: RehearsedView[];
  quiet: QuietView[];
  findings: FaultLine[];
}

/** The segment on air; `remaining_s` is null when it has no length. */
export interface OnAirView {
  segment: string;
  kind: string;
  phase: RunPhase;
  chat: ChatMode;
  started_at: string;
  aired_s: number;
  remaining_s: number | null;
}

/** A run that waits, or has ended; `note` says why it waits or was left out. */
export interface RunView {
  segment: string;
  due_at: string;
  state: RunState;
  cause: string;
  note: string;
  started_at: string | null;
  aired_s: number;
}

/** What the clock makes due; `until` is null for a segment without a length. */
export interface ComingView {
  segment: string;
  kind: string;
  due_at: string;
  until: string | null;
}

/** How the programme stands; `fault` is what is wrong with the newest file: the one before is in force then. */
export interface ProgrammeView {
  file: string;
  fault: string;
  zone: string;
  held: boolean;
  on_air: OnAirView | null;
  waiting: RunView[];
  coming: ComingView[];
  past: RunView[];
  segments: string[];
}
