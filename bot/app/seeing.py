"""Builds the eyes: what takes the picture, and which model describes it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bot.errors import Refused
from bot.mind.failover import LlmChain, open_llm
from bot.mind.tools import builtin
from bot.mind.tools.function import Asker
from bot.vision.eyes import Eyes
from bot.vision.screen import screenshot
from bot.vision.settings import PictureSource

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
