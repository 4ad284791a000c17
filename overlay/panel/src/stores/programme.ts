import { defineStore } from "pinia";
import { computed } from "vue";
import type { Done } from "../api.ts";
import type { ComingView, ExtendIn, HoldIn, RehearsalView, ReorderIn, SkipIn, StartIn } from "../api-programme.ts";
import { useOnce } from "../once.ts";
import { useShow } from "./show.ts";

/** Longest wait for a rehearsal, ms: a little more than the server gives it. */
const REHEARSAL_MS = 100_000;

/** The programme as the server last told it, and the orders of it. Orders raise `ApiError`. */
export const useProgramme = defineStore("programme", () => {
  const show = useShow();
  const view = computed(() => show.state?.programme ?? null);
  const { busy, once } = useOnce();

  const order = (key: string, path: string, body: object) =>
    once(key, () => show.post<Done>(`/api/programme/${path}`, body));
  const start = (segment: string) => order(`start ${segment}`, "start", { segment } satisfies StartIn);
  const skip = (segment = "") => order(`skip ${segment}`, "skip", { segment } satisfies SkipIn);
  const extend = (seconds: number) => order("extend", "extend", { seconds } satisfies ExtendIn);
  const hold = (on: boolean) => order("hold", "hold", { on } satisfies HoldIn);
  const first = (segment: string) => order("reorder", "reorder", { segments: [segment] } satisfies ReorderIn);
  const rehearse = () => once("rehearse", () => show.post<RehearsalView>("/api/programme/rehearse", {}, REHEARSAL_MS));
  const timeline = () => show.get<ComingView[]>("/api/programme/timeline?hours=24");

  return { view, busy, start, skip, extend, hold, first, rehearse, timeline };
});
