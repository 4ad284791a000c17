"""How soon the ears know that somebody finished, how often they are wrong, and what they hear.

The table of delays against cut-offs runs on the virtual clock, faster than real time: real recordings, real voice
detection, endpoint model and recogniser, with each decision's delay made of sound and of what the models cost on this
machine when it is quiet (``cost_s``, from processor time). ``--real-time`` plays some of them at their own pace, with
all that the machine does meanwhile. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

if not __package__:
    # Run as a file: what is measured is the project around it, installed or not.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import numpy as np

from bench.support import recordings
from bench.support.recordings import RATE, Sound
from bot.hearing import listening, vad
from bot.hearing.asr import faster_whisper
from bot.hearing.ears import Ears
from bot.hearing.endpoint import smart_turn
from bot.hearing.endpoint.silence import Silence
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.listening_settings import EndpointKind, ListeningSettings
from bot.hearing.opening import SMART_TURN, WHISPER, open_endpoint
from bot.hearing.pauses.unfinished import LastWords
from bot.hearing.speech import FRAME, Asr, Endpoint, Hints, Samples, SpeechPiece, Transcript, Utterance
from bot.hearing.utterance.agreement import in_batches
from bot.runtime.machine import physical_cores
from bot.runtime.virtual_clock import VirtualLoop
from bot.types import Health, Style
from bot.voice.tts import kokoro
from bot.weights import catalog
from tests.support.error_rate import error_rate

#: Pauses in the middle of a sentence, in seconds: what people make while they think.
PAUSES = (0.35, 0.5, 0.7, 0.9)
ENGLISH = (
    "I think we should try the other door before the boss comes back.",
    "Can you tell the chat what we are playing tonight?",
    "Okay, that was a really close fight, my hands are shaking.",
    "Let me just finish this level and then we take a break.",
)
CHINESE = (
    "今天我们玩一个新的游戏。",
    "你觉得这个关卡难不难?",
    "等我打完这一局再跟大家聊天。",
    "谢谢大家来看我的直播。",
)


class Costed:
    """A recogniser and a judge that cost virtual time, and remember what they said of a sound."""

    def __init__(self, engine: faster_whisper.Engine, model: smart_turn.Model, decode_s: float, judge_s: float) -> None:
        self._engine = engine
        self._model = model
        self._decode_s = decode_s
        self._judge_s = judge_s
        self._texts: dict[bytes, Transcript] = {}
        self._chances: dict[bytes, float] = {}

    def hear(self, speech: AsyncIterator[SpeechPiece], hints: Hints) -> AsyncIterator[Transcript]:
        """Recognise."""
        return in_batches(self._decode, speech, hints)

    async def _decode(self, sound: Samples, hints: Hints) -> AsyncIterator[Transcript]:
        key = sound.tobytes()
        if key not in self._texts:
            self._texts[key] = self._engine.decode(self._engine.encode(sound), sound.size / RATE, hints)
        await asyncio.sleep(self._decode_s * (1 if sound.size <= 7 * RATE else 2))
        yield self._texts[key]

    async def probability(self, speech: Samples, partial: str, language: str) -> float:  # noqa: ARG002 - the protocol
        """Judge a pause."""
        key = speech.tobytes()
        if key not in self._chances:
            self._chances[key] = self._model.probability(speech)
        await asyncio.sleep(self._judge_s)
        return self._chances[key]

    async def check(self) -> Health:
        """Nothing to check."""
        return Health(ok=True, detail="")


class Notes:
    """What the ears told, and when."""

    def __init__(self) -> None:
        self.over: list[tuple[float, str | None]] = []
        self.paused: list[float] = []
        self.began = 0

    def speech_likely(self, at: float) -> None:
        """Do nothing."""

    def speech_began(self, number: int, at: float) -> None:  # noqa: ARG002 - the protocol
        """Count."""
        self.began += 1

    def speech_heard(self, utterance: Utterance) -> None:
        """Pass."""

    def speech_paused(self, utterance: Utterance) -> None:  # noqa: ARG002 - the protocol
        """Note when."""
        self.paused.append(asyncio.get_running_loop().time())

    def speech_resumed(self, number: int, at: float) -> None:
        """Pass."""

    def speech_over(self, number: int, at: float, utterance: Utterance | None) -> None:  # noqa: ARG002 - the protocol
        """Note when and what."""
        self.over.append((asyncio.get_running_loop().time(), utterance.text if utterance else None))


async def listen(
    sound: Sound, asr: Asr, endpoint: Endpoint, activity: vad.Silero, settings: ListeningSettings, after_s: float
) -> tuple[Notes, float | None, float]:
    """Let the ears hear a sound; return what they told, when they began to think, and when the sound began."""
    loop, ears, inlet, notes = asyncio.get_running_loop(), Ears(), AudioInlet(), Notes()
    activity.reset()
    hints = Hints((), ("en",))
    hearing = listening.Listening(ears, inlet, asr, endpoint, notes, lambda: hints, vad=activity, settings=settings)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(hearing.run())
        await asyncio.sleep(0)
        began, thought = loop.time(), None
        whole = np.concatenate((sound, recordings.quiet(after_s)))
        for at in range(0, whole.size - FRAME + 1, FRAME):
            await asyncio.sleep(began + (at + FRAME) / RATE - loop.time())
            inlet.put(whole[at : at + FRAME], loop.time())
            if not hearing.thinking:
                thought = thought if at / RATE > sound.size / RATE else None
            elif thought is None:
                thought = loop.time()
            if notes.over and at > sound.size:
                break
        for _ in range(400):
            if notes.over or not notes.began:
                break
            await asyncio.sleep(0.05)
        task.cancel()
    return notes, thought, began


def on_virtual_clock(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run faster than real time."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(0.0, threads=False)) as runner:
        return runner.run(work())


def rows(costed: Costed, activity: vad.Silero, count: int) -> dict[str, Any]:
    """Return the table: for each endpoint the delays, and the part of turns that was cut off."""
    plain: dict[str, Any] = {"learn_patience": False, "partials": False}
    tried: dict[str, tuple[Endpoint, dict[str, Any], bool]] = {
        **{f"silence {ms}": (Silence(), plain | {"patience_ms": ms}, True) for ms in (300, 500, 700, 1200)},
        "smart_turn without veto": (costed, plain, False),
        "smart_turn": (costed, plain, True),
    }
    whole = [(sound, None) for sound in recordings.prompts(count).values()]
    broken = [recordings.hesitating(sound, PAUSES[n % len(PAUSES)]) for n, (sound, _) in enumerate(whole)]
    return {
        name: _row(endpoint, ListeningSettings(**options), costed, activity, [*whole, *broken], veto=veto)
        for name, (endpoint, options, veto) in tried.items()
    }


def _row(
    endpoint: Endpoint,
    settings: ListeningSettings,
    costed: Costed,
    activity: vad.Silero,
    turns: list[Any],
    *,
    veto: bool,
) -> dict[str, Any]:
    eager, commit, paused, cut, lost = [], [], [], {False: 0, True: 0}, 0
    # Its veto is taken away for comparison.
    judged = patch.object(LastWords, "want_more", LastWords.want_more if veto else lambda _self, _text: False)
    with judged:
        for sound, pause_at in turns:
            notes, thought, began = on_virtual_clock(lambda: listen(sound, costed, endpoint, activity, settings, 4.0))  # noqa: B023
            end = began + sound.size / RATE
            if not notes.over:
                lost += 1
                continue
            if notes.over[0][0] < end:
                cut[pause_at is not None] += 1
                continue
            commit.append(notes.over[-1][0] - end)
            eager += [thought - end] if thought is not None else []
            paused += [notes.paused[-1] - end] if notes.paused and notes.paused[-1] > end else []
    half = len(turns) // 2
    return {
        "turns": len(turns), "lost": lost,
        "cut_off_whole": f"{cut[False]}/{half}", "cut_off_hesitating": f"{cut[True]}/{half}",
        "cut_off": round(sum(cut.values()) / len(turns), 3),
        "eager_p50_ms": ms(eager), "text_p50_ms": ms(paused), "commit_p50_ms": ms(commit),
        "commit_p90_ms": ms(commit, 0.9),
    }  # fmt: skip


def ms(values: list[float], part: float = 0.5) -> int | None:
    """Return a quantile in ms."""
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]) if ordered else None


def invented(costed: Costed, activity: vad.Silero, seconds: float) -> dict[str, Any]:
    """Return for each kind of noise the utterances begun and the words heard, and the processor's part meanwhile."""
    found: dict[str, Any] = {}
    for name, sound in {**recordings.noises(seconds), "silence": recordings.quiet(min(seconds, 120.0))}.items():
        began = time.process_time()
        settings = ListeningSettings(learn_patience=False)
        notes, _, _ = on_virtual_clock(lambda: listen(sound, costed, Silence(), activity, settings, 3.0))  # noqa: B023
        spent = time.process_time() - began
        words = sum(len(text.split()) for _, text in notes.over if text)
        found[name] = {
            "minutes": round(sound.size / RATE / 60, 1), "utterances": notes.began, "words": words,
            "cpu_percent": round(100 * spent / (sound.size / RATE), 2),
        }  # fmt: skip
    return found


