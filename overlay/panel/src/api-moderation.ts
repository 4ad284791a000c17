/** What the server tells of moderation and takes from it: `bot/control/schemas/moderation.py` in TypeScript. */

export type Verdict = "allow" | "mask" | "hold" | "block";
export type Direction = "in" | "out";
/** What a person decided about a verdict: the exact text is allowed, or stopped, from now on. */
export type Decision = "allow" | "block";
export type ShieldMode = "auto" | "on" | "off";
/** What a person may decide about a verdict now. */
export type Choice = "allow" | "block" | "undo" | "approve" | "deny";

/** `POST /api/permit`: let a viewer post links; without `seconds`, as long as the policy says. */
export interface PermitIn {
  source: string;
  user: string;
  seconds?: number;
}

/** `POST /api/shield`. */
export interface ShieldIn {
  mode: ShieldMode;
}

/** One finding. `start` and `end` count code points of the text; both 0 when it concerns all of it. */
export interface AuditReason {
  rule: string;
  category: string;
  action: Verdict;
  start: number;
  end: number;
}

/** One verdict; `outcome` is what came of it so far. `text` is empty when it was taken back, or is too old. */
export interface AuditLine {
  id: string;
  at: string;
  direction: Direction;
  source: string;
  author: string;
  author_id: string;
  text: string;
  action: Verdict;
  score: number;
  categories: string[];
  rules: string[];
  outcome: string;
  doubt: boolean;
  decision: Decision | null;
}

/** A verdict in full; `why` says it in plain English. */
export interface AuditWhy {
  line: AuditLine;
  why: string[];
  reasons: AuditReason[];
  can: Choice[];
}

/** A line that waits for a person. `paid`: its thanks go on, only its words wait. Its verdict has the same id. */
export interface HeldLine {
  id: string;
  source: string;
  author: string;
  author_id: string;
  text: string;
  paid: boolean;
  why: string[];
  score: number;
  age_s: number;
  expires_in_s: number;
}

/** What a viewer's offences have come to; `audit` is the last one's verdict, `problem` why it cannot be done. */
export interface ProposedStep {
  id: string;
  source: string;
  author: string;
  author_id: string;
  action: "delete" | "timeout" | "ban";
  seconds: number;
  offences: number;
  text: string;
  audit: string;
  problem: string;
  age_s: number;
}

/** A viewer who may post links for a while; `user` is a name or an id, as it was given. */
export interface PermitLine {
  source: string;
  user: string;
  expires_in_s: number;
}

/** The shield against hostile raids. When raised, one of `one_in` new viewers is heard; `thinned` lines were left out. */
export interface ShieldState {
  mode: ShieldMode;
  raised: boolean;
  reason: string;
  expires_in_s: number | null;
  one_in: number;
  thinned: number;
}

/** A clause of the host's that was not said. The text stands in the audit alone. */
export interface GuardBlock {
  age_s: number;
  rules: string[];
}

/** Whether the show was paused because too many replies were blocked. */
export interface GuardState {
  paused: boolean;
  reason: string;
  shunned: number;
  blocks: GuardBlock[];
}

/** All that is shown of moderation. In `held` the oldest stands first, else the newest. */
export interface ModerationState {
  held: HeldLine[];
  audit: AuditLine[];
  escalations: ProposedStep[];
  permits: PermitLine[];
  shield: ShieldState | null;
  guard: GuardState | null;
  cases: number;
}

/** A verdict that a person corrected: the exact text is allowed, or stopped, since then. */
export interface CaseLine {
  id: string;
  text: string;
  expect: "allow" | "hold";
  direction: Direction;
  source: string;
  rules: string[];
  at: string;
}
