"""Does what viewers order of the memory: remember me, forget me, what do you know, these two accounts are one.

The platform's id is the key to everything, never a name. Nothing is remembered of somebody who did not ask for it.
"""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bot.mind.memory.facts import MAX_ORIGIN, Fact, asked_for, by_rules
from bot.persona.lines import BUILT_IN, Lines, Purpose, written
from bot.show.commands.book import called_in
from bot.show.commands.settings import BuiltIn
from bot.show.commands.words import Say, word
from bot.store.memory.pieces import Piece, PieceKind, Viewer
from bot.store.memory.store import MemoryStore
from bot.text.sanitize import one_line
from bot.types import Message

#: A code holds for so long, in seconds; codes that wait at most; signs that are not mistaken for one another.
CODE_S: Final = 300.0
MAX_CODES: Final = 100
_SIGNS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
#: Facts that a viewer is told at most, in characters of the answer: a chat takes no more.
TOLD: Final = 350
#: What may stand behind "!what" and its like so that it asks the memory.
_ASKS: Final = re.compile(r"(?:do )?(?:you|u) know(?: about me| of me)?\b|about me|^(?:我|私)", re.IGNORECASE)
_ME: Final = re.compile(r"^(?:me|myself|my ?self|我|私|ください)?\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Code:
    """A code that was given out: who began, who took it up on another account, and until when it holds."""

    begun_by: Viewer
    taken_by: Viewer | None
    until: float


class ViewerMemory:
    """Implements `bot.show.commands.orders.Memory`."""

    def __init__(
        self,
        memory: MemoryStore,
        *,
        lines: Callable[[], Lines],
        prefix: Callable[[], str],
        clock: Callable[[], float],
        passes: Callable[[str], Awaitable[bool]],
        forget: Callable[[str, str], Awaitable[None]],
    ) -> None:
        """Take the parts. ``passes`` is moderation's word on a fact, ``forget`` forgets a viewer in all parts.

        ``clock`` gives seconds.
        """
        self.enabled = True
        self._memory = memory
        self._lines = lines
        self._prefix = prefix
        self._clock = clock
        self._passes = passes
        self._forget = forget
        self._codes: OrderedDict[str, _Code] = OrderedDict()

    def wants(self, which: BuiltIn, argument: str) -> bool:
        """Return whether a line with this argument is meant for the memory."""
        if not self.enabled:
            return False
        if which is BuiltIn.KNOW:
            return not argument or bool(_ASKS.search(argument))
        if which is BuiltIn.FORGET:
            return bool(_ME.match(argument))
        return True

    async def carry_out(self, which: BuiltIn, message: Message, argument: str, language: str) -> str:
        """Run an order; return what is answered. Raises `TransientError` when the database does not answer."""
        viewer = Viewer(message.source, message.author.id)
        if which is BuiltIn.REMEMBER:
            return await self._remember(viewer, message, argument, language)
        if which is BuiltIn.FORGET:
            await self._forget(*_key(viewer))
            return self._in_character(Purpose.FORGETS_VIEWER, language)
        if await self._memory.viewer(*_key(viewer)) is None:
            return self._word(Say.NOT_REMEMBERED, language, BuiltIn.REMEMBER)
        if which is BuiltIn.KNOW:
            return await self._told(viewer, language)
        return await self._link(viewer, argument.strip().upper(), language)

    async def _remember(self, viewer: Viewer, message: Message, argument: str, language: str) -> str:
        known = await self._memory.viewer(*_key(viewer)) is not None
        facts = [] if _ME.match(argument) else told_by_order(argument)
        facts = [fact for fact in facts if await self._passes(fact.text) and await self._passes(fact.origin)]
        if not facts and not _ME.match(argument):
            return word(Say.NOT_KEPT, language)
        await self._memory.remember(*_key(viewer), message.author.name)
        for fact in facts:
            await self._memory.add(piece_of(fact, viewer))
        if facts and known:
            return word(Say.KEPT, language)
        return f"{self._in_character(Purpose.REMEMBERS_VIEWER, language)} ({self._usage(BuiltIn.FORGET, language)})"

    async def keep(self, viewer: Viewer, told: str) -> bool:
        """Keep what the model understood of a viewer who asked to be remembered; return whether anything was kept."""
        if not self.enabled or not viewer.author_id or await self._memory.viewer(*_key(viewer)) is None:
            return False
        facts = [f for f in told_by_order(told) if await self._passes(f.text) and await self._passes(f.origin)]
        for fact in facts:
            await self._memory.add(piece_of(fact, viewer))
        return bool(facts)

    async def _told(self, viewer: Viewer, language: str) -> str:
        pieces = await self._memory.of_viewer(*_key(viewer))
        if not pieces:
            return word(Say.NOTHING_KNOWN, language)
        return word(Say.KNOWN, language, facts=one_line("; ".join(p.text for p in pieces), TOLD))

    async def _link(self, viewer: Viewer, code: str, language: str) -> str:
        """Take the next of three steps: a code there, the same code here, a second code there.

        Whoever reads the first code in the chat gains nothing by it: the account that began has the last word.
        """
        now = self._clock()
        self._codes = OrderedDict((c, one) for c, one in self._codes.items() if one.until > now)
        if not code:
            return self._code(Say.LINK_THERE, language, _Code(viewer, None, now + CODE_S))
        found = self._codes.get(code)
        if found is None or (found.taken_by is None) == (found.begun_by == viewer):
            return self._word(Say.NO_LINK, language, BuiltIn.LINK)
        if found.taken_by is None:
            del self._codes[code]
            return self._code(Say.LINK_HERE, language, _Code(found.begun_by, viewer, now + CODE_S))
        if found.begun_by != viewer:
            return self._word(Say.NO_LINK, language, BuiltIn.LINK)
        del self._codes[code]
        await self._memory.link(found.begun_by, found.taken_by)
        return word(Say.LINKED, language)

    def _code(self, say: Say, language: str, code: _Code) -> str:
        made = "".join(secrets.choice(_SIGNS) for _ in range(6))
        self._codes[made] = code
        while len(self._codes) > MAX_CODES:
            self._codes.popitem(last=False)
        return self._word(say, language, BuiltIn.LINK, code=made)

    def _word(self, say: Say, language: str, usage: BuiltIn, **values: object) -> str:
        return word(say, language, usage=self._usage(usage, language), **values)

    def _usage(self, which: BuiltIn, language: str) -> str:
        """Return what a viewer writes to give an order: "!forget me"."""
        me = " me" if which in (BuiltIn.REMEMBER, BuiltIn.FORGET) and language not in ("zh", "ja") else ""
        return f"{self._prefix()}{called_in(which, language)}{me}"

    def _in_character(self, purpose: Purpose, language: str) -> str:
        """Return the persona's own words, as they are written: without their tags."""
        lines, built_in = self._lines(), BUILT_IN.get(language, {}).get(purpose)
        line = built_in[0] if built_in and language not in lines.script else lines.pick(purpose, language)
        return written(line)


def told_by_order(argument: str) -> list[Fact]:
    """Return what a viewer tells behind "!remember": by rules, else their own words as they stand."""
    told = re.sub(r"^(?:that|:|，|,)\s*", "", argument.strip(), flags=re.IGNORECASE)
    return by_rules(told) or (by_rules(f"remember that {told}") if asked_for(f"remember that {told}") else [])


def piece_of(fact: Fact, viewer: Viewer, turn: str = "") -> Piece:
    """Return a fact as the store keeps it."""
    return Piece(
        PieceKind.VIEWER,
        fact.text,
        *_key(viewer),
        slot=fact.slot,
        origin=one_line(fact.origin, MAX_ORIGIN),
        language=fact.language,
        turn=turn,
    )


def _key(viewer: Viewer) -> tuple[str, str]:
    return viewer.source, viewer.author_id
