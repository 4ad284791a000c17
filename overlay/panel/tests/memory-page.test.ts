// @vitest-environment jsdom
import { expect, it } from "vitest";
import type { MemoryPiece, MemoryViewer } from "../src/api-memory.ts";
import { Page, settle, tell } from "./page.ts";
import { piece } from "./sample.ts";

const page = new Page();
const card = () => page.root.querySelector('[aria-label="Memory"]');
const words = () => card()?.textContent?.replace(/\s+/gu, " ");
const orders = () => page.asked.filter(({ method }) => method !== "GET").map(({ path, body }) => [path, body]);
const memory = { pieces: 2, vectors: 2, total: 2, detail: "" };
const ANN: MemoryViewer = {
  source: "twitch",
  viewer: "u/1",
  person: "p",
  name: "Ann",
  visits: 12,
  since: "2026-04-01T20:00:00Z",
  seen_at: "2026-05-01T20:00:00Z",
};

async function look(pieces: MemoryPiece[] = [piece()]): Promise<void> {
  page.answer = ({ path, method }) => {
    if (method !== "GET") return { status: 200, body: { ok: true, detail: "done" } };
    if (path === "/api/memory/viewers") return { status: 200, body: [ANN] };
    if (path === "/api/memory/notes")
      return { status: 200, body: [{ page: "lighthouse", heading: "The lamp", text: "It turns twice a minute." }] };
    return { status: 200, body: pieces };
  };
  await tell({ memory });
  const details = card()?.querySelector("details");
  if (!details) throw new Error("there is no list");
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
  await settle();
}

async function choose(label: string, value: string): Promise<void> {
  const labels = [...(card()?.querySelectorAll("label") ?? [])];
  const field = labels.find((one) => one.textContent?.includes(label))?.querySelector("select, input");
  if (!(field instanceof HTMLSelectElement || field instanceof HTMLInputElement)) throw new Error(`no ${label}`);
  field.value = value;
  field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? "change" : "input"));
  await settle();
}

it("shows no card before there is memory, and asks for nothing before somebody looks", async () => {
  await tell();
  expect(card()).toBeNull();
  await tell({ memory: { ...memory, vectors: 1 } });
  expect(words()).toContain("2 pieces");
  expect(words()).toContain("1 of 2");
  expect(page.paths().some((path) => path.startsWith("/api/memory"))).toBe(false);
});

it("lists what is known, of whom, from which line, and the passages with their source", async () => {
  await look();
  expect(words()).toContain("a viewer · Ann (Twitch)");
  expect(words()).toContain("has a cat called Tom");
  expect(words()).toContain("my cat Tom says hello");
  expect(words()).toContain("used 3×");
  expect(words()).toContain("lighthouse · The lamp");
  expect(words()).toContain("It turns twice a minute.");
});

it("asks by kind, by state and by words", async () => {
  await look();
  await choose("What", "canon");
  expect(page.paths()).toContain("/api/memory?state=active&kind=canon");
  await choose("How it stands", "superseded");
  expect(page.paths()).toContain("/api/memory?state=superseded&kind=canon");
  await choose("Find", "a cat & 猫");
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(page.paths()).toContain("/api/memory?state=superseded&kind=canon&words=a+cat+%26+%E7%8C%AB");
});

it("corrects a piece", async () => {
  await look();
  await page.click("Correct “has a cat called Tom”");
  const field = card()?.querySelector("textarea");
  if (!field) throw new Error("there is no field");
  expect(field.value).toBe("has a cat called Tom");
  field.value = "  has a dog called Rex ";
  field.dispatchEvent(new Event("input"));
  await settle();
  await page.click("Save");
  expect(orders()).toEqual([["/api/memory/correct", { piece: 7, text: "has a dog called Rex" }]]);
});

it("deletes a piece only after it asked", async () => {
  await look();
  await page.click("Delete “has a cat called Tom”");
  expect(orders()).toEqual([]);
  await page.click("Back");
  expect(orders()).toEqual([]);
  await page.click("Delete “has a cat called Tom”");
  const sure = [...(card()?.querySelectorAll<HTMLButtonElement>('[role="alert"] button') ?? [])].at(-1);
  sure?.click();
  await settle();
  expect(orders()).toEqual([["/api/memory/delete", { piece: 7 }]]);
});

it("shows all of one viewer, and forgets them only after it asked", async () => {
  await look();
  await choose("Of whom", "twitch\nu/1");
  expect(page.paths()).toContain("/api/memory/viewers/twitch/u%2F1");
  expect(words()).toContain("Days on which they came: 12");
  await page.click("Forget Ann …");
  expect(orders()).toEqual([]);
  const yes = [...(card()?.querySelectorAll<HTMLButtonElement>(".ask button") ?? [])].at(-1);
  yes?.click();
  await settle();
  expect(orders()).toEqual([["/api/viewers/twitch/u%2F1/forget", {}]]);
});

it("shows what strangers wrote as words", async () => {
  const mark = "<img src=x onerror=alert(1)>\u202e";
  await look([piece({ text: mark, name: mark, origin: mark, viewer: mark })]);
  expect(card()?.querySelector("img")).toBeNull();
  expect(words()).toContain("<img src=x");
  expect(words()).not.toContain("\u202e");
});

it("says so when memory cannot be read", async () => {
  await look([]);
  expect(words()).toContain("Nothing of this is remembered");
  page.answer = () => ({ status: 503, body: { detail: "the database is busy" } });
  await choose("What", "gag");
  expect(words()).toContain("cannot be read just now");
});
