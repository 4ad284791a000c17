"""A voice that does not end: its clause is cut off, and the show goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.errors import ProviderError
from bot.runtime.signal import Signal
from bot.types import Clause, Pcm, Style
from bot.voice.speaker import LONGEST_MORE_MS, Speaker
from moderation import Action, Verdict

SECOND = bytes(48_000)


class EndlessVoice:
    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        for _ in range(self.seconds):
            yield Pcm(SECOND, 24_000)


class Sink:
    def __init__(self) -> None:
        self.changed = Signal()
        self.seconds = 0
        self.truncated: list[bool] = []

    def speak(self, epoch: int, clause: Clause, rate: int, silent_ms: int = 0) -> int:
        return 1

    def sound(self, reel: int, pcm: Pcm) -> None:
        self.seconds += len(pcm.data) // 48_000

    def complete(self, reel: int, *, truncated: bool = False) -> None:
        self.truncated.append(truncated)

    def ahead_s(self) -> float:
        return 0.0


async def spoken(seconds: int) -> tuple[Sink, list[ProviderError]]:
    sink, told = Sink(), list[ProviderError]()
    speaker = Speaker(EndlessVoice(seconds), sink, lambda _: Style(), lookahead_s=10, on_voiceless=told.append)

    async def check(clause: Clause) -> Verdict:
        return Verdict(Action.ALLOW, (), 0.0, clause.text)

    await speaker.say(1, Clause("t", 0, "Boats are lovely.", "Boats are lovely."), check)
    return sink, told


async def test_a_voice_without_an_end_is_cut_off_and_told_of() -> None:
    sink, told = await spoken(3000)
    assert sink.truncated == [True]
    assert LONGEST_MORE_MS / 1000 < sink.seconds < 20
    assert "left out" in str(told[0])


async def test_a_slow_voice_is_heard_to_its_end() -> None:
    sink, told = await spoken(8)
    assert (sink.seconds, sink.truncated, told) == (8, [False], [])
