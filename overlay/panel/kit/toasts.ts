import { defineStore } from "pinia";
import { ref } from "vue";

export interface Toast {
  readonly id: number;
  readonly tone: "good" | "bad";
  readonly text: string;
}

/** How long a toast stays, ms; bad news takes longer to read. */
const STAY_MS = { good: 3_000, bad: 7_000 } as const;
const MOST = 3;

/** Short words about what became of an order; the newest three. */
export const useToasts = defineStore("toasts", () => {
  const shown = ref<Toast[]>([]);
  let last = 0;

  function show(tone: Toast["tone"], text: string): void {
    last += 1;
    const toast = { id: last, tone, text };
    // The same words again replace the old ones, so that a key held down does not fill the page.
    shown.value = [...shown.value.filter((other) => other.text !== text), toast].slice(-MOST);
    setTimeout(() => dismiss(toast.id), STAY_MS[tone]);
  }

  function dismiss(id: number): void {
    shown.value = shown.value.filter((toast) => toast.id !== id);
  }

  return { shown, show, dismiss };
});
