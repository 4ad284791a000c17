/** The drawn surroundings by name, and the light that each throws on the figure. Small: the drawings come when asked for. */
import type { Look } from "@haishin/common/protocol";
import type { Rgb } from "../avatar/colour.ts";

export type SceneName = Exclude<Look["backdrop"], "none">;
export type Hour = Look["hour"];

/** `rim` lies on the edges, `key` colours all that is lit, by `share`. */
export interface Light {
  readonly rim: Rgb;
  readonly key: Rgb;
  readonly share: number;
}

export const LIGHTS: Record<SceneName, Record<Hour, Light>> = {
  study: {
    day: { rim: [255, 236, 205], key: [255, 246, 232], share: 0.6 },
    night: { rim: [255, 190, 120], key: [238, 214, 214], share: 0.8 },
  },
  cafe: {
    day: { rim: [255, 240, 214], key: [255, 243, 226], share: 0.7 },
    night: { rim: [255, 176, 104], key: [246, 212, 190], share: 0.8 },
  },
  city: {
    day: { rim: [208, 232, 255], key: [246, 250, 255], share: 0.6 },
    night: { rim: [236, 132, 214], key: [196, 196, 240], share: 0.85 },
  },
  seaside: {
    day: { rim: [206, 240, 255], key: [255, 251, 240], share: 0.6 },
    night: { rim: [150, 186, 255], key: [184, 200, 240], share: 0.85 },
  },
  shrine: {
    day: { rim: [255, 214, 222], key: [255, 246, 240], share: 0.6 },
    night: { rim: [255, 168, 96], key: [204, 200, 232], share: 0.85 },
  },
  cabin: {
    day: { rim: [170, 220, 255], key: [240, 246, 255], share: 0.7 },
    night: { rim: [186, 130, 255], key: [200, 196, 244], share: 0.85 },
  },
};

/** Return the light of a scene by its names; null for none, or for a name that nobody knows. */
export function lightOf(scene: unknown, hour: unknown): Light | null {
  if (typeof scene !== "string" || !Object.hasOwn(LIGHTS, scene)) return null;
  return LIGHTS[scene as SceneName][hour === "night" ? "night" : "day"];
}
