"""What a segment moves beside the voice: platforms, director, mixer; and what its conditions ask."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.app.programme import ShowHands, StreamFacts
from bot.control.streams import Stream, StreamStates
from bot.errors import Refused, TransientError
from bot.show.schedule.agenda import unmet
from bot.show.schedule.programme import Conditions, Segment
from bot.sources.registry import SourceRegistry
from bot.sources.source import ActionKind, ChannelAction, Link, LinkState, Notice, NoticeKind
from bot.stage.director.director import Director
from bot.stage.director.rehearsal import RehearsalMixer
from bot.stage.director.settings import DirectorSettings, ShowState
from bot.telemetry.alarms import Alarms


class Platform:
    """A source that does what it can, or fails."""

    def __init__(self, *actions: ActionKind, error: Exception | None = None) -> None:
        self.actions = frozenset(actions)
        self.done: list[ChannelAction] = []
        self._error = error

    async def act(self, order: ChannelAction) -> str:
        if self._error is not None:
            raise self._error
        self.done.append(order)
        return f"{order.action}: done"


def registry(**sources: Platform) -> SourceRegistry:
    made = SourceRegistry(Alarms(lambda: 0.0))
    made.sources = cast("Any", sources)
    return made


async def test_an_action_is_done_on_every_platform_that_can() -> None:
    twitch = Platform(ActionKind.ANNOUNCE, ActionKind.SEND, ActionKind.POLL, ActionKind.TITLE, ActionKind.RAID)
    other = Platform(ActionKind.SEND)
    hands = ShowHands(registry(twitch=twitch, bilibili_web=other), None, None)
    assert await hands.act("announce", {"text": "vote now"}) == "twitch: announce: done; bilibili_web: send: done"
    assert await hands.act("poll", {"title": "Cats?", "choices": ["yes", "no"], "seconds": 90}) == "twitch: poll: done"
    await hands.act("title", {"title": "Story time", "category": "Just Chatting"})
    await hands.act("raid", {"channel": "friend"})
    assert [(o.action, o.text, o.user, o.category, o.choices, o.seconds) for o in twitch.done[1:]] == [
        ("poll", "Cats?", "", "", ("yes", "no"), 90),
        ("title", "Story time", "", "Just Chatting", (), 60),
        ("raid", "", "friend", "", (), 60),
    ]


async def test_the_votes_of_a_platforms_own_poll_are_known_by_its_title_and_choices() -> None:
    streams = StreamStates(Alarms(lambda: 0.0))
    twitch = Platform(ActionKind.POLL)
    hands = ShowHands(registry(twitch=twitch), None, None, streams)
    asked = "Cats? " + "really " * 20

    def told(title: str, choices: list[str], votes: list[int]) -> None:
        data = {"title": title, "choices": choices, "votes": votes, "phase": "progress"}
        streams.noticed(Notice("twitch", NoticeKind.POLL, "poll", data))

    assert hands.votes(asked, ["Yes", "no"]) == {}
    told(asked[:60], ["no", "yes"], [3, 4])
    assert hands.votes(asked, ["Yes", "no"]) == {"twitch": [4, 3]}
    assert hands.votes("Dogs?", ["Yes", "no"]) == {}
    assert hands.votes(asked, ["Yes", "perhaps"]) == {}
    await hands.act("poll", {"title": asked, "choices": ["Yes", "no"], "seconds": 90})
    assert hands.votes(asked, ["Yes", "no"]) == {}, "an earlier one of the same title does not count"
    told("", ["yes", "no"], [1, 1])
    assert hands.votes(asked, ["Yes", "no"]) == {}


async def test_what_no_platform_did_is_refused_in_words() -> None:
    with pytest.raises(Refused, match="no platform here can do 'raid'"):
        await ShowHands(registry(other=Platform(ActionKind.SEND)), None, None).act("raid", {"channel": "friend"})
    with pytest.raises(Refused, match="no platform here can do 'dance'"):
        await ShowHands(registry(), None, None).act("dance", {})
    broken = Platform(ActionKind.RAID, error=TransientError("twitch is away"))
    with pytest.raises(Refused, match="twitch: twitch is away"):
        await ShowHands(registry(twitch=broken), None, None).act("raid", {"channel": "friend"})


async def test_one_platform_that_fails_does_not_keep_the_others_from_it() -> None:
    broken, well = Platform(ActionKind.SEND, error=TransientError("away")), Platform(ActionKind.SEND)
    assert await ShowHands(registry(a=broken, b=well), None, None).act("announce", {"text": "hi"}) == "b: send: done"


async def test_the_director_is_told_of_segments_and_without_one_nothing_is_moved() -> None:
    director = Director(DirectorSettings(), RehearsalMixer())
    hands = ShowHands(registry(), director, director.mixer)
    director.enter(ShowState.LIVE)
    pause = Segment.model_validate({"name": "pause", "kind": "break", "when": {"command": True}, "scene": "Tea"})
    hands.segment(pause, begins=True)
    assert (director.state, director.wished) == (ShowState.BREAK, "Tea")
    hands.segment(pause, begins=False)
    assert director.state is ShowState.LIVE
    alone = ShowHands(registry(), None, None)
    alone.segment(pause, begins=True)
    assert await alone.cue("lights", {}) is False
    with pytest.raises(Refused, match="no video mixer"):
        await alone.play("Host media", Path("tune.mp3"))


@pytest.mark.parametrize(
    ("told", "live"),
    [
        ({}, None),
        ({"a": None}, None),
        ({"a": False}, False),
        ({"a": False, "b": True}, True),
        ({"a": None, "b": True}, True),
    ],
)
def test_the_stream_is_live_when_any_platform_says_so(told: dict[str, bool | None], live: bool | None) -> None:
    streams = SimpleNamespace(streams={name: Stream(online) for name, online in told.items()})
    facts = StreamFacts(cast("StreamStates", streams), SourceRegistry(Alarms(lambda: 0.0)))
    assert facts.live() is live
    assert facts.streamer_speaking() is None


def test_a_segment_waits_for_viewers_that_the_platforms_count() -> None:
    alarms = Alarms(lambda: 0.0)
    streams, sources = StreamStates(alarms), SourceRegistry(alarms)
    facts, wanted = StreamFacts(streams, sources), Conditions(viewers=5)

    def tell(source: str, count: object) -> None:
        streams.noticed(Notice(source, NoticeKind.VIEWERS, "", {"count": count}))

    assert (facts.viewers(), unmet(wanted, facts)) == (None, "")
    tell("twitch", 3)
    assert (facts.viewers(), unmet(wanted, facts)) == (3, "3 watch, and 5 are wanted")
    tell("bilibili_web", 2)
    assert (facts.viewers(), unmet(wanted, facts)) == (5, "")
    # What a connection told before it was lost counts no more.
    sources.links["twitch"] = Link("twitch", LinkState.DEAF)
    assert facts.viewers() == 2
    sources.links["twitch"] = Link("twitch", LinkState.QUIET)
    assert facts.viewers() == 5
    streams.noticed(Notice("bilibili_web", NoticeKind.OFFLINE, "the stream is over"))
    assert facts.viewers() == 3
    tell("twitch", None)
    assert facts.viewers() is None


@pytest.mark.parametrize("speaking", [True, False, None])
def test_the_ears_say_whether_the_streamer_speaks(speaking: bool | None) -> None:
    streams = cast("StreamStates", SimpleNamespace(streams={}))
    assert StreamFacts(streams, SourceRegistry(Alarms(lambda: 0.0)), lambda: speaking).streamer_speaking() is speaking
