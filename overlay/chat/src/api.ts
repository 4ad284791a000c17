/** What the server tells the chat page and takes from it: `bot/control/schemas/chat.py` in TypeScript. */

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

/** Longest name and line that the room takes, in characters. */
export const MAX_NAME = 50;
export const MAX_CHAT = 500;

/** What became of a line, as far as it is known at once. */
export interface Receipt {
  id: string;
  outcome: "queued" | "folded" | "held" | "refused" | "dropped";
  reason: string;
}

/** One line of the room; `host` when the avatar said it and the audience heard it. `at` is ISO 8601. */
export interface ChatLine {
  type: "line";
  id: string;
  author: string;
  text: string;
  kind: Kind;
  host: boolean;
  at: string;
}

/** What became of a line that was shown before. */
export interface ChatOutcome {
  type: "outcome";
  id: string;
  outcome: "answered" | "folded" | "held" | "expired" | "refused" | "dropped";
  reason: string;
}

/** What the host is doing, and whether a stage page is open to hear it. */
export interface ChatStatus {
  type: "status";
  host: string;
  state: HostState;
  audible: boolean;
}

/** The first frame: the room as it is. */
export interface ChatHello {
  type: "hello";
  host: string;
  greeting: string;
  label: string;
  lines: ChatLine[];
  status: ChatStatus;
}

/** Lines that a moderator deleted. */
export interface ChatRemoved {
  type: "removed";
  ids: string[];
}

/** The answer to a line of this page, by the number that it was sent with. */
export interface ChatReceipt extends Receipt {
  type: "receipt";
  ref: number;
}

/** A line of this page that was not taken, and why. */
export interface ChatProblem {
  type: "problem";
  ref: number;
  detail: string;
}

export type ChatFrame = ChatHello | ChatLine | ChatOutcome | ChatProblem | ChatReceipt | ChatRemoved | ChatStatus;

const TYPES = new Set<string>([
  "hello",
  "line",
  "outcome",
  "problem",
  "receipt",
  "removed",
  "status",
] satisfies ChatFrame["type"][]);

/** Whether a frame is one of the room's; anything else is left alone, so that a newer server does no harm. */
export function isChatFrame(frame: { readonly type: string }): frame is ChatFrame {
  return TYPES.has(frame.type);
}
