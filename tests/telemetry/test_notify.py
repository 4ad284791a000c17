"""Alarms reach people who do not look at the control room, and a target that fails holds up nothing."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import respx
from pydantic import ValidationError

from bench.support.channel import running
from bot.errors import FatalError, TransientError
from bot.telemetry import notify
from bot.telemetry.alarms import Alarm, AlarmLevel, Alarms
from bot.telemetry.notify import (
    AlarmNotice,
    CommandTarget,
    NoticeState,
    Notifier,
    WebhookTarget,
    open_targets,
    try_targets,
)
from bot.telemetry.settings import NotifySettings, Webhook

ADDRESS = "https://hooks.example/secret-part"


def notice(text: str = "the stream is cut off", state: NoticeState = NoticeState.RAISED) -> AlarmNotice:
    return AlarmNotice(Alarm("cut_off:twitch", AlarmLevel.ERROR, text, "Look at OBS.", 0.0), state, "Mira")


class Noted:
    def __init__(
        self,
        level: AlarmLevel = AlarmLevel.WARNING,
        fail: Callable[[], Awaitable[None]] | None = None,
        name: str = "note",
    ) -> None:
        self.name, self.level, self._fail = name, level, fail
        self.got: list[tuple[str, str]] = []

    async def send(self, notice: AlarmNotice) -> None:
        if self._fail:
            await self._fail()
        self.got.append((notice.alarm.id, notice.state.value))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("discord", {"content": "🔴 Mira: the stream is cut off Look at OBS.", "allowed_mentions": {"parse": []}}),
        (
            "telegram",
            {
                "chat_id": "7",
                "text": "🔴 Mira: the stream is cut off Look at OBS.",
                "link_preview_options": {"is_disabled": True},
            },
        ),
        (
            "json",
            {
                "id": "cut_off:twitch",
                "level": "error",
                "state": "raised",
                "text": "the stream is cut off",
                "remedy": "Look at OBS.",
                "host": "Mira",
            },
        ),
    ],
)
async def test_each_kind_of_webhook_gets_its_form(kind: str, wanted: object) -> None:
    webhook = Webhook.model_validate({"kind": kind, "url": ADDRESS, "chat_id": "7"})
    with respx.mock() as mock:
        route = mock.post(ADDRESS).respond(204)
        async with httpx.AsyncClient() as client:
            await WebhookTarget(webhook, client).send(notice())
    assert json.loads(route.calls.last.request.content) == wanted


async def test_ntfy_gets_plain_words_and_a_priority() -> None:
    with respx.mock() as mock:
        route = mock.post(ADDRESS).respond(200)
        async with httpx.AsyncClient() as client:
            target = WebhookTarget(Webhook.model_validate({"kind": "ntfy", "url": ADDRESS}), client)
            await target.send(notice("直播断了"))
            await target.send(notice(state=NoticeState.OVER))
    first, last = (call.request for call in route.calls)
    assert first.content.decode().startswith("🔴 Mira: 直播断了")
    assert (first.headers["Priority"], last.headers["Priority"]) == ("5", "3")
    assert last.content.decode() == "✅ Mira: over: the stream is cut off"


@pytest.mark.parametrize(("status", "error"), [(429, TransientError), (503, TransientError), (404, FatalError)])
async def test_a_refusal_says_whether_to_try_again_and_never_the_address(status: int, error: type[Exception]) -> None:
    with respx.mock() as mock:
        mock.post(ADDRESS).respond(status, text=ADDRESS)
        async with httpx.AsyncClient() as client:
            target = WebhookTarget(Webhook.model_validate({"url": ADDRESS}), client)
            with pytest.raises(error) as raised:
                await target.send(notice())
    assert "secret-part" not in f"{raised.value}{target.name}"


async def test_a_network_that_fails_is_worth_another_attempt() -> None:
    with respx.mock() as mock:
        mock.post(ADDRESS).mock(side_effect=httpx.ConnectError(f"no route to {ADDRESS}"))
        async with httpx.AsyncClient() as client:
            with pytest.raises(TransientError) as raised:
                await WebhookTarget(Webhook.model_validate({"url": ADDRESS}), client).send(notice())
    assert "secret-part" not in str(raised.value)


async def test_a_command_gets_the_alarm_in_its_environment(tmp_path: Path) -> None:
    script = "import os, sys; open(sys.argv[1], 'w').write(os.environ['HAISHIN_ALARM_TEXT'])"
    file = tmp_path / "told"
    await CommandTarget([sys.executable, "-c", script, str(file)], AlarmLevel.ERROR).send(notice("down\0 $(id)"))
    assert file.read_text() == "down $(id)"


async def test_a_command_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "SEND_S", 0.05)
    with pytest.raises(FatalError, match="did not end"):
        await CommandTarget([sys.executable, "-c", "import time; time.sleep(60)"], AlarmLevel.ERROR).send(notice())


@pytest.mark.parametrize("command", [["no-such-program-here"], [sys.executable, "-c", "raise SystemExit(3)"]])
async def test_a_command_that_fails_says_how(command: list[str]) -> None:
    with pytest.raises(FatalError, match=r"cannot be run|ended with 3"):
        await CommandTarget(command, AlarmLevel.ERROR).send(notice())


async def test_what_comes_and_goes_is_told_once_in_ten_minutes() -> None:
    clock, target = Clock(), Noted()
    alarms = Alarms(clock)
    notifier = Notifier(alarms, [target], host="Mira", clock=clock)
    async with running(notifier):
        for _ in range(5):
            clock.now += 1
            alarms.raise_alarm("a", "down", "")
            notifier.look()
            alarms.clear("a")
            notifier.look()
            await settle()
        assert target.got == [("a", "raised"), ("a", "over")]
        alarms.raise_alarm("a", "down", "")
        notifier.look()
        clock.now += notify.AGAIN_S
        notifier.look()
        await settle()
        assert target.got[2:] == [("a", "raised")], "one that stands when the time is over is told then"


async def test_a_target_hears_of_its_level_alone_and_of_what_grows_worse() -> None:
    clock, all_of_it, errors = Clock(), Noted(), Noted(AlarmLevel.ERROR)
    alarms = Alarms(clock)
    notifier = Notifier(alarms, [all_of_it, errors], host="", clock=clock)
    async with running(notifier):
        alarms.raise_alarm("a", "slow", "")
        notifier.look()
        alarms.raise_alarm("a", "down", "", AlarmLevel.ERROR)
        notifier.look()
        await settle()
        assert all_of_it.got == [("a", "raised"), ("a", "raised")]
        assert errors.got == [("a", "raised")]


async def test_a_target_that_hangs_or_raises_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "PAUSES_S", ())

    async def hang() -> None:
        await asyncio.Event().wait()

    async def burst() -> None:
        raise KeyError("a library's own")

    clock, good = Clock(), Noted()
    alarms = Alarms(clock)
    notifier = Notifier(
        alarms, [Noted(fail=hang, name="hangs"), Noted(fail=burst, name="bursts"), good], host="", clock=clock
    )
    async with running(notifier):
        alarms.raise_alarm("first", "down", "", AlarmLevel.ERROR)
        notifier.look()
        await settle()
        assert "notify:bursts" in [a.id for a in alarms.standing()]
        for number in range(notify.MAX_WAITING + 5):
            alarms.raise_alarm(f"a{number}", "down", "", AlarmLevel.ERROR)
            notifier.look()
            await settle()
        assert [of for of, state in good.got if state == "raised"][-1] == f"a{notify.MAX_WAITING + 4}"


async def test_a_passing_failure_is_tried_again_and_its_alarm_is_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "PAUSES_S", (0.0, 0.0))
    attempts: list[int] = []

    async def twice() -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise TransientError("busy")

    clock, target = Clock(), Noted(fail=twice)
    alarms = Alarms(clock)
    notifier = Notifier(alarms, [target], host="", clock=clock)
    async with running(notifier):
        alarms.raise_alarm("a", "down", "", AlarmLevel.ERROR)
        notifier.look()
        await settle()
        assert target.got == [("a", "raised")]
        assert [a.id for a in alarms.standing()] == ["a"]


@pytest.mark.parametrize(
    "wrong", [{"url": "ftp://x"}, {"kind": "telegram", "url": ADDRESS}, {"kind": "fax", "url": ADDRESS}]
)
def test_a_webhook_that_cannot_work_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        NotifySettings.model_validate({"webhooks": [wrong]})


async def test_one_that_grows_less_bad_is_over_in_the_end() -> None:
    clock, target = Clock(), Noted()
    alarms = Alarms(clock)
    notifier = Notifier(alarms, [target], host="", clock=clock)
    async with running(notifier):
        for level in (AlarmLevel.WARNING, AlarmLevel.ERROR, AlarmLevel.WARNING):
            alarms.raise_alarm("a", "slow", "", level)
            notifier.look()
        alarms.clear("a")
        notifier.look()
        await settle()
    assert target.got == [("a", "raised"), ("a", "raised"), ("a", "over")]


async def test_two_webhooks_at_one_host_have_two_names() -> None:
    settings = NotifySettings.model_validate({"webhooks": [{"url": ADDRESS}, {"url": f"{ADDRESS}/other"}]})
    async with httpx.AsyncClient() as client:
        first, second = open_targets(settings, client)
    assert (first.name, second.name) == ("json webhook at hooks.example", "json webhook at hooks.example (2)")


async def test_a_trial_says_who_took_it_and_what_to_do_about_the_rest() -> None:
    settings = NotifySettings.model_validate(
        {"webhooks": [{"url": ADDRESS}, {"url": "https://gone.example/x"}], "command": ["no-such-program-here"]}
    )
    with respx.mock() as mock:
        route = mock.post(ADDRESS).respond(204)
        mock.post("https://gone.example/x").respond(404)
        (took, first), (gone, second), (_, third) = await try_targets(settings, "Mira")
    assert json.loads(route.calls.last.request.content)["state"] == "trial"
    assert (took, first.ok) == ("json webhook at hooks.example", True)
    assert (gone, second.ok) == ("json webhook at gone.example", False)
    assert "404" in second.detail
    assert not third.ok
    assert second.remedy
    assert third.remedy
