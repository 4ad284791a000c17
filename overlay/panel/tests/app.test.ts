// @vitest-environment jsdom
import { createPinia } from "pinia";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createApp, nextTick, type App as VueApp } from "vue";
import { createI18n } from "vue-i18n";
import App from "../src/App.vue";
import { messages } from "../src/messages.ts";
import { useShow } from "../src/stores/show.ts";
import { item, state } from "./sample.ts";
import { type Answer, type Asked, takeNetwork, Wire } from "./wire.ts";

const HTML = "<img src=x onerror=alert(1)><b>bold</b>{{ 7*7 }}";
let asked: Asked[];
let answer: (asked: Asked) => Answer;
let app: VueApp;
let page: HTMLElement;
let warned: ReturnType<typeof vi.spyOn>;

const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  await nextTick();
};
const press = (key: string, more: KeyboardEventInit = {}, target: EventTarget = document.body) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
const tell = async (more: Parameters<typeof state>[0] = {}) => {
  Wire.last.tell(state(more));
  await settle();
};
const paths = () => asked.map(({ path }) => path);
const button = (words: string) => {
  const found = [...page.querySelectorAll("button")].find((one) => one.textContent?.includes(words));
  if (!found) throw new Error(`no button says ${words}`);
  return found;
};

function mount(locale: "en" | "zh"): void {
  const pinia = createPinia();
  page = document.body.appendChild(document.createElement("div"));
  app = createApp(App);
  app
    .use(pinia)
    .use(createI18n({ legacy: false, locale, messages }))
    .mount(page);
  useShow(pinia).open("t");
  Wire.last.accept();
}

beforeEach(() => {
  warned = vi.spyOn(console, "warn");
  answer = ({ path }) => ({
    status: 200,
    body: path === "/api/say" ? { id: "s", outcome: "queued", reason: "" } : { ok: true, detail: "" },
  });
  asked = takeNetwork((request) => answer(request));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  mount("en");
});
afterEach(() => {
  app.unmount();
  page.remove();
  const warnings = [...warned.mock.calls];
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  expect(warnings).toEqual([]);
});

it("shows what strangers wrote as text", async () => {
  await tell({
    persona: HTML,
    queue: [item("a", { author: HTML, text: HTML, reason: HTML, source: HTML, amount: HTML })],
    now: {
      turn: "t",
      epoch: 1,
      purpose: "answer",
      messages: [{ id: "m", author: HTML, text: HTML, kind: "chat" }],
      clauses: [{ index: 0, text: HTML, state: "playing" }],
      heard: HTML,
      age_s: 1,
    },
    parts: [{ name: HTML, state: "up", detail: HTML }],
  });
  expect(page.querySelectorAll("img, b")).toHaveLength(0);
  expect(page.querySelector(".author")?.textContent).toBe(HTML);
  expect(page.querySelector("mark")?.textContent).toBe(HTML);
});

it("stops at two presses of Escape, not at one, and not for an input method", async () => {
  await tell();
  press("Escape");
  await settle();
  expect(page.textContent).toContain("Press Esc again");
  press("a");
  press("Escape");
  press("Escape", { repeat: true });
  press("Escape", { isComposing: true });
  expect(asked).toEqual([]);
  press("Escape");
  await settle();
  expect(paths()).toEqual(["/api/stop"]);
});

it("lets the host speak again only after a confirmation", async () => {
  await tell({ state: "stopped", stopped_because: "dump button" });
  expect(page.textContent).toContain("dump button");
  expect(page.querySelector(".stop")).toBeNull();
  button("Re-arm").click();
  await settle();
  expect(asked).toEqual([]);
  expect(document.activeElement?.textContent).toContain("Stay silent");
  button("Yes, back on air").click();
  await settle();
  expect(paths()).toEqual(["/api/rearm"]);
});

it("keeps the stop button while the connection is lost, and blocks the rest", async () => {
  await tell({ queue: [item("a")] });
  Wire.last.drop();
  await settle();
  expect(page.querySelector(".room")?.classList).toContain("stale");
  expect(button("Drop").disabled).toBe(true);
  button("STOP NOW").click();
  await settle();
  expect(paths()).toContain("/api/stop");
});

it("says what was typed with Enter, and leaves an input method alone", async () => {
  await tell();
  press("/");
  const box = page.querySelector("textarea");
  if (!box) throw new Error("no say box");
  expect(document.activeElement).toBe(box);
  box.value = "  大家好 ";
  box.dispatchEvent(new Event("input"));
  await settle();
  press("Enter", { isComposing: true }, box);
  press("Enter", { shiftKey: true }, box);
  await settle();
  expect(asked).toEqual([]);
  press("Enter", {}, box);
  await settle();
  expect(asked.map(({ path, body }) => [path, body])).toEqual([["/api/say", { text: "大家好" }]]);
  expect(box.value).toBe("");
});

it("shows a failure in words and keeps what was typed", async () => {
  answer = () => ({ status: 409, body: { detail: "the show is stopped" } });
  await tell();
  const box = page.querySelector("textarea");
  if (!box) throw new Error("no say box");
  box.value = "hello";
  box.dispatchEvent(new Event("input"));
  await settle();
  press("Enter", {}, box);
  await settle();
  expect(page.parentElement?.querySelector(".toast.bad")?.textContent).toContain("the show is stopped");
  expect(box.value).toBe("hello");
});

it("says why an order changed nothing", async () => {
  answer = () => ({ status: 200, body: { ok: false, detail: "nothing is being said" } });
  await tell({
    now: { turn: "t", epoch: 1, purpose: "say", messages: [], clauses: [], heard: "", age_s: 0 },
  });
  button("Skip").click();
  await settle();
  expect(document.querySelector(".toast.bad")?.textContent).toContain("nothing is being said");
});

it("warns when nobody can hear the host, with the way to the stage page", async () => {
  await tell({ stage: { audible: false, pages: 0, detail: "no page is open" } });
  const notice = page.querySelector(".notice");
  expect(notice?.textContent).toContain("Nobody can hear Mira");
  expect(notice?.querySelector("a")?.href).toContain("/stage/?token=t");
});

it("speaks Chinese after the switch", async () => {
  await tell();
  button("中文").click();
  await settle();
  expect(page.textContent).toContain("立即停止");
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
