"""What is remembered, on its way into a prompt: sought while the line still waits, and never waited for for long."""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from loguru import logger

from bot.errors import HaishinError
from bot.inbox.entries import Offer
from bot.mind.memory.canon import Canon
from bot.mind.memory.recall import Found
from bot.mind.memory.recollection import BUDGETS, Recollection
from bot.mind.memory.telling.choice import Candidates, choose
from bot.show.composer import clauses_of
from bot.show.observer import Observer
from bot.show.remembering.mind import Mind
from bot.show.remembering.occasion import Occasion
from bot.show.turn import TurnPlan
from bot.store.memory.pieces import Piece, PieceKind, Remembered, Viewer
from bot.store.memory.store import MemoryStore
from bot.types import Clause, Kind, Message, MessageOutcome, Retraction, TurnKind
from moderation import Verdict

#: The longest that a turn waits for its memories, in seconds: without them it goes on.
PATIENCE_S: Final = 0.05
#: Lines whose memories are sought beforehand at most; viewers whose facts are at hand.
AHEAD, KNOWN = 8, 200
#: Facts of the asker that stand in a prompt whatever was asked, and finds of a search at most.
PROFILE, FINDS = 3, 6
#: How often it is looked whether something was forgotten, in seconds; the newest pieces of canon that count.
CANON_S, CANON_PIECES = 1.0, 2000
#: Passages of the pages that are sought for one question.
NOTES, PASSAGES = (PieceKind.KNOWLEDGE,), 3
#: What is remembered, beside those; summaries have their own place in a prompt.
KINDS: Final = (PieceKind.VIEWER, PieceKind.CANON, PieceKind.PROMISE, PieceKind.EPISODE, PieceKind.GAG)

#: What can only be answered by who knows the hour, the day, or what is on.
_ASKS_WHEN: Final = re.compile(
    r"\b(?:time|hours?|clock|days?|date|today|tonight|tomorrow|morning|evening|night|weekend|monday|tuesday|wednesday|"
    r"thursday|friday|saturday|sunday|when|how long|live|stream|late|early|games?|play|playing|segment)\b"
    r"|[几多]点|几号|时间|时候|今天|今晚|明天|早上|晚上|早安|晚安|周末|星期|礼拜|多久|开播|直播|游戏|玩|环节|何時|今日|今夜|明日|朝|夜|配信|ゲーム",
    re.IGNORECASE,
)


