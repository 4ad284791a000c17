/** Scenes under a roof: a study, a café, a cabin in space. */
import { lighten, mix, multiply, type Rgb } from "../avatar/colour.ts";
import { type Board, HEIGHT, rgb, WIDTH } from "./board.ts";

const BOOKS = ["a8483f", "3d5a80", "d9a441", "5b7f5b", "7a5478", "c97b4a", "e4d9c3", "2f4858"].map(rgb);
const WARM: Rgb = [255, 205, 130];

/** A window with what is seen through it. */
function pane(b: Board, x: number, y: number, w: number, h: number, frame: Rgb, view: () => void): void {
  const { ctx } = b;
  b.box(x - 16, y - 16, w + 32, h + 32, frame, 3);
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, w, h);
  ctx.clip();
  view();
  ctx.restore();
  b.box(x + w / 2 - 6, y, 12, h, frame, 2);
  b.box(x, y + h * 0.42, w, 10, frame, 2);
  b.box(x - 30, y + h + 14, w + 60, 20, lighten(frame, 0.12), 3);
}

function skyline(b: Board, x: number, y: number, w: number, h: number): void {
  b.wash(
    y,
    y + h,
    b.night ? [rgb("18204a"), rgb("33407c"), rgb("6a5a98")] : [rgb("7ec3f0"), rgb("c3e6fa"), rgb("f6f3e4")],
    x,
    x + w,
  );
  if (b.night) {
    for (let i = 0; i < 40; i++)
      b.dot(x + b.chance() * w, y + b.chance() * h * 0.6, 0.8 + b.chance() * 1.4, [255, 250, 230], 0.8);
    b.glow(x + w * 0.74, y + h * 0.2, 90, [240, 240, 255], 0.5);
    b.dot(x + w * 0.74, y + h * 0.2, 26, rgb("fdf6da"));
  } else {
    b.cloud(x + w * 0.3, y + h * 0.36, 62, [255, 255, 255], rgb("c6dcf2"));
    b.cloud(x + w * 0.85, y + h * 0.24, 44, [255, 255, 255], rgb("c6dcf2"));
  }
  const hill = b.by("9cc7a8", "28345f");
  b.between(
    [x, y + h * 0.8, x + w * 0.3, y + h * 0.66, x + w * 0.7, y + h * 0.78, x + w, y + h * 0.68],
    [x + w, y + h, x, y + h],
    hill,
  );
  b.between(
    [x, y + h * 0.9, x + w * 0.4, y + h * 0.8, x + w, y + h * 0.92],
    [x + w, y + h, x, y + h],
    multiply(hill, [150, 170, 190]),
  );
}

function shelf(b: Board, x: number, y: number, w: number, h: number, rows: number, wood: Rgb): void {
  b.box(x, y, w, h, multiply(wood, [150, 130, 150]), 3.4);
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = [y + (h / rows) * row + 12, y + (h / rows) * (row + 1) - 12];
    let at = x + 18;
    while (at < x + w - 30) {
      const wide = 13 + b.chance() * 20;
      const tall = (bottom - top) * (0.6 + 0.36 * b.chance());
      const colour = multiply(BOOKS[Math.floor(b.chance() * BOOKS.length)] ?? WARM, b.by("fff4ea", "8f8bc0"));
      if (b.chance() < 0.09) {
        at += 34;
        continue;
      }
      b.box(at, bottom - tall, wide, tall, colour, 1.6);
      b.box(at + 2, bottom - tall * 0.82, wide - 4, 5, lighten(colour, 0.35), 0);
      at += wide + 1;
    }
    b.box(x - 4, bottom, w + 8, 12, wood, 2.4);
  }
  b.box(x - 10, y - 14, 16, h + 22, wood, 3);
  b.box(x + w - 6, y - 14, 16, h + 22, wood, 3);
  b.box(x - 18, y - 24, w + 36, 18, lighten(wood, 0.1), 3);
}

