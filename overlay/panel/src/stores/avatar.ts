import { defineStore } from "pinia";
import type { Done } from "../api.ts";
import type { AvatarView, ChooseModelIn } from "../api-avatar.ts";
import { useOnce } from "../once.ts";
import { useShow } from "./show.ts";

/** The figure on the stage. Orders raise `ApiError`. */
export const useAvatar = defineStore("avatar", () => {
  const show = useShow();
  const { busy, once } = useOnce();

  const read = () => show.get<AvatarView>("/api/avatar");
  const choose = (order: ChooseModelIn) => once("choose", () => show.post<Done>("/api/avatar", order));

  return { busy, read, choose };
});
