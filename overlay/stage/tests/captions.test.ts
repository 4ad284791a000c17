// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";
import { Captions, revealed } from "../src/captions.ts";

describe("revealed", () => {
  it("shows whole words", () => {
    expect("hello wonderful world".slice(0, revealed("hello wonderful world", 0.3))).toBe("hello wonderful");
    expect(revealed("hello", 0)).toBe(0);
    expect(revealed("hello", 1)).toBe(5);
  });
  it("never cuts a Chinese word or an emoji", () => {
    const text = "你好👩‍👩‍👧世界";
    for (let part = 0; part <= 1; part += 0.05) {
      const shown = text.slice(0, revealed(text, part));
      expect(shown.endsWith("\u200d")).toBe(false);
      expect(/[\ud800-\udbff]$/.test(shown)).toBe(false);
    }
  });
});

describe("Captions", () => {
  it("shows only what was heard, as text and not as markup", () => {
    const root = document.createElement("div");
    const captions = new Captions(root);
    captions.announce(1, 0, "<img src=x onerror=alert(1)> hello there", "en", 0);
    expect(captions.text).toBe("");
    captions.heard(1, 0, 500, 2_000, true, false);
    expect(captions.text.length).toBeGreaterThan(0);
    expect(captions.text.length).toBeLessThan(30);
    expect(root.querySelector("img")).toBeNull();
    captions.heard(1, 0, 2_000, 2_000, true, true);
    expect(captions.text).toBe("<img src=x onerror=alert(1)> hello there");
  });
  it("stays where it was when the turn is cut", () => {
    const root = document.createElement("div");
    const captions = new Captions(root);
    captions.announce(1, 0, "one two three four five six", "en", 0);
    captions.heard(1, 0, 400, 3_000, true, false);
    const before = captions.text;
    captions.cut();
    captions.draw(performance.now() + 60);
    captions.heard(1, 0, 2_900, 3_000, true, false);
    expect(captions.text).toBe(before);
  });
  it("shows a word when it is heard, though no picture is drawn and no report comes meanwhile", () => {
    vi.useFakeTimers();
    try {
      const captions = new Captions(document.createElement("div"));
      captions.announce(1, 0, "one two three four", "en", 0);
      captions.mark(1, 0, [
        { at_ms: 0, chars: 0 },
        { at_ms: 90, chars: 4 },
        { at_ms: 170, chars: 8 },
        { at_ms: 900, chars: 14 },
      ]);
      captions.heard(1, 0, 10, 2_000, true, false);
      expect(captions.text).toBe("one");
      vi.advanceTimersByTime(78);
      expect(captions.text).toBe("one");
      vi.advanceTimersByTime(4);
      expect(captions.text).toBe("one two");
      vi.advanceTimersByTime(80);
      expect(captions.text).toBe("one two three");
      vi.advanceTimersByTime(5_000);
      expect(captions.text, "without a report the position is not carried on for ever").toBe("one two three");
      captions.heard(1, 0, 300, 2_000, true, false);
      captions.cut();
      vi.advanceTimersByTime(300);
      expect(captions.text).toBe("one two three");
    } finally {
      vi.useRealTimers();
    }
  });
  it("does not go back to a clause whose end is told late", () => {
    const root = document.createElement("div");
    const captions = new Captions(root);
    captions.announce(1, 0, "Good evening,", "en", 0);
    captions.announce(1, 1, "dear ships of the night.", "en", 0);
    captions.heard(1, 0, 800, 1_000, true, false);
    captions.heard(1, 1, 40, 2_000, true, false);
    captions.heard(1, 0, 1_000, 1_000, true, true);
    captions.heard(1, 1, 900, 2_000, true, false);
    expect([...root.children].map((line) => line.textContent)).toEqual(["Good evening,", "dear ships of the night."]);
    expect(root.children[0]?.children[0]?.textContent).toBe("Good evening,");
    expect(captions.text.startsWith("dear")).toBe(true);
  });
  it("leaves the stage empty a while after the last word", () => {
    vi.useFakeTimers();
    try {
      const root = document.createElement("div");
      const captions = new Captions(root);
      for (const clause of [0, 1, 2]) captions.announce(1, clause, `clause number ${clause}`, "en", 0);
      for (const clause of [0, 1, 2]) {
        captions.heard(1, clause, 500, 1_000, true, false);
        captions.heard(1, clause, 1_000, 1_000, true, true);
        expect(root.children.length).toBeLessThanOrEqual(2);
      }
      vi.advanceTimersByTime(4_000);
      captions.draw(performance.now());
      expect(root.children).toHaveLength(0);
      expect(captions.text).toBe("");
      captions.announce(2, 0, "another turn", "en", 0);
      captions.heard(2, 0, 500, 1_000, true, false);
      expect([...root.children].map((line) => line.textContent)).toEqual(["another turn"]);
    } finally {
      vi.useRealTimers();
    }
  });
});
