// @vitest-environment jsdom
import { expect, it } from "vitest";
import { Page, settle, tell } from "./page.ts";
import { programme } from "./sample.ts";

const page = new Page();
const card = () => page.root.querySelector('[aria-label="Programme"]');
const orders = () => page.asked.filter(({ method }) => method !== "GET").map(({ path, body }) => [path, body]);
const words = () => card()?.textContent?.replace(/\s+/gu, " ");

it("shows no card where no programme is configured", async () => {
  await tell();
  expect(card()).toBeNull();
});

it("shows what is on, how the chat is treated, and what comes by the programme's own clock", async () => {
  await tell({ programme: programme() });
  expect(words()).toContain("morning quiz");
  expect(words()).toContain("counts votes");
  expect(words()).toContain("4m left");
  expect(words()).toContain("Fri 11:00");
});

it("ends, extends, holds and starts, each once", async () => {
  await tell({ programme: programme() });
  await page.click("End it now");
  await page.click("5 minutes more");
  await page.click("Hold");
  await page.click("Let story be next");
  expect(orders()).toEqual([
    ["/api/programme/skip", { segment: "" }],
    ["/api/programme/extend", { seconds: 300 }],
    ["/api/programme/hold", { on: true }],
    ["/api/programme/start", { segment: "story" }],
  ]);
});

it("orders what waits, and leaves it out", async () => {
  const run = {
    due_at: "2026-05-01T08:00:00Z",
    state: "waiting",
    cause: "clock",
    started_at: null,
    aired_s: 0,
  } as const;
  await tell({ programme: programme({ waiting: [{ ...run, segment: "news", note: "waits for the quiz" }] }) });
  expect(words()).toContain("waits for the quiz");
  await page.click("Let news be first");
  await page.click("Leave out news");
  expect(orders()).toEqual([
    ["/api/programme/reorder", { segments: ["news"] }],
    ["/api/programme/skip", { segment: "news" }],
  ]);
});

it("says what is wrong with a new file while the one before goes on", async () => {
  await tell({
    programme: programme({ fault: "day.yaml:7: kind: there is no kind 'tlak'", held: true, on_air: null }),
  });
  expect(card()?.querySelector('[role="alert"]')?.textContent).toContain("day.yaml:7");
  expect(words()).toContain("held");
  expect(words()).toContain("No segment is on");
});

it("draws the day, each run where it lies", async () => {
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  page.answer = ({ path }) => ({
    status: 200,
    body: path.startsWith("/api/programme/timeline")
      ? [
          { segment: "news", kind: "talk", due_at: at(6), until: at(12) },
          { segment: "<b>", kind: "talk", due_at: at(23), until: null },
        ]
      : { ok: true, detail: "" },
  });
  await tell({ programme: programme() });
  await settle();
  const blocks = [...page.root.querySelectorAll<HTMLElement>(".day i")];
  expect(blocks.map((one) => Math.round(Number.parseFloat(one.style.width)))).toEqual([25, 1]);
  expect(Math.round(Number.parseFloat(blocks[0]?.style.insetInlineStart ?? ""))).toBe(25);
  expect(blocks[1]?.title).toContain("<b>");
});

it("draws a rehearsed day with its silences, its collisions and what was found", async () => {
  const at = (hour: number) => `2026-05-01T${String(hour).padStart(2, "0")}:00:00Z`;
  const run = { kind: "talk", due_at: at(6), started_at: at(6), ended_at: at(12), state: "done", note: "" };
  const day = {
    start: at(0),
    end: "2026-05-02T00:00:00Z",
    zone: "UTC",
    fault: "",
    tokens: 10,
    aired_s: 21_600,
    parts: [
      { ...run, segment: "news" },
      { ...run, segment: "<i>", started_at: null, ended_at: null, state: "skipped", note: "news was on" },
    ],
    quiet: [{ start: at(0), end: at(6) }],
    findings: [{ level: "error", place: "day.yaml:7", text: "6 h without a segment" }],
  };
  page.answer = ({ path }) => ({ status: 200, body: path.endsWith("rehearse") ? day : [] });
  await tell({ programme: programme() });
  await page.click("Rehearse the day");
  await settle();
  const drawn = [...page.root.querySelectorAll<HTMLElement>(".rehearsal .day i")];
  expect(drawn.map((one) => Math.round(Number.parseFloat(one.style.width)))).toEqual([25, 25, 0]);
  expect(drawn[2]?.title).toBe("06:00 <i> · left out: news was on");
  expect(words()).toContain("Fault: 6 h without a segment");
  expect(words()).toContain("day.yaml:7");
});

it("says why there is no rehearsal", async () => {
  page.answer = ({ path }) =>
    path.endsWith("rehearse")
      ? { status: 409, body: { detail: "a rehearsal is under way: Wait for it." } }
      : { status: 200, body: [] };
  await tell({ programme: programme() });
  await page.click("Rehearse the day");
  await settle();
  expect(document.body.textContent).toContain("a rehearsal is under way");
});
