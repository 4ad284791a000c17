"""A minute of the built-in avatar as a viewer gets it: its mouth, captions and sound compared in a recording.

    python -m bench.recorded [--seconds 60] [--voice hibari] [--width 640] [--keep FOLDER]

Method: the stage page stands full screen in the real Chromium on an X server of its own and plays into a sound server
of its own; ffmpeg records both by the clock of the machine. Nothing is asked of the page: all figures come out of the
recording alone.

``mouth``: the pixels of a mouth's inside in the figure's face, by their colour, against the loudness of the sound at
the same moment: ``correlation`` and ``lag_ms`` (above zero: the mouth is late). ``caption_ms``: from the first sound
after a pause of .8 s to the first growth of the caption, in its own lines, after as long a rest: what the voice's
marks are off counts in it. ``closed_ms``: from the end of the sound before a pause of half a second to the shut mouth.
``pictures_per_s``: new pictures in the recording; no time above is known better.
Needs Xvfb, PulseAudio, ffmpeg and Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from bench.lips import SENTENCES, spoken
from bench.support.host import ROOT, quantiles
from bench.support.recording import RATE, WHITE
from bench.support.stage_window import stage_window
from bot.stage.hub import Overlay
from bot.stage.protocol import Captions, Look, Settings
from bot.types import Clause, Pcm
from tests.browser.bare_stage import served
from tests.support.virtual_mic import virtual_mic

Array = NDArray[np.float64]
#: Pictures a second that ffmpeg takes of the screen.
RECORDED_FPS = 25
#: The loudness is the root mean square of so many seconds of sound.
STEP_S = 0.02
LAGS_MS = range(-200, 401, 20)
#: Where the mouth is on the page, above the line of the chin: left, top, right, bottom, as parts of it.
FACE = (0.465, 0.33, 0.53, 0.4)
#: Inside a mouth it is dark red; skin, hair, collar and the lines of the face have more green and blue.
MOUTH_RED, MOUTH_GREEN, MOUTH_BLUE = 100, 80, 90
#: A mouth with fewer pixels than this part of what it mostly has is shut.
SHUT = 0.15
#: Two pictures that differ by no more than this anywhere are one: the recording's own noise.
CHANGED = 12
#: Between two sentences nothing is said for longer than this, in seconds.
PAUSE_S = 0.8
#: The steps of the sound's loudness that count as silence, of the loudest.
SILENT = 0.03


@asynccontextmanager
async def recorded(file: Path, display: int, size: tuple[int, int], env: dict[str, str]) -> AsyncIterator[None]:
    """Record a display and the loudspeaker until the block ends."""
    process = await asyncio.create_subprocess_exec(
        "ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-copyts",
        "-thread_queue_size", "512", "-f", "x11grab", "-draw_mouse", "0", "-framerate", str(RECORDED_FPS),
        "-video_size", f"{size[0]}x{size[1]}", "-i", f":{display}",
        "-thread_queue_size", "512", "-f", "pulse", "-fragment_size", "960", "-i", "speaker.monitor",
        "-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", str(file),
        env={**os.environ, **env},
    )  # fmt: skip
    await asyncio.sleep(2)
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()


async def speak(stage: Overlay, text: str, language: str, pieces: list[Pcm], number: int) -> None:
    """Let the page speak a clause; return when it was heard."""
    epoch = stage.begin()
    clip = stage.speak(epoch, Clause(f"t{number}", 0, text, text, language), pieces[0].rate)
    assert clip is not None, "no page plays"
    for pcm in pieces:
        stage.sound(clip, pcm)
    stage.complete(clip)
    stage.end(epoch)
    assert await stage.changed.wait_until(lambda: clip.finished, 60), "the page did not play to the end"


@dataclass(frozen=True)
class Seen:
    """What is in a recording: for each new picture its moment (s), the mouth's pixels, and the caption's bright ones.

    ``sound`` is at `RATE` and begins at ``began``.
    """

    moments: Array
    mouth: Array
    bright: Array
    sound: Array
    began: float


def read(file: Path) -> Seen:
    """Return what is in a recording."""
    moments: list[float] = []
    mouth: list[float] = []
    bright: list[float] = []
    before: NDArray[np.int16] | None = None
    with av.open(str(file)) as container:
        for frame in container.decode(video=0):
            picture = np.asarray(frame.to_ndarray(format="rgb24"), np.int16)
            if before is not None and np.abs(picture - before).max() <= CHANGED:
                continue
            before = picture
            height, width = picture.shape[:2]
            left, top, right, bottom = FACE
            face = picture[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
            red, green, blue = face[..., 0], face[..., 1], face[..., 2]
            inside = (red > MOUTH_RED) & (green < MOUTH_GREEN) & (blue < MOUTH_BLUE)
            moments.append(float(frame.time or 0))
            mouth.append(float(inside.sum()))
            bright.append(float((picture[height * 77 // 100 :].min(axis=2) > WHITE).sum()))
    pieces: list[NDArray[Any]] = []
    began: float | None = None
    resampler = av.AudioResampler("flt", "mono", RATE)
    with av.open(str(file)) as container:
        for sounded in container.decode(audio=0):
            began = float(sounded.time or 0) if began is None else began
            pieces += [one.to_ndarray()[0] for one in resampler.resample(sounded)]
    sound = np.concatenate(pieces).astype(np.float64)
    return Seen(np.array(moments), np.array(mouth), np.array(bright), sound, began or 0.0)


def loudness(sound: Array) -> Array:
    """Return the root mean square of each `STEP_S`."""
    size = int(RATE * STEP_S)
    steps = len(sound) // size
    return np.asarray(np.sqrt(np.mean(sound[: steps * size].reshape(steps, size) ** 2, axis=1)))


def following(seen: Seen, envelope: Array) -> dict[str, Any]:
    """Return how the mouth goes with the loudness."""
    centres = seen.began + (np.arange(len(envelope)) + 0.5) * STEP_S

    def fit(lag_ms: int) -> float:
        heard = np.interp(seen.moments - lag_ms / 1000, centres, envelope)
        return float(np.corrcoef(seen.mouth, heard)[0, 1])

    found = [fit(lag) for lag in LAGS_MS]
    best = int(np.argmax(found))
    return {"correlation": round(found[best], 3), "lag_ms": LAGS_MS[best]}


def closing(seen: Seen, envelope: Array) -> list[float]:
    """Return the time from the end of the sound to the shut mouth for each pause of half a second, in ms."""
    loud = envelope > envelope.max() * SILENT
    most = float(np.percentile(seen.mouth, 95))
    times: list[float] = []
    for step in np.flatnonzero(loud[:-1] & ~loud[1:]):
        silent = seen.began + (step + 1) * STEP_S
        talk = seen.mouth[(seen.moments > silent - 1) & (seen.moments <= silent)]
        if loud[step + 1 : step + 26].any() or not talk.size or talk.max() < most * SHUT * 2:
            continue
        already = talk[-1] <= most * SHUT
        shut = seen.moments[(seen.moments > silent) & (seen.mouth <= most * SHUT)]
        times += [0.0] if already else [float(shut[0] - silent) * 1000] if shut.size else []
    return times


def growing(seen: Seen) -> Array:
    """Return the moments at which the caption grows."""
    least = max(6.0, seen.bright.max() * 0.004)
    return np.asarray(seen.moments[1:][np.diff(seen.bright) > least])


def beginnings(seen: Seen, envelope: Array) -> list[float]:
    """Return the time from the first sound after each pause to the first growth of the caption, in ms."""
    loud, still = envelope > envelope.max() * SILENT, int(PAUSE_S / STEP_S)
    steps = [n for n in np.flatnonzero(loud) if n >= still and not loud[n - still : n].any()]
    grown = growing(seen)
    first = grown[np.diff(grown, prepend=-np.inf) > PAUSE_S]
    times = (
        [first[np.argmin(np.abs(first - at))] - at for at in seen.began + np.array(steps) * STEP_S]
        if first.size
        else []
    )
    return [float(late) * 1000 for late in times if abs(late) < 1]


async def run(seconds: float, voice: str, language: str, width: int, keep: Path) -> dict[str, Any]:
    """Record and compare."""
    sounds = await spoken(voice, language)
    texts = SENTENCES[language]
    await asyncio.to_thread(keep.mkdir, parents=True, exist_ok=True)
    size = (width, width * 9 // 16)
    stage = Overlay(Settings(name="Mira", look=Look(), captions=Captions(), label="AI"))
    file = keep / f"recorded-{voice}-{language}.mkv"
    async with (
        virtual_mic() as speaker,
        served(stage) as address,
        stage_window(address, *size, sound=speaker.env) as window,
    ):
        assert await stage.changed.wait_until(lambda: stage.audible, 60)
        await asyncio.sleep(2)
        async with recorded(file, window.display, size, speaker.env):
            until = asyncio.get_running_loop().time() + seconds
            for number in itertools.count():
                if asyncio.get_running_loop().time() > until:
                    break
                n = number % len(texts)
                await speak(stage, texts[n], language, sounds[n], number)
                await asyncio.sleep(0.9)
    seen = await asyncio.to_thread(read, file)
    envelope = loudness(seen.sound)
    length = len(seen.sound) / RATE
    return {
        "bench": "recorded", "voice": voice, "language": language, "width": width, "seconds": round(length, 1),
        "pictures_per_s": round(len(seen.moments) / length, 1), "mouth": following(seen, envelope),
        "closed_ms": quantiles(closing(seen, envelope)),
        "caption_ms": quantiles(beginnings(seen, envelope)),
        "load": [round(one, 2) for one in os.getloadavg()], "file": str(file),
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--voice", default="hibari", choices=("hibari", "kokoro"))
    parser.add_argument("--language", default="en", choices=("en", "zh"))
    parser.add_argument("--width", type=int, default=640, help="of the page in pixels, at 16:9")
    parser.add_argument("--keep", type=Path, default=ROOT / "out" / "recorded", help="for the recording")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(run(options.seconds, options.voice, options.language, options.width, options.keep))))
