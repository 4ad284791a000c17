// @vitest-environment jsdom
import { beforeEach, expect, it } from "vitest";
import type { ModerationState } from "../src/api-moderation.ts";
import { Page, press, settle, tell } from "./page.ts";
import {
  alarm,
  connection,
  finding,
  held,
  item,
  moderation,
  proposed,
  type state,
  turn,
  verdict,
  why,
} from "./sample.ts";
import type { Asked } from "./wire.ts";

const HTML = "<img src=x onerror=alert(1)><b>bold</b>{{ 7*7 }}";
const DONE = { status: 200, body: { ok: true, detail: "" } };
const page = new Page();
const toast = () => document.querySelector(".toast:last-of-type")?.textContent ?? "";
const told = (more: Partial<ModerationState>, rest: Parameters<typeof state>[0] = {}) =>
  tell({ ...rest, moderation: moderation(more) });
const orders = () => page.asked.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
const rows = (card: string) => [...page.root.querySelectorAll<HTMLElement>(`#${card} li:not(.box li)`)];
const within = (id: string, words: string) => {
  const found = [...page.root.querySelectorAll<HTMLButtonElement>(`#${id} button`)].find(
    (one) => one.textContent?.includes(words) || one.ariaLabel?.includes(words),
  );
  if (!found) throw new Error(`no button in ${id} says ${words}`);
  return found;
};
const click = async (id: string, words: string) => {
  within(id, words).click();
  await settle();
};

/** Have the server explain every verdict with one finding. */
function explain(more: Parameters<typeof why>[1] = {}): void {
  page.answer = ({ method, path }: Asked) => {
    if (method === "GET" && path.startsWith("/api/audit/")) {
      return { status: 200, body: why(verdict(path.split("/")[3] ?? ""), more) };
    }
    if (path.startsWith("/api/audit?")) return { status: 200, body: [verdict("old", { at: "2030-01-01T00:00:00" })] };
    return DONE;
  };
}

beforeEach(() => explain());

it("shows what strangers wrote as text, everywhere", async () => {
  const line = verdict("v", { text: HTML, author: HTML, categories: [HTML], rules: [HTML], outcome: HTML });
  explain({ line, why: [HTML], reasons: [finding({ rule: HTML, category: HTML, start: 0, end: 4 })] });
  await told({
    held: [held("h", { text: HTML, author: HTML, why: [HTML], source: HTML })],
    audit: [line],
    escalations: [proposed("s", { author: HTML, text: HTML, problem: HTML, source: HTML, action: "ban" })],
    permits: [{ source: HTML, user: HTML, expires_in_s: 20 }],
    shield: { mode: "auto", raised: true, reason: HTML, expires_in_s: 9, one_in: 4, thinned: 3 },
    guard: { paused: true, reason: HTML, shunned: 0, blocks: [{ age_s: 1, rules: [HTML] }] },
  });
  await settle();
  await click("held", "Why?");
  await click("verdicts", "Why?");
  await click("steps", "Do it");
  expect(page.root.querySelectorAll("img, b")).toHaveLength(0);
  expect(page.root.querySelector("#held .text")?.textContent).toBe(HTML);
  expect(page.root.querySelector("#held mark")?.textContent).toBe("<img");
  expect(page.root.querySelector("#verdicts .text")?.textContent).toBe(HTML);
});

it("marks the letters of a held line, names what it is about, and says why", async () => {
  await told({ held: [held("h", { paid: true })] });
  await settle();
  const [row] = rows("held");
  expect(row?.querySelector("mark")?.textContent).toBe("bad");
  expect(row?.querySelector(".chip")?.textContent?.trim()).toBe("Harassment");
  expect(row?.querySelector(".why")?.textContent).toMatch(/held: .*bad.* – Harassment/u);
  expect(row?.querySelector<HTMLElement>(".paid")?.title).toContain("only the words wait");
  await click("held", "Why?");
  expect(row?.textContent).toContain("standard holds that coming in");
});

it("can be decided also when nobody can say why", async () => {
  page.answer = ({ method }) => (method === "GET" ? { status: 500, body: {} } : DONE);
  await told({ held: [held("h")] });
  await settle();
  expect(rows("held")[0]?.textContent).toContain("'bad' is harassment");
  await click("held", "Allow the line of bob");
  expect(orders()).toEqual(["POST /api/held/h/approve"]);
});

