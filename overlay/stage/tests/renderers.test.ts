// @vitest-environment jsdom
import type { StageModel } from "@haishin/common/protocol";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Renderer } from "../src/renderer.ts";
import { Figure, type ModelRenderer, type Open, type Openers, type Told } from "../src/renderers.ts";

const MEI: StageModel = { kind: "vrm", name: "mei", url: "/stage/models/mei/a.vrm", credit: "Mei © Aki", mapping: {} };

function renderer(): Renderer {
  let state: Renderer["state"] = "idle";
  return {
    setLook: vi.fn(),
    setEmotion: vi.fn(),
    gesture: vi.fn(),
    setState: vi.fn((next) => {
      state = next;
    }),
    get state() {
      return state;
    },
    setMouth: vi.fn(),
    notice: vi.fn(),
    draw: vi.fn(),
    parameters: () => ({}),
  };
}

const model = (): ModelRenderer => Object.assign(renderer(), { dispose: vi.fn(), remap: vi.fn() });

interface Stage {
  own: Renderer;
  figure: Figure;
  told: Told[];
  made: ModelRenderer[];
  fail: (why: string) => void;
}

function stage(open?: Open): Stage {
  document.body.innerHTML = '<canvas id="avatar" data-own></canvas>';
  const canvas = document.querySelector("canvas");
  if (!canvas) throw new Error("no canvas");
  const own = renderer();
  const told: Told[] = [];
  const made: ModelRenderer[] = [];
  const out = { own, told, made, fail: (_: string) => {} } as Stage;
  const opened: Open =
    open ??
    (async (_canvas, _model, failed) => {
      out.fail = failed;
      const one = model();
      made.push(one);
      return one;
    });
  const openers: Openers = { vrm: async () => ({ open: opened }) };
  out.figure = new Figure(canvas, own, (one) => void told.push(one), openers);
  return out;
}

const settle = () => vi.waitFor(() => Promise.resolve());
const ownIsShown = () => document.querySelector("#avatar")?.hasAttribute("data-own");

