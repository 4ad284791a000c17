// @vitest-environment jsdom
import { expect, it } from "vitest";
import type { AvatarView, MappingView, ModelItem, VtsView } from "../src/api-avatar.ts";
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
    vts: null,
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

const HIYO: ModelItem = { ...MEI, name: "hiyo", kind: "live2d", title: "Hiyo" };
const VTS: VtsView = {
  driving: false,
  asking: false,
  refused: true,
  problem: "you refused Haishin",
  remedy: "press Allow",
  model: "",
  hotkeys: ["Smile"],
  emotions: { joy: "Smile" },
  gestures: {},
};
const MAPPING: MappingView = {
  model: {
    kind: "live2d",
    name: "hiyo",
    url: "/stage/models/hiyo/model.model3.json",
    credit: "",
    mapping: { emotions: { joy: "笑顔" } },
  },
  parameters: ["ParamMouthOpenY"],
  theirs: [{ id: "ParamA", title: "口" }],
  expressions: ["笑顔", "怒り"],
  motions: [{ id: "TapBody/0", title: "wave" }],
  groups: ["TapBody"],
};

it("edits what of a Live2D model is its joy, its wave and its mouth, and saves it", async () => {
  await unfold({ models: [MEI, HIYO] });
  const usual = page.answer;
  page.answer = (asked) =>
    asked.path === "/api/avatar/mapping/hiyo" && asked.method === "GET" ? { status: 200, body: MAPPING } : usual(asked);
  expect(card()?.textContent).not.toContain("Mapping of mei");
  await page.click("Mapping of Hiyo");
  await settle();
  const editor = card()?.querySelector(".editor");
  expect(editor?.querySelector("iframe")?.src).toContain("trial=1");
  const pick = async (label: string, value: string): Promise<void> => {
    const found = [...(editor?.querySelectorAll("label") ?? [])].find((one) => one.textContent?.includes(label));
    const select = found?.querySelector("select");
    if (!select) throw new Error(`there is no ${label}`);
    select.value = value;
    select.dispatchEvent(new Event("change"));
    await settle();
  };
  await pick("angry", "怒り");
  await pick("joy", "");
  await pick("wave", "TapBody/0");
  await pick("ParamMouthOpenY", "ParamA");
  await page.click("Save the mapping");
  expect(orders().at(-1)).toEqual([
    "/api/avatar/mapping/hiyo",
    {
      mapping: {
        emotions: { angry: "怒り" },
        gestures: { wave: "TapBody/0" },
        parameters: { ParamMouthOpenY: "ParamA" },
      },
    },
  ]);
});

it("says how VTube Studio stands, and lets it be asked again", async () => {
  await unfold({ vts: VTS });
  expect(words()).toContain("you refused Haishin: press Allow");
  expect(words()).toContain("joy = Smile");
  await page.click("Ask again");
  expect(orders().at(-1)?.[0]).toBe("/api/avatar/vts");
  await unfold({ vts: { ...VTS, driving: true, problem: "", remedy: "", model: "Mei" } });
  expect(words()).toContain("shows the host: Mei");
});