class Finder(Protocol):
    """What finds; `bot.mind.memory.recall.Recall`."""

    async def prepare(self, question: str) -> None:
        """Make ready what a search for a question will need."""
        ...

    async def search(
        self,
        question: str,
        *,
        viewers: Sequence[Viewer] = (),
        kinds: Sequence[PieceKind] | None = None,
        limit: int = 5,
        wait: bool = True,
        guest: str = "",
    ) -> list[Found]:
        """Return what fits, the best first; of viewers none but these, of pages the guest's. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class _Profile:
    """What is at hand of a viewer who is remembered."""

    who: Remembered
    facts: tuple[Piece, ...]


class Recalling(Mind, Observer):
    """A mind with a memory. ``tokens`` returns what a prompt may hold of it, ``notes`` what of the pages.

    ``persona`` is who the host is, ``guest`` the same while it is not the channel's own.
    """

    def __init__(
        self,
        memory: MemoryStore,
        finder: Finder,
        canon: Canon,
        occasion: Occasion,
        *,
        tokens: Callable[[], int],
        guards: Callable[[], bool],
        tells_moment: Callable[[], bool],
        notes: Callable[[], int] = lambda: 0,
        reads_slowly: Callable[[], bool] = lambda: False,
        told: Callable[[], Iterable[str]] = tuple,
        persona: Callable[[], str] = str,
        guest: Callable[[], str] = str,
    ) -> None:
        self._memory = memory
        self._finder = finder
        self._canon = canon
        self._occasion = occasion
        self._tokens = tokens
        self._guards = guards
        self._tells_moment = tells_moment
        self._notes = notes
        self._reads_slowly = reads_slowly
        self._told = told
        self._persona = persona
        self._guest = guest
        #: What had been forgotten when the canon was read, and whose canon it is.
        self._canon_of = (-1, "")
        self._profiles: OrderedDict[Viewer, _Profile | None] = OrderedDict()
        self._ahead: asyncio.Queue[Message] = asyncio.Queue(AHEAD)
        self._put_right: tuple[int, set[str]] = (0, set())
        #: Pieces that were put into prompts since they were last noted, and how long the last search was waited for.
        self.used: set[int] = set()
        self.waited_s = 0.0
        #: Clauses that were put right, by what was said first.
        self.corrected = 0
        memory.watchers.append(self)

    # --- what a turn asks ---------------------------------------------------------------------------

    async def recall(self, plan: TurnPlan) -> Recollection | None:
        """Return what is remembered that matters to a plan; never raises."""
        began, budget = time.monotonic(), self._tokens()
        asked = [m for m in plan.messages if m.text] if plan.kind is TurnKind.ANSWER else []
        notes = self._notes()
        if not asked or budget + notes <= 0:
            return None
        # What one viewer told is never brought up before another, so a shared answer has none of it.
        askers = {Viewer(m.source, m.author.id) for m in asked}
        viewer = askers.pop() if len(askers) == 1 else None
        question = " ".join(m.text for m in asked)[:1000]
        passages: list[Found] = []
        found, complete = Candidates(), False

        async def read_pages() -> None:
            nonlocal passages
            guest = self._guest()
            passages = await self._finder.search(question, kinds=NOTES, limit=PASSAGES, wait=False, guest=guest)

        async def remember() -> None:
            nonlocal found, complete
            found = await self._found(question, viewer)
            complete = viewer is not None

        try:
            async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as both:
                if notes:
                    both.create_task(_alone(read_pages))
                if budget > 0:
                    both.create_task(_alone(remember))
        except TimeoutError:
            logger.debug("a turn goes on without its memories: they took too long")
        self.waited_s = time.monotonic() - began
        # A small budget holds a piece or two of whatever fits best: shares of it would hold nothing at all.
        wide = max(1.0, budget / sum(BUDGETS[kind] for kind in KINDS))
        budgets = {kind: int(wide * BUDGETS[kind]) for kind in KINDS} | {PieceKind.KNOWLEDGE: notes}
        found = replace(found, passages=passages)
        pieces, fits = choose(question, found, notes=notes, brief=self._reads_slowly())
        chosen = Recollection.of(pieces, budgets, total=budget, fits=fits, complete=complete)
        self.used.update(chosen.ids)
        return chosen if chosen or complete else None

    def moment(self, plan: TurnPlan) -> Mapping[str, object]:
        """Return the hour and what is on.

        A model that runs here reads some tens of words a second: it is told only what asks for it.
        """
        if not self._tells_moment():
            return {}
        if self._reads_slowly() and not any(_ASKS_WHEN.search(m.text) for m in plan.asked):
            return {}
        return self._occasion.moment()

    def consistent(self, plan: TurnPlan, clause: Clause) -> Clause | None:
        """Return a clause, or what was said first in its place when it says otherwise; None when that was said now."""
        if not self._guards() or plan.kind in (TurnKind.THANKS, TurnKind.LINE):
            return clause
        if self._canon_of != (self._memory.store.erased, self._persona()):
            return clause  # something was forgotten, or another persona speaks: it is read anew in a moment
        known = self._canon.contradicted(clause.text)
        if known is None:
            return clause
        turn, said = self._put_right
        if turn != id(plan):
            said = set()
        self._put_right = (id(plan), said)
        self.corrected += 1
        logger.info("a clause that contradicts what the host said before is put right")
        if known.text in said:
            return None
        said.add(known.text)
        (first, *_) = clauses_of(known.text, clause.language, clause.turn) or (clause,)
        return replace(first, index=clause.index, emotion=clause.emotion, gestures=clause.gestures)

    async def _found(self, question: str, viewer: Viewer | None) -> Candidates:
        profile = None if viewer is None else await self._profile(viewer)
        viewers = () if profile is None or viewer is None else (viewer,)
        kinds = [kind for kind in KINDS if kind is not PieceKind.VIEWER or viewers]
        hits = await self._finder.search(question, viewers=viewers, kinds=kinds, limit=FINDS, wait=False)
        own = [hit for hit in hits if hit.piece.kind is PieceKind.VIEWER]
        others = [hit for hit in hits if hit.piece.kind is not PieceKind.VIEWER and self._is_own(hit.piece)]
        known: list[Piece] = []
        if profile is not None:
            known += profile.facts[:PROFILE]
            if (days := profile.who.visits) > 1:
                known.append(Piece(PieceKind.VIEWER, f"has come on {days} days"))
        return Candidates(own=own, others=others, profile=known)

    async def _profile(self, viewer: Viewer) -> _Profile | None:
        if viewer not in self._profiles:
            who = await self._memory.viewer(viewer.source, viewer.author_id)
            facts = tuple(await self._memory.of_viewer(viewer.source, viewer.author_id)) if who else ()
            self._profiles[viewer] = _Profile(who, facts) if who else None
            while len(self._profiles) > KNOWN:
                self._profiles.popitem(last=False)
        return self._profiles[viewer]

    # --- what it hears ------------------------------------------------------------------------------

    def offered(self, message: Message, verdict: Verdict, offer: Offer) -> None:
        """Seek the memories of a line that waits, before its turn."""
        if message.kind is Kind.CHAT and verdict.allowed and offer.outcome is MessageOutcome.QUEUED and message.text:
            if self._ahead.full():
                self._ahead.get_nowait()
            self._ahead.put_nowait(message)

    async def run(self) -> None:
        """Seek what lines that wait will need, for as long as the show runs."""
        while True:
            message = await self._ahead.get()
            try:
                viewer = Viewer(message.source, message.author.id)
                if await self._profile(viewer) is not None:
                    await self._memory.visited(message.source, message.author.id, message.author.name)
                await self._finder.prepare(message.text[:1000])
            except HaishinError as error:
                logger.debug("memories are not sought beforehand: {}", error)

    async def keep_canon(self) -> None:
        """Read the canon anew whenever something was forgotten or another persona speaks; runs as long as the show."""
        while True:
            if self._canon_of != (self._memory.store.erased, self._persona()):
                try:
                    await self.learn_canon()
                except HaishinError as error:
                    logger.debug("what the host said of itself is not known for a while: {}", error)
            await asyncio.sleep(CANON_S)

    async def learn_canon(self) -> None:
        """Read what the host says of itself: what its persona was told, and what was heard. Raises `TransientError`."""
        known = self._memory.store.erased, self._persona()
        self._canon.clear()
        for text in self._told():
            self._canon.learn(text)
        for piece in reversed(await self._memory.listed((PieceKind.CANON,), limit=CANON_PIECES)):
            if self._is_own(piece):
                self._canon.learn(piece.text)
        self._canon_of = known

    def _is_own(self, piece: Piece) -> bool:
        """Return whether a piece is no other persona's word of itself."""
        return piece.kind is not PieceKind.CANON or piece.page in ("", self._persona())

    # --- told by the store --------------------------------------------------------------------------

    def added(self, piece: Piece) -> None:
        """Read a viewer's facts anew."""
        if piece.author_id:
            self._profiles.clear()
        if piece.kind is PieceKind.CANON and self._is_own(piece):
            self._canon.learn(piece.text)

    def removed(self, id: int) -> None:  # noqa: A002 - as the store calls it
        """Read all facts anew."""
        self.used.discard(id)
        self._profiles.clear()

    def forgotten(self, source: str, author_id: str) -> None:
        """Read all facts anew: accounts may be linked."""
        del source, author_id
        self._profiles.clear()

    def linked(self, one: Viewer, other: Viewer) -> None:
        """Read all facts anew."""
        del one, other
        self._profiles.clear()

    def retracted(self, retraction: Retraction) -> None:
        """Drop lines that were taken back before they are looked at."""
        left = [self._ahead.get_nowait() for _ in range(self._ahead.qsize())]
        for message in left:
            if not retraction.covers(message.source, message.id, message.author.id):
                self._ahead.put_nowait(message)


async def _alone(seek: Callable[[], Awaitable[None]]) -> None:
    """Run one part of a search; its failure is logged and takes nothing from the others."""
    try:
        await seek()
    except Exception as error:  # noqa: BLE001 - no memory is worth the answer
        logger.warning("a turn goes on without its memories: {}", error)
