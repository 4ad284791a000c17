"""The Twitch source and the real client library against a Twitch on loopback: connecting, rights, orders, limits."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from twitchio.http import Route

from bot.errors import FatalError, QuotaError, Refused, TransientError
from bot.sources.connection import DeniedError, ExpiredError
from bot.sources.source import ChannelAction, LinkState, NoticeKind
from bot.sources.twitch import connection
from bot.sources.twitch.helix import Http
from bot.sources.twitch.subscriptions import WANTED
from tests.fakes.twitch.state import Call
from tests.sources.twitch_rig import ALL_SCOPES, ALL_TYPES, STREAMER, rig

BOT = "1002"


# --- connecting -----------------------------------------------------------------------------------


async def test_it_connects_hears_and_ends_well(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        async with r.running_source():
            assert r.feed.links[0].state is LinkState.CONNECTING
            link = r.feed.links[-1]
            assert (link.name, link.account, link.missing) == ("twitch", "streamer in #streamer", ())
            assert link.detail == "25 of 25 kinds of events"
            assert 14_000 < (link.expires_in_s or 0) <= 14_400
            assert r.subscribed() == ALL_TYPES
            await r.hears("hello")
            assert r.source.monitor.link.heard_at > 0
            assert r.source.actions
        await r.until(lambda: not r.twitch.sessions)
        assert not r.source.actions
        left = [t for t in asyncio.all_tasks() if "twitchio" in repr(t) or "bot/sources" in repr(t)]
        assert not left


async def test_it_tells_how_many_watch_while_the_stream_is_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "VIEWERS_S", 0.02)
    monkeypatch.setattr(connection, "VIEWERS_FIRST_S", 0.02)
    async with rig(tmp_path) as r, r.running_source():

        def told() -> list[int | None]:
            return [n.data["count"] for n in r.feed.notices if n.what is NoticeKind.VIEWERS]

        await r.until(lambda: told() == [None])
        r.twitch.watching = 41
        await r.until(lambda: told() == [None, 41])
        asked = len(r.calls("streams"))
        await r.until(lambda: len(r.calls("streams")) > asked + 2)
        r.twitch.refused["streams"] = (500, "try again")
        await r.until(lambda: any(c.status == 500 for c in r.calls("streams")))
        r.twitch.refused.clear()
        r.twitch.watching = 40
        await r.until(lambda: told() == [None, 41, 40])
        r.twitch.watching = None
        await r.until(lambda: told() == [None, 41, 40, None])
        await r.hears("still here")


async def test_the_subscriptions_name_the_right_people(tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.sign_in("streamer", STREAMER)
        r.sign_in("bot", BOT)
        async with r.running_source():
            made = {c.body["type"]: c for c in r.calls("eventsub/subscriptions") if c.method == "POST"}
            chat, bits, raid = made["channel.chat.message"], made["channel.bits.use"], made["channel.raid"]
            assert (chat.user, chat.body["condition"]) == (BOT, {"broadcaster_user_id": STREAMER, "user_id": BOT})
            assert (bits.user, bits.body["condition"]) == (STREAMER, {"broadcaster_user_id": STREAMER})
            assert raid.body["condition"] == {"to_broadcaster_user_id": STREAMER}
            assert {c.body["transport"]["method"] for c in made.values()} == {"websocket"}
            assert all(c.status == 202 for c in made.values())
            await r.hears("hello")


async def test_a_bot_in_the_channel_of_somebody_who_has_not_signed_in(tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.sign_in("bot", BOT)
        async with r.running_source():
            link = r.feed.links[-1]
            assert link.account == "haishin_bot in #streamer"
            assert {"bits", "subscriptions", "redemptions", "hype trains", "polls"} <= {m.what for m in link.missing}
            assert all("owner of the channel" in m.why for m in link.missing)
            assert "channel.bits.use" not in {kind for kind, _ in r.subscribed()}
            assert "poll" not in r.source.actions
            await r.hears("hello")


async def test_a_channel_that_does_not_exist_is_denied(tmp_path: Path) -> None:
    async with rig(tmp_path, channel="nobody_here") as r, r.running_source(live=False):
        await r.reaches(LinkState.DENIED)
        assert "nobody_here" in r.feed.links[-1].detail
        assert "sources.twitch.channel" in r.feed.links[-1].remedy
        assert not r.twitch.sessions


async def test_without_an_application_it_is_denied_and_says_where_to_get_one(tmp_path: Path) -> None:
    async with rig(tmp_path, client_id="") as r, r.running_source(live=False):
        await r.reaches(LinkState.DENIED)
        assert "client_id" in r.feed.links[-1].remedy
        assert not r.twitch.calls


# --- rights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "purposes"),
    [
        ("bits:read", {"bits"}),
        ("channel:read:redemptions", {"redemptions"}),
        ("channel:read:hype_train", {"hype trains"}),
        ("moderator:read:followers", {"new followers"}),
        ("moderator:manage:automod", {"messages held by AutoMod", "answers to AutoMod"}),
        ("user:write:chat", {"writing into the chat"}),
        ("channel:manage:polls", {"polls"}),
    ],
)
async def test_a_missing_right_is_listed_and_the_rest_is_heard(tmp_path: Path, scope: str, purposes: set[str]) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.sign_in(scopes=tuple(s for s in ALL_SCOPES if s != scope))
        async with r.running_source():
            missing = r.feed.links[-1].missing
            assert {m.what for m in missing} == purposes
            assert all(scope in m.why and "haishin login twitch" in m.why for m in missing)
            expected = {(w.type, w.version) for w in WANTED if w.purpose not in purposes}
            assert r.subscribed() == expected
            assert not [c for c in r.twitch.calls if c.status >= 400], "what is not allowed is not asked for"
            await r.hears("hello")


async def test_rights_that_were_taken_back_since_are_seen_at_the_start(tmp_path: Path) -> None:
    """The file says what was granted once; Twitch says what is."""
    async with rig(tmp_path) as r:
        for token in r.twitch.tokens.values():
            token.scopes = tuple(s for s in token.scopes if s != "bits:read")
        async with r.running_source():
            assert [m.what for m in r.feed.links[-1].missing] == ["bits"]


async def test_without_the_right_to_read_the_chat_it_is_not_called_live(tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.sign_in(scopes=tuple(s for s in ALL_SCOPES if s != "user:read:chat"))
        async with r.running_source(live=False):
            await r.reaches(LinkState.EXPIRED)
            assert "reading the chat" in r.feed.links[-1].detail
            assert "haishin login twitch" in r.feed.links[-1].remedy
        health = await r.source.check()
        assert not health.ok
        assert "haishin login twitch" in health.remedy


@pytest.mark.parametrize(
    ("status", "state"),
    [(403, LinkState.DENIED), (401, LinkState.EXPIRED), (400, LinkState.DENIED), (500, LinkState.DEAF)],
)
async def test_the_chat_is_refused(tmp_path: Path, status: int, state: LinkState) -> None:
    async with rig(tmp_path) as r:
        r.twitch.refused["channel.chat.message"] = (status, "the user is banned from the channel")
        async with r.running_source(live=False):
            await r.reaches(state)
            assert "the user is banned from the channel" in r.feed.links[-1].detail
            assert LinkState.LIVE not in {link.state for link in r.feed.links}
            assert not r.source.actions
            r.twitch.refused.clear()
            r.source.retry_now()
            await r.hears_again("now")


async def test_another_refused_subscription_is_listed_and_not_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sources.twitch.connection.COMPARE_S", 0.1)
    monkeypatch.setattr("bot.sources.twitch.connection.LOOK_S", 0.05)
    async with rig(tmp_path) as r:
        r.twitch.refused["channel.hype_train.begin"] = (403, "not an affiliate")
        async with r.running_source():
            (missing,) = r.feed.links[-1].missing
            assert missing.what == "hype trains"
            assert "not an affiliate" in missing.why
            compared = len(r.calls("eventsub/subscriptions"))
            await r.until(lambda: len(r.calls("eventsub/subscriptions")) > compared + 5)
            asked = [c for c in r.calls("eventsub/subscriptions") if c.method == "POST"]
            assert len([c for c in asked if c.body["type"] == "channel.hype_train.begin"]) == 1
            assert r.state is LinkState.LIVE


# --- orders ---------------------------------------------------------------------------------------

VIEWER = "50002"
MODERATES = {"broadcaster_id": STREAMER, "moderator_id": BOT}
CHAT = {"broadcaster_id": STREAMER, "sender_id": BOT}
ORDERS: list[tuple[ChannelAction, str, str, dict[str, str], Any, str]] = [
    (ChannelAction("send", text="hello"), "POST", "chat/messages", {}, {**CHAT, "message": "hello"}, "sent"),
    (
        *(ChannelAction("reply", text="yes", message="m1"), "POST", "chat/messages", {}),
        *({**CHAT, "message": "yes", "reply_parent_message_id": "m1"}, "sent"),
    ),
    (  # the event of an account is no line of the chat that could be replied to
        *(ChannelAction("reply", text="thanks", message="resub:50002:7"), "POST", "chat/messages", {}),
        *({**CHAT, "message": "thanks"}, "sent"),
    ),
    (
        *(ChannelAction("announce", text="news"), "POST", "chat/announcements", MODERATES),
        *({"color": "primary", "message": "news"}, "announced"),
    ),
    (
        ChannelAction("delete", message="m1"),
        "DELETE",
        "moderation/chat",
        {**MODERATES, "message_id": "m1"},
        None,
        "deleted",
    ),
    (
        *(ChannelAction("timeout", user=VIEWER, seconds=60, text="spam"), "POST", "moderation/bans", MODERATES),
        *({"data": {"user_id": VIEWER, "duration": 60, "reason": "spam"}}, "timed out for 60 s"),
    ),
    (
        *(ChannelAction("ban", user=VIEWER, text="spam"), "POST", "moderation/bans", MODERATES),
        *({"data": {"user_id": VIEWER, "reason": "spam"}}, "banned"),
    ),
    (
        *(ChannelAction("unban", user=VIEWER), "DELETE", "moderation/bans", {**MODERATES, "user_id": VIEWER}),
        *(None, "not banned any more"),
    ),
    (
        *(ChannelAction("warn", user=VIEWER, text="be kind"), "POST", "moderation/warnings", MODERATES),
        *({"data": {"user_id": VIEWER, "reason": "be kind"}}, "warned"),
    ),
    (
        *(ChannelAction("shoutout", user=VIEWER), "POST", "chat/shoutouts"),
        *({"from_broadcaster_id": STREAMER, "moderator_id": BOT, "to_broadcaster_id": VIEWER}, None, "shouted out"),
    ),
    (
        *(ChannelAction("allow", message="held1"), "POST", "moderation/automod/message", {}),
        *({"user_id": BOT, "msg_id": "held1", "action": "ALLOW"}, "allowed"),
    ),
    (
        *(ChannelAction("deny", message="held1"), "POST", "moderation/automod/message", {}),
        *({"user_id": BOT, "msg_id": "held1", "action": "DENY"}, "denied"),
    ),
    (
        *(ChannelAction("title", text="Story time", category="Just Chatting"), "PATCH", "channels"),
        *({"broadcaster_id": STREAMER}, {"title": "Story time", "game_id": "509658"}, "the title is set"),
    ),
    (
        *(ChannelAction("raid", user="@Haishin_Bot"), "POST", "raids"),
        *({"from_broadcaster_id": STREAMER, "to_broadcaster_id": BOT}, None, "the raid has begun"),
    ),
    (
        *(ChannelAction("poll", text="Next?", choices=("cats", "dogs"), seconds=5), "POST", "polls", {}),
        {
            "broadcaster_id": STREAMER,
            "title": "Next?",
            "choices": [{"title": "cats"}, {"title": "dogs"}],
            "duration": 15,
            "channel_points_voting_enabled": False,
        },
        "the poll has begun",
    ),
]


async def test_each_order_reaches_twitch_with_the_right_fields_and_by_the_right_account(tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.sign_in("streamer", STREAMER)
        r.sign_in("bot", BOT)
        async with r.running_source():
            assert r.source.actions == {order[0].action for order in ORDERS}, "each has its test"
            for order, method, path, query, body, said in ORDERS:
                assert await r.source.act(order) == said
                call: Call = r.twitch.calls[-1]
                assert (call.method, call.path, call.query, call.body) == (method, path, query, body), order
                assert call.user == (STREAMER if order.action in ("poll", "title", "raid") else BOT)
                assert call.status < 300
            # What was done comes back as everybody sees it.
            await r.feed.until(lambda: any(x.id == "m1" for x in r.feed.retractions))
            await r.feed.until(lambda: any(x.author == VIEWER for x in r.feed.retractions))
            await r.feed.until(lambda: len([n for n in r.feed.notices if n.what == "automod_update"]) == 2)
            assert r.feed.messages == [], "its own lines do not come back to it"


@pytest.mark.parametrize(
    "order",
    [
        ChannelAction("dance"),
        ChannelAction("send"),
        ChannelAction("send", text="x" * 501),
        ChannelAction("send", text="spam-me-not"),  # taken, and not shown
        ChannelAction("reply", text="to nobody"),
        ChannelAction("announce"),
        ChannelAction("delete"),
        ChannelAction("timeout", seconds=60),
        ChannelAction("ban", text="who?"),
        ChannelAction("unban"),
        ChannelAction("warn", user=VIEWER),
        ChannelAction("shoutout"),
        ChannelAction("poll", text="Next?", choices=("one",)),
        ChannelAction("poll", text="Next?", choices=tuple("abcdef")),
        ChannelAction("poll", text="Next?", choices=("a" * 26, "b")),
        ChannelAction("poll", text="Next?", choices=("", "b")),
        ChannelAction("poll", choices=("a", "b")),
        ChannelAction("title"),
        ChannelAction("title", category="No Such Game"),
        ChannelAction("raid"),
        ChannelAction("raid", user="nobody_at_all"),
        ChannelAction("allow"),
    ],
    ids=lambda o: f"{o.action} {o.text[:12]}",
)
async def test_what_does_not_fit_is_refused(tmp_path: Path, order: ChannelAction) -> None:
    async with rig(tmp_path) as r, r.running_source():
        with pytest.raises(Refused):
            await r.source.act(order)
        assert not [c for c in r.twitch.calls if c.status >= 400]


async def test_an_order_without_its_right_is_refused_and_not_offered(tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.sign_in(scopes=tuple(s for s in ALL_SCOPES if s != "moderator:manage:banned_users"))
        async with r.running_source():
            assert r.source.actions == {o[0].action for o in ORDERS} - {"timeout", "ban", "unban"}
            with pytest.raises(Refused, match="right to ban"):
                await r.source.act(ChannelAction("ban", user=VIEWER))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Refused),
        (404, Refused),
        (409, Refused),
        (403, DeniedError),
        (401, ExpiredError),
        (500, TransientError),
        (418, FatalError),
    ],
)
async def test_errors_have_their_names_and_say_what_twitch_said(
    tmp_path: Path, status: int, error: type[Exception]
) -> None:
    async with rig(tmp_path) as r, r.running_source():
        r.twitch.refused["moderation/bans"] = (status, "the user is already banned")
        with pytest.raises(error, match="the user is already banned"):
            await r.source.act(ChannelAction("ban", user=VIEWER))
        await r.hears("undisturbed")


async def test_an_order_while_twitch_is_away(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        await r.twitch.misbehave("helix_down")
        with pytest.raises(TransientError, match="cannot be reached"):
            await r.source.act(ChannelAction("send", text="hello"))
        await r.twitch.misbehave("drop")
        await r.reaches(LinkState.DEAF)
        with pytest.raises(TransientError, match="not connected"):
            await r.source.act(ChannelAction("send", text="hello"))


async def test_a_session_that_is_closed_in_mid_request_is_a_lost_connection() -> None:
    session = aiohttp.ClientSession()
    http = Http(
        client_id="x", api="http://127.0.0.1:9/", id_base="http://127.0.0.1:9/", session=session,
        access=lambda _user: "", renew=_never,
    )  # fmt: skip
    await session.close()
    with pytest.raises(TransientError):
        await http.request(Route("GET", "streams"))


async def _never(_http: Http, _user: str, _stale: str) -> str:
    raise AssertionError("nothing is renewed")


# --- limits ---------------------------------------------------------------------------------------


async def test_a_refusal_for_too_many_requests_says_when_to_come_back(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        await r.twitch.misbehave("helix_429")
        with pytest.raises(QuotaError) as refused:
            await r.source.act(ChannelAction("delete", message="m1"))
        assert refused.value.retry_after_s
        assert 1.0 <= refused.value.retry_after_s <= 3.0
        calls = len(r.twitch.calls)
        later = asyncio.ensure_future(r.source.act(ChannelAction("delete", message="m2")))
        await asyncio.sleep(0.3)
        assert len(r.twitch.calls) == calls, "it waits until then"
        r.twitch.heal()
        assert await later == "deleted"
        await r.hears("undisturbed")


async def test_too_many_requests_at_the_start_are_waited_out(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        await r.twitch.misbehave("helix_429")
        async with r.running_source(live=False):
            await r.reaches(LinkState.DEAF)
            assert "pause" in r.feed.links[-1].detail
            calls = len(r.twitch.calls)
            await asyncio.sleep(0.5)
            assert len(r.twitch.calls) == calls
            r.twitch.heal()
            await r.hears_again("at last")


async def test_it_follows_what_twitch_says_is_left(tmp_path: Path) -> None:
    """Other programs use up the same points: asked without looking at the headers, half would be refused."""
    async with rig(tmp_path) as r, r.running_source():
        r.twitch.points, r.twitch.points_at = 2.0, r.twitch.now()
        for i in range(12):
            await r.source.act(ChannelAction("delete", message=f"m{i}"))
        deletes = r.calls("moderation/chat")
        assert len(deletes) == 12
        assert {c.status for c in deletes} == {204}


async def test_a_limit_of_one_thing_alone_does_not_hold_up_the_others(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        r.twitch.shouted[VIEWER] = r.twitch.now()  # somebody else gave it
        with pytest.raises(QuotaError, match="too soon"):
            await r.source.act(ChannelAction("shoutout", user=VIEWER))
        assert r.source._actions
        await r.source._actions._http.bucket.take(most_s=0.0)  # open, unlike after a refusal of everything
        assert await r.source.act(ChannelAction("delete", message="m1")) == "deleted"


async def test_a_second_shoutout_is_not_even_asked_for(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        await r.source.act(ChannelAction("shoutout", user=VIEWER))
        with pytest.raises(QuotaError) as refused:
            await r.source.act(ChannelAction("shoutout", user="50003"))
        assert 110 < (refused.value.retry_after_s or 0) <= 120
        assert len(r.calls("chat/shoutouts")) == 1


async def test_an_account_that_does_not_moderate_writes_twenty_lines_and_then_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sources.twitch.actions.CHAT_S", 300.0)  # the next is free in 15 s, the one after in 30
    monkeypatch.setattr("bot.sources.twitch.actions.PATIENCE_S", 20.0)
    async with rig(tmp_path, signed_in=False) as r:
        r.sign_in("bot", BOT, ("user:read:chat", "user:write:chat"))
        async with r.running_source():
            async with asyncio.TaskGroup() as group:
                for i in range(20):
                    group.create_task(r.source.act(ChannelAction("send", text=f"line {i}")))
            waiting = asyncio.ensure_future(r.source.act(ChannelAction("send", text="one more")))
            await asyncio.sleep(0.1)
            with pytest.raises(QuotaError) as refused:  # it would wait for longer than an order may
                await r.source.act(ChannelAction("send", text="and another"))
            assert 20 < (refused.value.retry_after_s or 0) <= 30
            assert not waiting.done()
            assert len(r.calls("chat/messages")) == 20
            waiting.cancel()
            await asyncio.wait({waiting})


# --- looking --------------------------------------------------------------------------------------


async def test_a_check_says_how_it_stands_and_changes_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        before = r.file.read_bytes(), r.file.stat().st_mtime_ns
        health = await r.source.check()
        assert health.ok
        assert health.detail == "streamer in #streamer, 25 kinds of events"
        assert all(c.method == "GET" for c in r.twitch.calls)
        assert not r.twitch.sessions
        assert not r.twitch.asked
        assert (r.file.read_bytes(), r.file.stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    ("fault", "said"), [("helix_down", "cannot be reached"), ("helix_5xx", "internal"), ("helix_429", "pause")]
)
async def test_a_check_of_a_twitch_that_is_away_never_raises(tmp_path: Path, fault: str, said: str) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.sign_in("bot", BOT)
        await r.twitch.misbehave(fault)
        health = await r.source.check()
        assert not health.ok
        assert said in health.detail


async def test_a_check_of_nobody_and_of_a_sign_in_that_ran_out(tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        health = await r.source.check()
        assert (health.ok, "haishin login twitch" in health.remedy) == (False, True)
        r.sign_in()
        await r.twitch.misbehave("expire_tokens")
        await r.twitch.misbehave("kill_refresh")
        health = await r.source.check()
        assert (health.ok, "run out" in health.detail) == (False, True)
