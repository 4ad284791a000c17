"""The grammars that the English network learns from: what they make is whole, labelled and the same each time."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from moderation.text.forms import Tables
from scripts.train import english, grammar


def test_every_sentence_is_whole_and_has_one_label() -> None:
    labels: dict[str, set[str]] = defaultdict(set)
    for path in grammar.files():
        made = list(grammar.sentences(path))
        assert {one.label for one in made} <= {"ordinary", *english.OUTPUTS[1:]}
        assert {one.label for one in made} > {"ordinary"}, path
        for one in made:
            assert "{" not in one.text, one
            assert one.text == one.text.strip()
            labels[one.text.casefold()].add(one.label)
    assert not [text for text, both in labels.items() if len(both) > 1]
    assert len(labels) > 15_000


def test_the_same_is_made_each_time() -> None:
    path = grammar.files()[0]
    assert list(grammar.sentences(path)) == list(grammar.sentences(path))
    assert len(list(grammar.sentences(path, most=1))) < len(list(grammar.sentences(path)))


def test_slots_fill_slots_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "grammar_new.yaml"
    path.write_text('slots: {how: [very, "{much}"], much: [so]}\nordinary: ["it is {how}  late"]\n', "utf-8")
    assert {one.text for one in grammar.sentences(path)} == {"it is very late", "it is so late"}
    path.write_text('hate: ["all {nobody}"]\n', "utf-8")
    with pytest.raises(ValueError, match=r"grammar_new\.yaml: no slot 'nobody'"):
        list(grammar.sentences(path))


def test_groups_are_named_on_both_sides() -> None:
    """No group's name may decide: in what is learnt each stands among ordinary sentences, too."""
    bad: dict[bool, int] = defaultdict(int)
    made = [(f" {one.text.casefold()} ", one.kind >= 0) for one in english.ruled()]
    for group in ("jews", "muslims", "trans women", "black people", "mexicans", "women", "disabled people"):
        counts = {toxic: sum(f" {group} " in text for text, side in made if side == toxic) for toxic in (True, False)}
        assert 0.5 < counts[True] / counts[False] < 2, (group, counts)
        bad[True] += counts[True]
    assert bad[True] > 100


def test_the_kept_templates_are_never_learnt(tmp_path: Path) -> None:
    (tmp_path / "davidson.csv").write_text("class,tweet\n2,nice day\n", "utf-8")
    (tmp_path / "hatemoji_build_train.csv").write_text("entry_id,text,label_gold,matched_id\n0,hate 🐀,1,1\n", "utf-8")
    learnt = {example.text.casefold() for example in english.learnt(tmp_path)}
    kept = [example for example in english.ruled() if english.kept_for_the_test(example)]
    assert 0.06 < len(kept) / len(english.ruled()) < 0.2
    assert not learnt & {example.text.casefold() for example in kept}


def test_none_folds_to_nothing() -> None:
    tables = Tables()
    for path in grammar.files():
        for one in grammar.sentences(path, most=2):
            assert english.folded(one.text, tables)
