/** The tools of the model on the wire: `bot/control/schemas/tools.py` in TypeScript. */

export type ToolOrigin = "viewer" | "moderator" | "streamer" | "host";
export type ToolOutcome =
  | "done"
  | "failed"
  | "refused"
  | "waiting"
  | "declined"
  | "expired"
  | "withdrawn"
  | "repeated"
  | "cancelled";

/** `POST /api/tools/answer`. */
export interface AnswerCallIn {
  call: number;
  yes: boolean;
}

/** A call that waits for a person: who caused it and why a person is asked. */
export interface WaitingCall {
  call: number;
  tool: string;
  arguments: string;
  origin: ToolOrigin;
  who: string;
  why: string;
  left_s: number;
}

/** What became of a call, and why. */
export interface PastCall {
  tool: string;
  arguments: string;
  origin: ToolOrigin;
  who: string;
  outcome: ToolOutcome;
  detail: string;
  age_s: number;
}

/** The tools that there are, the calls that wait, the last calls, the newest first. */
export interface ToolsView {
  tools: string[];
  waiting: WaitingCall[];
  last: PastCall[];
}
