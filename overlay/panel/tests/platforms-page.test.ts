// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { Page, press, settle, tell } from "./page.ts";
import { alarm, connection, hold, item, onAir, signIn, turn } from "./sample.ts";
import { Wire } from "./wire.ts";

const HTML = "<img src=x onerror=alert(1)><b>bold</b>{{ 7*7 }}";
const page = new Page();
const act = (more: object) => ({ path: "/api/act", body: more });
const orders = () => page.asked.map(({ path, body }) => ({ path, body }));
const toast = () => document.querySelector(".toast:last-of-type")?.textContent ?? "";
const row = (name: string) => {
  const found = page.root.querySelector(`#connection-${name}`);
  if (!found) throw new Error(`there is no connection ${name}`);
  return found;
};

it("shows what platforms and strangers wrote as text", async () => {
  await tell({
    connections: [
      connection({
        state: "denied",
        account: HTML,
        detail: HTML,
        remedy: HTML,
        missing: [{ what: HTML, why: HTML }],
        faults: { [HTML]: 2 },
        sign_in: signIn({ state: "failed", url: "javascript:alert(1)", code: HTML, detail: HTML }),
      }),
      connection({ name: "other", sign_in: signIn({ url: "javascript:alert(1)", code: HTML }) }),
    ],
    streams: [{ source: "twitch", online: true, title: HTML, category: HTML, hype_level: 2 }],
    holds: [hold("h", { author: HTML, text: HTML, category: HTML })],
    alarms: [alarm(HTML, { text: HTML, remedy: HTML })],
    queue: [item("a", { author: HTML })],
  });
  await page.click("Moderate");
  await page.click("Ban…");
  expect(page.root.querySelectorAll("img, b")).toHaveLength(0);
  expect(page.root.querySelectorAll("a[href^='javascript']")).toHaveLength(0);
  expect(page.root.querySelector(".sure")?.textContent).toContain(HTML.slice(0, 40));
  expect(page.root.querySelector(".account")?.textContent).toBe(HTML);
});

it("tells each state in words, what it means, and how it stands", async () => {
  const states = ["connecting", "live", "quiet", "deaf", "expired", "denied"] as const;
  await tell({
    connections: states.map((state) => connection({ name: state, state, reconnects: 2, expires_in_s: 187_200 })),
  });
  const pills = [...page.root.querySelectorAll<HTMLElement>("li .pill")];
  expect(pills.map((pill) => pill.textContent)).toEqual([
    "sign-in expired",
    "refused",
    "not hearing",
    "connecting",
    "quiet",
    "live",
  ]);
  for (const pill of pills) expect(row(states[0]).parentElement?.textContent).toContain(pill.title);
  expect(new Set(pills.map((pill) => pill.title)).size).toBe(6);
  expect(row("live").textContent).toContain("heard 3s ago");
  expect(row("live").textContent).toContain("last event 2m ago");
  expect(row("live").textContent).toContain("reconnected 2 times");
  expect(row("live").querySelector(".warn")?.textContent).toBe("sign-in lasts 2d 3h");
});

it("tries again and signs in by the connection's name", async () => {
  await tell({ connections: [connection({ name: "bilibili_web", state: "expired" })] });
  await page.click("Try again now");
  await page.click("Sign in to Bilibili");
  expect(page.paths()).toEqual(["/api/connections/bilibili_web/reconnect", "/api/connections/bilibili_web/sign-in"]);
  page.answer = () => ({ status: 409, body: { detail: "too many sign-ins are under way" } });
  await page.click("Sign in to Bilibili");
  expect(toast()).toContain("too many sign-ins");
  await tell({ connections: [connection({ can_sign_in: false })] });
  expect(() => page.button("Sign in")).toThrow();
});

it("signs in as the bot or as the streamer, begins again as the same, and says whose account is meant", async () => {
  await tell({ connections: [connection({ state: "expired" })] });
  await page.click("Sign in to Twitch as the streamer");
  await page.click("Sign in to Twitch");
  const failed = signIn({ role: "streamer", state: "failed", url: "", code: "", detail: "nobody typed the code" });
  await tell({ connections: [connection({ state: "expired", sign_in: failed })] });
  expect(() => page.button("as the streamer")).toThrow();
  await page.click("Begin again");
  expect(orders()).toEqual(
    ["streamer", "bot", "streamer"].map((role) => ({ path: "/api/connections/twitch/sign-in", body: { role } })),
  );
  await tell({ connections: [connection({ sign_in: signIn({ role: "streamer" }) })] });
  expect(row("twitch").querySelector(".signin")?.getAttribute("aria-label")).toBe("Sign in to Twitch as the streamer");
  expect(row("twitch").querySelector(".signin")?.textContent).toContain("the streamer's own account");
  await tell({ connections: [connection({ sign_in: signIn() })] });
  expect(row("twitch").querySelector(".signin")?.textContent).not.toContain("streamer");
});

