import { afterEach, describe, expect, test, vi } from "vitest";
import { rest } from "../src/avatar/pose.ts";
import { Assets } from "../src/live2d/assets.ts";
import { coreVersion, reviveModel } from "../src/live2d/core.ts";
import { changed, readExpression, readMotion, valueAt } from "../src/live2d/curves.ts";
import { Figure, loadMoves, type Moves } from "../src/live2d/figure.ts";
import { frame, measure } from "../src/live2d/framing.ts";
import { show } from "../src/live2d/index.ts";
import { Driver, readMapping } from "../src/live2d/mapping.ts";
import { Painter } from "../src/live2d/painter.ts";
import { Physics } from "../src/live2d/physics.ts";
import { fakeCore, fakeGl, fakeModel, PARAMETERS, SQUARES } from "./fake-core.ts";

const NO_MOVES: Moves = { motions: new Map(), expressions: new Map(), physics: null, groups: [] };
const index = (name: string): number => Object.keys(PARAMETERS).indexOf(name);

function motion(segments: number[], meta: object = {}, id = "ParamAngleX"): NonNullable<ReturnType<typeof readMotion>> {
  const read = readMotion({
    Meta: { Duration: 2, FadeInTime: 0, FadeOutTime: 0, ...meta },
    Curves: [{ Target: "Parameter", Id: id, Segments: segments }],
  });
  if (!read) throw new Error("no motion");
  return read;
}

describe("curves", () => {
  test.each([
    ["linear", [0, 0, 0, 2, 10], 1, 5],
    ["stepped", [0, 1, 2, 2, 9], 1.9, 1],
    ["inverse stepped", [0, 1, 3, 2, 9], 0.1, 9],
    ["a Bézier of thirds is a line", [0, 0, 1, 2 / 3, 2, 4 / 3, 4, 2, 6], 1, 3],
    ["an S", [0, 0, 1, 1, 0, 1, 10, 2, 10], 1, 5],
    ["before its begin", [0, 4, 0, 2, 6], -1, 4],
    ["after its end", [0, 4, 0, 2, 6], 9, 6],
    ["the second stretch", [0, 0, 0, 1, 1, 0, 2, 5], 1.5, 3],
    ["cut off in the middle", [0, 7, 1, 0.5], 1, 7],
    ["nothing", [], 1, 0],
  ])("%s", (_, segments, at, value) => {
    const [curve] = motion(segments).curves;
    expect(curve && valueAt(curve, at)).toBeCloseTo(value, 2);
  });

  test("what is none is none, and numbers that are none become what was before", () => {
    for (const wrong of [null, 3, [], {}, { Meta: 1 }, "x"]) expect(readMotion(wrong)).toBeNull();
    expect(
      readMotion({ Meta: {}, Curves: [{ Target: "Parameter", Segments: new Array(500_000).fill(0) }] }),
    ).toBeNull();
    const [curve] = motion([0, 1, 0, Number.NaN, Number.POSITIVE_INFINITY]).curves;
    expect(curve && valueAt(curve, 5)).toBe(1);
    expect(readExpression([])).toBeNull();
    expect(readExpression({ Parameters: 3 })?.changes).toEqual([]);
  });

  test("expressions add, multiply and overwrite by their share", () => {
    expect(changed(0.2, { value: 0.5, blend: "Add" }, 0.5)).toBeCloseTo(0.45);
    expect(changed(0.8, { value: 0, blend: "Multiply" }, 1)).toBe(0);
    expect(changed(0.8, { value: 0.2, blend: "Overwrite" }, 0.5)).toBeCloseTo(0.5);
  });
});

