"""Calls a person who does not look at the control room: webhooks and a program are told of alarms.

    Alarms ─▶ Notifier (what is new, what is over) ─▶ one bounded queue for each target ─▶ Target.send

A target that hangs or refuses holds up no other, and is an alarm of its own that only the control room shows.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from loguru import logger

from bot.errors import FatalError, ProviderError, TransientError
from bot.telemetry.alarms import Alarm, AlarmLevel, Alarms
from bot.telemetry.settings import NotifySettings, Webhook
from bot.types import Health

#: How often the alarms are compared with what was told, in seconds; a change is seen at once.
LOOK_EVERY_S = 5.0
#: The same alarm is told again after so many seconds at the earliest, however often it comes and goes.
AGAIN_S = 600.0
#: Waits before the second, third and fourth attempt, in seconds.
PAUSES_S = (2.0, 10.0, 30.0)
#: How long one attempt may take, in seconds.
SEND_S = 8.0
#: Notices that wait for one target; the oldest leaves.
MAX_WAITING = 50
#: Longest words of one notice; Discord takes 2,000 characters, Telegram 4,096.
MAX_CHARS = 1800
#: Alarms about the calling itself, which are not told to those who cannot be called.
_OWN = "notify:"


class NoticeState(StrEnum):
    """Whether an alarm came or went, or is none: a trial."""

    RAISED = "raised"
    OVER = "over"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class AlarmNotice:
    """What a target is told."""

    alarm: Alarm
    state: NoticeState
    host: str = ""

    @property
    def text(self) -> str:
        """The notice in words."""
        if self.state is NoticeState.OVER:
            return f"✅ {self.host}: over: {self.alarm.text}"[:MAX_CHARS]
        if self.state is NoticeState.TRIAL:
            return f"🔔 {self.host}: {self.alarm.text}"[:MAX_CHARS]
        mark = "🔴" if self.alarm.level is AlarmLevel.ERROR else "🟡"
        return f"{mark} {self.host}: {self.alarm.text} {self.alarm.remedy}".strip()[:MAX_CHARS]

    @property
    def fields(self) -> dict[str, str]:
        """The notice in parts."""
        alarm = self.alarm
        return {
            "id": alarm.id,
            "level": alarm.level.value,
            "state": self.state.value,
            "text": alarm.text[:MAX_CHARS],
            "remedy": alarm.remedy[:MAX_CHARS],
            "host": self.host,
        }


class Target(Protocol):
    """Somebody who is told. ``name`` is for people and holds no secret."""

    name: str
    level: AlarmLevel

    async def send(self, notice: AlarmNotice) -> None:
        """Tell it once. Raises `ProviderError` alone: `TransientError` when another attempt may succeed."""
        ...


class WebhookTarget:
    """Posts notices to an address in the form that its reader knows."""

    def __init__(self, webhook: Webhook, client: httpx.AsyncClient) -> None:
        self.level = webhook.level
        self.name = f"{webhook.kind} webhook at {urlsplit(webhook.url.get_secret_value()).hostname}"
        self._webhook = webhook
        self._client = client

    async def send(self, notice: AlarmNotice) -> None:
        """Post it once."""
        try:
            answer = await self._client.post(self._webhook.url.get_secret_value(), **self._body(notice))
        except httpx.InvalidURL:
            raise FatalError("the address cannot be read", remedy="check notify.webhooks") from None
        except (httpx.HTTPError, OSError) as error:
            why = "it does not answer" if isinstance(error, httpx.TimeoutException) else "no connection"
            # Its own words may hold the address, which is a secret.
            raise TransientError(f"{why} ({type(error).__name__})") from None
        if answer.is_success:
            return
        words = f"it answered with {answer.status_code}"
        if answer.status_code in (408, 425, 429) or answer.status_code >= 500:
            raise TransientError(words)
        raise FatalError(words, remedy="make the webhook anew and put its address into notify.webhooks")

    def _body(self, notice: AlarmNotice) -> dict[str, Any]:
        match self._webhook.kind:
            case "discord":  # nobody is pinged by what an alarm quotes
                return {"json": {"content": notice.text, "allowed_mentions": {"parse": []}}}
            case "telegram":
                body = {"chat_id": self._webhook.chat_id, "text": notice.text}
                return {"json": {**body, "link_preview_options": {"is_disabled": True}}}
            case "ntfy":
                urgent = notice.alarm.level is AlarmLevel.ERROR and notice.state is NoticeState.RAISED
                return {
                    "content": notice.text.encode("utf-8", "replace"),
                    "headers": {"Title": "Haishin", "Priority": "5" if urgent else "3"},
                }
            case _:
                return {"json": notice.fields}


class CommandTarget:
    """Runs a program, without a shell; the alarm is in its environment: ``HAISHIN_ALARM_TEXT`` and the like."""

    def __init__(self, command: Sequence[str], level: AlarmLevel) -> None:
        self.name = f"command {Path(command[0]).name}"
        self.level = level
        self._command = list(command)

    async def send(self, notice: AlarmNotice) -> None:
        """Run it once; one that does not end in time is killed."""
        told = {f"HAISHIN_ALARM_{k.upper()}": v.replace("\0", "") for k, v in notice.fields.items()}
        quiet = asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=quiet, stdout=quiet, stderr=quiet, env={**os.environ, **told}
            )
        except (OSError, ValueError) as error:
            remedy = "check notify.command: the program's path, then its arguments"
            raise FatalError(f"it cannot be run: {error}", remedy=remedy) from None
        try:
            async with asyncio.timeout(SEND_S):
                code = await process.wait()
        except TimeoutError:
            raise FatalError(f"it did not end within {SEND_S:.0f} s", remedy="let it end at once") from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if code:
            raise FatalError(f"it ended with {code}", remedy="run it by hand to see what is wrong")


class Notifier:
    """Tells targets of alarms that come and go; runs as long as the show."""

    def __init__(
        self,
        alarms: Alarms,
        targets: Sequence[Target],
        *,
        host: str,
        clock: Callable[[], float],
        redact: Callable[[str], str] = str,
    ) -> None:
        self._alarms = alarms
        self._host = host
        self._clock = clock
        self._redact = redact
        self._queues: dict[Target, asyncio.Queue[AlarmNotice]] = {one: asyncio.Queue(MAX_WAITING) for one in targets}
        #: The alarms that stand, as they were told.
        self._told: dict[str, Alarm] = {}
        self._told_at: dict[tuple[str, AlarmLevel], float] = {}

    async def run(self) -> None:
        """Watch the alarms, and tell each target in its own time."""
        async with asyncio.TaskGroup() as group:
            for target, queue in self._queues.items():
                group.create_task(self._tell_all(target, queue))
            while True:
                self.look()
                await self._alarms.changed.wait(LOOK_EVERY_S)

    def look(self) -> None:
        """Compare the alarms with those of the last look; what changed waits to be told."""
        standing = {a.id: a for a in self._alarms.standing() if not a.id.startswith(_OWN)}
        for alarm in standing.values():
            before = self._told.get(alarm.id)
            if (before is None or before.level is not alarm.level) and self._due(alarm):
                self._told[alarm.id] = alarm
                self._put(alarm, NoticeState.RAISED)
        for gone in [name for name in self._told if name not in standing]:
            self._put(self._told.pop(gone), NoticeState.OVER)

    def _due(self, alarm: Alarm) -> bool:
        """Return whether an alarm may be told now, and count it as told."""
        now = self._clock()
        self._told_at = {key: at for key, at in self._told_at.items() if now - at < AGAIN_S}
        key = (alarm.id, alarm.level)
        if key in self._told_at:
            return False
        self._told_at[key] = now
        return True

    def _put(self, alarm: Alarm, state: NoticeState) -> None:
        clean = replace(alarm, text=self._redact(alarm.text), remedy=self._redact(alarm.remedy))
        for target, queue in self._queues.items():
            if target.level is AlarmLevel.ERROR and alarm.level is not AlarmLevel.ERROR:
                continue
            if queue.full():
                queue.get_nowait()
                logger.warning("too many alarms wait for the {}: the oldest is not told", target.name)
            queue.put_nowait(AlarmNotice(clean, state, self._host))

    async def _tell_all(self, target: Target, queue: asyncio.Queue[AlarmNotice]) -> None:
        alarm = f"{_OWN}{target.name}"
        while True:
            notice = await queue.get()
            error = await self._tell(target, notice)
            if error is None:
                self._alarms.clear(alarm)
            else:
                words = f"the {target.name} does not take alarms: {error}"
                self._alarms.raise_alarm(alarm, words, error.remedy or "It is tried again with the next alarm.")

    async def _tell(self, target: Target, notice: AlarmNotice) -> ProviderError | None:
        """Tell a target, several times if that may help; return why it failed."""
        error = await _attempt(target, notice)
        for pause_s in PAUSES_S:
            if not isinstance(error, TransientError):
                break
            await asyncio.sleep(pause_s)
            error = await _attempt(target, notice)
        return error


async def _attempt(target: Target, notice: AlarmNotice) -> ProviderError | None:
    """Tell a target once; return why it failed."""
    try:
        async with asyncio.timeout(SEND_S + 2):
            await target.send(notice)
    except ProviderError as error:
        return error
    except TimeoutError:
        return TransientError("it does not answer")
    except Exception as error:  # noqa: BLE001 - who is called must not end the show
        return FatalError(type(error).__name__)
    return None


def open_targets(settings: NotifySettings, client: httpx.AsyncClient) -> list[Target]:
    """Return the targets of the settings."""
    targets: list[Target] = [WebhookTarget(webhook, client) for webhook in settings.webhooks]
    if settings.command:
        targets.append(CommandTarget(settings.command, settings.command_level))
    names: Counter[str] = Counter()
    for target in targets:  # each has an alarm of its own, by its name
        names[target.name] += 1
        if (number := names[target.name]) > 1:
            target.name += f" ({number})"
    return targets


async def try_targets(settings: NotifySettings, host: str) -> list[tuple[str, Health]]:
    """Send every target one trial notice; return its name and whether it took it."""
    words = "a trial by 'haishin check': whoever reads this is called when something is wrong"
    notice = AlarmNotice(Alarm("trial", AlarmLevel.WARNING, words, "", 0.0), NoticeState.TRIAL, host)
    found = []
    async with httpx.AsyncClient(timeout=SEND_S) as client:
        for target in open_targets(settings, client):
            error = await _attempt(target, notice)
            if error is None:
                health = Health(ok=True, detail="took a trial notice; look whether it arrived")
            else:
                remedy = error.remedy or "check the address in notify, and the network"
                health = Health(ok=False, detail=str(error), remedy=remedy)
            found.append((target.name, health))
    return found


async def run_notifier(
    settings: NotifySettings, alarms: Alarms, *, host: str, clock: Callable[[], float], redact: Callable[[str], str]
) -> None:
    """Tell the targets of the settings of every alarm; runs as long as the show."""
    async with httpx.AsyncClient(timeout=SEND_S) as client:
        await Notifier(alarms, open_targets(settings, client), host=host, clock=clock, redact=redact).run()
