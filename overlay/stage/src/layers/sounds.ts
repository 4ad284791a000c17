/** Sounds of alerts, made here: a few notes of a struck bar, brighter and longer the larger the gift. */

/** Notes in semitones above A4, and when each begins in s, by tier. */
const NOTES: readonly (readonly (readonly [number, number])[])[] = [
  [[3, 0]],
  [
    [3, 0],
    [10, 0.11],
  ],
  [
    [3, 0],
    [7, 0.1],
    [10, 0.2],
  ],
  [
    [3, 0],
    [7, 0.09],
    [10, 0.18],
    [15, 0.27],
  ],
  [
    [-2, 0],
    [3, 0.1],
    [7, 0.2],
    [10, 0.3],
    [15, 0.4],
    [19, 0.55],
    [22, 0.55],
  ],
];
/** A sound of the streamer's own is cut after so long, in s; and files that are kept. */
const LONGEST_S = 10;
const MOST_FILES = 10;
/** A note fades within so long, in s. */
const RINGS_S = 1.1;

/** Frequencies in Hz and beginnings in s of a tier's notes. */
export function notesOf(tier: number): { hz: number; at: number }[] {
  const notes = NOTES[Math.max(0, Math.min(NOTES.length - 1, Math.trunc(tier)))] ?? [];
  return notes.map(([step, at]) => ({ hz: 440 * 2 ** (step / 12), at }));
}

export class AlertSounds {
  #context: AudioContext | undefined;
  #files = new Map<string, Promise<AudioBuffer>>();
  #stop: (() => void) | undefined;

  /** Play a tier's sound, or the file of an address; one that cannot be had is our own. A silent page stays silent. */
  async play(tier: number, volume: number, file: string): Promise<void> {
    if (volume <= 0 || typeof AudioContext === "undefined") return;
    this.#context ??= new AudioContext();
    const context = this.#context;
    if (context.state !== "running") return;
    const gain = context.createGain();
    gain.gain.value = volume;
    gain.connect(context.destination);
    this.#stop?.();
    this.#stop = () => gain.gain.setTargetAtTime(0, context.currentTime, 0.05);
    if (file && (await this.#file(context, gain, file))) return;
    for (const { hz, at } of notesOf(tier)) strike(context, gain, hz, context.currentTime + 0.02 + at);
    setTimeout(() => gain.disconnect(), 4_000);
  }

  async #file(context: AudioContext, gain: GainNode, file: string): Promise<boolean> {
    try {
      const source = context.createBufferSource();
      source.buffer = await this.#decoded(context, file);
      source.connect(gain);
      source.onended = () => gain.disconnect();
      source.start();
      source.stop(context.currentTime + LONGEST_S);
      return true;
    } catch (error) {
      console.warn("a sound of an alert cannot be played:", error);
      return false;
    }
  }

  #decoded(context: AudioContext, file: string): Promise<AudioBuffer> {
    let found = this.#files.get(file);
    if (!found) {
      found = fetch(file).then(async (answer) => {
        if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
        return context.decodeAudioData(await answer.arrayBuffer());
      });
      this.#files.set(file, found);
      for (const old of [...this.#files.keys()].slice(0, -MOST_FILES)) this.#files.delete(old);
    }
    return found;
  }
}

/** One note: a struck bar has its own tone, and one nearly two octaves above it that is gone sooner. */
function strike(context: AudioContext, out: AudioNode, hz: number, at: number): void {
  for (const [times, loud, rings] of [
    [1, 0.32, RINGS_S],
    [3.93, 0.09, RINGS_S / 4],
  ] as const) {
    const tone = context.createOscillator();
    const shape = context.createGain();
    tone.frequency.value = hz * times;
    shape.gain.setValueAtTime(0, at);
    shape.gain.linearRampToValueAtTime(loud, at + 0.006);
    shape.gain.exponentialRampToValueAtTime(0.0005, at + rings);
    tone.connect(shape).connect(out);
    tone.start(at);
    tone.stop(at + rings + 0.05);
  }
}
