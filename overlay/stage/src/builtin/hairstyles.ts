import { bob } from "./cuts/bob.ts";
import { long } from "./cuts/long.ts";
import { short } from "./cuts/short.ts";
import { tied } from "./cuts/tied.ts";
import { tuft } from "./cuts/tuft.ts";
import { twintails } from "./cuts/twintails.ts";

export type { Haircut } from "./cuts/cut.ts";

/** Haircuts by the names that a look gives them. */
export const HAIRCUTS = { bob, twintails, long, short, tied, tuft } as const;
export type HaircutName = keyof typeof HAIRCUTS;
