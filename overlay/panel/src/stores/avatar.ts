import { defineStore } from "pinia";
import type { Done } from "../api.ts";
import type { AvatarView, ChooseModelIn, MappingIn, MappingView } from "../api-avatar.ts";
import { useOnce } from "../once.ts";
import { useShow } from "./show.ts";

/** The figure on the stage. Orders raise `ApiError`. */
export const useAvatar = defineStore("avatar", () => {
  const show = useShow();
  const { busy, once } = useOnce();

  const read = () => show.get<AvatarView>("/api/avatar");
  const choose = (order: ChooseModelIn) => once("choose", () => show.post<Done>("/api/avatar", order));

  const at = (name: string) => `/api/avatar/mapping/${encodeURIComponent(name)}`;
  const mapping = (name: string) => show.get<MappingView>(at(name));
  const map = (name: string, order: MappingIn) => once("map", () => show.put<Done>(at(name), order));
  const askVts = () => once("vts", () => show.post<Done>("/api/avatar/vts", {}));

  return { busy, read, choose, mapping, map, askVts };
});
