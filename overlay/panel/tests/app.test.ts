// @vitest-environment jsdom
import { expect, it } from "vitest";
import { messages } from "../src/locales/index.ts";
import { Page, press, settle, tell } from "./page.ts";
import { item, onAir, part, turn } from "./sample.ts";
import { Wire } from "./wire.ts";

const HTML = "<img src=x onerror=alert(1)><b>bold</b>{{ 7*7 }}";
const page = new Page();

it("shows what strangers wrote as text", async () => {
  await tell({
    persona: HTML,
    queue: [item("a", { author: HTML, text: HTML, reason: HTML, source: HTML, amount: HTML })],
    now: turn([onAir("m", { author: HTML, text: HTML, source: HTML })], {
      clauses: [{ index: 0, text: HTML, state: "playing", due_in_s: null }],
      heard: HTML,
    }),
    parts: [part(HTML, { detail: HTML })],
  });
  expect(page.root.querySelectorAll("img, b")).toHaveLength(0);
  expect(page.root.querySelector(".author")?.textContent).toBe(HTML);
  expect(page.root.querySelector("mark")?.textContent).toBe(HTML);
});

it("stops at two presses of Escape, not at one, and not for an input method", async () => {
  await tell();
  press("Escape");
  await settle();
  expect(page.text).toContain("Press Esc again");
  press("a");
  press("Escape");
  press("Escape", { repeat: true });
  press("Escape", { isComposing: true });
  expect(page.asked).toEqual([]);
  press("Escape");
  await settle();
  expect(page.paths()).toEqual(["/api/stop"]);
});

it("lets the host speak again only after a confirmation", async () => {
  await tell({ state: "stopped", stopped_because: "dump button" });
  expect(page.text).toContain("dump button");
  expect(page.root.querySelector(".stop")).toBeNull();
  page.button("Re-arm").click();
  await settle();
  expect(page.asked).toEqual([]);
  expect(document.activeElement?.textContent).toContain("Stay silent");
  page.button("Yes, back on air").click();
  await settle();
  expect(page.paths()).toEqual(["/api/rearm"]);
});

it("keeps the stop button while the connection is lost, and blocks the rest", async () => {
  await tell({ queue: [item("a")] });
  Wire.last.drop();
  await settle();
  expect(page.root.querySelector(".room")?.classList).toContain("stale");
  expect(page.button("Drop").disabled).toBe(true);
  page.button("STOP NOW").click();
  await settle();
  expect(page.paths()).toContain("/api/stop");
});

it("says what was typed with Enter, and leaves an input method alone", async () => {
  await tell();
  press("/");
  const box = page.root.querySelector("textarea");
  if (!box) throw new Error("no say box");
  expect(document.activeElement).toBe(box);
  box.value = "  大家好 ";
  box.dispatchEvent(new Event("input"));
  await settle();
  press("Enter", { isComposing: true }, box);
  press("Enter", { shiftKey: true }, box);
  await settle();
  expect(page.asked).toEqual([]);
  press("Enter", {}, box);
  await settle();
  expect(page.asked.map(({ path, body }) => [path, body])).toEqual([["/api/say", { text: "大家好" }]]);
  expect(box.value).toBe("");
});

it("shows a failure in words and keeps what was typed", async () => {
  page.answer = () => ({ status: 409, body: { detail: "the show is stopped" } });
  await tell();
  const box = page.root.querySelector("textarea");
  if (!box) throw new Error("no say box");
  box.value = "hello";
  box.dispatchEvent(new Event("input"));
  await settle();
  press("Enter", {}, box);
  await settle();
  expect(page.root.parentElement?.querySelector(".toast.bad")?.textContent).toContain("the show is stopped");
  expect(box.value).toBe("hello");
});

it("says why an order changed nothing", async () => {
  page.answer = () => ({ status: 200, body: { ok: false, detail: "nothing is being said" } });
  await tell({
    now: { turn: "t", epoch: 1, purpose: "say", messages: [], clauses: [], heard: "", age_s: 0 },
  });
  page.button("Skip").click();
  await settle();
  expect(document.querySelector(".toast.bad")?.textContent).toContain("nothing is being said");
});

it("warns when nobody can hear the host, with the way to the stage page", async () => {
  await tell({ stage: { audible: false, pages: 0, detail: "no page is open", mood: "" } });
  const notice = page.root.querySelector(".notice");
  expect(notice?.textContent).toContain("Nobody can hear Mira");
  expect(notice?.querySelector("a")?.href).toContain("/stage/?token=s1");
});

it("speaks Chinese after the switch", async () => {
  await tell();
  page.button("中文").click();
  await settle();
  expect(page.text).toContain("立即停止");
  expect(document.documentElement.lang).toBe("zh-CN");
  localStorage.clear();
});

it("has the same texts in both languages, with the same names in them", () => {
  const flat = (tree: object, path = ""): [string, string][] =>
    Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
      typeof value === "object" && value !== null ? flat(value, `${path}${key}.`) : [[path + key, String(value)]],
    );
  const names = (text: string) => [...new Set(text.match(/\{\w+\}/gu))].sort();
  const zh = new Map(flat(messages.zh));
  for (const [key, text] of flat(messages.en)) {
    // Counted words may do without their number ("one stage page").
    if (!text.includes("|")) expect([key, names(zh.get(key) ?? "")]).toEqual([key, names(text)]);
  }
  expect([...zh.keys()].sort()).toEqual(
    flat(messages.en)
      .map(([key]) => key)
      .sort(),
  );
});
