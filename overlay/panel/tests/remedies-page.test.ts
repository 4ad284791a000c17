// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { partsByUrgency, reasonOf, retryable } from "../src/parts.ts";
import { Page, press, settle, tell } from "./page.ts";
import { alarm, connection, item, moderation, onAir, part, turn, verdict, why } from "./sample.ts";
import { type Answer, Wire } from "./wire.ts";

const DONE = { status: 200, body: { ok: true, detail: "" } };
const page = new Page();
const orders = () => page.asked.filter(({ method }) => method !== "GET").map(({ path }) => path);
const toast = () => document.querySelector(".toast:last-of-type");
const label = (element: Element | null) => element?.getAttribute("aria-label");

/** Have the server answer when the test says so. */
function hold(): (answer: Answer) => Promise<void> {
  let resolve: (answer: Answer) => void = () => {};
  const promise = new Promise<Answer>((done) => {
    resolve = done;
  });
  page.answer = () => promise;
  return (answer) => {
    resolve(answer);
    return settle();
  };
}

it("dismisses an alarm once, by its id however odd, and is free for the next of the same name", async () => {
  const odd = "fault:twitch/ä b?";
  await tell({ alarms: [alarm(odd, { age_s: 30 }), alarm("overdue")] });
  const dismiss = () => page.root.querySelectorAll<HTMLButtonElement>(".alarm .acts button")[0];
  expect(label(dismiss() ?? null)).toBe("Dismiss the alarm: Payment not fully read");
  const answered = hold();
  dismiss()?.click();
  await settle();
  expect(dismiss()?.disabled).toBe(true);
  await answered(DONE);
  dismiss()?.click();
  await settle();
  expect(orders()).toEqual([`/api/alarms/${encodeURIComponent(odd)}/dismiss`]);
  expect(toast()?.textContent).toContain("Alarm dismissed");
  expect(label(document.activeElement)).toBe("Alarms");
  await tell({ alarms: [alarm(odd, { age_s: 0 }), alarm("overdue")] });
  expect(dismiss()?.disabled).toBe(false);
});

it("frees an alarm whose dismissal failed, and says why it did", async () => {
  page.answer = () => ({ status: 404, body: { detail: "it does not stand any more" } });
  await tell({ alarms: [alarm("overdue")] });
  await page.click("Dismiss the alarm");
  expect(toast()?.textContent).toContain("it does not stand any more");
  expect(page.button("Dismiss the alarm").disabled).toBe(false);
});

it("tells when a provider is tried again, in words and in its own seconds", async () => {
  await tell({
    parts: [
      part("twitch", { state: "down", detail: "next try in 9 s: its own words" }),
      part("kokoro", { kind: "tts", state: "resting", detail: "next try in 75 s: no answer", next_try_s: 75 }),
      part("openai", { kind: "llm", state: "down", detail: "no key", next_try_s: null }),
      part("openai", { kind: "judge", state: "down", detail: "being opened: no route", next_try_s: 0 }),
      part("llama", { kind: "llm", next_try_s: 0 }),
    ],
  });
  const rows = [...page.root.querySelectorAll<HTMLElement>("li.up, li.down, li.resting")].map((row) =>
    row.textContent?.replace(/\s+/gu, " ").trim(),
  );
  expect(rows).toEqual([
    "twitchdownnext try in 9 s: its own words",
    "openaiLanguage modeldownno keyneeds a personTry now",
    "openaiJudgedownno routenext try is dueTry now",
    "kokoroVoicerestingno answernext try in 1m 15sTry now",
    "llamaLanguage modelup",
  ]);
});

it("shows what needs a look, and the rest as a number that opens", async () => {
  await tell({
    parts: [
      part("show"),
      part("warm-up", { state: "over", detail: "" }),
      part("feed", { state: "over", detail: "it ended with an error" }),
      part("twitch", { state: "down", detail: "no route" }),
    ],
  });
  const folded = page.root.querySelector<HTMLDetailsElement>("details:has(li.up)");
  expect(folded?.open).toBe(false);
  expect(folded?.querySelector("summary")?.textContent).toBe("2 parts run as they should");
  const names = (at: ParentNode | null | undefined) =>
    [...(at?.querySelectorAll("li .name strong") ?? [])].map((one) => one.textContent);
  expect(names(folded)).toEqual(["warm-up", "show"]);
  expect(names(folded?.parentElement?.querySelector(":scope > div"))).toEqual(["twitch", "feed"]);
});

it("tries a provider once at a time, waits for the answer, and says how it stands then", async () => {
  const down = part("my voice/1", { kind: "tts", state: "down", detail: "refused", next_try_s: null });
  const other = part("my voice/1", { kind: "llm", state: "down", detail: "refused", next_try_s: null });
  await tell({ parts: [down, other] });
  const tryNow = (row: number) => page.root.querySelectorAll<HTMLButtonElement>(".again button")[row];
  const answered = hold();
  tryNow(0)?.click();
  await settle();
  tryNow(0)?.click();
  await settle();
  expect([tryNow(0)?.disabled, tryNow(1)?.disabled]).toEqual([true, false]);
  expect(label(tryNow(0) ?? null)).toBe("Try my voice/1 now");
  await answered({ status: 200, body: { ok: false, detail: "still no answer" } });
  expect(orders()).toEqual(["/api/providers/tts/my%20voice%2F1/retry"]);
  expect(toast()?.className).toContain("bad");
  expect(toast()?.textContent).toContain("still no answer");
  expect(tryNow(0)?.disabled).toBe(false);
  page.answer = () => DONE;
  tryNow(0)?.click();
  await settle();
  expect(toast()?.textContent).toContain("my voice/1 is up again");
});

