/** What the server tells the control room and takes from it: `bot/control/schemas/panel.py` in TypeScript. */

import type { BudgetView } from "./api-budget.ts";
import type { EarsView } from "./api-ears.ts";
import type { MemoryView } from "./api-memory.ts";
import type { MixerView } from "./api-mixer.ts";
import type { ModerationState } from "./api-moderation.ts";
import type { NightView } from "./api-night.ts";
import type { ProgrammeView } from "./api-programme.ts";
import type { EyesView, ToolsView } from "./api-tools.ts";

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
/** `pending` is held back by the release delay: it can still be skipped before anybody hears it. */
export type ClauseState = "pending" | "waiting" | "playing" | "heard" | "cut";
export type PartState = "up" | "down" | "resting" | "over";
export type ProviderKind = "llm" | "tts" | "asr" | "judge";
/** `part` is no provider: something that the host is made of. */
export type PartKind = "part" | ProviderKind;

/** Longest text that `POST /api/say` takes, in characters. */
export const MAX_SAY = 1_000;

/** Longest line that `POST /api/chat` takes, in characters. */
export const MAX_TRY = 500;

/** What became of words that were handed in, as far as it is known at once. */
export interface Receipt {
  id: string;
  outcome: "queued" | "folded" | "held" | "refused" | "dropped";
  reason: string;
}

/** `GET /api/pages`: paths of this server with their keys. */
export interface Pages {
  stage: string;
  chat: string;
}

/** An order was carried out, or why not. */
export interface Done {
  ok: boolean;
  detail: string;
}

/** What can be done on a platform; which of them a connection can do stands in `Connection.actions`. */
export type Action =
  | "send"
  | "reply"
  | "announce"
  | "delete"
  | "timeout"
  | "ban"
  | "unban"
  | "warn"
  | "shoutout"
  | "poll"
  | "allow"
  | "deny";

/** Longest text that `POST /api/act` takes, in characters; Twitch takes as much. */
export const MAX_ACT = 500;

/** `POST /api/act`: `user` is the viewer's id on the platform, `message` a message's. What is left out stays as it is. */
export interface ActIn {
  source: string;
  action: Action;
  user?: string;
  message?: string;
  text?: string;
  seconds?: number;
  choices?: string[];
}

/** Whose account is signed in: the one that the host reads and writes as, or the one whose channel it is. */
export type Role = "bot" | "streamer";

/** `POST /api/connections/{name}/sign-in`. */
export interface SignInOrder {
  role: Role;
}

export type SignInState = "waiting" | "scanned" | "done" | "expired" | "failed";

/** A sign-in that waits for a person; `qr` holds the rows of the QR code's squares, "1" for a dark one. */
export interface SignIn {
  source: string;
  role: Role;
  state: SignInState;
  url: string;
  code: string;
  qr: string[];
  detail: string;
  expires_in_s: number;
}

/** Something that a connection cannot hear or do, and why. */
export interface MissingItem {
  what: string;
  why: string;
}

export type ConnectionState = "connecting" | "live" | "quiet" | "deaf" | "expired" | "denied";

/** One platform; times are seconds ago, null where that never was. `renews` is a sign-in that renews itself. */
export interface Connection {
  name: string;
  state: ConnectionState;
  detail: string;
  remedy: string;
  account: string;
  since_s: number;
  heard_s: number | null;
  event_s: number | null;
  expires_in_s: number | null;
  reconnects: number;
  missing: MissingItem[];
  faults: Record<string, number>;
  actions: Action[];
  can_sign_in: boolean;
  renews: boolean;
  sign_in: SignIn | null;
}

/** A message that the platform's own AutoMod holds until somebody decides. */
export interface Hold {
  id: string;
  source: string;
  author: string;
  text: string;
  category: string;
  level: number;
  age_s: number;
}

/** Something that needs a person. */
export interface Alarm {
  id: string;
  level: "warning" | "error";
  text: string;
  remedy: string;
  age_s: number;
}

/** What a platform says of the stream; `online` is null until it said so. */
export interface Stream {
  source: string;
  online: boolean | null;
  title: string;
  category: string;
  hype_level: number;
}

/** One waiting item; ages in seconds. */
export interface QueueItem {
  id: string;
  source: string;
  author: string;
  author_id: string;
  text: string;
  kind: Kind;
  group: Group;
  amount: string;
  viewers: number;
  age_s: number;
  expires_in_s: number | null;
  reason: string;
  /** Moderation let it pass and is not sure. */
  doubt: boolean;
}

export interface NowClause {
  index: number;
  text: string;
  state: ClauseState;
  /** Seconds until a clause that the release delay holds back is heard. */
  due_in_s: number | null;
}

/** A message that the turn answers. */
export interface NowMessage {
  id: string;
  source: string;
  author: string;
  author_id: string;
  text: string;
  kind: Kind;
}

/** The turn on air; `heard` is what the audience has heard of it so far. */
export interface Now {
  turn: string;
  epoch: number;
  purpose: "answer" | "thanks" | "say" | "line" | "segment" | "streamer";
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

/** A long-lived part, or one provider. Providers of two kinds may have the same name. */
export interface Part {
  name: string;
  state: PartState;
  detail: string;
  kind: PartKind;
  /** Seconds until a provider that is not up is tried again; 0 with the next question, null never by itself. */
  next_try_s: number | null;
}

export interface Stage {
  audible: boolean;
  pages: number;
  detail: string;
  /** What the host feels, and how much in percent: `joy 40`; empty when nothing in particular. */
  mood: string;
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
  /** How fast the model on this machine is and what that leaves room for, in words; empty until it was measured. */
  machine: string;
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
  connections: Connection[];
  streams: Stream[];
  holds: Hold[];
  alarms: Alarm[];
  moderation: ModerationState;
  /** Null when no video mixer is configured. */
  mixer: MixerView | null;
  /** Null when no programme is configured. */
  programme: ProgrammeView | null;
  /** Null when this host has no ears. */
  ears: EarsView | null;
  /** Null where the host never speaks unasked. */
  night: NightView | null;
  /** Null where the model may call nothing. */
  tools: ToolsView | null;
  /** Null where nothing costs and nothing is limited. */
  budget: BudgetView | null;
  /** Null while the host starts. */
  memory: MemoryView | null;
  /** Null where the host does not see. */
  eyes: EyesView | null;
}

/** Whether a frame is the panel's; anything else is left alone, so that a newer server does no harm. */
export function isPanelState(frame: { readonly type: string }): frame is PanelState {
  return frame.type === "state" && "queue" in frame && "now" in frame;
}
