"""The checks that need no network and load no model: all of ``haishin run --dry-run``, the first of ``check``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from pydantic import ValidationError

from bot import config
from bot.app.casting import load_persona, look_of
from bot.app.moderator import checked_moderator
from bot.app.sources import open_source
from bot.cli.accounts import Nobody
from bot.cli.report import Report
from bot.config import Settings
from bot.errors import ConfigError, HaishinError
from bot.review.llm_judge import Config as LlmJudgeConfig
from bot.runtime.failover import parse_link
from bot.runtime.providers import load
from bot.sources import replay
from bot.types import Health
from bot.web.server import bind
from moderation.corrections.cases import CASES, Cases, run_cases

#: What ``auto`` stands for: its providers must be there; their weights come later.
_AUTO = {"llm": ["llamacpp"], "tts": ["hibari", "kokoro"]}
_PACKAGES = {"llm": "bot.mind.llm", "tts": "bot.voice.tts"}
JUDGES = "moderation.judges"
SOURCES = ("twitch", "bilibili_open", "bilibili_web")

Probe = Callable[[], str]


async def check_locally(settings: Settings, report: Report) -> None:
    """Print a line for each part of a configuration. Start nothing, ask nobody, write nothing."""
    report.line("configuration", Health(ok=True, detail="every setting is known and fits"))
    for name, probe in _probes(settings):
        report.line(name, await asyncio.to_thread(_health, probe))
    for name in SOURCES:
        if getattr(settings.sources, name):  # a source belongs to the event loop, so it is not made in a thread
            report.line(f"settings of {name}", _health(partial(_source, name, settings)))


def _probes(settings: Settings) -> Iterator[tuple[str, Probe]]:
    yield "persona", partial(_persona, settings)
    yield "moderation", partial(_moderation, settings)
    yield "port", partial(_port, settings)
    yield "pages", _pages
    if settings.sources.replay:
        yield "replay", partial(_replay, settings)
    for kind, package in _PACKAGES.items():
        chosen = getattr(settings, kind)
        entries = [{"provider": name} for name in _AUTO[kind]] if chosen == "auto" else chosen
        for number, entry in enumerate(entries):
            yield named(f"options of {kind}", entry, number), partial(_provider, package, entry)
    for number, entry in enumerate(settings.judges):
        yield named("options of judge", entry, number), partial(_judge, entry)


def named(kind: str, entry: config.Link, number: int) -> str:
    """Return how a line calls a provider: its kind, its name, and its number when it is not the first."""
    return f"{kind}: {entry.get('provider', '?')}" + (f" ({number + 1})" if number else "")


def _health(probe: Probe) -> Health:
    try:
        return Health(ok=True, detail=probe())
    except HaishinError as error:
        return Health(ok=False, detail=str(error), remedy=error.remedy)
    except ValidationError as error:
        # Without the input: it may be a key.
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)]
        return Health(ok=False, detail="; ".join(faults), remedy="docs/providers.md names the options")


def _persona(settings: Settings) -> str:
    persona = load_persona(settings)
    look_of(persona, settings)
    return f"{persona.name} ({', '.join(persona.languages)})"


def _moderation(settings: Settings) -> str:
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
    bind(settings.web.host, settings.web.port).close()
    return f"{settings.web.host}:{settings.web.port} is free"


def _pages() -> str:
    dist = config.home() / "overlay" / "dist"
    missing = [name for name in ("stage", "panel", "chat") if not (dist / name / "index.html").is_file()]
    if missing:
        raise ConfigError(f"not built: {', '.join(missing)}", remedy="run 'make setup' (or: python start.py setup)")
    return "stage, panel and chat are built"


def _source(name: str, settings: Settings) -> str:
    open_source(name, settings, Nobody(), config.data_dir())
    return "what it needs is installed"


def _replay(settings: Settings) -> str:
    wanted = settings.sources.replay
    events = replay.parse(wanted.file) if wanted else []
    return f"{len(events)} events"


def _provider(package: str, entry: config.Link) -> str:
    parse_link(package, entry)
    return "known, installed, and every option fits"


def _judge(entry: config.Link) -> str:
    provider = entry.get("provider")
    options: dict[str, Any] = {key: value for key, value in entry.items() if key != "provider"}
    if not isinstance(provider, str) or not provider:
        raise ConfigError("a judge needs 'provider'", remedy="write for example: provider: openai")
    model = LlmJudgeConfig if provider == "llm" else load(JUDGES, provider).Config
    model.model_validate(options)
    return "known, installed, and every option fits"
