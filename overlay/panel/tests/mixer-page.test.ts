// @vitest-environment jsdom
import { expect, it } from "vitest";
import { Page, settle, tell } from "./page.ts";
import { mixer } from "./sample.ts";

const page = new Page();
const card = () => page.root.querySelector('[aria-label="OBS"]');
const scenes = () => [...page.root.querySelectorAll<HTMLButtonElement>(".scenes button")];
const orders = () => page.asked.filter(({ method }) => method !== "GET").map(({ path, body }) => [path, body]);
const toast = () => document.querySelector(".toast:last-of-type");

it("shows no card where no mixer is configured", async () => {
  await tell();
  expect(card()).toBeNull();
});

it("shows the scene on air and puts another one there", async () => {
  await tell({ mixer: mixer() });
  expect(card()?.textContent).toContain("On air");
  expect(card()?.textContent).toContain("streaming");
  expect(scenes().map((one) => [one.textContent?.trim(), one.ariaPressed])).toEqual([
    ["Starting", "false"],
    ["Live", "true"],
    ["Break", "false"],
    ["Ending", "false"],
  ]);
  scenes()[2]?.click();
  scenes()[2]?.click();
  await settle();
  expect(orders()).toEqual([["/api/mixer/scene", { scene: "Break" }]]);
});

it("says that a person has the mixer, and gives it back", async () => {
  await tell({ mixer: mixer({ scene: "Game", hold: { scene: "Game", by: "mixer", age_s: 65 } }) });
  expect(card()?.textContent).toContain("You have the mixer");
  expect(card()?.textContent).toContain("“Game” was chosen in OBS 1m 5s ago");
  await page.click("Give it back");
  expect(orders()).toEqual([["/api/mixer/release", {}]]);
});

it("says why OBS is away, and takes no order for a scene then", async () => {
  await tell({ mixer: mixer({ connected: false, problem: "the password is wrong" }) });
  expect(card()?.textContent).toContain("not connected");
  expect(card()?.textContent).toContain("the password is wrong");
  expect(card()?.textContent).toContain("Last seen on air");
  expect(scenes().every((one) => one.disabled)).toBe(true);
});

it("shows the state of the show, its trouble, and enters another one", async () => {
  await tell({
    mixer: mixer({ show: "technical", why: "the page stands still", trouble: "there is no scene 'Oops'" }),
  });
  expect(card()?.textContent).toContain("technical trouble");
  expect(card()?.textContent).toContain("the page stands still");
  expect(card()?.textContent).toContain("there is no scene 'Oops'");
  page.root.querySelector<HTMLButtonElement>('[aria-label="State of the show"] button:nth-child(3)')?.click();
  await settle();
  expect(orders()).toEqual([["/api/mixer/state", { state: "break" }]]);
});

it("folds three hundred scenes, but not the one on air and the one that is asked for", async () => {
  const many = Array.from({ length: 300 }, (_, n) => `Scene ${n}`);
  await tell({ mixer: mixer({ scenes: many, scene: "Scene 200", wished: "Scene 250" }) });
  expect(scenes()).toHaveLength(15);
  expect(card()?.textContent).toContain("Scene 200");
  expect(card()?.textContent).toContain("Scene 250");
  await page.click("286 more");
  expect(scenes()).toHaveLength(301);
  await page.click("Show fewer");
  expect(scenes()).toHaveLength(15);
});

it("shows what became of the last cues", async () => {
  await tell({
    mixer: mixer({
      cues: [{ name: "gift", priority: 0, skipped: 12 }],
      last: [
        {
          cue: "gift",
          outcome: "refused",
          detail: "in English",
          remarks: [
            { why: "away", value: "closed", more: "", step: "", near: "" },
            { why: "no_scene", value: "Gmae", more: "", step: "scene", near: "Game" },
          ],
          count: 3,
          age_s: 4,
        },
        { cue: "<b>x</b>", outcome: "done", detail: "", remarks: [], count: 1, age_s: 90 },
      ],
    }),
  });
  const rows = [...page.root.querySelectorAll(".last li")].map((row) => row.textContent?.replace(/\s+/gu, " ").trim());
  expect(rows[0]).toContain("not done ×3");
  expect(rows[0]).toContain("OBS is away: closed; scene: there is no scene “Gmae” in OBS; did you mean “Game”?");
  expect(rows[1]).toContain("<b>x</b>");
  expect(page.text).toContain("rested 12 times");
});

it("runs a cue, tells why it was not done, and rehearses one", async () => {
  await tell({ mixer: mixer({ cues: [{ name: "party", priority: 0, skipped: 0 }] }) });
  await page.click("Run the cue party");
  expect(toast()?.textContent).toContain("The cue party was carried out");
  page.answer = () => ({ status: 409, body: { detail: "the cue was not done: OBS is away" } });
  await page.click("Run the cue party");
  expect(toast()?.textContent).toContain("OBS is away");
  page.answer = () => ({ status: 200, body: { lines: ["puts the scene 'Party' on air", "after 8 s: puts it back"] } });
  await page.click("Tell what the cue party would do");
  expect([...page.root.querySelectorAll(".all ol li")].map((line) => line.textContent)).toEqual([
    "puts the scene 'Party' on air",
    "after 8 s: puts it back",
  ]);
  expect(orders().map(([path]) => path)).toEqual(["/api/cues/run", "/api/cues/run", "/api/cues/rehearse"]);
});

it("shows what the watch found, what lasts with its remedy", async () => {
  const one = {
    name: "half_open",
    level: "error",
    words: "the stream is dark",
    remedy: "restart it",
    tried: 2,
  } as const;
  await tell({
    mixer: mixer({
      findings: [
        { ...one, over: false, age_s: 5 },
        { ...one, name: "disk", words: "the disk fills", over: true, tried: 0, age_s: 90 },
      ],
    }),
  });
  const rows = [...page.root.querySelectorAll('[aria-label="What the watch found"] li')].map((row) => row.textContent);
  expect(rows[0]).toContain("tried 2 times");
  expect(rows[0]).toContain("restart it");
  expect(rows[1]).toContain("over");
  expect(rows[1]).not.toContain("restart it");
});

it("looks at what is on air while it is unfolded", async () => {
  await tell({ mixer: mixer() });
  page.answer = () => ({ status: 200, body: { png: "aGk=" } });
  const fold = [...page.root.querySelectorAll("details")].find((one) => one.textContent?.includes("Picture of what"));
  expect(page.asked.filter(({ path }) => path === "/api/mixer/picture")).toHaveLength(0);
  if (fold) fold.open = true;
  fold?.dispatchEvent(new Event("toggle"));
  await settle();
  expect(fold?.querySelector("img")?.src).toBe("data:image/png;base64,aGk=");
});
