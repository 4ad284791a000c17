/** Scenes under the sky: a rooftop in the city, the seaside, a shrine's garden. */
import { lighten, mix, multiply, type Rgb } from "../avatar/colour.ts";
import { type Board, HEIGHT, rgb, WIDTH } from "./board.ts";

const WARM: Rgb = [255, 205, 130];

function moon(b: Board, x: number, y: number, r: number): void {
  b.glow(x, y, r * 5, rgb("dfe6ff"), 0.55);
  b.dot(x, y, r, rgb("fdf7dd"));
  b.dot(x - r * 0.3, y - r * 0.1, r * 0.2, rgb("e9dfc0"), 0.7);
  b.dot(x + r * 0.24, y + r * 0.3, r * 0.15, rgb("e9dfc0"), 0.7);
}

function bulbs(b: Board, points: readonly (readonly [number, number])[], sag: number): void {
  for (let i = 0; i < points.length - 1; i++) {
    const [x0, y0] = points[i] ?? [0, 0];
    const [x1, y1] = points[i + 1] ?? [0, 0];
    b.ink([x0, y0, (x0 + x1) / 2, (y0 + y1) / 2 + sag, x1, y1], rgb("2c2840"), 3, () => 1);
    for (let k = 1; k < 6; k++) {
      const t = k / 6;
      const [x, y] = [x0 + (x1 - x0) * t, y0 + (y1 - y0) * t + sag * 4 * t * (1 - t) + 10];
      if (b.night) b.glow(x, y, 52, WARM, 0.6);
      b.dot(x, y, 7, b.by("f4ead0", "fff0b8"));
    }
  }
}

export function city(b: Board): void {
  b.wash(
    0,
    760,
    b.night
      ? [rgb("121436"), rgb("2e2560"), rgb("7a3f86"), rgb("d8708a")]
      : [rgb("4fa4e8"), rgb("9ed4f8"), rgb("e2f3fc")],
  );
  if (b.night) {
    b.stars(130, 380);
    moon(b, 1290, 140, 46);
  } else {
    b.cloud(300, 210, 130, [255, 255, 255], rgb("bcd8f2"));
    b.cloud(1260, 160, 100, [255, 255, 255], rgb("bcd8f2"));
    b.cloud(880, 300, 70, [255, 255, 255], rgb("cfe4f6"), 0.85);
  }
  for (const [layer, day, night, foot, low, high] of [
    [0, "b4cfe6", "4d3c7c", 700, 120, 330],
    [1, "8fb0cf", "352c66", 730, 130, 380],
    [2, "6c8fb4", "231f4e", 770, 90, 330],
  ] as const) {
    let x = -30 - b.chance() * 40;
    while (x < WIDTH) {
      const wide = 70 + b.chance() * 90;
      // Lower in the middle, where the figure stands.
      const aside = Math.abs((x + wide / 2 - WIDTH / 2) / (WIDTH / 2));
      const tall = low + (high - low) * b.chance() * (0.45 + 0.55 * aside);
      const wall = mix(b.by(day, night), [255, 255, 255], b.night ? 0 : 0.12 * b.chance());
      b.box(x, foot - tall, wide, HEIGHT - foot + tall, wall, layer === 2 ? 2.4 : 1.4);
      if (b.chance() < 0.3)
        b.ink(
          [x + wide / 2, foot - tall, x + wide / 2, foot - tall - 30, x + wide / 2, foot - tall - 60],
          b.line(wall),
          3,
        );
      if (b.chance() < 0.4) b.box(x + 10, foot - tall - 18, wide * 0.4, 18, wall, 1.4);
      const [gap, pane] = layer === 2 ? [26, 13] : [19, 9];
      for (let wy = foot - tall + 16; wy < foot; wy += gap) {
        for (let wx = x + 10; wx < x + wide - pane; wx += gap) {
          const lit = b.night && b.chance() < 0.38;
          const glass = lit
            ? mix(rgb("ffd68a"), rgb("ff9ac0"), b.chance() * 0.5)
            : multiply(wall, b.by("c4d6ec", "b0a8d8"));
          b.box(wx, wy, pane, pane * 1.15, glass, 0);
        }
      }
      x += wide + 2 + b.chance() * 10;
    }
  }
  if (b.night) b.glow(800, 760, 900, rgb("ff86b0"), 0.2);
  // The roof: a wall, a rail, a tank, a signboard.
  const roof = b.by("b8a79c", "4a3f66");
  b.wash(752, HEIGHT, [roof, multiply(roof, [190, 180, 200])]);
  b.box(-10, 740, WIDTH + 20, 28, lighten(roof, 0.14), 4);
  const rail = b.by("5d6a78", "2a2650");
  for (let x = 20; x < WIDTH; x += 62) b.box(x, 610, 9, 130, rail, 1.6);
  b.box(-10, 596, WIDTH + 20, 16, lighten(rail, 0.14), 2.6);
  b.box(-10, 664, WIDTH + 20, 8, rail, 1.6);
  const tank = b.by("a86e54", "5a3f60");
  b.ink([70, 740, 90, 640, 100, 560], b.line(tank), 12, () => 1);
  b.ink([270, 740, 252, 640, 244, 560], b.line(tank), 12, () => 1);
  b.ink([80, 690, 170, 640, 262, 590], b.line(tank), 7, () => 1);
  b.box(76, 390, 190, 180, tank, 3.4);
  for (let i = 1; i < 6; i++)
    b.ink([76 + i * 32, 392, 76 + i * 32, 480, 76 + i * 32, 568], b.line(tank), 2, () => 1, 0.6);
  b.poly([58, 394, 171, 312, 284, 394], lighten(tank, 0.12), 1, 3.4);
  b.box(70, 440, 202, 12, multiply(tank, [170, 150, 160]), 2);
  plantBox(b, 1330, 740);
  bulbs(
    b,
    [
      [0, 330],
      [540, 250],
      [1060, 250],
      [1600, 330],
    ],
    40,
  );
}

