import type { Pose } from "../rig.ts";
import type { Paints } from "./paints.ts";

/** Half the head's width: the sphere that hair and face are wrapped around. */
const SKULL = 168;
/** A full ParamAngleX of 30 turns the drawing by so many radians: more, and flat features look pasted on. */
const YAW = (18 * Math.PI) / 180 / 30;
const PITCH = (13 * Math.PI) / 180 / 30;

/** A point of the drawing: right, down, and towards the viewer. The head's centre is 0, 0, 0. */
export type Point = readonly [x: number, y: number, z: number];

/** How far a point of the face stands out. */
export function faceDepth(x: number, y: number): number {
  const round = Math.sqrt(Math.max(0.04, 1 - (x / 152) ** 2));
  return 112 * round - 0.0011 * (y - 40) ** 2;
}

/** How far a point of the hair stands out. */
export function hairDepth(x: number, y: number): number {
  const high = Math.min(0, y + 30) / 190;
  return 0.74 * SKULL * Math.sqrt(Math.max(0, 1 - (x / SKULL) ** 2 - high ** 2)) + 14;
}

/** Draws paths through points in depth, turned with the head, onto a flat canvas. */
export class Pen {
  #yawSin = 0;
  #yawCos = 1;
  #pitchSin = 0;
  #pitchCos = 1;
  #x = 0;
  #y = 0;

  constructor(
    readonly c: CanvasRenderingContext2D,
    readonly paints: Paints,
    public pose: Pose,
  ) {}

  /** Turn what is drawn from now on. Degrees, as in the parameters. */
  turn(angleX: number, angleY: number): void {
    this.#yawSin = Math.sin(angleX * YAW);
    this.#yawCos = Math.cos(angleX * YAW);
    this.#pitchSin = Math.sin(angleY * PITCH);
    this.#pitchCos = Math.cos(angleY * PITCH);
  }

  #project(x: number, y: number, z: number): void {
    this.#y = y * this.#pitchCos - z * this.#pitchSin;
    const depth = y * this.#pitchSin + z * this.#pitchCos;
    this.#x = x * this.#yawCos + depth * this.#yawSin;
  }

  /** Where a point lands. */
  at(x: number, y: number, z: number): [number, number] {
    this.#project(x, y, z);
    return [this.#x, this.#y];
  }

  begin(): this {
    this.c.beginPath();
    return this;
  }

  move(x: number, y: number, z: number): this {
    this.#project(x, y, z);
    this.c.moveTo(this.#x, this.#y);
    return this;
  }

  line(x: number, y: number, z: number): this {
    this.#project(x, y, z);
    this.c.lineTo(this.#x, this.#y);
    return this;
  }

  quad(x1: number, y1: number, z1: number, x: number, y: number, z: number): this {
    this.#project(x1, y1, z1);
    const cx = this.#x;
    const cy = this.#y;
    this.#project(x, y, z);
    this.c.quadraticCurveTo(cx, cy, this.#x, this.#y);
    return this;
  }

  curve(a: Point, b: Point, to: Point): this {
    this.#project(a[0], a[1], a[2]);
    const ax = this.#x;
    const ay = this.#y;
    this.#project(b[0], b[1], b[2]);
    const bx = this.#x;
    const by = this.#y;
    this.#project(to[0], to[1], to[2]);
    this.c.bezierCurveTo(ax, ay, bx, by, this.#x, this.#y);
    return this;
  }

  close(): this {
    this.c.closePath();
    return this;
  }

  fill(style: string | CanvasGradient): this {
    this.c.fillStyle = style;
    this.c.fill();
    return this;
  }

  stroke(style: string, width: number): this {
    this.c.strokeStyle = style;
    this.c.lineWidth = width;
    this.c.stroke();
    return this;
  }

  /** Draw something flat that sits on the face at a point and turns with it. */
  onFace(x: number, y: number, draw: (c: CanvasRenderingContext2D) => void): void {
    const step = 12;
    const [ox, oy] = this.at(x, y, faceDepth(x, y));
    const [ux, uy] = this.at(x + step, y, faceDepth(x + step, y));
    const [vx, vy] = this.at(x, y + step, faceDepth(x, y + step));
    this.c.save();
    this.c.transform((ux - ox) / step, (uy - oy) / step, (vx - ox) / step, (vy - oy) / step, ox, oy);
    draw(this.c);
    this.c.restore();
  }

  /** Draw something that is only moved with a point, not turned. */
  onPoint([x, y, z]: Point, draw: (c: CanvasRenderingContext2D) => void): void {
    const [ox, oy] = this.at(x, y, z);
    this.c.save();
    this.c.translate(ox, oy);
    draw(this.c);
    this.c.restore();
  }
}
