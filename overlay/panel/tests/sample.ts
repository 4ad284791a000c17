import type { Alarm, Connection, Hold, Now, NowMessage, PanelState, Part, QueueItem, SignIn } from "../src/api.ts";
import type { BudgetView } from "../src/api-budget.ts";
import type { EarsView } from "../src/api-ears.ts";
import type { MemoryPiece } from "../src/api-memory.ts";
import type { MixerView } from "../src/api-mixer.ts";
import type {
  AuditLine,
  AuditReason,
  AuditWhy,
  HeldLine,
  ModerationState,
  ProposedStep,
} from "../src/api-moderation.ts";
import type { NightView } from "../src/api-night.ts";
import type { ProgrammeView } from "../src/api-programme.ts";

export const item = (id: string, more: Partial<QueueItem> = {}): QueueItem => ({
  id,
  source: "twitch",
  author: "ann",
  author_id: "u1",
  text: "hello",
  kind: "chat",
  group: "ordinary",
  amount: "",
  viewers: 1,
  age_s: 3,
  expires_in_s: 60,
  reason: "",
  doubt: false,
  ...more,
});

/** A quiet show, changed as the test needs it. */
export const state = (more: Partial<PanelState> = {}): PanelState => ({
  type: "state",
  version: "0.1.0",
  persona: "Mira",
  machine: "",
  languages: ["en"],
  state: "idle",
  stopped_because: "",
  uptime_s: 60,
  now: null,
  queue: [],
  stage: { audible: true, pages: 1, detail: "", mood: "" },
  parts: [],
  turns: [],
  counts: { received: 0, answered: 0, folded: 0, held: 0, expired: 0, refused: 0, dropped: 0 },
  connections: [],
  streams: [],
  holds: [],
  alarms: [],
  moderation: moderation(),
  mixer: null,
  programme: null,
  ears: null,
  night: null,
  tools: null,
  budget: null,
  memory: null,
  eyes: null,
  ...more,
});

/** OBS with the scenes of a show, changed as the test needs it. */
export const mixer = (more: Partial<MixerView> = {}): MixerView => ({
  connected: true,
  problem: "",
  version: "31.0.0",
  scene: "Live",
  scenes: ["Starting", "Live", "Break", "Ending"],
  stream: "active",
  record: "stopped",
  show: "live",
  why: "",
  wished: "Live",
  trouble: "",
  hold: null,
  cues: [],
  last: [],
  findings: [],
  ...more,
});

/** Moderation with nothing to do, changed as the test needs it. */
export const moderation = (more: Partial<ModerationState> = {}): ModerationState => ({
  held: [],
  audit: [],
  escalations: [],
  permits: [],
  shield: null,
  guard: null,
  cases: 0,
  ...more,
});

export const held = (id: string, more: Partial<HeldLine> = {}): HeldLine => ({
  id,
  source: "twitch",
  author: "bob",
  author_id: "u2",
  text: "you are bad",
  paid: false,
  why: ["held: 'bad' is harassment; standard holds that coming in"],
  score: 0.7,
  age_s: 5,
  expires_in_s: 595,
  ...more,
});

export const verdict = (id: string, more: Partial<AuditLine> = {}): AuditLine => ({
  id,
  at: "2030-01-02T03:04:05+00:00",
  direction: "in",
  source: "twitch",
  author: "bob",
  author_id: "u2",
  text: "you are bad",
  action: "hold",
  score: 0.7,
  categories: ["harassment"],
  rules: ["word:insult"],
  outcome: "waits for a person",
  doubt: false,
  decision: null,
  ...more,
});

export const finding = (more: Partial<AuditReason> = {}): AuditReason => ({
  rule: "word:insult",
  category: "harassment",
  action: "hold",
  start: 8,
  end: 11,
  ...more,
});

export const why = (line: AuditLine, more: Partial<AuditWhy> = {}): AuditWhy => ({
  line,
  why: ["held, at a score of 0.70: it waits for a person", "held: 'bad' is harassment; standard holds that coming in"],
  reasons: [finding()],
  can: ["allow"],
  ...more,
});

export const proposed = (id: string, more: Partial<ProposedStep> = {}): ProposedStep => ({
  id,
  source: "twitch",
  author: "bob",
  author_id: "u2",
  action: "timeout",
  seconds: 600,
  offences: 3,
  text: "you are bad",
  audit: "v1",
  problem: "",
  age_s: 5,
  ...more,
});

/** A message on air, and the turn that answers it. */
export const onAir = (id: string, more: Partial<NowMessage> = {}): NowMessage => ({
  id,
  source: "twitch",
  author: "ann",
  author_id: "u1",
  text: "hello",
  kind: "chat",
  ...more,
});

export const turn = (messages: NowMessage[], more: Partial<Now> = {}): Now => ({
  turn: "t",
  epoch: 1,
  purpose: "answer",
  messages,
  clauses: [{ index: 0, text: "hi", state: "playing", due_in_s: null }],
  heard: "",
  age_s: 1,
  ...more,
});