def tokens(text: str, language: str) -> list[str]:
    """Return what is compared: words, or characters."""
    return re.findall(r"[\u4e00-\u9fff]" if language == "zh" else r"[a-z']+", text.lower())


async def recognition(engine: faster_whisper.Engine, root: Path) -> dict[str, Any]:
    """Return error rates on clean speech: real (two_cities, in stretches), and by the built-in voices."""
    found: dict[str, Any] = {}
    wrong: dict[str, list[float]] = {"en": [], "zh": []}
    took: list[float] = []
    spent: list[float] = []
    async with kokoro.connect(kokoro.Config(model=await catalog.pull("kokoro", root))) as voice:
        for language, sentences in (("en", ENGLISH), ("zh", CHINESE)):
            for sentence in sentences:
                pcm = b"".join([one.data async for one in voice.speak(sentence, Style(language=language))])
                wave = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
                sound = np.interp(np.arange(0, wave.size, 1.5), np.arange(wave.size), wave).astype(np.float32)
                sound = np.concatenate((sound, np.zeros(3200, np.float32)))
                began, cpu = time.perf_counter(), time.process_time()
                heard = engine.decode(engine.encode(sound), sound.size / RATE, Hints((), (language,)))
                took.append(time.perf_counter() - began)
                spent.append(time.process_time() - cpu)
                wrong[language].append(error_rate(tokens(sentence, language), tokens(heard.text, language)))
    found["tts"] = {
        "en_wer": round(sum(wrong["en"]) / len(ENGLISH), 3), "zh_cer": round(sum(wrong["zh"]) / len(CHINESE), 3),
        "endpoint_to_transcript_p50_ms": ms(took), "cpu_p50_ms": ms(spent),
    }  # fmt: skip
    return found


