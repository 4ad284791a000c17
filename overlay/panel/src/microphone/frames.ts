/** One binary frame of a microphone: see bot/hearing/input/browser.py for its 16-byte little-endian header. */
const MAGIC = 0x4d48;
const VERSION = 1;
const HEADER_BYTES = 16;

/** Build a frame: `stream` is the number that the server gave this page, `sequence` counts from 0. */
export function packFrame(stream: number, rate: number, sequence: number, samples: Int16Array): ArrayBuffer {
  const frame = new ArrayBuffer(HEADER_BYTES + samples.length * 2);
  const view = new DataView(frame);
  view.setUint16(0, MAGIC, true);
  view.setUint8(2, VERSION);
  view.setUint32(4, stream, true);
  view.setUint32(8, rate, true);
  view.setUint32(12, sequence >>> 0, true);
  for (let i = 0; i < samples.length; i++) view.setInt16(HEADER_BYTES + i * 2, samples[i] ?? 0, true);
  return frame;
}
