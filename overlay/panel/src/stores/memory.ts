import { defineStore } from "pinia";
import { computed } from "vue";
import type { Done } from "../api.ts";
import type {
  CorrectIn,
  DeletePieceIn,
  MemoryNote,
  MemoryPiece,
  MemoryViewer,
  PieceKind,
  PieceState,
} from "../api-memory.ts";
import { useOnce } from "../once.ts";
import { useShow } from "./show.ts";

/** What the host remembers, asked for when somebody looks, and the orders of it. Both raise `ApiError`. */
export const useMemory = defineStore("memory", () => {
  const show = useShow();
  const view = computed(() => show.state?.memory ?? null);
  const { busy, once } = useOnce();

  function pieces(kind: PieceKind | "", state: PieceState, words: string) {
    const asked = new URLSearchParams({ state });
    if (kind) asked.set("kind", kind);
    if (words) asked.set("words", words);
    return show.get<MemoryPiece[]>(`/api/memory?${asked}`);
  }
  const viewers = () => show.get<MemoryViewer[]>("/api/memory/viewers");
  const ofViewer = (one: MemoryViewer) =>
    show.get<MemoryPiece[]>(`/api/memory/viewers/${one.source}/${encodeURIComponent(one.viewer)}`);
  const notes = () => show.get<MemoryNote[]>("/api/memory/notes");
  const correct = (piece: number, text: string) =>
    once(`piece ${piece}`, () => show.post<Done>("/api/memory/correct", { piece, text } satisfies CorrectIn));
  const remove = (piece: number) =>
    once(`piece ${piece}`, () => show.post<Done>("/api/memory/delete", { piece } satisfies DeletePieceIn));

  return { view, busy, pieces, viewers, ofViewer, notes, correct, remove };
});