/** A connection that hears, and can do everything. */
export const connection = (more: Partial<Connection> = {}): Connection => ({
  name: "twitch",
  state: "live",
  detail: "",
  remedy: "",
  account: "mira in #ann",
  since_s: 60,
  heard_s: 3,
  event_s: 120,
  expires_in_s: null,
  reconnects: 0,
  missing: [],
  faults: {},
  actions: ["send", "delete", "timeout", "ban", "warn", "allow", "deny"],
  can_sign_in: true,
  renews: false,
  sign_in: null,
  ...more,
});

export const signIn = (more: Partial<SignIn> = {}): SignIn => ({
  source: "twitch",
  role: "bot",
  state: "waiting",
  url: "https://www.twitch.tv/activate",
  code: "ABCDEFGH",
  qr: [],
  detail: "",
  expires_in_s: 900,
  ...more,
});

export const hold = (id: string, more: Partial<Hold> = {}): Hold => ({
  id,
  source: "twitch",
  author: "bob",
  text: "held words",
  category: "swearing",
  level: 2,
  age_s: 5,
  ...more,
});

export const part = (name: string, more: Partial<Part> = {}): Part => ({
  name,
  state: "up",
  detail: "",
  kind: "part",
  next_try_s: null,
  ...more,
});

export const alarm = (id: string, more: Partial<Alarm> = {}): Alarm => ({
  id,
  level: "warning",
  text: "something",
  remedy: "do this",
  age_s: 30,
  ...more,
});

/** One piece of memory, of a viewer. */
export const piece = (more: Partial<MemoryPiece> = {}): MemoryPiece => ({
  id: 7,
  kind: "viewer",
  state: "active",
  text: "has a cat called Tom",
  source: "twitch",
  viewer: "u1",
  name: "Ann",
  slot: "pet",
  origin: "my cat Tom says hello",
  page: "",
  uses: 3,
  at: "2026-05-01T20:00:00Z",
  used_at: "2026-05-01T21:00:00Z",
  due_at: null,
  ...more,
});

/** A budget with a limit that is nearly spent. */
export const budget = (more: Partial<BudgetView> = {}): BudgetView => ({
  level: "soft",
  limits: [
    {
      scope: "day",
      unit: "usd",
      spent: 1.62,
      limit: 2,
      level: "soft",
      reached_at: "2026-05-01T21:40:00Z",
    },
  ],
  links: [
    {
      kind: "llm",
      name: "openai",
      model: "gpt-4o-mini",
      price: "$0.15 and $0.6 for a million tokens read and written",
      source: "genai-prices",
      priced: true,
      calls: 321,
      tokens: 412345,
      characters: 0,
      usd: 0.0712,
    },
    {
      kind: "tts",
      name: "new_voice",
      model: "",
      price: "$100 for a million characters",
      source: "unknown: as the dearest",
      priced: false,
      calls: 640,
      tokens: 0,
      characters: 15488,
      usd: 1.5488,
    },
  ],
  today: 1.62,
  stream: 0.41,
  paid: 0.0331,
  waiting: 0,
  ...more,
});

/** A night bank with a few pieces. */
export const night = (more: Partial<NightView> = {}): NightView => ({
  talks: "always",
  away: false,
  mute: false,
  pieces: 42,
  unsaid: 30,
  spoken: 18,
  ahead: 60,
  seconds: 754,
  kinds: [
    { kind: "story", pieces: 22, unsaid: 20 },
    { kind: "fact", pieces: 20, unsaid: 10 },
  ],
  last: {
    piece: "0123456789abcdef",
    kind: "story",
    words: "The lamp turned twice and the fog kept its breath.",
    made_at: "2026-05-01T02:00:00Z",
    said_at: "2026-05-01T03:00:00Z",
    spoken: true,
  },
  draft: "none",
  ...more,
});

/** A programme with one segment on air. */
export const programme = (more: Partial<ProgrammeView> = {}): ProgrammeView => ({
  file: "configs/programme-example.yaml",
  fault: "",
  zone: "Europe/Berlin",
  held: false,
  on_air: {
    segment: "morning quiz",
    kind: "quiz",
    phase: "body",
    chat: "votes",
    started_at: "2026-05-01T08:00:00Z",
    aired_s: 60,
    remaining_s: 240,
  },
  waiting: [],
  coming: [
    { segment: "news", kind: "talk", due_at: "2026-05-01T09:00:00Z", until: "2026-05-01T09:30:00Z" },
    { segment: "story", kind: "story", due_at: "2026-05-01T10:00:00Z", until: null },
  ],
  past: [],
  segments: ["morning quiz", "news", "story"],
  ...more,
});

/** Ears that listen, and have heard nothing yet. */
export const ears = (more: Partial<EarsView> = {}): EarsView => ({
  enabled: true,
  on: true,
  held: false,
  listening: true,
  mode: "open",
  input: "live",
  source: "microphone",
  trouble: "",
  level: 0.05,
  clipped: false,
  dropped: 0,
  floor: "free",
  wants_button: false,
  partial: "",
  stable: "",
  last: [],
  ...more,
});