describe("what swings", () => {
  const hair = {
    PhysicsSettings: [
      {
        Input: [{ Source: { Id: "ParamAngleX" }, Weight: 100, Type: "X" }],
        Output: [{ Destination: { Id: "ParamHair" }, VertexIndex: 1, Scale: 1, Weight: 100, Type: "Angle" }],
        Vertices: [
          { Mobility: 1, Delay: 1, Acceleration: 1, Radius: 0 },
          { Mobility: 0.9, Delay: 0.8, Acceleration: 1.2, Radius: 10 },
        ],
        Normalization: {
          Position: { Minimum: -10, Default: 0, Maximum: 10 },
          Angle: { Minimum: -10, Default: 0, Maximum: 10 },
        },
      },
    ],
  };

  function swung(fps: number): number[] {
    const model = fakeModel();
    const physics = new Physics(hair, Array.from(model.parameters.ids));
    const seen: number[] = [];
    for (let n = 0; n < 4 * fps; n++) {
      model.parameters.values[index("ParamAngleX")] = n >= fps ? 30 : 0;
      physics.step(model.parameters, 1 / fps);
      seen.push(model.value("ParamHair"));
    }
    return seen;
  }

  test("hair is left behind, swings over, and hangs still again", () => {
    const seen = swung(60);
    expect(Math.abs(seen[59] ?? 1)).toBeLessThan(0.001);
    const after = seen.slice(60, 150);
    const [least, most] = [Math.min(...after), Math.max(...after)];
    expect(most - least).toBeGreaterThan(0.3);
    expect(Math.min(Math.abs(least), Math.abs(most))).toBeGreaterThan(0.02); // both ways
    expect(Math.abs(seen.at(-1) ?? 1)).toBeLessThan(0.03);
  });

  test.each([20, 30, 144])("as at 60 frames a second, so at %i", (fps) => {
    const [fast, slow] = [swung(60), swung(fps)];
    for (const at of [1.25, 1.5, 2, 3]) {
      expect(Math.abs((fast[Math.round(at * 60)] ?? 9) - (slow[Math.round(at * fps)] ?? 0))).toBeLessThan(0.15);
    }
  });

  test("absurd files stay within the parameter's range and hold nothing", () => {
    const absurd = structuredClone(hair);
    const [setting] = absurd.PhysicsSettings;
    if (!setting?.Vertices[1] || !setting.Output[0]) throw new Error("no setting");
    Object.assign(setting.Vertices[1], { Delay: 1e300, Acceleration: -1e300, Radius: Number.NaN, Mobility: 1e9 });
    setting.Output[0].Scale = 1e300;
    const model = fakeModel();
    const physics = new Physics(absurd, Array.from(model.parameters.ids));
    for (let n = 0; n < 100; n++) physics.step(model.parameters, 10);
    expect(Math.abs(model.value("ParamHair"))).toBeLessThanOrEqual(1);
    for (const wrong of [
      null,
      3,
      {},
      { PhysicsSettings: 3 },
      { PhysicsSettings: [null, {}, { Input: [{}], Output: [{}] }] },
    ]) {
      expect(new Physics(wrong, ["a"]).strands).toBe(0);
    }
  });
});

describe("the mapping", () => {
  test("without one the usual names are driven; both ends of the ranges meet", () => {
    const model = fakeModel();
    const driver = new Driver(readMapping({}), model.parameters);
    driver.apply({ ...rest(), ParamAngleX: 15, ParamMouthOpenY: 0.5, ParamEyeLOpen: 0.5, ParamMouthForm: -1 });
    expect(model.value("ParamAngleX")).toBeCloseTo(15);
    expect(model.value("ParamMouthOpenY")).toBeCloseTo(0.5);
    expect(model.value("ParamEyeLOpen")).toBeCloseTo(0.5);
    expect(model.value("ParamMouthForm")).toBeCloseTo(-1);
    expect(model.value("ParamCheek")).toBe(0);
  });

  test("other names, several, turned round, and none", () => {
    const model = fakeModel();
    const parameters = { ParamMouthOpenY: "ParamA ParamO", ParamAngleX: "-ParamAngleX", ParamMouthForm: "-" };
    const driver = new Driver(readMapping({ parameters }), model.parameters);
    driver.apply({ ...rest(), ParamAngleX: 30, ParamMouthOpenY: 1, ParamMouthForm: 1 });
    expect(["ParamA", "ParamO", "ParamAngleX", "ParamMouthForm", "ParamMouthOpenY"].map((n) => model.value(n))).toEqual(
      [1, 1, -30, 0, 0],
    );
  });

  test("five vowels share the opening by the width of the mouth", () => {
    const vowels = { A: "ParamA", I: "ParamI", U: "ParamU", E: "ParamE", O: "ParamO" };
    const model = fakeModel();
    const driver = new Driver(readMapping({ parameters: { ParamMouthOpenY: "-" }, vowels }), model.parameters);
    const shape = (wide: number): string => {
      driver.apply({ ...rest(), ParamMouthOpenY: 1, ParamMouthWide: wide });
      const all = ["ParamA", "ParamI", "ParamU", "ParamE", "ParamO"].map((n) => model.value(n));
      expect(all.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 1);
      return "AIUEO"[all.indexOf(Math.max(...all))] ?? "";
    };
    expect([0.1, 1, -1, 0.6, -0.6].map(shape).join("")).toBe("AIUEO");
    driver.apply({ ...rest(), ParamMouthOpenY: 0 });
    expect(model.value("ParamI")).toBe(0);
  });

  test("whatever the host sends is read", () => {
    for (const wrong of [null, 3, [], { parameters: 3, view: [], emotions: { joy: 4 }, vowels: { A: "a" } }]) {
      const read = readMapping(wrong);
      expect([read.view.zoom, read.idle, read.vowels, read.emotions]).toEqual([1, "", [], {}]);
    }
    expect(readMapping({ view: { zoom: "1e9", x: "-0.1", y: "cat" } }).view).toEqual({ zoom: 10, x: -0.1, y: 0 });
  });
});

