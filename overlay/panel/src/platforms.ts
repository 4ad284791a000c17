/** What the control room makes of connections: their order and colours, who may do what, codes to scan. */

import { calmLine, cut } from "../kit/text.ts";
import type { Action, Connection, ConnectionState, QueueItem, Role } from "./api.ts";

export type Tone = "good" | "calm" | "warn" | "bad";

export const TONES: Readonly<Record<ConnectionState, Tone>> = {
  live: "good",
  quiet: "calm",
  connecting: "warn",
  deaf: "bad",
  expired: "bad",
  denied: "bad",
};

/** What needs a look comes first. */
const RANK: Readonly<Record<ConnectionState, number>> = {
  expired: 0,
  denied: 1,
  deaf: 2,
  connecting: 3,
  quiet: 4,
  live: 5,
};

export function byUrgency(connections: readonly Connection[]): Connection[] {
  return [...connections].sort((a, b) => RANK[a.state] - RANK[b.state] || a.name.localeCompare(b.name));
}

/** A sign-in that ends within this long is urgent, and soon, s. */
const URGENT_S = 86_400;
const SOON_S = 3 * 86_400;

/** How much the end of a sign-in matters; one that renews itself ends all day long, which is no news. */
export function expiryTone({ renews }: Pick<Connection, "renews">, seconds: number): Tone {
  if (renews) return "calm";
  if (seconds < URGENT_S) return "bad";
  return seconds < SOON_S ? "warn" : "calm";
}

/** Whose accounts a connection takes: on Twitch the host may write as one and the channel belong to another. */
export function signInRoles({ name, can_sign_in }: Pick<Connection, "name" | "can_sign_in">): Role[] {
  if (!can_sign_in) return [];
  return name === "twitch" ? ["bot", "streamer"] : ["bot"];
}

/** A viewer's message wherever it is shown, waiting or on air: what an order about it has to name. */
export type Written = Pick<QueueItem, "id" | "source" | "author" | "author_id" | "kind">;

/** Whether two are the same message; ids of two platforms may be equal. */
export const sameMessage = (a: Pick<Written, "id" | "source">, b: Pick<Written, "id" | "source"> | null): boolean =>
  a.id === b?.id && a.source === b.source;

/** One word for a message in a set; ids of two platforms may be equal. */
export const messageKey = ({ source, id }: Pick<Written, "id" | "source">): string => `${source} ${id}`;

/** What the menu of an item offers, in the order of how hard it is to take back. */
const MENU = ["delete", "warn", "timeout", "ban"] as const satisfies readonly Action[];
export type ItemAction = (typeof MENU)[number];

/** What can be done about an item: what its platform allows, and what the item has enough to name. */
export function itemActions(item: Written, connections: readonly Connection[]): ItemAction[] {
  const allowed = connections.find(({ name }) => name === item.source)?.actions ?? [];
  // Ids with a colon are made by the host for events, which are no messages that could be deleted.
  const written = (item.kind === "chat" || item.kind === "cheer") && !item.id.includes(":");
  return MENU.filter((action) => allowed.includes(action) && (action === "delete" ? written : item.author_id !== ""));
}

/** Whether a permit to post a link can be given to who wrote this: a viewer who has a name or an id. */
export function permittable({ kind, source, author, author_id }: Written): boolean {
  return kind !== "host" && kind !== "timer" && source !== "" && (author_id || author.trim()) !== "";
}

/** Whether a viewer can be forgotten: only by the platform's id of them. The host's own lines have none. */
export function forgettable({ source, author_id }: Pick<Written, "source" | "author_id">): boolean {
  return source !== "" && author_id !== "";
}

/** The connections that can write to their chat. */
export function writable(connections: readonly Connection[]): Connection[] {
  return connections.filter(({ actions }) => actions.includes("send"));
}

/** The light frame that readers need around a QR code, in squares. */
const QUIET = 4;

/** A QR code as the path of an SVG whose unit is one square, and its edge with that frame; null for none. */
export function qrPath(rows: readonly string[]): { path: string; edge: number } | null {
  const size = rows.length;
  if (size < 21 || size > 177 || rows.some((row) => row.length !== size || /[^01]/u.test(row))) return null;
  let path = "";
  for (const [y, row] of rows.entries()) {
    for (const run of row.matchAll(/1+/gu)) {
      path += `M${run.index + QUIET} ${y + QUIET}h${run[0].length}v1h-${run[0].length}z`;
    }
  }
  return { path, edge: size + 2 * QUIET };
}

/** An address that may become a link: https alone, so that no server's answer can run anything here. */
export function safeUrl(url: string): string | null {
  try {
    const parsed = new URL(url);
    return parsed.protocol === "https:" && !parsed.username && !parsed.password ? parsed.href : null;
  } catch {
    return null;
  }
}

/** What an alarm is about: the part of its id before the colon, and the connection after it. */
export function alarmSubject(id: string): { kind: string; source: string } {
  const [kind = "", source = ""] = id.split(":");
  return { kind, source };
}

/** One line of a stranger's, fit to be shown in little room. */
export function brief(text: string, most: number): string {
  return cut(calmLine(text), most);
}
