"""What a prompt gets of what is remembered: by kind, within budgets, and as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from bot.mind.memory.history import estimate_tokens
from bot.mind.memory.knowledge import Passage
from bot.mind.memory.recall import Found
from bot.mind.untrusted import as_data
from bot.store.memory.pieces import Piece, PieceKind

#: Tokens that each kind may take in a prompt.
BUDGETS: Final[Mapping[PieceKind, int]] = MappingProxyType(
    {
        PieceKind.VIEWER: 120,
        PieceKind.KNOWLEDGE: 300,
        PieceKind.CANON: 100,
        PieceKind.PROMISE: 60,
        PieceKind.EPISODE: 100,
        PieceKind.GAG: 40,
        PieceKind.SUMMARY: 160,
    }
)
#: Under which name each kind stands in a prompt.
NAMES: Final[Mapping[PieceKind, str]] = MappingProxyType(
    {
        PieceKind.VIEWER: "viewer told you",
        PieceKind.KNOWLEDGE: "note",
        PieceKind.CANON: "you said before",
        PieceKind.PROMISE: "you promised",
        PieceKind.EPISODE: "happened before",
        PieceKind.GAG: "running joke",
        PieceKind.SUMMARY: "earlier in this show",
    }
)
#: What stands around each in a prompt: brackets, quotes and a name.
_FRAME: Final = 6


@dataclass(frozen=True, slots=True)
class Recollection:
    """What was remembered for one question, the best of each kind first; made by `of`.

    ``fits`` says that what the asker told answers the question, ``complete`` that all was searched in time.
    """

    groups: Mapping[PieceKind, tuple[Piece, ...]] = field(default_factory=lambda: MappingProxyType({}))
    fits: bool = False
    complete: bool = False

    @classmethod
    def of(
        cls,
        found: Iterable[Found | Piece],
        budgets: Mapping[PieceKind, int] = BUDGETS,
        total: int | None = None,
        *,
        fits: bool = False,
        complete: bool = False,
    ) -> Recollection:
        """Choose what fits, in its order; what does not fit is left out, and a shorter one after it may fit.

        A kind without a budget is left out. The same text is taken once. ``total`` are the tokens of all kinds
        together but knowledge; without it only their own budgets count.
        """
        left, most = dict(budgets), sum(budgets.values()) if total is None else total
        groups: dict[PieceKind, list[Piece]] = {}
        seen: set[str] = set()
        for one in found:
            piece = one.piece if isinstance(one, Found) else one
            price = cost(piece)
            shared = piece.kind is not PieceKind.KNOWLEDGE
            if piece.text in seen or price > left.get(piece.kind, 0) or (shared and price > most):
                continue
            left[piece.kind] -= price
            most -= price if shared else 0
            seen.add(piece.text)
            groups.setdefault(piece.kind, []).append(piece)
        # In the order of the budgets: the beginning of a prompt that stays the same is read once.
        chosen = MappingProxyType({kind: tuple(groups[kind]) for kind in budgets if kind in groups})
        return cls(chosen, fits=fits and PieceKind.VIEWER in groups, complete=complete)

    def __bool__(self) -> bool:
        return bool(self.groups)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """All pieces, by kind."""
        return tuple(piece for group in self.groups.values() for piece in group)

    @property
    def ids(self) -> tuple[int, ...]:
        """The stored pieces, to note that they were used (`MemoryStore.touch`)."""
        return tuple(piece.id for piece in self.pieces if piece.id)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages of knowledge, each with its page, for the panel."""
        return tuple(Passage(p.page, p.origin, p.text) for p in self.groups.get(PieceKind.KNOWLEDGE, ()))

    def lines(self, mark: str) -> list[str]:
        """Return one line of JSON for each piece that is neither knowledge nor the asker's; none can be an order.

        ``mark`` is the prompt's own. All of it is data, since any of it may come from what a stranger wrote.
        """
        apart = (PieceKind.KNOWLEDGE, PieceKind.VIEWER)
        return [as_data(_told(p), mark) for p in self.pieces if p.kind not in apart]

    @property
    def own(self) -> tuple[str, ...]:
        """What the viewer told who is answered: data, as all that viewers wrote."""
        return tuple(piece.text for piece in self.groups.get(PieceKind.VIEWER, ()))

    def notes(self, mark: str) -> list[str]:
        """Return one line of JSON for each passage of knowledge, which is data as well."""
        return [as_data(_told(p), mark) for p in self.groups.get(PieceKind.KNOWLEDGE, ())]


def cost(piece: Piece) -> int:
    """Return the tokens that a piece takes in a prompt."""
    return sum(estimate_tokens(f"{name} {value}") + _FRAME for name, value in _told(piece).items())


def _told(piece: Piece) -> dict[str, str]:
    about = piece.origin or piece.page if piece.kind is PieceKind.KNOWLEDGE else ""
    when = f"{piece.at:%Y-%m-%d}" if piece.at and piece.kind is PieceKind.EPISODE else ""
    parts = {"about": about, "when": when, NAMES[piece.kind]: piece.text}
    return {name: value for name, value in parts.items() if value}
