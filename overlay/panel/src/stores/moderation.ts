import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";
import type { Done } from "../api.ts";
import type {
  AuditLine,
  AuditWhy,
  CaseLine,
  Decision,
  ModerationState,
  PermitIn,
  ShieldMode,
} from "../api-moderation.ts";
import { useOnce } from "../once.ts";
import { useShow } from "./show.ts";

/** A step of escalation waits for its platform, ms. */
const PATIENCE_MS = 25_000;
/** Verdicts that are asked for at once; the server gives no more. */
const MOST = 500;
/** Explanations remembered, so that a line that comes into view again is not asked about again. */
const REMEMBERED = 200;

const NOTHING: ModerationState = {
  held: [],
  audit: [],
  escalations: [],
  permits: [],
  shield: null,
  guard: null,
  cases: 0,
};

/** Moderation as the server last told it, and what a person may decide. Orders raise `ApiError`. */
export const useModeration = defineStore("moderation", () => {
  const show = useShow();
  const state = computed(() => show.state?.moderation ?? NOTHING);
  /** Held lines and steps that are being decided: a second press must not decide them twice. */
  const { busy, once } = useOnce();
  /** What was decided here about a held line, to be shown where it stood. */
  const decided = ref<ReadonlyMap<string, "approve" | "deny">>(new Map());
  const older = ref<readonly AuditLine[]>([]);
  const explained = new Map<string, Promise<AuditWhy>>();

  /** The newest that were stopped, as they are now, and all those that were asked for; the newest first. */
  const audit = computed(() => {
    const live = new Set(state.value.audit.map(({ id }) => id));
    const all = [...state.value.audit, ...older.value.filter(({ id }) => !live.has(id))];
    return all.sort((a, b) => b.at.localeCompare(a.at));
  });

  // A decision changes what an explanation says, and an undone one what can be decided.
  watch(
    () => state.value.cases,
    () => explained.clear(),
  );

  const at = (kind: string, id: string, what = "") => `/api/${kind}/${encodeURIComponent(id)}${what ? `/${what}` : ""}`;

  /** Let a held line go on, or refuse it; null while that is under way. */
  async function settle(id: string, what: "approve" | "deny"): Promise<Done | null> {
    const done = await once(id, () => show.post<Done>(at("held", id, what), {}));
    if (done?.ok) {
      decided.value = new Map([...[...decided.value].slice(-REMEMBERED), [id, what]]);
      explained.delete(id);
    }
    return done;
  }

  /** Why a verdict was given. A failure is not remembered; `fresh` asks even when it is known. */
  function why(id: string, fresh = false): Promise<AuditWhy> {
    const known = fresh ? undefined : explained.get(id);
    if (known) return known;
    const asked = show.get<AuditWhy>(at("audit", id));
    explained.set(id, asked);
    asked.catch(() => explained.delete(id));
    for (const oldest of explained.keys()) {
      if (explained.size <= REMEMBERED) break;
      explained.delete(oldest);
    }
    return asked;
  }

  const correct = (id: string, decision: Decision) => changed(id, () => show.post<Done>(at("audit", id, decision), {}));
  const undo = (id: string, decision: Decision) => changed(id, () => show.remove<Done>(at("audit", id, decision)));

  async function changed(id: string, give: () => Promise<Done>): Promise<Done | null> {
    const done = await once(id, give);
    explained.delete(id);
    if (done?.ok && older.value.some((line) => line.id === id)) await recall();
    return done;
  }

  /** Fetch as many verdicts as the server gives. */
  async function recall(): Promise<void> {
    older.value = await show.get<AuditLine[]>(`/api/audit?limit=${MOST}`);
  }

  const cases = () => show.get<CaseLine[]>("/api/cases");
  const dropCase = (id: string) => once(id, () => show.remove<Done>(at("cases", id)));
  const step = (id: string, what: "take" | "dismiss") =>
    once(id, () => show.post<Done>(at("escalations", id, what), {}, PATIENCE_MS));
  const permit = (order: PermitIn) => show.post<Done>("/api/permit", order);
  const shield = (mode: ShieldMode) => once("shield", () => show.post<Done>("/api/shield", { mode }));

  return { state, busy, decided, audit, settle, why, correct, undo, recall, cases, dropCase, step, permit, shield };
});
