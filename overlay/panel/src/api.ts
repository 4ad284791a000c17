/** What the server tells the control room and takes from it: `bot/web/schema.py` in TypeScript. */

export type Kind =
  | "chat"
  | "cheer"
  | "gift"
  | "super_chat"
  | "sub"
  | "guard"
  | "raid"
  | "follow"
  | "redemption"
  | "host"
  | "timer";

export type HostState = "idle" | "thinking" | "speaking" | "stopped";
export type Group = "paid" | "addressed" | "ordinary" | "event";
export type ClauseState = "waiting" | "playing" | "heard" | "cut";
export type PartState = "up" | "down" | "resting" | "over";

/** Longest text that `POST /api/say` takes, in characters. */
export const MAX_SAY = 1_000;

/** What became of words that were handed in, as far as it is known at once. */
export interface Receipt {
  id: string;
  outcome: "queued" | "folded" | "held" | "refused" | "dropped";
  reason: string;
}

/** An order was carried out, or why not. */
export interface Done {
  ok: boolean;
  detail: string;
}

/** One waiting item; ages in seconds. */
export interface QueueItem {
  id: string;
  source: string;
  author: string;
  text: string;
  kind: Kind;
  group: Group;
  amount: string;
  viewers: number;
  age_s: number;
  expires_in_s: number | null;
  reason: string;
}

export interface NowClause {
  index: number;
  text: string;
  state: ClauseState;
}

export interface NowMessage {
  id: string;
  author: string;
  text: string;
  kind: Kind;
}

/** The turn on air; `heard` is what the audience has heard of it so far. */
export interface Now {
  turn: string;
  epoch: number;
  purpose: "answer" | "thanks" | "say" | "line";
  messages: NowMessage[];
  clauses: NowClause[];
  heard: string;
  age_s: number;
}

/** One finished turn; latencies in ms from the choice of the message. */
export interface TurnLine {
  turn: string;
  ended_at: string;
  asked: string;
  text: string;
  interrupted: boolean;
  outcome: string;
  first_token_ms: number | null;
  first_clause_ms: number | null;
  first_audio_ms: number | null;
  heard_ms: number | null;
  total_ms: number | null;
}

export interface Part {
  name: string;
  state: PartState;
  detail: string;
}

export interface Stage {
  audible: boolean;
  pages: number;
  detail: string;
}

/** What became of every message since the start. */
export interface Counts {
  received: number;
  answered: number;
  folded: number;
  held: number;
  expired: number;
  refused: number;
  dropped: number;
}

/** Everything that the control room shows, sent whole. */
export interface PanelState {
  type: "state";
  version: string;
  persona: string;
  languages: string[];
  state: HostState;
  stopped_because: string;
  uptime_s: number;
  now: Now | null;
  queue: QueueItem[];
  stage: Stage;
  parts: Part[];
  turns: TurnLine[];
  counts: Counts;
}

/** Whether a frame is the panel's; anything else is left alone, so that a newer server does no harm. */
export function isPanelState(frame: { readonly type: string }): frame is PanelState {
  return frame.type === "state" && "queue" in frame && "now" in frame;
}
