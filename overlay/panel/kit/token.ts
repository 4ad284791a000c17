/** The token of this page: handed over in the address once, then kept for the tab and out of sight. */

const KEY = "haishin.token";

/** What `takeToken` needs of a window; a test hands in its own. */
export interface TokenPlace {
  readonly location: { readonly href: string };
  readonly history: { replaceState(data: unknown, unused: string, url: string): void };
  readonly sessionStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
}

/** Take the token from `?token=`, hide it from the address, and fall back on the one kept for a reload. */
export function takeToken(place: TokenPlace): string {
  const url = new URL(place.location.href);
  const given = url.searchParams.get("token");
  if (given === null) return kept(place);
  try {
    place.sessionStorage.setItem(KEY, given);
  } catch {
    // Storage is forbidden: leave the token in the address, so that a reload still works.
    return given;
  }
  url.searchParams.delete("token");
  place.history.replaceState(null, "", `${url.pathname}${url.search}${url.hash}`);
  return given;
}

function kept(place: TokenPlace): string {
  try {
    return place.sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

/** Write the address of a sister page, token included: `pageUrl("/stage/", token)`. */
export function pageUrl(path: string, token: string): string {
  return token ? `${path}?token=${encodeURIComponent(token)}` : path;
}

/** Write the address of a socket on the server that this page came from. */
export function socketUrl(location: { readonly protocol: string; readonly host: string }, path: string, token: string) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return pageUrl(`${scheme}//${location.host}${path}`, token);
}
