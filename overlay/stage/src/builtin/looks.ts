import { mix, multiply, parse, type Rgb } from "../avatar/colour.ts";
import { lightOf } from "../scenes/light.ts";
import { BODIES, type BodyName, type BodyShape } from "./bodies.ts";
import { coat } from "./clothes/coat.ts";
import { courier } from "./clothes/courier.ts";
import { fur } from "./clothes/fur.ts";
import type { Garment } from "./clothes/garment.ts";
import { hoodie } from "./clothes/hoodie.ts";
import { robe } from "./clothes/robe.ts";
import { waistcoat } from "./clothes/waistcoat.ts";
import { FACES, type FaceName, type FaceShape } from "./faces.ts";
import { HAIRCUTS, type Haircut, type HaircutName } from "./hairstyles.ts";
import type { Dyes } from "./paint.ts";
import { STANCES, type StanceName } from "./stance.ts";

const GARMENTS = { coat, courier, robe, hoodie, waistcoat, fur } as const satisfies Record<string, Garment>;
export type GarmentName = keyof typeof GARMENTS;

export const ACCESSORIES = [
  "none",
  "ribbon",
  "headphones",
  "flower",
  "antenna",
  "glasses",
  "ears",
  "star",
  "feelers",
] as const;
export type Accessory = (typeof ACCESSORIES)[number];

/** What a look says, as it comes: any of it may be missing or wrong. */
export type Wish = Readonly<Record<string, unknown>>;

/** A look that can be drawn. */
export interface Design {
  readonly dyes: Dyes;
  readonly face: FaceShape;
  readonly body: BodyShape;
  readonly hair: Haircut;
  readonly garment: Garment;
  readonly accessory: Accessory;
  readonly stance: StanceName;
  readonly creature: boolean;
}

/** What each haircut is worn with where a look does not say. */
const USUAL: Record<HaircutName, { face: FaceName; body: BodyName; clothes: GarmentName; stance: StanceName }> = {
  bob: { face: "soft", body: "woman", clothes: "coat", stance: "hip" },
  twintails: { face: "round", body: "girl", clothes: "courier", stance: "clasped" },
  long: { face: "slender", body: "woman", clothes: "robe", stance: "clasped" },
  short: { face: "boyish", body: "man", clothes: "hoodie", stance: "pockets" },
  tied: { face: "angular", body: "man", clothes: "waistcoat", stance: "casual" },
  tuft: { face: "creature", body: "creature", clothes: "fur", stance: "paws" },
};

const FALLBACK = {
  hair: [107, 124, 255],
  hair_tip: [181, 163, 255],
  eyes: [47, 183, 201],
  skin: [255, 230, 216],
  outfit: [58, 66, 112],
  accent: [255, 143, 176],
  shirt: [246, 240, 232],
  scene: [168, 184, 255],
} as const satisfies Record<string, Rgb>;

function pick<T extends string>(value: unknown, known: Readonly<Record<T, unknown>>, otherwise: T): T {
  return typeof value === "string" && Object.hasOwn(known, value) ? (value as T) : otherwise;
}

/** Put the dyes into the light of the drawn surroundings: all that is lit takes its colour. */
function lit(dyes: Dyes, wish: Wish): Dyes {
  const light = lightOf(wish.backdrop, wish.hour);
  if (!light) return dyes;
  const under = (dye: Rgb, share: number): Rgb => mix(dye, multiply(dye, light.key), light.share * share);
  return {
    hair: under(dyes.hair, 1),
    tip: under(dyes.tip, 1),
    eyes: under(dyes.eyes, 0.3),
    skin: under(dyes.skin, 0.5),
    outfit: under(dyes.outfit, 1),
    accent: under(dyes.accent, 0.8),
    shirt: under(dyes.shirt, 1),
    scene: light.rim,
  };
}

function colour(wish: Wish, key: keyof typeof FALLBACK): Rgb {
  const value = wish[key];
  return typeof value === "string" ? parse(value, FALLBACK[key]) : FALLBACK[key];
}

/** Read a look; whatever is wrong in it becomes what is usual, since a wrong setting must not blank the picture. */
export function designOf(wish: Wish): Design {
  const style = pick(wish.style, HAIRCUTS, "long");
  const usual = USUAL[style];
  const face = pick(wish.face, FACES, usual.face);
  const body = pick(wish.body, BODIES, usual.body);
  const clothes = pick(wish.clothes, GARMENTS, usual.clothes);
  const accessory = ACCESSORIES.find((name) => name === wish.accessory) ?? "none";
  return {
    dyes: lit(
      {
        hair: colour(wish, "hair"),
        tip: colour(wish, "hair_tip"),
        eyes: colour(wish, "eyes"),
        skin: colour(wish, "skin"),
        outfit: colour(wish, "outfit"),
        accent: colour(wish, "accent"),
        shirt: colour(wish, "shirt"),
        scene: colour(wish, "scene"),
      },
      wish,
    ),
    face: FACES[face],
    body: BODIES[body],
    hair: HAIRCUTS[style](),
    garment: GARMENTS[clothes],
    accessory,
    stance: pick(wish.stance, STANCES, usual.stance),
    creature: body === "creature",
  };
}

/** The six finished looks. */
export const LOOKS: Readonly<Record<string, Wish>> = {
  mira: {
    style: "bob",
    accessory: "star",
    hair: "#24375e",
    hair_tip: "#f2a65a",
    eyes: "#f0b13c",
    skin: "#ffe3cf",
    outfit: "#2c4170",
    accent: "#ffc56b",
    shirt: "#f6ecdc",
  },
  xiaoyun: {
    style: "twintails",
    accessory: "antenna",
    hair: "#cfe8ff",
    hair_tip: "#ffb3c7",
    eyes: "#4aa8e0",
    skin: "#fff0e6",
    outfit: "#4f7fb8",
    accent: "#ffd166",
    shirt: "#fdfaf6",
  },
  ruoxi: {
    style: "long",
    accessory: "flower",
    hair: "#3a2233",
    hair_tip: "#8c3f5e",
    eyes: "#c2476b",
    skin: "#fff0e8",
    outfit: "#a83850",
    accent: "#e6c27a",
    shirt: "#fbf3ea",
  },
  kai: {
    style: "short",
    accessory: "headphones",
    hair: "#c9713a",
    hair_tip: "#ffb86b",
    eyes: "#3f9c6a",
    skin: "#ffdcc0",
    outfit: "#3d5a57",
    accent: "#ffcf4a",
    shirt: "#f4f1ea",
  },
  theo: {
    style: "tied",
    accessory: "glasses",
    hair: "#8a8fa3",
    hair_tip: "#c9cede",
    eyes: "#6b7fc7",
    skin: "#f6d5bd",
    outfit: "#4a3550",
    accent: "#c98a4b",
    shirt: "#f7f4f0",
  },
  pepper: {
    style: "tuft",
    accessory: "feelers",
    hair: "#e8d9c0",
    hair_tip: "#b98a5e",
    eyes: "#37305a",
    skin: "#f3e8d6",
    outfit: "#d9a066",
    accent: "#ffd98a",
    shirt: "#fffaf0",
  },
};
