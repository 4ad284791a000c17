"""Builds the eyes: what takes the picture, and which model describes it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from bot.errors import Refused
from bot.mind.failover import LlmChain, open_llm
from bot.mind.tools import builtin
from bot.mind.tools.function import Asker
from bot.show.outbound import LeakGuard
from bot.show.tools.glances import Glances
from bot.stage.protocol import EyesMark
from bot.stage.streamer import StreamerView
from bot.vision.eyes import Eyes
from bot.vision.screen import screenshot
from bot.vision.settings import PictureSource
from moderation import Context, Direction
from moderation.worker import called

if TYPE_CHECKING:
    from bot.app.app import App


async def open_eyes(app: App, stack: AsyncExitStack, llm: LlmChain) -> Eyes | None:
    """Make them, with the models that see; None where the host is not to see."""
    settings = app.settings.vision
    if not settings.enabled:
        return None
    sees = await stack.enter_async_context(open_llm(settings.llm)) if settings.llm else llm

    async def picture() -> bytes:
        if settings.source is PictureSource.SCREEN:
            return await screenshot(settings.region, settings.width)
        if (mixer := app.mixing.mixer) is None:
            raise Refused("no video mixer is configured", remedy="Set obs.enabled: true, or vision.source: screen.")
        return await mixer.screenshot(width=settings.width)

    return Eyes(picture, sees.aside, deadline_s=settings.deadline_s)


def looking(eyes: Eyes) -> builtin.Deed:
    """Return what the tool `look` does."""

    async def look(wanted: builtin.Question, _: Asker) -> str:
        return await eyes.look(wanted.question)

    return look


class Seeing:
    """The eyes on air: what they look at of their own accord, and the mark on the stage while they are open."""

    def __init__(self, app: App, eyes: Eyes, stage: StreamerView) -> None:
        judge = LeakGuard(app.moderator, lambda: app.show.cast.prompter.private)
        strict = Context(Direction.OUT, strict=True)

        async def passes(text: str) -> bool:
            return bool(await called(app.worker, partial(_allowed, judge, strict, text)))

        self._eyes = eyes
        self._stage = stage
        self._settings = app.settings.vision
        self.glances = Glances(
            eyes,
            self._settings,
            clock=asyncio.get_running_loop().time,
            scene=lambda: app.mixing.mixer.state.scene if app.mixing.mixer else "",
            language=lambda: app.show.cast.policy.language,
            passes=passes,
            patience=lambda: app.budget.patience(),  # noqa: PLW0108 - it is made later
        )
        app.show.lead(self.glances)
        app.observers.add(self.glances)

    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return what runs as long as the show."""
        return {"glances": self.glances.run, "mark of the eyes": self.mark}

    async def mark(self) -> None:
        """Keep the mark on the stage right, for as long as the show runs."""
        while True:
            self._stage.show_eyes(EyesMark(open=self._eyes.on, shown=self._settings.mark))
            await self._eyes.changed.wait()


def _allowed(judge: LeakGuard, context: Context, text: str) -> bool:
    return judge.check(text, context).allowed
