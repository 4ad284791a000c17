/**
 * Space: a figure's points lie in three dimensions, x to the viewer's right, y down, z towards the viewer, in units of
 * which a head is about 205 high. A `Turn` brings them to the plane of the picture.
 */

/** A point in space. */
export type V3 = readonly [x: number, y: number, z: number];

/** Distance of the eye that looks at the figure, in units; large, so that perspective stays gentle. */
const DISTANCE = 2200;

/** Turn about a pivot by yaw, pitch and roll, then move; angles in radians. */
export class Turn {
  /** Where the last point fell, and how near it is. */
  x = 0;
  y = 0;
  z = 0;
  yaw = 0;
  pitch = 0;
  roll = 0;
  sin = 0;
  cos = 1;
  #sinPitch = 0;
  #cosPitch = 1;
  #sinRoll = 0;
  #cosRoll = 1;
  #pivot: V3 = [0, 0, 0];
  #to: V3 = [0, 0, 0];

  /** Positive yaw looks to the viewer's right, positive pitch up, positive roll leans to the viewer's right. */
  set(yaw: number, pitch: number, roll: number, pivot: V3, to: V3): this {
    this.yaw = yaw;
    this.pitch = pitch;
    this.roll = roll;
    this.sin = Math.sin(yaw);
    this.cos = Math.cos(yaw);
    this.#sinPitch = Math.sin(pitch);
    this.#cosPitch = Math.cos(pitch);
    this.#sinRoll = Math.sin(roll);
    this.#cosRoll = Math.cos(roll);
    this.#pivot = pivot;
    this.#to = to;
    return this;
  }

  /** Bring one point to the picture: afterwards `x`, `y` and `z` hold it. */
  at(px: number, py: number, pz: number): this {
    const x0 = px - this.#pivot[0];
    const y0 = py - this.#pivot[1];
    const z0 = pz - this.#pivot[2];
    const x1 = x0 * this.cos + z0 * this.sin;
    const z1 = z0 * this.cos - x0 * this.sin;
    const y2 = y0 * this.#cosPitch - z1 * this.#sinPitch;
    const z2 = z1 * this.#cosPitch + y0 * this.#sinPitch;
    const near = 1 + z2 / DISTANCE;
    this.x = (x1 * this.#cosRoll - y2 * this.#sinRoll) * near + this.#to[0];
    this.y = (x1 * this.#sinRoll + y2 * this.#cosRoll) * near + this.#to[1];
    this.z = z2 + this.#to[2];
    return this;
  }

  /** The same, as a new point. */
  point(p: V3): V3 {
    this.at(p[0], p[1], p[2]);
    return [this.x, this.y, this.z];
  }

  /** Bring points to the picture, flat: x, y, x, y, … */
  flat(points: readonly V3[], into: number[] = []): number[] {
    for (const [x, y, z] of points) {
      this.at(x, y, z);
      into.push(this.x, this.y);
    }
    return into;
  }
}

/** Between two numbers. */
export function lerp(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/** Between two points. */
export function between(a: V3, b: V3, share: number): V3 {
  return [lerp(a[0], b[0], share), lerp(a[1], b[1], share), lerp(a[2], b[2], share)];
}
