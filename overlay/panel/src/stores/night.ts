import { defineStore } from "pinia";
import { computed } from "vue";
import type { Done } from "../api.ts";
import type { DropPieceIn, NightPiece } from "../api-night.ts";
import { useOnce } from "../once.ts";
import { useShow } from "./show.ts";

/** The night bank as the server last told it, and the orders of it. Orders raise `ApiError`. */
export const useNight = defineStore("night", () => {
  const show = useShow();
  const view = computed(() => show.state?.night ?? null);
  const { busy, once } = useOnce();

  const draft = () => once("draft", () => show.post<Done>("/api/night/draft", {}));
  const drop = (piece: string) =>
    once(`drop ${piece}`, () => show.post<Done>("/api/night/drop", { piece } satisfies DropPieceIn));
  const pieces = () => show.get<NightPiece[]>("/api/night/pieces");

  return { view, busy, draft, drop, pieces };
});
