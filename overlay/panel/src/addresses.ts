import { encode } from "uqr";

/** An address for a screen that others may see: what it is, and not the key in it. */
export function withoutKey(address: string): string {
  const { origin, pathname, searchParams } = new URL(address, location.href);
  return `${origin}${pathname}${searchParams.has("token") ? "?token=…" : ""}`;
}

/** Whether other devices can open an address: not one that means "this machine" wherever it is read. */
export function reachable(address: string): boolean {
  const { hostname } = new URL(address, location.href);
  return hostname !== "localhost" && hostname !== "[::1]" && !hostname.startsWith("127.");
}

/** The rows of a text's QR code, "1" for a dark square, without a frame; none for a text that is too long. */
export function qrRows(text: string): string[] {
  try {
    return encode(text, { border: 0 }).data.map((row) => row.map((dark) => (dark ? "1" : "0")).join(""));
  } catch {
    return [];
  }
}
