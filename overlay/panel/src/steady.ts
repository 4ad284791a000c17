/** Lists that hold still under a hand: nothing moves between the look and the press. */

import { onUnmounted, type Ref, readonly, ref, type ShallowRef, shallowRef, watch } from "vue";

/** After a touch or a key the hand counts as on the list for so long, ms. */
const REST_MS = 4_000;
/** Rows that are over and still stand, at most. */
const MOST_GONE = 30;

/** Whether a hand is on a list, and the listeners that tell; they belong on an element that stays. */
export interface Hand {
  readonly on: Readonly<Ref<boolean>>;
  readonly listeners: Record<string, (event: Event) => void>;
  lift: () => void;
}

/** A mouse is on the list while it is over it; a finger or a key, a while after it moved. */
export function useHand(): Hand {
  const over = ref(false);
  const on = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function lift(): void {
    clearTimeout(timer);
    on.value = false;
    over.value = false;
  }

  function touch(): void {
    clearTimeout(timer);
    on.value = true;
    timer = setTimeout(() => {
      on.value = over.value;
    }, REST_MS);
  }

  const isMouse = (event: Event) => "pointerType" in event && event.pointerType === "mouse";
  onUnmounted(() => clearTimeout(timer));
  return {
    on: readonly(on),
    listeners: {
      pointerenter: (event) => {
        over.value = isMouse(event);
        touch();
      },
      pointerleave: (event) => {
        if (!isMouse(event)) return;
        over.value = false;
        touch();
      },
      pointerdown: touch,
      touchmove: touch,
      keydown: touch,
    },
    lift,
  };
}

/** A row of such a list; `gone` is one that is over, and stands where it stood. */
export interface Row<T> {
  readonly key: string;
  readonly value: T;
  readonly gone: boolean;
}

/**
 * The rows of a list that holds still while `still` says so: what is over stays as `gone`, and what is new
 * comes below where it `append`s, else waits (`fresh` counts it) until `release`.
 */
export function useSteady<T>(
  source: () => readonly T[],
  keyOf: (value: T) => string,
  still: () => boolean,
  append: boolean,
): { rows: Readonly<ShallowRef<readonly Row<T>[]>>; fresh: Readonly<Ref<number>>; release: () => void } {
  const rows = shallowRef<readonly Row<T>[]>([]);
  const fresh = ref(0);

  function release(): void {
    rows.value = source().map((value) => ({ key: keyOf(value), value, gone: false }));
    fresh.value = 0;
  }

  function update(): void {
    if (!still() || rows.value.length === 0) {
      release();
      return;
    }
    const now = new Map(source().map((value) => [keyOf(value), value]));
    const kept = rows.value.map((row): Row<T> => {
      const value = now.get(row.key);
      now.delete(row.key);
      return value === undefined ? { ...row, gone: true } : { key: row.key, value, gone: false };
    });
    let surplus = kept.filter(({ gone }) => gone).length - MOST_GONE;
    const bounded = append ? kept.filter(({ gone }) => !gone || surplus-- <= 0) : kept;
    const added = [...now].map(([key, value]): Row<T> => ({ key, value, gone: false }));
    rows.value = append ? [...bounded, ...added] : bounded;
    fresh.value = append ? 0 : added.length;
  }

  watch([source, still], update, { immediate: true });
  return { rows, fresh, release };
}
