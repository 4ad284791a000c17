/** The web API from a page: one bearer token, one deadline, and errors as words. */

/** Longest wait for an answer, ms. Orders are carried out at once; a slow one is a lost one. */
export const DEADLINE_MS = 8_000;

/** A request that did not do what was asked. `status` 0 means that the server was not reached. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    /** The server's own words, or "" where it gave none. */
    readonly detail: string,
  ) {
    super(`${status} ${detail}`);
  }

  /** Whether the token is missing or wrong, so that asking again cannot help. */
  get denied(): boolean {
    return this.status === 401 || this.status === 403;
  }

  /** Whether the same request may well work a moment later. */
  get transient(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

/** Read the words out of an error body: `{"detail": "…"}`, or a validator's list of `{"msg": "…"}`. */
export function wordsOf(body: unknown): string {
  if (typeof body !== "object" || body === null || !("detail" in body)) return "";
  const { detail } = body;
  if (typeof detail === "string") return detail;
  if (!Array.isArray(detail)) return "";
  const words = detail.map((item: unknown) =>
    typeof item === "object" && item !== null && "msg" in item ? String(item.msg) : "",
  );
  return words.filter(Boolean).join("; ");
}

/** The API behind one token. */
export class Client {
  constructor(private readonly token: string) {}

  get<T>(path: string): Promise<T> {
    return this.request<T>("GET", path);
  }

  /** An order. `deadlineMs` is longer where the server itself has to wait for somebody. */
  post<T>(path: string, body: object = {}, deadlineMs = DEADLINE_MS): Promise<T> {
    return this.request<T>("POST", path, body, deadlineMs);
  }

  /** Put something in another's place. */
  put<T>(path: string, body: object): Promise<T> {
    return this.request<T>("PUT", path, body);
  }

  /** Whether the key no longer opens a page: asked without the page's cookie, which opens it too. */
  async refused(path: string): Promise<boolean> {
    const headers = { Authorization: `Bearer ${this.token}` };
    const { status } = await fetch(path, { method: "HEAD", headers, credentials: "omit", cache: "no-store" });
    return status === 401 || status === 403;
  }

  /** Take something back. */
  remove<T>(path: string): Promise<T> {
    return this.request<T>("DELETE", path);
  }

  /** Ask once. Raises `ApiError` alone. */
  private async request<T>(method: string, path: string, body?: object, deadlineMs = DEADLINE_MS): Promise<T> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}` };
    if (body) headers["Content-Type"] = "application/json";
    let response: Response;
    try {
      response = await fetch(path, {
        method,
        headers,
        body: body ? JSON.stringify(body) : null,
        cache: "no-store",
        signal: AbortSignal.timeout(deadlineMs),
      });
    } catch {
      // fetch rejects for one reason that matters here: nobody answered in time.
      throw new ApiError(0, "");
    }
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) throw new ApiError(response.status, wordsOf(answer));
    if (answer === null) throw new ApiError(0, "");
    return answer as T;
  }
}