function plantBox(b: Board, x: number, y: number): void {
  b.leaves(x + 100, y - 74, 110, 40, b.by("5f9a58", "3a4f80"), 70);
  b.box(x - 10, y - 52, 220, 52, b.by("8c5f44", "503c5c"), 3.4);
}

export function seaside(b: Board): void {
  b.wash(
    0,
    470,
    b.night ? [rgb("0e1540"), rgb("223272"), rgb("4c5aa8")] : [rgb("3f9fe8"), rgb("8fd0f8"), rgb("e9f7fb")],
  );
  if (b.night) {
    b.stars(190, 430);
    moon(b, 1180, 150, 54);
  } else {
    b.cloud(240, 420, 150, [255, 255, 255], rgb("b9d8f4"));
    b.cloud(560, 438, 90, [255, 255, 255], rgb("c9e0f6"));
    b.cloud(1340, 400, 170, [255, 255, 255], rgb("b9d8f4"));
    b.cloud(1040, 220, 70, [255, 255, 255], rgb("cfe6f8"), 0.9);
  }
  const far = b.by("7fb4b8", "2a3568");
  b.between([980, 470, 1080, 430, 1180, 446, 1300, 410, 1440, 440, 1610, 420], [1610, 474, 980, 474], far);
  // The lighthouse on its rock.
  const rock = b.by("8a8f86", "2f3560");
  b.between([90, 480, 170, 430, 260, 410, 350, 424, 460, 480], [460, 490, 90, 490], rock);
  b.between([150, 440, 220, 404, 300, 402, 352, 426], [352, 440, 150, 450], b.by("86b070", "33466c"));
  if (b.night) {
    b.poly([270, 208, 1600, 40, 1600, 250], rgb("fff0c0"), 0.13);
    b.glow(268, 206, 150, WARM, 0.8);
  }
  b.poly([240, 410, 252, 232, 286, 232, 298, 410], b.by("fdfaf2", "b4b4d8"), 1, 3);
  for (const y of [270, 330, 390])
    b.poly(
      [
        250 - (y - 270) * 0.06,
        y,
        288 + (y - 270) * 0.06,
        y,
        291 + (y - 270) * 0.06,
        y - 26,
        248 - (y - 270) * 0.06,
        y - 26,
      ],
      b.by("d8574f", "8a4470"),
      1,
      0,
    );
  b.box(250, 192, 38, 40, b.by("cfe6f0", "fff0b0"), 2.6);
  b.poly([240, 194, 269, 160, 298, 194], b.by("c8463e", "7a3c68"), 1, 3);
  b.box(240, 228, 58, 9, b.by("4a5058", "2a2850"), 2);
  b.wash(
    470,
    700,
    b.night ? [rgb("34468e"), rgb("1c2a68"), rgb("1a3a70")] : [rgb("2f8fcf"), rgb("3fb0d8"), rgb("8fe0dc")],
  );
  for (let i = 0; i < 130; i++) {
    const y = 476 + b.chance() ** 1.5 * 200;
    const size = 8 + ((y - 470) / 200) * 60;
    const x = b.chance() * WIDTH;
    b.ink(
      [x, y, x + size / 2, y - 2, x + size, y],
      b.by("e8fbff", "7f98e0"),
      1.6 + (y - 470) / 90,
      (t) => Math.sin(Math.PI * t),
      0.55,
    );
  }
  for (let i = 0; i < 70; i++) {
    const y = 474 + b.chance() * 190;
    const x = (b.night ? 1180 : 860) + (b.chance() - 0.5) * (60 + (y - 470) * 1.3);
    b.ink([x - 18, y, x, y - 1, x + 18, y], b.by("ffffff", "fdf2c8"), 3, (t) => Math.sin(Math.PI * t), 0.6);
  }
  // Foam, sand, and the deck with its rail.
  const sand = b.by("f4e3bd", "6a6a98");
  b.between(
    [0, 690, 300, 660, 620, 692, 980, 664, 1300, 690, 1600, 662],
    [1600, HEIGHT, 0, HEIGHT],
    b.by("ffffff", "a8b8e8"),
    0.85,
  );
  b.between([0, 706, 300, 676, 620, 708, 980, 680, 1300, 708, 1600, 678], [1600, HEIGHT, 0, HEIGHT], sand);
  for (let i = 0; i < 90; i++)
    b.dot(b.chance() * WIDTH, 720 + b.chance() * 90, 1.4 + b.chance() * 2, multiply(sand, [200, 180, 160]), 0.6);
  const deck = b.by("b58a62", "54507c");
  b.wash(800, HEIGHT, [lighten(deck, 0.1), multiply(deck, [200, 185, 185])]);
  for (let x = -20; x < WIDTH; x += 108) b.ink([x, 800, x - 10, 850, x - 24, 900], b.line(deck), 3, () => 1, 0.7);
  for (const x of [40, 410, 1150, 1530]) b.box(x, 640, 26, 190, deck, 3);
  b.box(-10, 652, 470, 18, lighten(deck, 0.15), 3);
  b.box(1140, 652, 480, 18, lighten(deck, 0.15), 3);
  b.box(-10, 730, 470, 12, deck, 2.4);
  b.box(1140, 730, 480, 12, deck, 2.4);
  b.box(-10, 796, WIDTH + 20, 14, lighten(deck, 0.15), 3.4);
  // A parasol, half in the picture.
  if (!b.night) {
    b.ink([1480, 800, 1450, 560, 1424, 350], rgb("d8cbb4"), 10, () => 1);
    const stripes = ["f05f5f", "fff4e6", "f05f5f", "fff4e6", "f05f5f"].map(rgb);
    for (const [i, colour] of stripes.entries()) {
      const [l, r] = [1190 + i * 92, 1190 + (i + 1) * 92];
      b.poly(
        [1420, 318, l, 440 - Math.sin((i / 5) * Math.PI) * 24, r, 440 - Math.sin(((i + 1) / 5) * Math.PI) * 24],
        colour,
        1,
        2.4,
      );
    }
  }
}

