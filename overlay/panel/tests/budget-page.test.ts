// @vitest-environment jsdom
import { expect, it } from "vitest";
import { Page, tell } from "./page.ts";
import { budget } from "./sample.ts";

const page = new Page();
const card = () => page.root.querySelector('[aria-label="Budget"]');
const words = () => card()?.textContent?.replace(/\s+/gu, " ");

it("shows no card where nothing costs and nothing is limited", async () => {
  await tell();
  expect(card()).toBeNull();
});

it("shows what was spent, how much of the limit that is, and when it is reached", async () => {
  await tell({ budget: budget() });
  expect(words()).toContain("thrifty");
  expect(words()).toContain("$1.62 of $2.00");
  expect(words()).toMatch(/at this pace reached .*\d\d:\d\d/u);
  expect(words()).toContain("This stream$0.41");
  expect(card()?.querySelector<HTMLElement>('[aria-label="81 per cent spent"] i')?.style.width).toBe("81%");
});

it("names each link with its price, and marks one that is not known", async () => {
  await tell({ budget: budget() });
  expect(words()).toContain("openai gpt-4o-mini");
  expect(words()).toContain("412,345 tokens");
  expect(words()).toContain("15,488 characters");
  expect(card()?.querySelector(".unknown")?.textContent).toContain("as the dearest");
});

it("says that the budget is spent, and a limit in tokens", async () => {
  const limit = {
    scope: "stream",
    unit: "tokens",
    spent: 600_000,
    limit: 500_000,
    level: "hard",
    reached_at: null,
  } as const;
  await tell({ budget: budget({ level: "hard", limits: [limit], stream: null, waiting: 2 }) });
  expect(words()).toContain("spent: free links alone");
  expect(words()).toContain("600,000 tokens of 500,000 tokens");
  expect(card()?.querySelector<HTMLElement>(".limit .bar i")?.style.width).toBe("100%");
  expect(words()).toContain("not written yet");
});

it("says where a limit is set when there is none", async () => {
  await tell({ budget: budget({ level: "normal", limits: [] }) });
  expect(words()).toContain("no limit");
  expect(words()).toContain("under ‘budget’ in the settings");
});

it("shows names of strangers as words", async () => {
  const [link] = budget().links;
  if (!link) throw new Error("there is no link");
  await tell({ budget: budget({ links: [{ ...link, name: "<img src=x onerror=alert(1)>" }] }) });
  expect(card()?.querySelector("img")).toBeNull();
  expect(words()).toContain("<img src=x");
});
