"""A language model that runs on this machine: read ahead in time, and what is asked of it fitted to its speed.

It reads what all prompts begin with before the first question, and each exchange while nobody asks, so that a question
waits for its own words alone. What was measured meanwhile decides how long notes, history and replies may be and when
the wait is bridged; what somebody set stays as it was set.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loguru import logger

from bot.mind.failover import LlmChain
from bot.mind.memory.history import History
from bot.review import llm_judge
from bot.runtime.machine import Speed, physical_cores
from bot.show.observer import Observer
from bot.show.turn import FinishedTurn, LiveTurn
from bot.text.scripts import join
from bot.types import Spoken

if TYPE_CHECKING:
    from bot.app.app import App
    from bot.config import Settings

#: What reading the persona's notes for a question, reading a history that slid, and writing a whole reply may take;
#: seconds.
NOTES_S, HISTORY_S, REPLY_S = 1.0, 8.0, 15.0
#: Below these a reply is no answer, a note no help and a history no conversation; tokens.
LEAST_REPLY, LEAST_NOTES, LEAST_HISTORY = 48, 60, 200
#: A question with its marks, and the first clause of its answer; tokens.
QUESTION, CLAUSE = 60, 12
#: The wait is bridged when it is so much longer than expected, and at the latest after so many seconds.
OVERDUE, LATEST_BRIDGE_S = 1.5, 6.0


@dataclass(frozen=True, slots=True)
class Fit:
    """What is asked of a model of a certain speed: tokens, and seconds."""

    max_tokens: int
    history_tokens: int
    knowledge_tokens: int
    filler_after_s: float


def fit(settings: Settings, speed: Speed | None) -> Fit:
    """Return what the settings ask of the model, or less where the machine needs it and nobody set it."""
    show, memory = settings.show, settings.memory
    full = Fit(show.max_tokens, memory.history_tokens, memory.knowledge_tokens, show.filler_after_s)
    if speed is None:
        return full
    notes = _within(full.knowledge_tokens, NOTES_S * speed.read, LEAST_NOTES)
    if "knowledge_tokens" in memory.model_fields_set:
        notes = full.knowledge_tokens
    expected_s = (QUESTION + notes) / speed.read + CLAUSE / speed.write
    bridge_s = min(LATEST_BRIDGE_S, max(full.filler_after_s, OVERDUE * expected_s))
    reply = _within(full.max_tokens, REPLY_S * speed.write, LEAST_REPLY)
    history = _within(full.history_tokens, HISTORY_S * speed.read, LEAST_HISTORY)
    return Fit(
        full.max_tokens if "max_tokens" in show.model_fields_set else reply,
        full.history_tokens if "history_tokens" in memory.model_fields_set else history,
        notes,
        full.filler_after_s if "filler_after_s" in show.model_fields_set else bridge_s,
    )


def _within(wanted: int, affordable: float, least: int) -> int:
    return min(wanted, max(least, int(affordable)))


def worded(found: Fit, speed: Speed) -> str:
    """Return in words how fast the model is and what that leaves room for."""
    return (
        f"the model reads {speed.read:.0f} and writes {speed.write:.0f} tokens a second on {physical_cores()} cores: "
        f"replies of up to {found.max_tokens} tokens, {found.history_tokens} of history, {found.knowledge_tokens} of "
        f"notes; a wait is bridged after {found.filler_after_s:.1f} s"
    )


class LocalModel(Observer):
    """Keeps the model that runs here ready. What is asked of a model elsewhere is left as it is."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._turned = asyncio.Event()
        #: The last turn of which all sound was made.
        self._made: LiveTurn | None = None
        self._speed: Speed | None = None

    def turn_made(self, turn: LiveTurn) -> None:
        """Take note that the model is free while the rest of a turn is heard."""
        self._made = turn
        self._turned.set()

    def turn_over(self, turn: FinishedTurn) -> None:  # noqa: ARG002 - which turn it was does not matter
        """Take note that the history may have grown."""
        self._turned.set()

    @property
    def speed(self) -> Speed | None:
        """What was measured of the model that runs here; None where there is none, or before the first time."""
        return self._speed

    def read_again(self) -> None:
        """Order another reading of the show's prompt: the model had other work meanwhile."""
        self._turned.set()

    async def warm_up(self) -> None:
        """Warm the model with what all prompts begin with; a question that comes meanwhile goes before it."""
        app, llm = self._app, self._llm
        if llm is None:
            return
        if any(entry.get("provider") == "llm" for entry in app.settings.judges):
            await llm.warm(llm_judge.beginning())
        await self._read(llm, app.show.history)
        if self._speed is not None:
            logger.info("ready: {}", app.control.machine)

    async def read_ahead(self) -> None:
        """Warm the model with each exchange: while its last words are heard, and as it was heard in the end.

        A turn that is over is not read again where the next one begins at once, and reads it anyway.
        """
        while (llm := self._llm) is not None:
            await self._turned.wait()
            self._turned.clear()
            air, history = self._app.show.on_air, self._app.show.history
            if air is None or air.committed:
                if not len(self._app.inbox):
                    await self._read(llm, history)
            elif air is self._made:
                words = join([clause.text for clause in air.clauses])
                coming = Spoken(air.turn.id, words, interrupted=False)
                await self._read(llm, history.expecting(coming, air.plan.asked))

    def apply(self) -> Fit:
        """Fit prompts and waits to what was measured, under the settings of this moment; return what was chosen."""
        app, found = self._app, fit(self._app.settings, self._speed)
        app.show.cast.prompter.limit(
            max_tokens=found.max_tokens,
            history_tokens=found.history_tokens if app.settings.memory.history else 0,
            knowledge_tokens=found.knowledge_tokens,
        )
        app.show.composer.filler_after_s = found.filler_after_s
        if self._speed is not None:
            app.control.machine = worded(found, self._speed)
        return found

    @property
    def _llm(self) -> LlmChain | None:
        llm = self._app.show.composer.llm
        return llm if isinstance(llm, LlmChain) else None

    async def _read(self, llm: LlmChain, history: History) -> None:
        entries = self._app.settings.llm
        await llm.warm(self._app.show.cast.prompter.ahead(history))
        if entries == "auto" or [entry.get("provider") for entry in entries] == ["llamacpp"]:
            checked = (await llm.check()).extra.values()
            self._speed = next((one.extra["speed"] for one in checked if "speed" in one.extra), self._speed)
            self.apply()
