import { socketUrl } from "@haishin/common/token";
import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";
import { recall, remember } from "../../kit/locale.ts";
import type { Done } from "../api.ts";
import type { EarsIn, FloorCellIn, FloorView, TalkIn } from "../api-ears.ts";
import { type LineState, MicrophoneLine } from "../microphone/line.ts";
import { useOnce } from "../once.ts";
import { useShow } from "./show.ts";

/** A held button is pressed again so often, and counts as let go when that stops; ms and seconds. */
const AGAIN_MS = 2_000;
const HOLD_S = 6;
/** Where this browser keeps whether it takes its own sound out of the microphone. */
const ECHO = "haishin.panel.echo";

/** The ears as the server last told them, this page's microphone, and the orders. Orders raise `ApiError`. */
export const useEars = defineStore("ears", () => {
  const show = useShow();
  const view = computed(() => show.state?.ears ?? null);
  const { busy, once } = useOnce();

  // --- the switch and the button ------------------------------------------------------------------

  const press = (down: boolean | null) => show.post<Done>("/api/ears/talk", { down, for_s: HOLD_S } satisfies TalkIn);
  const switchTo = (on: boolean) => once("switch", () => show.post<Done>("/api/ears", { on } satisfies EarsIn));

  const answer = () => once("answer", () => show.post<Done>("/api/ears/answer", {}));

  /** Whether the button is held here. */
  const holding = ref(false);
  let again: ReturnType<typeof setInterval> | undefined;

  async function hold(): Promise<Done | null> {
    if (holding.value) return null;
    holding.value = true;
    again = setInterval(() => void press(true).catch(() => undefined), AGAIN_MS);
    return await press(true);
  }

  async function letGo(): Promise<Done | null> {
    if (!holding.value) return null;
    holding.value = false;
    clearInterval(again);
    return await press(false);
  }

  const toggle = () => once("toggle", () => press(null));

  // --- the floor ----------------------------------------------------------------------------------

  const table = ref<FloorView | null>(null);

  async function loadTable(): Promise<void> {
    table.value = await show.get<FloorView>("/api/ears/floor");
  }

  async function setCell(cell: FloorCellIn): Promise<void> {
    table.value = await show.put<FloorView>("/api/ears/floor", cell);
  }

  // --- this page's microphone ---------------------------------------------------------------------

  const line = ref<LineState>("off");
  const words = ref("");
  const echo = ref(recall(ECHO) === "on");
  const capturing = computed(() => ["asking", "connecting", "live"].includes(line.value));
  let microphone: MicrophoneLine | null = null;

  watch(echo, (on) => remember(ECHO, on ? "on" : "off"));
  watch(
    () => view.value?.on ?? true,
    (on) => microphone?.mute(!on),
  );

  async function open(takeover: boolean): Promise<void> {
    microphone?.close();
    const mine = new MicrophoneLine(
      (over) => socketUrl("/ws/ears", { role: "microphone", token: show.token, ...(over ? { takeover: "1" } : {}) }),
      (state, said) => {
        if (microphone !== mine) return;
        line.value = state;
        words.value = said;
      },
    );
    microphone = mine;
    mine.mute(!(view.value?.on ?? true));
    await mine.open({ echoCancellation: echo.value, takeover });
  }

  function giveBack(): void {
    microphone?.close();
    microphone = null;
    line.value = "off";
  }

  return {
    view,
    busy,
    switchTo,
    answer,
    holding,
    hold,
    letGo,
    toggle,
    table,
    loadTable,
    setCell,
    line,
    words,
    echo,
    capturing,
    open,
    giveBack,
  };
});
