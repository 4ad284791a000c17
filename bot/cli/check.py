"""haishin check: everything that ``--dry-run`` looks at, and then reach each part."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from bot import config
from bot.app import builtin_models
from bot.app.casting import load_persona, with_voices
from bot.app.sources import open_source
from bot.cli.accounts import Nobody
from bot.cli.local_checks import SOURCES, check_locally, named
from bot.cli.output import downloads, open_log, out
from bot.cli.report import Report
from bot.config import Settings, store_url
from bot.errors import ConfigError, HaishinError
from bot.mind.failover import LlmChain, open_llm
from bot.review.second_opinion import open_judges
from bot.runtime.failover import CHECK_S
from bot.store.database import open_store
from bot.types import Health
from bot.voice.failover import open_tts
from moderation import Direction

#: What a judge is asked about; every one finds it harmless.
HARMLESS = "good evening everybody, nice stream"


async def dry_run(settings: Settings) -> bool:
    """Check what can be checked without a network and a model; return whether all of it is right."""
    open_log(settings)
    report = Report()
    await check_locally(settings, report)
    out.print("nothing was started; 'haishin check' reaches each part too")
    return report.ok


async def check_parts(settings: Settings) -> bool:
    """Reach everything that is configured; print a line for each; return whether all of it answers."""
    open_log(settings)
    report = Report()
    await check_locally(settings, report)
    report.line("store", await _store(settings))
    for name, health in await check_sources(settings):
        report.line(name, health)
    with downloads() as progress:
        try:
            llm_links = await builtin_models.llm_entries(settings, progress)
            tts_links = with_voices(await builtin_models.tts_entries(settings, progress), load_persona(settings))
        except HaishinError as error:
            report.line("models", Health(ok=False, detail=str(error), remedy=error.remedy))
            return False
    async with open_llm(llm_links) as llm:
        for name, health in (await llm.check()).extra.items():
            report.line(f"llm: {name}", health)
        for number, entry in enumerate(settings.judges):
            report.line(named("judge", entry, number), await _judge(entry, llm))
    async with open_tts(tts_links) as tts:
        for name, health in (await tts.check()).extra.items():
            report.line(f"tts: {name}", health)
    return report.ok


async def _judge(entry: config.Link, llm: LlmChain) -> Health:
    """Open one judge and ask it about a harmless line."""
    clock = asyncio.get_running_loop().time
    failures: list[Exception] = []
    async with open_judges([entry], llm, clock, lambda _name, error: failures.append(error)) as panel:
        answer = None if failures else await panel.ask(HARMLESS, Direction.IN, CHECK_S)
        if answer is not None and answer.opinion is not None:
            return Health(ok=True, detail=f"answers; a harmless line is bad by {answer.opinion.probability:.0%}")
        detail = "; ".join(link.detail for link in panel.links()) or (answer.why if answer else "")
        return Health(ok=False, detail=detail, remedy=_remedy(failures))


def _remedy(failures: Sequence[Exception]) -> str:
    return next((text for error in failures if (text := str(getattr(error, "remedy", "")))), "")


async def _store(settings: Settings) -> Health:
    url = store_url(settings)
    try:
        async with open_store(url):
            return Health(ok=True, detail=re.sub(r"//[^@/]*@", "//***@", url))
    except HaishinError as error:
        return Health(ok=False, detail=str(error), remedy=error.remedy)


async def check_sources(settings: Settings) -> list[tuple[str, Health]]:
    """Reach every platform that is configured."""
    found = []
    for name in SOURCES:
        if not getattr(settings.sources, name):
            continue
        try:
            health = await open_source(name, settings, Nobody(), config.data_dir()).check()
        except ConfigError as error:
            health = Health(ok=False, detail=str(error), remedy=error.remedy)
        found.append((name, health))
    return found