describe("the framing", () => {
  test("eyes and mouth are found by moving them, and the head stands where heads stand", () => {
    const model = fakeModel();
    const body = measure(model, [index("ParamEyeLOpen"), index("ParamEyeROpen")], [index("ParamMouthOpenY")]);
    expect([body.headX, body.eyesY, body.bottom, body.top].map((one) => Math.round(one * 100) / 100)).toEqual([
      0, 0.25, -1, 0.4,
    ]);
    expect(model.value("ParamEyeLOpen")).toBe(1); // it is at rest again
    const view = frame(body, 1280, 720, { zoom: 1, x: 0, y: 0 });
    const eyes = 0.5 - (body.eyesY * view.sy + view.ty) / 2;
    expect(eyes).toBeGreaterThan(0.2);
    expect(eyes).toBeLessThan(0.45);
    expect(view.sx * 1280).toBeCloseTo(view.sy * 720); // nothing is stretched
    const floor = body.bottom * view.sy + view.ty;
    expect(floor).toBeLessThanOrEqual(-0.999); // nobody floats
  });

  test("a tall picture shows the whole head, and a model without a face is shown all the same", () => {
    const body = measure(fakeModel(), [index("ParamEyeLOpen")], [index("ParamMouthOpenY")]);
    const tall = frame(body, 720, 1280, { zoom: 1, x: 0, y: 0 });
    expect(body.head * tall.sx).toBeLessThanOrEqual(1.01);
    const faceless = measure(fakeModel(), [], []);
    expect(faceless.head).toBeGreaterThan(0);
    const empty = measure(fakeModel([]), [0], [1]);
    expect(Object.values(frame(empty, 0, 0, { zoom: 1, x: 0, y: 0 })).every(Number.isFinite)).toBe(true);
  });
});

