// @vitest-environment jsdom
import type { ChatLine, ServerMessage, VoteState } from "@haishin/common/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatBox, KEPT } from "../src/layers/chat.ts";
import { chosen } from "../src/layers/choice.ts";
import { Layers } from "../src/layers/index.ts";
import { canBeSeen } from "../src/layers/label.ts";
import { Gathered } from "../src/layers/page.ts";
import { AWAY_MS } from "../src/layers/screens.ts";
import { wordsOf } from "../src/layers/words.ts";

vi.mock("../src/layers/layers.css", () => ({}));
vi.mock("../src/fonts.css?url", () => ({ default: "" }));

const line = (key: string, more: Partial<ChatLine> = {}): ChatLine => ({
  type: "chat",
  key,
  source: "twitch",
  author: "ana",
  role: "",
  kind: "chat",
  parts: [{ text: `words of ${key}`, emote: "" }],
  amount: "",
  item: "",
  count: 1,
  combo: "",
  tier: 0,
  ...more,
});

let root: HTMLElement;
beforeEach(() => {
  vi.useFakeTimers();
  root = document.createElement("main");
  document.body.replaceChildren(root);
});
afterEach(() => void vi.useRealTimers());

const page = (query: string): Layers => new Layers(chosen(new URLSearchParams(query)), root, "en");
const tell = (layers: Layers, ...messages: ServerMessage[]) => {
  for (const message of messages) layers.receive(message);
  vi.advanceTimersByTime(1_500);
};

describe("the chat box", () => {
  const box = () => new ChatBox(root, wordsOf("en"));
  const rows = () => [...root.querySelectorAll<HTMLElement>("#items > *")];

  it("has the element names that ready-made styles know", () => {
    const chat = box();
    chat.add(line("a", { role: "moderator" }));
    chat.add(line("b", { kind: "super_chat", tier: 3, amount: "20 USD" }));
    chat.add(line("c", { kind: "sub", tier: 1, parts: [] }));
    vi.advanceTimersByTime(500);
    expect(root.querySelector("yt-live-chat-renderer yt-live-chat-item-list-renderer #items")).not.toBeNull();
    const text = root.querySelector("yt-live-chat-text-message-renderer[author-type=moderator]");
    expect(text?.querySelector("#author-name")?.textContent).toBe("ana");
    expect(text?.querySelector("#message")?.textContent).toBe("words of a");
    const paid = root.querySelector("yt-live-chat-paid-message-renderer");
    expect(paid?.querySelector("#purchase-amount")?.textContent).toContain("20 USD");
    expect(root.querySelector("yt-live-chat-membership-item-renderer[show-only-header]")).not.toBeNull();
  });
  it("shows strangers' text as text", () => {
    const chat = box();
    const evil = '<img src=x onerror="alert(1)">';
    chat.add(line("a", { author: evil, parts: [{ text: evil, emote: "" }], source: '"><script>' }));
    vi.advanceTimersByTime(500);
    expect(root.querySelector("img, script")).toBeNull();
    expect(root.querySelector("#message")?.textContent).toBe(evil);
  });
  it("draws an emote from the host alone, and its word when there is no picture", () => {
    const chat = box();
    chat.add(
      line("a", {
        parts: [
          { text: "hi ", emote: "" },
          { text: "Kappa", emote: "../../x" },
        ],
      }),
    );
    vi.advanceTimersByTime(500);
    const image = root.querySelector("img");
    expect(image?.getAttribute("src")).toBe("emotes/..%2F..%2Fx");
    image?.dispatchEvent(new Event("error"));
    expect(root.querySelector("#message")?.textContent).toBe("hi Kappa");
  });
  it("merges gifts that go on, and keeps those of others apart", () => {
    const chat = box();
    const gift = { kind: "gift", item: "rose", parts: [], tier: 1 };
    for (const key of ["a", "b", "c"]) chat.add(line(key, { ...gift, count: 2 }));
    chat.add(line("d", { ...gift, author: "ben" }));
    vi.advanceTimersByTime(1_000);
    expect(rows().map((row) => row.querySelector("[id=purchase-amount]")?.textContent)).toEqual([
      "sends rose ×6",
      "sends rose",
    ]);
  });
  it("takes deleted lines off at once, also merged ones and those that wait", () => {
    const chat = box();
    chat.add(line("a"));
    vi.advanceTimersByTime(500);
    chat.add(line("b"));
    chat.forget(["a", "b"]);
    expect(rows()).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(rows()).toEqual([]);
  });
  it("keeps up with a flood: few elements, payments first", () => {
    const chat = box();
    for (let n = 0; n < 2_000; n++) chat.add(line(`k${n}`, n % 100 ? {} : { tier: 2, kind: "super_chat" }));
    vi.advanceTimersByTime(20_000);
    expect(rows().length).toBeLessThanOrEqual(KEPT);
    expect(root.querySelectorAll("yt-live-chat-paid-message-renderer").length).toBe(20);
  });
  it("shows a line once, however often it is told", () => {
    const chat = box();
    chat.add(line("a"));
    vi.advanceTimersByTime(500);
    chat.add(line("a"));
    vi.advanceTimersByTime(500);
    expect(rows().length).toBe(1);
  });
});

