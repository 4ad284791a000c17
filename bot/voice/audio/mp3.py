"""Decode a constant-rate MP3 stream piece by piece; the decoder needs a few frames before each piece."""

from __future__ import annotations

import miniaudio

#: 24 kHz, 48 kbit/s, mono, MPEG-2 layer III: 24 ms in each frame, and never padding.
RATE = 24_000
FRAME_BYTES = 144
FRAME_SAMPLES = 576
#: Bytes before the content of a tag, which tell its length.
_TAG_HEAD = 10
#: A frame may borrow 511 bytes from those before it, and overlaps the one just before.
_CONTEXT = 6 * FRAME_BYTES


class Mp3:
    """Decodes one stream of frames as the speech service sends them: 24 kHz, 48 kbit/s, mono."""

    def __init__(self) -> None:
        self._before = b""
        self._rest = b""
        self._skip = 0  # bytes of a tag that are still to come
        self._begun = False

    def decode(self, data: bytes) -> bytes:
        """Return the s16le samples of the frames that are whole by now; the bytes may be cut anywhere.

        Takes a few microseconds for each frame. Raises `ValueError` for any other sound.
        """
        data = self._without_tag(self._rest + data)
        cut = len(data) - len(data) % FRAME_BYTES
        frames, self._rest = data[:cut], data[cut:]
        if not frames:
            return b""
        for at in range(0, cut, FRAME_BYTES):
            if frames[at] != 0xFF or frames[at + 1] & 0xE0 != 0xE0:
                raise ValueError("the sound is not the MP3 that was asked for")
        try:
            sound = miniaudio.mp3_read_s16(self._before + frames)
        except miniaudio.DecodeError as error:
            raise ValueError("the sound cannot be decoded") from error
        if (sound.sample_rate, sound.nchannels) != (RATE, 1):
            raise ValueError(f"the sound has {sound.nchannels} channels at {sound.sample_rate} Hz")
        self._before = (self._before + frames)[-_CONTEXT:]
        # The first frames of the context lack their own past and come out wrong or not at all: count from the end.
        return bytes(sound.samples.tobytes()[-(cut // FRAME_BYTES) * FRAME_SAMPLES * 2 :])

    def _without_tag(self, data: bytes) -> bytes:
        """Leave out a tag before the frames: a name, a picture."""
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        if not self._begun and len(data) >= _TAG_HEAD:
            self._begun = True
            if data.startswith(b"ID3"):
                size = sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
                self._skip = _TAG_HEAD + size
                return self._without_tag(data)
        return data
