/**
 * What is behind the avatar: nothing in OBS, some colour in a plain tab, or a drawn scene. OBS puts `obsstudio` into its
 * pages; `?backdrop=0` and `?backdrop=1` decide for programs that do not say who they are, `?backdrop=seaside` or
 * `?backdrop=seaside-night` asks for a scene before what the look says.
 */
import type { Look } from "@haishin/common/protocol";
import { type Hour, LIGHTS, type SceneName } from "./scenes/light.ts";

/** Whether the page is looked at in a plain tab and needs something behind the avatar. */
export function isPlainTab(query: URLSearchParams, inObs: boolean): boolean {
  const wanted = query.get("backdrop");
  if (wanted === "0" || wanted === "1") return wanted === "1";
  return !inObs;
}

/** The look with the scene that the address asks for; `?backdrop=0` leaves the page transparent whatever the look says. */
export function withScene(look: Look, query: URLSearchParams): Look {
  const wanted = query.get("backdrop");
  if (wanted === "0") return { ...look, backdrop: "none" };
  const [name = "", hour] = (wanted ?? "").split("-");
  if (!Object.hasOwn(LIGHTS, name)) return look;
  return { ...look, backdrop: name as SceneName, hour: hour === "night" ? "night" : "day" };
}

/** Keeps the scene on its own canvas; it is drawn when it changes, and costs a frame nothing. */
export class Backdrop {
  readonly #canvas: HTMLCanvasElement;
  #shown = "";
  #wanted: { scene: SceneName; hour: Hour } | null = null;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    canvas.hidden = true;
  }

  /** Show the scene of a look. */
  show({ backdrop, hour }: Pick<Look, "backdrop" | "hour">): void {
    this.#wanted = backdrop === "none" ? null : { scene: backdrop, hour };
    void this.fit();
  }

  /** Draw what is wanted in the size of the page; the drawings are fetched the first time. */
  async fit(): Promise<void> {
    const canvas = this.#canvas;
    canvas.hidden = !this.#wanted;
    if (!this.#wanted) {
      this.#shown = "";
      canvas.width = canvas.height = 1;
      return;
    }
    const ratio = Math.min(2, devicePixelRatio || 1);
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    const key = `${this.#wanted.scene} ${this.#wanted.hour} ${width}×${height}`;
    if (key === this.#shown || width < 2 || height < 2) return;
    this.#shown = key;
    const { drawScene } = await import("./scenes/index.ts");
    if (key !== this.#shown || !this.#wanted) return;
    canvas.width = width;
    canvas.height = height;
    drawScene(canvas, this.#wanted.scene, this.#wanted.hour);
  }
}
