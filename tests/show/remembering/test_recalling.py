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
from bot.types import Author, Kind, Message, TurnKind

PAGE = Piece(PieceKind.KNOWLEDGE, "lit in 1871", page="lamp", id=1)
CANON = Piece(PieceKind.CANON, "I hum", id=2)


class Finder:
    """Finds what is of the kinds that are sought."""

    def __init__(self) -> None:
        self.kinds: list[tuple[PieceKind, ...]] = []

    async def prepare(self, question: str) -> None: ...

    async def search(self, question: str, *, kinds: Sequence[PieceKind] | None = None, **_: Any) -> list[Found]:
        self.kinds.append(tuple(kinds or ()))
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
    )
    line = Message("m", "twitch", Author("ann", "Ann"), "when was it lit?", Kind.CHAT)
    found = await recalling.recall(TurnPlan(TurnKind.ANSWER, Choice((line,), "ordinary", "waited")))
    assert sorted(piece.text for piece in (found.pieces if found else ())) == sorted(texts)
    assert not any(PieceKind.KNOWLEDGE in kinds and len(kinds) > 1 for kinds in finder.kinds)