/** A plant in a pot. */
function plant(b: Board, x: number, y: number, size: number, pot: Rgb): void {
  const green = b.by("5f9a63", "35557a");
  for (let i = 0; i < 9; i++) {
    const lean = (i - 4) * 0.26 + (b.chance() - 0.5) * 0.2;
    const tall = size * (1.15 - Math.abs(i - 4) * 0.1 + b.chance() * 0.15);
    const [tx, ty] = [x + Math.sin(lean) * tall, y - Math.cos(lean) * tall];
    const tone = mix(multiply(green, [150, 150, 190]), green, b.chance());
    b.blob(
      [x, y, (x + tx) / 2 - size * 0.11, (y + ty) / 2, tx, ty, (x + tx) / 2 + size * 0.11, (y + ty) / 2],
      tone,
      1.6,
    );
  }
  b.poly(
    [x - size * 0.34, y - 6, x + size * 0.34, y - 6, x + size * 0.25, y + size * 0.5, x - size * 0.25, y + size * 0.5],
    pot,
    1,
    2.6,
  );
  b.poly(
    [x - size * 0.38, y - 14, x + size * 0.38, y - 14, x + size * 0.38, y + 4, x - size * 0.38, y + 4],
    lighten(pot, 0.1),
    1,
    2.4,
  );
}

function curtain(b: Board, x: number, y: number, w: number, h: number, colour: Rgb): void {
  b.between(
    [x, y, x + w, y],
    [x + w * 0.94, y + h * 0.5, x + w * 0.8, y + h, x + w * 0.06, y + h, x + w * 0.02, y + h * 0.5],
    colour,
  );
  for (let i = 1; i < 6; i++) {
    const at = x + (w * i) / 6;
    b.ink([at, y, at - 5, y + h * 0.5, at - w * 0.02 * i, y + h - 6], b.line(colour), 3.4, undefined, 0.5);
  }
}

/** A lamp that hangs; its light at night. */
function pendant(b: Board, x: number, drop: number, size: number, colour: Rgb): void {
  b.ink([x, 0, x, drop / 2, x, drop], b.line(colour), 3, () => 1);
  if (b.night) b.glow(x, drop + size, size * 7, WARM, 0.5);
  b.between(
    [x - size * 0.24, drop, x + size * 0.24, drop],
    [x + size, drop + size * 0.8, x, drop + size * 0.92, x - size, drop + size * 0.8],
    colour,
  );
  b.ink([x - size, drop + size * 0.8, x, drop + size * 0.92, x + size, drop + size * 0.8], b.line(colour), 4, () => 1);
  b.dot(x, drop + size * 0.92, size * 0.24, b.by("fff6dc", "fff0b8"));
}

