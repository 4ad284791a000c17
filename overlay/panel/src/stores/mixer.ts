import { defineStore } from "pinia";
import { computed } from "vue";
import type { Done } from "../api.ts";
import type { CueIn, Picture, Rehearsal, SceneIn, ShowStateIn } from "../api-mixer.ts";
import { useOnce } from "../once.ts";
import { useShow } from "./show.ts";

/** A cue may start the stream, and wait until it is on, ms. */
const PATIENCE_MS = 60_000;

/** The video mixer as the server last told it, and the orders of it. Orders raise `ApiError`. */
export const useMixer = defineStore("mixer", () => {
  const show = useShow();
  const view = computed(() => show.state?.mixer ?? null);
  const { busy, once } = useOnce();

  const order = <B extends object>(path: string, body: B) => show.post<Done>(path, body, PATIENCE_MS);
  const switchTo = (scene: string) => once(`scene ${scene}`, () => order<SceneIn>("/api/mixer/scene", { scene }));
  const release = () => once("release", () => order("/api/mixer/release", {}));
  const enter = (state: ShowStateIn["state"]) => once("state", () => order<ShowStateIn>("/api/mixer/state", { state }));
  const run = (cue: string) => once(`cue ${cue}`, () => order<CueIn>("/api/cues/run", { cue }));
  const rehearse = (cue: string) =>
    once(`rehearse ${cue}`, () => show.post<Rehearsal>("/api/cues/rehearse", { cue } satisfies CueIn, PATIENCE_MS));

  const picture = () => show.get<Picture>("/api/mixer/picture");

  return { view, busy, picture, switchTo, release, enter, run, rehearse };
});