export function shrine(b: Board): void {
  b.wash(
    0,
    640,
    b.night ? [rgb("171a44"), rgb("36346e"), rgb("7a5a92")] : [rgb("9fd4f4"), rgb("d8eef8"), rgb("fdf3ea")],
  );
  if (b.night) {
    b.stars(110, 380);
    moon(b, 420, 140, 50);
  } else {
    b.cloud(1250, 190, 90, [255, 255, 255], rgb("d4e6f4"), 0.9);
    b.cloud(180, 240, 70, [255, 255, 255], rgb("d4e6f4"), 0.9);
  }
  b.between(
    [0, 470, 260, 360, 520, 440, 820, 330, 1120, 430, 1380, 350, 1600, 440],
    [1600, 700, 0, 700],
    b.by("a9cbb8", "3a3f74"),
  );
  b.between(
    [0, 560, 300, 480, 640, 540, 1000, 470, 1320, 540, 1600, 490],
    [1600, 720, 0, 720],
    b.by("7fae8c", "2c3262"),
  );
  for (let i = 0; i < 26; i++) {
    const x = i * 66 - 20 + b.chance() * 30;
    b.leaves(x, 560 + b.chance() * 30, 54, 40, b.by("5f9268", "2a3562"), 26);
  }
  const ground = b.by("bfc79a", "3f4570");
  b.wash(610, HEIGHT, [ground, multiply(ground, [190, 195, 190])]);
  const path = b.by("d9d2c4", "6a6690");
  b.poly([660, 620, 940, 620, 1180, 900, 420, 900], path);
  for (let row = 0; row < 6; row++) {
    const y = 626 + row * row * 8 + row * 14;
    const half = 140 + (y - 620) * 0.86;
    b.ink([800 - half, y, 800, y + 2, 800 + half, y], b.line(path), 3, () => 1, 0.5);
    for (let k = -2; k <= 2; k++) {
      const x = 800 + (k + (row % 2) * 0.5) * half * 0.4;
      b.ink([x, y, x + k * 2, y + 12, x + k * 5, y + 26 + row * 6], b.line(path), 2.4, () => 1, 0.4);
    }
  }
  // The gate, wide enough to frame whoever stands before it.
  const red = b.by("d9503c", "a03a54");
  const dark = b.by("4a3a40", "241e40");
  for (const side of [-1, 1]) {
    const x = 800 + side * 370;
    b.poly([x - 24 - side * 8, 210, x + 24 - side * 8, 210, x + 30, 760, x - 30, 760], red, 1, 4);
    b.poly(
      [x + 6 - side * 8, 212, x + 22 - side * 8, 212, x + 28, 730, x + 8, 730],
      multiply(red, [200, 150, 170]),
      0.8,
    );
    b.poly([x - 32, 716, x + 32, 716, x + 36, 766, x - 36, 766], dark, 1, 3.4);
  }
  b.box(400, 268, 800, 36, red, 4);
  b.box(776, 196, 48, 74, dark, 3);
  b.box(783, 204, 34, 58, b.by("e8c86a", "b08a50"), 1.6);
  b.between(
    [300, 132, 560, 164, 800, 170, 1040, 164, 1300, 132],
    [1290, 178, 1040, 204, 800, 210, 560, 204, 310, 178],
    red,
  );
  b.ink([310, 178, 560, 204, 800, 210, 1040, 204, 1290, 178], b.line(red), 5, () => 1);
  b.between(
    [278, 104, 560, 142, 800, 148, 1040, 142, 1322, 104],
    [1308, 140, 1040, 172, 800, 178, 560, 172, 292, 140],
    dark,
  );
  const rope: number[] = [];
  for (let i = 0; i <= 8; i++) rope.push(450 + i * 87.5, 316 + Math.sin((i / 8) * Math.PI) * 34);
  b.ink(rope, b.by("e6d6a8", "8a7f90"), 18, (t) => 0.55 + 0.45 * Math.sin(Math.PI * t));
  for (const i of [2, 4, 6]) {
    const [x, y] = [rope[i * 2] ?? 0, (rope[i * 2 + 1] ?? 0) + 6];
    b.poly(
      [x - 9, y, x + 9, y, x + 2, y + 20, x + 16, y + 20, x + 4, y + 46, x + 6, y + 26, x - 8, y + 26],
      [255, 255, 255],
      1,
      1.4,
    );
  }
  for (const x of [170, 1430]) lantern(b, x, 770);
  for (const [x, y, flip] of [
    [0, 0, 1],
    [1600, 0, -1],
  ] as const)
    branch(b, x, y, flip);
  for (let i = 0; i < 70; i++) {
    const [x, y] = [b.chance() * WIDTH, 60 + b.chance() * 800];
    if (b.night && i % 2) {
      b.glow(x, 400 + y * 0.5, 22, rgb("d8ff9a"), 0.6);
      b.dot(x, 400 + y * 0.5, 2.6, rgb("f4ffd0"));
    } else {
      const turn = b.chance() * 3;
      b.blob([x, y, x + 9 * Math.cos(turn), y + 9 * Math.sin(turn), x + 4, y + 9], b.by("ffc4d2", "b888b8"), 0, 0.85);
    }
  }
}

