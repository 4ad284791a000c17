/** The audio thread: a `Deck` behind a port. */
import { Deck, type Order } from "./deck.ts";

class Player extends AudioWorkletProcessor {
  readonly #deck = new Deck(sampleRate, (report) => this.port.postMessage({ ...report, at: currentTime }));

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<Order>) => this.#deck.take(data);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const [output] = outputs;
    const first = output?.[0];
    if (first) {
      this.#deck.render(first);
      for (const other of output.slice(1)) other.set(first);
    }
    return true;
  }
}

registerProcessor("haishin-player", Player);
