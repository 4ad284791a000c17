/** Where the camera stands: it sees the figure from the hip up, whatever its size, in a wide picture and a tall one. */
import { PerspectiveCamera, type Vector3 } from "three";

/** The vertical angle of the camera, in degrees: small, as a portrait's. */
const FIELD = 18;
/** How much of the picture's height lies above the head, and how far below the hips it ends, as shares of what is seen. */
const ABOVE = 0.075;
const BELOW = 0.02;
/** The least width that is seen, in distances from one shoulder to the other. */
const SHOULDERS = 2.1;

/** What a figure measures, in metres. */
export interface Extent {
  hips: number;
  head: number;
  /** The highest point, with hair and whatever stands on the head. */
  top: number;
  shoulders: number;
}

export interface View {
  /** The height in the middle of the picture, and the camera's distance, in metres. */
  middle: number;
  distance: number;
}

/** Where the camera has to be for a picture of this shape. */
export function frame({ hips, head, top, shoulders }: Extent, aspect: number): View {
  const trunk = Math.max(0.1, head - hips);
  // A tall hat or rabbit's ears must not make the face small.
  const crown = Math.min(Math.max(top, head + 0.25 * trunk), head + 1.1 * trunk);
  const seen = (crown - hips) / (1 - ABOVE - BELOW);
  const height = Math.max(seen, (SHOULDERS * shoulders) / Math.max(0.2, aspect));
  const highest = crown + ABOVE * seen;
  // A tall picture shows more of the legs, and keeps the head where it was.
  return { middle: highest - height / 2, distance: height / 2 / Math.tan((FIELD / 2) * (Math.PI / 180)) };
}

/** The camera of the stage. */
export class Camera {
  readonly three = new PerspectiveCamera(FIELD, 1, 0.05, 60);
  readonly #extent: Extent;
  readonly #at: Vector3;

  /** `at` is where the figure stands. */
  constructor(extent: Extent, at: Vector3) {
    this.#extent = extent;
    this.#at = at;
  }

  /** Fit a picture of so many pixels. */
  fit(width: number, height: number): void {
    const aspect = width / Math.max(1, height);
    const { middle, distance } = frame(this.#extent, aspect);
    this.three.aspect = aspect;
    this.three.position.set(this.#at.x, middle, this.#at.z + distance);
    this.three.lookAt(this.#at.x, middle, this.#at.z);
    this.three.near = Math.max(0.01, distance / 20);
    this.three.far = distance * 10;
    this.three.updateProjectionMatrix();
  }
}
