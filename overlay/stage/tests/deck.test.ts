import { describe, expect, it } from "vitest";
import { Deck, type Report } from "../src/deck.ts";

const RATE = 48_000;

function deck(): { deck: Deck; reports: Report[]; run(ms: number): Float32Array } {
  const reports: Report[] = [];
  const made = new Deck(RATE, (report) => reports.push(report));
  return {
    deck: made,
    reports,
    run(ms) {
      const out = new Float32Array(Math.round((ms / 1000) * RATE));
      for (let at = 0; at < out.length; at += 128) made.render(out.subarray(at, Math.min(out.length, at + 128)));
      return out;
    },
  };
}

function tone(ms: number, rate = 24_000): Int16Array {
  return Int16Array.from({ length: Math.round((ms / 1000) * rate) }, (_, i) => 8000 * Math.sin(i / 10));
}

const speak = (epoch: number, clause: number, fromMs = 0, rate = 24_000, silentMs = 0) =>
  ({ type: "speak", epoch, clause, rate, fromMs, silentMs }) as const;
const samples = (epoch: number, clause: number, data: Int16Array, last = false) =>
  ({ type: "samples", epoch, clause, data, last }) as const;
const positions = (reports: Report[]) => reports.filter((r) => r.type === "position");

describe("Deck", () => {
  it("plays clauses one behind the other and reports each end once, with its exact length", () => {
    const { deck: d, reports, run } = deck();
    for (const clause of [0, 1]) {
      d.take(speak(1, clause));
      d.take(samples(1, clause, tone(500), true));
    }
    const out = run(1_100);
    const ends = positions(reports).filter((r) => r.finished);
    expect(ends.map((r) => [r.clause, Math.round(r.ms)])).toEqual([
      [0, 500],
      [1, 500],
    ]);
    // No silence between them: no run of 5 ms without sound before the end.
    let quiet = 0;
    let longest = 0;
    for (const value of out.subarray(0, RATE)) {
      quiet = Math.abs(value) < 1e-4 ? quiet + 1 : 0;
      longest = Math.max(longest, quiet);
    }
    expect(longest).toBeLessThan(RATE * 0.005);
  });

  it("reports the beginning of a clause at once", () => {
    const { deck: d, reports, run } = deck();
    run(100);
    d.take(speak(1, 0));
    run(100);
    expect(positions(reports)).toEqual([]);
    d.take(samples(1, 0, tone(500), true));
    run(3);
    expect(positions(reports).map((r) => [r.clause, r.finished])).toEqual([[0, false]]);
  });

  it("reports about every 64 ms", () => {
    const { deck: d, reports, run } = deck();
    d.take(speak(1, 0));
    d.take(samples(1, 0, tone(1_000), true));
    run(640);
    const found = positions(reports).map((r) => r.ms);
    expect(found.length).toBeGreaterThanOrEqual(9);
    expect(found).toEqual([...found].sort((a, b) => a - b));
  });

  it("fades out, answers with what was played, and takes no more of what was stopped", () => {
    const { deck: d, reports, run } = deck();
    d.take(speak(1, 0));
    d.take(samples(1, 0, tone(2_000)));
    run(500);
    d.take({ type: "stop", epoch: 1, fadeMs: 8 });
    run(20);
    const [stopped] = reports.filter((r) => r.type === "stopped");
    expect(stopped).toMatchObject({ epoch: 1, clause: 0 });
    expect(stopped?.type === "stopped" && stopped.ms).toBeCloseTo(508, -1);
    d.take(samples(1, 0, tone(500), true));
    d.take(speak(1, 1));
    expect(run(100).every((value) => value === 0)).toBe(true);
    d.take(speak(2, 0));
    d.take(samples(2, 0, tone(500), true));
    expect(run(100).some((value) => value !== 0)).toBe(true);
  });

  it("answers a stop at once when nothing plays", () => {
    const { deck: d, reports } = deck();
    d.take({ type: "stop", epoch: 3, fadeMs: 8 });
    expect(reports[0]).toMatchObject({ type: "stopped", epoch: 3, clause: -1 });
  });

  it("goes on in the middle after a resync", () => {
    const { deck: d, reports, run } = deck();
    d.take(speak(1, 0));
    d.take(samples(1, 0, tone(400)));
    run(300);
    d.take(speak(1, 0, 300));
    d.take(samples(1, 0, tone(700), true));
    run(900);
    const end = positions(reports).find((r) => r.finished);
    expect(end?.ms).toBeCloseTo(1_000, 0);
  });

  it("waits in silence for sound that is late, and says so once", () => {
    const { deck: d, reports, run } = deck();
    d.take(speak(1, 0));
    d.take(samples(1, 0, tone(100)));
    run(400);
    expect(reports.filter((r) => r.type === "underrun")).toHaveLength(1);
    d.take(samples(1, 0, tone(100), true));
    run(200);
    expect(positions(reports).some((r) => r.finished && Math.round(r.ms) === 200)).toBe(true);
  });

  it("counts a silent clause by its own clock", () => {
    const { deck: d, reports, run } = deck();
    d.take(speak(1, 0, 0, 0, 500));
    run(450);
    expect(positions(reports).some((r) => r.finished)).toBe(false);
    run(100);
    expect(positions(reports).some((r) => r.finished && r.ms === 500)).toBe(true);
  });

  it("opens the mouth with the sound and closes it wholly", () => {
    const { deck: d, reports, run } = deck();
    d.take(speak(1, 0));
    d.take(samples(1, 0, tone(400), true));
    run(300);
    const mouths = () => reports.filter((r) => r.type === "mouth");
    expect(Math.max(...mouths().map((r) => r.open))).toBeGreaterThan(0.4);
    run(1_000);
    expect(mouths().at(-1)?.open).toBe(0);
  });

  const loudest = (sound: Float32Array): number => sound.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const duck = (epoch: number, gain: number, hold = false) =>
    ({ type: "duck", epoch, gain, rampMs: 60, hold }) as const;

  it("ducks within its ramp, without a click, and comes back up where it is", () => {
    const { deck: d, reports, run } = deck();
    d.take(speak(1, 0));
    d.take(samples(1, 0, tone(3_000), true));
    const full = loudest(run(200));
    d.take(duck(1, 0.2));
    const down = run(100);
    for (let i = 1; i < down.length; i++) expect(Math.abs((down[i] ?? 0) - (down[i - 1] ?? 0))).toBeLessThan(0.05);
    expect(reports.filter((r) => r.type === "ducked")).toHaveLength(1);
    expect(loudest(run(200))).toBeLessThan(full * 0.21);
    d.take({ type: "resume", epoch: 1, rampMs: 60 });
    run(80);
    expect(loudest(run(100))).toBeGreaterThan(full * 0.99);
    const last = positions(reports).at(-1);
    expect(last?.ms).toBeGreaterThan(600); // it went on all the time
    run(2_400);
    expect(positions(reports).filter((r) => r.finished)).toHaveLength(1);
  });

  it("stands still when it is held, and goes on at the same sample", () => {
    const { deck: d, reports, run } = deck();
    const ramp = Int16Array.from({ length: 24_000 }, (_, i) => i); // each sample tells its place
    d.take(speak(1, 0));
    d.take(samples(1, 0, ramp, true));
    run(200);
    d.take(duck(1, 0, true));
    run(100);
    const held = positions(reports).at(-1)?.ms ?? 0;
    expect(loudest(run(2_000))).toBe(0);
    expect(positions(reports).at(-1)?.ms).toBeLessThanOrEqual(held + 64);
    d.take({ type: "resume", epoch: 1, rampMs: 1 });
    const first = (run(20)[900] ?? 0) * 32768; // 900 samples of the output are 450 of the sound
    expect(first / 24).toBeGreaterThan(200 + 60);
    expect(first / 24).toBeLessThan(200 + 60 + 3 + 20);
  });

  it("is as loud as ever in the next turn, and a stop ends a turn that is ducked", () => {
    const { deck: d, reports, run } = deck();
    d.take(speak(1, 0));
    d.take(samples(1, 0, tone(3_000), true));
    const full = loudest(run(200));
    d.take(duck(1, 0.2));
    run(100);
    d.take({ type: "stop", epoch: 1, fadeMs: 8 });
    run(20);
    expect(reports.filter((r) => r.type === "stopped")).toHaveLength(1);
    d.take(speak(2, 0));
    d.take(samples(2, 0, tone(500), true));
    expect(loudest(run(100))).toBeGreaterThan(full * 0.99);
  });

  it("answers a stop while it stands still", () => {
    const { deck: d, reports, run } = deck();
    d.take(speak(1, 0));
    d.take(samples(1, 0, tone(3_000), true));
    run(200);
    d.take(duck(1, 0, true));
    run(500);
    d.take({ type: "stop", epoch: 1, fadeMs: 8 });
    run(20);
    const [stopped] = reports.filter((r) => r.type === "stopped");
    expect(stopped?.ms).toBeGreaterThan(200);
    expect(stopped?.ms).toBeLessThan(300);
  });
});
