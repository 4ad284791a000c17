"""Loudspeakers instead of headphones: what is left of the host's voice in the microphone, and what the ears hear in it.

Method: the host's lines and the streamer's are synthesised by two built-in voices (kokoro), the host's repeated for the
time that is asked for, in turns of four lines. The host's sound is told to `FarEnd` as the stage tells it, in frames
when they are sent. The microphone hears a turn ``--late`` ms later, and up to ``--jitter`` ms more (another time for
each turn, as pages have it), through a simulated room (echoes die away within .25 s), 6 dB quieter, with a faint noise;
its blocks of 32 ms arrive up to 30 ms late, and go through `EchoCanceller`. False triggers: three frames in a row that
Silero takes for a voice while only the host speaks. Word errors: the streamer's lines, spoken over the host, recognised
by Whisper base.

``--virtual-mic`` does it in real time instead, with all the ears that a show has: the loudspeaker leaks into the
microphone 6 dB quieter, the host speaks for ``--seconds``, then the streamer's lines are said over it. Told: how many
utterances the ears heard of the host alone (there should be none), and the streamer's word errors.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import soxr

from bot.hearing import vad
from bot.hearing.asr import faster_whisper
from bot.hearing.ears import Ears, InputState
from bot.hearing.input.echo import EchoCanceller
from bot.hearing.input.far_end import FarEnd
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.input.microphone import Microphone
from bot.hearing.input.settings import InputSettings
from bot.hearing.input.sound_path import open_path
from bot.hearing.listening_settings import ListeningSettings
from bot.hearing.opening import open_listening
from bot.hearing.speech import FRAME, RATE, Hints, Samples, SpeechListener, SpeechPiece, Utterance
from bot.types import Style
from bot.voice.tts import kokoro
from bot.weights import catalog
from tests.support.error_rate import error_rate
from tests.support.virtual_mic import VirtualMic, virtual_mic

HOST = (
    "Good evening everybody, and welcome back to the harbour.",
    "I have been counting ships all afternoon, and I lost count at forty.",
    "Somebody asked me whether the rain will stop before midnight.",
    "My honest answer is that nobody on this coast has ever known that.",
    "Thank you for the lovely present, it is going straight onto the shelf.",
    "Let us look at the map once more before we choose the northern road.",
    "That monster was larger than I remember, and I did not like its teeth.",
    "If you are new here, sit down, there is tea on the table.",
)
STREAMER = (
    "Can you tell them when we play the next round?",
    "I think we should go back and open the second door.",
    "Wait, I want to show everybody what I found in the cellar.",
    "What did the viewers say about the new music?",
    "Please remind me to drink some water in a minute.",
    "My sister is going to join us for the last hour.",
)
HOST_VOICE, STREAMER_VOICE = "af_heart", "bm_george"
ECHO_DB, NOISE_DB, RT60_S, PAUSE_S = -6.0, -60.0, 0.25, 1.5


@dataclass(frozen=True)
class Clip:
    """A line of speech at 24 kHz."""

    text: str
    sound: Samples


async def speech(lines: Sequence[str], voice: str) -> list[Clip]:
    """Synthesise lines."""
    config = kokoro.Config(model=catalog.default_root() / "kokoro", voices={"en": voice})
    made = []
    async with kokoro.connect(config) as tts:
        for line in lines:
            pcm = b"".join([piece.data async for piece in tts.speak(line, Style(language="en"))])
            made.append(Clip(line, _floats(pcm)))
    return made


def _floats(pcm: bytes) -> Samples:
    return (np.frombuffer(pcm, "<i2") / 32768).astype(np.float32)


@dataclass
class Scene:
    """What is sent to the page and when, what the microphone hears of it, and of the streamer."""

    sent: list[tuple[float, bytes]]
    echo: Samples
    near: Samples
    texts: list[str]
    marks: list[tuple[int, int]]

    @property
    def heard(self) -> Samples:
        """Both together."""
        both: Samples = np.clip(self.echo + self.near, -1, 1).astype(np.float32)
        return both


def scene(host: list[Clip], streamer: list[Clip], seconds: float, late_s: float, jitter_s: float) -> Scene:
    """Lay out a scene."""
    rng = np.random.default_rng(25)
    size = int(seconds * RATE)
    played, near = np.zeros(size + 20 * RATE, np.float32), np.zeros(size + 20 * RATE, np.float32)
    sent: list[tuple[float, bytes]] = []
    at, number = 0.5, 0
    while at < seconds:
        turn = np.concatenate([host[(number + i) % len(host)].sound for i in range(4)])
        number += 4
        pcm = (turn * 32767).astype("<i2").tobytes()
        # Frames of 100 ms, one every 50 ms: a voice makes sound faster than it is heard.
        sent += [(at + i / 4800 / 20, pcm[i * 2 : i * 2 + 4800]) for i in range(0, turn.size, 2400)]
        place = int((at + late_s + rng.uniform(0, jitter_s)) * RATE)
        sound = soxr.resample(turn, 24_000, RATE)
        played[place : place + sound.size] += sound[: max(0, played.size - place)]
        at += turn.size / 24_000 + PAUSE_S
    texts, marks, at, number = [], [], 21.0, 0
    while streamer and at + 8 < seconds:
        clip = streamer[number % len(streamer)]
        number += 1
        sound = soxr.resample(clip.sound, 24_000, RATE)
        place = int(at * RATE)
        near[place : place + sound.size] += sound
        texts.append(clip.text)
        marks.append((place, place + sound.size))
        at += sound.size / RATE + 3.0
    tail = rng.standard_normal(int(RT60_S * RATE)) * 10 ** (-3 * np.arange(int(RT60_S * RATE)) / (RT60_S * RATE))
    tail[: int(0.005 * RATE)] = 0
    room = tail * 0.5 / np.sqrt((tail**2).sum())
    room[int(0.003 * RATE)] = 0.85
    spread = 1 << (played.size + room.size).bit_length()
    echo = np.fft.irfft(np.fft.rfft(played, spread) * np.fft.rfft(room, spread), spread)[:size] * 10 ** (ECHO_DB / 20)
    noise = rng.standard_normal(size) * 10 ** (NOISE_DB / 20)
    return Scene(sent, (echo + noise).astype(np.float32), near[:size], texts, marks)


def cleaned(made: Scene) -> tuple[Samples, float]:
    """Return what the ears are given, and the processor's ms for each 10 ms of sound."""
    now = 0.0
    far = FarEnd(lambda: now)
    canceller = EchoCanceller(far, echo=True, noise_suppression=False, auto_gain=False)
    heard, out, sent = made.heard, [], iter(made.sent)
    upcoming = next(sent, None)
    rng = np.random.default_rng(3)
    began = time.process_time()
    for end in range(FRAME, heard.size + 1, FRAME):
        arrived = end / RATE + rng.uniform(0, 0.03)
        while upcoming is not None and upcoming[0] <= arrived:
            now = upcoming[0]
            far.play(upcoming[1], 24_000)
            upcoming = next(sent, None)
        out.append(canceller.take(heard[end - FRAME : end], arrived))
    return np.concatenate(out), (time.process_time() - began) * 1000 / (heard.size / RATE * 100)


