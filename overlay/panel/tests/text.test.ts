import { expect, it } from "vitest";
import { pickLocale } from "../kit/locale.ts";
import { calm, calmLine, lengthOf } from "../kit/text.ts";

it("takes away stacked marks and leaves those that languages need", () => {
  expect(calm(`Z${"\u0336".repeat(40)}a`)).toBe(`Z${"\u0336".repeat(4)}a`);
  for (const fine of ["cafe\u0301", "ที่นี่", "हिन्दी में", "👩🏽‍🚀🏳️‍🌈"]) expect(calm(fine)).toBe(fine);
});

it("takes away direction overrides and controls, and keeps right-to-left text", () => {
  expect(calm("\u202eevil\u202c \u2066x\u2069\u0000\u001b[31m\u0007")).toBe("evil x[31m");
  expect(calm("שלום مرحبا")).toBe("שלום مرحبا");
});

it("folds blank lines, and everything into one line for names", () => {
  expect(calm("a\n\n\n\n\nb")).toBe("a\n\nb");
  expect(calmLine(" a\n\n b\t c ")).toBe("a b c");
});

it("leaves markup as the text it is", () => {
  expect(calm("<img src=x onerror=alert(1)>")).toBe("<img src=x onerror=alert(1)>");
});

it("counts as the server does: code points of the trimmed text", () => {
  expect(lengthOf("  你好🦊 ")).toBe(3);
  expect(lengthOf("👨‍👩‍👧")).toBe(5);
});

it("picks what was chosen before, else the browser's first language that we speak", () => {
  expect(pickLocale("zh", ["en-US"])).toBe("zh");
  expect(pickLocale(null, ["ja-JP", "zh-TW", "en"])).toBe("zh");
  expect(pickLocale("klingon", ["fr", "en-GB"])).toBe("en");
  expect(pickLocale(null, [])).toBe("en");
});
