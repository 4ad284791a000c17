/**
 * What we ask of Live2D's Cubism Core, which the streamer installs: none of it is here. It makes moving shapes of a
 * `.moc3` file; all that draws, moves and swings them is our own.
 */

export interface CoreParameters {
  readonly count: number;
  readonly ids: readonly string[];
  readonly minimumValues: ArrayLike<number>;
  readonly maximumValues: ArrayLike<number>;
  readonly defaultValues: ArrayLike<number>;
  readonly values: Float32Array;
}

export interface CoreParts {
  readonly count: number;
  readonly ids: readonly string[];
  readonly opacities: Float32Array;
}

/** The shapes; `constantFlags` and `dynamicFlags` hold bits as `Shape` and `VISIBLE` name them. */
export interface CoreDrawables {
  readonly count: number;
  readonly ids: readonly string[];
  readonly constantFlags: ArrayLike<number>;
  readonly dynamicFlags: ArrayLike<number>;
  readonly textureIndices: ArrayLike<number>;
  /** Newer Cores tell the order by `CoreModel.getRenderOrders`. */
  readonly renderOrders?: ArrayLike<number>;
  readonly opacities: ArrayLike<number>;
  readonly maskCounts: ArrayLike<number>;
  readonly masks: readonly ArrayLike<number>[];
  readonly vertexPositions: readonly Float32Array[];
  readonly vertexUvs: readonly Float32Array[];
  readonly indices: readonly Uint16Array[];
  /** Four numbers a shape; Cores before 4.2 have none. */
  readonly multiplyColors?: ArrayLike<number>;
  readonly screenColors?: ArrayLike<number>;
  resetDynamicFlags(): void;
}

export interface CoreModel {
  readonly parameters: CoreParameters;
  readonly parts: CoreParts;
  readonly drawables: CoreDrawables;
  readonly canvasinfo: {
    readonly CanvasWidth: number;
    readonly CanvasHeight: number;
    readonly CanvasOriginX: number;
    readonly CanvasOriginY: number;
    readonly PixelsPerUnit: number;
  };
  getRenderOrders?(): ArrayLike<number>;
  update(): void;
  release(): void;
}

interface CoreMoc {
  _release(): void;
}

export interface Core {
  readonly Version: { csmGetVersion(): number };
  readonly Moc: {
    fromArrayBuffer(bytes: ArrayBuffer): CoreMoc | null;
    prototype?: { hasMocConsistency?(bytes: ArrayBuffer): number };
  };
  readonly Model: { fromMoc(moc: CoreMoc): CoreModel | null };
}

/** Bits of `constantFlags`. */
export const Shape = { ADDITIVE: 1, MULTIPLY: 2, DOUBLE_SIDED: 4, INVERTED_MASK: 8 } as const;
/** A bit of `dynamicFlags`. */
export const VISIBLE = 1;

/** Longest wait for the Core to be loaded and ready, in ms. */
const READY_MS = 15_000;
const LOOK_MS = 30;

declare global {
  var Live2DCubismCore: Core | undefined;
}

/** Return a Core's version as people write it, such as "4.2.2". */
export function coreVersion(core: Core): string {
  const version = core.Version.csmGetVersion();
  return [version >>> 24, (version >>> 16) & 0xff, version & 0xffff].join(".");
}

/** Load the Core from an address of our own host. Raises when it does not come or does not answer. */
export async function loadCore(url: string): Promise<Core> {
  if (!globalThis.Live2DCubismCore) {
    await new Promise<void>((loaded, failed) => {
      const script = document.createElement("script");
      script.src = url;
      script.onload = () => loaded();
      script.onerror = () => failed(new Error("Live2D's Core is not installed: haishin live2d install"));
      document.head.append(script);
    });
  }
  const end = performance.now() + READY_MS;
  // It unpacks itself for a moment after its script has run.
  while (performance.now() < end) {
    try {
      const core = globalThis.Live2DCubismCore;
      if (core && core.Version.csmGetVersion() > 0) return core;
    } catch {
      // not ready yet
    }
    await new Promise((next) => setTimeout(next, LOOK_MS));
  }
  throw new Error("Live2D's Core does not start");
}

/** Make a model of the bytes of a `.moc3` file. Raises with a reason that a person can act on. */
export function reviveModel(core: Core, bytes: ArrayBuffer): CoreModel {
  const consistent = core.Moc.prototype?.hasMocConsistency;
  if (consistent && consistent.call(core.Moc.prototype, bytes) !== 1)
    throw new Error("the model's moc3 file is broken");
  const moc = core.Moc.fromArrayBuffer(bytes);
  if (!moc) throw new Error(`this moc3 is newer than the installed Core ${coreVersion(core)}, or broken`);
  const model = core.Model.fromMoc(moc);
  if (!model) {
    moc._release();
    throw new Error("the Core makes no model of this moc3 file");
  }
  return model;
}
