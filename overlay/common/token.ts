const KEY = "haishin-token";

/**
 * Give the token that the page was opened with (`?token=`), or the one kept from an earlier load of
 * this tab. `hide` takes it out of the visible address, so that it is not read off a shared screen.
 */
export function takeToken({ hide = false }: { hide?: boolean } = {}): string {
  const address = new URL(location.href);
  const given = address.searchParams.get("token");
  if (given === null) return recall();
  try {
    sessionStorage.setItem(KEY, given);
  } catch {
    return given; // storage may be off; then the address has to keep the token
  }
  if (hide) {
    address.searchParams.delete("token");
    history.replaceState(history.state, "", address);
  }
  return given;
}

function recall(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

/** Give the address of a socket on this page's own server. */
export function socketUrl(path: string, query: Record<string, string>): string {
  const address = new URL(path, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.search = new URLSearchParams(query).toString();
  address.hash = "";
  return address.href;
}

/** Give the address of another page of this server, with the token that opens it. */
export function pageUrl(path: string, token: string): string {
  const address = new URL(path, location.href);
  address.search = token ? new URLSearchParams({ token }).toString() : "";
  address.hash = "";
  return address.href;
}