export function study(b: Board): void {
  const wall = b.by("efe0c8", "4a4470");
  b.wash(0, HEIGHT, [lighten(wall, 0.1), wall, multiply(wall, [232, 214, 214])]);
  for (let x = 0; x < WIDTH; x += 64) b.ink([x, 0, x, 300, x, 640], multiply(wall, [225, 215, 220]), 2, () => 1, 0.5);
  const wood = b.by("9a6a45", "5c4560");
  shelf(b, 70, 110, 440, 560, 4, wood);
  pane(b, 1040, 120, 380, 380, b.by("f6efe2", "8d84a8"), () => skyline(b, 1040, 120, 380, 380));
  const cloth = b.by("d98b7a", "7c5278");
  b.box(960, 74, 540, 12, wood, 2.4);
  curtain(b, 968, 84, 92, 470, cloth);
  curtain(b, 1402, 84, 92, 470, cloth);
  // Pictures between shelf and window, seldom seen behind the figure.
  for (const [x, y, w, h] of [
    [600, 150, 120, 150],
    [760, 190, 150, 110],
    [620, 350, 100, 80],
  ] as const) {
    b.box(x, y, w, h, wood, 2.6);
    b.box(x + 10, y + 10, w - 20, h - 20, b.by("fbf6ea", "6b668f"), 1.4);
    b.blob(
      [x + 20, y + h - 22, x + w * 0.4, y + h * 0.42, x + w * 0.6, y + h * 0.6, x + w - 20, y + h - 22],
      b.by("8fb8b0", "454f7c"),
      1.2,
    );
  }
  if (b.night) {
    const cord: number[] = [];
    for (let i = 0; i <= 14; i++) cord.push(40 + i * 76, 66 + Math.sin((i / 14) * Math.PI * 3) ** 2 * 46);
    b.ink(cord, rgb("2a2444"), 2.6, () => 1);
    for (let i = 0; i < cord.length; i += 2) {
      const [x = 0, y = 0] = [cord[i], cord[i + 1]];
      b.glow(x, y + 9, 46, WARM, 0.65);
      b.dot(x, y + 9, 5, rgb("fff2c4"));
    }
  }
  const desk = b.by("b47f52", "6c4f62");
  b.wash(690, HEIGHT, [lighten(desk, 0.12), desk, multiply(desk, [190, 165, 175])]);
  b.ink([0, 690, 800, 690, 1600, 690], b.line(desk), 6, () => 1);
  for (let i = 0; i < 12; i++) {
    const [x, y] = [b.chance() * WIDTH, 720 + b.chance() * 160];
    b.ink([x, y, x + 120, y + 4, x + 260, y], multiply(desk, [215, 195, 195]), 3, undefined, 0.7);
  }
  plant(b, 1500, 640, 90, b.by("e7e2d6", "7f7896"));
  // The lamp on the desk, and books that lie.
  b.box(214, 668, 150, 22, rgb("7a4a52"), 2.4);
  b.box(228, 646, 128, 22, b.by("d9c38a", "8f7f7a"), 2.4);
  if (b.night) b.glow(1250, 600, 420, WARM, 0.6);
  b.ink([1250, 690, 1250, 640, 1230, 590], b.line(wood), 9, () => 1);
  b.dot(1250, 688, 44, b.by("6d5a52", "4c3c50"), 1, 0.24);
  b.poly([1180, 600, 1212, 528, 1262, 528, 1294, 600], b.by("f0d9a0", "ffe2a0"), 1, 3);
}

