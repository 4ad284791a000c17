"""However a platform tells of a payment: each one counts once in a real ledger, across a restart too."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.sources.bilibili.open_mapper import map_open
from bot.sources.bilibili.room import RoomContext
from bot.sources.bilibili.web_mapper import map_web
from bot.sources.settings import Rates, Twitch
from bot.sources.twitch.mapper import Mapper
from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.store.payments import Recorded
from bot.types import Message
from tests.fakes.bilibili import events, web_events
from tests.fakes.bilibili.events import Gift, Room
from tests.fakes.bilibili.viewers import Viewer
from tests.sources import twitch_fixtures as fx

ROOM, WHO = Room(), Viewer(123, "阿明")
ROSE, STAR = Gift(name="玫瑰", num=5, blind_price=33_000), Gift(name="星光", num=5, blind_price=33_000)
Event = dict[str, Any]


def recorded(messages: Sequence[Message], tmp_path: Path) -> int:
    """Return how many payments a ledger takes the messages for; after a restart all of them come again."""

    async def main() -> int:
        stands: Counter[Recorded] = Counter()
        for _ in range(2):
            async with open_store(f"sqlite+aiosqlite:///{tmp_path}/x.db") as store:
                for message in messages:
                    stands[await Ledger(store).record(message)] += 1
        return stands[Recorded.NEW]

    return asyncio.run(main())


def paid(found: Iterable[object]) -> list[Message]:
    return [m for m in found if isinstance(m, Message) and m.paid]


def of_bilibili(*told: Event, read: Callable[..., list[Any]] = map_web) -> list[Message]:
    context = RoomContext("bilibili", Rates(), lambda _kind, _detail: None)
    return [m for event in told for m in paid(read(context, event))]


def of_twitch(*told: tuple[str, Event]) -> list[Message]:
    mapper = Mapper(
        rates=Rates(), channel_id="1337", bot_id="9001", settings=Twitch(), count_fault=lambda _kind, _detail: None
    )
    return [m for n, (kind, event) in enumerate(told) for m in paid(mapper.map(kind, event, f"delivery-{n}"))]


def changed(event: Event, **data: Any) -> Event:
    """Return an event with other fields in its data; those that are ... go."""
    return {**event, "data": {k: v for k, v in {**event["data"], **data}.items() if v is not ...}}


def v1(tid: Any, what: Gift, **more: Any) -> Event:
    return changed(web_events.gift(ROOM, WHO, str(tid), what), tid=tid, **more)


def v2(*several: tuple[str, Gift]) -> Event:
    return web_events.gift_v2(ROOM, WHO, list(several))


def deeper(event: Event) -> Event:
    return {**event, "data": {"data": event["data"]}}


TRANSACTION = 4813000000000000001
TEXT = str(TRANSACTION)
SC, GUARD = web_events.super_chat(ROOM, WHO, 99, "加油", 30), web_events.guard(WHO, 3, 1, 198_000)
JPN = {**changed(SC, id="99", message_jpn="頑張れ"), "cmd": "SUPER_CHAT_MESSAGE_JPN"}
TOAST, TOAST_2 = web_events.toast(WHO, "77", 3, 1, 198_000), web_events.toast_v2(WHO, "77", 3, 1, 198_000)


@pytest.mark.parametrize(
    ("told", "count"),
    [
        pytest.param([v2((TEXT, ROSE), (TEXT, STAR))], 2, id="two gifts of one transaction"),
        pytest.param([v2((TEXT, ROSE), (TEXT, ROSE))], 2, id="two alike"),
        pytest.param([v2(("", ROSE), ("", STAR))], 2, id="two without a transaction"),
        pytest.param([deeper(v2((TEXT, ROSE), (TEXT, STAR)))], 2, id="one level deeper"),
        pytest.param([v2((TEXT, ROSE), (TEXT, STAR))] * 2, 2, id="the event twice"),
        pytest.param([v1(TEXT, ROSE), v1(TEXT, STAR)], 2, id="old form, two lines"),
        pytest.param([v1(TEXT, ROSE), v2((TEXT, ROSE))], 1, id="old and new form"),
        pytest.param([v2((TEXT, ROSE), (TEXT, STAR)), v1(TEXT, STAR), v1(TEXT, ROSE)], 2, id="new and old, two lines"),
        pytest.param([v1(TRANSACTION, ROSE), v2((TEXT, ROSE))], 1, id="a number and a text"),
        pytest.param([v1(..., ROSE), v2(("", ROSE))], 1, id="old and new form without a transaction"),
        pytest.param([v1("0", ROSE, rnd="1"), v1("0", ROSE, rnd="2")], 2, id="0 is no transaction"),
        pytest.param([v1(None, ROSE)] * 2, 1, id="the same event without a transaction"),
        pytest.param(
            [v1("81", Gift(combo="batch-1")), v1("82", Gift(combo="batch-1", combo_num=2))], 2, id="steps of a combo"
        ),
        pytest.param([v1("81", Gift(combo="b")), web_events.combo_send(WHO, Gift(combo="b"))], 1, id="end of a combo"),
        pytest.param([v1("x" * 150 + "1", ROSE), v1("x" * 150 + "2", ROSE)], 2, id="long numbers that begin alike"),
        pytest.param([SC, JPN], 1, id="super chat and its translation"),
        pytest.param([changed(SC, id=...), changed(JPN, id=0)], 1, id="both without a number"),
        pytest.param([changed(SC, id=0), changed(SC, id=0, start_time=1)], 2, id="0 is no super chat"),
        pytest.param([GUARD, TOAST, TOAST_2], 1, id="guard, told three times"),
        pytest.param([TOAST_2, changed(TOAST, payflow_id=77), GUARD], 1, id="in another order, with a number"),
        pytest.param([TOAST, changed(TOAST, payflow_id="78")], 2, id="two guards"),
        pytest.param([changed(GUARD, start_time=...), changed(GUARD, start_time=..., end_time=1)], 2, id="no time"),
        pytest.param(
            [changed(GUARD, uid=0, username=""), changed(TOAST, uid=0, username="")], 2, id="nobody knows whose"
        ),
    ],
)
def test_each_payment_of_bilibilis_web_counts_once(told: list[Event], count: int, tmp_path: Path) -> None:
    assert recorded(of_bilibili(*told), tmp_path) == count


OPEN_GIFT, OPEN_SC = events.gift(ROOM, WHO, "m2", ROSE), events.super_chat(ROOM, WHO, "m3", 99, "加油", 30)


@pytest.mark.parametrize(
    ("told", "count"),
    [
        pytest.param([OPEN_GIFT, OPEN_GIFT], 1, id="the event twice"),
        pytest.param([OPEN_GIFT, changed(OPEN_GIFT, msg_id=17), changed(OPEN_GIFT, msg_id="18")], 3, id="three gifts"),
        pytest.param([changed(OPEN_GIFT, msg_id=17), changed(OPEN_GIFT, msg_id="17")], 1, id="a number and a text"),
        pytest.param([changed(OPEN_GIFT, msg_id=...), changed(OPEN_GIFT, msg_id="", gift_num=2)], 2, id="no number"),
        pytest.param([OPEN_SC, changed(OPEN_SC, message_id="99")], 1, id="super chat, a number and a text"),
        pytest.param([changed(OPEN_SC, message_id=0, msg_id=n) for n in ("a", "b")], 2, id="0 is no super chat"),
    ],
)
def test_each_payment_of_the_open_platform_counts_once(told: list[Event], count: int, tmp_path: Path) -> None:
    assert recorded(of_bilibili(*told, read=map_open), tmp_path) == count


NOTICE = "channel.chat.notification"


def resub(words: str, message_id: str, **part: Any) -> tuple[str, Event]:
    return NOTICE, fx.notification("resub", words, part=part or None, message_id=message_id)


def single(number: int) -> tuple[str, Event]:
    """Return one of the notices of a community gift."""
    return NOTICE, fx.notification("sub_gift", part={"community_gift_id": "c-1"}, message_id=f"single-{number}")


COMMUNITY = (NOTICE, fx.notification("community_sub_gift"))


@pytest.mark.parametrize(
    ("told", "count"),
    [
        pytest.param([COMMUNITY, *map(single, range(5))], 1, id="community gift and its five notices"),
        pytest.param(
            [*map(single, range(5)), ("channel.subscription.gift", fx.subscription_gift()), COMMUNITY],
            1,
            id="the same, and the event of the account",
        ),
        pytest.param([resub("hi", "a"), resub("hi again", "b")], 1, id="a resub shared twice"),
        pytest.param(
            [resub("hi", "a"), ("channel.subscription.message", fx.subscription_message()), resub("hi", "b")],
            1,
            id="a resub shared twice, and the event of the account",
        ),
        pytest.param([resub("hi", "a"), resub("hi", "b", cumulative_months=11)], 2, id="two months"),
        pytest.param(
            [resub("hi", "a", cumulative_months=None), resub("hi", "b", cumulative_months=None)], 2, id="no months"
        ),
    ],
)
def test_each_payment_of_twitch_counts_once(told: list[tuple[str, Event]], count: int, tmp_path: Path) -> None:
    assert recorded(of_twitch(*told), tmp_path) == count
