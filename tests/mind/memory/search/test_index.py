"""Words and vectors together."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pytest

from bot.mind.memory.search import vector_index
from bot.mind.memory.search.index import Entry, Index, Question
from bot.mind.memory.search.terms import terms
from bot.mind.memory.search.vector_index import VectorIndex
from bot.mind.memory.search.word_index import WordIndex

Floats = npt.NDArray[np.float32]


def entry(number: int, text: str, owner: str = "", kind: str = "canon") -> Entry:
    return Entry(number, kind, owner, terms(text), 0)


def filled(*texts: str) -> Index:
    index = Index()
    for number, text in enumerate(texts, 1):
        index.put(entry(number, text))
    return index


def ids(index: Index, question: str, vector: Floats | None = None, **more: object) -> list[int]:
    return [hit.id for hit in index.find(Question(terms(question), vector), **more)]  # type: ignore[arg-type]


def unit(rng: np.random.Generator, rows: int, dimensions: int = 64) -> Floats:
    made = rng.standard_normal((rows, dimensions)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def test_a_rare_word_decides() -> None:
    index = filled("the cat sleeps", "the cat eats", "the cat plays tuba", "a dog")
    assert ids(index, "which cat plays the tuba?")[0] == 3
    assert ids(index, "weather") == []
    assert filled().find(Question({})) == []


def test_a_viewers_pieces_are_found_for_that_viewer_alone() -> None:
    index = Index()
    for number, owner in enumerate(("", "twitch\nann", "twitch\nbob"), 1):
        index.put(entry(number, "has a cat", owner))
    assert ids(index, "cat") == [1]
    assert sorted(ids(index, "cat", owners=["twitch\nann"])) == [1, 2]
    assert sorted(ids(index, "cat", owners=["twitch\nann", "nobody"])) == [1, 2]
    vector = np.eye(3, dtype=np.float32)
    for number in (1, 2, 3):
        index.put_vector(number, vector[number - 1])
    assert 3 not in ids(index, "", vector[2], owners=["twitch\nann"], everything=True)


def test_kinds_are_kept_apart() -> None:
    index = Index()
    index.put(entry(1, "a cat", kind="canon"))
    index.put(entry(2, "a cat", kind="gag"))
    assert ids(index, "cat", kinds=["gag"]) == [2]
    assert ids(index, "cat", kinds=["unheard of"]) == []


def test_what_is_changed_or_removed_is_found_no_more() -> None:
    index = filled("a cat", "a dog")
    index.put(entry(1, "a horse"))
    index.remove(2)
    index.remove(99)
    assert (ids(index, "cat"), ids(index, "dog"), ids(index, "horse")) == ([], [], [1])
    assert (len(index), index.ids()) == (1, [1])


def test_the_arrays_are_packed_and_everything_is_still_found() -> None:
    rng = np.random.default_rng(1)
    vectors = unit(rng, 2000)
    index = Index()
    for number in range(2000):
        index.put(entry(number, f"word{number} common", owner=f"o{number % 3}"))
        index.put_vector(number, vectors[number])
    for number in range(0, 2000, 2):
        index.remove(number)
    assert len(index) == index.with_vector == 1000
    for number in (1, 777, 1999):
        owner = [f"o{number % 3}"]
        assert ids(index, f"word{number}", owners=owner)[0] == number
        assert ids(index, "", vectors[number], owners=owner)[0] == number
    assert ids(index, "word800", owners=["o0", "o1", "o2"]) == []
    index.put(entry(5000, "word5000"))
    assert ids(index, "word5000") == [5000]


def test_noise_in_place_of_vectors_does_not_hide_what_shares_the_words() -> None:
    rng = np.random.default_rng(2)
    index = filled(*(f"fact number{n} about subject{n}" for n in range(300)))
    for number, vector in enumerate(unit(rng, 300), 1):
        index.put_vector(number, vector)
    for number, vector in enumerate(unit(rng, 50)):
        assert ids(index, f"number{number} subject{number}", vector)[0] == number + 1


def test_meaning_finds_what_shares_no_word_and_little_of_it_finds_nothing() -> None:
    rng = np.random.default_rng(3)
    vectors = unit(rng, 50, 384)
    index = filled(*(f"text{n}" for n in range(50)))
    for number, vector in enumerate(vectors, 1):
        index.put_vector(number, vector)
    assert ids(index, "other words", vectors[7])[0] == 8
    assert ids(index, "other words", unit(rng, 1, 384)[0]) == []
    assert ids(index, "text3", vectors[7][:10]) == [4]  # a vector of another length is none
    index.clear_vectors()
    assert ids(index, "other words", vectors[7]) == []


def test_importance_and_freshness_decide_between_equals() -> None:
    now = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    index = Index()
    for number, (weight, age) in enumerate(((0.5, 300), (0.5, 1), (0.9, 1)), 1):
        index.put(Entry(number, "canon", "", terms("the cat"), 0, weight, now - dt.timedelta(days=age)))
    assert ids(index, "cat", now=now) == [3, 2, 1]


def test_centring_lets_two_scripts_meet() -> None:
    """Each script has a direction of its own that says nothing; without it the same matters are near."""
    rng = np.random.default_rng(4)
    matters = unit(rng, 40, 128) * 0.5
    scripts = unit(rng, 2, 128)
    index = VectorIndex(128)
    for number in range(40):
        for script in (0, 1):
            vector = matters[number] + scripts[script]
            index.put(2 * number + script, vector / np.linalg.norm(vector), script)
    right = 0
    for number in range(40):
        vector = matters[number] + scripts[0]
        rows, near = index.near(vector / np.linalg.norm(vector), 0, np.ones(80, np.bool_))
        order = rows[np.argsort(-near)][:2]
        right += set(order.tolist()) == {2 * number, 2 * number + 1}
    assert right >= 38


def test_very_many_are_found_by_their_signs_first(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    vectors = unit(rng, 3000, 128)
    exact, signs = VectorIndex(128), VectorIndex(128)
    for row, vector in enumerate(vectors):
        exact.put(row, vector, 0)
        signs.put(row, vector, 0)
    allowed = np.arange(3000) % 2 == 0
    questions = vectors[::100] + 0.3 * unit(rng, 30, 128)
    found = [exact.near(q / np.linalg.norm(q), 0, allowed) for q in questions]
    monkeypatch.setattr(vector_index, "EXACT", 100)
    monkeypatch.setattr(vector_index, "RESCORED", 200)
    for question, (rows, near) in zip(questions, found, strict=True):
        some, nearness = signs.near(question / np.linalg.norm(question), 0, allowed)
        assert len(some) == 200
        assert some[np.argmax(nearness)] == rows[np.argmax(near)]
        assert nearness.max() == pytest.approx(near.max(), abs=1e-5)


def test_a_hostile_question_looks_up_few_words() -> None:
    index = WordIndex()
    for row in range(50):
        index.add(row, {f"w{n}": 1.0 for n in range(row, row + 100)})
    shares = index.shares({f"w{n}": 1.0 for n in range(5000)})
    assert np.isfinite(shares).all()
    assert shares.max() <= 1.5
