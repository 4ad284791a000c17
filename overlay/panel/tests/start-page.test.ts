// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { qrRows, reachable, withoutKey } from "../src/addresses.ts";
import { qrPath } from "../src/platforms.ts";
import { Page, settle, tell } from "./page.ts";
import { part } from "./sample.ts";

const page = new Page({ newcomer: true });
const copied: string[] = [];

beforeEach(() => {
  copied.length = 0;
  vi.stubGlobal("navigator", {
    languages: ["en"],
    clipboard: { writeText: async (text: string) => void copied.push(text) },
  });
});
afterEach(() => localStorage.clear());

it("shows the addresses without their keys, and copies them with them", async () => {
  await tell();
  const shown = [...page.root.querySelectorAll("code")].map((one) => one.textContent);
  expect(shown).toEqual([expect.stringMatching(/\/stage\//u), expect.stringMatching(/\/chat\//u)]);
  for (const address of shown) expect(address).not.toContain("token=t");
  await page.click("Copy the address of: Stage page");
  await page.click("Copy the address of: Chat page");
  expect(copied).toEqual([
    page.root.querySelector<HTMLAnchorElement>(".what a[href*='/stage/']")?.href,
    page.root.querySelector<HTMLAnchorElement>(".what a[href*='/chat/']")?.href,
  ]);
});

it("says so when the browser lets nothing be copied", async () => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  await tell();
  await page.click("Copy the address of: Stage page");
  expect(page.text).not.toContain("Copied");
  expect(document.querySelector(".toast.bad")?.textContent).toContain("does not let the page copy");
});

it("gives no QR code for an address that opens on this machine alone, and says why", async () => {
  await tell();
  await page.click("QR code of: Chat page");
  expect(page.root.querySelector(".code svg")).toBeNull();
  expect(page.root.querySelector(".code")?.textContent).toContain("web.host");
});

it("tries a line as a viewer would write it: a prepared one, or one's own", async () => {
  page.answer = () => ({ status: 202, body: { id: "1", outcome: "queued", reason: "" } });
  await tell();
  await page.click("Try a line");
  await page.type(".try input", "hello there");
  await page.click("Try a line");
  expect(page.asked.filter(({ path }) => path === "/api/chat").map(({ body }) => body)).toEqual([
    { author: "Operator", text: "What do you do when you cannot sleep?" },
    { author: "Operator", text: "hello there" },
  ]);
  expect(document.querySelector(".toast.good")?.textContent).toContain("answers next");
});

it("tests the voice in the host's language", async () => {
  await tell({ languages: ["zh", "en"] });
  await page.click("Voice test");
  expect(page.bodies()).toEqual([{ text: expect.stringContaining("声音测试") }]);
});

it("tells that the model still reads, and then how fast it is", async () => {
  await tell({ parts: [part("warm-up", { kind: "part", state: "up" })] });
  expect(page.text).toContain("still reading its instructions");
  await tell({
    parts: [part("warm-up", { kind: "part", state: "over" })],
    machine: "the model reads 30 tokens a second",
  });
  expect(page.text).not.toContain("still reading its instructions");
  expect(page.text).toContain("the model reads 30 tokens a second");
});

it("stays folded once it was hidden", async () => {
  await tell();
  await page.click("Hide");
  expect(page.root.querySelectorAll(".try")).toHaveLength(0);
  expect(localStorage.getItem("haishin.panel.start")).toBe("hidden");
  await page.click("Show");
  await settle();
  expect(page.root.querySelectorAll(".try")).toHaveLength(1);
});

it.each([
  ["http://127.0.0.1:7878/stage/?token=abc", false],
  ["http://localhost:7878/stage/", false],
  ["http://[::1]:7878/stage/", false],
  ["http://192.168.1.7:7878/stage/?token=abc", true],
])("%s can be opened elsewhere: %s", (address, elsewhere) => {
  expect(reachable(address)).toBe(elsewhere);
  expect(withoutKey(address)).not.toContain("abc");
});

it("makes a QR code that the page can draw, and none of a text that is too long", () => {
  const rows = qrRows("http://192.168.1.7:7878/chat/?token=abcdefghijklmnop");
  expect(qrPath(rows)?.edge).toBe(rows.length + 8);
  // The three corner marks that readers look for.
  for (const row of [rows[0], rows[6]]) expect(row?.slice(0, 7)).toBe("1111111");
  expect(qrRows("x".repeat(5_000))).toEqual([]);
});

const ANSWERED = { received: 3, answered: 2, folded: 0, held: 0, expired: 0, refused: 0, dropped: 0 };
const place = () => page.root.querySelector(".try")?.closest("section")?.className;

it("comes first at the first start, and nothing moves under a hand", async () => {
  await tell();
  expect(place()).toContain("start");
  await tell({ counts: ANSWERED });
  expect(place()).toContain("start");
});

it("comes after the show's own cards on a page that is opened onto a show that goes on", async () => {
  await tell({ counts: ANSWERED });
  expect(place()).toContain("fifth");
});
