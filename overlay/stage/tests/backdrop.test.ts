// @vitest-environment jsdom
import type { Look } from "@haishin/common/protocol";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Backdrop, isPlainTab, withScene } from "../src/backdrop.ts";
import { designOf, LOOKS } from "../src/builtin/looks.ts";
import { LIGHTS, lightOf } from "../src/scenes/light.ts";

test.each([
  ["", false, true],
  ["", true, false],
  ["backdrop=0", false, false],
  ["backdrop=1", true, true],
  ["backdrop=yes", true, false],
])("with ?%s and OBS %s there is a backdrop: %s", (query, obs, backdrop) => {
  expect(isPlainTab(new URLSearchParams(query), obs)).toBe(backdrop);
});

const plain = { backdrop: "none", hour: "day" } as Look;

describe("withScene", () => {
  test.each([
    ["", "none", "day"],
    ["backdrop=seaside", "seaside", "day"],
    ["backdrop=seaside-night", "seaside", "night"],
    ["backdrop=cabin-whenever", "cabin", "day"],
    ["backdrop=1", "none", "day"],
    ["backdrop=constructor", "none", "day"],
    ["backdrop=__proto__-night", "none", "day"],
  ])("?%s asks for %s by %s", (query, backdrop, hour) => {
    expect(withScene(plain, new URLSearchParams(query))).toMatchObject({ backdrop, hour });
  });

  test("?backdrop=0 takes away the scene of the look", () => {
    const look = { ...plain, backdrop: "city" } as Look;
    expect(withScene(look, new URLSearchParams("backdrop=0")).backdrop).toBe("none");
    expect(withScene(look, new URLSearchParams()).backdrop).toBe("city");
  });
});

describe("light", () => {
  test("each scene colours edges and cloth, by day otherwise than by night", () => {
    const bare = designOf(LOOKS.mira ?? {}).dyes;
    for (const backdrop of Object.keys(LIGHTS)) {
      const [day, night] = ["day", "night"].map((hour) => designOf({ ...LOOKS.mira, backdrop, hour }).dyes);
      expect(day?.scene).not.toEqual(bare.scene);
      expect(day?.scene).not.toEqual(night?.scene);
      expect(night?.shirt).not.toEqual(bare.shirt);
    }
  });

  test("nobody's scene throws none", () => {
    for (const name of ["none", "constructor", "toString", 7, null, undefined]) expect(lightOf(name, "day")).toBeNull();
  });
});

describe("Backdrop", () => {
  afterEach(() => vi.resetModules());

  function canvas(width = 640, height = 360): HTMLCanvasElement {
    const one = document.createElement("canvas");
    Object.defineProperty(one, "clientWidth", { value: width });
    Object.defineProperty(one, "clientHeight", { value: height });
    return one;
  }

  test("draws a scene once for a size, and is nothing without one", async () => {
    const drawScene = vi.fn();
    vi.doMock("../src/scenes/index.ts", () => ({ drawScene }));
    const where = canvas();
    const backdrop = new Backdrop(where);
    expect(where.hidden).toBe(true);
    backdrop.show({ backdrop: "cafe", hour: "night" });
    await vi.waitFor(() => expect(drawScene).toHaveBeenCalledOnce());
    expect([where.hidden, where.width, where.height]).toEqual([false, 640, 360]);
    await backdrop.fit();
    backdrop.show({ backdrop: "cafe", hour: "night" });
    await backdrop.fit();
    expect(drawScene).toHaveBeenCalledOnce();
    backdrop.show({ backdrop: "cafe", hour: "day" });
    await vi.waitFor(() => expect(drawScene).toHaveBeenCalledTimes(2));
    backdrop.show(plain);
    expect(where.hidden).toBe(true);
    expect(where.width).toBe(1);
  });
});
