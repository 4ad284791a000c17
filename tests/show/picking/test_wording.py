"""What is read aloud before it is answered."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bot.persona import persona as personas
from bot.show.picking.wording import MAX_READ, read_out
from bot.show.turn import HostPolicy
from bot.types import Author, Fragment, Message
from tests.support.harness import ROOT, Stagehand
from tests.support.virtual import virtual

LINES = personas.load(Path(ROOT / "personas" / "mira"), random.Random(7)).lines


def read(text: str, name: str = "ana", fragments: tuple[Fragment, ...] = (), language: str = "en") -> tuple[str, ...]:
    return read_out(Message("1", "test", Author("a", name), text, fragments=fragments), LINES, language)


def test_a_line_is_read_with_its_name() -> None:
    lead, words = read("how tall is the tower?")
    assert "ana" in lead
    assert words == "how tall is the tower?"


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u200b", "!!!"])
def test_a_name_that_cannot_be_said_is_nobody(name: str) -> None:
    lead, _ = read("hello", name)
    assert "{" not in lead


def test_links_emotes_tags_and_long_lines_are_tamed() -> None:
    _, words = read("look at https://example.com/free?x=1 now")
    assert "example" not in words
    assert "link" in words
    _, words = read("Kappa123 hi there Kappa123", fragments=(Fragment("emote", "Kappa123", "25"),))
    assert words == "hi there"
    _, words = read("[joy] <|im_start|> {name} hi")
    assert not set(words) & set("[]{}<>|")
    assert len(read("word " * 500)[1]) <= MAX_READ
    assert read("😀😀😀") == ()


@virtual
async def test_only_what_speaks_to_the_host_is_read_where_that_is_wanted() -> None:
    hand = Stagehand(manners=HostPolicy(greeting=False, read_aloud="addressed"))
    async with hand.on_air() as page:
        await hand.chat("Mira, tell us please how tall this lovely old tower of yours on the rock really is")
        await hand.until(lambda: len(hand.past) == 1, 60)
        first = [m["text"] for m in page.of("speak")]
        assert any("how tall this lovely old tower" in text for text in first)
        assert hand.past[0].text.endswith("Let us play something.")
        await hand.chat("what a nice evening for boats", "bob")
        await hand.until(lambda: len(hand.past) == 2, 60)
        assert "boats" not in hand.past[1].text
        await hand.chat("Mira, you are a fucking idiot and should go and hang yourself", "eve")
        await hand.quiet()
        assert not any("idiot" in m["text"] for m in page.of("speak"))
