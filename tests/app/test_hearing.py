"""The ears in the running host: opened and closed on air; what breaks in them is said and tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot import config
from bot.app import hearing
from bot.errors import FatalError
from bot.hearing.ears import InputState
from bot.hearing.input.settings import InputKind
from bot.telemetry.metrics import Metrics
from tests.app.test_reload import changed, running
from tests.support.virtual import virtual


class Opening:
    """Stands for the recogniser and all behind it: counts how often it was opened, and fails when told to."""

    def __init__(self) -> None:
        self.opened = self.closed = 0
        self.failure: Exception | None = None

    async def entries(self, *_: object, **__: object) -> list[object]:
        if self.failure is not None:
            raise self.failure
        return []

    @asynccontextmanager
    async def listening(self, *_: object, **__: object) -> AsyncIterator[tuple[Any, Any]]:
        self.opened += 1
        try:
            yield self, object()
        finally:
            self.closed += 1

    @asynccontextmanager
    async def path(self, *_: object) -> AsyncIterator[Any]:
        yield object()

    async def run(self) -> None:
        await asyncio.Event().wait()


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> Opening:
    made = Opening()
    monkeypatch.setattr(hearing, "asr_entries", made.entries)
    monkeypatch.setattr(hearing, "open_listening", made.listening)
    monkeypatch.setattr(hearing, "open_path", made.path)
    return made


def settings(*, enabled: bool) -> config.Settings:
    made = changed(config.load([], {}), "hearing.enabled", enabled)
    return changed(made, "hearing.input.kind", InputKind.BROWSER)


def host(*, enabled: bool) -> Any:
    app = running(settings(enabled=enabled))
    app.parts = type("Parts", (), {"chains": {}})()
    app.metrics = Metrics()
    return app


async def until(true: Callable[[], bool]) -> None:
    """Wait: threads take their own time, whatever the clock says."""
    for _ in range(5000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


def test_they_are_opened_and_closed_on_air(opening: Opening) -> None:
    @virtual
    async def look() -> None:
        app = host(enabled=False)
        ears: hearing.Hearing = app.hearing
        async with asyncio.TaskGroup() as group:
            task = group.create_task(ears.run())
            await asyncio.sleep(1)
            assert opening.opened == 0
            assert ears.streamer_speaking is None
            ears.update(settings(enabled=True))
            await until(lambda: not ears.trouble and opening.opened == 1)
            assert (opening.opened, opening.closed) == (1, 0)
            await until(lambda: ears.ears.input is InputState.NO_DEVICE)
            assert "Use this microphone" in ears.ears.trouble
            line = ears.browser.join()
            await until(lambda: ears._source == "browser")
            assert (ears.ears.input, ears._source) == (InputState.LIVE, "browser")
            assert ears.streamer_speaking is False
            ears.streamer.speech_began(1, 0.0)
            assert ears.streamer_speaking is True
            ears.browser.leave(line)
            ears.update(settings(enabled=False))
            await until(lambda: opening.closed == 1 and ears.ears.input is InputState.CLOSED)
            assert (opening.opened, opening.closed) == (1, 1)
            assert ears.ears.input is InputState.CLOSED
            task.cancel()

    look()


def test_what_cannot_be_opened_is_said_and_tried_again(opening: Opening) -> None:
    @virtual
    async def look() -> None:
        opening.failure = FatalError("faster-whisper is not installed", remedy="pip install 'haishin[ears]'")
        app = host(enabled=True)
        ears: hearing.Hearing = app.hearing
        async with asyncio.TaskGroup() as group:
            task = group.create_task(ears.run())
            trouble = "faster-whisper is not installed; pip install 'haishin[ears]'"
            await until(lambda: ears.trouble == trouble)
            shown = ears.controls.state()
            assert shown is not None
            assert shown.trouble == trouble
            assert not task.done(), "it does not end the show"
            opening.failure = None
            await asyncio.sleep(hearing.RETRY_S)
            await until(lambda: opening.opened == 1 and not ears.trouble)
            task.cancel()

    look()


def test_ears_that_hear_nothing_for_long_call_a_person(opening: Opening) -> None:
    @virtual
    async def look() -> None:
        app = host(enabled=True)
        ears: hearing.Hearing = app.hearing
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(ears.run()), group.create_task(ears.watch())]
            await asyncio.sleep(hearing.CALL_AFTER_S - 5)
            assert hearing.ALARM not in {alarm.id for alarm in ears._alarms.standing()}
            await asyncio.sleep(10)
            assert hearing.ALARM in {alarm.id for alarm in ears._alarms.standing()}
            ears.streamer.counts.ducked = 3
            await asyncio.sleep(1)
            assert b'haishin_barge_ins{what="ducked"} 3.0' in app.metrics.text()
            assert b'haishin_early_answers{what="begun"} 0.0' in app.metrics.text()
            ears.controls.switch(on=False)
            await asyncio.sleep(2)
            assert hearing.ALARM not in {alarm.id for alarm in ears._alarms.standing()}
            for task in tasks:
                task.cancel()

    look()
