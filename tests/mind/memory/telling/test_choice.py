"""What a question is answered from."""

from __future__ import annotations

from bot.mind.memory.recall import Found
from bot.mind.memory.telling.choice import Candidates, choose
from bot.mind.memory.telling.excerpt import excerpt
from bot.store.memory.pieces import Piece, PieceKind

CAT = Piece(PieceKind.VIEWER, "has a cat called Nimbus", "twitch", "ann", id=1)
HOME = Piece(PieceKind.VIEWER, "lives in Bergen", "twitch", "ann", id=2)
MOTH = Piece(PieceKind.KNOWLEDGE, "Pepper is the moth in the lamp.", page="mira", id=3)
CANON = Piece(PieceKind.CANON, "I once met a moth.", id=4)


def found(own: float = 0.0, page: float = 0.0, other: float = 0.0) -> Candidates:
    def hits(piece: Piece, score: float) -> list[Found]:
        return [Found(piece, score)] if score else []

    return Candidates(hits(MOTH, page), hits(CAT, own), hits(CANON, other), [HOME, CAT])


def test_a_question_about_the_asker_is_answered_by_what_they_told_and_not_by_the_pages() -> None:
    for brief in (True, False):
        pieces, fits = choose("what is my cat called?", found(own=1.0, page=1.2), notes=60, brief=brief)
        assert fits
        assert MOTH not in pieces
        assert pieces[0] == CAT
    assert pieces == [CAT, HOME]


def test_a_fact_of_their_life_that_nobody_told_is_no_matter_of_the_pages_but_help_is() -> None:
    nothing = Candidates([Found(MOTH, 1.2)])
    assert choose("what is my cat called?", nothing, notes=60, brief=True) == ([], False)
    assert choose("how do I catch the moth in the lamp?", nothing, notes=60, brief=True) == ([MOTH], False)


def test_a_small_model_gets_what_fits_best_alone() -> None:
    assert choose("who is Nimbus?", found(own=1.2, page=0.5), notes=60, brief=True) == ([CAT], True)
    assert choose("who is Pepper?", found(own=0.4, page=1.2), notes=60, brief=True) == ([MOTH], False)
    assert choose("what is your moth called?", found(own=1.2, page=0.5), notes=60, brief=True) == ([MOTH], False)
    assert choose("who is Pepper?", found(page=0.2), notes=60, brief=True)[0] == []


def test_a_large_model_gets_the_profile_beside_the_pages() -> None:
    pieces, fits = choose("who is Pepper?", found(own=0.4, page=1.2, other=0.9), notes=60, brief=False)
    assert pieces == [MOTH, CANON, CAT, HOME]
    assert not fits


def test_a_passage_that_is_too_long_is_cut_to_what_was_asked() -> None:
    text = (
        "There is a stove, a kettle, a window seat and a shelf for presents that ships have brought over the years. "
        "Lamp Nine has two hundred and eleven steps. The log book stands on the night desk, and Mira writes in it."
    )
    page = Piece(PieceKind.KNOWLEDGE, text, page="mira", id=9)
    question = "how many steps does the lighthouse have?"
    (piece,), _ = choose(question, Candidates([Found(page, 1.0)]), notes=40, brief=True)
    assert piece.text == "Lamp Nine has two hundred and eleven steps."
    assert excerpt(text, question, 500) == text
    assert excerpt("没有停顿的一句很长很长的话" * 20, "什么", 20) == ""


def test_who_somebody_is_is_answered_by_the_passage_that_begins_with_them() -> None:
    def passage(text: str, score: float) -> Found:
        return Found(Piece(PieceKind.KNOWLEDGE, text, page="mira"), score)

    quiet, horn = "Why is Gerald quiet? He is not allowed after nine.", "Gerald is the foghorn."
    english = Candidates([passage(quiet, 1.74), passage(horn, 1.62)])
    for question, first in (("who is Gerald?", horn), ("Who’s gerald", horn), ("why is Gerald quiet?", quiet)):
        assert choose(question, english, notes=60, brief=True)[0][0].text == first, question
    manner, master = "口头禅：退件退件。老雷的英文是 Old Thunder。", "老雷：师傅，打雷的。"
    chinese = Candidates([passage(manner, 1.32), passage(master, 1.3)])
    assert choose("老雷是谁？", chinese, notes=60, brief=True)[0][0].text == master
    # One that fits much less well does not win by its first word.
    far = Candidates([passage(quiet, 1.74), passage(horn, 0.8)])
    assert choose("who is Gerald?", far, notes=60, brief=True)[0][0].text == quiet
