import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";
import type { ActIn, Done, Hold, Role, SignIn, SignInOrder } from "../api.ts";
import { useShow } from "./show.ts";

/** An order waits for its turn and then for the platform; a sign-in for its code, ms. */
const PATIENCE_MS = 25_000;

/** A held message by platform and id; ids of two platforms may be the same. */
export const holdKey = ({ source, id }: Pick<Hold, "source" | "id">): string => `${source} ${id}`;

/** The platforms as the server last told them, and what can be ordered there. Orders raise `ApiError`. */
export const usePlatforms = defineStore("platforms", () => {
  const show = useShow();
  const connections = computed(() => show.state?.connections ?? []);
  const streams = computed(() => show.state?.streams ?? []);
  const holds = computed(() => show.state?.holds ?? []);
  const alarms = computed(() => show.state?.alarms ?? []);
  /** Held messages that were decided and are not gone yet: a second press must not decide them twice. */
  const deciding = ref<ReadonlySet<string>>(new Set());
  /** Sign-ins that were closed here, until they change. */
  const closed = ref<ReadonlySet<string>>(new Set());

  watch(holds, (now) => {
    if (deciding.value.size === 0) return;
    const there = new Set(now.map(holdKey));
    deciding.value = new Set([...deciding.value].filter((key) => there.has(key)));
  });

  const act = (order: ActIn) => show.post<Done>("/api/act", order, PATIENCE_MS);
  const at = (name: string) => `/api/connections/${encodeURIComponent(name)}`;
  const reconnect = (name: string) => show.post<Done>(`${at(name)}/reconnect`, {}, PATIENCE_MS);

  /** Take an alarm off the page. What goes on to be wrong raises it again. */
  const dismiss = (alarm: string) => show.post<Done>(`/api/alarms/${encodeURIComponent(alarm)}/dismiss`, {});

  function signIn(name: string, role: Role): Promise<SignIn> {
    closed.value = new Set();
    const order: SignInOrder = { role };
    return show.post<SignIn>(`${at(name)}/sign-in`, order, PATIENCE_MS);
  }

  async function decide(hold: Hold, action: "allow" | "deny"): Promise<Done> {
    const key = holdKey(hold);
    deciding.value = new Set([...deciding.value, key]);
    try {
      return await act({ source: hold.source, action, message: hold.id });
    } catch (error) {
      deciding.value = new Set([...deciding.value].filter((other) => other !== key));
      throw error;
    }
  }

  const signInKey = ({ source, role, state, url, code }: SignIn) => [source, role, state, url, code].join(" ");

  function close(step: SignIn): void {
    closed.value = new Set([...closed.value, signInKey(step)]);
  }

  /** Whether a sign-in is worth showing: under way, or ended so lately that its end is news. */
  function isShown(step: SignIn): boolean {
    if (closed.value.has(signInKey(step))) return false;
    return step.state !== "done" || step.expires_in_s > 0;
  }

  return { connections, streams, holds, alarms, deciding, act, reconnect, dismiss, signIn, decide, close, isShown };
});
