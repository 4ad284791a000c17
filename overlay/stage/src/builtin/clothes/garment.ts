import type { Sleeve } from "../limbs.ts";
import type { Paint } from "../paint.ts";
import type { Trunk } from "../trunk.ts";

/** What a figure wears. */
export interface Garment {
  sleeve(paint: Paint): Sleeve;
  /** Draw it on the trunk, over the neck's skin. */
  draw(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint): void;
  /** What hangs behind the body: a cape, a hood. */
  behind?(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint): void;
  /** What lies over arms and hair. */
  over?(ctx: CanvasRenderingContext2D, trunk: Trunk, paint: Paint): void;
}
