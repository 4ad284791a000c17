/** Where a tab keeps the key of a page: each page has its own, as the keys differ in what they open. */
const keyOf = (path: string): string => `haishin-token ${path.split("/")[1] ?? ""}`;

/**
 * Give the key that the page was opened with (`?token=`), or the one kept from an earlier load of
 * this tab. It is taken out of the visible address, so that it is not read off a shared screen.
 */
export function takeToken(): string {
  const address = new URL(location.href);
  const given = address.searchParams.get("token");
  if (given === null) return recall(address.pathname);
  try {
    sessionStorage.setItem(keyOf(address.pathname), given);
  } catch {
    return given; // storage may be off; then the address has to keep the key
  }
  address.searchParams.delete("token");
  history.replaceState(history.state, "", address);
  return given;
}

function recall(path: string): string {
  try {
    return sessionStorage.getItem(keyOf(path)) ?? "";
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
