"""What breaks at Twitch within a day, each in turn against the fake: the source outlives it, and says how it stands."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.sources.source import LinkState
from bot.sources.twitch import connection as module
from bot.types import Message
from tests.sources.twitch_rig import ALL_TYPES, STREAMER, hurry, rig

# --- the connection is lost -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("drop", {}),
        ("close", {"code": 4000}),
        ("close", {"code": 4002}),
        ("close", {"code": 4003}),  # connection unused: the library gives up for good
        ("close", {"code": 4001}),  # as it does here
        ("close", {"code": 4007}),
        ("reconnect_new", {}),
    ],
    ids=str,
)
async def test_a_lost_connection_is_built_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, options: dict[str, Any]
) -> None:
    hurry(monkeypatch, GRACE_S=600, COMPARE_S=600)  # the loss itself must be noticed, not the silence after it
    async with rig(tmp_path) as r, r.running_source():
        await r.hears("before")
        n, old = len(r.feed.links), set(r.twitch.sessions)
        await r.twitch.misbehave(fault, **options)
        await r.reaches(LinkState.DEAF, n)
        await r.hears_again("after")
        assert not old & set(r.twitch.sessions)
        assert len(r.twitch.sessions) == 1
        assert r.feed.links[-1].reconnects == 1


async def test_a_move_that_keeps_the_session_loses_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        n, session = len(r.feed.links), next(iter(r.twitch.sessions.values()))
        before, asked = session.socket, len(r.calls("eventsub/subscriptions"))
        await r.twitch.misbehave("reconnect_same")
        for i in range(50):  # written all through the move
            await r.twitch.chat("ann", f"line {i}")
            await asyncio.sleep(0.005)
        await r.until(lambda: session.socket is not before)
        await r.hears("after")
        assert [m.text for m in r.feed.messages] == [*(f"line {i}" for i in range(50)), "after"]
        assert len(r.calls("eventsub/subscriptions")) == asked, "nothing had to be subscribed to again"
        assert len(r.twitch.sessions) == 1, "no second socket"
        assert r.subscribed() == ALL_TYPES
        assert all(link.state is LinkState.LIVE for link in r.feed.links[n:])


async def test_after_a_kept_session_what_is_missing_is_made_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that believes to have no subscriptions after such a move would open a second socket."""
    hurry(monkeypatch)
    async with rig(tmp_path) as r, r.running_source():
        session = next(iter(r.twitch.sessions.values()))
        before = session.socket
        await r.twitch.misbehave("reconnect_same")
        await r.until(lambda: session.socket is not before)
        await r.twitch.misbehave("forget_subscriptions")
        await r.hears_again("again")
        assert list(r.twitch.sessions) == [session.id]


