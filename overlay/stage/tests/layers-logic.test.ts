import type { Alert } from "@haishin/common/protocol";
import { describe, expect, it } from "vitest";
import { chosen, showsPlatform } from "../src/layers/choice.ts";
import { cut, timeLeft } from "../src/layers/dom.ts";
import { AlertQueue, HURRY_MS, MOST, SHOWN_MS } from "../src/layers/queue.ts";
import { PAGE_COLUMNS, Paged } from "../src/pages.ts";

const of = (query: string) => chosen(new URLSearchParams(query));

describe("what an address asks for", () => {
  it("is the host with captions and the label when it says nothing", () => {
    expect([...of("").layers]).toEqual(["avatar", "captions", "label", "streamer"]);
    expect(of("").alone).toBeNull();
  });
  it("always carries the label where the avatar is", () => {
    expect(of("layers=avatar").layers.has("label")).toBe(true);
    expect(of("layers=chat").layers.has("label")).toBe(false);
  });
  it("tells names that are no layers, and shows none for them", () => {
    const choice = of("layers=chat,allerts,<script>,chat");
    expect([...choice.layers]).toEqual(["chat"]);
    expect(choice.unknown).toEqual(["allerts", "<script>"]);
    expect(choice.alone).toBe("chat");
  });
  it("takes no theme and no layout that does not exist, and is cut when it is endless", () => {
    expect(of("theme=url(evil)&layout=<b>").theme).toBeNull();
    expect(of("layout=tall&theme=neon")).toMatchObject({ layout: "tall", theme: "neon" });
    expect(of(`layers=${"x,".repeat(100_000)}chat`).unknown.length).toBeLessThanOrEqual(30);
  });
});

describe("platforms of the chat box", () => {
  it("are not merged unless the address says so", () => {
    expect(showsPlatform("twitch", [], ["twitch", "bilibili_web", "local"])).toBe(true);
    expect(showsPlatform("bilibili_web", [], ["twitch", "bilibili_web", "local"])).toBe(false);
    expect(showsPlatform("bilibili_open", ["bilibili"], ["twitch"])).toBe(true);
    expect(showsPlatform("local", ["all"], ["twitch"])).toBe(true);
  });
});

const alert = (id: string, more: Partial<Alert> = {}): Alert => ({
  type: "alert",
  id,
  source: "twitch",
  kind: "gift",
  author: "ana",
  line: "thank you",
  text: "",
  amount: "",
  item: "rose",
  count: 1,
  combo: "",
  tier: 1,
  sound: false,
  ...more,
});

describe("alerts", () => {
  it("never double, not even when they are told again after they were shown", () => {
    const queue = new AlertQueue();
    expect(queue.add(alert("a"))).toBe(true);
    expect(queue.add(alert("a"))).toBe(false);
    queue.next();
    expect(queue.add(alert("a"))).toBe(false);
    expect(queue.next()).toBeNull();
  });
  it("join what belongs together, and keep words of their own apart", () => {
    const queue = new AlertQueue();
    queue.add(alert("a", { count: 3 }));
    queue.add(alert("b", { count: 2, tier: 2 }));
    queue.add(alert("c", { text: "hello" }));
    queue.add(alert("d", { author: "ben" }));
    expect(queue.length).toBe(3);
    const first = queue.next();
    expect(first?.count).toBe(5);
    expect(first?.alert.tier).toBe(2);
  });
  it("show the largest first", () => {
    const queue = new AlertQueue();
    for (const [id, tier] of [
      ["a", 1],
      ["b", 4],
      ["c", 2],
    ] as const)
      queue.add(alert(id, { tier, author: id }));
    expect([queue.next(), queue.next(), queue.next()].map((one) => one?.alert.id)).toEqual(["b", "c", "a"]);
  });
  it("become a crowd at a hundred a second, and no gift is lost from the count", () => {
    const queue = new AlertQueue();
    for (let n = 0; n < 500; n++) queue.add(alert(`s${n}`, { author: `viewer ${n}`, tier: n === 250 ? 4 : 1 }));
    expect(queue.length).toBeLessThanOrEqual(MOST);
    let total = 0;
    let shownMs = 0;
    for (let one = queue.next(); one; one = queue.next()) {
      if (total === 0) expect(one.alert.tier).toBe(4);
      total += one.count;
      shownMs += queue.shownMs(one);
      if (one.crowd) expect(one.people.size).toBe(one.count);
    }
    expect(total).toBe(500);
    expect(shownMs).toBeLessThan(60_000);
  });
  it("hurry when many wait, but not the large ones", () => {
    const queue = new AlertQueue();
    for (let n = 0; n < 6; n++) queue.add(alert(`s${n}`, { author: `v${n}`, tier: n ? 1 : 4 }));
    const [large, small] = [queue.next(), queue.next()];
    expect(large && queue.shownMs(large)).toBe(SHOWN_MS[4]);
    expect(small && queue.shownMs(small)).toBeGreaterThanOrEqual(HURRY_MS);
    expect(small && queue.shownMs(small)).toBeLessThan(SHOWN_MS[1]);
  });
  it("forget what was deleted, also when it was joined to others", () => {
    const queue = new AlertQueue();
    queue.add(alert("a"));
    queue.add(alert("b"));
    queue.add(alert("c", { author: "ben" }));
    queue.forget(["b"]);
    expect(queue.next()?.alert.id).toBe("c");
    expect(queue.next()).toBeNull();
  });
});

