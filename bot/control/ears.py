"""The ears as an operator sees and orders them: the switch, the button to talk, what was heard of late.

What was heard is kept in memory alone, and thrown away at the moment in which the ears are switched off.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from loguru import logger
from pydantic import ValidationError

from bot.control.schemas.ears import HOLD_S, EarsView, FloorCellIn, FloorRowView, FloorView, HeardLine
from bot.control.schemas.panel import Done
from bot.errors import Refused
from bot.hearing.ears import Ears, TalkMode
from bot.hearing.input.browser import BrowserLine, BrowserMicrophone
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.speech import Utterance
from bot.runtime.signal import Signal
from bot.show.floor_settings import FloorEvent, FloorSettings, FloorState, FloorTable
from bot.text.sanitize import fit

#: Utterances that are shown, and the longest text of one, in characters.
MAX_LAST, MAX_TEXT = 8, 400
_SWITCH_ON = "Switch them on first: haishin ears on."
_REMEDY = "Set hearing.enabled: true; see docs/cohost.md."

#: The columns of the floor's table.
COLUMNS = ("streamer", "grace", "thinking", "speaking")

Source = Literal["microphone", "browser", "none"]


class FloorDesk(Protocol):
    """The streamer's side of the show, as far as a person orders it."""

    @property
    def floor_settings(self) -> FloorSettings:
        """The settings in force."""
        ...

    @property
    def state(self) -> FloorState:
        """Who has the floor."""
        ...

    @property
    def wants_button(self) -> bool:
        """Whether the host answers what it is asked to by a button alone."""
        ...

    def update_floor(self, settings: FloorSettings) -> None:
        """Put other settings in force."""
        ...

    def press(self) -> bool:
        """Answer what is being said, or was said just now; return False when there is nothing."""
        ...

    def forget(self) -> None:
        """Forget what was said and not answered."""
        ...


@dataclass(frozen=True, slots=True)
class EarParts:
    """What the controls work on. ``enabled``, ``trouble`` and ``source`` are asked each time."""

    ears: Ears
    inlet: AudioInlet
    browser: BrowserMicrophone
    floor: FloorDesk
    enabled: Callable[[], bool]
    trouble: Callable[[], str] = lambda: ""
    source: Callable[[], Source] = lambda: "none"


