/** A Core of our own with the interface of Live2D's, and a model of a few squares: nothing in it is Live2D's. */
import type { Core, CoreModel } from "../src/live2d/core.ts";

interface Square {
  /** Middle and half the side. */
  readonly at: readonly [number, number];
  readonly half: number;
  readonly flags?: number;
  readonly masks?: readonly number[];
  /** Parameters that move it: name, and how far by x and y at 1. */
  readonly moved?: Readonly<Record<string, readonly [number, number]>>;
}

export const PARAMETERS: Readonly<Record<string, readonly [number, number, number]>> = {
  ParamAngleX: [-30, 0, 30],
  ParamEyeLOpen: [0, 1, 1],
  ParamEyeROpen: [0, 1, 1],
  ParamMouthOpenY: [0, 0, 1],
  ParamMouthForm: [-1, 0, 1],
  ParamCheek: [0, 0, 1],
  ParamHair: [-1, 0, 1],
  ParamA: [0, 0, 1],
  ParamI: [0, 0, 1],
  ParamU: [0, 0, 1],
  ParamE: [0, 0, 1],
  ParamO: [0, 0, 1],
};

/** A body, a face, two eyes (masked by the face) and a mouth. */
export const SQUARES: readonly Square[] = [
  { at: [0, -0.6], half: 0.4 },
  { at: [0, 0.2], half: 0.2, moved: { ParamAngleX: [0.001, 0] } },
  { at: [-0.08, 0.25], half: 0.04, masks: [1], moved: { ParamEyeROpen: [0, 0.02] } },
  { at: [0.08, 0.25], half: 0.04, masks: [1], flags: 8, moved: { ParamEyeLOpen: [0, 0.02] } },
  { at: [0, 0.1], half: 0.03, flags: 1, moved: { ParamMouthOpenY: [0, -0.02], ParamA: [0, -0.02] } },
];

export interface FakeModel extends CoreModel {
  value(name: string): number;
  updates: number;
  released: boolean;
}

export function fakeModel(squares: readonly Square[] = SQUARES): FakeModel {
  const ids = Object.keys(PARAMETERS);
  const column = (n: 0 | 1 | 2): Float32Array => Float32Array.from(ids, (id) => PARAMETERS[id]?.[n] ?? 0);
  const values = column(1);
  const positions = squares.map(() => new Float32Array(8));
  const model: FakeModel = {
    parameters: {
      count: ids.length,
      ids,
      minimumValues: column(0),
      defaultValues: column(1),
      maximumValues: column(2),
      values,
    },
    parts: { count: 2, ids: ["PartArmA", "PartArmB"], opacities: Float32Array.of(1, 1) },
    drawables: {
      count: squares.length,
      ids: squares.map((_, n) => `Square${n}`),
      constantFlags: squares.map((one) => one.flags ?? 0),
      dynamicFlags: squares.map(() => 1),
      textureIndices: squares.map(() => 0),
      renderOrders: squares.map((_, n) => n),
      opacities: squares.map(() => 1),
      maskCounts: squares.map((one) => one.masks?.length ?? 0),
      masks: squares.map((one) => [...(one.masks ?? [])]),
      vertexPositions: positions,
      vertexUvs: squares.map(() => Float32Array.of(0, 0, 1, 0, 1, 1, 0, 1)),
      indices: squares.map(() => Uint16Array.of(0, 1, 2, 0, 2, 3)),
      resetDynamicFlags: () => {},
    },
    canvasinfo: { CanvasWidth: 2, CanvasHeight: 2, CanvasOriginX: 1, CanvasOriginY: 1, PixelsPerUnit: 1 },
    value: (name) => values[ids.indexOf(name)] ?? Number.NaN,
    updates: 0,
    released: false,
    update: () => {
      model.updates++;
      squares.forEach(({ at, half, moved }, n) => {
        let [x, y] = at;
        for (const [name, [dx, dy]] of Object.entries(moved ?? {})) {
          const off = model.value(name) - (PARAMETERS[name]?.[1] ?? 0);
          x += dx * off;
          y += dy * off;
        }
        positions[n]?.set([x - half, y - half, x + half, y - half, x + half, y + half, x - half, y + half]);
      });
    },
    release: () => {
      model.released = true;
    },
  };
  model.update();
  return model;
}

/** A Core that makes `model` of any bytes that begin with MOC3 and have a version it knows. */
export function fakeCore(model: CoreModel, newest = 3): Core {
  const good = (bytes: ArrayBuffer): boolean => new TextDecoder().decode(bytes.slice(0, 4)) === "MOC3";
  return {
    Version: { csmGetVersion: () => 0x04020002 },
    Moc: {
      fromArrayBuffer: (bytes) => ((new Uint8Array(bytes)[4] ?? 0) <= newest ? { _release: () => {} } : null),
      prototype: { hasMocConsistency: (bytes) => (good(bytes) ? 1 : 0) },
    },
    Model: { fromMoc: () => model },
  };
}

/** A WebGL 2 that draws nothing and keeps its calls. */
export function fakeGl(): { gl: WebGL2RenderingContext; calls: [string, unknown[]][]; of(name: string): unknown[][] } {
  const calls: [string, unknown[]][] = [];
  const fixed: Record<string, unknown> = { drawingBufferWidth: 1280, drawingBufferHeight: 720 };
  const gl = new Proxy({} as WebGL2RenderingContext, {
    get: (_, key) => {
      const name = String(key);
      if (name in fixed) return fixed[name];
      if (/^[A-Z0-9_]+$/.test(name)) return name;
      return (...args: unknown[]) => {
        calls.push([name, args]);
        if (name === "isContextLost") return false;
        if (name === "getUniformLocation") return args[1];
        return name.startsWith("create") || name.startsWith("get") ? { name } : undefined;
      };
    },
  });
  return { gl, calls, of: (name) => calls.filter(([call]) => call === name).map(([, args]) => args) };
}
