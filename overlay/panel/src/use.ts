import { onMounted, onUnmounted, type Ref, readonly, ref } from "vue";
import { useI18n } from "vue-i18n";
import { errorWords } from "../kit/errors.ts";
import { calmLine } from "../kit/text.ts";
import { useToasts } from "../kit/toasts.ts";
import type { Done } from "./api.ts";

/** Seconds since `receivedAt` (of `performance.now()`), so that ages go on between two frames. */
export function useElapsed(receivedAt: () => number): Readonly<Ref<number>> {
  const elapsed = ref(0);
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = () => {
    elapsed.value = Math.max(0, (performance.now() - receivedAt()) / 1_000);
  };
  onMounted(() => {
    tick();
    timer = setInterval(tick, 500);
  });
  onUnmounted(() => clearInterval(timer));
  return readonly(elapsed);
}

/** Give an order and show its failure in words; resolves to whether it was carried out. */
export function useOrder(): (give: () => Promise<Done | null>) => Promise<boolean> {
  const { t } = useI18n();
  const toasts = useToasts();
  return async (give) => {
    try {
      const done = await give();
      if (done?.ok !== false) return true;
      // It came too late, most often: what it was meant for is over.
      toasts.show("bad", calmLine(done.detail));
      return false;
    } catch (error) {
      toasts.show("bad", errorWords(error, t));
      return false;
    }
  };
}

/** Gives the name of a platform in the page's language; a source that the page does not know keeps its own. */
export function usePlatformName(): (source: string) => string {
  const { t, te } = useI18n();
  return (source) => {
    const key = `platform.${source}`;
    return /^[a-z_]+$/u.test(source) && te(key) ? t(key) : calmLine(source);
  };
}

/** Two presses of Escape within this time stop the show, ms. */
const TWICE_MS = 800;

/** What the keys do. */
export interface Keys {
  stop: () => void;
  focusSay: () => void;
  goWaiting: () => void;
}

/**
 * The keyboard: Escape twice stops, `/` goes to the say box, `w` to what waits for a person. Stopping is the safe side to err on, yet
 * one Escape alone must do nothing: it closes things, and input methods use it. Gives whether a first
 * Escape waits for its second.
 */
export function useKeys(keys: Keys): Readonly<Ref<boolean>> {
  const armed = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function disarm(): void {
    clearTimeout(timer);
    armed.value = false;
  }

  function onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (armed.value) {
        disarm();
        keys.stop();
        return;
      }
      armed.value = true;
      timer = setTimeout(disarm, TWICE_MS);
      return;
    }
    disarm();
    if (isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key !== "/" && key !== "w") return;
    event.preventDefault();
    if (key === "/") keys.focusSay();
    else keys.goWaiting();
  }

  onMounted(() => document.addEventListener("keydown", onKey));
  onUnmounted(() => {
    document.removeEventListener("keydown", onKey);
    clearTimeout(timer);
  });
  return readonly(armed);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
