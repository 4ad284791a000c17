/** One binary frame of sound: see bot/stage/protocol.py for its 16-byte little-endian header. */
export interface Frame {
  epoch: number;
  clause: number;
  sequence: number;
  /** First frame of its clause. */
  first: boolean;
  /** Last frame of its clause. */
  last: boolean;
  /** s16 mono, at the rate that the clause's `speak` named. May be empty on the last frame. */
  samples: Int16Array;
}

export const HEADER_BYTES = 16;
const MAGIC = 0x4853;
const VERSION = 1;
const FIRST = 1;
const LAST = 2;
/** 200 ms at 192 kHz: no voice has a higher rate. */
const MAX_SAMPLES = 38_400;

/** Decode a frame, or give null when it breaks the format in any way. */
export function decodeFrame(data: ArrayBuffer): Frame | null {
  const bytes = data.byteLength - HEADER_BYTES;
  if (bytes < 0 || bytes % 2 !== 0 || bytes / 2 > MAX_SAMPLES) return null;
  const head = new DataView(data, 0, HEADER_BYTES);
  const flags = head.getUint8(3);
  if (head.getUint16(0, true) !== MAGIC || head.getUint8(2) !== VERSION || flags > (FIRST | LAST)) return null;
  return {
    epoch: head.getUint32(4, true),
    clause: head.getUint32(8, true),
    sequence: head.getUint32(12, true),
    first: (flags & FIRST) !== 0,
    last: (flags & LAST) !== 0,
    samples: readSamples(data, bytes / 2),
  };
}

function readSamples(data: ArrayBuffer, count: number): Int16Array {
  const view = new DataView(data, HEADER_BYTES);
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) samples[i] = view.getInt16(i * 2, true);
  return samples;
}
