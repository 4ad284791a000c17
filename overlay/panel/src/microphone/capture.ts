/** Opens the microphone of this browser. */

// `?worker&url` bundles the worklet into a file of its own.
import workletUrl from "./worklet.ts?worker&url";

/** What the recogniser works with, Hz. A browser that cannot change the rate gives its own, and the host changes it. */
const WANTED_RATE = 16_000;

/** Why there is no microphone: the page is not secure, it is not allowed, there is none, or something else. */
export type CaptureFault = "insecure" | "denied" | "missing" | "failed";

export class CaptureError extends Error {
  override readonly name = "CaptureError";

  constructor(readonly fault: CaptureFault) {
    super(fault);
  }
}

export interface Capture {
  readonly rate: number;
  /** Let the microphone give silence, or sound again. */
  mute(quiet: boolean): void;
  close(): void;
}

/** Open the microphone; `take` gets blocks of 20 ms, `ended` is told when the device is gone. Raises `CaptureError`. */
export async function openCapture(
  echoCancellation: boolean,
  take: (samples: Int16Array) => void,
  ended: () => void,
): Promise<Capture> {
  // A browser shows its microphone to pages of https and of this machine alone; elsewhere it hides the whole interface.
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) throw new CaptureError("insecure");
  const stream = await asked(echoCancellation);
  const context = newContext();
  try {
    const source = context.createMediaStreamSource(stream);
    await context.audioWorklet.addModule(workletUrl);
    const node = new AudioWorkletNode(context, "haishin-microphone");
    node.port.onmessage = ({ data }: MessageEvent<Int16Array>) => take(data);
    // A browser runs only what leads to the loudspeakers; it plays nothing, as the worklet gives silence.
    source.connect(node).connect(context.destination);
    await context.resume();
  } catch {
    stop(stream);
    void context.close();
    throw new CaptureError("failed");
  }
  for (const track of stream.getTracks()) track.addEventListener("ended", ended);
  return {
    rate: context.sampleRate,
    mute: (quiet) => {
      for (const track of stream.getTracks()) track.enabled = !quiet;
    },
    close: () => {
      stop(stream);
      void context.close();
    },
  };
}

async function asked(echoCancellation: boolean): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation, noiseSuppression: echoCancellation, autoGainControl: false },
    });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "NotAllowedError" || name === "SecurityError") throw new CaptureError("denied");
    if (name === "NotFoundError" || name === "OverconstrainedError") throw new CaptureError("missing");
    throw new CaptureError("failed");
  }
}

function newContext(): AudioContext {
  try {
    return new AudioContext({ sampleRate: WANTED_RATE, latencyHint: "interactive" });
  } catch {
    return new AudioContext({ latencyHint: "interactive" });
  }
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
