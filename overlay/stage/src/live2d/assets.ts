/** The files of a model, asked of our own host, each with a bound. */
import { isData } from "./curves.ts";

const MOST_JSON = 8 << 20;
const MOST_MOC = 64 << 20;
const MOST_PICTURE = 64 << 20;
/** Longest side of a texture that is drawn; a larger one is made smaller while it is read. */
const MOST_SIDE = 4096;

type Data = Record<string, unknown>;

export class Assets {
  readonly #address: URL;
  readonly #signal: AbortSignal;

  /** Take the address of the `.model3.json`; other files are named from its folder. `signal` ends the loading. */
  constructor(address: string | URL, signal: AbortSignal) {
    this.#address = new URL(address, globalThis.location?.href);
    this.#signal = signal;
  }

  async model(): Promise<Data> {
    const data = await this.#json(this.#address);
    if (!isData(data)) throw new Error("the model3.json holds no model");
    return data;
  }

  /** The content of a JSON file; null when it is missing or broken: a model lives without it. */
  async json(path: string): Promise<unknown> {
    try {
      return await this.#json(this.#of(path));
    } catch {
      return null;
    }
  }

  async bytes(path: string): Promise<ArrayBuffer> {
    return (await this.#get(this.#of(path), MOST_MOC)).arrayBuffer();
  }

  async picture(path: string): Promise<ImageBitmap> {
    const picture = await createImageBitmap(await (await this.#get(this.#of(path), MOST_PICTURE)).blob(), {
      premultiplyAlpha: "premultiply",
    });
    const side = Math.max(picture.width, picture.height);
    if (side <= MOST_SIDE) return picture;
    const small = await createImageBitmap(picture, {
      premultiplyAlpha: "premultiply",
      resizeWidth: Math.max(1, Math.round((picture.width * MOST_SIDE) / side)),
      resizeHeight: Math.max(1, Math.round((picture.height * MOST_SIDE) / side)),
      resizeQuality: "high",
    });
    picture.close();
    return small;
  }

  /** The address of a file beside the model; whatever the model names, nothing outside its folder is asked for. */
  #of(path: string): URL {
    const folder = new URL(".", this.#address);
    const address = new URL(path.split("/").map(encodeURIComponent).join("/"), folder);
    if (!address.href.startsWith(folder.href)) throw new Error(`a file outside the model's folder: ${path}`);
    address.search = this.#address.search;
    return address;
  }

  async #json(address: URL): Promise<unknown> {
    return JSON.parse((await (await this.#get(address, MOST_JSON)).text()).replace(/^\uFEFF/, ""));
  }

  async #get(address: URL, most: number): Promise<Response> {
    const answer = await fetch(address, { signal: this.#signal });
    const name = decodeURIComponent(address.pathname.split("/").at(-1) ?? "");
    if (!answer.ok) throw new Error(`${name}: the host answers ${answer.status}`);
    if (Number(answer.headers.get("content-length") ?? 0) > most) throw new Error(`${name} is too large`);
    return answer;
  }
}
