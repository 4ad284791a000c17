import type { Turn } from "./space.ts";
import type { Strand } from "./strands.ts";

/**
 * Swing of what hangs: each point of a spine is held to its place by a damped spring, softer towards the tip, and lags
 * behind when its place moves. The springs are solved exactly, so that no step is too long.
 */

/** Hz and damping of the spring near the root and at the tip. */
const STIFF = 4.2;
const SOFT = 1.7;
const DAMPING = 0.3;
/** Farthest that the tip of a loose lock leaves its place, in units. */
const FARTHEST = 46;
/** Points of the longest spine. */
const POINTS = 12;

interface Step {
  readonly xx: number;
  readonly xv: number;
  readonly vx: number;
  readonly vv: number;
}

/** What one step does to place and speed, for shares 0 (root) to 1 (tip) of the length. */
export type Steps = readonly Step[];

/** The exact solution of a damped spring over `dt` seconds. */
export function solve(hz: number, damping: number, dt: number): Step {
  const omega = 2 * Math.PI * hz;
  const decay = Math.exp(-damping * omega * dt);
  const wave = omega * Math.sqrt(1 - damping * damping);
  const c = Math.cos(wave * dt);
  const s = Math.sin(wave * dt) / wave;
  return {
    xx: decay * (c + damping * omega * s),
    xv: decay * s,
    vx: -decay * omega * omega * s,
    vv: decay * (c - damping * omega * s),
  };
}

/** The steps of all shares for `dt` seconds. */
export function stepsFor(dt: number): Steps {
  const time = Number.isFinite(dt) ? Math.max(0, dt) : 0;
  return Array.from({ length: POINTS + 1 }, (_, i) => solve(STIFF + (SOFT - STIFF) * (i / POINTS), DAMPING, time));
}

/** Move one lock on. */
export function advance(strand: Strand, turn: Turn, steps: Steps, time: number): void {
  const { lock, offset, speed, held } = strand;
  const last = lock.spine.length - 1;
  const root = lock.spine[0];
  const lean = Math.sin(turn.roll);
  const breeze = Math.sin(time * 0.9) * 0.9 + Math.sin(time * 1.73) * 0.5;
  for (const [i, [x, y, z]] of lock.spine.entries()) {
    turn.at(x, y, z);
    const share = i / last;
    const follow = lock.loose * share * share;
    const k = i * 2;
    if (!strand.fresh) {
      offset[k] = (offset[k] ?? 0) - (turn.x - (held[k] ?? 0)) * follow * 0.75;
      offset[k + 1] = (offset[k + 1] ?? 0) - (turn.y - (held[k + 1] ?? 0)) * follow * 0.4;
    }
    held[k] = turn.x;
    held[k + 1] = turn.y;
    if (i === 0) continue;
    // Hair hangs down however the head leans.
    const hang = Math.max(0, y - Math.max(root?.[1] ?? 0, -30));
    const rest = -lean * hang * follow * 0.7 + breeze * follow * 1.5;
    const step = steps[Math.round(share * POINTS)] ?? steps[0];
    if (!step) continue;
    const far = FARTHEST * share * lock.loose;
    settle(offset, speed, k, rest, step, far);
    settle(offset, speed, k + 1, -Math.abs(rest) * 0.15, step, far * 0.5);
  }
  strand.fresh = false;
}

function settle(offset: Float64Array, speed: Float64Array, k: number, rest: number, step: Step, far: number): void {
  const x = (offset[k] ?? 0) - rest;
  const v = speed[k] ?? 0;
  const moved = rest + x * step.xx + v * step.xv;
  offset[k] = Math.min(far, Math.max(-far, moved));
  speed[k] = x * step.vx + v * step.vv;
}
