"""Builds one channel from the configuration. Alone it imports everything."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from loguru import logger

from bot import config
from bot.app import builtin_models
from bot.app.app import App
from bot.app.budget import open_budget
from bot.app.casting import (
    load_persona,
    look_of,
    models,
    open_pronunciations,
    with_voices,
    worn_by,
)
from bot.app.hearing import Hearing
from bot.app.memory import open_memory
from bot.app.mixing import Channel, open_mixing
from bot.app.moderator import checked_moderator, open_worker
from bot.app.night import open_night
from bot.app.programme import open_programme
from bot.app.recorder import Recorder, open_spools, settle_unwritten
from bot.app.seeing import Seeing, looking, open_eyes
from bot.app.show import make_show
from bot.app.sources import need_packages, open_sources
from bot.app.tools import open_tools
from bot.config import Settings
from bot.control.avatar.controls import AvatarControls
from bot.control.budget import BudgetControls
from bot.control.chat_room import ChatRoom
from bot.control.control_room import ControlRoom, Controls
from bot.control.layers.feed import LayerFeed, Sight
from bot.control.layers.translating import Translator
from bot.control.overdue import OverdueWatch
from bot.control.provider_watch import ProviderWatch
from bot.control.streams import StreamStates
from bot.errors import QuotaError, TransientError
from bot.inbox.inbox import Inbox
from bot.intake.context import ModerationContexts
from bot.intake.dedup import Deduplicator
from bot.intake.feed import Feed, Spools
from bot.intake.intake import Intake
from bot.mind.failover import LlmChain, open_llm
from bot.mind.memory.history import History
from bot.review.second_opinion import SecondOpinion, open_judges
from bot.runtime.providers import load as load_provider
from bot.show.chat_replies import ChatReplies
from bot.show.commands.commands import Commands
from bot.show.outbound import LeakGuard
from bot.sources.registry import SourceRegistry
from bot.stage.layers.shelf import FILE as LAYOUTS
from bot.stage.vts.client import VTubeStudio
from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.store.lock import hold_file
from bot.store.records import Recovery
from bot.store.turns import TurnJournal
from bot.telemetry.alarms import Alarms
from bot.types import Retraction
from bot.voice.failover import TtsChain, open_tts
from bot.web.door import Door
from bot.web.server import create_app
from bot.web.waiting import Part
from moderation.corrections.cases import CASES, Cases

#: Lines of so long ago are known again after a restart.
REMEMBERED = dt.timedelta(minutes=30)
_ELSEWHERE = "stop the other host first, or give this one a data folder of its own: HAISHIN_HOME=…"
#: Turns of earlier runs that the host remembers.
REMEMBERED_TURNS = 50


@asynccontextmanager
async def open_app(
    settings: Settings, files: list[Path], door: Door, progress: builtin_models.Progress, *, pace: float = 1.0
) -> AsyncIterator[App]:
    """Build the show behind its door: storage, moderation, models, voices, pages. Raise `ConfigError` with the remedy.

    The door is opened when all is ready, and closed first at the end.
    """
    starting = door.waiting
    persona = load_persona(settings)
    need_packages(settings)
    data = config.data_dir()
    url = config.store_url(settings)
    kept = None if ":memory:" in url else data
    app = App(settings, files, persona, door)
    async with AsyncExitStack() as stack:
        if kept:  # what waits for the database lies there: of one host alone
            await stack.enter_async_context(hold_file(kept / "host.lock", f"the data folder {kept}", _ELSEWHERE))
        asked = builtin_models.ask_beside(settings)
        starting.enter(Part.MODERATION)
        app.moderator = await asyncio.to_thread(checked_moderator, settings)
        app.worker = open_worker(app.moderator)
        stack.callback(app.worker.close)
        starting.enter(Part.DATABASE)
        store = await stack.enter_async_context(open_store(url, as_host=True))
        app.ledger = Ledger(store)
        spools, settlements = open_spools(kept)
        app.turns = TurnJournal(app.ledger, settlements)
        llm, tts = await _open_models(stack, app, progress, asked)
        starting.enter(Part.SHOW)
        app.eyes = await open_eyes(app, stack, llm)
        await _assemble(app, llm, tts, spools, pace, kept)
        app.seeing = Seeing(app, app.eyes, app.show.stage.streamer) if app.eyes else None
        app.memory = await open_memory(app, stack, store, llm)
        app.control.memory.attach(app.memory.store, app.memory.recall, lambda: app.show.cast.prompter.noted)
        dist = config.home() / "overlay" / "dist"
        door.open(
            await asyncio.to_thread(create_app, app.control, app.show.stage, dist, token=door.token, avatar=app.avatar)
        )
        try:
            yield app
        finally:
            await door.close()
            await app.show.stage.board.emotes.close()


async def _open_models(
    stack: AsyncExitStack, app: App, progress: builtin_models.Progress, asked: builtin_models.Asked
) -> tuple[LlmChain, TtsChain]:
    settings, starting = app.settings, app.door.waiting
    starting.enter(Part.WEIGHTS)

    def fetched(name: str, done: int, total: int) -> None:
        starting.fetched(done, total)
        progress(name, done, total)

    def failed(name: str, error: BaseException) -> None:
        passing = isinstance(error, TransientError)
        kind = "quota" if isinstance(error, QuotaError) else "transient" if passing else "fatal"
        app.metrics.failures.labels(name, kind).inc()
        logger.warning("{} failed: {}", name, error)

    llm_links = await builtin_models.llm_entries(settings, fetched, asked)
    tts_links = with_voices(await builtin_models.tts_entries(settings, fetched), app.persona)
    app.links = {"llm": llm_links, "tts": tts_links}
    app.models = [str(link.get("model", "")) for link in llm_links]
    starting.enter(Part.MODELS)
    await asyncio.to_thread(_import_providers, llm_links, tts_links)
    llm = await stack.enter_async_context(open_llm(llm_links, on_failure=failed))
    tts = await stack.enter_async_context(open_tts(tts_links, on_failure=failed))
    panel = await stack.enter_async_context(open_judges(settings.judges, llm, asyncio.get_running_loop().time, failed))
    app.opinions = SecondOpinion(panel, settings.judging, lambda: app.moderator.policy)
    app.parts.chains = {"llm": llm, "tts": tts, "judge": panel}
    app.parts.troubles["database"] = lambda: app.ledger.trouble
    return llm, tts


def _import_providers(llm_links: list[config.Link], tts_links: list[config.Link]) -> None:
    """Import what is opened next, in a thread: the libraries of models take seconds, and the waiting page answers."""
    for package, links in (("bot.mind.llm", llm_links), ("bot.voice.tts", tts_links)):
        for link in links:
            with suppress(Exception):  # told by its chain, which tries again
                load_provider(package, str(link.get("provider")))


async def _assemble(app: App, llm: LlmChain, tts: TtsChain, spools: Spools, pace: float, kept: Path | None) -> None:
    """Join the parts, and take up what an earlier run left."""
    settings, persona, ledger = app.settings, app.persona, app.ledger
    clock = asyncio.get_running_loop().time
    deletions = await settle_unwritten(ledger, spools, app.turns)
    recovery = await ledger.recover()
    app.observers.add(Recorder(ledger.journal, app.turns))
    app.inbox = Inbox(settings.inbox, clock, random.Random(), app.observers)  # noqa: S311 - fairness, not a secret
    guard = LeakGuard(app.moderator, lambda: app.show.cast.prompter.private)
    history = History(await ledger.history(REMEMBERED_TURNS) if settings.memory.history else ())
    app.show = make_show(app, llm, tts, guard, history, pace, await ledger.first_epoch())
    app.intake = Intake(
        app.inbox,
        ledger,
        app.moderator,
        names=(persona.name, *persona.aliases),
        answer=settings.show.answer,
        settings=settings.intake,
        arrivals=Deduplicator(await ledger.seen(REMEMBERED)),
        contexts=ModerationContexts(lambda source: app.moderator.policy.for_platform(source)),  # noqa: PLW0108 - it is exchanged on air
        second=app.opinions,
        observer=app.observers,
        worker=app.worker,
    )
    alarms = Alarms(clock)
    app.sources = SourceRegistry(alarms)
    app.feed = Feed(app.intake, app.sources, ledger, app.observers, alarms, spools)
    app.feed.restore(await asyncio.to_thread(spools.payments.load), deletions)
    app.sources.sources = open_sources(settings, app.feed, config.data_dir())
    app.overdue = OverdueWatch(app.inbox, alarms)
    app.provider_watch = ProviderWatch(app.parts.chains, alarms)
    app.replies = ChatReplies(app.sources, guard, lambda source: _replies(app.settings, source), app.worker)
    app.commands = app.intake.commands = Commands(
        app.show, app.replies, settings.commands, settings.timers, host=lambda: app.persona.name, outcomes=ledger
    )
    streams = app.streams = StreamStates(alarms, clock)
    app.mixing = open_mixing(
        settings,
        Channel(
            show=app.show,
            sources=app.sources,
            streams=streams,
            observers=app.observers,
            alarms=alarms,
            clock=clock,
            port=lambda: app.door.port,
            data=config.data_dir(),
            prefix=lambda: app.settings.commands.prefix,
        ),
    )
    app.programme = await open_programme(app, llm, ledger.programme, streams, alarms)
    app.budget, app.prices = await open_budget(app, llm, tts, streams, alarms)
    app.show.composer.brevity = app.budget.brevity
    app.hearing = Hearing(app, streams, alarms)
    names = await open_pronunciations(persona, kept, app.show.speaker.spell)
    app.night = await open_night(app, llm, tts, guard, kept)
    app.tools = open_tools(app, llm, guard, look=looking(app.eyes) if app.eyes else None)
    cases = await asyncio.to_thread(Cases, config.data_dir() / CASES, app.moderator.allowances)
    if cases.broken:
        logger.warning("{} line(s) of {} cannot be read and count for nothing", cases.broken, cases.file)

    def forget(source: str, viewer: str) -> None:
        app.commands.forget(source, viewer)
        if app.programme.desk is not None:
            app.programme.desk.forget(source, viewer)
        app.night.retracted(Retraction(source, author=viewer))
        app.memory.forget(source, viewer)

    app.forget = forget
    controls = Controls(
        show=app.show,
        intake=app.intake,
        sources=app.sources,
        streams=streams,
        alarms=alarms,
        parts=app.parts,
        ledger=ledger,
        observer=app.observers,
        cases=cases,
        director=app.mixing.director,
        watchdog=app.mixing.watchdog,
        programme=app.programme.desk,
        ears=app.hearing.controls,
        night=app.night,
        tools=app.tools.box,
        budget=BudgetControls(app.budget, ledger.spending),
        names=names,
        eyes=app.eyes,
        forget=forget,
    )
    room = ChatRoom(persona.about, look_of(persona, settings).label)
    app.control = ControlRoom(controls, room, persona, app.metrics)
    app.layers = _layers(app, streams, room)
    app.translator = Translator(app.show.stage, llm, guard, lambda: app.layers.settings.second_language, app.worker)
    await _open_stage(app, kept)
    app.replies.pages["local"] = lambda text: room.written(app.persona.name, text)
    app.commands.director = app.mixing.chat_orders()
    app.commands.programme = app.programme.desk
    app.observers.add(
        app.show,
        app.control,
        app.control.moderation,
        streams,
        app.replies,
        app.commands,
        app.local_model,
        app.tools,
        app.layers,
        app.feelings,
    )
    await _take_up(app, recovery)


def _layers(app: App, streams: StreamStates, room: ChatRoom) -> LayerFeed:
    sight = Sight(
        show=app.show,
        streams=streams,
        sources=app.sources,
        alarms=app.control.alarms,
        changed=app.control.changed,
        lines=lambda: app.persona.lines,
        language=lambda: app.show.cast.policy.language,
        desk=app.programme.desk,
        director=app.mixing.director,
        channel=lambda: str(getattr(app.sources.sources.get("twitch"), "channel_id", "")),
    )
    layers = LayerFeed(sight, app.settings.stage)
    room.listeners.append(layers)
    return layers


async def _open_stage(app: App, kept: Path | None) -> None:
    stage = app.show.stage
    await stage.board.shelf.load(kept / LAYOUTS if kept else None)
    app.avatar = AvatarControls(models(), stage, app.control.alarms)
    worn = await asyncio.to_thread(worn_by, app.persona)
    stage.settings = app.avatar.follow(app.persona.id, worn, stage.settings)
    app.avatar.changed.lead_to(app.control.changed)
    if app.settings.stage.vts.enabled:
        vts = VTubeStudio(app.settings.stage.vts, stage, app.control.alarms, config.data_dir())
        vts.changed.lead_to(app.avatar.changed)
        app.avatar.vts = vts


async def _take_up(app: App, recovery: Recovery) -> None:
    """Queue the payments of an earlier run for their thanks again."""
    if recovery.closed:
        logger.warning("the last run ended in mid-sentence; {} turn(s) were closed as heard", len(recovery.closed))
    now = asyncio.get_running_loop().time()
    owed = [m for m in recovery.pending if not app.turns.acknowledges(m)]
    for message in owed:
        await app.intake.take_up(replace(message, at=now))
    if owed:
        logger.info("{} paid event(s) of the last run still wait for their thanks", len(owed))


def _replies(settings: Settings, source: str) -> str:
    return str(getattr(getattr(settings.sources, source, None), "replies", "off"))