it("decides each held line once, and leaves it where it stood under the hand", async () => {
  await told({ held: [held("h/1", { author: "ann" }), held("h2")] });
  const list = page.root.querySelector("#held ul")?.parentElement;
  list?.dispatchEvent(new Event("pointerdown"));
  const allow = within("held", "Allow the line of ann");
  allow.click();
  allow.click();
  await settle();
  expect(orders()).toEqual(["POST /api/held/h%2F1/approve"]);
  await told({ held: [held("h2"), held("h3", { author: "new" })] });
  expect(rows("held").map((row) => row.querySelector(".author")?.textContent)).toEqual(["ann", "bob", "new"]);
  expect(rows("held")[0]?.querySelector(".outcome")?.textContent).toBe("Allowed");
  await told({ held: [held("h3", { author: "new" })] });
  expect(rows("held")[1]?.querySelector(".outcome")?.textContent).toBe("No longer waiting");
  expect(page.root.querySelector("#held .note")?.textContent).toBe("1");
});

it("frees a held line whose decision failed, and says why it did", async () => {
  page.answer = ({ method }) => (method === "POST" ? { status: 404, body: { detail: "it does not wait" } } : null);
  await told({ held: [held("h")] });
  await click("held", "Deny");
  expect(toast()).toContain("it does not wait");
  expect(within("held", "Deny").disabled).toBe(false);
});

it("is worked by keys: arrows move, A allows, D denies, and the next line is at hand", async () => {
  await told({ held: [held("1"), held("2"), held("3")] });
  const tabbed = () => rows("held").map((row) => row.tabIndex);
  expect(tabbed()).toEqual([0, -1, -1]);
  rows("held")[0]?.focus();
  press("ArrowDown", {}, rows("held")[0]);
  await settle();
  expect(document.activeElement).toBe(rows("held")[1]);
  expect(tabbed()).toEqual([-1, 0, -1]);
  press("d", {}, rows("held")[1]);
  press("a", { ctrlKey: true }, rows("held")[1]);
  await settle();
  // A key held down must not decide one line after the other.
  press("d", { repeat: true }, rows("held")[2]);
  await settle();
  expect(orders()).toEqual(["POST /api/held/2/deny"]);
  expect(document.activeElement).toBe(rows("held")[2]);
  press("A", {}, rows("held")[2]);
  await settle();
  expect(orders().at(-1)).toBe("POST /api/held/3/approve");
  expect(document.activeElement).toBe(rows("held")[0]);
});

it("bounds the held lines on the page, the oldest first, and asks about those alone", async () => {
  await told({ held: Array.from({ length: 200 }, (_, at) => held(`h${at}`)) });
  await settle();
  expect(rows("held")).toHaveLength(12);
  expect(page.root.querySelector("#held")?.textContent).toContain("and 188 more");
  expect(page.paths().filter((path) => path.startsWith("/api/audit/"))).toHaveLength(12);
});

it("tells in the bar how much waits, and goes there", async () => {
  await tell();
  expect(page.root.querySelector(".need")).toBeNull();
  Element.prototype.scrollIntoView = () => {};
  await told({ held: [held("h")], escalations: [proposed("s")] });
  await page.click("2 waiting for you");
  expect(document.activeElement).toBe(rows("held")[0]);
  const box = page.root.querySelector("textarea");
  box?.focus();
  press("w", {}, box ?? undefined);
  expect(document.activeElement).toBe(box);
  box?.blur();
  press("w");
  expect(document.activeElement).toBe(rows("held")[0]);
});

it("opens the why of a verdict, corrects it with one press, and takes that back", async () => {
  await told({ audit: [verdict("v1"), verdict("v2", { direction: "out", source: "", author: "a reply" })] });
  expect(rows("verdicts")[1]?.textContent).toContain("Mira · a reply");
  await click("verdicts", "Why?");
  expect(rows("verdicts")[0]?.querySelector("mark")?.textContent).toBe("bad");
  expect(rows("verdicts")[0]?.textContent).toContain("standard holds that coming in");
  page.answer = () => ({ status: 200, body: { ok: true, detail: "it is still block: word:slur" } });
  await click("verdicts", "False alarm: allow from now on");
  expect(orders()).toEqual(["POST /api/audit/v1/allow"]);
  expect(toast()).toContain("it is still block");
  explain({ can: ["undo"] });
  await told({ audit: [verdict("v1", { decision: "allow" })], cases: 1 });
  expect(rows("verdicts")[0]?.querySelector(".decided")?.textContent).toContain("allowed from now on");
  await click("verdicts", "Undo");
  expect(orders().at(-1)).toBe("DELETE /api/audit/v1/allow");
});

it("offers what the server says can be decided, as soon as it has said so", async () => {
  explain({ can: [] });
  await told({ audit: [verdict("v1", { action: "block" })] });
  expect(within("verdicts", "False alarm")).toBeTruthy();
  await click("verdicts", "Why?");
  expect(() => within("verdicts", "False alarm")).toThrow();
});