function lantern(b: Board, x: number, foot: number): void {
  const stone = b.by("a9aca8", "565a86");
  if (b.night) b.glow(x, foot - 176, 260, WARM, 0.7);
  b.poly([x - 56, foot, x + 56, foot, x + 44, foot - 30, x - 44, foot - 30], stone, 1, 3.4);
  b.poly([x - 20, foot - 30, x + 20, foot - 30, x + 16, foot - 130, x - 16, foot - 130], lighten(stone, 0.08), 1, 3.4);
  b.poly([x - 50, foot - 130, x + 50, foot - 130, x + 40, foot - 152, x - 40, foot - 152], stone, 1, 3.4);
  b.box(x - 34, foot - 206, 68, 54, stone, 3);
  b.box(x - 18, foot - 198, 36, 38, b.by("5f5a55", "ffe09a"), 2.4);
  b.poly([x - 72, foot - 206, x + 72, foot - 206, x + 26, foot - 250, x - 26, foot - 250], stone, 1, 3.4);
  b.dot(x, foot - 258, 13, stone);
}

/** A cherry's branch from an upper corner. */
function branch(b: Board, x: number, y: number, flip: 1 | -1): void {
  const bark = b.by("6a4a48", "2c2448");
  const main = [x - flip * 40, y + 40, x + flip * 160, y + 120, x + flip * 320, y + 110, x + flip * 470, y + 150];
  b.ink(main, bark, 30, (t) => 1 - 0.85 * t);
  b.ink([x + flip * 170, y + 116, x + flip * 230, y + 190, x + flip * 250, y + 270], bark, 16, (t) => 1 - 0.85 * t);
  for (const [dx, dy, rx, ry, count] of [
    [60, 40, 150, 90, 90],
    [260, 80, 120, 60, 60],
    [240, 240, 80, 60, 40],
    [430, 140, 80, 46, 40],
  ] as const) {
    b.leaves(x + flip * dx, y + dy, rx, ry, b.by("ffb7c9", "9a78b4"), count);
    b.leaves(x + flip * dx - 10, y + dy - 16, rx * 0.8, ry * 0.7, b.by("ffd9e2", "b892c8"), Math.round(count / 2));
  }
}
