import { defineStore } from "pinia";
import type { Done } from "../api.ts";
import type { ForgetPronunciationIn, PronunciationIn, PronunciationView } from "../api-names.ts";
import { useOnce } from "../once.ts";
import { useShow } from "./show.ts";

/** The names that are read aloud in another spelling. Orders raise `ApiError`. */
export const useNames = defineStore("names", () => {
  const show = useShow();
  const { busy, once } = useOnce();

  const read = () => show.get<PronunciationView>("/api/pronunciations");
  const put = (order: PronunciationIn) => once("put", () => show.post<Done>("/api/pronunciations", order));
  const drop = (order: ForgetPronunciationIn) =>
    once(`drop ${order.language} ${order.name}`, () => show.post<Done>("/api/pronunciations/drop", order));

  return { busy, read, put, drop };
});
