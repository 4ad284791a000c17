/** This page as the host's microphone: captures, sends, and comes back when the connection was lost. */
import { Backoff } from "@haishin/common/backoff";
import { type Capture, CaptureError, type CaptureFault, openCapture } from "./capture.ts";
import { packFrame } from "./frames.ts";

/** The server's close codes: another page is the microphone, or took it over. */
const TAKEN = 4409;
const TAKEN_OVER = 4001;
/** What a page sends wrong does not become right by trying again. */
const BROKEN = 1008;
/** Frames that a slow connection may still hold back, bytes: two seconds of sound. */
const MAX_BUFFERED = 64_000;

export type LineState = "off" | "asking" | "connecting" | "live" | "taken" | "over" | "gone" | CaptureFault;

export interface LineOptions {
  echoCancellation: boolean;
  takeover: boolean;
}

/** `state` is told whenever it changes; `words` are the server's, where it gave some. */
export class MicrophoneLine {
  #capture: Capture | null = null;
  #socket: WebSocket | null = null;
  #stream: number | null = null;
  #sequence = 0;
  #muted = false;
  #closed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  readonly #backoff = new Backoff(400, 5_000);

  constructor(
    private readonly url: (takeover: boolean) => string,
    private readonly tell: (state: LineState, words: string) => void,
  ) {}

  /** Ask for the microphone and connect. */
  async open({ echoCancellation, takeover }: LineOptions): Promise<void> {
    this.tell("asking", "");
    try {
      const capture = await openCapture(
        echoCancellation,
        (samples) => this.#send(samples),
        () => this.#end("gone", ""),
      );
      if (this.#closed) {
        capture.close();
        return;
      }
      this.#capture = capture;
      capture.mute(this.#muted);
    } catch (error) {
      this.#end(error instanceof CaptureError ? error.fault : "failed", "");
      return;
    }
    this.#connect(takeover);
  }

  /** Send nothing, and let the microphone itself give silence, while the ears are off. */
  mute(quiet: boolean): void {
    this.#muted = quiet;
    this.#capture?.mute(quiet);
  }

  /** Give the microphone back. */
  close(): void {
    if (!this.#closed) this.#end("off", "");
  }

  #connect(takeover: boolean): void {
    this.tell("connecting", "");
    const socket = new WebSocket(this.url(takeover));
    this.#socket = socket;
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      const stream = streamOf(data);
      if (stream === null || this.#socket !== socket) return;
      this.#stream = stream;
      this.#sequence = 0;
      this.#backoff.reset();
      this.tell("live", "");
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.#socket = this.#stream = null;
      if (code === TAKEN) this.#end("taken", reason);
      else if (code === TAKEN_OVER) this.#end("over", reason);
      else if (code === BROKEN) this.#end("failed", reason);
      else {
        // The host may be restarting; it was ours before, so no page is asked again.
        this.tell("connecting", reason);
        this.#retry = setTimeout(() => this.#connect(false), this.#backoff.next());
      }
    };
  }

  #send(samples: Int16Array): void {
    const socket = this.#socket;
    if (this.#muted || this.#stream === null || !socket || socket.readyState !== WebSocket.OPEN) return;
    // Old sound is of no use: what does not get through is left out.
    if (socket.bufferedAmount > MAX_BUFFERED) return;
    socket.send(packFrame(this.#stream, this.#capture?.rate ?? 0, this.#sequence, samples));
    this.#sequence += 1;
  }

  #end(state: LineState, words: string): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = null;
    this.#stream = null;
    socket?.close(1000);
    this.#capture?.close();
    this.#capture = null;
    this.tell(state, words);
  }
}

function streamOf(data: unknown): number | null {
  if (typeof data !== "string") return null;
  const said = JSON.parse(data) as { type?: unknown; stream?: unknown };
  return said.type === "ready" && typeof said.stream === "number" ? said.stream : null;
}
