"""Names in another spelling: found where they stand as a word, whatever the case, in every script."""

from __future__ import annotations

import pytest

from bot.text.pronunciations import MAX_ENTRIES, Pronunciation, Pronunciations, checked, checked_name, entries_of
from bot.text.scripts import Language


@pytest.mark.parametrize(
    ("name", "spelled", "text", "heard"),
    [
        ("Siobhan", "shiv-AWN", "Hi Siobhan!", "Hi shiv-AWN!"),
        ("Siobhan", "shiv-AWN", "SIOBHAN's cat and siobhan", "shiv-AWN's cat and shiv-AWN"),
        ("Ng", "ing", "Ng sings along, ng-like", "ing sings along, ing-like"),
        (
            "Mira",
            "MEE-rah",
            "a miracle, Miranda, admira, Mira2, Mira_fan",
            "a miracle, Miranda, admira, Mira2, Mira_fan",
        ),
        ("xX_Sh4dow_Xx", "shadow", "thanks xX_Sh4dow_Xx!", "thanks shadow!"),
        ("Jo Ann", "joe ANN", "Jo  Ann and Jo", "joe ANN and Jo"),
        ("Ilı", "x", "İlı and ılı, Ilı", "İlı and ılı, x"),
        ("Jo", "joe", 'jo. Jo, (Jo) "jo"', 'joe. joe, (joe) "joe"'),
        ("C++", "see plus plus", "C++ is not C", "see plus plus is not C"),
        ("Zoë", "zoh-ee", "ZOË and zoë", "zoh-ee and zoh-ee"),
        ("Łukasz", "woo-kash", "łukasz!", "woo-kash!"),
        ("Mira", "米拉", "你好Mira，今天", "你好米拉，今天"),
        ("小云", "小芸", "谢谢小云的礼物", "谢谢小芸的礼物"),
        ("单于", "缠鱼", "单于来了", "缠鱼来了"),
        ("カナ", "かなあ", "カナさん、カナダ、アカナ、カナー", "かなあさん、カナダ、アカナ、カナー"),
        ("美羽", "みう", "美羽ちゃんありがとう", "みうちゃんありがとう"),
        ("a.b", "a dot b", "a.b axb", "a dot b axb"),
    ],
)
def test_a_name_is_found_as_a_word_alone(name: str, spelled: str, text: str, heard: str) -> None:
    assert Pronunciations([Pronunciation(name, spelled)]).put_in(text, "en") == heard


def test_the_longest_name_wins_and_nothing_is_replaced_twice() -> None:
    table = Pronunciations([Pronunciation("小云", "A"), Pronunciation("小云朵", "小云 B"), Pronunciation("A", "C")])
    assert table.put_in("小云朵和小云", "zh") == "小云 B和A"


def test_a_language_comes_before_all_and_the_later_entry_before_the_earlier() -> None:
    table = Pronunciations([
        Pronunciation("Mira", "first"), Pronunciation("mira", "米拉", "zh"), Pronunciation("MIRA", "last"),
    ])  # fmt: skip
    assert table.put_in("Mira", "en") == "last"
    assert table.put_in("Mira", "zh") == "米拉"
    assert table.put_in("Mira", "fr") == "Mira"
    assert Pronunciations().put_in("Mira", "en") == "Mira"


def test_a_persona_s_table_has_a_spelling_for_all_or_for_each() -> None:
    assert entries_of({"Mira": "MEE-rah", "云": {Language.EN: "yoon"}}) == [
        Pronunciation("Mira", "MEE-rah"), Pronunciation("云", "yoon", "en"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "  ", "!?", "a\x00b", "a\u202eb", "[joy]", "<break/>", "{name}", "a|b", "\ue000x"]
)
def test_what_nobody_can_say_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"has (?:no letter|characters)"):
        checked(text)


def test_a_single_character_is_no_name_in_chinese() -> None:
    with pytest.raises(ValueError, match="single"):
        checked_name("云")
    assert checked_name(" Jo \n Ann ") == "Jo Ann"


def test_a_long_table_is_bounded_and_quick_on_hostile_text() -> None:
    many = [Pronunciation(f"a{'a' * (n % 30)}{n}", "x") for n in range(10 * MAX_ENTRIES)]
    assert len(Pronunciations(many).put_in("a" * 2000, "en")) == 2000
