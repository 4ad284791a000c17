// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { packFrame } from "../src/microphone/frames.ts";
import { Page, settle, tell } from "./page.ts";
import { ears } from "./sample.ts";

const page = new Page();
const card = () => page.root.querySelector('[aria-label="Ears"]');
const orders = () => page.asked.filter(({ method }) => method !== "GET").map(({ path, body }) => [path, body]);
const talk = () => page.root.querySelector<HTMLButtonElement>(".talk");
const key = (type: string, target: EventTarget = document.body, more: KeyboardEventInit = {}) =>
  target.dispatchEvent(new KeyboardEvent(type, { key: " ", bubbles: true, cancelable: true, ...more }));

it("shows no card where the ears are not enabled", async () => {
  await tell();
  expect(card()).toBeNull();
  await tell({ ears: ears({ enabled: false }) });
  expect(card()).toBeNull();
});

it("shows what is being said, what is certain apart, and what was said", async () => {
  await tell({
    ears: ears({
      partial: "hello Mira how",
      stable: "hello Mira",
      floor: "streamer",
      last: [
        { text: "<b>good</b> evening", language: "en", confidence: 0.9, age_s: 4 },
        { text: "mumble", language: "en", confidence: 0.2, age_s: 9 },
      ],
    }),
  });
  expect(card()?.querySelector(".now")?.textContent).toContain("hello Mira how");
  expect(card()?.querySelector(".now .open")?.textContent).toBe(" how");
  expect(card()?.textContent).toContain("You have the floor.");
  const rows = [...(card()?.querySelectorAll("li") ?? [])].map((row) => row.textContent ?? "");
  expect(rows[0]).toContain("<b>good</b> evening");
  expect(rows[0]).not.toContain("heard badly");
  expect(rows[1]).toContain("heard badly");
  expect(card()?.querySelector('[role="meter"]')?.ariaValueNow).toBe("57");
});

it("says plainly that the ears are off, and shows nothing of what was heard", async () => {
  await tell({ ears: ears({ on: false, listening: false, partial: "secret", trouble: "x" }) });
  expect(card()?.textContent).toContain("Ears off");
  expect(card()?.textContent).toContain("Nothing that you say is recorded");
  expect(card()?.textContent).not.toContain("secret");
  await page.click("Switch the ears on");
  expect(orders()).toEqual([["/api/ears", { on: true }]]);
});

it("switches them off", async () => {
  await tell({ ears: ears() });
  await page.click("Switch the ears off");
  expect(orders()).toEqual([["/api/ears", { on: false }]]);
});

it("says why nothing is heard, and what to do", async () => {
  await tell({ ears: ears({ input: "no_device", trouble: "there is no microphone; plug one in" }) });
  expect(card()?.textContent).toContain("no microphone");
  expect(card()?.textContent).toContain("plug one in");
});

it("holds the button with the pointer, and lets it go", async () => {
  await tell({ ears: ears({ mode: "push", listening: false }) });
  talk()?.dispatchEvent(new MouseEvent("pointerdown", { bubbles: true, button: 0 }));
  talk()?.dispatchEvent(new MouseEvent("pointerup", { bubbles: true }));
  talk()?.dispatchEvent(new MouseEvent("pointerup", { bubbles: true }));
  await settle();
  expect(orders()).toEqual([
    ["/api/ears/talk", { down: true, for_s: 6 }],
    ["/api/ears/talk", { down: false, for_s: 6 }],
  ]);
});

it("holds the button with the space bar, but not where one types", async () => {
  await tell({ ears: ears({ mode: "push", listening: false }) });
  const box = page.root.querySelector("textarea");
  expect(box).not.toBeNull();
  key("keydown", box ?? document.body);
  key("keyup", box ?? document.body);
  expect(orders()).toEqual([]);
  key("keydown");
  key("keydown", document.body, { repeat: true });
  window.dispatchEvent(new Event("blur"));
  key("keyup");
  await settle();
  expect(orders().map(([, body]) => (body as { down: boolean }).down)).toEqual([true, false]);
});

it("presses a held button again, so that the server knows that the page lives", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    await tell({ ears: ears({ mode: "push", listening: false }) });
    key("keydown");
    vi.advanceTimersByTime(4_100);
    key("keyup");
    vi.advanceTimersByTime(10_000);
    await settle();
    expect(orders().map(([, body]) => (body as { down: boolean }).down)).toEqual([true, true, true, false]);
  } finally {
    vi.useRealTimers();
  }
});

it("presses a toggle once", async () => {
  await tell({ ears: ears({ mode: "toggle", listening: false }) });
  key("keydown");
  key("keyup");
  await settle();
  expect(orders()).toEqual([["/api/ears/talk", { down: null, for_s: 6 }]]);
});

it("tells what a browser wants before it gives its microphone", async () => {
  await tell({ ears: ears() });
  await page.click("Use this microphone");
  expect(card()?.textContent).toContain("docs/cohost.md");
});

const rows = [
  { event: "paid", streamer: "wait", grace: "wait", thinking: "wait", speaking: "wait" },
  { event: "chat", streamer: "wait", grace: "wait", thinking: "wait", speaking: "wait" },
];

it("shows the floor's table and changes it; what is refused stays as it was", async () => {
  await tell({ ears: ears() });
  page.answer = () => ({ status: 200, body: { rows, edited: "" } });
  const fold = card()?.querySelector("details");
  if (fold) fold.open = true;
  fold?.dispatchEvent(new Event("toggle"));
  await settle();
  const cells = () => [...(card()?.querySelectorAll("select") ?? [])];
  expect(cells()).toHaveLength(8);
  expect([...(cells()[0]?.options ?? [])].map((one) => one.value)).toEqual(["wait", "next_clause", "cut"]);
  const last = cells()[7];
  if (!last) throw new Error("no cell");
  page.answer = () => ({
    status: 200,
    body: {
      rows: [rows[0], { ...rows[1], speaking: "expire" }],
      edited: "floor:\n  table:\n    chat: {speaking: expire}",
    },
  });
  last.value = "expire";
  last.dispatchEvent(new Event("change"));
  await settle();
  expect(orders()).toEqual([["/api/ears/floor", { event: "chat", state: "speaking", rule: "expire" }]]);
  expect(card()?.querySelector("pre")?.textContent).toContain("chat: {speaking: expire}");
  page.answer = () => ({ status: 409, body: { detail: "it cannot be" } });
  const first = cells()[0];
  if (!first) throw new Error("no cell");
  first.value = "cut";
  first.dispatchEvent(new Event("change"));
  await settle();
  expect(first.value).toBe("wait");
});

it("writes frames as the host reads them", () => {
  const frame = new DataView(packFrame(7, 16_000, 3, Int16Array.of(1, -2)));
  expect([frame.getUint16(0, true), frame.getUint8(2), frame.getUint8(3)]).toEqual([0x4d48, 1, 0]);
  expect([4, 8, 12].map((at) => frame.getUint32(at, true))).toEqual([7, 16_000, 3]);
  expect([frame.byteLength, frame.getInt16(16, true), frame.getInt16(18, true)]).toEqual([20, 1, -2]);
});
