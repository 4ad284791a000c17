"""Running gags: what the host said once and several viewers bring up again."""

from __future__ import annotations

import pytest

from bot.mind.memory.gags import MAX_PHRASES, VIEWERS, WITHIN_S, GagSpotter, phrases


def bring_up(spotter: GagSpotter, line: str, *viewers: str, now: float = 0.0) -> list[str]:
    found = []
    for number, viewer in enumerate(viewers):
        found += spotter.brought_up(line, ("twitch", viewer), f"t{now}{number}", now)
    return found


@pytest.mark.parametrize(
    ("said", "line", "gag"),
    [
        ("Do not touch the haunted toaster!", "is the Haunted Toaster awake?", "haunted toaster"),
        ("别碰那台会唱歌的烤面包机。", "会唱歌的烤面包机今天唱了吗", "唱歌的烤面包机"),
    ],
)
def test_three_viewers_make_a_gag_of_it_once(said: str, line: str, gag: str) -> None:
    spotter = GagSpotter()
    spotter.heard(said)
    assert bring_up(spotter, line, "a", "b") == []
    assert bring_up(spotter, line, "c", now=1) == [gag]
    assert bring_up(spotter, line, "d", "e", now=2) == []


def test_what_the_host_never_said_is_none() -> None:
    spotter = GagSpotter()
    spotter.heard("The fog is thick.")
    assert bring_up(spotter, "buy cheap followers", "a", "b", "c", "d") == []


def test_one_viewer_alone_or_one_turn_alone_makes_none() -> None:
    spotter = GagSpotter()
    spotter.heard("the haunted toaster")
    assert bring_up(spotter, "haunted toaster", "a", "a", "a", "a") == []
    spotter.heard("the singing bucket")
    for viewer in ("b", "c", "d"):
        assert spotter.brought_up("singing bucket", ("twitch", viewer), "one turn", 0.0) == []


def test_what_comes_back_after_hours_begins_anew() -> None:
    spotter = GagSpotter()
    spotter.heard("the haunted toaster")
    assert bring_up(spotter, "haunted toaster", "a", "b", now=1) == []
    assert bring_up(spotter, "haunted toaster", "c", now=WITHIN_S * 2) == []


def test_everyday_words_are_no_phrase() -> None:
    assert not list(phrases("Good morning everyone, thank you for the follow, welcome back to the stream"))


def test_a_forgotten_viewer_does_not_count_and_memory_is_bounded() -> None:
    spotter = GagSpotter()
    spotter.heard("the haunted toaster")
    bring_up(spotter, "haunted toaster", "a", "b")
    spotter.forget(("twitch", "a"))
    assert bring_up(spotter, "haunted toaster", "c", now=1) == []
    for number in range(MAX_PHRASES):
        spotter.heard(f"{chr(97 + number % 26)}xyz{'q' * (number % 40)} wombat{'z' * (number // 40)}")
    assert len(spotter._phrases) <= MAX_PHRASES
    assert VIEWERS == 3
