/** The drawn surroundings: made once for a size of page into one bitmap, and left alone until that changes. */
import type { Rgb } from "../avatar/colour.ts";
import { Board, HEIGHT, WIDTH } from "./board.ts";
import type { Hour, SceneName } from "./light.ts";
import { city, seaside, shrine } from "./outside.ts";
import { cabin, cafe, study } from "./rooms.ts";

const SCENES: Record<SceneName, (board: Board) => void> = { study, cafe, city, seaside, shrine, cabin };
const MIST: Record<Hour, Rgb> = { day: [255, 255, 255], night: [40, 34, 90] };

/** Draw a scene so that it covers the canvas, its middle and foot in view whatever the shape of the page. */
export function drawScene(canvas: HTMLCanvasElement, scene: SceneName, hour: Hour): void {
  const ctx = canvas.getContext("2d", { alpha: false });
  if (!ctx) return;
  const { width, height } = canvas;
  const scale = Math.max(width / WIDTH, height / HEIGHT);
  ctx.setTransform(scale, 0, 0, scale, (width - WIDTH * scale) / 2, height - HEIGHT * scale);
  const board = new Board(ctx, hour === "night");
  SCENES[scene](board);
  // What lies behind the figure is paler, so that the figure comes forward.
  board.glow(WIDTH / 2, HEIGHT * 0.52, WIDTH * 0.4, MIST[hour], 0.34);
  soften(canvas, ctx, scale);
}

/** Put it a little out of focus, as a lens would that looks at the figure. */
function soften(canvas: HTMLCanvasElement, ctx: CanvasRenderingContext2D, scale: number): void {
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  copy.getContext("2d")?.drawImage(canvas, 0, 0);
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.filter = `blur(${(1.6 * scale).toFixed(2)}px)`;
  ctx.drawImage(copy, 0, 0);
  ctx.filter = "none";
}