export function cafe(b: Board): void {
  const wall = b.by("d9b994", "5a3f48");
  b.wash(0, 640, [multiply(wall, [225, 215, 220]), wall]);
  for (let row = 0; row < 14; row++) {
    for (let col = -1; col < 17; col++) {
      if (b.chance() < 0.3) continue;
      const [x, y] = [col * 100 + (row % 2) * 50, row * 44];
      b.box(x + 3, y + 3, 94, 38, mix(wall, multiply(wall, [215, 190, 190]), b.chance()), 0);
    }
  }
  pane(b, 90, 120, 420, 400, b.by("5e4636", "3d2c38"), () => {
    skyline(b, 90, 120, 420, 400);
    for (let i = 0; i < 5; i++) {
      const x = 100 + i * 92;
      const tall = 120 + b.chance() * 120;
      const house = mix(b.by("e7cfae", "3a3763"), b.by("c98f78", "2c2a55"), b.chance());
      b.box(x, 520 - tall, 84, tall, house, 2);
      for (let k = 0; k < 6; k++) {
        const lit = b.night && b.chance() < 0.6;
        b.box(
          x + 14 + (k % 2) * 34,
          540 - tall + Math.floor(k / 2) * 40,
          20,
          24,
          lit ? rgb("ffd98a") : multiply(house, [150, 160, 200]),
          1.2,
        );
      }
    }
  });
  const wood = b.by("8a5a3c", "553a42");
  for (const y of [230, 360]) {
    b.box(1010, y, 500, 16, wood, 2.6);
    let x = 1030;
    while (x < 1480) {
      const kind = b.chance();
      const tone = multiply(BOOKS[Math.floor(b.chance() * BOOKS.length)] ?? WARM, b.by("ffffff", "b0a0c0"));
      if (kind < 0.4) {
        b.poly([x, y - 34, x + 34, y - 34, x + 29, y, x + 5, y], lighten(tone, 0.4), 1, 2);
        b.ink([x + 34, y - 28, x + 46, y - 20, x + 31, y - 10], b.line(tone), 4, () => 1);
        x += 58;
      } else {
        const tall = 46 + b.chance() * 34;
        b.box(x, y - tall, 32, tall, lighten(tone, 0.15), 2);
        b.box(x + 4, y - tall - 10, 24, 10, wood, 1.6);
        b.box(x + 5, y - tall * 0.62, 22, tall * 0.3, rgb("f7ecd8"), 1);
        x += 46;
      }
    }
  }
  // The board with what there is today.
  b.box(610, 120, 330, 250, wood, 4);
  b.box(624, 134, 302, 222, b.by("33413c", "262a36"), 2);
  for (let i = 0; i < 6; i++) {
    const wide = 110 + b.chance() * 110;
    b.ink(
      [650, 176 + i * 30, 650 + wide / 2, 172 + i * 30, 650 + wide, 177 + i * 30],
      rgb("e9e2cf"),
      5,
      () => 0.8,
      0.75,
    );
    b.ink([870, 176 + i * 30, 886, 174 + i * 30, 902, 177 + i * 30], rgb("f0c987"), 5, () => 0.8, 0.8);
  }
  for (const [x, drop, size] of [
    [300, 60, 46],
    [780, 30, 40],
    [1250, 60, 46],
  ] as const)
    pendant(b, x, drop, size, b.by("4d6b62", "3c4a52"));
  const counter = b.by("a87048", "66444a");
  b.wash(620, HEIGHT, [lighten(counter, 0.1), counter, multiply(counter, [190, 165, 170])]);
  b.box(0, 596, WIDTH, 34, lighten(counter, 0.22), 4);
  for (let x = 20; x < WIDTH; x += 130) b.box(x, 660, 112, 220, mix(counter, lighten(counter, 0.16), 0.6), 2.4);
  // A machine for coffee, cakes under glass.
  const steel = b.by("b9c0c6", "7a7a92");
  b.box(1130, 456, 250, 140, steel, 3.4);
  b.box(1150, 474, 210, 34, lighten(steel, 0.3), 2);
  b.box(1180, 540, 36, 30, rgb("3a3440"), 2);
  b.box(1290, 540, 36, 30, rgb("3a3440"), 2);
  b.box(1120, 440, 270, 20, lighten(steel, 0.2), 2.6);
  for (const x of [1146, 1196, 1246, 1296]) b.poly([x, 410, x + 34, 410, x + 29, 440, x + 5, 440], rgb("f4eee2"), 1, 2);
  plant(b, 560, 596, 74, b.by("e9dccb", "8a7686"));
  b.box(150, 584, 300, 12, b.by("f7ecd8", "b8a0a8"), 2);
  for (const [x, colour] of [
    [180, "f0b6bd"],
    [260, "8a5a44"],
    [340, "f3dc98"],
  ] as const) {
    b.poly([x, 594, x + 8, 552, x + 62, 552, x + 70, 594], rgb(colour), 1, 2.4);
    b.dot(x + 36, 546, 9, rgb("d8414f"));
  }
  b.poly([150, 520, 450, 520, 450, 596, 150, 596], [255, 255, 255], 0.18, 3);
}

