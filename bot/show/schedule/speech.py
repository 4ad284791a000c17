"""How a segment speaks: its pieces wait here until the show's loop takes them, one after the other."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol, cast

from loguru import logger

from bot.runtime.signal import Signal
from bot.show.loop import Show
from bot.show.segments.segment import Brief, ChatMode, Heard
from bot.show.turn import FinishedTurn, TurnPlan
from bot.types import Llm, Prompt, TurnKind

#: Longest that a question to the model beside the show may take, in seconds, and its answer be, in characters.
ASK_S, MAX_ANSWER = 8.0, 2000


class Speech(Protocol):
    """Speaks for segments. ``changed`` is notified when `closing` changes."""

    changed: Signal

    @property
    def closing(self) -> bool:
        """Whether the show is ending: nothing will be said any more."""
        ...

    @property
    def language(self) -> str:
        """The show's language."""
        ...

    def quiet_s(self) -> float:
        """Return for how long nothing has been said."""
        ...

    def treat_chat(self, mode: ChatMode) -> None:
        """Treat the chat like this from now on."""
        ...

    def interrupt(self) -> None:
        """Cut what a segment says just now."""
        ...

    async def speak(self, what: Callable[[], str | Brief], turn: str) -> Heard:
        """Say something when its turn comes, and is asked for its words; return what was heard of it."""
        ...

    async def ask(self, task: str, material: Sequence[str], max_tokens: int) -> str:
        """Return the model's answer unspoken; empty when none comes in time."""
        ...


def new_turn() -> str:
    """Return the id of a turn that is still to come."""
    return f"t-{secrets.token_hex(6)}"


@dataclass(slots=True, eq=False)
class _Piece:
    what: Callable[[], str | Brief]
    turn: str
    done: asyncio.Future[Heard]

    def plan(self) -> TurnPlan:
        what = self.what()
        lines, brief = ((what,), None) if isinstance(what, str) else ((), what)
        return TurnPlan(TurnKind.SEGMENT, lines=lines, brief=brief, over=self._over, turn=self.turn)

    def _over(self, finished: FinishedTurn) -> None:
        if not self.done.done():
            own = "" if finished.unanswered else finished.text  # what bridged the wait is nothing of the segment's
            self.done.set_result(Heard(own, not finished.interrupted))


class ShowSpeech:
    """A `Speech` over a show: an initiative of its loop, and the gate before its chat."""

    def __init__(self, show: Show, aside: Callable[[], Llm]) -> None:
        self.changed = Signal()
        self.mode = ChatMode.ALL
        self._show = show
        self._aside = aside
        self._waiting: deque[_Piece] = deque()
        self._collecting_since: float | None = None
        self._on_air = ""
        show.lead(self)
        show.gate_chat(self)
        show.floor.changed.lead_to(self.changed)

    # --- what the loop asks -------------------------------------------------------------------------

    def next(self, now: float, quiet_since: float) -> TurnPlan | None:
        """Return the next piece, which then counts as taken; None when nothing waits."""
        del now, quiet_since
        while self._waiting:
            piece = self._waiting.popleft()
            if not piece.done.done():
                self._on_air = piece.turn
                return piece.plan()
        return None

    def due_in(self, now: float, quiet_since: float) -> float | None:
        """Return 0 when a piece waits; None when ``changed`` will say."""
        del now, quiet_since
        return 0.0 if self._waiting else None

    @property
    def open(self) -> bool:
        """Whether lines of the chat may be taken up."""
        return self.mode in (ChatMode.ALL, ChatMode.ADDRESSED)

    @property
    def addressed(self) -> bool:
        """Whether only lines that speak to the host may be."""
        return self.mode is ChatMode.ADDRESSED

    # --- what a segment asks ------------------------------------------------------------------------

    @property
    def closing(self) -> bool:
        """Whether the show is ending."""
        return self._show.floor.closing

    @property
    def language(self) -> str:
        """The show's language."""
        return self._show.cast.policy.language

    def quiet_s(self) -> float:
        """Return for how long nothing has been said; 0 while the host speaks, or nobody can hear it."""
        show = self._show
        if show.on_air is not None or not show.stage.audible or not show.floor.open:
            return 0.0
        return max(0.0, _now() - show.quiet_since)

    def treat_chat(self, mode: ChatMode) -> None:
        """Open and close the gate before the chat. Collected lines do not grow old, and are answered afterwards."""
        now, inbox = _now(), self._show.inbox
        if mode is ChatMode.COLLECT and self._collecting_since is None:
            self._collecting_since = now
            inbox.keep(float("inf"), float("inf"))
        elif mode is not ChatMode.COLLECT and self._collecting_since is not None:
            collected = now - self._collecting_since
            self._collecting_since = None
            inbox.keep(collected, now + max(collected, inbox.limits.ttl_s))
        self.mode = mode
        self._show.wake.notify()

    def interrupt(self) -> None:
        """Cut what a segment says just now."""
        air = self._show.on_air
        if air is not None and air.turn.id == self._on_air:
            self._show.skip()

    async def speak(self, what: Callable[[], str | Brief], turn: str) -> Heard:
        """Say something when its turn comes; return what was heard of it. Who is cancelled says nothing more."""
        piece = _Piece(what, turn, asyncio.get_running_loop().create_future())
        self._waiting.append(piece)
        self.changed.notify()
        try:
            return await piece.done
        finally:
            if piece in self._waiting:
                self._waiting.remove(piece)

    async def ask(self, task: str, material: Sequence[str], max_tokens: int) -> str:
        """Return the model's answer unspoken; empty when none comes in time."""
        prompter, history = self._show.cast.prompter, self._show.history
        wanted = prompter.brief(task, material, history, language="")
        prompt = Prompt(wanted.lines, max_tokens=max_tokens, temperature=0.2)
        text = ""
        try:
            async with asyncio.timeout(ASK_S), aclosing(cast("Any", self._aside().reply(prompt))) as deltas:
                async for delta in deltas:
                    text += delta.text
                    if len(text) > MAX_ANSWER:
                        break
        except Exception as error:  # noqa: BLE001 - whatever a provider raises, there is no answer
            logger.info("a segment's question to the model was not answered: {}", str(error) or type(error).__name__)
            return ""
        return text[:MAX_ANSWER].strip()


def _now() -> float:
    return asyncio.get_running_loop().time()
