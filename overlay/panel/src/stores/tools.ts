import { defineStore } from "pinia";
import { computed } from "vue";
import type { Done } from "../api.ts";
import type { AnswerCallIn } from "../api-tools.ts";
import { useOnce } from "../once.ts";
import { useShow } from "./show.ts";

/** The tools of the model as the server last told them. Orders raise `ApiError`. */
export const useTools = defineStore("tools", () => {
  const show = useShow();
  const view = computed(() => show.state?.tools ?? null);
  const { busy, once } = useOnce();

  const answer = (call: number, yes: boolean) =>
    once(`answer ${call}`, () => show.post<Done>("/api/tools/answer", { call, yes } satisfies AnswerCallIn));

  return { view, busy, answer };
});