it("tells a sign-in that renews itself from one that runs out", async () => {
  const soon = { expires_in_s: 5_430 };
  await tell({ connections: [connection({ renews: true, ...soon }), connection({ name: "bilibili_web", ...soon })] });
  expect(row("twitch").textContent).toContain("sign-in renews itself, next in 1h 30m");
  expect(row("twitch").querySelector(".bad")).toBeNull();
  expect(row("bilibili_web").querySelector(".bad")?.textContent).toBe("sign-in lasts 1h 30m");
});

it("moderates the message on air, with what its platform allows, also when its turn is over meanwhile", async () => {
  const bilibili = connection({ name: "bilibili_web", actions: ["timeout"] });
  const messages = [
    onAir("a"),
    onAir("a", { source: "bilibili_web", author: "bo", author_id: "u2" }),
    onAir("l", { source: "local", author: "lo" }),
  ];
  await tell({ connections: [connection(), bilibili], now: turn(messages) });
  const menus = () => [...page.root.querySelectorAll(".asked .menu")];
  await page.click("Moderate lo");
  expect([...page.root.querySelectorAll(".asked .menu button")].map((one) => one.textContent?.trim())).toEqual([
    "Let post a link",
    "Forget this viewer…",
    "Close",
  ]);
  await page.click("Close");
  await page.click("Moderate ann");
  expect(menus()).toHaveLength(1);
  await page.click("Delete message");
  expect(menus()).toEqual([]);
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Moderate ann");
  await page.click("Moderate bo");
  expect(() => page.button("Delete message")).toThrow();
  await tell({ connections: [connection(), bilibili], now: null });
  expect(page.root.querySelector(".asked")?.textContent).toContain("no longer on air");
  await page.click("Time out");
  expect(page.root.querySelector(".asked")).toBeNull();
  expect(orders()).toEqual([
    act({ source: "twitch", action: "delete", message: "a" }),
    act({ source: "bilibili_web", action: "timeout", user: "u2", seconds: 600 }),
  ]);
});

it("shows the code of a sign-in with its address, and copies it", async () => {
  const copied: string[] = [];
  vi.stubGlobal("navigator", {
    languages: ["en"],
    clipboard: { writeText: async (text: string) => copied.push(text) },
  });
  await tell({
    connections: [
      connection({ sign_in: signIn({ url: "https://www.twitch.tv/activate?code=A", expires_in_s: 899.5 }) }),
    ],
  });
  expect(page.root.querySelector("output")?.textContent).toBe("ABCDEFGH");
  const link = row("twitch").querySelector("a");
  expect([link?.href, link?.textContent, link?.rel]).toEqual([
    "https://www.twitch.tv/activate?code=A",
    "twitch.tv/activate",
    "noopener noreferrer",
  ]);
  expect(row("twitch").querySelector("[role=timer]")?.textContent).toBe("15:00 left");
  [...row("twitch").querySelectorAll("button")].find((one) => one.textContent === "Copy")?.click();
  await settle();
  expect(copied).toEqual(["ABCDEFGH"]);
});

it("draws the QR code, and tells what became of it until that is closed", async () => {
  const qr = Array.from({ length: 21 }, () => `${"10".repeat(10)}1`);
  const at = (more: Parameters<typeof signIn>[0]) =>
    tell({ connections: [connection({ name: "bilibili_web", sign_in: signIn({ source: "bilibili_web", ...more }) })] });
  await at({ qr, code: "" });
  expect(row("bilibili_web").querySelector("svg")?.getAttribute("viewBox")).toBe("0 0 29 29");
  await at({ qr, code: "", state: "scanned" });
  expect(row("bilibili_web").querySelector("[role=status]")?.textContent).toContain("Confirm it on the phone");
  await at({ code: "", state: "failed", detail: "nobody scanned it" });
  expect(row("bilibili_web").textContent).toContain("nobody scanned it");
  await page.click("Close");
  expect(row("bilibili_web").querySelector(".signin")).toBeNull();
  await at({ qr, code: "" });
  expect(row("bilibili_web").querySelector(".signin svg")).not.toBeNull();
});

it("decides about a held message once, and only where it may", async () => {
  const holds = [hold("h1"), hold("h2", { source: "bilibili_web" })];
  await tell({ connections: [connection()], holds });
  expect(page.root.querySelectorAll("button.allow, button.deny")).toHaveLength(2);
  await page.click("Deny the message of bob");
  expect(orders()).toEqual([act({ source: "twitch", action: "deny", message: "h1" })]);
  expect(page.button("Allow the message").disabled).toBe(true);
  await tell({ connections: [connection()], holds: [holds[1] ?? hold("h2")] });
  await tell({ connections: [connection()], holds });
  expect(page.button("Allow the message").disabled).toBe(false);
  page.answer = () => ({ status: 409, body: { detail: "it was decided already" } });
  await page.click("Allow the message");
  expect(toast()).toContain("it was decided already");
  expect(page.button("Allow the message").disabled).toBe(false);
});

