/** Names that are read aloud in another spelling: `bot/control/schemas/pronunciations.py` in TypeScript. */

/** A language; nothing stands for all. */
export type Tongue = "" | "en" | "zh" | "ja";

/** `POST /api/pronunciations`. */
export interface PronunciationIn {
  name: string;
  spelled: string;
  language: Tongue;
}

/** `POST /api/pronunciations/drop`. */
export interface ForgetPronunciationIn {
  name: string;
  language: Tongue;
}

/** One name; `own` when it stands in the operator's list, else in the persona's file. */
export interface PronunciationItem {
  name: string;
  spelled: string;
  language: Tongue;
  own: boolean;
}

/** `GET /api/pronunciations`: `room` is how many more names the list takes. */
export interface PronunciationView {
  names: PronunciationItem[];
  room: number;
}