export function cabin(b: Board): void {
  const { ctx } = b;
  const hull = b.by("c9d3e2", "3a3c66");
  b.wash(0, HEIGHT, [multiply(hull, [205, 205, 230]), hull, multiply(hull, [190, 190, 220])]);
  const frame = b.by("8e9bb4", "55568a");
  const oval = new Path2D();
  oval.roundRect(250, 90, 1100, 520, 200);
  const ring = new Path2D();
  ring.roundRect(214, 54, 1172, 592, 232);
  ctx.fillStyle = `rgb(${frame.map(Math.round).join(",")})`;
  ctx.fill(ring);
  ctx.lineWidth = 5;
  ctx.strokeStyle = `rgb(${b.line(frame).map(Math.round).join(",")})`;
  ctx.stroke(ring);
  ctx.save();
  ctx.clip(oval);
  b.wash(90, 610, [rgb("0c1030"), rgb("1c1f52"), b.by("2a4a80", "4a2a78")], 250, 1350);
  b.glow(520, 230, 420, b.by("5a90d0", "a050c8"), 0.4);
  b.glow(1120, 200, 320, b.by("5ac0d0", "d060a0"), 0.34);
  b.stars(240, 620);
  // A planet that fills the lower right, with bands and a rim of air.
  const [px, py, r] = [1130, 640, 400];
  b.glow(px, py, r * 1.3, b.by("a0e0ff", "c0a0ff"), 0.55);
  b.dot(px, py, r, b.by("5aa6dc", "5a4aa8"));
  ctx.save();
  ctx.beginPath();
  ctx.arc(px, py, r, 0, 2 * Math.PI);
  ctx.clip();
  for (let i = 0; i < 7; i++) {
    const y = py - r + 60 + i * 62;
    b.between(
      [px - r, y, px - r * 0.4, y - 20 - b.chance() * 20, px + r * 0.2, y + 10, px + r, y - 16],
      [px + r, y + 20, px + r * 0.2, y + 36, px - r * 0.4, y + 12, px - r, y + 26],
      i % 2 ? b.by("f2f8ff", "b49ae8") : b.by("7ccf9c", "7a68c8"),
      0.6,
    );
  }
  b.dot(px + 110, py + 70, r * 1.02, b.by("2a5a98", "1e1650"), 0.42);
  ctx.restore();
  b.dot(470, 200, 40, b.by("f0d8a8", "e8b8d8"));
  b.dot(482, 208, 36, b.by("cf9f70", "a878b0"), 0.5);
  b.ink([400, 232, 470, 205, 545, 172], b.by("f8ecd0", "f8d8f0"), 7, (t) => Math.sin(Math.PI * t), 0.85);
  ctx.restore();
  ctx.lineWidth = 6;
  ctx.stroke(oval);
  // A glance of the cabin's light on the glass.
  b.poly([330, 560, 470, 110, 540, 110, 400, 560], [255, 255, 255], 0.07);
  b.poly([430, 560, 570, 110, 590, 110, 450, 560], [255, 255, 255], 0.07);
  for (let i = 0; i < 22; i++) {
    const angle = (i / 22) * 2 * Math.PI;
    b.dot(800 + Math.cos(angle) * 566, 350 + Math.sin(angle) * 276, 7, b.line(frame), 0.6);
  }
  for (const side of [0, 1]) {
    const x = side ? 1420 : 30;
    b.box(x, 120, 150, 420, lighten(hull, 0.12), 3.4);
    for (let i = 0; i < 5; i++) {
      b.box(x + 18, 146 + i * 76, 114, 54, b.by("2e3a5a", "20204a"), 2);
      for (let k = 0; k < 8; k++) {
        const tall = 8 + b.chance() * 30;
        b.box(x + 26 + k * 12, 194 + i * 76 - tall, 8, tall, k % 3 ? rgb("64e0d0") : rgb("ffb86a"), 0);
      }
    }
  }
  b.wash(650, HEIGHT, [multiply(hull, [215, 215, 235]), multiply(hull, [170, 170, 205])]);
  b.ink([0, 652, 800, 646, 1600, 652], b.line(hull), 6, () => 1);
  const strip = b.by("aef0ff", "c89aff");
  b.glow(800, 668, 800, strip, 0.3);
  b.box(120, 662, 1360, 10, strip, 0);
  for (let x = 60; x < WIDTH; x += 220) {
    b.box(x, 710, 190, 150, mix(hull, multiply(hull, [185, 185, 215]), 0.4), 3);
    b.dot(x + 36, 742, 9, rgb("ff7a8a"));
    b.dot(x + 66, 742, 9, rgb("ffd36a"));
    b.dot(x + 96, 742, 9, rgb("7ae0a0"));
    b.box(x + 26, 772, 138, 12, b.by("5f6d8c", "2b2c58"), 0);
    b.box(x + 26, 800, 100, 12, b.by("5f6d8c", "2b2c58"), 0);
  }
}