it("bans only after a confirmation, whose safe answer has the focus", async () => {
  await tell({ connections: [connection()], queue: [item("a")] });
  await page.click("Moderate ann");
  expect(document.activeElement?.classList).toContain("menu");
  await page.click("Ban…");
  expect(orders()).toEqual([]);
  expect(document.activeElement?.textContent).toContain("Do not ban");
  await page.click("Do not ban");
  await page.click("Ban…");
  page.root.querySelector<HTMLButtonElement>("button.ban")?.click();
  await settle();
  expect(orders()).toEqual([act({ source: "twitch", action: "ban", user: "u1" })]);
  expect(page.root.querySelector(".menu")).toBeNull();
  expect(document.activeElement?.ariaLabel ?? document.activeElement?.getAttribute("aria-label")).toBe("Moderate ann");
});

it("deletes, times out, and warns with a reason", async () => {
  await tell({ connections: [connection()], queue: [item("a")] });
  for (const words of ["Delete message", "Time out"]) {
    await page.click("Moderate ann");
    await page.click(words);
  }
  await page.click("Moderate ann");
  await page.click("Warn…");
  expect(page.button("Send the warning").disabled).toBe(true);
  const field = await page.type(".menu textarea", " be kind ");
  press("Enter", { isComposing: true }, field);
  press("Enter", {}, field);
  await settle();
  expect(orders()).toEqual([
    act({ source: "twitch", action: "delete", message: "a" }),
    act({ source: "twitch", action: "timeout", user: "u1", seconds: 600 }),
    act({ source: "twitch", action: "warn", user: "u1", text: "be kind" }),
  ]);
});

it("keeps an open menu when its message leaves the queue, and goes back with Escape without stopping", async () => {
  await tell({ connections: [connection()], queue: [item("a"), item("b", { author: "bob", author_id: "u2" })] });
  await page.click("Moderate bob");
  await page.click("Warn…");
  const field = await page.type(".menu textarea", "be k");
  await tell({ connections: [connection()], queue: [item("a")] });
  expect(page.root.querySelector<HTMLTextAreaElement>(".menu textarea")?.value).toBe("be k");
  expect(page.text).toContain("no longer waiting");
  press("Escape", {}, field);
  await settle();
  expect(page.root.querySelector(".menu textarea")).toBeNull();
  await page.click("Close");
  expect(page.text).not.toContain("no longer waiting");
  expect(orders()).toEqual([]);
});

it("writes to the platform that is chosen, and to no other in its place", async () => {
  const other = connection({ name: "bilibili_web", account: "", actions: ["send"] });
  await tell({ connections: [connection(), other] });
  page.root.querySelector<HTMLInputElement>("input[value=bilibili_web]")?.click();
  const field = await page.type("[aria-label='Write to chat'] textarea", " 大家好 ");
  press("Enter", {}, field);
  await settle();
  expect(orders()).toEqual([act({ source: "bilibili_web", action: "send", text: "大家好" })]);
  expect(field.value).toBe("");
  await tell({ connections: [connection(), { ...other, actions: [] }] });
  await page.type("[aria-label='Write to chat'] textarea", "again");
  press("Enter", {}, field);
  await settle();
  expect(orders()).toHaveLength(1);
  await tell({ connections: [connection({ actions: [] })] });
  expect(page.text).not.toContain("Write to chat");
});

it("tells alarms politely, worst first as they came, with the way to the connection", async () => {
  const strip = page.root.querySelector("[aria-live=polite]");
  await tell({
    connections: [connection({ state: "expired" })],
    alarms: [
      alarm("link:twitch", { level: "error", text: "nobody is signed in" }),
      alarm("overdue"),
      alarm("__proto__"),
    ],
  });
  expect(strip?.isConnected).toBe(true);
  expect(strip?.querySelectorAll(".alarm")).toHaveLength(2);
  expect(strip?.querySelector(".error")?.textContent).toContain("Connection");
  expect(strip?.querySelector(".age")?.getAttribute("aria-hidden")).toBe("true");
  await page.click("1 more");
  expect(strip?.querySelectorAll(".alarm")[2]?.textContent).toContain("Attention");
  Element.prototype.scrollIntoView = () => {};
  await page.click("Show the connection");
  expect(document.activeElement?.id).toBe("connection-twitch");
});

it("orders nothing while the line is lost", async () => {
  await tell({ connections: [connection({ state: "expired" })], holds: [hold("h")], queue: [item("a")] });
  await page.click("Moderate ann");
  Wire.last.drop();
  await settle();
  for (const words of ["Sign in to", "Try to connect", "Allow the", "Delete message", "Ban…"]) {
    expect([words, page.button(words).disabled]).toEqual([words, true]);
  }
});