describe("the figure on the stage", () => {
  beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => {}));

  it.each([
    [1280, 720, 1, 749, "contain"],
    [1281, 720, 1.5, 1124, "contain"],
    [720, 1280, 1, 720, ""],
    [748, 720, 1, 748, ""],
  ])("draws the middle of a page of %i×%i where the rest stays empty", (width, height, ratio, drawn, fit) => {
    document.body.innerHTML = "<canvas></canvas>";
    const canvas = document.querySelector("canvas");
    if (!canvas) throw new Error("no canvas");
    vi.spyOn(canvas, "clientWidth", "get").mockReturnValue(width);
    vi.spyOn(canvas, "clientHeight", "get").mockReturnValue(height);
    const figure = new Figure(canvas, { ...renderer(), widest: 650 / 625 }, () => {});
    figure.fit(ratio);
    // What is left out is as wide on the left as on the right.
    expect((Math.round(width * ratio) - canvas.width) % 2).toBe(0);
    expect(Math.abs(canvas.width - drawn)).toBeLessThanOrEqual(2);
    expect(canvas.height).toBe(height * ratio);
    expect(canvas.style.objectFit).toBe(fit);
  });

  it("is ours until the streamer's model is there, and again when it is taken off", async () => {
    const { figure, own, told, made } = stage();
    figure.setEmotion("joy");
    figure.setState("speaking");
    figure.wear(MEI);
    figure.draw(1);
    expect(own.draw).toHaveBeenCalledTimes(1);
    await vi.waitFor(() => expect(told).toEqual([{ name: "mei", state: "shown", detail: "" }]));
    expect(made[0]?.setEmotion).toHaveBeenCalledWith("joy");
    expect(made[0]?.setState).toHaveBeenCalledWith("speaking");
    expect(ownIsShown()).toBe(false);
    expect(document.querySelectorAll("canvas").length).toBe(1);
    expect(document.querySelector("#credit")?.textContent).toBe("Mei © Aki");
    figure.draw(2);
    figure.setMouth(0.5, 0, "aa");
    expect(own.draw).toHaveBeenCalledTimes(1);
    expect(made[0]?.setMouth).toHaveBeenCalledWith(0.5, 0, "aa");
    figure.wear(null);
    expect(made[0]?.dispose).toHaveBeenCalled();
    expect(ownIsShown()).toBe(true);
    expect(document.querySelector("#credit")).toBeNull();
  });

  it("is not loaded again by settings that say the same, and takes over a new mapping", async () => {
    const { figure, made, told } = stage();
    figure.wear(MEI);
    figure.wear({ ...MEI });
    await vi.waitFor(() => expect(told.length).toBe(1));
    figure.wear({ ...MEI });
    figure.wear({ ...MEI, mapping: { emotions: { joy: "fun" } } });
    await settle();
    expect(made.length).toBe(1);
    expect(made[0]?.remap).toHaveBeenCalledWith({ emotions: { joy: "fun" } });
  });

  it("stays ours, and says why, when the model does not load", async () => {
    const { figure, told, own } = stage(async () => {
      throw new Error("Invalid typed array length: 12");
    });
    figure.wear(MEI);
    await vi.waitFor(() =>
      expect(told).toEqual([{ name: "mei", state: "failed", detail: "Invalid typed array length: 12" }]),
    );
    figure.draw(1);
    expect(own.draw).toHaveBeenCalled();
    // The host was started anew and asks again.
    figure.wear(MEI);
    await vi.waitFor(() => expect(told.length).toBe(2));
  });

  it("says that it draws no models of a kind", async () => {
    const { figure, told } = stage();
    figure.wear({ ...MEI, kind: "live2d" });
    await vi.waitFor(() =>
      expect(told[0]).toMatchObject({ state: "failed", detail: expect.stringContaining("live2d") }),
    );
  });

  it("falls back when drawing throws", async () => {
    const { figure, told, made, own } = stage();
    figure.wear(MEI);
    await vi.waitFor(() => expect(told.length).toBe(1));
    vi.mocked(made[0]?.draw ?? vi.fn()).mockImplementation(() => {
      throw new Error("bones");
    });
    figure.draw(1);
    expect(own.draw).toHaveBeenCalledTimes(1);
    expect(told[1]).toMatchObject({ state: "failed", detail: expect.stringContaining("bones") });
    expect(ownIsShown()).toBe(true);
  });

  it("is ours while the graphics context is gone, and comes back", async () => {
    vi.useFakeTimers();
    try {
      const { figure, told, made } = stage();
      figure.wear(MEI);
      await vi.advanceTimersByTimeAsync(10);
      document.querySelector("#avatar")?.dispatchEvent(new Event("webglcontextlost", { cancelable: true }));
      expect(ownIsShown()).toBe(true);
      expect(told[1]).toMatchObject({ state: "failed" });
      expect(made[0]?.dispose).toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(2_010);
      expect(told[2]).toMatchObject({ state: "shown" });
      expect(ownIsShown()).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it("stops trying a model that is lost again and again", async () => {
    vi.useFakeTimers();
    try {
      const out = stage();
      out.figure.wear(MEI);
      for (let n = 0; n < 6; n++) {
        await vi.advanceTimersByTimeAsync(90_000);
        if (out.figure.worn) out.fail("lost");
      }
      expect(out.made.length).toBe(4);
      expect(ownIsShown()).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it("drops a model that was exchanged while it loaded", async () => {
    const waiting: ((made: ModelRenderer) => void)[] = [];
    const { figure, told } = stage(() => new Promise((done) => void waiting.push(done)));
    figure.wear(MEI);
    await vi.waitFor(() => expect(waiting.length).toBe(1));
    figure.wear(null);
    const late = model();
    waiting[0]?.(late);
    await vi.waitFor(() => expect(late.dispose).toHaveBeenCalled());
    expect(ownIsShown()).toBe(true);
    expect(told).toEqual([]);
  });

  it("is nobody's while another program draws it", async () => {
    const { figure, own } = stage();
    figure.wear({ ...MEI, kind: "none" });
    figure.draw(1);
    expect(own.draw).not.toHaveBeenCalled();
    expect(document.querySelector<HTMLCanvasElement>("#avatar")?.hidden).toBe(true);
    figure.wear(null);
    figure.draw(2);
    expect(own.draw).toHaveBeenCalled();
  });
});
