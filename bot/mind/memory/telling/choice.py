"""Choose what a question is answered from: what the asker told, the persona's pages, or what else is remembered.

A large model sorts that out by the names under which each stands. A small one takes whatever it read for the answer, so
it is given what fits best alone, which it also reads sooner.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.mind.memory.recall import Found
from bot.mind.memory.recollection import cost
from bot.mind.memory.telling.excerpt import excerpt
from bot.mind.memory.telling.whose import Whose, is_personal, whose
from bot.store.memory.pieces import Piece

#: A passage that fits less well does a small model more harm than good: nearness of .25 or a sixth of the words.
LEAST_SCORE: Final = 0.375
#: Of passages that fit nearly as well as the best, one that begins with what is asked about says what it is.
NEARLY: Final = 0.85
_ASKS_WHAT_IS: Final = re.compile(
    r"^\W*(?:and |so )?(?:who|what)(?:'s| is| are| was) (?:the |a |an |your |this )?(?P<en>[\w' -]{2,40}?)\W*$"
    r"|^\W*(?P<zh>[^\W\d]{1,12}?)(?:是|又是)(?:谁|什么|啥|哪位)\w{0,3}\W*$|^\W*(?:谁|什么)(?:是|叫)(?P<zh2>[^\W\d]{1,12})\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What was found for one question, the best first. ``profile`` is what is known of the asker whatever is asked."""

    passages: Sequence[Found] = ()
    own: Sequence[Found] = ()
    others: Sequence[Found] = ()
    profile: Sequence[Piece] = ()


def choose(question: str, found: Candidates, *, notes: int, brief: bool) -> tuple[list[Piece], bool]:
    """Return the pieces for a prompt, the best of each kind first, and whether something that the asker told fits.

    Pages are left out when the question is about the asker and something that they told fits it, and when it asks for
    a fact of the asker's own life that nobody told. ``notes`` are the tokens of a passage at most: one that is longer
    is cut to the sentences that the question is about. With ``brief`` only what fits best is given, of the asker's
    facts and of the pages.
    """
    about = whose(question)
    passages, own, profile = list(found.passages), list(found.own), list(found.profile)
    if is_personal(question) or (about is Whose.ASKER and own):
        passages = []
    if brief:
        passages = [hit for hit in passages if hit.score >= LEAST_SCORE]
        if about is Whose.HOST:
            own, profile = [], []
        elif about is Whose.OPEN:
            profile = []
            if own and passages:
                own, passages = (own, []) if own[0].score > passages[0].score else ([], passages)
        elif own:
            profile = []
    passages = _saying_what_is_asked(question, passages)
    hits = [*own, *found.others]
    if about is not Whose.ASKER:
        hits.sort(key=lambda hit: -hit.score)
    told = [hit.piece for hit in hits]
    fitting = [piece for hit in passages if (piece := _fitted(hit.piece, question, notes))]
    fits = bool(own) and (brief or about is Whose.ASKER)
    return [
        *(fitting[:1] if brief else fitting),
        *told,
        *(piece for piece in profile if piece not in told),
    ], fits


def _saying_what_is_asked(question: str, passages: Sequence[Found]) -> list[Found]:
    """Return the passages, those first that fit nearly as well as the best and begin with what "who is …" asks for."""
    asked = _ASKS_WHAT_IS.match(question.replace("’", "'"))
    subject = next((name for name in asked.groups() if name), "").casefold() if asked else ""
    if not subject or not passages:
        return list(passages)
    least = NEARLY * max(hit.score for hit in passages)
    return sorted(
        passages, key=lambda hit: hit.score < least or not hit.piece.text.casefold().lstrip().startswith(subject)
    )


def _fitted(piece: Piece, question: str, tokens: int) -> Piece | None:
    """Return a passage, shortened where it is too long; None when nothing of it fits."""
    if cost(piece) <= tokens:
        return piece
    frame = cost(replace(piece, text=""))
    text = excerpt(piece.text, question, tokens - frame)
    return replace(piece, text=text) if text else None
