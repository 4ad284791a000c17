"""An answer that is begun, silently, before it is sure that the streamer said all; used only if the words agree."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, cast

from rapidfuzz import fuzz

from bot.errors import TransientError
from bot.runtime.metering import CallPurpose, calling_for
from bot.runtime.signal import Signal
from bot.show.cohost.words import plain
from bot.types import Delta, Llm, Prompt

#: A draft is no longer than this, in characters: nobody listens to it yet.
MAX_DRAFT: Final = 4000
#: Words that turn a sentence into its opposite: texts that differ in one never agree.
_NOT: Final = frozenset({"not", "no", "never", "none", "nothing", "without", "cannot"})
_NOT_EAST: Final = frozenset("不没無无非别")


@dataclass
class DraftCounts:
    """What speculation costs: drafts begun, used, thrown away, and the characters that were."""

    begun: int = 0
    used: int = 0
    thrown_away: int = 0
    characters_thrown_away: int = 0


def agree(early: str, final: str, least: float) -> bool:
    """Return whether two texts of one utterance say the same: alike by ``least`` (0 to 1), and with the same noes."""
    a, b = plain(early), plain(final)
    if a == b:
        return bool(a)
    return fuzz.ratio(a, b) / 100 >= least and _noes(a) == _noes(b)


def _noes(text: str) -> list[str]:
    words = [w for w in text.replace("’", "'").split(" ") if w in _NOT or w.endswith("n't")]
    return sorted([*words, *(char for char in text if char in _NOT_EAST)])


class Draft:
    """One reply to a prompt, made while nobody hears it. It is used at most once."""

    def __init__(self, llm: Llm, prompt: Prompt, text: str, counts: DraftCounts, agreement: float) -> None:
        self.text = text
        self._llm = llm
        self._prompt = prompt
        self._counts = counts
        self._agreement = agreement
        self._deltas: list[Delta] = []
        self._changed = Signal()
        self._error: BaseException | None = None
        self._done = False
        self._settled = False
        self._task: asyncio.Task[None] | None = None
        counts.begun += 1

    def start(self, group: asyncio.TaskGroup) -> None:
        """Begin it."""
        self._task = group.create_task(self._run())

    async def _run(self) -> None:
        try:
            with calling_for(CallPurpose.DRAFT):
                reply = self._llm.reply(self._prompt)
            async with aclosing(cast("Any", reply)) as deltas:
                async for delta in deltas:
                    self._deltas.append(delta)
                    self._changed.notify()
                    if sum(len(one.text) for one in self._deltas) > MAX_DRAFT:
                        break
        except Exception as error:  # noqa: BLE001 - told to whoever uses it
            self._error = error
        except asyncio.CancelledError:
            self._error = TransientError("the draft was thrown away")
            raise
        finally:
            self._done = True
            self._changed.notify()

    def stream(self, prompt: Prompt) -> AsyncIterator[Delta] | None:
        """Return the reply for a prompt; None when it answers another one, or was used or thrown away before."""
        if self._settled:
            return None
        mine, other = self._prompt.lines, prompt.lines
        same = mine[:-1] == other[:-1] and fuzz.ratio(mine[-1].text, other[-1].text) / 100 >= self._agreement
        if not same or self._error is not None:
            self.drop()
            return None
        self._settled = True
        self._counts.used += 1
        return self._replay()

    async def _replay(self) -> AsyncIterator[Delta]:
        at = 0
        try:
            while True:
                for delta in self._deltas[at:]:
                    at += 1
                    yield delta
                if at < len(self._deltas):
                    continue
                if self._error is not None:
                    raise self._error
                if self._done:
                    return
                await self._changed.wait()
        finally:
            self._cancel()

    def drop(self) -> None:
        """Throw it away, unless it is being used."""
        if not self._settled:
            self._settled = True
            self._counts.thrown_away += 1
            self._counts.characters_thrown_away += sum(len(one.text) for one in self._deltas)
            self._cancel()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
