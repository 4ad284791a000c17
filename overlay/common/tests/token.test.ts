// @vitest-environment jsdom
import { beforeEach, expect, it } from "vitest";
import { pageUrl, socketUrl, takeToken } from "../token.ts";

beforeEach(() => {
  sessionStorage.clear();
  history.replaceState(null, "", "/stage/");
});

it("takes the token from the address and remembers it for a reload without it", () => {
  history.replaceState(null, "", "/stage/?token=a%26b&role=view");
  expect(takeToken()).toBe("a&b");
  expect(location.search).toContain("token=");
  history.replaceState(null, "", "/stage/");
  expect(takeToken()).toBe("a&b");
});

it("hides the token and keeps the rest of the address", () => {
  history.replaceState(null, "", "/panel/?token=secret&lang=zh");
  expect(takeToken({ hide: true })).toBe("secret");
  expect(location.search).toBe("?lang=zh");
});

it("has no token when none was given", () => {
  expect(takeToken()).toBe("");
});

it("builds addresses on the page's own server", () => {
  expect(socketUrl("/ws/stage", { role: "audio", token: "a&b" })).toBe(
    `ws://${location.host}/ws/stage?role=audio&token=a%26b`,
  );
  expect(pageUrl("/stage/", "a&b")).toBe(`http://${location.host}/stage/?token=a%26b`);
  expect(pageUrl("/stage/", "")).toBe(`http://${location.host}/stage/`);
});