it("says where the words of a verdict are gone, and corrects nothing there", async () => {
  await told({ audit: [verdict("v1", { text: "", author: "" })] });
  expect(rows("verdicts")[0]?.textContent).toContain("taken back");
  expect(rows("verdicts")[0]?.textContent).toContain("A viewer");
  expect(() => within("verdicts", "False alarm")).toThrow();
});

it("quotes the words of an open verdict no longer once they were taken back", async () => {
  explain();
  await told({ audit: [verdict("v1")] });
  await click("verdicts", "Why?");
  expect(page.root.querySelector("#verdicts .box")?.textContent).toContain("'bad' is harassment");
  page.answer = () => ({ status: 200, body: why(verdict("v1", { text: "", author: "" }), { why: ["held"], can: [] }) });
  await told({ audit: [verdict("v1", { text: "", author: "" })] });
  expect(page.root.querySelector("#verdicts .box")?.textContent).toBe(
    "heldWhat came of it: waits for a personForget this viewer…",
  );
});

it("filters the verdicts, and asks for those that it was not told", async () => {
  page.answer = ({ path }) => ({
    status: 200,
    body: path.startsWith("/api/audit?") ? [verdict("m", { action: "mask", at: "2030-01-02T03:04:06" })] : {},
  });
  await told({ audit: [verdict("h"), verdict("b", { action: "block", direction: "out" })] });
  expect(rows("verdicts")).toHaveLength(2);
  await click("verdicts", "Masked");
  expect(page.paths()).toEqual(["/api/audit?limit=500"]);
  expect(rows("verdicts").map((row) => row.querySelector(".verdict")?.textContent)).toEqual(["masked"]);
  await click("verdicts", "All");
  expect(rows("verdicts").map((row) => row.querySelector(".verdict")?.textContent)).toEqual([
    "masked",
    "held",
    "blocked",
  ]);
  await click("verdicts", "Viewers");
  expect(rows("verdicts")).toHaveLength(2);
  await click("verdicts", "Held");
  expect(within("verdicts", "Held").ariaPressed).toBe("true");
  expect(rows("verdicts")).toHaveLength(1);
});

it("keeps the verdicts still while one is read, and counts the new ones", async () => {
  await told({ audit: [verdict("v1")] });
  await click("verdicts", "Why?");
  await told({ audit: [verdict("v2", { author: "new", at: "2030-01-02T03:05:05+00:00" }), verdict("v1")] });
  expect(rows("verdicts")).toHaveLength(1);
  await click("verdicts", "one new");
  expect(rows("verdicts").map((row) => row.querySelector(".author")?.textContent)).toEqual(["new", "bob"]);
});

it("lists the corrections, and removes one", async () => {
  page.answer = ({ path }) =>
    path === "/api/cases"
      ? {
          status: 200,
          body: [{ id: "c1", text: HTML, expect: "allow", direction: "in", source: "", rules: [], at: "" }],
        }
      : DONE;
  await told({ cases: 1 });
  const box = page.root.querySelector<HTMLDetailsElement>("#verdicts details");
  if (!box) throw new Error("no corrections");
  box.open = true;
  box.dispatchEvent(new Event("toggle"));
  await settle();
  expect(box.querySelector(".text")?.textContent).toBe(HTML);
  await click("verdicts", "Remove");
  expect(orders()).toEqual(["DELETE /api/cases/c1"]);
});

it("takes a proposed step or dismisses it, and bans only after a confirmation", async () => {
  await told({ escalations: [proposed("s2", { action: "ban", author: "ann", offences: 4 }), proposed("s1")] });
  expect(rows("steps").map((row) => row.querySelector(".head")?.textContent)).toEqual([
    expect.stringContaining("3 offences→time out for 10m"),
    expect.stringContaining("4 offences→ban"),
  ]);
  await click("steps", "Do it: time out for 10m, bob");
  await click("steps", "Dismiss the step against bob");
  expect(orders()).toEqual(["POST /api/escalations/s1/take", "POST /api/escalations/s1/dismiss"]);
  await click("steps", "Do it: ban, ann");
  expect(orders()).toHaveLength(2);
  expect(document.activeElement?.textContent).toContain("Do not ban");
  page.answer = () => ({ status: 409, body: { detail: "twitch does not answer" } });
  await click("steps", "Ban");
  expect(orders().at(-1)).toBe("POST /api/escalations/s2/take");
  expect(toast()).toContain("twitch does not answer");
});

