"""How the English network is taught: what it may see, how texts are varied, and that numpy computes what torch does."""

from __future__ import annotations

import random
import string
from pathlib import Path

import numpy as np
import pytest

from moderation.classifier.wordpiece import SPECIAL, Pieces
from moderation.text.forms import Tables
from scripts.train import english
from scripts.train.english import KINDS, OUTPUTS, Changer


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """The two public sets in small."""
    (tmp_path / "davidson.csv").write_text("class,tweet\n2,nice day\n1,nasty one\n", "utf-8")
    (tmp_path / "hatemoji_build_train.csv").write_text(
        "entry_id,text,label_gold,matched_id\n0,hate 🐀,1,1\n1,love 🐀,0,0\n", "utf-8"
    )
    return tmp_path


def test_the_kept_lines_are_never_learnt(sets: Path) -> None:
    learnt = {example.text.casefold() for example in english.learnt(sets)}
    kept = [example for example in english.own() if english.kept_for_the_test(example)]
    assert len(kept) > 500
    assert not [example.text for example in kept if example.text.casefold() in learnt]
    assert 0.2 < len(kept) / len(english.own()) < 0.3


def test_every_label_has_kept_and_learnt_lines() -> None:
    for kind in (-1, *range(len(KINDS))):
        sides = {english.kept_for_the_test(example) for example in english.own() if example.kind == kind}
        assert sides == {True, False}
    assert len(OUTPUTS) == len(KINDS) + 1


def test_a_label_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "en_new.yaml").write_text("rude:\n  - you\n", "utf-8")
    with pytest.raises(ValueError, match="rude is no label"):
        english.own(tmp_path)


def test_a_set_can_be_left_out(sets: Path) -> None:
    def sources(without: str) -> set[str]:
        return {example.source for example in english.learnt(sets, without=without)} & {"davidson", "hatemoji"}

    assert sources("") == {"davidson", "hatemoji"}
    assert sources("davidson") == {"hatemoji"}
    assert sources("hatemoji") == {"davidson"}


def test_the_thirds_of_a_set_are_the_whole(sets: Path) -> None:
    found = [e.text for e in english.everything(sets) if e.source == "davidson"]
    thirds = [
        e.text for third in range(3) for e in english.everything(sets) if english.left_out(e, f"davidson-{third}")
    ]
    assert sorted(found) == sorted(thirds) == ["nasty one", "nice day"]


def test_pairs_are_each_others_opposite(sets: Path) -> None:
    learnt = english.learnt(sets)
    pairs = english.paired(learnt)
    assert [(learnt[bad].text, learnt[good].text) for bad, good in pairs] == [("hate 🐀", "love 🐀")]


def test_pieces_are_those_that_are_needed() -> None:
    pretrained = ["[PAD]", "[UNK]", "the", "##s", "über", "的", "["]
    found = english.vocabulary(pretrained, ["the kekw kekw once", "don't don't"])
    assert tuple(found[:3]) == SPECIAL
    assert {"the", "##s", "[", "kekw", "don't", "🔪"} <= set(found)
    assert not {"über", "的", "once"} & set(found)
    assert len(found) == len(set(found))


def test_changed_texts_repeat_and_stay_texts() -> None:
    changer = Changer({"nice": ["good", "fine"], "day": ["night"]}, ["jews", "women"], ["🐀", "🔪"])
    text, others = "what a nice day for women and a 🐀", ["you are late"]
    one = [changer.change(text, others, random.Random(seed)) for seed in range(200)]
    assert one == [changer.change(text, others, random.Random(seed)) for seed in range(200)]
    assert {"good", "night", "jews", "🔪", "late"} <= set(" ".join(one).split())
    assert all(found.strip() for found in one)


def test_auc_counts_pairs() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.integers(0, 9, 80).astype(np.float64), rng.random(80) < 0.4
    bad, good = scores[labels], scores[~labels]
    pairs = [(b > g) + 0.5 * (b == g) for b in bad for g in good]
    assert english.auc(scores, labels) == pytest.approx(float(np.mean(pairs)), abs=1e-4)


def test_numpy_computes_what_torch_does() -> None:
    torch = pytest.importorskip("torch")
    from scripts.train import student  # noqa: PLC0415 - needs torch

    torch.manual_seed(0)
    vocabulary = [*SPECIAL, *string.ascii_lowercase]
    net = student.Student(torch.randn(len(vocabulary), 16), len(OUTPUTS), 4, inner=24).eval()
    texts = ["a b c d", "z", "q w e r t y u i o p"]
    made = net.network(vocabulary, OUTPUTS)
    exact = student.logits(net, [Pieces(vocabulary).ids(text) for text in texts])
    for row, text in zip(exact, texts, strict=True):
        found = made.logits(english.folded(text, Tables()))
        assert found is not None
        assert found[0] == pytest.approx(row, abs=0.1)
