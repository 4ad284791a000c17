"""What is in a recording: its sound, and its pictures compared with what the stage page showed."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from bench.support.stage_window import Shown

#: Samples a second of the sound.
RATE = 16_000
#: A picture of the recording may be so many seconds off the moment.
SLACK_S = 1.5
#: From this likeness on, it is the same thing that is seen.
SAME = 0.7
#: Letters are brighter than this, of 255.
WHITE = 215


@dataclass(slots=True)
class Moment:
    """A moment that is looked for: ``at_s`` seconds into a recording.

    ``shown`` is what the page showed then. ``words`` has the caption that is looked for: that of the moment, or, where
    the page is silent, the last one, which must not be there.
    """

    name: str
    recording: int
    at_s: float
    scene: str
    shown: Shown
    words: Shown
    silent: bool = False
    #: Likeness of the avatar and of the caption in the best picture that the recording has of it.
    avatar: float = 0.0
    caption: float = 0.0
    picture: NDArray[np.uint8] | None = None
    score: float = -math.inf


def sound(file: Path) -> NDArray[np.float32]:
    """Return a recording's sound at `RATE`; what a kill cut off is left out."""
    pieces: list[NDArray[Any]] = []
    resampler = av.AudioResampler("flt", "mono", RATE)
    try:
        with av.open(str(file)) as container:
            for frame in container.decode(audio=0):
                pieces += [one.to_ndarray()[0] for one in resampler.resample(frame)]
    except (av.error.FFmpegError, IndexError) as error:
        print(f"{file.name}: {error}", file=sys.stderr)
    return np.concatenate(pieces).astype(np.float32) if pieces else np.zeros(0, np.float32)


def compare(file: Path, moments: Sequence[Moment]) -> None:
    """Look in a recording for what the page showed; write into each moment how much of it is there."""
    try:
        with av.open(str(file)) as container:
            for frame in container.decode(video=0):
                near = [one for one in moments if abs((frame.time or 0) - one.at_s) < SLACK_S]
                if near:
                    pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
                    for one in near:
                        _compare(pixels, one, abs((frame.time or 0) - one.at_s))
    except (av.error.FFmpegError, IndexError) as error:
        print(f"{file.name}: {error}", file=sys.stderr)


def _compare(pixels: NDArray[np.uint8], moment: Moment, off_s: float) -> None:
    avatar = likeness(brightness(pixels), brightness(moment.shown.pixels), figure(moment.shown))
    caption = words_seen(pixels, moment.words)
    score = avatar + caption - off_s / 100  # of two that are alike, the nearer
    if score > moment.score:
        moment.avatar, moment.caption, moment.picture, moment.score = avatar, caption, pixels, score


def figure(shown: Shown) -> tuple[int, int, int, int]:
    """Return where the avatar stands, without the caption: left, top, width, height."""
    height, width = shown.pixels.shape[:2]
    return width * 3 // 10, height // 8, width * 2 // 5, height * 5 // 8


def words_seen(pixels: NDArray[np.uint8], shown: Shown) -> float:
    """Return how much of the caption is there; 0 where there is none."""
    if not shown.caption.strip():
        return 0.0
    return likeness(brightness(pixels) > WHITE, brightness(shown.pixels) > WHITE, shown.box)


def brightness(pixels: NDArray[np.uint8]) -> NDArray[np.floating[Any]]:
    """Return the brightness of each pixel, 0 to 255."""
    return np.asarray(pixels.mean(axis=2))


def likeness(here: NDArray[Any], there: NDArray[Any], box: tuple[int, int, int, int]) -> float:
    """Return the correlation of two pictures within a box: 1 for the same, about 0 for another thing."""
    left, top, width, height = box
    one, other = (part[top : top + height, left : left + width].astype(float).ravel() for part in (here, there))
    if one.shape != other.shape or one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def save(moment: Moment, folder: Path) -> str:
    """Write the recording's picture of a moment, beside what the page showed then; return its name."""
    name = f"recorded-{moment.recording + 1}-{moment.at_s:05.0f}s-{moment.name.replace(' ', '-')}.png"
    if moment.picture is not None:
        frame = av.VideoFrame.from_ndarray(np.concatenate([moment.picture, moment.shown.pixels], axis=1), "rgb24")
        with av.open(str(folder / name), "w", format="image2", options={"update": "1"}) as out:
            stream = out.add_stream("png")
            stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "rgb24"
            out.mux([*stream.encode(frame), *stream.encode(None)])
    return name