it("lets a viewer post a link, from the menu of a line and from a held link, and shows for how long", async () => {
  explain({ reasons: [finding({ rule: "link", category: "spam", action: "mask" })] });
  await told({ held: [held("h", { author_id: "" })] }, { queue: [item("q")], connections: [connection()] });
  await settle();
  await click("held", "Let bob post a link");
  await page.click("Moderate ann");
  await page.click("Let ann post a link");
  expect(page.asked.filter(({ path }) => path === "/api/permit").map(({ body }) => body)).toEqual([
    { source: "twitch", user: "bob" },
    { source: "twitch", user: "u1" },
  ]);
  expect(toast()).toContain("ann may post a link");
  await told({ permits: [{ source: "twitch", user: "u1", expires_in_s: 24 }] }, { queue: [item("q")] });
  expect(page.root.querySelector(".permits")?.textContent).toMatch(/ann.*Twitch.*\d+s left/su);
});

it("tells how the shield stands, and sets it; a refusal leaves it as it is", async () => {
  const shield = { mode: "auto", raised: false, reason: "", expires_in_s: null, one_in: 1, thinned: 0 } as const;
  await told({ shield });
  expect(page.root.querySelector(".shield .pill")?.textContent).toBe("calm");
  page.answer = () => ({ status: 409, body: { detail: "no" } });
  await page.click("On");
  expect(page.asked.map(({ path, body }) => [path, body])).toEqual([["/api/shield", { mode: "on" }]]);
  expect(page.button("Auto").ariaPressed).toBe("true");
  await told({
    shield: { ...shield, raised: true, reason: "many new viewers", expires_in_s: 90, one_in: 8, thinned: 2 },
  });
  const text = page.root.querySelector(".shield")?.textContent ?? "";
  for (const words of ["raised", "many new viewers", "one in 8", "2 lines left out"]) {
    expect(text).toContain(words);
  }
  expect(text).toMatch(/1m \d+s more/u);
  await tell();
  expect(page.root.querySelector(".shield")).toBeNull();
});

it("calls for a person when the show paused itself, once, and leads to what was blocked", async () => {
  Element.prototype.scrollIntoView = () => {};
  const guard = {
    paused: true,
    reason: "3 replies were blocked",
    shunned: 1,
    blocks: [{ age_s: 4, rules: ["private:mail"] }],
  };
  await told(
    { guard, audit: [verdict("v1"), verdict("v2", { direction: "out", action: "block", author: "a reply" })] },
    { state: "stopped", stopped_because: "x", alarms: [alarm("guard"), alarm("link:twitch")] },
  );
  const strip = page.root.querySelector(".strip");
  expect(strip?.textContent).toContain("3 replies were blocked");
  expect(strip?.textContent).toContain("a mail address");
  expect(page.root.querySelectorAll(".alarm")).toHaveLength(1);
  await page.click("Look at them");
  expect(rows("verdicts").map((row) => row.querySelector(".author")?.textContent)).toEqual(["Mira · a reply"]);
  expect(document.activeElement?.id).toBe("verdicts");
  await told({ guard: { ...guard, paused: false } });
  expect(page.root.querySelector(".strip")).toBeNull();
});

it("lets the chat be answered again from the strip, and marks what is in doubt", async () => {
  const guard = { paused: true, reason: "3 replies", shunned: 0, blocks: [] };
  await told({ guard }, { queue: [item("q", { doubt: true }), item("r")] });
  await page.click("Answer again");
  expect(orders()).toEqual(["POST /api/rearm"]);
  expect(page.text.match(/In doubt/g)).toHaveLength(1);
});

it("tells a clause that the delay holds back, and that it can still be skipped", async () => {
  const clauses = (state: "pending" | "waiting") => [
    { index: 0, text: "hi", state, due_in_s: state === "pending" ? 4.2 : null },
  ];
  await tell({ now: turn([], { clauses: clauses("pending") }) });
  expect(page.root.querySelector(".clauses .pending .mark")?.textContent).toBe("held back 5s");
  expect(page.text).toContain("Skip stops it before anybody hears it");
  await tell({ now: turn([], { clauses: clauses("waiting") }) });
  expect(page.root.querySelector(".delayed")).toBeNull();
});

it("shows the whole reason of a choice", async () => {
  const reason = "asked by 5 viewers, waited 12 s; nobody of them was answered in the last 10 minutes";
  await tell({ queue: [item("q", { reason })] });
  expect(page.root.querySelector(".reason")?.textContent).toBe(reason);
});

it("says why in Chinese, with the server's words at hand", async () => {
  await told({ audit: [verdict("v1")] });
  await page.click("中文");
  await click("verdicts", "为什么");
  const box = page.root.querySelector("#verdicts .box");
  expect(box?.querySelector("li")?.textContent).toMatch(/已暂扣：.*bad.*第 9 到 11 个字.*骚扰辱骂/u);
  expect(box?.querySelector("details [lang=en]")?.textContent).toContain("at a score of 0.70");
  localStorage.clear();
});