describe("the figure", () => {
  const smile = readExpression({
    FadeInTime: 0.2,
    FadeOutTime: 0.2,
    Parameters: [
      { Id: "ParamCheek", Value: 1, Blend: "Add" },
      { Id: "Nobody", Value: 1 },
    ],
  });
  const moves: Moves = {
    ...NO_MOVES,
    motions: new Map([
      ["Idle/0", motion([0, -6, 0, 2, -6])],
      ["Tap/0", motion([0, 20, 0, 1, 20], { Duration: 1 })],
    ]),
    expressions: new Map(smile ? [["smile", smile]] : []),
    groups: [
      {
        seconds: 0.2,
        parts: [
          { part: 0, parameter: -1, linked: [] },
          { part: 1, parameter: -1, linked: [] },
        ],
      },
    ],
  };
  const mapping = readMapping({ emotions: { joy: "smile" }, gestures: { wave: "Tap/0" }, motions: { idle: "Idle" } });

  test("idles, plays a gesture's movement over it, and idles again", () => {
    const model = fakeModel();
    const figure = new Figure(model, mapping, moves, () => 0);
    const after = (seconds: number): number => {
      for (let n = 0; n < seconds * 50; n++) figure.step(rest(), 0.02);
      return model.value("ParamAngleX");
    };
    expect(after(0.5)).toBeCloseTo(-6);
    expect(figure.gesture("nod")).toBe(false);
    expect(figure.gesture("wave")).toBe(true);
    expect(after(0.5)).toBeCloseTo(20);
    expect(after(2)).toBeCloseTo(-6);
    figure.gesture("wave");
    figure.calm();
    expect(after(0.3)).toBeCloseTo(-6);
  });

  test("an expression fades in with its emotion and out with the next", () => {
    const model = fakeModel();
    const figure = new Figure(model, mapping, moves, () => 0);
    expect([figure.expresses("joy"), figure.expresses("sad")]).toEqual([true, false]);
    figure.setEmotion("joy");
    figure.step(rest(), 0.1);
    expect(model.value("ParamCheek")).toBeGreaterThan(0.1);
    expect(model.value("ParamCheek")).toBeLessThan(0.9);
    for (let n = 0; n < 10; n++) figure.step(rest(), 0.1);
    expect(model.value("ParamCheek")).toBe(1);
    figure.setEmotion("sad");
    for (let n = 0; n < 10; n++) figure.step(rest(), 0.1);
    expect(model.value("ParamCheek")).toBe(0);
  });

  test("of a group of parts one is shown", () => {
    const model = fakeModel();
    const figure = new Figure(model, mapping, moves, () => 0);
    for (let n = 0; n < 10; n++) figure.step(rest(), 0.1);
    expect(Array.from(model.parts.opacities)).toEqual([1, 0]);
  });

  test("no value ever leaves its range, whatever a file says", () => {
    const model = fakeModel();
    const wild: Moves = { ...NO_MOVES, motions: new Map([["Idle/0", motion([0, 1e30, 0, 2, -1e30])]]) };
    const figure = new Figure(model, mapping, wild, () => 0);
    for (let n = 0; n < 100; n++) {
      figure.step({ ...rest(), ParamAngleX: Number.NaN }, 0.02);
      expect(Math.abs(model.value("ParamAngleX"))).toBeLessThanOrEqual(30);
    }
  });
});

describe("the painter", () => {
  test("masks are painted first, each shape once in its order, blended as it asks", () => {
    const model = fakeModel();
    const { gl, of, calls } = fakeGl();
    const painter = new Painter(gl, model, [{} as ImageBitmap]);
    calls.length = 0;
    painter.draw({ sx: 1, sy: 1, tx: 0, ty: 0 });
    const drawn = of("drawElements").map(([, , , at]) => Number(at) / 24);
    expect(drawn).toEqual([1, 0, 1, 2, 3, 4]); // the face as a mask, then all
    expect(of("blendFuncSeparate")).toHaveLength(1); // the mouth adds
    expect(of("uniform1f").filter(([name, value]) => name === "inverted" && value === 1)).toHaveLength(1);
    painter.dispose();
    expect(of("deleteTexture")).toHaveLength(2);
  });

  test("what cannot be seen is not drawn, and the order of newer Cores is kept", () => {
    const model = fakeModel();
    Object.assign(model.drawables.dynamicFlags, { 0: 0 });
    Object.assign(model.drawables.opacities, { 1: 0 });
    const newer = { ...model, getRenderOrders: () => [4, 3, 2, 1, 0] };
    const { gl, of, calls } = fakeGl();
    const painter = new Painter(gl, newer, [{} as ImageBitmap]);
    calls.length = 0;
    painter.draw({ sx: 1, sy: 1, tx: 0, ty: 0 });
    expect(of("drawElements").map(([, , , at]) => Number(at) / 24)).toEqual([1, 4, 3, 2]);
  });

  test("sixty masks of their own have tiles that do not touch", () => {
    const squares = Array.from({ length: 60 }, (_, n) => ({ at: [0, 0] as const, half: 0.1, masks: [(n + 1) % 60] }));
    const { gl, of, calls } = fakeGl();
    const painter = new Painter(gl, fakeModel(squares), [{} as ImageBitmap]);
    calls.length = 0;
    painter.draw({ sx: 1, sy: 1, tx: 0, ty: 0 });
    const places = of("scissor").map((at, n) => `${at.join()} ${n % 4}`);
    expect(new Set(places).size).toBe(60);
  });
});

