"""A streamer for scenarios on the virtual clock: says words at a pace, coughs, pauses, as the ears would tell it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

from bot.hearing.speech import Utterance
from bot.show.cohost.settings import CohostSettings
from bot.show.cohost.streamer import Streamer
from bot.show.floor_settings import FloorSettings
from tests.fakes.stage_page import FakePage
from tests.support.harness import Stagehand

#: From the end of the voice to the eager decision, and to the commit; from a pause to its text. In seconds.
PAUSE_S, COMMIT_S = 0.25, 0.6


class Mic:
    """What the ears tell a `Streamer`."""

    def __init__(
        self, hand: Stagehand, *, floor: FloorSettings | None = None, cohost: CohostSettings | None = None
    ) -> None:
        self.hand = hand
        self.number = 0
        self.voiced = False
        self.streamer = Streamer(
            hand.show,
            floor or FloorSettings(),
            cohost or CohostSettings(),
            names=lambda: ("Mira",),
            voiced=lambda: self.voiced,
            rng=random.Random(3),
        )

    def utterance(self, text: str, *, final: bool = False) -> Utterance:
        """Return the present utterance with a text."""
        now = asyncio.get_running_loop().time()
        return Utterance(self.number, text, "en", 1.0, text, final, now, now)

    def perhaps_begin(self) -> None:
        """Make what may be the beginning of a sound."""
        self.streamer.speech_likely(asyncio.get_running_loop().time())

    def begin(self) -> None:
        """Begin to make a sound."""
        self.number += 1
        self.voiced = True
        self.streamer.speech_began(self.number, asyncio.get_running_loop().time())

    def heard(self, text: str) -> None:
        """Let a partial text come."""
        self.streamer.speech_heard(self.utterance(text))

    def fall_silent(self) -> None:
        """Make no sound any more."""
        self.voiced = False

    def sound_again(self) -> None:
        """Make a sound again, before the ears tell of a pause."""
        self.voiced = True

    async def pause(self, text: str) -> None:
        """Fall silent, until the eager decision."""
        self.fall_silent()
        await asyncio.sleep(PAUSE_S)
        self.streamer.speech_paused(self.utterance(text))

    def go_on(self) -> None:
        """Speak again after a pause."""
        self.voiced = True
        self.streamer.speech_resumed(self.number, asyncio.get_running_loop().time())

    def end(self, text: str | None) -> None:
        """Let the ears commit a text; None: there was none."""
        self.voiced = False
        now = asyncio.get_running_loop().time()
        said = None if text is None else self.utterance(text, final=True)
        self.streamer.speech_over(self.number, now, said)

    async def say(self, text: str, seconds: float | None = None, *, partials: bool = True) -> None:
        """Say something whole, at 14 characters a second; return at the commit."""
        seconds = len(text) / 14 if seconds is None else seconds
        self.begin()
        words = text.split(" ")
        for count in range(1, len(words) + 1):
            await asyncio.sleep(seconds / len(words))
            if partials and count < len(words) and count % 3 == 0:
                self.heard(" ".join(words[:count]))
        await self.pause(text)
        await asyncio.sleep(COMMIT_S - PAUSE_S)
        self.end(text)

    async def cough(self, seconds: float = 0.3) -> None:
        """Make a sound without words."""
        self.begin()
        await asyncio.sleep(seconds)
        self.fall_silent()
        await asyncio.sleep(COMMIT_S)
        self.end(None)


@contextlib.asynccontextmanager
async def beside(mic: Mic, page: FakePage | None = None) -> AsyncIterator[FakePage]:
    """Run the show and the streamer's side with a page open."""
    async with asyncio.TaskGroup() as group:
        running = group.create_task(mic.streamer.run())
        async with mic.hand.on_air(page) as opened:
            try:
                yield opened
            finally:
                running.cancel()
