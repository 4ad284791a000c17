"""The streamer's side of the stage: the mark of the ears, captions, and who listens along."""

from __future__ import annotations

from pydantic import BaseModel

from bot.stage.protocol import EarsMark, Heard
from bot.stage.streamer import StreamerView


class Along:
    """Listens along."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def play(self, pcm: bytes, rate: int) -> None:
        self.told.append((pcm, rate))

    def stop(self) -> None:
        self.told.append("stop")

    def hold(self) -> None:
        self.told.append("hold")

    def go_on(self) -> None:
        self.told.append("go on")


def test_pages_are_told_of_each_change_once_and_a_new_page_how_it_is() -> None:
    sent: list[BaseModel] = []
    view = StreamerView(sent.append)
    greeted: list[BaseModel] = []
    view.greet(greeted.append)
    assert greeted == []
    view.show_ears(EarsMark(state="off"))
    view.show_ears(EarsMark(state="off"))
    view.greet(greeted.append)
    assert sent == greeted == [EarsMark(state="off")]


def test_words_are_shown_unless_the_ears_are_off() -> None:
    sent: list[BaseModel] = []
    view = StreamerView(sent.append)
    view.show_words("hello", "en", final=False)
    assert sent == [Heard(text="hello", language="en", final=False)]
    view.show_ears(EarsMark(state="off"))
    view.show_words("secret", "en", final=True)
    assert sent[-1] == EarsMark(state="off")


def test_who_listens_along_is_told_what_is_sent_and_when_it_stops() -> None:
    view = StreamerView(lambda _message: None)
    view.sent(b"\1\0", 24_000)
    view.stopped()
    view.monitor = along = Along()
    view.sent(b"\1\0", 24_000)
    view.stopped()
    assert along.told == [(b"\1\0", 24_000), "stop"]
