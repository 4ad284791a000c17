import { star } from "./eyes.ts";
import type { Pen } from "./pen.ts";

const INK = "#3c2450";

/** The small pictures of the trade: they tell a feeling across a room, and on a phone. */
export function drawMarks(pen: Pen): void {
  const { marks } = pen.pose;
  if (marks.anger > 0.05) drawAnger(pen, marks.anger);
  if (marks.sweat > 0.05) drawSweat(pen, marks.sweat);
  if (marks.tear > 0.05) drawTear(pen, marks.tear);
  if (marks.zzz > 0.05) drawSleep(pen, marks.zzz);
  if (marks.dots > 0.05) drawThought(pen, marks.dots);
  if (marks.sparkle > 0.05) drawSparkle(pen, marks.sparkle);
  if (marks.startle > 0.05) drawStartle(pen, marks.startle);
}

/** Popping vein. */
function drawAnger(pen: Pen, amount: number): void {
  pen.onPoint([116, -128, 96], (c) => {
    const pulse = amount * (1 + Math.max(0, Math.sin(pen.pose.time * 7)) * 0.1);
    c.scale(pulse, pulse);
    c.rotate(0.2);
    c.lineCap = "round";
    for (const [colour, width] of [
      ["#ffffff", 17],
      ["#f0355a", 9],
    ] as const) {
      c.beginPath();
      for (let i = 0; i < 4; i++) {
        c.rotate(Math.PI / 2);
        c.moveTo(8, 27);
        c.quadraticCurveTo(8, 8, 27, 8);
      }
      c.strokeStyle = colour;
      c.lineWidth = width;
      c.stroke();
    }
  });
}

function drop(c: CanvasRenderingContext2D, size: number): void {
  c.scale(size, size);
  c.beginPath();
  c.moveTo(0, -24);
  c.bezierCurveTo(8, -6, 15, 2, 15, 12);
  c.bezierCurveTo(15, 22, 8, 28, 0, 28);
  c.bezierCurveTo(-8, 28, -15, 22, -15, 12);
  c.bezierCurveTo(-15, 2, -8, -6, 0, -24);
  c.closePath();
  c.fillStyle = "#a9e1ff";
  c.fill();
  c.strokeStyle = "#3f83c4";
  c.lineWidth = 2.8;
  c.stroke();
  c.beginPath();
  c.ellipse(-5, 12, 3, 6, 0.2, 0, 2 * Math.PI);
  c.fillStyle = "#ffffff";
  c.fill();
}

function drawSweat(pen: Pen, amount: number): void {
  pen.onPoint([150, -48, 60], (c) => {
    c.translate(0, Math.sin(pen.pose.time * 2) * 4);
    c.rotate(-0.25);
    c.globalAlpha = Math.min(1, amount * 1.6);
    drop(c, 0.95);
    c.globalAlpha = 1;
  });
}

/** Water that gathers under the eye and runs down. */
function drawTear(pen: Pen, amount: number): void {
  const phase = (pen.pose.time * 0.33) % 1;
  const run = Math.max(0, phase - 0.35) / 0.65;
  pen.onFace(96, 96 + run * run * 62, (c) => {
    c.globalAlpha = amount * Math.min(1, phase * 5) * Math.min(1, (1 - phase) * 6);
    drop(c, 0.34 + 0.28 * Math.min(1, phase * 3));
    c.globalAlpha = 1;
  });
}

function drawSleep(pen: Pen, amount: number): void {
  for (let i = 0; i < 3; i++) {
    const t = (pen.pose.time * 0.28 + i / 3) % 1;
    pen.onPoint([126 + t * 92 + Math.sin(t * 7) * 9, -120 - t * 120, 40], (c) => {
      const size = 0.5 + t * 0.85;
      c.scale(size, size);
      c.rotate(-0.18);
      c.globalAlpha = amount * Math.sin(t * Math.PI);
      c.beginPath();
      c.moveTo(-15, -16);
      c.lineTo(15, -16);
      c.lineTo(-15, 16);
      c.lineTo(15, 16);
      c.lineJoin = "round";
      c.lineCap = "round";
      c.strokeStyle = "#ffffff";
      c.lineWidth = 13;
      c.stroke();
      c.strokeStyle = "#6b7fd7";
      c.lineWidth = 6.5;
      c.stroke();
      c.globalAlpha = 1;
    });
  }
}

/** A bubble with three dots that light up in turn. */
function drawThought(pen: Pen, amount: number): void {
  pen.onPoint([196, -182, 20], (c) => {
    c.globalAlpha = amount;
    c.translate(0, Math.sin(pen.pose.time * 1.7) * 4);
    c.fillStyle = "#ffffff";
    c.strokeStyle = INK;
    c.lineWidth = 3;
    for (const [x, y, r] of [
      [-52, 66, 7],
      [-38, 46, 11],
    ] as const) {
      c.beginPath();
      c.arc(x, y, r, 0, 2 * Math.PI);
      c.fill();
      c.stroke();
    }
    c.beginPath();
    c.roundRect(-56, -32, 118, 64, 32);
    c.fill();
    c.stroke();
    for (let i = 0; i < 3; i++) {
      const lit = Math.max(0, Math.sin(pen.pose.time * 4 - i * 0.9));
      c.beginPath();
      c.arc(-24 + i * 27, 2 - lit * 6, 7.5, 0, 2 * Math.PI);
      c.fillStyle = pen.paints.colour.accent;
      c.globalAlpha = amount * (0.35 + 0.65 * lit);
      c.fill();
    }
    c.globalAlpha = 1;
  });
}

function drawSparkle(pen: Pen, amount: number): void {
  const places = [
    [-206, -96, 23, 0],
    [-232, -36, 13, 1.7],
    [212, -60, 25, 0.9],
    [236, -128, 14, 2.6],
  ] as const;
  for (const [x, y, size, phase] of places) {
    const glint = Math.max(0, Math.sin(pen.pose.time * 3.1 + phase * 2));
    pen.onPoint([x, y, 30], (c) => {
      c.rotate(glint * 0.3);
      c.globalAlpha = amount * (0.25 + 0.75 * glint);
      star(c, 0, 0, size * (0.65 + 0.35 * glint));
      c.strokeStyle = pen.paints.colour.accentShade;
      c.lineWidth = 3.4;
      c.stroke();
      c.fillStyle = "#fff6c9";
      c.fill();
      c.globalAlpha = 1;
    });
  }
}

function drawStartle(pen: Pen, amount: number): void {
  const grow = 0.7 + 0.3 * amount;
  for (const side of [-1, 1]) {
    pen.onPoint([side * 188, -168, 20], (c) => {
      c.scale(side * grow, grow);
      c.globalAlpha = amount;
      c.lineCap = "round";
      for (const [colour, width] of [
        ["#ffffff", 16],
        [INK, 7.5],
      ] as const) {
        c.beginPath();
        for (const angle of [-0.15, 0.45, 1.05]) {
          const sin = Math.sin(angle);
          const cos = Math.cos(angle);
          c.moveTo(sin * 24, -cos * 24);
          c.lineTo(sin * 58, -cos * 58);
        }
        c.strokeStyle = colour;
        c.lineWidth = width;
        c.stroke();
      }
      c.globalAlpha = 1;
    });
  }
}