async def test_the_two_accounts_have_a_socket_each_and_either_loss_is_noticed(tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.sign_in("streamer")
        r.sign_in("bot", "1002")
        async with r.running_source():
            assert sorted(s.user for s in r.twitch.sessions.values()) == [STREAMER, "1002"]
            for user in (STREAMER, "1002"):
                n = len(r.feed.links)
                await next(s for s in r.twitch.sessions.values() if s.user == user).socket.close()  # type: ignore[union-attr]
                await r.reaches(LinkState.DEAF, n)
                await r.hears_again(f"after {user}")
                assert len(r.twitch.sessions) == 2


async def test_helix_away_while_it_resubscribes_does_not_make_it_deaf(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        n = len(r.feed.links)
        await r.twitch.misbehave("helix_down")
        for _ in range(2):  # the second drop is the one that the library ignores
            await r.twitch.misbehave("drop")
            await asyncio.sleep(0.8)
        since = [link.state for link in r.feed.links[n:]]
        assert LinkState.LIVE not in since[since.index(LinkState.DEAF) :], "it says that it hears, and does not"
        assert "cannot be reached" in " ".join(link.detail for link in r.feed.links[n:])
        r.twitch.heal()
        await r.hears_again("after")


async def test_a_platform_that_is_down_altogether_is_waited_for(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        await r.twitch.misbehave("down", for_s=1.5)
        await r.hears_again("after")


@pytest.mark.parametrize("fault", ["ws_refuse", "no_welcome"])
async def test_sockets_that_are_refused_or_not_welcomed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr("bot.sources.twitch.helix.REQUEST_S", 0.5)
    async with rig(tmp_path) as r:
        await r.twitch.misbehave(fault)
        async with r.running_source(live=False):
            await r.reaches(LinkState.DEAF)
            assert "no welcome" in r.feed.links[-1].detail
            r.twitch.heal()
            await r.hears_again("at last")


async def test_requests_that_are_never_answered_have_a_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sources.twitch.helix.REQUEST_S", 0.3)
    async with rig(tmp_path) as r:
        await r.twitch.misbehave("helix_hang")
        async with r.running_source(live=False):
            await r.reaches(LinkState.DEAF)
            assert "cannot be reached (TimeoutError)" in r.feed.links[-1].detail
            r.twitch.heal()
            await r.hears_again("at last")


# --- connected, and yet deaf ----------------------------------------------------------------------


async def test_a_socket_that_says_nothing_more_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch, KEEPALIVE_S=1, GRACE_S=1.5, COMPARE_S=600)
    async with rig(tmp_path) as r, r.running_source():
        n = len(r.feed.links)
        await asyncio.sleep(3.0)  # keepalives alone hold it up
        assert {link.state for link in r.feed.links[n:]} == {LinkState.LIVE}
        n = len(r.feed.links)
        await r.twitch.misbehave("half_open")
        await r.reaches(LinkState.DEAF, n)
        assert "nothing was heard for" in next(x.detail for x in r.feed.links[n:] if x.state is LinkState.DEAF)
        await r.hears_again("after")


def test_silence_is_noticed_within_25_seconds() -> None:
    assert module.KEEPALIVE_S + module.GRACE_S + module.LOOK_S < 25
    assert module.GRACE_S >= 2  # a keepalive may be late


async def test_one_of_two_sockets_that_falls_silent_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one's frames must not hide it: payments come over the streamer's, the chat over the bot's."""
    hurry(monkeypatch, KEEPALIVE_S=1, GRACE_S=1.5, COMPARE_S=600)
    async with rig(tmp_path, signed_in=False) as r:
        r.sign_in("streamer")
        r.sign_in("bot", "1002")
        async with r.running_source():
            n = len(r.feed.links)
            next(s for s in r.twitch.sessions.values() if s.user == "1002").silent = True
            await r.reaches(LinkState.DEAF, n)
            await r.hears_again("after")


async def test_forgotten_subscriptions_are_found_and_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    async with rig(tmp_path) as r, r.running_source():
        n, session = len(r.feed.links), set(r.twitch.sessions)
        await r.twitch.misbehave("forget_subscriptions")
        assert await r.twitch.chat("ann", "into the void") not in r.feed.ids
        await r.reaches(LinkState.DEAF, n)
        await r.hears_again("again")
        assert set(r.twitch.sessions) == session, "the socket was good"


async def test_one_forgotten_subscription_is_made_again_and_the_others_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    async with rig(tmp_path) as r, r.running_source():
        session = next(iter(r.twitch.sessions.values()))
        lost = next(k for k, sub in session.subscriptions.items() if sub["type"] == "channel.raid")
        kept = set(session.subscriptions) - {lost}
        del session.subscriptions[lost]
        await r.hears_again("again")
        assert kept < set(session.subscriptions)


async def test_errors_of_the_server_while_subscribing_are_made_good_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library loses such a subscription with one line in the log."""
    hurry(monkeypatch)
    async with rig(tmp_path) as r:
        for kind in ("channel.cheer", "channel.raid"):
            r.twitch.refused[kind] = (500, "internal server error")
        async with r.running_source():
            assert r.feed.links[-1].missing == (), "that passes: no right is missing"
            await r.hears("the chat is heard meanwhile")
            assert len(r.subscribed()) == len(ALL_TYPES) - 2
            r.twitch.refused.clear()
            await r.hears_again("after")
            await r.twitch.cheer("bo", 100)
            await r.feed.until(lambda: any(m.evidence and m.evidence.event == "channel.cheer" for m in r.feed.messages))


async def test_errors_of_the_server_for_the_chat_itself_are_not_called_live(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        await r.twitch.misbehave("helix_5xx", only="subscriptions")
        async with r.running_source(live=False):
            await r.reaches(LinkState.DEAF)
            await asyncio.sleep(0.5)
            assert LinkState.LIVE not in {link.state for link in r.feed.links}
            r.twitch.heal()
            await r.hears_again("at last")


async def test_a_comparison_that_fails_is_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    async with rig(tmp_path) as r, r.running_source():
        n, asked = len(r.feed.links), len(r.calls("eventsub/subscriptions"))
        await r.twitch.misbehave("helix_5xx")
        await r.until(lambda: len(r.calls("eventsub/subscriptions")) > asked + 2)
        await r.hears("still heard")
        assert {link.state for link in r.feed.links[n:]} <= {LinkState.LIVE}


async def test_a_revoked_type_is_made_again_where_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    async with rig(tmp_path) as r, r.running_source():
        await r.twitch.misbehave("revoke", type="channel.raid", status="version_removed")
        await r.hears_again("again")


async def test_a_revoked_sign_in_asks_for_a_person(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        n = len(r.feed.links)
        await r.twitch.misbehave("revoke")
        await r.reaches(LinkState.EXPIRED, n)
        assert "taken back" in r.feed.links[-1].detail
        assert "haishin login twitch" in r.feed.links[-1].remedy
        assert not r.source.actions
        await r.until(lambda: not r.twitch.sessions)
        r.sign_in()
        r.source.retry_now()
        await r.hears_again("signed in again")


async def test_a_slow_database_is_no_silence_of_twitch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch, KEEPALIVE_S=1, GRACE_S=1.0, COMPARE_S=600)
    async with rig(tmp_path) as r, r.running_source():
        offer = r.feed.offer

        async def slowly(message: Message) -> None:
            await asyncio.sleep(1.2)
            await offer(message)

        r.feed.offer = slowly  # type: ignore[method-assign]
        for i in range(4):
            await r.twitch.chat("ann", f"line {i}")
        await r.until(lambda: len(r.feed.messages) == 4)
        assert r.feed.links[-1].reconnects == 0
        assert r.state is LinkState.LIVE
