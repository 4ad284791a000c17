/**
 * What swings on a Cubism model: strands of points that hang from a moving one, as its `physics3.json` tells.
 *
 * Each strand is a chain under a pull that turns with the head; the angles between its links, or the place of a
 * point, become values of parameters again. The same steps at every frame rate.
 */
import { clamp } from "../avatar/spring.ts";
import { isData, list, number, text } from "./curves.ts";

interface Source {
  readonly parameter: number;
  readonly kind: "X" | "Y" | "Angle";
  readonly weight: number;
}

interface Sink {
  readonly parameter: number;
  readonly point: number;
  readonly kind: "X" | "Y" | "Angle";
  readonly scale: number;
  readonly weight: number;
}

interface Point {
  readonly mobility: number;
  readonly delay: number;
  readonly acceleration: number;
  readonly radius: number;
  x: number;
  y: number;
  vx: number;
  vy: number;
}

interface Bounds {
  readonly low: number;
  readonly rest: number;
  readonly high: number;
}

interface Strand {
  readonly sources: readonly Source[];
  readonly sinks: readonly Sink[];
  readonly points: Point[];
  readonly place: Bounds;
  readonly angle: Bounds;
  /** The way that the pull points, turned as the head was in the last step. */
  pull: readonly [number, number];
}

/** The values of the model's parameters, and what they may be. */
export interface Values {
  readonly values: Float32Array;
  readonly minimumValues: ArrayLike<number>;
  readonly maximumValues: ArrayLike<number>;
  readonly defaultValues: ArrayLike<number>;
}

const MOST_STRANDS = 300;
const MOST_POINTS = 64;
const MOST_LINKS = 64;
/** Delays of the file are counted at so many frames a second. */
const RATE = 30;
const STEP = 1 / 60;
const MOST_STEPS = 6;
/** How much of a turn of the pull the points follow at once: air is thin. */
const CARRIED = 0.2;
/** Below this part of the widest place a point hangs still, so that nothing trembles. */
const STILL = 0.001;
const DEGREE = Math.PI / 180;

/** What hangs is left behind: where the head goes to one side, its root counts as going to the other. */
const weightOf = (raw: Record<string, unknown>): number =>
  (clamp(number(raw.Weight, 100), 0, 100) / 100) * (raw.Reflect === true ? 1 : -1);
const kindOf = (raw: Record<string, unknown>): "X" | "Y" | "Angle" =>
  raw.Type === "X" || raw.Type === "Y" ? raw.Type : "Angle";
const bounds = (raw: unknown): Bounds => {
  const data = isData(raw) ? raw : {};
  return { low: number(data.Minimum, -10), rest: number(data.Default, 0), high: number(data.Maximum, 10) };
};
const idOf = (raw: unknown): string => (isData(raw) ? text(raw.Id) : "");

/** Where a value lies in a parameter's range, carried over to other bounds: the middle goes to the middle. */
function carried(value: number, low: number, rest: number, high: number, to: Bounds): number {
  const at = clamp(value, Math.min(low, high), Math.max(low, high));
  if (at >= rest) return high > rest ? to.rest + ((at - rest) / (high - rest)) * (to.high - to.rest) : to.rest;
  return rest > low ? to.rest + ((rest - at) / (rest - low)) * (to.low - to.rest) : to.rest;
}

export class Physics {
  readonly #strands: Strand[] = [];
  readonly #outcomes: Float32Array;
  readonly #last: Float32Array;
  #left = 0;

  /** Read a `physics3.json` for a model with parameters of these names; what names none of them is left out. */
  constructor(data: unknown, ids: readonly string[]) {
    const index = new Map(ids.map((id, n) => [id, n]));
    const settings = isData(data) ? list(data.PhysicsSettings).slice(0, MOST_STRANDS) : [];
    for (const raw of settings.filter(isData)) {
      const normal = isData(raw.Normalization) ? raw.Normalization : {};
      const points = list(raw.Vertices).filter(isData).slice(0, MOST_POINTS).map(point);
      let depth = 0;
      for (const one of points) {
        depth += one.radius;
        one.y = -depth;
      }
      const sources = list(raw.Input)
        .filter(isData)
        .slice(0, MOST_LINKS)
        .map((one) => ({ parameter: index.get(idOf(one.Source)) ?? -1, kind: kindOf(one), weight: weightOf(one) }))
        .filter((one) => one.parameter >= 0);
      const sinks = list(raw.Output)
        .filter(isData)
        .slice(0, MOST_LINKS)
        .map((one) => ({
          parameter: index.get(idOf(one.Destination)) ?? -1,
          point: number(one.VertexIndex, 0),
          kind: kindOf(one),
          scale: number(one.Scale, 1) * (one.Reflect === true ? -1 : 1),
          weight: clamp(number(one.Weight, 100), 0, 100) / 100,
        }))
        .filter((one) => one.parameter >= 0 && one.point >= 1 && one.point < points.length);
      if (sources.length && sinks.length) {
        const place = bounds(normal.Position);
        this.#strands.push({ sources, sinks, points, place, angle: bounds(normal.Angle), pull: [0, -1] });
      }
    }
    const sinks = this.#strands.reduce((sum, strand) => sum + strand.sinks.length, 0);
    this.#outcomes = new Float32Array(sinks);
    this.#last = new Float32Array(sinks);
  }

