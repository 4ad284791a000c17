import type { PanelState, QueueItem } from "../src/api.ts";

export const item = (id: string, more: Partial<QueueItem> = {}): QueueItem => ({
  id,
  source: "twitch",
  author: "ann",
  text: "hello",
  kind: "chat",
  group: "ordinary",
  amount: "",
  viewers: 1,
  age_s: 3,
  expires_in_s: 60,
  reason: "",
  ...more,
});

/** A quiet show, changed as the test needs it. */
export const state = (more: Partial<PanelState> = {}): PanelState => ({
  type: "state",
  version: "0.1.0",
  persona: "Mira",
  languages: ["en"],
  state: "idle",
  stopped_because: "",
  uptime_s: 60,
  now: null,
  queue: [],
  stage: { audible: true, pages: 1, detail: "" },
  parts: [],
  turns: [],
  counts: { received: 0, answered: 0, folded: 0, held: 0, expired: 0, refused: 0, dropped: 0 },
  ...more,
});
