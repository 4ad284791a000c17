"""Signing in, renewing, running out: one renewal for many, nothing secret told, nothing lost on the disk."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import time
from pathlib import Path

import aiohttp
import pytest

from bot.errors import FatalError, QuotaError, TransientError
from bot.sources import credentials
from bot.sources.connection import ExpiredError
from bot.sources.source import ChannelAction, LinkState, SignInStep
from bot.sources.twitch import login
from tests.sources.twitch_rig import ALL_SCOPES, STREAMER, Rig, logged, rig


async def send(r: Rig, text: str) -> str:
    return await r.source.act(ChannelAction("send", text=text))


# --- renewing -------------------------------------------------------------------------------------


async def test_five_requests_that_find_an_old_token_lead_to_one_renewal(tmp_path: Path) -> None:
    """A refresh token is good for one use: four of five renewals would fail and end the sign-in."""
    async with rig(tmp_path) as r, r.running_source():
        old = r.stored()["bot"]
        await r.twitch.misbehave("expire_tokens")
        assert await asyncio.gather(*(send(r, f"line {i}") for i in range(5))) == ["sent"] * 5
        assert r.twitch.refreshes == 1
        new = r.stored()["bot"]
        assert new["access"] != old["access"]
        assert new["refresh"] != old["refresh"]
        assert len([c for c in r.calls("chat/messages") if c.status == 200]) == 5


async def test_a_token_that_ends_soon_is_renewed_early(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        r.twitch.token_life_s = 60.0
        r.sign_in()
        r.twitch.token_life_s = 4 * 3600.0
        async with r.running_source():
            await r.until(lambda: r.twitch.refreshes == 1)
            await r.until(lambda: r.stored()["bot"]["ends_at"] > time.time() + 3 * 3600)
            await r.feed.until(lambda: (r.feed.links[-1].expires_in_s or 0) > 3 * 3600)
            await r.hears("undisturbed")
            assert r.source.monitor.link.reconnects == 0


async def test_one_account_in_both_roles_is_renewed_once_for_both(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        r.sign_in("streamer", STREAMER)
        async with r.running_source():
            await r.twitch.misbehave("expire_tokens")
            await send(r, "hello")
            stored = r.stored()
            assert stored["bot"]["refresh"] == stored["streamer"]["refresh"]
            assert stored["bot"]["refresh"] in r.twitch.refresh


async def test_a_check_beside_a_running_source_does_not_take_its_renewals_away(tmp_path: Path) -> None:
    async with rig(tmp_path) as r, r.running_source():
        assert (await r.source.check()).ok
        await r.twitch.misbehave("expire_tokens")
        assert await send(r, "hello") == "sent"
        assert r.twitch.refreshes == 1


@pytest.mark.parametrize("running", [True, False])
async def test_a_sign_in_that_cannot_be_renewed_asks_for_a_person(tmp_path: Path, running: bool) -> None:
    async with rig(tmp_path) as r:
        if not running:
            await r.twitch.misbehave("expire_tokens")
            await r.twitch.misbehave("kill_refresh")
        async with r.running_source(live=running):
            if running:
                await r.twitch.misbehave("expire_tokens")
                await r.twitch.misbehave("kill_refresh")
                with pytest.raises(ExpiredError):
                    await send(r, "hello")
                await r.twitch.misbehave("drop")
            await r.reaches(LinkState.EXPIRED)
            link = r.feed.links[-1]
            assert "run out" in link.detail
            assert link.remedy == "Sign in again: haishin login twitch"
            calls = len(r.twitch.asked)
            await asyncio.sleep(0.5)
            assert len(r.twitch.asked) == calls, "it does not hammer"
            r.twitch.heal()
            r.sign_in()
            r.source.retry_now()
            await r.hears_again("signed in again")


async def test_nobody_signed_in(tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False) as r, r.running_source(live=False):
        await r.reaches(LinkState.EXPIRED)
        assert "nobody is signed in" in r.feed.links[-1].detail
        assert "haishin login twitch" in r.feed.links[-1].remedy
        assert not r.twitch.calls
        with pytest.raises(TransientError):
            await send(r, "hello")


async def test_twitch_away_while_renewing_is_no_lost_sign_in(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        await r.twitch.misbehave("expire_tokens")
        await r.twitch.misbehave("helix_5xx")  # the sign-in server too
        async with r.running_source(live=False):
            await r.reaches(LinkState.DEAF)
            assert LinkState.EXPIRED not in {link.state for link in r.feed.links}
            r.twitch.heal()
            await r.hears_again("at last")
            assert r.twitch.refreshes == 1


# --- on the disk ----------------------------------------------------------------------------------


async def test_the_file_is_its_owners_alone_and_whole_at_every_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[tuple[int, bool]] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        moments.append((stat.S_IMODE(self.stat().st_mode), json.loads(self.read_text()).keys() >= {"bot"}))
        assert json.loads(Path(target).read_text())["bot"], "until then the old one stands"
        return replace(self, target)

    async with rig(tmp_path) as r:
        monkeypatch.setattr(Path, "replace", watched)
        old_mask = os.umask(0)
        try:
            async with r.running_source():
                await r.twitch.misbehave("expire_tokens")
                await send(r, "hello")
        finally:
            os.umask(old_mask)
        assert moments == [(0o600, True)]
        assert stat.S_IMODE(r.file.stat().st_mode) == 0o600
        assert [f.name for f in tmp_path.iterdir()] == ["twitch.json"], "nothing is left beside it"


async def test_a_full_disk_loses_no_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refresh token on the disk is used up: read again, it would end the sign-in."""

    def full(path: Path, data: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.sources.twitch.tokens.LOOK_S", 0.05)
    async with rig(tmp_path) as r, r.running_source():
        before = r.stored()
        with monkeypatch.context() as context:
            context.setattr(credentials, "write", full)
            await r.twitch.misbehave("expire_tokens")
            await send(r, "hello")
            await r.twitch.misbehave("drop")  # the next attempt reads the file
            await r.reaches(LinkState.DEAF)
            await r.hears_again("after")
            await r.twitch.misbehave("expire_tokens")
            await send(r, "and again")
            assert r.stored() == before
        await r.until(lambda: r.stored()["bot"]["refresh"] in r.twitch.refresh)


@pytest.mark.parametrize(
    "content", [b"", b"{not json", b"[]", b'{"bot": 7}', b'{"bot": {"scopes": 3}}', b"\xff\xfe\x00", b"[" * 100_000]
)
async def test_a_broken_file_is_nobody_signed_in(tmp_path: Path, content: bytes) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.file.write_bytes(content)
        async with r.running_source(live=False):
            await r.reaches(LinkState.EXPIRED)
            assert not r.twitch.calls


# --- secrets --------------------------------------------------------------------------------------


async def test_no_secret_stands_in_an_error_a_log_a_link_or_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.sources.twitch.helix.REQUEST_S", 0.3)
    caplog.set_level(0)
    errors: list[BaseException] = []
    with logged() as lines:
        async with rig(tmp_path) as r, r.running_source():
            for fault in ("helix_down", "helix_5xx", "helix_429", "helix_hang"):
                await r.twitch.misbehave(fault)
                with pytest.raises((TransientError, QuotaError)) as caught:
                    await send(r, f"during {fault}")
                errors.append(caught.value)
                r.twitch.heal()
                r.source._actions._http.bucket._shut_until = 0.0  # type: ignore[union-attr]
            await r.twitch.misbehave("expire_tokens")
            await r.twitch.misbehave("kill_refresh")
            with pytest.raises(ExpiredError) as ran_out:
                await send(r, "without a sign-in")
            errors.append(ran_out.value)
            await r.twitch.misbehave("drop")
            await r.reaches(LinkState.EXPIRED)
            health = await r.source.check()
            hidden = {*r.twitch.tokens, *(t.refresh for t in r.twitch.tokens.values()), *r.twitch.refresh}
            queries = [query for query, _ in r.twitch.asked]
            asked = [form.get("refresh_token", "") for _, form in r.twitch.asked]
            told = [*lines, *(x.getMessage() for x in caplog.records), repr(r.feed.links), repr(health), *queries]
            for error in errors:
                told += [repr(error), str(error), repr(error.__cause__), repr(vars(error)), repr(error.__context__)]
    assert hidden & set(asked), "a renewal was asked for"
    assert len(hidden) == 2
    for secret in hidden:
        assert len(secret) > 20
        assert not [words for words in told if secret in words]


# --- signing in -----------------------------------------------------------------------------------


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "LEAST_S", 0.02)
    monkeypatch.setattr(login, "SLOWER_S", 0.05)


