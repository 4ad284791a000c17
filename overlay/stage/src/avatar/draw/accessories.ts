import type { Pen } from "./pen.ts";

type Draw = (pen: Pen) => void;
type Kind = Pen["paints"]["look"]["accessory"];

/** Each accessory is drawn in up to three layers: behind the head, on the face, over the hair. */
interface Layers {
  behind?: Draw;
  face?: Draw;
  over?: Draw;
}

const ACCESSORIES: Record<Kind, Layers> = {
  none: {},
  ribbon: { over: (pen) => drawRibbon(pen) },
  headphones: { behind: (pen) => drawBand(pen), over: (pen) => drawCups(pen) },
  flower: { over: (pen) => drawFlowers(pen) },
  antenna: { behind: (pen) => drawAntennae(pen) },
  glasses: { face: (pen) => drawGlasses(pen) },
  ears: { behind: (pen) => drawEars(pen) },
};

export function drawAccessory(pen: Pen, layer: keyof Layers): void {
  ACCESSORIES[pen.paints.look.accessory]?.[layer]?.(pen);
  if (layer === "over" && pen.paints.look.style === "twintails") drawHairTies(pen);
}

function outline(pen: Pen, width = 2.6): void {
  pen.c.strokeStyle = pen.paints.colour.accentLine;
  pen.c.lineWidth = width;
  pen.c.lineJoin = "round";
  pen.c.stroke();
}

/** A bow of two loops around a knot, in its own space. */
function bow(pen: Pen, size: number, droop: number): void {
  const { c, paints } = pen;
  const { colour } = paints;
  c.scale(size, size);
  for (const side of [-1, 1]) {
    c.save();
    c.scale(side, 1);
    c.rotate((droop * Math.PI) / 180);
    c.beginPath();
    c.moveTo(4, 4);
    c.bezierCurveTo(20, 22, 30, 34, 38, 58);
    c.lineTo(22, 50);
    c.lineTo(10, 60);
    c.bezierCurveTo(6, 36, 2, 20, -2, 8);
    c.closePath();
    c.fillStyle = colour.accentShade;
    c.fill();
    outline(pen);
    c.beginPath();
    c.moveTo(0, 0);
    c.bezierCurveTo(12, -38, 52, -52, 66, -36);
    c.bezierCurveTo(76, -22, 72, 12, 62, 22);
    c.bezierCurveTo(44, 32, 14, 20, 0, 4);
    c.closePath();
    c.fillStyle = colour.accent;
    c.fill();
    outline(pen);
    c.beginPath();
    c.moveTo(8, 0);
    c.bezierCurveTo(26, -12, 44, -12, 58, -4);
    c.bezierCurveTo(44, 6, 24, 8, 8, 2);
    c.fillStyle = colour.accentShade;
    c.fill();
    c.beginPath();
    c.moveTo(22, -26);
    c.quadraticCurveTo(38, -40, 54, -34);
    c.strokeStyle = colour.accentLight;
    c.lineWidth = 4;
    c.lineCap = "round";
    c.stroke();
    c.restore();
  }
  c.beginPath();
  c.roundRect(-13, -15, 26, 30, 10);
  c.fillStyle = colour.accent;
  c.fill();
  outline(pen);
}

function drawRibbon(pen: Pen): void {
  pen.onPoint([96, -158, 74], (c) => {
    c.rotate(0.52);
    bow(pen, 0.86, pen.pose.hair.tip * 0.3);
  });
}

function drawHairTies(pen: Pen): void {
  const { c, paints } = pen;
  for (const side of [-1, 1]) {
    pen.onPoint([side * 170, -106, 10], () => {
      c.rotate(side * 0.35);
      c.beginPath();
      c.ellipse(0, 0, 15, 24, 0, 0, 2 * Math.PI);
      c.fillStyle = paints.colour.accent;
      c.fill();
      outline(pen);
      c.beginPath();
      c.ellipse(-4, -8, 3.5, 7, 0.2, 0, 2 * Math.PI);
      c.fillStyle = paints.colour.accentLight;
      c.fill();
    });
  }
}