it("counts the seconds down between two frames", async () => {
  await tell({ parts: [part("kokoro", { kind: "tts", state: "resting", next_try_s: 30 })] });
  expect(page.text).toContain("next try in 30s");
  const now = performance.now();
  vi.spyOn(performance, "now").mockImplementation(() => now + 28_600);
  await vi.waitFor(() => expect(page.text).toContain("next try in 2s"), { timeout: 2_000 });
});

it("offers a new try for providers alone, and keeps the words of the rest as they are", () => {
  expect(retryable(part("chat", { state: "down" }))).toBe(false);
  expect(retryable(part("k", { kind: "tts" }))).toBe(false);
  expect(retryable(part("k", { kind: "tts", state: "resting" }))).toBe(true);
  expect(reasonOf(part("k", { kind: "tts", detail: "next try with the next question: busy" }))).toBe("busy");
  expect(reasonOf(part("k", { kind: "tts", detail: "the next try in 3 s: fails" }))).toBe("the next try in 3 s: fails");
  const states = (["up", "resting", "over", "down"] as const).map((state) => part(state, { state }));
  expect(partsByUrgency(states).map(({ name }) => name)).toEqual(["down", "over", "resting", "up"]);
});

it("forgets a viewer from the menu of a line, after it said what goes and what stays", async () => {
  await tell({ connections: [connection()], queue: [item("a", { author_id: "u/1" })] });
  await page.click("Moderate ann");
  await page.click("Forget ann…");
  expect(orders()).toEqual([]);
  const ask = page.root.querySelector(".menu .ask");
  expect(ask?.textContent).toContain("Forget ann on Twitch?");
  expect(ask?.textContent).toContain("What they paid is still thanked for.");
  expect(document.activeElement?.textContent).toContain("Do not forget");
  press("Escape", {}, document.activeElement as HTMLElement);
  await settle();
  expect(page.root.querySelector(".ask")).toBeNull();
  expect(page.root.querySelector(".menu")).not.toBeNull();
  page.answer = () => ({ status: 503, body: { detail: "the database is busy" } });
  await page.click("Forget ann…");
  const yes = () => page.root.querySelector<HTMLButtonElement>(".ask .hard");
  yes()?.click();
  await settle();
  expect(toast()?.textContent).toContain("the database is busy");
  expect(page.root.querySelector(".ask")).not.toBeNull();
  page.answer = () => ({ status: 200, body: { ok: true, detail: "4 lines" } });
  yes()?.click();
  await settle();
  expect(orders()).toEqual(["/api/viewers/twitch/u%2F1/forget", "/api/viewers/twitch/u%2F1/forget"]);
  expect(toast()?.textContent).toContain("ann is forgotten (4 lines)");
  expect(page.root.querySelector(".menu")).toBeNull();
});

it("forgets nobody who has no id, nor the streamer's own words", async () => {
  await tell({
    connections: [connection({ actions: ["delete"] })],
    now: turn([onAir("m", { author_id: "" })]),
    queue: [item("q", { author: "bea", author_id: "", source: "local" })],
  });
  for (const name of ["ann", "bea"]) {
    await page.click(`Moderate ${name}`);
    expect(page.root.querySelector(".menu")).not.toBeNull();
    expect(() => page.button("Forget")).toThrow();
    await page.click("Close");
  }
});

it("forgets a viewer from a verdict, never the host", async () => {
  const lines = [verdict("v1"), verdict("v2", { direction: "out", source: "", author: "a reply", author_id: "" })];
  page.answer = ({ method }) => (method === "GET" ? { status: 200, body: why(verdict("v1")) } : DONE);
  await tell({ moderation: moderation({ audit: lines }) });
  const whys = [...page.root.querySelectorAll<HTMLButtonElement>("#verdicts .acts button:last-child")];
  expect(whys).toHaveLength(2);
  whys[1]?.click();
  await settle();
  expect(() => page.button("Forget")).toThrow();
  whys[0]?.click();
  await settle();
  await page.click("Forget bob…");
  await page.click("Do not forget");
  expect(label(document.activeElement)).toBe("Forget bob…");
  await page.click("Forget bob…");
  page.root.querySelector<HTMLButtonElement>("#verdicts .ask .hard")?.click();
  await settle();
  expect(orders()).toEqual(["/api/viewers/twitch/u2/forget"]);
  expect(page.root.querySelector(".ask")).toBeNull();
});

it("orders none of it while the line is lost", async () => {
  await tell({
    alarms: [alarm("overdue")],
    parts: [part("kokoro", { kind: "tts", state: "down" })],
    queue: [item("a")],
  });
  await page.click("Moderate ann");
  await page.click("Forget ann…");
  Wire.last.drop();
  await settle();
  expect(page.root.querySelector<HTMLButtonElement>(".ask .hard")?.disabled).toBe(true);
  for (const words of ["Dismiss the alarm", "Try kokoro now"]) {
    expect([words, page.button(words).disabled]).toEqual([words, true]);
  }
});
