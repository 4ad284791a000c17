import { describe, expect, it } from "vitest";
import { heardOf, Reports } from "../src/reports";

describe("which positions the host is told", () => {
  const told = (reports: Reports, clause: number, positions: number[], end: number) => [
    ...positions.filter((ms) => reports.due(7, clause, ms, false)),
    ...(reports.due(7, clause, end, true) ? [end] : []),
  ];
  const every64 = Array.from({ length: 40 }, (_, n) => (n + 1) * 64);

  it("tells all of a turn's first second, then about five a second, and always the end", () => {
    const reports = new Reports();
    const first = told(reports, 0, every64, 2561);
    expect(first.filter((ms) => ms <= 1000)).toEqual(every64.filter((ms) => ms <= 1000));
    expect(first.filter((ms) => ms > 1000).length).toBeLessThanOrEqual(10);
    expect(first.at(-1)).toBe(2561);
  });

  it("tells the beginning of every clause", () => {
    const reports = new Reports();
    told(reports, 0, every64, 2561);
    expect(told(reports, 1, every64, 2561).slice(0, 2)).toEqual([64, 256]);
  });

  it("tells a position that went back: the clause is played again", () => {
    const reports = new Reports();
    expect(reports.due(1, 3, 900, false)).toBe(true);
    expect(reports.due(1, 3, 100, false)).toBe(true);
    expect(reports.due(1, 3, 164, false)).toBe(false);
  });
});

describe("how far a clause was heard", () => {
  it("is behind what was played by the way to the loudspeaker", () => {
    expect(heardOf(500, 44, false)).toBe(456);
    expect(heardOf(20, 44, false)).toBe(0);
  });

  it("is all that was played once it is over: what is on its way sounds, also when it was stopped", () => {
    expect(heardOf(500, 44, true)).toBe(500);
  });
});
