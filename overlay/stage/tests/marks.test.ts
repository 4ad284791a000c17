// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { Captions } from "../src/captions.ts";
import { begun } from "../src/marks.ts";

const TEXT = "Hello there, chat!";
const WORDS = [
  { at_ms: 100, chars: 0 },
  { at_ms: 400, chars: 6 },
  { at_ms: 900, chars: 13 },
];

describe("begun", () => {
  it("shows a word from the moment on at which it is begun, and none before", () => {
    const shown = (ms: number) => TEXT.slice(0, begun(WORDS, TEXT, ms) ?? 0);
    expect([0, 100, 399, 400, 900].map(shown)).toEqual(["", "Hello", "Hello", "Hello there,", TEXT]);
  });
  it("says nothing without marks", () => {
    expect(begun([], TEXT, 500)).toBeNull();
  });
  it("goes on from several sounds of one word to the next word", () => {
    const words = [
      { at_ms: 0, chars: 0 },
      { at_ms: 50, chars: 3 },
      { at_ms: 90, chars: 3 },
      { at_ms: 200, chars: 6 },
    ];
    expect(begun(words, "It 42 now", 60)).toBe(5);
  });
});

describe("captions with marks", () => {
  it("show the words as they are said, whatever their length", () => {
    const captions = new Captions(document.createElement("div"));
    captions.announce(1, 0, TEXT, "en", 0);
    captions.mark(1, 0, WORDS);
    captions.mark(1, 7, WORDS);
    captions.heard(1, 0, 450, 2_000, true, false);
    expect(captions.text).toBe("Hello there,");
    captions.heard(1, 0, 899, 2_000, true, false);
    expect(captions.text).toBe("Hello there,");
    captions.heard(1, 0, 2_000, 2_000, true, true);
    expect(captions.text).toBe(TEXT);
  });
});