function drawBand(pen: Pen): void {
  const { colour } = pen.paints;
  for (const [width, style] of [
    [27, colour.outfitLine],
    [21, colour.outfitLight],
  ] as const) {
    pen
      .begin()
      .move(-178, 30, 0)
      .curve([-206, -190, 20], [-96, -236, 30], [0, -236, 30])
      .curve([96, -236, 30], [206, -190, 20], [178, 30, 0])
      .stroke(style, width);
  }
  pen
    .begin()
    .move(-168, -120, 12)
    .curve([-126, -220, 26], [-60, -237, 30], [0, -237, 30])
    .curve([60, -237, 30], [126, -220, 26], [168, -120, 12])
    .stroke(colour.accent, 6);
}

function drawCups(pen: Pen): void {
  const { colour } = pen.paints;
  for (const side of [-1, 1]) {
    pen.onPoint([side * 172, 36, 10], (c) => {
      c.scale(side, 1);
      const shape = (x: number, y: number, w: number, h: number, r: number, fill: string) => {
        c.beginPath();
        c.roundRect(x, y, w, h, r);
        c.fillStyle = fill;
        c.fill();
        c.strokeStyle = colour.outfitLine;
        c.lineWidth = 3;
        c.stroke();
      };
      shape(-26, -46, 30, 92, 14, colour.outfitShade);
      shape(-8, -54, 38, 108, 18, colour.outfit);
      shape(4, -34, 20, 68, 10, colour.accent);
      c.beginPath();
      c.moveTo(10, -22);
      c.lineTo(10, 2);
      c.strokeStyle = colour.accentLight;
      c.lineWidth = 4.5;
      c.lineCap = "round";
      c.stroke();
    });
  }
}

function blossom(pen: Pen, size: number): void {
  const { c, paints } = pen;
  const { colour } = paints;
  c.scale(size, size);
  for (let i = 0; i < 5; i++) {
    c.save();
    c.rotate((i * 2 * Math.PI) / 5);
    c.beginPath();
    c.moveTo(0, 0);
    c.bezierCurveTo(-24, -14, -20, -44, -4, -42);
    c.lineTo(0, -36);
    c.lineTo(4, -42);
    c.bezierCurveTo(20, -44, 24, -14, 0, 0);
    c.closePath();
    c.fillStyle = i % 2 ? colour.accent : colour.accentLight;
    c.fill();
    outline(pen);
    c.beginPath();
    c.moveTo(0, -10);
    c.lineTo(0, -24);
    c.strokeStyle = colour.accentShade;
    c.lineWidth = 2;
    c.stroke();
    c.restore();
  }
  c.beginPath();
  c.arc(0, 0, 8.5, 0, 2 * Math.PI);
  c.fillStyle = "#ffe08a";
  c.fill();
  outline(pen);
}

function drawFlowers(pen: Pen): void {
  pen.onPoint([118, -118, 84], (c) => {
    c.rotate(0.25);
    c.fillStyle = "#7cc48a";
    for (const turn of [2.1, 2.9]) {
      c.save();
      c.rotate(turn);
      c.beginPath();
      c.moveTo(0, 0);
      c.quadraticCurveTo(-18, -40, 4, -62);
      c.quadraticCurveTo(20, -34, 0, 0);
      c.fill();
      c.strokeStyle = "#3d7a56";
      c.lineWidth = 2.2;
      c.stroke();
      c.restore();
    }
    blossom(pen, 1);
  });
  pen.onPoint([146, -66, 58], (c) => {
    c.rotate(0.9);
    blossom(pen, 0.62);
  });
}