  get strands(): number {
    return this.#strands.length;
  }

  /** Move on by `dt` seconds and write what came of it into the values. */
  step(model: Values, dt: number): void {
    this.#left = Math.min(this.#left + dt, STEP * MOST_STEPS);
    while (this.#left >= STEP) {
      this.#left -= STEP;
      this.#last.set(this.#outcomes);
      let n = 0;
      for (const strand of this.#strands) n = this.#swing(strand, model, n);
    }
    this.#write(model, this.#left / STEP);
  }

  #swing(strand: Strand, model: Values, from: number): number {
    let x = 0;
    let y = 0;
    let turn = 0;
    for (const { parameter, kind, weight } of strand.sources) {
      const value = carried(
        model.values[parameter] ?? 0,
        model.minimumValues[parameter] ?? 0,
        model.defaultValues[parameter] ?? 0,
        model.maximumValues[parameter] ?? 0,
        kind === "Angle" ? strand.angle : strand.place,
      );
      if (kind === "X") x += value * weight;
      else if (kind === "Y") y += value * weight;
      else turn += value * weight;
    }
    const angle = -turn * DEGREE;
    const root: readonly [number, number] = [
      x * Math.cos(angle) - y * Math.sin(angle),
      x * Math.sin(angle) + y * Math.cos(angle),
    ];
    hang(strand, root, [Math.sin(turn * DEGREE), -Math.cos(turn * DEGREE)]);
    let n = from;
    for (const sink of strand.sinks) this.#outcomes[n++] = outcome(strand, sink);
    return n;
  }

  #write(model: Values, share: number): void {
    let n = 0;
    for (const { sinks } of this.#strands) {
      for (const { parameter, weight } of sinks) {
        const before = this.#last[n] ?? 0;
        const value = clamp(
          before + ((this.#outcomes[n] ?? 0) - before) * share,
          model.minimumValues[parameter] ?? 0,
          model.maximumValues[parameter] ?? 0,
        );
        const own = model.values[parameter] ?? 0;
        model.values[parameter] = own + (value - own) * weight;
        n++;
      }
    }
  }
}

function point(raw: Record<string, unknown>): Point {
  return {
    mobility: clamp(number(raw.Mobility, 1), 0, 1),
    delay: clamp(number(raw.Delay, 1), 0, 10),
    acceleration: clamp(number(raw.Acceleration, 1), 0, 100),
    radius: clamp(number(raw.Radius, 1), 0, 1_000),
    x: 0,
    y: 0,
    vx: 0,
    vy: 0,
  };
}

/** Let a chain hang from `root` for one step, under a pull of length 1. */
function hang(strand: Strand, root: readonly [number, number], pull: readonly [number, number]): void {
  const { points } = strand;
  const [first] = points;
  if (!first) return;
  first.x = root[0];
  first.y = root[1];
  const before = strand.pull;
  const turned =
    Math.atan2(before[0] * pull[1] - before[1] * pull[0], before[0] * pull[0] + before[1] * pull[1]) * CARRIED;
  const cos = Math.cos(turned);
  const sin = Math.sin(turned);
  const widest = Math.max(Math.abs(strand.place.low), Math.abs(strand.place.high));
  for (let n = 1; n < points.length; n++) {
    const above = points[n - 1] as Point;
    const one = points[n] as Point;
    const wait = one.delay * STEP * RATE;
    const [fromX, fromY] = [one.x, one.y];
    const dx = one.x - above.x;
    const dy = one.y - above.y;
    const fall = one.acceleration * wait * wait;
    const x = dx * cos - dy * sin + one.vx * wait + pull[0] * fall;
    const y = dx * sin + dy * cos + one.vy * wait + pull[1] * fall;
    const length = Math.hypot(x, y);
    const scale = length > 1e-6 ? one.radius / length : 0;
    one.x = above.x + x * scale;
    one.y = above.y + y * scale;
    if (Math.abs(one.x) < widest * STILL) one.x = 0;
    if (wait > 0) {
      one.vx = ((one.x - fromX) / wait) * one.mobility;
      one.vy = ((one.y - fromY) / wait) * one.mobility;
    }
  }
  strand.pull = pull;
}

/** What a point of a chain says: how far its link is turned against the one above, or where it is. */
function outcome(strand: Strand, sink: Sink): number {
  const one = strand.points[sink.point] as Point;
  const above = strand.points[sink.point - 1] as Point;
  const x = one.x - above.x;
  const y = one.y - above.y;
  if (sink.kind === "X") return x * sink.scale;
  if (sink.kind === "Y") return y * sink.scale;
  const higher = strand.points[sink.point - 2];
  const [baseX, baseY] = higher ? [above.x - higher.x, above.y - higher.y] : [0, -1];
  return Math.atan2(baseY * x - baseX * y, baseX * x + baseY * y) * sink.scale;
}
