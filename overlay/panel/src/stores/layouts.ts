import { defineStore } from "pinia";
import type { Done } from "../api.ts";
import type { KeptLayout, LayoutIn } from "../api-layouts.ts";
import { useOnce } from "../once.ts";
import { useShow } from "./show.ts";

/** The layouts of the stage page. Orders raise `ApiError`. */
export const useLayouts = defineStore("layouts", () => {
  const show = useShow();
  const { busy, once } = useOnce();
  const path = (name: string) => `/api/layouts/${encodeURIComponent(name)}`;

  const read = () => show.get<KeptLayout[]>("/api/layouts");
  const save = (name: string, order: LayoutIn) => once("save", () => show.put<KeptLayout>(path(name), order));
  const drop = (name: string) => once("drop", () => show.remove<Done>(path(name)));

  return { busy, read, save, drop };
});
