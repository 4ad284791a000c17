"""Builds one channel from the configuration. Alone it imports everything."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from loguru import logger

from bot import config
from bot.app import builtin_models
from bot.app.app import App
from bot.app.casting import load_persona, look_of, policy_of, prompter_of, style_of, with_voices
from bot.app.moderator import checked_moderator, open_worker
from bot.app.recorder import Recorder, open_spools, settle_unwritten
from bot.app.sources import need_packages, open_sources
from bot.config import Settings
from bot.control.chat_room import ChatRoom
from bot.control.control_room import ControlRoom, Controls
from bot.control.overdue import OverdueWatch
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
from bot.show.chat_replies import ChatReplies
from bot.show.composer import Composer
from bot.show.loop import Show
from bot.show.outbound import LeakGuard
from bot.show.performance import Cast
from bot.sources.registry import SourceRegistry
from bot.stage.clip import ClausePlayback
from bot.stage.hub import Overlay
from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.store.records import Recovery
from bot.store.turns import TurnJournal
from bot.telemetry.alarms import Alarms
from bot.voice.failover import TtsChain, open_tts
from bot.voice.speaker import Speaker
from bot.web.auth.token import read_or_make_token
from bot.web.server import bind, create_app, make_server
from moderation.corrections.cases import CASES, Cases

#: Lines of so long ago are known again after a restart.
REMEMBERED = dt.timedelta(minutes=30)
#: Turns of earlier runs that the host remembers.
REMEMBERED_TURNS = 50


@asynccontextmanager
async def open_app(
    settings: Settings, files: list[Path], progress: builtin_models.Progress, *, pace: float = 1.0
) -> AsyncIterator[App]:
    """Build the show: storage, moderation, models, voices, pages. Raises `ConfigError` with the remedy."""
    persona = load_persona(settings)
    need_packages(settings)
    data = config.data_dir()
    token = settings.web.token.get_secret_value() or read_or_make_token(data / "token")
    app = App(settings, files, persona, token)
    app.moderator = await asyncio.to_thread(checked_moderator, settings)
    app.worker = open_worker(app.moderator)
    async with AsyncExitStack() as stack:
        stack.callback(app.worker.close)
        sock = bind(settings.web.host, settings.web.port)
        stack.callback(sock.close)
        app.port = sock.getsockname()[1]
        url = config.store_url(settings)
        app.ledger = Ledger(await stack.enter_async_context(open_store(url)))
        spools, settlements = open_spools(None if ":memory:" in url else data)
        app.turns = TurnJournal(app.ledger, settlements)
        llm, tts = await _open_models(stack, app, progress)
        await _assemble(app, llm, tts, spools, pace)
        api = create_app(app.control, app.show.stage, config.home() / "overlay" / "dist")
        server = make_server(api, token=token, host=settings.web.host, origins=settings.web.origins)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[sock]))
            try:
                yield app
            finally:
                server.should_exit = True
                done, _ = await asyncio.wait({serving}, timeout=1.5)
                if not done:
                    serving.cancel()


async def _open_models(stack: AsyncExitStack, app: App, progress: builtin_models.Progress) -> tuple[LlmChain, TtsChain]:
    settings = app.settings

    def failed(name: str, error: BaseException) -> None:
        passing = isinstance(error, TransientError)
        kind = "quota" if isinstance(error, QuotaError) else "transient" if passing else "fatal"
        app.metrics.failures.labels(name, kind).inc()
        logger.warning("{} failed: {}", name, error)

    llm_links = await builtin_models.llm_entries(settings, progress)
    tts_links = with_voices(await builtin_models.tts_entries(settings, progress), app.persona)
    llm = await stack.enter_async_context(open_llm(llm_links, on_failure=failed))
    tts = await stack.enter_async_context(open_tts(tts_links, on_failure=failed))
    panel = await stack.enter_async_context(open_judges(settings.judges, llm, asyncio.get_running_loop().time, failed))
    app.opinions = SecondOpinion(panel, settings.judging, lambda: app.moderator.policy)
    app.parts.chains = {"llm": llm, "tts": tts, "judge": panel}
    return llm, tts


async def _assemble(app: App, llm: LlmChain, tts: TtsChain, spools: Spools, pace: float) -> None:
    """Join the parts, and take up what an earlier run left."""
    settings, persona, ledger = app.settings, app.persona, app.ledger
    clock = asyncio.get_running_loop().time
    deletions = await settle_unwritten(ledger, spools, app.turns.spool)
    recovery = await ledger.recover()
    app.observers.add(Recorder(ledger.journal, app.turns))
    app.inbox = Inbox(settings.inbox, clock, random.Random(), app.observers)  # noqa: S311 - fairness, not a secret
    guard = LeakGuard(app.moderator, lambda: app.show.cast.prompter.private)
    history = History(await ledger.history(REMEMBERED_TURNS) if settings.memory.history else ())
    app.show = _show(app, llm, tts, guard, history, pace)
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
    app.feed.restore(spools.payments.load(), deletions)
    app.sources.sources = open_sources(settings, app.feed, config.data_dir())
    app.overdue = OverdueWatch(app.inbox, alarms)
    app.replies = ChatReplies(app.sources, guard, lambda source: _replies(app.settings, source), app.worker)
    streams = StreamStates(alarms, clock)
    cases = await asyncio.to_thread(Cases, config.data_dir() / CASES, app.moderator.allowances)
    if cases.broken:
        logger.warning("{} line(s) of {} cannot be read and count for nothing", cases.broken, cases.file)
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
    )
    room = ChatRoom(persona.about, look_of(persona, settings).label)
    app.control = ControlRoom(controls, room, persona, app.metrics)
    app.observers.add(app.show, app.control, app.control.moderation, streams, app.replies)
    await _take_up(app, recovery)


def _show(app: App, llm: LlmChain, tts: TtsChain, judge: LeakGuard, history: History, pace: float) -> Show:
    settings, persona = app.settings, app.persona
    stage = Overlay(
        look_of(persona, settings),
        stop_timeout_s=settings.stage.stop_timeout_s,
        max_pages=settings.stage.max_pages,
        clock=asyncio.get_running_loop().time,
        first_epoch=int(time.time()) & 0x7FFFFFFF,  # grows over restarts: a page's old sound is never taken for new
        pace=pace,
    )
    composer = Composer(
        llm,
        persona.lines,
        persona.name,
        filler_after_s=settings.show.filler_after_s,
        reply_chars=settings.show.reply_chars,
        observer=app.observers,
    )
    speaker: Speaker[ClausePlayback] = Speaker(
        tts,
        stage,
        style_of(persona),
        lookahead_s=settings.show.lookahead_s,
        on_voiceless=lambda error: app.observers.provider_failed("tts: no voice for a clause", error),
    )
    return Show(
        cast=Cast(persona.lines, prompter_of(persona, settings), policy_of(persona, settings)),
        inbox=app.inbox,
        floor=app.floor,
        stage=stage,
        composer=composer,
        history=history,
        speaker=speaker,
        judge=judge,
        recorder=app.turns,
        observer=app.observers,
        opinions=app.opinions,
        worker=app.worker,
    )


async def _take_up(app: App, recovery: Recovery) -> None:
    """Let the payments of an earlier run wait for their thanks again."""
    if recovery.closed:
        logger.warning("the last run ended in mid-sentence; {} turn(s) were closed as heard", len(recovery.closed))
    now = asyncio.get_running_loop().time()
    for message in recovery.pending:
        await app.intake.take_up(replace(message, at=now))
    if recovery.pending:
        logger.info("{} paid event(s) of the last run still wait for their thanks", len(recovery.pending))


def _replies(settings: Settings, source: str) -> str:
    return str(getattr(getattr(settings.sources, source, None), "replies", "off"))
