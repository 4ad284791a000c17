/** What the host remembers on the wire: `bot/control/schemas/memory.py` in TypeScript. Times are ISO 8601. */

export type PieceKind = "viewer" | "canon" | "episode" | "gag" | "promise" | "summary" | "knowledge";
export type PieceState = "active" | "superseded" | "archived" | "kept" | "excused";

/** How memory stands: `pieces` are in use, `vectors` of `total` are made; `detail` is for people. */
export interface MemoryView {
  pieces: number;
  vectors: number;
  total: number;
  detail: string;
}

/** One thing that is remembered; `name` is the viewer's whom it is about, `origin` the line it is from. */
export interface MemoryPiece {
  id: number;
  kind: PieceKind;
  state: PieceState;
  text: string;
  source: string;
  viewer: string;
  name: string;
  slot: string;
  origin: string;
  page: string;
  uses: number;
  at: string | null;
  used_at: string | null;
  due_at: string | null;
}

/** A viewer who asked to be remembered; one `person` may have several accounts. */
export interface MemoryViewer {
  source: string;
  viewer: string;
  person: string;
  name: string;
  visits: number;
  since: string;
  seen_at: string;
}

/** A passage of the persona's pages that the last answer drew on. */
export interface MemoryNote {
  page: string;
  heading: string;
  text: string;
}

/** `POST /api/memory/correct`. */
export interface CorrectIn {
  piece: number;
  text: string;
}

/** `POST /api/memory/delete`. */
export interface DeletePieceIn {
  piece: number;
}
