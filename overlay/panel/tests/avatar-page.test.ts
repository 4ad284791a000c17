// @vitest-environment jsdom
import { expect, it } from "vitest";
import type { AvatarView, ModelItem } from "../src/api-avatar.ts";
import { Page, settle, tell } from "./page.ts";

const page = new Page();
const card = () => page.root.querySelector('[aria-label="Avatar"]');
const words = () => card()?.textContent?.replace(/\s+/gu, " ");
const orders = () => page.asked.filter(({ method }) => method !== "GET").map(({ path, body }) => [path, body]);
const MEI: ModelItem = {
  name: "mei",
  kind: "vrm",
  title: "<b>Mei",
  author: "Aki",
  licence: "VRM Public License 1.0",
  credit: "Mei © Aki",
  problem: "",
};
const TORN: ModelItem = {
  name: "torn",
  kind: "",
  title: "",
  author: "",
  licence: "",
  credit: "",
  problem: "the model 'torn' lacks its file",
};

async function unfold(more: Partial<AvatarView> = {}): Promise<void> {
  const view: AvatarView = {
    persona: "mira",
    own: "",
    shown: "",
    chosen: false,
    problem: "",
    models: [MEI, TORN],
    ...more,
  };
  page.answer = ({ path, method }) => ({
    status: 200,
    body: path === "/api/avatar" && method === "GET" ? view : { ok: true, detail: "" },
  });
  await tell();
  const details = card()?.querySelector("details");
  if (!details) throw new Error("there is no list");
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
  await settle();
}

it("shows whose each model is and under which licence, and chooses one", async () => {
  await unfold();
  expect(words()).toContain("The built-in figure · in persona.yaml");
  expect(words()).toContain("<b>Mei");
  expect(words()).toContain("by Aki");
  expect(words()).toContain("licence: VRM Public License 1.0");
  expect(words()).toContain("the stage shows: Mei © Aki");
  expect(words()).toContain("lacks its file");
  expect(card()?.querySelectorAll("li button").length).toBe(1);
  await page.click("Show <b>Mei on the stage");
  expect(orders()).toEqual([["/api/avatar", { name: "mei" }]]);
});

it("goes back to our figure, and to what the file says", async () => {
  await unfold({ own: "mei", shown: "mei", chosen: true });
  expect(words()).toContain("until the host ends");
  await page.click("Show The built-in figure on the stage");
  await page.click("As persona.yaml says");
  expect(orders()).toEqual([
    ["/api/avatar", { name: "" }],
    ["/api/avatar", { name: null }],
  ]);
});

it("says why a model is not on the stage, and how to bring one", async () => {
  await unfold({ own: "gone", problem: "there is no model 'gone'", models: [] });
  expect(words()).toContain("there is no model 'gone'");
  expect(words()).toContain("haishin vrm add");
});
