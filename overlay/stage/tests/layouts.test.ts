// @vitest-environment jsdom
/** Layouts of the streamer's own, stingers, what is playing, the sounds of alerts, and the second language. */
import type { Alert, Layout, ServerMessage } from "@haishin/common/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Captions } from "../src/captions.ts";
import { adopt, chosen } from "../src/layers/choice.ts";
import { Layers } from "../src/layers/index.ts";
import { ruleOf } from "../src/layers/placement.ts";
import { AlertSounds, notesOf } from "../src/layers/sounds.ts";
import { CLOSES_MS, OPENS_MS, STANDS_MS, Stingers } from "../src/layers/stingers.ts";

vi.mock("../src/layers/layers.css", () => ({}));
vi.mock("../src/layers/themes.css", () => ({}));

const box = (layer: Layout["boxes"][number]["layer"], x = 0, y = 0, w = 30, h = 30, size = 1) => ({
  layer,
  x,
  y,
  w,
  h,
  size,
});
const layout = (...boxes: Layout["boxes"]): Layout => ({ shape: "wide", theme: null, platforms: ["all"], boxes });

let root: HTMLElement;
beforeEach(() => {
  vi.useFakeTimers();
  root = document.createElement("main");
  document.body.replaceChildren(root);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a layout of the streamer's own", () => {
  it("is named by the address, beside the two shapes", () => {
    expect(chosen(new URLSearchParams("layout=tall"))).toMatchObject({ named: "", layout: "tall" });
    expect(chosen(new URLSearchParams("layout=Evening talk"))).toMatchObject({ named: "Evening talk", layout: "auto" });
    expect(chosen(new URLSearchParams("layout=a&layers=chat")).alone).toBeNull();
    expect(chosen(new URLSearchParams("layout=a&layers=chat&sample=1")).figure).toBe(true);
  });

  it("changes an open page: layers come and go, and what stays keeps what it shows", () => {
    const choice = chosen(new URLSearchParams("layout=a"));
    adopt(choice, layout(box("playing"), box("answer")));
    const layers = new Layers(choice, root, "en");
    layers.receive({ type: "playing", title: "Rain", by: "Lamps" });
    adopt(choice, layout(box("playing"), box("clock")));
    layers.changed();
    expect([...root.children].map(({ id }) => id).sort()).toEqual(["clock", "playing"]);
    expect(root.querySelector("#playing")?.textContent).toContain("Rain");
    layers.receive({ type: "answer", key: "a", source: "x", author: "ana", kind: "chat", text: "why?", more: 0 });
    expect(root.textContent).not.toContain("why?");
  });

  it("brings how things stand to a layer that comes later, and nothing that was deleted", () => {
    const choice = chosen(new URLSearchParams("layout=a"));
    adopt(choice, layout(box("clock")));
    const layers = new Layers(choice, root, "en");
    layers.receive({ type: "screen", state: "live" });
    layers.receive({ type: "answer", key: "a", source: "x", author: "ana", kind: "chat", text: "why?", more: 0 });
    layers.receive({ type: "chat_gone", keys: ["a"] });
    layers.receive({ type: "segment", name: "Quiz night", kind: "quiz", left_s: null, length_s: null, next: "" });
    adopt(choice, layout(box("screens"), box("segment"), box("answer")));
    layers.changed();
    expect(root.querySelector("#screens.on")).toBeNull();
    expect(root.querySelector("#segment")?.textContent).toContain("Quiz night");
    expect(root.textContent).not.toContain("why?");
  });

  it("stands where it says: what fits its words hangs from the nearer edge, the rest fills its box", () => {
    expect(ruleOf(box("goals", 2, 60, 30, 20), 3)).toContain("inset: auto auto 20% 2%");
    expect(ruleOf(box("goals", 2, 5, 30, 20), 3)).toContain("inset: 5% auto auto 2%");
    expect(ruleOf(box("chat", 60, 10, 38, 70, 1.5), 0)).toContain("height: 70%");
    expect(ruleOf(box("chat", 60, 10, 38, 70, 1.5), 0)).toContain("--u: calc(1vmin * 1.5)");
    expect(ruleOf(box("screens", 10, 10), 0)).toBe("");
  });
});

