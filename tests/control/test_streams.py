"""What the platforms say of the stream, and what their own filters hold."""

from __future__ import annotations

from typing import Any

from bot.control.streams import MAX_HOLDS, StreamStates
from bot.sources.source import Notice
from bot.telemetry.alarms import Alarms
from bot.types import Retraction


def test_the_stream_and_what_automod_holds() -> None:
    standing = Alarms(lambda: 5.0)
    s = StreamStates(standing, lambda: 5.0)
    s.noticed(Notice("twitch", "online", "live"))
    s.noticed(Notice("twitch", "title", "", {"title": "T", "category": "C"}))
    s.noticed(Notice("twitch", "hype_train", "", {"level": 3, "phase": "progress"}))
    assert (s.streams["twitch"].online, s.streams["twitch"].title, s.streams["twitch"].hype_level) == (True, "T", 3)
    hold: dict[str, Any] = {"message_id": "h1", "user": "Bo", "text": "x", "category": "bullying", "level": 4}
    s.noticed(Notice("twitch", "automod_hold", "", hold))
    s.noticed(Notice("twitch", "automod_hold", "", hold | {"message_id": "h2", "level": "not a number"}))
    assert [(h.id, h.level) for h in s.holds.values()] == [("h1", 4), ("h2", 0)]
    s.release("twitch", "h1")
    s.retracted(Retraction("twitch", id="h2"))
    assert not s.holds
    s.noticed(Notice("twitch", "offline", ""))
    s.noticed(Notice("bilibili_web", "cut_off", "the stream was cut off"))
    assert s.streams["twitch"].online is False
    assert [(a.id, a.level) for a in standing.standing()] == [("cut_off:bilibili_web", "error")]
    for n in range(MAX_HOLDS + 5):
        s.noticed(Notice("twitch", "automod_hold", "", hold | {"message_id": f"n{n}"}))
    assert len(s.holds) == MAX_HOLDS
