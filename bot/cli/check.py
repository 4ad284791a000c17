"""haishin check: reach everything that is configured."""

from __future__ import annotations

import re

from rich.markup import escape

from bot import config
from bot.app import builtin_models
from bot.app.casting import load_persona, with_voices
from bot.app.sources import open_source
from bot.cli.accounts import _Nobody
from bot.cli.output import downloads, open_log, out
from bot.config import Settings, store_url
from bot.errors import ConfigError, HaishinError
from bot.mind.failover import open_llm
from bot.types import Health
from bot.voice.failover import open_tts


async def check_parts(settings: Settings) -> bool:
    """Reach everything that is configured; print a line for each."""
    open_log(settings)
    ok = True

    def line(name: str, health: Health) -> None:
        nonlocal ok
        ok = ok and health.ok
        mark = "[green]ok  [/]" if health.ok else "[red]FAIL[/]"
        out.print(f"{mark} [bold]{name:22}[/] {escape(health.detail)}", soft_wrap=True)
        if not health.ok and health.remedy:
            out.print(f"     [bold]what to do:[/] {escape(health.remedy)}", soft_wrap=True)

    line("configuration", Health(ok=True, detail="every setting is known and fits"))
    for name, probe in (("persona", _persona), ("moderation", _moderation), ("port", _port), ("pages", _pages)):
        line(name, _safely(probe, settings))
    line("store", await _store(settings))

    for name, health in await check_sources(settings):
        line(name, health)
    with downloads() as progress:
        try:
            llm = await builtin_models.llm_entries(settings, progress)
            tts = with_voices(await builtin_models.tts_entries(settings, progress), load_persona(settings))
        except HaishinError as error:
            line("models", Health(ok=False, detail=str(error), remedy=error.remedy))
            return False
    for kind, entries, opener in (("llm", llm, open_llm), ("tts", tts, open_tts)):
        async with opener(entries) as chain:
            for name, health in (await chain.check()).extra.items():
                line(f"{kind}: {name}", health)
    return ok


def _safely(probe: object, settings: Settings) -> Health:
    try:
        return Health(ok=True, detail=probe(settings))  # type: ignore[operator]
    except HaishinError as error:
        return Health(ok=False, detail=str(error), remedy=error.remedy)


def _persona(settings: Settings) -> str:
    persona = load_persona(settings)
    return f"{persona.name} ({', '.join(persona.languages)})"


def _moderation(settings: Settings) -> str:
    from bot.app.moderator import checked_moderator  # noqa: PLC0415
    from moderation.corrections.cases import CASES, Cases, run_cases  # noqa: PLC0415

    moderator = checked_moderator(settings)
    cases = Cases(config.data_dir() / CASES, moderator.allowances)
    if failures := run_cases(moderator, cases):
        first = failures[0]
        raise ConfigError(
            f"{len(failures)} of your {len(cases)} corrections have no effect, the first: "
            f"{first.case.text[:60]!r} is still {first.verdict.action} ({', '.join(first.verdict.rules[:3])})",
            remedy="look at block_words and block_patterns, or take the correction back in the control room",
        )
    return f"blocks known-bad lines, lets ordinary ones pass; {len(cases)} corrections are in force"


def _port(settings: Settings) -> str:
    from bot.web.server import bind  # noqa: PLC0415

    bind(settings.web.host, settings.web.port).close()
    return f"{settings.web.host}:{settings.web.port} is free"


def _pages(_: Settings) -> str:
    dist = config.home() / "overlay" / "dist"
    missing = [name for name in ("stage", "panel", "chat") if not (dist / name / "index.html").is_file()]
    if missing:
        raise ConfigError(f"not built: {', '.join(missing)}", remedy="run 'make setup' (or: python start.py setup)")
    return "stage, panel and chat are built"


async def _store(settings: Settings) -> Health:
    from bot.store.database import open_store  # noqa: PLC0415

    url = store_url(settings)
    try:
        async with open_store(url):
            return Health(ok=True, detail=re.sub(r"//[^@/]*@", "//***@", url))
    except HaishinError as error:
        return Health(ok=False, detail=str(error), remedy=error.remedy)


async def check_sources(settings: Settings) -> list[tuple[str, Health]]:
    """Reach every platform that is configured."""
    names = [n for n in ("twitch", "bilibili_open", "bilibili_web") if getattr(settings.sources, n)]
    found = []
    for name in names:
        try:
            health = await open_source(name, settings, _Nobody(), config.data_dir()).check()
        except ConfigError as error:
            health = Health(ok=False, detail=str(error), remedy=error.remedy)
        found.append((name, health))
    return found