def erle(before: Samples, after: Samples) -> dict[str, float]:
    """Return by how many dB the echo became quieter: in the first 5 s of it, until 20 s, and later."""
    size = min(before.size, after.size)
    parts = {"first_5_s": (0.5, 5.5), "5_to_20_s": (5.5, 20), "later": (20, size / RATE)}
    power = {
        name: [float((x[int(a * RATE) : int(b * RATE)] ** 2).mean()) for x in (before, after)]
        for name, (a, b) in parts.items()
    }
    return {name: round(10 * float(np.log10(p[0] / max(p[1], 1e-12))), 1) for name, p in power.items()}


def frames(sound: Samples) -> Iterator[Samples]:
    """Yield whole frames."""
    for end in range(FRAME, sound.size + 1, FRAME):
        yield sound[end - FRAME : end]


def triggers(sound: Samples) -> int:
    """Return how often three frames in a row were taken for a voice."""
    model, run, count = vad.load(), 0, 0
    for frame in frames(sound):
        run = run + 1 if model.probability(frame) >= 0.5 else 0
        count += run == 3
    return count


async def word_errors(sound: Samples, made: Scene) -> float:
    """Return the share of the streamer's words that were not understood."""
    wanted, heard = [], []
    config = faster_whisper.Config(model=catalog.default_root() / "whisper-base")
    async with faster_whisper.connect(config) as asr:
        for text, (begin, end) in zip(made.texts, made.marks, strict=True):

            async def pieces(begin: int = begin, end: int = end) -> object:
                yield SpeechPiece(sound[max(0, begin - RATE // 4) : end + RATE // 4])

            told = ""
            async for transcript in asr.hear(pieces(), Hints(languages=("en",))):  # type: ignore[arg-type]
                told = transcript.text
            wanted += _words(text)
            heard += _words(told)
    return round(error_rate(wanted, heard), 3)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


class Told:
    """Keeps what the ears tell of."""

    def __init__(self) -> None:
        self.likely: list[float] = []
        self.begun: list[float] = []
        self.texts: list[tuple[float, str]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None

    def speech_likely(self, at: float) -> None:
        """Keep when somebody may have begun."""
        self.likely.append(at)

    def speech_began(self, _number: int, at: float) -> None:
        """Keep when somebody began."""
        self.begun.append(at)

    def speech_over(self, _number: int, at: float, utterance: Utterance | None) -> None:
        """Keep what was said."""
        if utterance is not None:
            self.texts.append((at, utterance.text))


async def in_real_time(host: list[Clip], streamer: list[Clip], seconds: float) -> dict[str, Any]:
    """Run the ears of a show on a virtual microphone that hears the loudspeaker."""
    loop = asyncio.get_running_loop()
    settings, ears, inlet, told = InputSettings(), Ears(), AudioInlet(), Told()
    far = FarEnd(loop.time)
    recognisers = [{"provider": "faster_whisper", "model": str(catalog.default_root() / "whisper-base")}]

    async def speak(mic: VirtualMic) -> None:
        async with mic.player(24_000) as play:
            for number in itertools.count():
                turn = np.concatenate([host[(number * 4 + i) % len(host)].sound for i in range(4)])
                far.play((turn * 32767).astype("<i2").tobytes(), 24_000)
                play(turn)
                await asyncio.sleep(turn.size / 24_000 + PAUSE_S)

    async with (
        virtual_mic() as mic,
        open_path(settings, ears, inlet, far) as path,
        open_listening(
            ListeningSettings(), recognisers, ears, inlet, cast("SpeechListener", told), Hints, lambda *_: None
        ) as (listening, _),
        asyncio.TaskGroup() as group,
    ):
        await mic.echo(ECHO_DB)
        parts = [group.create_task(part) for part in (Microphone(settings, ears, path).run(), listening.run())]
        await ears.changed.wait_until(lambda: ears.input is InputState.LIVE, 30)
        parts.append(group.create_task(speak(mic)))
        await asyncio.sleep(seconds)
        alone = Told()
        alone.likely, alone.begun, alone.texts = told.likely, told.begun, told.texts
        told.likely, told.begun, told.texts = [], [], []
        for clip in streamer:
            await mic.say(clip.sound, 24_000)
            await asyncio.sleep(4)
        await asyncio.sleep(6)
        for part in parts:
            part.cancel()
    wanted = [word for clip in streamer for word in _words(clip.text)]
    heard = [word for _, text in told.texts for word in _words(text)]
    return {
        "bench": "echo, in real time",
        "seconds_of_host_alone": seconds,
        "likely_of_host_alone": len(alone.likely),
        "begun_of_host_alone": len(alone.begun),
        "utterances_of_host_alone": [text for _, text in alone.texts],
        "streamer_lines": len(streamer),
        "begun_over_host": len(told.begun),
        "heard_over_host": [text for _, text in told.texts],
        "word_error_rate_over_host": round(error_rate(wanted, heard), 3),
        "state": f"{ears.input} {ears.trouble}",
        "dropped": path.dropped + inlet.dropped,
    }


async def main() -> None:
    """Measure and print."""
    args = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    args.add_argument("--seconds", type=float, default=300)
    args.add_argument("--late", type=float, default=120, help="ms from sending to hearing")
    args.add_argument("--jitter", type=float, default=40, help="ms more, another time for each clause")
    args.add_argument("--lates", type=float, nargs="*", default=[0, 60, 250, 500, 800], help="a table for 60 s each")
    args.add_argument("--virtual-mic", action="store_true", help="in real time, through a sound server")
    wanted = args.parse_args()
    host, streamer = await speech(HOST, HOST_VOICE), await speech(STREAMER, STREAMER_VOICE)
    if wanted.virtual_mic:
        print(json.dumps(await in_real_time(host, streamer, wanted.seconds), ensure_ascii=False))
        return
    late_s, jitter_s = wanted.late / 1000, wanted.jitter / 1000
    alone = scene(host, [], wanted.seconds, late_s, jitter_s)
    clean, cpu_ms = cleaned(alone)
    both = scene(host, streamer, min(wanted.seconds, 90), late_s, jitter_s)
    table = {}
    for late in wanted.lates:
        short = scene(host, [], 60, late / 1000, jitter_s)
        sound, _ = cleaned(short)
        table[f"{late:g}"] = {**erle(short.echo, sound), "triggers": triggers(sound)}
    print(
        json.dumps(
            {
                "bench": "echo",
                "seconds": wanted.seconds,
                "echo_db": ECHO_DB,
                "late_ms": [wanted.late, wanted.late + wanted.jitter],
                "erle_db": erle(alone.echo, clean),
                "triggers_without": triggers(alone.echo),
                "triggers": triggers(clean),
                "streamer_lines": len(both.texts),
                "word_error_rate": {
                    "streamer_alone": await word_errors(both.near, both),
                    "without": await word_errors(both.heard, both),
                    "cancelled": await word_errors(cleaned(both)[0], both),
                },
                "cpu_ms_per_10_ms": round(cpu_ms, 3),
                "by_late_ms": table,
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
