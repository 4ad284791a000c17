/** A network that the test plays: sockets to answer on, and requests to answer. */
import { vi } from "vitest";

/** A socket whose other end is the test. */
export class Wire {
  static readonly OPEN = 1;
  static all: Wire[] = [];
  readyState = 0;
  binaryType = "";
  onopen?: () => void;
  onmessage?: (event: { data: unknown }) => void;
  onclose?: (event: { code: number; reason: string }) => void;

  constructor(readonly url: string) {
    Wire.all.push(this);
  }

  static get last(): Wire {
    const wire = Wire.all.at(-1);
    if (!wire) throw new Error("no socket was opened");
    return wire;
  }

  readonly sent: unknown[] = [];
  /** What the other end does with a frame. */
  answer?: (frame: unknown) => void;

  send(frame: string): void {
    this.sent.push(JSON.parse(frame));
    this.answer?.(JSON.parse(frame));
  }

  accept(): void {
    this.readyState = Wire.OPEN;
    this.onopen?.();
  }

  tell(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  drop(): void {
    this.close();
    this.onclose?.({ code: 1006, reason: "" });
  }

  close(): void {
    this.readyState = 3;
  }
}

/** One request as it reached the server. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly token: string | null;
  readonly body: unknown;
}

/** Answer of the server: a status and a JSON body, or null for a server that is not there. */
export type Answer = { status: number; body: unknown } | null;

/** Take over sockets and requests; gives the list of requests, which grows. */
export function takeNetwork(answer: (asked: Asked) => Answer | Promise<Answer>): Asked[] {
  const all: Asked[] = [];
  Wire.all = [];
  vi.stubGlobal("WebSocket", Wire);
  vi.stubGlobal("fetch", async (path: string, init: RequestInit): Promise<Response> => {
    // Asked by itself with each connection, so it would be in the way of every list.
    if (path === "/api/pages") return Response.json({ stage: "/stage/?token=s1", chat: "/chat/?token=c1" });
    const asked = {
      method: init.method ?? "GET",
      path,
      token: new Headers(init.headers).get("Authorization"),
      body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : null,
    };
    all.push(asked);
    const given = await answer(asked);
    if (!given) throw new TypeError("fetch failed");
    return Response.json(given.body, { status: given.status });
  });
  return all;
}