def real_speech(costed: Costed, activity: vad.Silero) -> dict[str, Any]:
    """Return the error rate of real read speech through the whole of the ears, in one go."""
    sound = recordings.trimmed(recordings.read(recordings.folder() / "two_cities.wav"))
    settings = ListeningSettings(patience_ms=2500, learn_patience=False, partials=False)
    notes, _, _ = on_virtual_clock(lambda: listen(sound, costed, Silence(), activity, settings, 5.0))
    heard = tokens(" ".join(text or "" for _, text in notes.over), "en")
    wanted = tokens(recordings.TWO_CITIES, "en")
    return {"seconds": round(sound.size / RATE, 1), "wer": round(error_rate(wanted, heard[: len(wanted)]), 3)}


async def real_time(root: Path, count: int) -> dict[str, Any]:
    """Play prompts at their own pace; return the delays as they were, whatever else the machine did."""
    activity, eager, commit, paused = vad.load(), [], [], []
    async with (
        faster_whisper.connect(faster_whisper.Config(model=await catalog.pull(WHISPER, root))) as asr,
        open_endpoint(EndpointKind.SMART_TURN, lambda *_: None, root=root) as endpoint,
    ):
        for sound in recordings.prompts(count).values():
            notes, thought, began = await listen(sound, asr, endpoint, activity, ListeningSettings(), 5.0)
            end = began + sound.size / RATE
            commit += [notes.over[-1][0] - end] if notes.over else []
            eager += [thought - end] if thought is not None else []
            paused += [notes.paused[-1] - end] if notes.paused else []
    return {"turns": len(commit), "eager_p50_ms": ms(eager), "text_p50_ms": ms(paused), "commit_p50_ms": ms(commit)}


async def load(root: Path) -> tuple[faster_whisper.Engine, smart_turn.Model, float, float]:
    """Load the models; return them and what each costs here, in seconds on a quiet machine."""
    config = faster_whisper.Config(model=await catalog.pull(WHISPER, root))
    engine = faster_whisper.Engine(config, config.model or Path())
    model = smart_turn.Model(await catalog.pull(SMART_TURN, root) / smart_turn.MODEL_FILE)
    sound = next(iter(recordings.prompts(1).values()), recordings.quiet(3.0))
    decode, judge = [], []
    for _ in range(4):
        began = time.process_time()
        engine.decode(engine.encode(sound), sound.size / RATE, Hints((), ("en",)))
        middle = time.process_time()
        model.probability(sound)
        decode.append((middle - began) / min(4, physical_cores()))
        judge.append(time.process_time() - middle)
    return engine, model, median(decode[1:]), median(judge[1:])


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=24, help="prompts in the table, each whole and hesitating")
    parser.add_argument("--minutes", type=float, default=10.0, help="of each kind of noise")
    parser.add_argument("--real-time", type=int, default=0, help="prompts to play at their own pace")
    options = parser.parse_args()
    missing, root = recordings.fetch(), catalog.default_root()
    engine, model, decode_s, judge_s = asyncio.run(load(root))
    costed, activity = Costed(engine, model, decode_s, judge_s), vad.load()
    result = {
        "bench": "hearing", "unit_ms": recordings.unit_ms(), "missing": missing,
        "models": {"asr": WHISPER, "endpoint": SMART_TURN, "vad": "Silero v6"},
        "recordings": "asterisk-core-sounds-en-g722, moonshine-voice (real); kokoro (synthetic); pauses put in",
        "cost_s": {"transcript": round(decode_s, 3), "judge": round(judge_s, 3)},
        "endpoints": rows(costed, activity, options.turns) if options.turns else {},
        "noise": invented(costed, activity, options.minutes * 60) if options.minutes else {},
        "recognition": asyncio.run(recognition(engine, root)),
        "real_speech": real_speech(costed, activity) if "two_cities" not in str(missing) else None,
    }  # fmt: skip
    if options.real_time:
        result["real_time"] = asyncio.run(real_time(root, options.real_time))
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
