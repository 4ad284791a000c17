import { defineStore } from "pinia";
import { computed, ref } from "vue";
import type { Done } from "../api.ts";
import type { ComingView, ExtendIn, HoldIn, ReorderIn, SkipIn, StartIn } from "../api-programme.ts";
import { useShow } from "./show.ts";

/** The programme as the server last told it, and the orders of it. Orders raise `ApiError`. */
export const useProgramme = defineStore("programme", () => {
  const show = useShow();
  const view = computed(() => show.state?.programme ?? null);
  /** What is being ordered: a second press must not order it twice. */
  const busy = ref<ReadonlySet<string>>(new Set());

  async function once(key: string, path: string, body: object): Promise<Done | null> {
    if (busy.value.has(key)) return null;
    busy.value = new Set([...busy.value, key]);
    try {
      return await show.post<Done>(`/api/programme/${path}`, body);
    } finally {
      busy.value = new Set([...busy.value].filter((other) => other !== key));
    }
  }

  const start = (segment: string) => once(`start ${segment}`, "start", { segment } satisfies StartIn);
  const skip = (segment = "") => once(`skip ${segment}`, "skip", { segment } satisfies SkipIn);
  const extend = (seconds: number) => once("extend", "extend", { seconds } satisfies ExtendIn);
  const hold = (on: boolean) => once("hold", "hold", { on } satisfies HoldIn);
  const first = (segment: string) => once("reorder", "reorder", { segments: [segment] } satisfies ReorderIn);
  const timeline = () => show.get<ComingView[]>("/api/programme/timeline?hours=24");

  return { view, busy, start, skip, extend, hold, first, timeline };
});
