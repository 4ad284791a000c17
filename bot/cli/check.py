"""haishin check, and ``haishin run --dry-run``: the checks that need no network and load no model.

``check`` makes these too, and then reaches each part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot import config
from bot.app import builtin_models
from bot.app.casting import load_persona, look_of, with_voices, worn_by
from bot.app.moderator import checked_moderator
from bot.app.sources import open_source
from bot.app.tools import check_tools
from bot.cli.accounts import Nobody
from bot.cli.output import Report, downloads, open_log, out
from bot.config import Settings, store_url
from bot.errors import ConfigError, HaishinError, ProviderError, Refused
from bot.hearing.endpoint.silence import Silence
from bot.hearing.failover import open_asr
from bot.hearing.input.settings import InputKind
from bot.hearing.opening import asr_entries, open_endpoint
from bot.mind.failover import LlmChain, open_llm
from bot.persona.persona import Persona
from bot.review.llm_judge import Config as LlmJudgeConfig
from bot.review.second_opinion import open_judges
from bot.runtime.failover import CHECK_S, parse_link
from bot.runtime.providers import load
from bot.show.commands.check import describe
from bot.show.schedule.file import read as read_programme
from bot.sources import replay
from bot.stage.obs.session import open_session
from bot.store.database import open_store
from bot.store.faults import shown
from bot.telemetry.notify import try_targets
from bot.types import Health
from bot.voice.failover import open_tts
from bot.web.door import bind
from moderation import Context, Direction, Verdict
from moderation.corrections.cases import CASES, Cases, run_cases
from moderation.moderator import Moderator

#: What ``auto`` stands for: its providers must be there; their weights come later.
_AUTO = {"llm": ["llamacpp"], "tts": ["hibari", "kokoro"], "asr": ["faster_whisper"]}
_PACKAGES = {"llm": "bot.mind.llm", "tts": "bot.voice.tts", "asr": "bot.hearing.asr"}
JUDGES = "moderation.judges"
_NO_JUDGE = "fetch its weights: haishin models pull smart-turn; or set hearing.listening.endpoint: silence"
SOURCES = ("twitch", "bilibili_open", "bilibili_web")

Probe = Callable[[], str]
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
    if settings.obs.enabled:
        report.line("obs", await check_obs(settings))
    for name, health in await check_tools(settings.tools):
        report.line(name, health)
    for name, health in await try_targets(settings.notify, load_persona(settings).name):
        report.line(f"notify: {name}", health)
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
            report.line(named("judge", entry, number), await _ask_judge(entry, llm))
    async with open_tts(tts_links) as tts:
        for name, health in (await tts.check()).extra.items():
            report.line(f"tts: {name}", health)
    if settings.hearing.enabled:
        for name, health in await check_ears(settings):
            report.line(name, health)
    return report.ok


async def check_ears(settings: Settings) -> list[tuple[str, Health]]:
    """Open the recognisers, and say what captures the sound and who judges pauses. Records nothing."""
    wanted = settings.hearing
    browser = wanted.input.kind is InputKind.BROWSER
    what = "a page of the panel" if browser else f"this machine's: {wanted.input.device or 'the default'}"
    found = [("ears", Health(ok=True, detail=f"microphone: {what}; 'haishin check --mic' records three seconds"))]
    root, offline = builtin_models.root(settings), settings.models.offline
    try:
        with downloads() as progress:
            entries = await asr_entries(settings.asr, progress, root=root, offline=offline)
            async with open_endpoint(wanted.listening.endpoint, progress, root=root, offline=offline) as judge:
                name = "silence" if isinstance(judge, Silence) else wanted.listening.endpoint.value
                right = name == wanted.listening.endpoint.value
                detail = f"pauses are judged by {name}" + ("" if right else ": the wanted judge cannot be had")
                found.append(("endpoint", Health(ok=right, detail=detail, remedy="" if right else _NO_JUDGE)))
        async with open_asr(entries) as chain:
            found += [(f"asr: {name}", health) for name, health in (await chain.check()).extra.items()]
    except HaishinError as error:
        found.append(("asr", Health(ok=False, detail=str(error), remedy=error.remedy)))
    return found


async def _ask_judge(entry: config.Link, llm: LlmChain) -> Health:
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
        async with open_store(url) as store:
            host = await store.running_host()
            return Health(ok=True, detail=shown(url) + (f"; a host is on air with it ({host})" if host else ""))
    except HaishinError as error:
        return Health(ok=False, detail=str(error), remedy=error.remedy)


async def check_obs(settings: Settings) -> Health:
    """Reach OBS."""
    try:
        async with open_session(settings.obs, lambda _name, _data: None) as session:
            version = (await session.request("GetVersion")).get("obsVersion")
    except (ProviderError, Refused) as error:
        return Health(ok=False, detail=str(error), remedy=error.remedy)
    return Health(ok=True, detail=f"OBS {version} answers; 'haishin obs doctor' looks it over")


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


# --- without a network and a model ------------------------------------------------------------------


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
    yield "commands", partial(_commands, settings)
    if (persona := _wearer(settings)) is not None:
        yield "model", partial(_model, persona)
    if settings.programme:
        yield "programme", partial(_programme, settings.programme)
    if settings.sources.replay:
        yield "replay", partial(_replay, settings)
    for kind, package in _PACKAGES.items():
        if kind == "asr" and not settings.hearing.enabled:
            continue
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


def _wearer(settings: Settings) -> Persona | None:
    """Return the persona if it names a model of its own; one that cannot be read is told elsewhere."""
    try:
        persona = load_persona(settings)
    except ConfigError:
        return None
    return persona if persona.model else None


def _model(persona: Persona) -> str:
    worn = worn_by(persona)
    if worn.problem:
        raise ConfigError(f"{worn.problem}; the built-in figure is shown", remedy=worn.remedy)
    return f"{persona.name} wears {worn.name}"


def _programme(path: Path) -> str:
    return f"{len(read_programme(path).planned)} segments; 'haishin programme check {path}' rehearses them"


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


def _commands(settings: Settings) -> str:
    connected = [name for name in SOURCES if getattr(settings.sources, name)]
    moderator = cache(lambda: Moderator(settings.moderation))  # it takes a moment, and is seldom needed

    def judge(text: str) -> Verdict:
        return moderator().check(text, Context(Direction.OUT))

    return describe(settings.commands, settings.timers, connected, judge)


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
