import { HAIRSTYLES, type Hairstyle } from "./hairstyles.ts";
import { drawLock } from "./lock.ts";
import { hairDepth, type Pen } from "./pen.ts";

/** Where the parting lies; strands of the fringe flow from here. */
const CROWN_X = -6;
const CROWN_Y = -196;

export function hairstyle(pen: Pen): Hairstyle {
  return HAIRSTYLES[pen.paints.look.style] ?? HAIRSTYLES.long;
}

/** Hair behind the body. */
export function drawBackHair(pen: Pen): void {
  const { paints, pose } = pen;
  const { back, behind } = hairstyle(pen);
  const swing = (y: number) => Math.sin((pose.hair.back * Math.PI) / 180) * Math.max(0, y + 40) * 0.55;
  const depth = -56;
  pen.begin();
  const [crown] = back;
  pen.move(crown?.[0] ?? 0, crown?.[1] ?? 0, depth);
  for (const side of [1, -1]) {
    const points = side > 0 ? back.slice(1) : back.slice(0, -1).reverse();
    points.forEach(([x, y], i) => {
      const [nx, ny] = points[i + 1] ?? [x, y]; // curve through the middles: a smooth outline
      pen.quad(
        side * x + swing(y),
        y,
        depth,
        side * ((x + nx) / 2) + swing((y + ny) / 2),
        (y + ny) / 2,
        depth,
      );
    });
  }
  pen.close().fill(paints.hairBack).stroke(paints.colour.hairLine, 2.8);
  const tails = paints.look.style === "twintails";
  for (const lock of behind) drawLock(pen, lock, tails ? paints.hairTail : paints.hairBack, tails ? 0.3 : 0.12);
}

/** The side strands, in front of the ears. */
export function drawSides(pen: Pen): void {
  for (const lock of hairstyle(pen).sides) drawLock(pen, lock, pen.paints.hairLock, 0.32);
}

/** Trace the fringe from its tips; with the crown it is the whole cap, without it the part over the face. */
export function traceFringe(pen: Pen, whole: boolean): void {
  const { fringe } = hairstyle(pen);
  const sway = Math.sin((pen.pose.hair.front * Math.PI) / 180) * 60;
  const lift = pen.pose.hair.lift * 0.35;
  const startY = 16;
  const place = (x: number, y: number, give: number) =>
    [x + sway * give, y - lift * give, hairDepth(Math.max(-160, Math.min(160, x)), y) + 6] as const;
  pen.begin().move(-164, startY, 16);
  let [fx, fy] = [-158, startY - 20] as [number, number];
  fringe.forEach(({ tip, notch }, i) => {
    const [tx, ty] = tip;
    const end = i === fringe.length - 1;
    const [nx, ny] = end ? [158, startY - 20] : notch;
    const out = Math.sign(tx - CROWN_X) * 7;
    const down = place(tx + (fx - tx) * 0.12 - Math.abs(out) * 0.5, fy + (ty - fy) * 0.5, 0.4);
    const to = place(tx, ty, 1);
    pen.quad(...down, ...to);
    const up = place(tx + (nx - tx) * 0.2 + Math.abs(out) * 0.5, ny + (ty - ny) * 0.45, 0.4);
    const back = place(nx, ny, 0.15);
    pen.quad(...up, ...back);
    [fx, fy] = [nx, ny];
  });
  pen.line(164, startY, 16);
  if (whole) {
    pen
      .curve([186, -60, 0], [172, -168, 0], [84, -204, 10])
      .curve([48, -220, 16], [-48, -220, 16], [-84, -204, 10])
      .curve([-172, -168, 0], [-186, -60, 0], [-164, startY, 16]);
  } else {
    pen.line(164, -120, 60).line(-164, -120, 60);
  }
  pen.close();
}

/** The cap with its fringe, shaded and with the ring of light. */
export function drawFringe(pen: Pen): void {
  const { c, paints } = pen;
  const { colour } = paints;
  const { crown, fringe } = hairstyle(pen);
  traceFringe(pen, true);
  pen.fill(paints.hairFront);
  c.save();
  c.clip();
  drawFringeShade(pen);
  drawRing(pen);
  c.restore();
  traceFringe(pen, true);
  c.lineJoin = "round";
  pen.stroke(colour.hairLine, 2.8);
  // Lines of flow, from the notches up towards the crown.
  c.globalAlpha = 0.55;
  for (const { notch } of fringe.slice(0, -1)) {
    const [x, y] = notch;
    const endX = CROWN_X + (x - CROWN_X) * 0.52;
    const endY = y + (CROWN_Y - y) * 0.62;
    pen
      .begin()
      .move(x, y, hairDepth(x, y) + 6)
      .quad(x + (endX - x) * 0.25, y + (endY - y) * 0.5, hairDepth(x, y - 60) + 8, endX, endY, hairDepth(endX, endY))
      .stroke(colour.hairLine, 2);
  }
  c.globalAlpha = 1;
  for (const lock of crown) drawLock(pen, lock, colour.hair, 0.3);
}

/** Wedges of shadow above the notches, and darker sides: what makes the cap round. */
function drawFringeShade(pen: Pen): void {
  const { c, paints } = pen;
  const { fringe } = hairstyle(pen);
  c.globalAlpha = 0.62;
  for (const { notch } of fringe.slice(0, -1)) {
    const [x, y] = notch;
    const topX = CROWN_X + (x - CROWN_X) * 0.72;
    const topY = y - 78;
    pen
      .begin()
      .move(x - 13, y + 26, hairDepth(x, y))
      .quad(x - 3, y - 30, hairDepth(x, y - 30), topX, topY, hairDepth(topX, topY))
      .quad(x + 7, y - 30, hairDepth(x, y - 30), x + 13, y + 26, hairDepth(x, y))
      .close()
      .fill(paints.colour.hairShade);
  }
  c.globalAlpha = 0.5;
  for (const side of [-1, 1]) {
    pen
      .begin()
      .move(side * 186, -110, 0)
      .curve([side * 146, -70, 40], [side * 146, -10, 40], [side * 150, 80, 20])
      .line(side * 200, 80, 0)
      .close()
      .fill(paints.colour.hairShade);
  }
  c.globalAlpha = 1;
}

/** The ring of light: blades of uneven length around the crown, turning with the head. */
function drawRing(pen: Pen): void {
  const { c, paints } = pen;
  const blades = [
    [-132, 16], [-112, 34], [-90, 22], [-68, 46], [-44, 30], [-20, 52],
    [4, 28], [28, 48], [52, 26], [76, 42], [98, 22], [120, 32], [138, 14],
  ] as const; // biome-ignore format: a table
  c.globalAlpha = 0.62;
  c.fillStyle = paints.colour.hairShine;
  c.beginPath();
  for (const [x, length] of blades) {
    const y = -118 + (x / 140) ** 2 * 46;
    const lean = (x - CROWN_X) * 0.09;
    pen
      .move(x - 11, y, hairDepth(x, y))
      .quad(x - 2 - lean * 0.4, y - length * 0.5, hairDepth(x, y), x - lean, y - length * 0.72, hairDepth(x, y))
      .quad(x + 5 - lean * 0.3, y - length * 0.3, hairDepth(x, y), x + 12, y, hairDepth(x, y))
      .quad(x + 6 + lean * 0.3, y + length * 0.3, hairDepth(x, y), x + lean * 0.9, y + length * 0.62, hairDepth(x, y))
      .quad(x - 4 + lean * 0.3, y + length * 0.3, hairDepth(x, y), x - 11, y, hairDepth(x, y));
  }
  c.fill();
  c.globalAlpha = 1;
}