describe("the page's layers", () => {
  it("makes nothing that was not asked for", () => {
    page("layers=clock");
    expect([...root.children].map(({ id }) => id)).toEqual(["clock"]);
  });
  it("shows one platform's chat unless the address says otherwise", () => {
    const layers = page("layers=chat");
    tell(
      layers,
      { type: "dress", theme: "glass", css: 0, sources: ["twitch", "bilibili_web"], volume: 0, files: {} },
      line("a"),
      line("b", { source: "bilibili_web" }),
    );
    expect(root.querySelectorAll("yt-live-chat-text-message-renderer").length).toBe(1);
  });
  it("takes a deleted message off every layer at once", () => {
    const layers = page("layers=chat,alerts,answer&platforms=all");
    const alert = {
      id: "a",
      source: "x",
      kind: "super_chat",
      author: "ana",
      line: "",
      text: "secret words",
      amount: "",
      item: "",
    };
    tell(
      layers,
      line("a", { parts: [{ text: "secret words", emote: "" }] }),
      { type: "alert", ...alert, count: 1, combo: "", tier: 2, sound: false },
      { type: "answer", key: "a", source: "x", author: "ana", kind: "chat", text: "secret words", more: 0 },
    );
    expect(root.textContent?.split("secret words").length).toBe(4);
    layers.receive({ type: "chat_gone", keys: ["a"] });
    expect(root.textContent).not.toContain("secret words");
  });
  it("counts a vote and a segment down, and tells the answer", () => {
    const layers = page("layers=vote,segment");
    const vote: Omit<VoteState, "counts" | "left_s"> = {
      type: "vote",
      kind: "poll",
      title: "Tea?",
      choices: ["green", "black"],
      number: 0,
      total: 0,
      answer: "",
    };
    tell(layers, { ...vote, counts: [3, 1], left_s: 30 });
    tell(layers, { type: "segment", name: "talk", kind: "talk", left_s: 61, length_s: 90, next: "" });
    expect(root.querySelector("#vote .left")?.textContent).toBe("0:27");
    expect(root.querySelector("#segment .left")?.textContent).toBe("1:00");
    expect([...root.querySelectorAll("#vote .value")].map((one) => one.textContent)).toEqual(["75%", "25%"]);
    tell(layers, { ...vote, counts: [3, 1], left_s: 0, answer: "green" });
    expect(root.querySelector("#vote .foot")?.textContent).toBe("Answer: green");
    expect(root.querySelector("#vote")?.className).toContain("over");
  });
  it("covers the picture until the show is live, and when the host is gone for a while", () => {
    const layers = page("layers=screens");
    const shown = () => (root.querySelector("#screens.on h1") ? root.querySelector("h1")?.textContent : "");
    expect(shown()).toBe("Starting soon");
    tell(layers, { type: "screen", state: "live" });
    expect(shown()).toBe("");
    layers.lost();
    vi.advanceTimersByTime(AWAY_MS - 100);
    expect(shown()).toBe("");
    vi.advanceTimersByTime(200);
    expect(shown()).toBe("Technical difficulties");
    tell(layers, { type: "screen", state: "break" });
    expect(shown()).toBe("Be right back");
  });
  it("does not leave lines standing that a lost host may take back", () => {
    const layers = page("layers=chat&platforms=all");
    tell(layers, line("a"));
    layers.lost();
    expect(root.querySelector("#items")?.children.length).toBe(0);
  });
});