class EarsControls:
    """What may be ordered of the ears; without any, every order is refused. It is a `SpeechListener` too."""

    def __init__(self, parts: EarParts | None = None) -> None:
        self.changed = Signal()
        self._parts = parts
        self._last: deque[tuple[float, Utterance]] = deque(maxlen=MAX_LAST)
        self._now: Utterance | None = None
        #: Cells that were changed here: event, column, rule.
        self._edits: dict[str, dict[str, str]] = {}
        self._release: asyncio.TimerHandle | None = None
        if parts is not None:
            parts.ears.changed.lead_to(self.changed)
            parts.browser.changed.lead_to(self.changed)

    # --- orders -------------------------------------------------------------------------------------

    def switch(self, *, on: bool) -> Done:
        """Switch the ears on or off, at once. Off throws away what waits and what was heard. Raises `Refused`."""
        parts = self._need()
        self._let_go()
        parts.ears.switch(on=on)
        if not on:
            self.close()
        logger.info("by the operator: the ears are {}", "on" if on else "off")
        return Done(ok=True, detail=f"the ears are {'on' if on else 'off'}")

    def close(self) -> None:
        """Throw away what waits and what was heard: the ears are off, or no longer enabled."""
        if self._parts is not None:
            self._parts.inlet.clear()
            self._parts.floor.forget()
        self._last.clear()
        self._now = None
        self.changed.notify()

    def talk(self, *, down: bool | None = None, for_s: float = HOLD_S) -> Done:
        """Press the button to talk or let it go; None presses it when it is up, else lets it go. Raises `Refused`."""
        ears = self._need().ears
        if not ears.on:
            raise Refused("the ears are off", remedy=_SWITCH_ON)
        if ears.mode is TalkMode.OPEN:
            return Done(ok=True, detail="the microphone is always heard; hearing.talk: push or toggle makes a button")
        self._let_go()
        if down is None:
            down = True if ears.mode is TalkMode.TOGGLE else not ears.held
        if ears.mode is TalkMode.PUSH and down:
            self._release = asyncio.get_running_loop().call_later(for_s, self._lost)
        if ears.mode is TalkMode.TOGGLE or down != ears.held:
            ears.talk(down=down)
        return Done(ok=True, detail="you are heard" if ears.listening else "you are not heard")

    def answer(self) -> Done:
        """Order an answer to what is being said, or was said just now. Raises `Refused`."""
        parts = self._need()
        if not parts.ears.on:
            raise Refused("the ears are off", remedy=_SWITCH_ON)
        ok = parts.floor.press()
        return Done(ok=ok, detail="it is answered" if ok else "nothing was said just now")

    def join(self, *, takeover: bool) -> BrowserLine:
        """Connect a page as the microphone. Raises `Refused`."""
        return self._need().browser.join(takeover=takeover)

    def leave(self, line: BrowserLine) -> None:
        """Take note that such a page went."""
        self._need().browser.leave(line)

    # --- the floor ----------------------------------------------------------------------------------

    def table(self) -> FloorView:
        """Return the floor's table. Raises `Refused`."""
        now = self._need().floor.floor_settings.table
        rows = [
            FloorRowView(event=event, **{state: row.rule(FloorState(state)) for state in COLUMNS})
            for event in FloorEvent
            for row in [getattr(now, event.value)]
        ]
        return FloorView(rows=rows, edited=_as_yaml(self._edits))

    def set_cell(self, cell: FloorCellIn) -> FloorView:
        """Change a cell of the table, until the host starts anew. Raises `Refused` for a rule that the row forbids."""
        floor = self._need().floor
        table = floor.floor_settings.table.model_dump(mode="json")
        table[cell.event.value][cell.state] = cell.rule.value
        try:
            new = FloorTable.model_validate(table)
        except ValidationError as error:
            raise Refused(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
        floor.update_floor(floor.floor_settings.model_copy(update={"table": new}))
        self._edits.setdefault(cell.event.value, {})[cell.state] = cell.rule.value
        logger.info("by the operator: the floor, {} while {}: {}", cell.event, cell.state, cell.rule)
        self.changed.notify()
        return self.table()

    def forget_edits(self) -> None:
        """Take note that the configuration's own table is in force again."""
        self._edits.clear()

    # --- what is heard: see `bot.hearing.speech.SpeechListener` ----------------------------------------

    def speech_likely(self, at: float) -> None:
        """Show nothing yet."""

    def speech_began(self, number: int, at: float) -> None:
        """Show that somebody speaks."""

    def speech_heard(self, utterance: Utterance) -> None:
        """Show what was said so far."""
        self._show(utterance)

    def speech_paused(self, utterance: Utterance) -> None:
        """Show what was said so far."""
        self._show(utterance)

    def speech_resumed(self, number: int, at: float) -> None:
        """Nothing: the next text is shown when it comes."""

    def speech_over(self, number: int, at: float, utterance: Utterance | None) -> None:
        """Keep what was said for a while."""
        del number, at
        self._now = None
        if utterance is not None and utterance.text and self._may_show():
            self._last.append((asyncio.get_running_loop().time(), utterance))
        self.changed.notify()

    # --- how they stand -------------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        """Whether a page may be the microphone now."""
        return self._parts is not None and self._parts.enabled()

    def state(self) -> EarsView | None:
        """Return how the ears stand; None where there are none."""
        parts = self._parts
        if parts is None:
            return None
        ears, now = parts.ears, asyncio.get_running_loop().time()
        enabled = parts.enabled()
        said = self._now
        return EarsView(
            enabled=enabled,
            on=enabled and ears.on,
            held=ears.held,
            listening=enabled and ears.listening,
            mode=ears.mode,
            input=ears.input,
            source=parts.source(),
            trouble=fit(parts.trouble() or ears.trouble or ears.recogniser_trouble, MAX_TEXT),
            level=round(min(1.0, max(0.0, ears.level)), 3),
            clipped=ears.clipped,
            dropped=parts.inlet.dropped,
            floor=parts.floor.state,
            wants_button=parts.floor.wants_button,
            partial=fit(said.text, MAX_TEXT) if said else "",
            stable=fit(said.stable, MAX_TEXT) if said else "",
            last=[
                HeardLine(
                    text=fit(one.text, MAX_TEXT),
                    language=fit(one.language, 20),
                    confidence=round(one.confidence, 2),
                    age_s=round(now - at, 1),
                )
                for at, one in reversed(self._last)
            ],
        )

    def _need(self) -> EarParts:
        if self._parts is None or not self._parts.enabled():
            raise Refused("the ears are not enabled", remedy=_REMEDY)
        return self._parts

    def _may_show(self) -> bool:
        return self._parts is not None and self._parts.ears.on

    def _show(self, utterance: Utterance) -> None:
        if self._may_show():
            self._now = utterance
            self.changed.notify()

    def _let_go(self) -> None:
        """Forget when the button is to be let go by itself."""
        if self._release is not None:
            self._release.cancel()
            self._release = None

    def _lost(self) -> None:
        self._release = None
        if self._parts is not None and self._parts.ears.held:
            logger.warning("the button to talk was never let go; it counts as let go now")
            self._parts.ears.talk(down=False)


def _as_yaml(edits: dict[str, dict[str, str]]) -> str:
    """Return changed cells as they are written into a configuration."""
    if not edits:
        return ""
    rows = [
        f"    {event}: {{{', '.join(f'{state}: {rule}' for state, rule in row.items())}}}"
        for event, row in edits.items()
    ]
    return "\n".join(["floor:", "  table:", *rows])
