// @vitest-environment jsdom
import { expect, it } from "vitest";
import { Page, settle, tell } from "./page.ts";
import { night } from "./sample.ts";

const page = new Page();
const card = () => page.root.querySelector('[aria-label="Night bank"]');
const orders = () => page.asked.filter(({ method }) => method !== "GET").map(({ path, body }) => [path, body]);
const words = () => card()?.textContent?.replace(/\s+/gu, " ");

it("shows no card where the host never speaks unasked", async () => {
  await tell();
  expect(card()).toBeNull();
});

it("shows what is there of each kind, what was spoken ahead, and what was used last", async () => {
  await tell({ night: night() });
  expect(words()).toContain("30 / 42");
  expect(words()).toContain("18 / 60");
  expect(words()).toContain("12m");
  expect(words()).toContain("Stories 22");
  expect(words()).toContain("The lamp turned twice");
});

it("says that no model and no voice answers, and drafts nothing then", async () => {
  await tell({ night: night({ away: true, mute: true }) });
  expect(words()).toContain("speaks from here");
  expect(words()).toContain("No voice answers");
  const button = [...(card()?.querySelectorAll("button") ?? [])].find((one) => one.textContent?.includes("Draft"));
  expect(button?.disabled).toBe(true);
});

it("drafts one now, and says what became of it", async () => {
  await tell({ night: night() });
  await page.click("Draft one now");
  expect(orders()).toEqual([["/api/night/draft", {}]]);
  await tell({ night: night({ draft: "dropped" }) });
  expect(words()).toContain("nothing was kept");
});

it("lists the pieces when it is opened, and drops one", async () => {
  const piece = { ...night().last, piece: "aaaabbbbccccdddd", words: "<b>A tale</b>", said_at: null };
  page.answer = ({ path }) => ({
    status: 200,
    body: path === "/api/night/pieces" ? [piece] : { ok: true, detail: "" },
  });
  await tell({ night: night() });
  const details = card()?.querySelector("details");
  if (!details) throw new Error("there is no list");
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
  await settle();
  expect(words()).toContain("<b>A tale</b>");
  await page.click("Drop the piece “<b>A tale</b>…”");
  expect(orders()).toEqual([["/api/night/drop", { piece: "aaaabbbbccccdddd" }]]);
});