@pytest.mark.usefixtures("quickly")
async def test_signing_in_with_a_code(tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.twitch.device_interval_s, r.twitch.approve_after, r.twitch.approve_as = 0, 3, STREAMER
        steps: list[SignInStep] = []
        await r.source.sign_in(steps.append)
        waiting, done = steps
        assert (waiting.state, done.state) == ("waiting", "done")
        assert waiting.url.startswith(r.twitch.base)
        assert waiting.code in waiting.url
        assert waiting.until > asyncio.get_running_loop().time()
        assert "streamer" in done.detail
        stored = r.stored()["bot"]
        assert stored["user"] == STREAMER
        assert set(stored["scopes"]) == set(ALL_SCOPES), "one account does all"
        assert stat.S_IMODE(r.file.stat().st_mode) == 0o600
        assert not any("client_secret" in form for _, form in r.twitch.asked)
        async with r.running_source():
            await r.hears("hello")


@pytest.mark.usefixtures("quickly")
async def test_both_accounts_sign_in_one_after_the_other(tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.twitch.device_interval_s, r.twitch.approve_after = 0, 1
        steps: list[SignInStep] = []
        r.twitch.approve_as = STREAMER
        await r.source.sign_in(steps.append, "streamer")
        r.twitch.approve_as = "1002"
        await r.source.sign_in(steps.append, "bot")
        stored = r.stored()
        assert {role: stored[role]["user"] for role in stored} == {"streamer": STREAMER, "bot": "1002"}
        # Once the two are known to be two, each is asked for its own rights alone.
        await r.source.sign_in(steps.append, "bot")
        r.twitch.approve_as = STREAMER
        await r.source.sign_in(steps.append, "streamer")
        stored = r.stored()
        assert "bits:read" not in stored["bot"]["scopes"]
        assert "user:write:chat" not in stored["streamer"]["scopes"]
        async with r.running_source():
            assert r.feed.links[-1].account == "haishin_bot in #streamer"
            assert r.feed.links[-1].missing == ()
            assert await send(r, "hello") == "sent"
            assert r.calls("chat/messages")[-1].user == "1002"


@pytest.mark.usefixtures("quickly")
@pytest.mark.parametrize("second", ["bot", "streamer"])
async def test_one_account_that_signs_in_twice_loses_no_right(second: str, tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.twitch.device_interval_s, r.twitch.approve_after, r.twitch.approve_as = 0, 1, STREAMER
        await r.source.sign_in(lambda _: None)
        await r.source.sign_in(lambda _: None, second)
        await r.source.sign_in(lambda _: None)
        assert all(set(account["scopes"]) == set(ALL_SCOPES) for account in r.stored().values())
        async with r.running_source():
            assert r.feed.links[-1].missing == ()


@pytest.mark.usefixtures("quickly")
async def test_it_asks_more_slowly_when_it_is_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        waits.append(round(seconds, 3))
        await sleep(0)

    async with rig(tmp_path, signed_in=False) as r:
        r.twitch.device_interval_s, r.twitch.slow_downs, r.twitch.approve_after = 0, 2, 5
        with monkeypatch.context() as context:
            context.setattr(asyncio, "sleep", noted)
            await r.source.sign_in(lambda _: None)
        assert [w for w in waits if 0.02 <= w < 0.2][:4] == [0.07, 0.12, 0.12, 0.12]


@pytest.mark.usefixtures("quickly")
@pytest.mark.parametrize("how", ["refused", "code gone", "too late"])
async def test_a_sign_in_that_comes_to_nothing_says_why_and_stores_nothing(tmp_path: Path, how: str) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.twitch.device_interval_s, r.twitch.approve_after = 0, None
        r.twitch.refuses_device = how == "refused"
        if how == "too late":
            r.twitch.device_life_s = 1.2  # told as one second
        steps: list[SignInStep] = []

        def show(step: SignInStep) -> None:
            steps.append(step)
            if how == "code gone":
                r.twitch.devices.clear()

        with pytest.raises(FatalError) as failed:
            await r.source.sign_in(show)
        said = {"refused": "access_denied", "code gone": "invalid device code", "too late": "nobody typed"}
        assert said[how] in str(failed.value)
        assert [s.state for s in steps] == ["waiting"]
        assert not r.file.exists()


@pytest.mark.usefixtures("quickly")
async def test_a_moment_without_a_connection_does_not_end_a_sign_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.twitch.device_interval_s, r.twitch.approve_after = 0, 1
        failing = iter([True, True, False])
        request = aiohttp.ClientSession.request

        def now_and_then(self: aiohttp.ClientSession, method: str, url: str, **more: object) -> object:
            if url.endswith("/oauth2/token") and next(failing, False):
                raise aiohttp.ClientConnectionError
            return request(self, method, url, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(aiohttp.ClientSession, "request", now_and_then)
        await r.source.sign_in(lambda _: None)
        assert r.stored()["bot"]["access"] in r.twitch.tokens


@pytest.mark.usefixtures("quickly")
async def test_a_moment_of_errors_does_not_end_a_sign_in(tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False) as r:
        r.twitch.device_interval_s, r.twitch.approve_after = 0, 1
        await r.source.sign_in(lambda _: r.twitch.begin("helix_5xx", 0.2))
        assert r.stored()["bot"]["access"] in r.twitch.tokens
        assert len(r.twitch.asked) > 2


async def test_an_application_that_twitch_does_not_know(tmp_path: Path) -> None:
    async with rig(tmp_path, signed_in=False, client_id="") as r:
        with pytest.raises(FatalError) as failed:
            await r.source.sign_in(lambda _: None)
        assert "client_id" in failed.value.remedy
