import { type Ref, ref } from "vue";

/** What is being ordered, by its key, and what gives an order unless the same one is under way: then it gives null. */
export interface Once {
  readonly busy: Readonly<Ref<ReadonlySet<string>>>;
  readonly once: <T>(key: string, give: () => Promise<T>) => Promise<T | null>;
}

/** Keep a second press from ordering the same thing twice. */
export function useOnce(): Once {
  const busy = ref<ReadonlySet<string>>(new Set());

  async function once<T>(key: string, give: () => Promise<T>): Promise<T | null> {
    if (busy.value.has(key)) return null;
    busy.value = new Set([...busy.value, key]);
    try {
      return await give();
    } finally {
      busy.value = new Set([...busy.value].filter((other) => other !== key));
    }
  }

  return { busy, once };
}