describe("the label", () => {
  const label = (style: string, around = ""): boolean => {
    document.body.innerHTML = `<div style="${around}"><p id="label" style="font-size:16px;color:#fff;${style}">AI</p></div>`;
    const element = document.getElementById("label") as HTMLElement;
    element.getBoundingClientRect = () =>
      ({ width: 60, height: 20, left: 5, right: 65, top: 5, bottom: 25 }) as DOMRect;
    return canBeSeen(element);
  };
  it("is seen as it comes", () => expect(label("")).toBe(true));
  for (const style of [
    "display:none",
    "visibility:hidden",
    "opacity:0",
    "font-size:1px",
    "color:transparent",
    "color:rgba(0,0,0,0.05)",
    "clip-path:inset(50%)",
  ])
    it(`is not seen with ${style}`, () => expect(label(style)).toBe(false));
  it("is not seen when what it stands in is not", () => {
    expect(label("", "display:none")).toBe(false);
    expect(label("opacity:.6", "opacity:.5")).toBe(false);
  });
});

describe("what changes is drawn with the host's next picture", () => {
  const gathered = () => {
    const told: string[] = [];
    const one = new Gathered();
    one.ready({
      receive: (message) => void told.push(message.type),
      lost: () => void told.push("lost"),
      changed: () => undefined,
      frame: () => void told.push("frame"),
    });
    return { one, told };
  };

  it("waits for it, in order", () => {
    const { one, told } = gathered();
    one.receive(line("a"));
    one.receive({ type: "chat_gone", keys: ["a"] });
    expect(told).toEqual([]);
    one.frame(0);
    expect(told).toEqual(["chat", "chat_gone", "frame"]);
    vi.advanceTimersByTime(1_000);
    expect(told.length).toBe(3);
  });
  it("does not wait long where nothing is drawn, nor for a connection that is gone", () => {
    const { one, told } = gathered();
    one.receive(line("a"));
    vi.advanceTimersByTime(150);
    expect(told).toEqual(["chat"]);
    one.receive(line("b"));
    one.lost();
    expect(told).toEqual(["chat", "chat", "lost"]);
  });
  it("loses nothing in a flood, and keeps what comes before the code", () => {
    const early = new Gathered();
    for (let n = 0; n < 400; n++) early.receive(line(`k${n}`));
    let count = 0;
    early.ready({ receive: () => void count++, lost: () => {}, changed: () => {}, frame: () => {} });
    expect(count).toBe(300);
    for (let n = 0; n < 400; n++) early.receive(line(`l${n}`));
    early.frame(0);
    expect(count).toBe(700);
  });
  it("adds a line of chat, and turns a countdown once a second", () => {
    const layers = page("layers=chat,segment&platforms=all");
    layers.receive({ type: "segment", name: "talk", kind: "talk", left_s: 100, length_s: 200, next: "" });
    layers.receive(line("a"));
    layers.frame(performance.now());
    expect(root.querySelectorAll("#items > *").length).toBe(1);
    const bar = root.querySelector<HTMLElement>("#segment") as HTMLElement;
    const shares = new Set<string>();
    for (let n = 0; n < 40; n++) {
      vi.advanceTimersByTime(50);
      layers.frame(performance.now());
      shares.add(bar.style.getPropertyValue("--share"));
    }
    expect(shares.size).toBe(3);
  });
});

it("does not look for the countdowns on the page between two of their seconds", () => {
  const layers = page("layers=vote,segment,clock");
  const vote = { type: "vote" as const, kind: "poll" as const, title: "Tea?", choices: ["yes", "no"], counts: [1, 2] };
  tell(layers, { ...vote, number: 0, total: 0, left_s: 41.9, answer: "" });
  tell(layers, { type: "segment", name: "Talk", kind: "talk", left_s: 90.4, length_s: 120, next: "" });
  const looked = vi.spyOn(Element.prototype, "querySelector");
  for (let n = 0; n < 3; n++) {
    vi.advanceTimersByTime(150);
    layers.frame(n * 150);
  }
  expect(looked).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  layers.frame(1_450);
  expect(root.querySelector("#vote .left")?.textContent).toBe("0:38");
  looked.mockRestore();
});
