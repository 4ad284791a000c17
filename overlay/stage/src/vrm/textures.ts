/**
 * The pictures of a model: decoded by the browser straight from the file, and never larger than the stage needs. An
 * 8K texture would take 256 MB of the graphics card, for a figure that is a thousand pixels high.
 */
import {
  ClampToEdgeWrapping,
  LinearFilter,
  LinearMipmapLinearFilter,
  LinearMipmapNearestFilter,
  MirroredRepeatWrapping,
  NearestFilter,
  NearestMipmapLinearFilter,
  NearestMipmapNearestFilter,
  RepeatWrapping,
  Texture,
} from "three";
import type { GLTFLoaderPlugin, GLTFParser } from "three/addons/loaders/GLTFLoader.js";

/** The longer side of a picture on the graphics card, in pixels. */
export const MOST = 2048;
/** A picture that claims more than this is not decoded at all. */
const ABSURD = 16_384;

/** glTF names these by the numbers that OpenGL has for them. */
const WRAPS = { 33071: ClampToEdgeWrapping, 33648: MirroredRepeatWrapping, 10497: RepeatWrapping } as const;
const LARGE = { 9728: NearestFilter, 9729: LinearFilter } as const;
const SMALL = {
  9728: NearestFilter,
  9729: LinearFilter,
  9984: NearestMipmapNearestFilter,
  9985: LinearMipmapNearestFilter,
  9986: NearestMipmapLinearFilter,
  9987: LinearMipmapLinearFilter,
} as const;

interface Size {
  width: number;
  height: number;
}

/** The size of a PNG, JPEG or WebP by its head; null for whatever is none of them. */
export function sizeOf(data: Uint8Array): Size | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  try {
    if (view.getUint32(0) === 0x89504e47) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250) return sizeOfWebp(view);
    if (view.getUint16(0) === 0xffd8) return sizeOfJpeg(view);
  } catch {
    // It ends before its head does.
  }
  return null;
}

function sizeOfJpeg(view: DataView): Size | null {
  for (let at = 2; at < view.byteLength; ) {
    const marker = view.getUint16(at);
    // The frames' heads, but for the tables of Huffman and arithmetic coding that lie among them.
    if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function sizeOfWebp(view: DataView): Size | null {
  const kind = view.getUint32(12);
  if (kind === 0x56503858) {
    const three = (at: number): number => 1 + view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
    return { width: three(24), height: three(27) };
  }
  if (kind === 0x5650384c) {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
  }
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

/** The size at which a picture of this size is kept. Throws for one that is absurd. */
export function fitted({ width, height }: Size): Size {
  if (!(width > 0 && height > 0 && width <= ABSURD && height <= ABSURD)) {
    throw new Error(`a texture of ${width} × ${height} pixels`);
  }
  const share = Math.min(1, MOST / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
}

/** Decode a picture, no larger than it may be. */
async function decode(data: Uint8Array<ArrayBuffer>, type: string): Promise<ImageBitmap> {
  const size = sizeOf(data);
  if (!size) throw new Error("a texture that is neither PNG, JPEG nor WebP");
  const { width, height } = fitted(size);
  return createImageBitmap(new Blob([data], { type }), {
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: "high",
    premultiplyAlpha: "none",
    colorSpaceConversion: "none",
  });
}

interface TextureDef {
  source?: number;
  sampler?: number;
  name?: string;
  extensions?: { EXT_texture_webp?: { source?: number } };
}

/** The plugin of the loader that decodes pictures so. Of a picture that cannot be read, the model stays white. */
export class BudgetTextures implements GLTFLoaderPlugin {
  readonly name = "HAISHIN_texture_budget";
  readonly #parser: GLTFParser;
  /** One picture is decoded after another: a whole 8K one takes 256 MB while it is made smaller. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parser: GLTFParser) {
    this.#parser = parser;
  }

  loadTexture(index: number): Promise<Texture> {
    return this.#load(index);
  }

  async #load(index: number): Promise<Texture> {
    const { json } = this.#parser;
    const def: TextureDef = json.textures?.[index] ?? {};
    const source = json.images?.[def.extensions?.EXT_texture_webp?.source ?? def.source ?? -1];
    if (source?.bufferView === undefined) throw new Error("a texture that is not in the file itself");
    const data: ArrayBuffer = await this.#parser.getDependency("bufferView", source.bufferView);
    const decoded = this.#turn.then(() => decode(new Uint8Array(data), source.mimeType));
    this.#turn = decoded.catch(() => undefined);
    const texture = new Texture(await decoded);
    const sampler = json.samplers?.[def.sampler ?? -1] ?? {};
    texture.flipY = false;
    texture.name = def.name ?? source.name ?? "";
    texture.magFilter = LARGE[sampler.magFilter as keyof typeof LARGE] ?? LinearFilter;
    texture.minFilter = SMALL[sampler.minFilter as keyof typeof SMALL] ?? LinearMipmapLinearFilter;
    texture.wrapS = WRAPS[sampler.wrapS as keyof typeof WRAPS] ?? RepeatWrapping;
    texture.wrapT = WRAPS[sampler.wrapT as keyof typeof WRAPS] ?? RepeatWrapping;
    texture.needsUpdate = true;
    this.#parser.associations.set(texture, { textures: index });
    return texture;
  }
}