describe("the Core", () => {
  const moc = (version: number): ArrayBuffer => Uint8Array.of(0x4d, 0x4f, 0x43, 0x33, version, 0).buffer;

  test("says its version, and refuses a model that is broken or too new in words", () => {
    const core = fakeCore(fakeModel());
    expect(coreVersion(core)).toBe("4.2.2");
    expect(reviveModel(core, moc(3)).parameters.count).toBeGreaterThan(0);
    expect(() => reviveModel(core, moc(5))).toThrow(/newer than the installed Core 4.2.2/);
    expect(() => reviveModel(core, new ArrayBuffer(8))).toThrow(/broken/);
  });
});

describe("the renderer", () => {
  test("speaks, feels, and takes another mapping while it is shown", () => {
    const model = fakeModel();
    const { gl, of } = fakeGl();
    const shown = show(gl, model, [{} as ImageBitmap], readMapping({}), NO_MOVES, () => 0.5);
    shown.setState("speaking");
    shown.setMouth(1, 0);
    for (let n = 0; n < 20; n++) shown.draw(n * 16);
    expect(model.value("ParamMouthOpenY")).toBeGreaterThan(0.9);
    shown.remap?.({ parameters: { ParamMouthOpenY: "ParamU" } });
    for (let n = 20; n < 24; n++) shown.draw(n * 16);
    expect(model.value("ParamMouthOpenY")).toBe(0);
    expect(model.value("ParamU")).toBeGreaterThan(0.9);
    shown.setState("stopped");
    for (let n = 24; n < 80; n++) shown.draw(n * 16);
    expect(model.value("ParamU")).toBeLessThan(0.05);
    const drawn = of("drawElements").length;
    shown.dispose();
    shown.dispose();
    shown.draw(9_999);
    expect(of("drawElements")).toHaveLength(drawn);
    expect(model.released).toBe(true);
  });
});

describe("the files of a model", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  function served(files: Record<string, unknown>): string[] {
    const asked: string[] = [];
    vi.stubGlobal("fetch", async (address: URL) => {
      asked.push(address.href);
      const found = files[decodeURIComponent(address.pathname)];
      return new Response(typeof found === "string" ? found : JSON.stringify(found), {
        status: found === undefined ? 404 : 200,
      });
    });
    return asked;
  }

  test("are asked for in its folder alone, with the version of the main file", async () => {
    const asked = served({ "/stage/models/mei/a b.json": { x: 1 } });
    const assets = new Assets("http://host/stage/models/mei/model.model3.json?v=1", new AbortController().signal);
    expect(await assets.json("a b.json")).toEqual({ x: 1 });
    expect(asked).toEqual(["http://host/stage/models/mei/a%20b.json?v=1"]);
    for (const path of ["../../../api/state", "/etc/x", "..", "a/../../x.json"]) {
      expect(await assets.json(path)).toBeNull();
    }
    expect(asked).toHaveLength(1);
    await expect(assets.bytes("away.moc3")).rejects.toThrow("away.moc3: the host answers 404");
  });

  test("that are broken or missing are left out", async () => {
    served({
      "/m/good.json": { Meta: { Duration: 1 }, Curves: [] },
      "/m/broken.json": "{",
      "/m/e.json": { Parameters: [] },
    });
    const assets = new Assets("http://host/m/model.model3.json", new AbortController().signal);
    const model3 = {
      FileReferences: {
        Motions: { Idle: [{ File: "good.json" }, { File: "broken.json" }, null], Tap: 3 },
        Expressions: [
          { Name: "joy", File: "e.json" },
          { Name: "away", File: "away.json" },
        ],
        Physics: "broken.json",
      },
    };
    const moves = await loadMoves(assets, model3, fakeModel());
    expect([[...moves.motions.keys()], [...moves.expressions.keys()], moves.physics]).toEqual([
      ["Idle/0"],
      ["joy"],
      null,
    ]);
    expect(SQUARES).toHaveLength(5);
  });
});
