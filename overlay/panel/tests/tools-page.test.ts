// @vitest-environment jsdom
import { expect, it } from "vitest";
import type { ToolsView } from "../src/api-tools.ts";
import { Page, tell } from "./page.ts";

const page = new Page();
const card = () => page.root.querySelector('[aria-label="Tools"]');
const words = () => card()?.textContent?.replace(/\s+/gu, " ");
const tools = (more: Partial<ToolsView> = {}): ToolsView => ({
  tools: ["roll", "poll"],
  waiting: [
    {
      call: 7,
      tool: "poll",
      arguments: "question: <b>Tea?</b>",
      origin: "streamer",
      who: "kai",
      why: "the settings want it",
      left_s: 61.2,
    },
  ],
  last: [
    {
      tool: "scene",
      arguments: "",
      origin: "viewer",
      who: "ana",
      outcome: "refused",
      detail: "it is not allowed for a viewer",
      age_s: 3,
    },
  ],
  ...more,
});

it("shows no card while nothing was called", async () => {
  await tell({ tools: tools({ waiting: [], last: [] }) });
  expect(card()).toBeNull();
});

it("shows what waits, for whom and why, and what became of the last calls", async () => {
  await tell({ tools: tools() });
  expect(words()).toContain("1 waiting for you");
  expect(words()).toContain("<b>Tea?</b>");
  expect(words()).toContain("61 s left");
  expect(words()).toContain("it is not allowed for a viewer");
});

it("answers a call with yes and with no", async () => {
  await tell({ tools: tools() });
  await page.click("Do it");
  await page.click("Leave it");
  const orders = page.asked.filter(({ method }) => method !== "GET").map(({ path, body }) => [path, body]);
  expect(orders).toEqual([
    ["/api/tools/answer", { call: 7, yes: true }],
    ["/api/tools/answer", { call: 7, yes: false }],
  ]);
});
