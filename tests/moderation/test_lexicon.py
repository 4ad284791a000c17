from __future__ import annotations

import random
from collections import Counter
from importlib import resources

import pytest
import yaml

from moderation.policy import Category, Severity
from moderation.rules.lexicon import LANGUAGES, Lexicon, builtin, term
from moderation.text.forms import HAN, Tables
from scripts.train import disguise


def find(entry: str, text: str, *allow: str) -> bool:
    tables = Tables()
    terms = [term(entry, Category.HATE, Severity.GRAVE)]
    terms += [term(word, Category.STYLE, Severity.TRACE, allow=True) for word in allow]
    return any(found.severity is Severity.GRAVE for found in Lexicon(terms, tables).find(tables.folded(text)))


@pytest.mark.parametrize(
    ("entry", "text", "found"),
    [
        ("bad", "a bad day", True),
        ("bad", "badly", False),
        ("bad", "abad", False),
        ("bad", "BÄD!", True),
        ("bad*", "badly", True),
        ("*bad", "abad", True),
        ("bad", "这bad吗", True),
        ("bad", "b.a.d", True),
        ("bad", "b a d", True),
        ("bad", "baaaad", True),
        ("bad", "b4d", True),
        ("bad", "ba", False),
        ("too", "toooo much", True),
        ("坏人", "壞人", True),
        ("坏人", "坏 人", True),
        ("坏人", "坏，人", False),
        ("bad day", "bad\u3000day", True),
        ("马", "🐴", True),
    ],
)
def test_matching(entry: str, text: str, found: bool) -> None:
    assert find(entry, text) is found


@pytest.mark.parametrize("text", ["reggin backwards is fun", "say TOGGAF aloud", "elamehs"])
def test_a_word_that_nobody_may_send_is_found_backwards(text: str) -> None:
    found = Lexicon(builtin(), Tables()).find(Tables().folded(text))
    assert [one.category for one in found] == [Category.HATE]


@pytest.mark.parametrize("text", ["a noggin of rum", "he was beggin me", "live was evil", "snigger"])
def test_an_honest_word_backwards_is_none(text: str) -> None:
    assert not Lexicon(builtin(), Tables()).find(Tables().folded(text))


def test_an_allowance_covers_what_lies_within_it_only() -> None:
    assert not find("坏", "坏人", "坏人")
    assert find("坏", "坏人坏", "坏人")
    assert find("人好", "坏人好", "坏人")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_category_has_terms_and_none_stands_twice(language: str) -> None:
    raw = yaml.safe_load(resources.files("moderation").joinpath("lexicons", f"{language}.yaml").read_text("utf-8"))
    assert len(raw.pop("allow")) > 40
    terms = [entry for by_severity in raw.values() for entries in by_severity.values() for entry in entries]
    assert all(isinstance(entry, str) for entry in terms)
    assert [entry for entry, count in Counter(terms).items() if count > 1] == []
    assert len(terms) > 150
    decided_elsewhere = {Category.INJECTION, Category.STYLE, Category.ECHO, Category.CUSTOM}
    assert set(raw) == {category.value for category in Category} - {category.value for category in decided_elsewhere}
    assert any(HAN.search(entry) for entry in terms) is (language == "zh")


def test_every_term_finds_itself() -> None:
    tables = Tables()
    lexicon = Lexicon(builtin(), tables)
    missed = [
        entry.text
        for entry in builtin()
        if not entry.allow and not any(f.category is entry.category for f in lexicon.find(tables.folded(entry.text)))
    ]
    assert missed == []


def test_every_allowance_is_needed_or_harmless() -> None:
    tables = Tables()
    lexicon = Lexicon(builtin(), tables)
    stopped = [
        entry.text
        for entry in builtin()
        if entry.allow and any(f.severity is Severity.GRAVE for f in lexicon.find(tables.folded(entry.text)))
    ]
    assert stopped == []


@pytest.mark.parametrize(
    ("language", "kind", "least"),
    [("en", kind, 0.9) for kind in disguise.ENGLISH]
    # Two characters of the same sound are many harmless words too: the classifier hears those.
    + [("zh", kind, 0.7 if kind == "homophone" else 0.8) for kind in disguise.CHINESE],
)
def test_what_is_caught_plainly_is_caught_in_disguise(language: str, kind: disguise.Kind, least: float) -> None:
    tables = Tables()
    lexicon = Lexicon(builtin(), tables)

    def caught(text: str) -> bool:
        return any(found.severity >= Severity.SERIOUS for found in lexicon.find(tables.folded(text)))

    chance = random.Random(3)
    entries = [entry.text for entry in builtin((language,)) if entry.severity >= Severity.SERIOUS][::4]
    hidden = [(text, disguise.disguise(text, kind, chance)) for text in entries]
    results = [caught(changed) for text, changed in hidden if changed != text]
    assert len(results) > 20
    assert sum(results) / len(results) >= least
