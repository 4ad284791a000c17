"""The board of the layers: each page is told of what it asked for, once, and as it stands by now."""

from __future__ import annotations

import json
from typing import Any

from bot.stage.layers.board import KEPT, Board, Wish, wish_of
from bot.stage.layers.messages import (
    Alert,
    Answering,
    ChatLine,
    Dress,
    Part,
    SegmentState,
    VoteState,
)
from bot.stage.layers.vocabulary import Layer, Theme


class Reader:
    """A page that notes what it is sent."""

    def __init__(self, layers: str = "", sources: str = "") -> None:
        self.wish = wish_of(layers, sources)
        self.label_seen: bool | None = None
        self.sent: list[dict[str, Any]] = []

    def send(self, frame: str) -> None:
        self.sent.append(json.loads(frame))

    def types(self) -> list[str]:
        return [message["type"] for message in self.sent]


def line(key: str, source: str = "twitch", text: str = "hello") -> ChatLine:
    return ChatLine(key=key, source=source, author="ana", kind="chat", parts=[Part(text=text)])


def gift(key: str) -> Alert:
    return Alert(
        id=key, source="twitch", kind="gift", author="ana", line="Thank you!", text="", amount="", item="rose", count=1,
        combo="", tier=1,
    )  # fmt: skip


def test_names_that_are_no_layers_are_left_out_and_a_flood_of_names_is_cut() -> None:
    assert wish_of("chat, nonsense,,avatar,alerts", "").layers == {Layer.CHAT, Layer.ALERTS}
    assert not wish_of("," * 5000 + "chat", "").layers
    assert not Wish().knows


def test_a_page_is_told_of_its_own_layers_and_platforms_alone() -> None:
    pages = [Reader("chat", "twitch"), Reader("chat", "bilibili"), Reader("alerts"), Reader(), Reader("chat", "all")]
    board = Board(lambda: pages)
    board.line(line("a"))
    board.line(line("b", "bilibili_web"))
    board.alert(gift("g"))
    assert [[m.get("key", m.get("id")) for m in page.sent] for page in pages] == [["a"], ["b"], ["g"], [], ["a", "b"]]


def test_a_page_that_opens_gets_what_stands_and_no_alert_again() -> None:
    board = Board(list)
    for number in range(KEPT + 5):
        board.line(line(str(number)))
    board.alert(gift("g"))
    board.show(Answering(key="a", author="ana", text="why?"))
    page, other = Reader("chat,answer,alerts"), Reader()
    board.greet(page)
    board.greet(other)
    assert page.types() == ["dress", "answer", *["chat"] * KEPT]
    assert page.sent[-1]["key"] == str(KEPT + 4)
    assert other.sent == [], "a program that plays sound and knows no layers is told nothing new"


def test_what_is_deleted_is_neither_shown_nor_told_later() -> None:
    pages = [Reader("chat"), Reader("alerts"), Reader("answer"), Reader("goals")]
    board = Board(lambda: pages)
    board.line(line("a"))
    board.gone(["a"])
    board.gone([])
    assert [page.types() for page in pages] == [["chat", "chat_gone"], ["chat_gone"], ["chat_gone"], []]
    late = Reader("chat")
    board.greet(late)
    assert late.types() == ["dress"]


def test_a_countdown_is_told_once_and_a_page_that_opens_gets_what_is_left() -> None:
    now = 0.0
    page = Reader("segment,vote")
    board = Board(lambda: [page], lambda: now)
    for now in (0.0, 1.0, 2.0):
        board.show(SegmentState(name="quiz", left_s=60 - now + 0.3, length_s=60))
    assert page.types() == ["segment"]
    now = 10.0
    late = Reader("segment")
    board.greet(late)
    assert late.sent[-1]["left_s"] == 50.3
    board.show(SegmentState(name="quiz", left_s=80.0, length_s=90))
    assert page.types() == ["segment", "segment"], "it was made longer"
    board.show(VoteState(title="tea?", counts=[1, 2], left_s=9.0))
    board.show(VoteState(title="tea?", counts=[1, 3], left_s=9.0))
    assert page.sent[-1]["counts"] == [1, 3]


def test_a_label_that_cannot_be_seen_is_known() -> None:
    page = Reader("avatar")
    board = Board(lambda: [page])
    assert not board.label_hidden
    page.label_seen = False
    assert board.label_hidden


def test_a_theme_is_told_when_it_changes() -> None:
    page = Reader("clock")
    board = Board(lambda: [page])
    board.dress(Dress(theme=Theme.NEON, css=0, sources=[]))
    board.dress(Dress(theme=Theme.NEON, css=0, sources=[]))
    assert page.types() == ["dress"]


def test_one_open_page_makes_the_sound_of_an_alert_and_none_when_sounds_are_off() -> None:
    pages = [Reader("alerts"), Reader("chat"), Reader("alerts"), Reader("alerts")]
    for page in pages[1:]:
        page.wish.sounds = True
    board = Board(lambda: pages)
    board.alert(gift("silent"))
    board.dress(Dress(theme=Theme.GLASS, css=0, sources=[], volume=0.4))
    board.alert(gift("heard"))
    told = [[(m["id"], m["sound"]) for m in page.sent if m["type"] == "alert"] for page in pages]
    assert told == [
        [("silent", False), ("heard", False)], [], [("silent", False), ("heard", True)],
        [("silent", False), ("heard", False)],
    ]  # fmt: skip
