// @vitest-environment jsdom
import { createPinia } from "pinia";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createApp, nextTick, type App as VueApp } from "vue";
import { createI18n } from "vue-i18n";
import { takeNetwork, Wire } from "../../panel/tests/wire.ts";
import App from "../src/App.vue";
import { messages } from "../src/messages.ts";
import { useRoom } from "../src/stores/room.ts";

const HTML = "<img src=x onerror=alert(1)><b>bold</b>{{ 7*7 }}";
let answer: () => object;
let app: VueApp;
let room: ReturnType<typeof useRoom>;
let page: HTMLElement;
let warned: ReturnType<typeof vi.spyOn>;

const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  await nextTick();
};
const find = <T extends HTMLElement>(selector: string): T => {
  const found = page.querySelector<T>(selector);
  if (!found) throw new Error(`nothing is ${selector}`);
  return found;
};
const type = async (selector: string, text: string) => {
  const box = find<HTMLInputElement | HTMLTextAreaElement>(selector);
  box.value = text;
  box.dispatchEvent(new Event("input"));
  await settle();
};
const enter = async (more: KeyboardEventInit = {}) => {
  find("textarea").dispatchEvent(
    new KeyboardEvent("keydown", { key: "Enter", cancelable: true, bubbles: true, ...more }),
  );
  await settle();
};
const status = (more: object = {}) => ({ type: "status", host: "Mira", state: "idle", audible: true, ...more });
const line = (more: object = {}) => ({
  type: "line",
  id: "1",
  author: "bob",
  text: "hi",
  kind: "chat",
  host: false,
  at: "2026-01-01T10:00:00Z",
  ...more,
});

beforeEach(async () => {
  warned = vi.spyOn(console, "warn");
  answer = () => ({ type: "receipt", id: "mine", outcome: "queued", reason: "" });
  takeNetwork(() => null);
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  const pinia = createPinia();
  page = document.body.appendChild(document.createElement("div"));
  app = createApp(App);
  app
    .use(pinia)
    .use(createI18n({ legacy: false, locale: "en", messages }))
    .mount(page);
  room = useRoom(pinia);
  room.open("t");
  Wire.last.answer = (frame) => {
    const { ref } = frame as { ref: number };
    Wire.last.tell({ ref, ...answer() });
  };
  Wire.last.accept();
  Wire.last.tell({ type: "hello", host: "Mira", greeting: HTML, label: "AI", lines: [], status: status() });
  await settle();
});
afterEach(() => {
  // A link left open would go on opening sockets when the test is over.
  room.close();
  app.unmount();
  page.remove();
  localStorage.clear();
  sessionStorage.clear();
  const warnings = [...warned.mock.calls];
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  expect(warnings).toEqual([]);
});

it("shows what strangers wrote as text", async () => {
  Wire.last.tell(line({ author: HTML, text: HTML }));
  Wire.last.tell(line({ host: true, author: "Mira", text: HTML }));
  await settle();
  expect(page.querySelectorAll("img, b")).toHaveLength(0);
  expect([...page.querySelectorAll(".text.foreign")].map((one) => one.textContent)).toEqual([HTML, HTML]);
});

it("tells the host's lines, one's own and the others' apart", async () => {
  await type("input", "ann");
  await type("textarea", "hello");
  await enter();
  Wire.last.tell(line());
  Wire.last.tell(line({ host: true, author: "Mira" }));
  await settle();
  expect([...page.querySelectorAll("ol > li:not(.greeting)")].map((one) => one.className)).toEqual(["own", "", "host"]);
  expect(find(".own .fate").textContent).toBe("Waiting for an answer");
  Wire.last.tell({ type: "outcome", id: "mine", outcome: "expired", reason: "" });
  await settle();
  expect(find(".own .fate").textContent).toBe("Too much going on: not answered");
});

it("asks for a name first, and sends nothing without one", async () => {
  await type("textarea", "hello");
  await enter();
  expect(Wire.last.sent).toEqual([]);
  expect(document.activeElement).toBe(find("input"));
});

it("leaves Enter to an input method, and Shift+Enter to the text", async () => {
  await type("input", "ann");
  await type("textarea", "nihao");
  await enter({ isComposing: true });
  await enter({ shiftKey: true });
  expect(Wire.last.sent).toEqual([]);
  await enter();
  expect(Wire.last.sent).toMatchObject([{ author: "ann", text: "nihao" }]);
  expect(find<HTMLTextAreaElement>("textarea").value).toBe("");
});

it("counts characters and does not send too many", async () => {
  await type("input", "ann");
  await type("textarea", "🦊".repeat(501));
  expect(find(".count").textContent?.trim()).toBe("501 of 500");
  expect(find(".count").classList).toContain("over");
  await enter();
  expect(Wire.last.sent).toEqual([]);
  await type("textarea", "🦊".repeat(500));
  await enter();
  expect(Wire.last.sent).toHaveLength(1);
});

it("shows a failure in words and keeps what was typed", async () => {
  answer = () => ({ type: "problem", detail: "20 lines in 10 s" });
  await type("input", "ann");
  await type("textarea", "hello");
  await enter();
  expect(document.querySelector(".toast.bad")?.textContent).toContain("20 lines in 10 s");
  expect(find<HTMLTextAreaElement>("textarea").value).toBe("hello");
});

it("says what the host does, and how to hear it", async () => {
  expect(page.querySelector(".notice")).toBeNull();
  Wire.last.tell(status({ state: "thinking", audible: false }));
  await settle();
  expect(find(".state").textContent).toBe("Mira is thinking…");
  expect(find(".notice").textContent).toContain("nobody hears Mira");
  Wire.last.drop();
  await settle();
  expect(find(".state").textContent).toContain("Connection lost");
});

it("has the same texts in both languages", () => {
  const keys = (tree: object, path = ""): string[] =>
    Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
      typeof value === "object" && value !== null ? keys(value, `${path}${key}.`) : [path + key],
    );
  expect(keys(messages.zh).sort()).toEqual(keys(messages.en).sort());
});