describe("stingers", () => {
  it("change what is behind them while nothing of it can be seen", () => {
    const stingers = new Stingers(root);
    const seen: string[] = [];
    stingers.play("iris", "hello", () => void seen.push("first"));
    stingers.play("swipe", "", () => void seen.push("second"));
    expect(root.querySelectorAll(".cover").length).toBe(1);
    vi.advanceTimersByTime(CLOSES_MS - 1);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(seen).toEqual(["first", "second"]);
    vi.advanceTimersByTime(STANDS_MS + OPENS_MS);
    expect(root.children.length).toBe(0);
  });

  it("never lose a change that is told while they open", () => {
    const stingers = new Stingers(root);
    const seen: string[] = [];
    stingers.play("curtain", "");
    vi.advanceTimersByTime(CLOSES_MS + STANDS_MS + 10);
    stingers.play("curtain", "", () => void seen.push("late"));
    vi.advanceTimersByTime(OPENS_MS);
    expect(seen).toEqual(["late"]);
  });

  it("cover a screen that comes or goes, but not the first one that is told", () => {
    const layers = new Layers(chosen(new URLSearchParams("layers=screens,stinger")), root, "en");
    layers.receive({ type: "screen", state: "live" });
    expect(root.querySelector(".cover")).toBeNull();
    layers.receive({ type: "screen", state: "break" });
    expect(root.querySelector("#screens.on")).toBeNull();
    vi.advanceTimersByTime(CLOSES_MS);
    expect(root.querySelector("#screens.on")?.textContent).toContain("Be right back");
  });
});

const alert = (id: string, more: Partial<Alert> = {}): ServerMessage => ({
  type: "alert",
  id,
  source: "twitch",
  kind: "super_chat",
  author: "ana",
  line: "Thank you, Ana!",
  text: "for the lamp",
  amount: "5 USD",
  item: "",
  count: 1,
  combo: "",
  tier: 2,
  sound: false,
  ...more,
});

describe("alerts", () => {
  it("make a sound where the host says so, once, with the streamer's own files", () => {
    const play = vi.spyOn(AlertSounds.prototype, "play").mockResolvedValue();
    const layers = new Layers(chosen(new URLSearchParams("layers=alerts&platforms=all")), root, "en");
    layers.receive({
      type: "dress",
      theme: "glass",
      css: 0,
      sources: ["twitch"],
      volume: 0.4,
      files: { "sound-4": 7, "image-4": 9 },
    });
    layers.receive(alert("quiet"));
    vi.advanceTimersByTime(20_000);
    layers.receive(alert("loud", { sound: true, tier: 4 }));
    layers.receive(alert("loud", { sound: true, tier: 4 }));
    vi.advanceTimersByTime(60_000);
    expect(play.mock.calls).toEqual([[4, 0.4, "alerts/sound-4?v=7"]]);
    play.mockRestore();
  });

  it("show the streamer's picture, and our own drawing when it cannot be had", () => {
    const layers = new Layers(chosen(new URLSearchParams("layers=alerts&platforms=all")), root, "en");
    layers.receive({ type: "dress", theme: "glass", css: 0, sources: [], volume: 0, files: { "image-2": 3 } });
    layers.receive(alert("a"));
    const image = root.querySelector<HTMLImageElement>(".alert img.own");
    expect(image?.getAttribute("src")).toBe("alerts/image-2?v=3");
    image?.onerror?.(new Event("error"));
    expect(root.querySelector(".alert svg.picture")).not.toBeNull();
    expect(root.querySelector(".alert")?.textContent).toContain("Thank you, Ana!");
  });

  it("have more notes the larger the gift, all of them to be heard", () => {
    const counts = [0, 1, 2, 3, 4].map((tier) => notesOf(tier).length);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(new Set(counts).size).toBe(5);
    for (const { hz } of notesOf(4)) expect(hz).toBeGreaterThan(200);
    expect(notesOf(99)).toEqual(notesOf(4));
  });
});

describe("the second language of the captions", () => {
  it("stands under the first, whether it comes before or after its clause is heard", () => {
    const captions = new Captions(root);
    captions.announce(1, 0, "Good evening.", "en", 1_000);
    captions.announce(1, 1, "How are you?", "en", 1_000);
    captions.translate(1, 0, "晚上好。", "zh");
    captions.heard(1, 0, 500, 1_000, true, false);
    expect(root.querySelector("p:last-child .second")?.textContent).toBe("晚上好。");
    captions.heard(1, 1, 100, 1_000, true, false);
    expect(root.querySelector("p:last-child .second")).toBeNull();
    captions.translate(1, 1, "你好吗？", "zh");
    captions.translate(9, 0, "nobody's", "zh");
    expect(root.querySelector("p:last-child .second")?.textContent).toBe("你好吗？");
    expect(captions.text).toBe(captions.text.replace("你好吗？", ""));
  });
});
