/** The night bank on the wire: `bot/control/schemas/night.py` in TypeScript. Times are ISO 8601 with their zone. */

export type Talkativeness = "silent" | "seldom" | "sometimes" | "often" | "always";
export type PieceKind = "topic" | "story" | "fact" | "recap" | "question";
export type DraftState = "none" | "wanted" | "kept" | "dropped";

/** `POST /api/night/drop`. */
export interface DropPieceIn {
  piece: string;
}

/** How many pieces of a kind there are, and how many of them were never said. */
export interface NightKind {
  kind: PieceKind;
  pieces: number;
  unsaid: number;
}

/** One piece; `spoken` when its sound is there too. */
export interface NightPiece {
  piece: string;
  kind: PieceKind;
  words: string;
  made_at: string;
  said_at: string | null;
  spoken: boolean;
}

/** How the bank stands: `spoken` of `ahead` pieces are there as sound too, `seconds` of it in all. */
export interface NightView {
  talks: Talkativeness;
  away: boolean;
  mute: boolean;
  pieces: number;
  unsaid: number;
  spoken: number;
  ahead: number;
  seconds: number;
  kinds: NightKind[];
  last: NightPiece | null;
  draft: DraftState;
}
