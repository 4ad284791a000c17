/** The whole control room in a document, with a network that the test plays. */
import { createPinia } from "pinia";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { createApp, nextTick, type App as VueApp } from "vue";
import { createI18n } from "vue-i18n";
import App from "../src/App.vue";
import { messages } from "../src/locales/index.ts";
import { useShow } from "../src/stores/show.ts";
import { state } from "./sample.ts";
import { type Answer, type Asked, takeNetwork, Wire } from "./wire.ts";

/** Let everything that is due happen. */
export const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  await nextTick();
};

export const press = (key: string, more: KeyboardEventInit = {}, target: EventTarget = document.body) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));

/** Have the server tell a state. */
export const tell = async (more: Parameters<typeof state>[0] = {}) => {
  Wire.last.tell(state(more));
  await settle();
};

/** Open a new control room before each test of a file, and hold it to having warned of nothing. */
export class Page {
  asked: Asked[] = [];
  answer!: (asked: Asked) => Answer | Promise<Answer>;
  root!: HTMLElement;

  /** The card for a newcomer is folded, as somebody has it who knows the page, unless the test is about it. */
  constructor({ newcomer = false } = {}) {
    let app: VueApp;
    let pinia: ReturnType<typeof createPinia>;
    let warned: ReturnType<typeof vi.spyOn>;
    beforeEach(() => {
      warned = vi.spyOn(console, "warn");
      this.answer = ({ path }) => ({
        status: 200,
        body: path === "/api/say" ? { id: "s", outcome: "queued", reason: "" } : { ok: true, detail: "" },
      });
      this.asked = takeNetwork((request) => this.answer(request));
      vi.stubGlobal(
        "ResizeObserver",
        class {
          observe() {}
          disconnect() {}
        },
      );
      if (!newcomer) localStorage.setItem("haishin.panel.start", "hidden");
      pinia = createPinia();
      this.root = document.body.appendChild(document.createElement("div"));
      app = createApp(App);
      app
        .use(pinia)
        .use(createI18n({ legacy: false, locale: "en", messages }))
        .mount(this.root);
      useShow(pinia).open("t");
      Wire.last.accept();
    });
    afterEach(() => {
      // A link left open would go on opening sockets in the tests that follow.
      useShow(pinia).close();
      app.unmount();
      this.root.remove();
      const warnings = [...warned.mock.calls];
      vi.restoreAllMocks();
      vi.unstubAllGlobals();
      expect(warnings).toEqual([]);
    });
  }

  get text(): string {
    return this.root.textContent ?? "";
  }

  paths(): string[] {
    return this.asked.map(({ path }) => path);
  }

  bodies(): unknown[] {
    return this.asked.map(({ body }) => body);
  }

  /** The first button with these words, on it or in its label. */
  button(words: string): HTMLButtonElement {
    const found = [...this.root.querySelectorAll("button")].find(
      (one) => one.textContent?.includes(words) || one.ariaLabel?.includes(words),
    );
    if (!found) throw new Error(`no button says ${words}`);
    return found;
  }

  async click(words: string): Promise<void> {
    this.button(words).click();
    await settle();
  }

  /** Type into a field found by a selector. */
  async type(selector: string, text: string): Promise<HTMLTextAreaElement> {
    const field = this.root.querySelector<HTMLTextAreaElement>(selector);
    if (!field) throw new Error(`there is no ${selector}`);
    field.value = text;
    field.dispatchEvent(new Event("input"));
    await settle();
    return field;
  }
}