describe("pages of captions", () => {
  const whole = (paged: Paged) => {
    const shown: string[] = [];
    for (let chars = 1; chars <= paged.text.length; ) {
      const [from, to] = paged.page(chars);
      shown.push(paged.text.slice(from, to));
      chars = to + 1;
    }
    return shown;
  };
  const texts = {
    "5,000 letters without a space": "a".repeat(5_000),
    "5,000 Chinese characters": "灯光落在窗边的雨里".repeat(556),
    Japanese: "ランプは窓のそばに置くよ。雨にも話し相手がいるでしょう？".repeat(20),
    "right to left": "שלום לכולם, מה שלומכם היום? ".repeat(30),
    "families, flags and skins": "👩‍👩‍👧‍👦🇺🇳👍🏽🏴‍☠️".repeat(60),
    "a pile of marks": `e${"\u0301".repeat(4_999)}`,
  };
  for (const [name, text] of Object.entries(texts)) {
    it(`show every character of ${name}, on pages of at most a few lines`, () => {
      const pages = whole(new Paged(text));
      expect(pages.join("")).toBe(text);
      if (name !== "a pile of marks")
        for (const page of pages) expect(page.length).toBeLessThanOrEqual(PAGE_COLUMNS * 8);
    });
  }
  it("never cut an emoji sequence, neither by time nor at a page", () => {
    const text = "👩‍👩‍👧‍👦🇺🇳👍🏽".repeat(40);
    const clean = new Set([...new Intl.Segmenter().segment(text)].map(({ index }) => index).concat(text.length));
    const paged = new Paged(text);
    for (let part = 0; part <= 1; part += 0.003) {
      const chars = paged.revealed(part);
      expect(clean.has(chars)).toBe(true);
      expect(clean.has(paged.page(chars)[0])).toBe(true);
    }
  });
  it("reveal more and more, and all of it at the end", () => {
    const paged = new Paged("one two three, four five");
    let before = 0;
    for (let part = 0; part <= 1; part += 0.01) {
      expect(paged.revealed(part)).toBeGreaterThanOrEqual(before);
      before = paged.revealed(part);
    }
    expect(paged.revealed(1)).toBe(paged.text.length);
    expect(new Paged("").page(0)).toEqual([0, 0]);
  });
});

it("cuts long names between graphemes, and words times as people read them", () => {
  expect(cut("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 2)).toBe("👩‍👩‍👧‍👦…");
  expect(cut("short", 10)).toBe("short");
  expect([timeLeft(7), timeLeft(750), timeLeft(3_750), timeLeft(-3)]).toEqual(["0:07", "12:30", "1:02:30", "0:00"]);
});
