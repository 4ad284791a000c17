"""What is remembered on its way into a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.inbox.entries import Choice
from bot.mind.memory.canon import Canon
from bot.mind.memory.recall import Found
from bot.show.remembering.recalling import Recalling
from bot.show.turn import TurnPlan
from bot.store.memory.pieces import Piece, PieceKind
from bot.types import Author, Clause, Kind, Message, TurnKind

PAGE = Piece(PieceKind.KNOWLEDGE, "lit in 1871", page="lamp", id=1)
CANON = Piece(PieceKind.CANON, "I hum", id=2)


class Finder:
    """Finds what is of the kinds that are sought."""

    def __init__(self) -> None:
        self.kinds: list[tuple[PieceKind, ...]] = []
        self.guests: list[str] = []

    async def prepare(self, question: str) -> None: ...

    async def search(
        self, question: str, *, kinds: Sequence[PieceKind] | None = None, guest: str = "", **_: Any
    ) -> list[Found]:
        self.kinds.append(tuple(kinds or ()))
        self.guests += [guest] if PieceKind.KNOWLEDGE in (kinds or ()) else []
        return [Found(piece, 1.0) for piece in (PAGE, CANON) if piece.kind in (kinds or ())]


@pytest.mark.parametrize(
    ("tokens", "notes", "texts"),
    [
        (400, 200, ["lit in 1871", "I hum"]),
        (400, 0, ["I hum"]),
        (0, 200, ["lit in 1871"]),
        (0, 0, []),
    ],
)
async def test_pages_have_a_budget_of_their_own(tokens: int, notes: int, texts: list[str]) -> None:
    async def nobody(*_: str) -> None: ...

    memory = cast("Any", SimpleNamespace(watchers=[], viewer=nobody))
    finder = Finder()
    recalling = Recalling(
        memory,
        finder,
        Canon(),
        cast("Any", SimpleNamespace()),
        tokens=lambda: tokens,
        guards=lambda: False,
        tells_moment=lambda: False,
        notes=lambda: notes,
        guest=lambda: "yun",
    )
    line = Message("m", "twitch", Author("ann", "Ann"), "when was it lit?", Kind.CHAT)
    found = await recalling.recall(TurnPlan(TurnKind.ANSWER, Choice((line,), "ordinary", "waited")))
    assert sorted(piece.text for piece in (found.pieces if found else ())) == sorted(texts)
    assert not any(PieceKind.KNOWLEDGE in kinds and len(kinds) > 1 for kinds in finder.kinds)
    assert finder.guests == (["yun"] if notes else [])  # the pages are those of who is the host


async def test_the_canon_is_of_the_persona_who_speaks_and_forgets_what_is_forgotten() -> None:
    async def listed(_kinds: object, *, limit: int) -> list[Piece]:
        del limit
        return list(kept)

    kept = [
        Piece(PieceKind.CANON, "I live in a castle.", page="xiaoyun", id=2),
        Piece(PieceKind.CANON, "I live in a lighthouse.", page="mira", id=1),
    ]
    speaks = ["mira"]
    memory = cast("Any", SimpleNamespace(watchers=[], store=SimpleNamespace(erased=0), listed=listed))
    recalling = Recalling(
        memory,
        Finder(),
        Canon(),
        cast("Any", SimpleNamespace()),
        tokens=lambda: 0,
        guards=lambda: True,
        tells_moment=lambda: False,
        persona=lambda: speaks[0],
    )
    plan, clause = TurnPlan(TurnKind.ANSWER), Clause("t", 0, "I live in a boat.", "I live in a boat.")

    def said() -> str:
        found = recalling.consistent(plan, clause)
        return found.text if found else ""

    assert said() == clause.text, "nothing is read yet"
    await recalling.learn_canon()
    assert said() == "I live in a lighthouse."
    speaks[0] = "xiaoyun"
    assert said() == clause.text, "the canon of another is not held against it"
    await recalling.learn_canon()
    assert said() == "I live in a castle."
    kept.clear()
    memory.store.erased += 1
    assert said() == clause.text, "from the moment of forgetting on"
    await recalling.learn_canon()
    assert said() == clause.text


async def test_a_small_budget_still_holds_what_fits_best() -> None:
    fact = Piece(PieceKind.VIEWER, "has a cat called Nimbus", "twitch", "ann", id=7)

    async def ann(*_: str) -> Any:
        return SimpleNamespace(visits=1)

    async def facts(*_: str) -> list[Piece]:
        return [fact, Piece(PieceKind.VIEWER, "lives in Bergen", "twitch", "ann", id=8)]

    memory = cast("Any", SimpleNamespace(watchers=[], viewer=ann, of_viewer=facts))
    finder = cast("Any", Finder())
    recalling = Recalling(
        memory,
        finder,
        Canon(),
        cast("Any", SimpleNamespace()),
        tokens=lambda: 60,
        guards=lambda: False,
        tells_moment=lambda: False,
    )
    line = Message("m", "twitch", Author("ann", "Ann"), "what is my cat called?", Kind.CHAT)
    found = await recalling.recall(TurnPlan(TurnKind.ANSWER, Choice((line,), "ordinary", "waited")))
    assert found is not None
    assert fact in found.pieces