function drawAntennae(pen: Pen): void {
  const { c, paints, pose } = pen;
  const { colour } = paints;
  for (const side of [-1, 1]) {
    const sway = pose.hair.tip * 1.1 + pose.hair.lift * side * 0.6;
    const [x0, y0] = pen.at(side * 62, -190, 20);
    const [x1, y1] = pen.at(side * 112 + sway, -292, 20);
    c.beginPath();
    c.moveTo(x0, y0);
    c.quadraticCurveTo(x0 + side * 6, y0 - 62, x1, y1);
    c.strokeStyle = colour.outfitLine;
    c.lineWidth = 9;
    c.lineCap = "round";
    c.stroke();
    c.strokeStyle = colour.outfitLight;
    c.lineWidth = 4.5;
    c.stroke();
    const glow = 0.75 + 0.25 * Math.sin(pose.time * 3 + side);
    c.beginPath();
    c.arc(x1, y1, 19 + glow * 3, 0, 2 * Math.PI);
    c.globalAlpha = 0.3 * glow;
    c.fillStyle = colour.accentLight;
    c.fill();
    c.globalAlpha = 1;
    c.beginPath();
    c.arc(x1, y1, 14, 0, 2 * Math.PI);
    c.fillStyle = colour.accent;
    c.fill();
    outline(pen);
    c.beginPath();
    c.arc(x1 - 4, y1 - 5, 4.5, 0, 2 * Math.PI);
    c.fillStyle = colour.accentLight;
    c.fill();
  }
}

function drawGlasses(pen: Pen): void {
  const { c, paints } = pen;
  const { colour } = paints;
  for (const side of [-1, 1]) {
    pen.onFace(side * 72, 62, () => {
      c.beginPath();
      c.roundRect(-50, -38, 100, 82, 34);
      c.fillStyle = "rgba(255,255,255,0.10)";
      c.fill();
      c.strokeStyle = colour.outfitLine;
      c.lineWidth = 7;
      c.stroke();
      c.strokeStyle = colour.accent;
      c.lineWidth = 3.2;
      c.stroke();
      c.beginPath();
      c.moveTo(-30, 24);
      c.lineTo(-8, -22);
      c.moveTo(-14, 28);
      c.lineTo(2, -4);
      c.strokeStyle = "rgba(255,255,255,0.42)";
      c.lineWidth = 5;
      c.lineCap = "round";
      c.stroke();
    });
  }
  pen
    .begin()
    .move(-24, 56, 128)
    .quad(0, 44, 140, 24, 56, 128)
    .stroke(colour.outfitLine, 6.5);
  pen.begin().move(-24, 56, 128).quad(0, 44, 140, 24, 56, 128).stroke(colour.accent, 3);
  for (const side of [-1, 1]) {
    pen
      .begin()
      .move(side * 120, 52, 72)
      .line(side * 150, 44, 10)
      .stroke(colour.outfitLine, 6);
  }
}

/** Ears of a cat. The left one twitches now and then. */
function drawEars(pen: Pen): void {
  const { paints, pose } = pen;
  const { colour } = paints;
  for (const side of [-1, 1]) {
    const twitch = side < 0 ? Math.max(0, Math.sin(pose.time * 0.7) - 0.97) * Math.sin(pose.time * 40) * 260 : 0;
    const tipX = side * 152 + pose.hair.lift * side * 0.8 + twitch;
    const tipY = -302 + Math.abs(pose.hair.lift) * 0.8;
    pen
      .begin()
      .move(side * 42, -186, 10)
      .quad(side * 96, -262, 14, tipX, tipY, 14)
      .quad(side * 186, -214, 6, side * 172, -96, -6)
      .close()
      .fill(colour.hair)
      .stroke(colour.hairLine, 2.8);
    pen
      .begin()
      .move(side * 76, -190, 24)
      .quad(side * 112, -244, 26, tipX - side * 8, tipY + 28, 24)
      .quad(side * 166, -206, 16, side * 156, -120, 10)
      .close()
      .fill(colour.blush);
    pen
      .begin()
      .move(side * 60, -180, 30)
      .quad(side * 104, -210, 32, side * 118, -236, 30)
      .quad(side * 122, -196, 30, side * 140, -176, 26)
      .quad(side * 110, -160, 30, side * 60, -180, 30)
      .fill(colour.hairLight);
  }
}
