/** The audio thread: gathers what the microphone captures into blocks of 20 ms. */
class Capture extends AudioWorkletProcessor {
  readonly #size = Math.round(sampleRate / 50);
  #block = new Int16Array(this.#size);
  #filled = 0;

  process(inputs: Float32Array[][]): boolean {
    const channel = inputs[0]?.[0];
    if (!channel) return true;
    for (const value of channel) {
      this.#block[this.#filled++] = Math.max(-32_768, Math.min(32_767, Math.round(value * 32_767)));
      if (this.#filled === this.#size) {
        // What is handed over is empty afterwards.
        this.port.postMessage(this.#block, [this.#block.buffer]);
        this.#block = new Int16Array(this.#size);
        this.#filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("haishin-microphone", Capture);
