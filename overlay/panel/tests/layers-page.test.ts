// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from "vitest";
import { addressOf, readable, sizeOf, type Wanted } from "../src/layers.ts";
import { Page, settle, tell } from "./page.ts";

const page = new Page();
const card = () => page.root.querySelector('[aria-label="Stage layers"]');
const copied: string[] = [];

async function press(...words: string[]): Promise<void> {
  for (const one of words) {
    const buttons = [...(card()?.querySelectorAll("button") ?? [])];
    buttons.find((button) => button.textContent?.trim() === one)?.click();
  }
  await settle();
}

beforeEach(() => {
  copied.length = 0;
  vi.stubGlobal("navigator", {
    languages: ["en"],
    clipboard: { writeText: async (text: string) => void copied.push(text) },
  });
});

it("gives an address that shows what was chosen, with the size of its source, and hides the key", async () => {
  await tell();
  await press("Set up");
  await press("Host", "Captions", "AI label");
  expect(card()?.textContent).toContain("Choose a layer");
  await press("Chat", "Neon");
  expect(card()?.textContent).toContain("No layer here shows the AI label");
  expect(card()?.textContent).toContain("Width 500, height 900");
  expect(card()?.querySelector("code")?.textContent).not.toMatch(/token=[^…&]/u);
  await press("Copy the address");
  const address = new URL(copied[0] ?? "");
  expect(address.searchParams.get("layers")).toBe("chat");
  expect(address.searchParams.get("theme")).toBe("neon");
  expect(address.searchParams.get("sample")).toBeNull();
});

it("shows the preview as a silent page with examples, and none before it is opened", async () => {
  await tell();
  expect(card()?.querySelector("iframe")).toBeNull();
  await press("Set up");
  const { searchParams } = new URL(card()?.querySelector("iframe")?.src ?? "");
  expect([searchParams.get("sample"), searchParams.get("role")]).toEqual(["1", "view"]);
});

const WANTED: Wanted = {
  layers: ["avatar", "chat"],
  theme: "own",
  layout: "tall",
  language: "ja",
  platforms: ["twitch"],
};

it("words addresses and sizes for upright stages and for single layers", () => {
  expect(sizeOf(WANTED)).toEqual([1080, 1920]);
  expect(sizeOf({ ...WANTED, layers: ["alerts"] })).toEqual([1000, 360]);
  expect(sizeOf({ ...WANTED, layers: ["screens"] })).toEqual([1080, 1920]);
  const address = addressOf("http://host/stage/?token=secret", WANTED);
  expect(readable(address)).toBe("http://host/stage/?token=…&layers=avatar,chat&platforms=twitch&layout=tall&lang=ja");
  expect(addressOf("http://host/stage/?token=k", { ...WANTED, layers: ["clock"] })).not.toContain("platforms");
});
