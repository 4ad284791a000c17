// @vitest-environment jsdom
import { expect, it } from "vitest";
import { Page, settle, tell } from "./page.ts";

const page = new Page();
const card = () => page.root.querySelector('[aria-label="Names, read aloud"]');
const orders = () => page.asked.filter(({ method }) => method !== "GET").map(({ path, body }) => [path, body]);
const words = () => card()?.textContent?.replace(/\s+/gu, " ");
const view = {
  names: [
    { name: "<b>Siobhan", spelled: "shiv-AWN", language: "en", own: true },
    { name: "Gerald", spelled: "JEH-rald", language: "", own: false },
  ],
  room: 299,
};
const answered = (body: unknown) => {
  page.answer = ({ path, method }) => ({
    status: 200,
    body: path === "/api/pronunciations" && method === "GET" ? body : { ok: true, detail: "" },
  });
};

async function unfold(): Promise<void> {
  await tell();
  const details = card()?.querySelector("details");
  if (!details) throw new Error("there is no list");
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
  await settle();
}

function write(at: number, text: string): void {
  const field = card()?.querySelectorAll("input")[at];
  if (!field) throw new Error("there is no such field");
  field.value = text;
  field.dispatchEvent(new Event("input"));
}

it("lists the names, and drops those of the list alone", async () => {
  answered(view);
  await unfold();
  expect(words()).toContain("<b>Siobhan → shiv-AWNin English");
  expect(words()).toContain("Gerald → JEH-raldin every language · from the persona");
  expect(card()?.querySelectorAll("li button").length).toBe(1);
  await page.click("Drop the name “<b>Siobhan”");
  expect(orders()).toEqual([["/api/pronunciations/drop", { name: "<b>Siobhan", language: "en" }]]);
});

it("adds a name when both fields are filled", async () => {
  answered({ names: [], room: 300 });
  await unfold();
  expect(words()).toContain("No name is spelled");
  const button = card()?.querySelector<HTMLButtonElement>("form button");
  expect(button?.disabled).toBe(true);
  write(0, " Ng ");
  write(1, "ing");
  await settle();
  expect(button?.disabled).toBe(false);
  card()?.querySelector("form")?.dispatchEvent(new Event("submit"));
  await settle();
  expect(orders()).toEqual([["/api/pronunciations", { name: "Ng", spelled: "ing", language: "" }]]);
  expect(card()?.querySelector("input")?.value).toBe("");
});

it("takes no more when the list is full", async () => {
  answered({ ...view, room: 0 });
  await unfold();
  expect(words()).toContain("The list is full");
});
