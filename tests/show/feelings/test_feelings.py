"""What the host feels over minutes, and what the stage is told of it, on a clock that jumps."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from bot.inbox.entries import Offer
from bot.show.feelings.feelings import LAUGHS, REST_S, Feelings
from bot.show.feelings.mood import Mood, Push
from bot.show.feelings.settings import MoodSettings
from bot.stage.feeling.messages import MoodMark, Reaction
from bot.stage.feeling.view import FeelingView
from bot.types import Author, Clause, Emotion, Kind, Message, MessageOutcome, Money, Style, Tone
from moderation import Action, Category, Verdict
from moderation.verdict import Reason
from tests.support.virtual import socketless

QUEUED, REFUSED, HELD = (Offer(o, "") for o in (MessageOutcome.QUEUED, MessageOutcome.REFUSED, MessageOutcome.HELD))
FINE = Verdict(Action.ALLOW, (), 0.0, "")
HURTS = Verdict(Action.BLOCK, ("x",), 1.0, "", (Reason("x", Category.HARASSMENT, action=Action.BLOCK),))
SPAM = Verdict(Action.BLOCK, ("x",), 1.0, "", (Reason("x", Category.SPAM, action=Action.BLOCK),))


def message(text: str = "hi", kind: Kind = Kind.CHAT, who: str = "a", minor: int = 0) -> Message:
    return Message("m", "twitch", Author(who, who), text, kind, Money(minor, "USD") if minor else None)


def make(**settings: Any) -> tuple[Feelings, list[BaseModel]]:
    told: list[BaseModel] = []
    clock: Callable[[], float] = asyncio.get_running_loop().time
    return Feelings(MoodSettings(**settings), FeelingView(told.append), clock), told


@socketless
async def test_a_feeling_fades_by_halves() -> None:
    mood = Mood(MoodSettings(half_life_s=100), asyncio.get_running_loop().time)
    mood.happened(Push(0.8, 0.2))
    strengths = []
    for _ in range(4):
        strengths.append(mood.place[0])
        await asyncio.sleep(100)
    assert strengths == pytest.approx([0.8, 0.4, 0.2, 0.1], abs=0.01)
    assert mood.tone().strength == 0


@socketless
async def test_a_hundred_gifts_never_leave_the_bounds() -> None:
    feelings, _ = make(swing=2)
    for _ in range(100):
        feelings.offered(message(kind=Kind.GUARD, minor=90_000), FINE, QUEUED)
        feelings.offered(message(), HURTS, REFUSED)
        assert all(-1 <= part <= 1 for part in feelings.mood.place)
        assert 0 <= feelings.mood.tone().strength <= 1


@socketless
async def test_gifts_gladden_and_insults_hurt() -> None:
    feelings, told = make()
    feelings.offered(message(kind=Kind.SUPER_CHAT, minor=2_000), FINE, QUEUED)
    assert feelings.mood.tone().emotion is Emotion.JOY
    assert [m.kind for m in told if isinstance(m, Reaction)] == ["gift"]
    hurt, _ = make()
    for _ in range(3):
        hurt.offered(message("you…"), HURTS, REFUSED)
    assert hurt.mood.place[0] < -0.3
    assert hurt.mood.tone().emotion in (Emotion.WORRIED, Emotion.POUT, Emotion.SAD)
    calm, _ = make()
    calm.offered(message("buy followers"), SPAM, REFUSED)
    assert calm.mood.tone().strength == 0


@socketless
async def test_a_small_gift_moves_less_than_a_large_one() -> None:
    (small, _), (large, _) = make(), make()
    small.offered(message(kind=Kind.CHEER, minor=10), FINE, QUEUED)
    large.offered(message(kind=Kind.CHEER, minor=10_000), FINE, QUEUED)
    assert 0 < small.mood.place[0] < large.mood.place[0]


@socketless
async def test_what_moderation_holds_moves_nothing() -> None:
    feelings, told = make()
    feelings.offered(message(kind=Kind.SUPER_CHAT, minor=5_000), FINE, HELD)
    assert not told
    assert feelings.mood.tone().strength == 0


@socketless
async def test_laughter_is_of_several_people() -> None:
    feelings, told = make()
    for _ in range(9):
        feelings.offered(message("hahaha"), FINE, QUEUED)
    assert not [m for m in told if isinstance(m, Reaction) and m.kind == "laughter"]
    for who in "bcd"[:LAUGHS]:
        feelings.offered(message("哈哈哈哈", who=who), FINE, QUEUED)
    assert [m.kind for m in told if isinstance(m, Reaction)].count("laughter") == 1
    assert feelings.mood.place[0] > 0


@socketless
async def test_a_torrent_makes_few_reactions() -> None:
    feelings, told = make()
    for number in range(1000):
        feelings.offered(message(kind=Kind.GIFT, who=str(number), minor=100), FINE, QUEUED)
        feelings.offered(message("hello", who=str(number)), FINE, QUEUED)
        await asyncio.sleep(0.01)
    kinds = [m.kind for m in told if isinstance(m, Reaction)]
    assert all(kinds.count(kind) <= 10 / REST_S + 1 for kind in set(kinds))
    assert set(kinds) == {"gift", "chat"}


@socketless
async def test_alone_for_minutes_the_host_gets_drowsy_and_wakes_up() -> None:
    feelings, _ = make(sleepy_after_s=300)
    feelings.offered(message(), FINE, QUEUED)
    await asyncio.sleep(290)
    assert feelings.mood.tone().strength == 0
    await asyncio.sleep(600)
    assert feelings.mood.tone().emotion is Emotion.SLEEPY
    feelings.offered(message(), FINE, QUEUED)
    assert feelings.mood.tone().strength == 0
    never, _ = make(sleepy_after_s=0)
    await asyncio.sleep(100_000)
    assert never.mood.tone().strength == 0


@socketless
async def test_what_was_said_lingers() -> None:
    feelings, _ = make()
    for _ in range(6):
        feelings.mood.said(Emotion.SAD)
    assert feelings.mood.tone().emotion is Emotion.SAD
    feelings.mood.said(Emotion.NEUTRAL)
    assert feelings.mood.tone().emotion is Emotion.SAD


@socketless
async def test_the_voice_has_the_mood_where_a_clause_has_none() -> None:
    feelings, _ = make(voice=0.5)
    style = feelings.coloured(lambda clause: Style("en", clause.tone.emotion, strength=clause.tone.strength))  # type: ignore[union-attr]
    plain, sad = Clause("t", 0, "a", "a"), Clause("t", 0, "a", "a", tone=Tone(Emotion.SAD, 0.7))
    assert style(plain).emotion is Emotion.NEUTRAL
    feelings.mood.happened(Push(0.7, 0.3))
    assert style(plain).emotion is Emotion.JOY
    assert 0.2 <= style(plain).strength <= 0.5
    assert (style(sad).emotion, style(sad).strength) == (Emotion.SAD, 0.7)
    feelings.update(MoodSettings(voice=0))
    assert style(plain).emotion is Emotion.NEUTRAL


@socketless
async def test_switched_off_nothing_shows() -> None:
    feelings, told = make(enabled=False)
    feelings.offered(message(kind=Kind.RAID), FINE, QUEUED)
    feelings.offered(message(kind=Kind.GIFT, minor=9_000), FINE, QUEUED)
    assert not told
    assert feelings.colour(Clause("t", 0, "a", "a")).emotion is Emotion.NEUTRAL


@socketless
async def test_the_pages_follow_the_mood_while_it_fades() -> None:
    feelings, told = make(half_life_s=60, sleepy_after_s=0)
    running = asyncio.ensure_future(feelings.run())
    feelings.offered(message(kind=Kind.RAID), FINE, QUEUED)
    await asyncio.sleep(600)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    marks = [m for m in told if isinstance(m, MoodMark)]
    strengths = [m.strength for m in marks]
    assert strengths[0] > 0.4
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[-1] == 0
    assert len(marks) < 25


def test_a_page_that_opens_late_is_told_of_the_mood_alone() -> None:
    told: list[BaseModel] = []
    view = FeelingView(lambda _: None)
    view.greet(told.append)
    assert not told
    view.react("gift", 1)
    view.show(Tone(Emotion.JOY, 0.4))
    view.greet(told.append)
    assert told == [MoodMark(emotion=Emotion.JOY, strength=0.4)]
    assert view.words() == "joy 40"
