/**
 * The alerts that wait, one shown at a time. None is shown twice; gifts that belong together are one; when more come than
 * anybody can look at, the small ones become a crowd.
 */
import type { Alert } from "@haishin/common/protocol";

/** How long each tier is shown, in ms: from "nobody paid" to "very large". */
export const SHOWN_MS = [3_500, 4_500, 6_000, 8_000, 10_000] as const;
/** The shortest, when many wait. */
export const HURRY_MS = 2_000;
/** So many wait one by one; beyond that the smallest become a crowd. */
export const MOST = 8;
const REMEMBERED = 2_000;

export interface Waiting {
  alert: Alert;
  /** How many were merged, and from how many people; `keys` are theirs. */
  count: number;
  people: Set<string>;
  keys: Set<string>;
  /** Many people's: told as a number. */
  crowd: boolean;
}

export class AlertQueue {
  #waiting: Waiting[] = [];
  #seen = new Set<string>();

  get length(): number {
    return this.#waiting.length;
  }

  /** Take one in. False for one that was here before. */
  add(alert: Alert): boolean {
    if (this.#seen.has(alert.id)) return false;
    this.#seen.add(alert.id);
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.values().next().value ?? "");
    const same = this.#waiting.find((one) => !one.crowd && merges(one.alert, alert));
    if (same) join(same, alert);
    else
      this.#waiting.push({
        alert,
        count: Math.max(1, alert.count),
        people: new Set([alert.author]),
        keys: new Set([alert.id]),
        crowd: false,
      });
    this.#crowd();
    return true;
  }

  /** The next to be shown: the largest, and of alike ones the oldest. */
  next(): Waiting | null {
    let best = 0;
    for (const [index, one] of this.#waiting.entries()) {
      if (one.alert.tier > (this.#waiting[best]?.alert.tier ?? 0)) best = index;
    }
    return this.#waiting.splice(best, 1)[0] ?? null;
  }

  /** How long one is shown now, in ms. */
  shownMs(one: Waiting): number {
    const usual = SHOWN_MS[Math.min(4, Math.max(0, one.alert.tier))] ?? HURRY_MS;
    return this.#waiting.length > 3 && one.alert.tier < 3 ? Math.max(HURRY_MS, usual / 2) : usual;
  }

  /** What was deleted is not shown: the words go, and the name with them. */
  forget(keys: readonly string[]): void {
    this.#waiting = this.#waiting.filter((one) => one.crowd || !keys.some((key) => one.keys.has(key)));
  }

  #crowd(): void {
    while (this.#waiting.length > MOST) {
      const smallest = Math.min(...this.#waiting.filter((one) => !one.crowd).map((one) => one.alert.tier));
      const index = this.#waiting.findLastIndex((one) => !one.crowd && one.alert.tier === smallest);
      const [gone] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (!gone) return;
      const crowd = this.#waiting.find((one) => one.crowd);
      if (!crowd) {
        this.#waiting.push({ ...gone, crowd: true, alert: { ...gone.alert, text: "", line: "" } });
        continue;
      }
      crowd.count += gone.count;
      for (const name of gone.people) if (crowd.people.size < 5_000) crowd.people.add(name);
    }
  }
}

/** Whether two are one gift that somebody goes on giving. Words of their own stay apart. */
export function merges(one: Alert, other: Alert): boolean {
  if (one.source !== other.source || one.author !== other.author || one.kind !== other.kind) return false;
  if (one.text || other.text) return false;
  return one.combo !== "" && one.combo === other.combo ? true : one.item !== "" && one.item === other.item;
}

function join(one: Waiting, alert: Alert): void {
  one.count += Math.max(1, alert.count);
  one.keys.add(alert.id);
  one.alert = { ...one.alert, tier: Math.max(one.alert.tier, alert.tier), amount: "" };
}
