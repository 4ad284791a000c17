// @vitest-environment jsdom
import { beforeEach, expect, it } from "vitest";
import { socketUrl, takeToken } from "../token.ts";

beforeEach(() => {
  sessionStorage.clear();
  history.replaceState(null, "", "/stage/");
});

it("takes the token from the address and remembers it for a reload without it", () => {
  history.replaceState(null, "", "/stage/?token=a%26b&role=view");
  expect(takeToken()).toBe("a&b");
  history.replaceState(null, "", "/stage/");
  expect(takeToken()).toBe("a&b");
});

it("hides the token and keeps the rest of the address", () => {
  for (const page of ["/panel/", "/stage/", "/chat/"]) {
    history.replaceState(null, "", `${page}?token=secret&lang=zh`);
    expect(takeToken()).toBe("secret");
    expect(location.search).toBe("?lang=zh");
  }
});

it("keeps the key of each page apart: the stage's does not open the control room", () => {
  history.replaceState(null, "", "/panel/?token=everything");
  takeToken();
  history.replaceState(null, "", "/stage/?token=stage-alone");
  expect(takeToken()).toBe("stage-alone");
  history.replaceState(null, "", "/panel/");
  expect(takeToken()).toBe("everything");
  history.replaceState(null, "", "/chat/");
  expect(takeToken()).toBe("");
});

it("has no token when none was given", () => {
  expect(takeToken()).toBe("");
});

it("builds addresses on the page's own server", () => {
  expect(socketUrl("/ws/stage", { role: "audio", token: "a&b" })).toBe(
    `ws://${location.host}/ws/stage?role=audio&token=a%26b`,
  );
});
