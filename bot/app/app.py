"""Builds everything from the configuration and holds the root TaskGroup. Alone it imports everything."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import watchfiles
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from loguru import logger

from bot import config
from bot.app import builtin_models
from bot.app.casting import load_persona, look_of, manners_of, prompter_of, style_of, with_voices
from bot.app.moderator import checked_moderator
from bot.app.sources import need_packages, open_sources
from bot.config import Settings
from bot.control.chat_room import ChatRoom
from bot.control.control_room import ControlRoom
from bot.control.health import Parts
from bot.errors import ConfigError, HaishinError, QuotaError, TransientError
from bot.inbox.inbox import Inbox
from bot.intake.context import ModerationContexts
from bot.intake.dedup import Deduplicator
from bot.intake.intake import Intake
from bot.mind.failover import LlmChain, open_llm
from bot.mind.memory.history import Asked, Exchange, History
from bot.persona.persona import Persona
from bot.review import llm_judge
from bot.review.second_opinion import SecondOpinion, open_judges
from bot.runtime.signal import Signal
from bot.runtime.supervise import supervise
from bot.show.chat_replies import ChatReplies
from bot.show.composer import Composer
from bot.show.floor import Floor
from bot.show.loop import Show
from bot.show.outbound import LeakGuard
from bot.show.turn import FinishedTurn
from bot.sources import replay
from bot.stage.clip import ClausePlayback
from bot.stage.hub import Overlay
from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.telemetry.metrics import Metrics
from bot.types import Message
from bot.voice.failover import TtsChain, open_tts
from bot.voice.speaker import Speaker
from bot.web.auth.gate import read_or_make_token
from bot.web.server import bind, create_app, make_server
from moderation import Verdict
from moderation.corrections.cases import CASES, Cases
from moderation.judging.judge import JudgeError
from moderation.moderator import Moderator, SelfTestError

#: How long a sentence may still take after the show was told to end, and all of the ending.
LAST_WORDS_S, ENDING_S = 4.0, 8.0
LAG_EVERY_S = 0.1
#: Lines of so long ago are known again after a restart.
REMEMBERED = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the pages are, token and all."""

    stage: str
    chat: str
    panel: str


class App:
    """One running show. Made by `open_app`."""

    def __init__(self, settings: Settings, files: list[Path], persona: Persona, token: str) -> None:
        self.settings, self.files, self.persona, self.token = settings, files, persona, token
        self.pulse = Signal()
        self.metrics = Metrics()
        self.parts = Parts(self.metrics, self.pulse)
        self.floor = Floor(self.pulse)
        self.show: Show
        self.desk: ControlRoom
        self.intake: Intake
        self.ledger: Ledger
        self.inbox: Inbox
        self.moderator: Moderator
        self.opinions: SecondOpinion
        self.replies: ChatReplies
        self.port = 0

    @property
    def addresses(self) -> Addresses:
        """Where the pages are."""
        host = "127.0.0.1" if self.settings.web.host in ("0.0.0.0", "::") else self.settings.web.host  # noqa: S104
        base, query = f"http://{host}:{self.port}", f"?token={self.token}"
        return Addresses(f"{base}/stage/{query}", f"{base}/chat/{query}", f"{base}/panel/{query}")

    # --- hot reload ---------------------------------------------------------------------------------

    def apply(self, new: Settings) -> list[str]:
        """Take over what can be changed while on air; return the names of the sections that need a restart."""
        old = self.settings
        if new.moderation != old.moderation:
            self._reload_moderation(new)
        if new.inbox != old.inbox:
            self.inbox.update(new.inbox)
        if new.stage != old.stage or new.persona != old.persona:
            if new.persona != old.persona:
                self._take_persona(load_persona(new), new)
            self.show.stage.configure(look_of(self.persona, new))
        if new.show != old.show:
            self.intake.answer = new.show.answer
            self.show.manners = manners_of(self.persona, new)
            self.show.composer.filler_after_s = new.show.filler_after_s
            self.show.composer.reply_chars = new.show.reply_chars
        self.opinions.settings = new.judging
        self.settings = new
        cold = ("web", "llm", "judges", "tts", "memory", "sources", "models", "store", "log")
        return [name for name in cold if getattr(new, name) != getattr(old, name)]

    def _reload_moderation(self, new: Settings) -> None:
        try:
            self.moderator.reload(new.moderation)  # keeps the old policy when it raises
            self.intake.rules_changed()
        except (ValueError, SelfTestError) as error:
            raise ConfigError(f"moderation: {error}", remedy="the old policy stays in force") from error

    def _take_persona(self, persona: Persona, settings: Settings) -> None:
        self.persona = self.desk.persona = persona
        self.show.lines = self.show.composer.lines = persona.lines
        self.show.composer.name = persona.name
        self.show.prompter = prompter_of(persona, settings)
        self.show.manners = manners_of(persona, settings)
        self.show.speaker.style = style_of(persona)

    async def watch_files(self) -> None:
        """Read the configuration again whenever a file of it is written; a fault leaves all as it was."""
        if not self.files:
            await asyncio.Event().wait()
        folders = {file.resolve().parent for file in self.files}
        names = {file.resolve() for file in self.files}
        # The folder is watched, not the file: editors replace files.
        async for changes in watchfiles.awatch(*folders, recursive=False):
            if not names & {Path(changed).resolve() for _, changed in changes}:
                continue
            try:
                cold = self.apply(config.load(self.files))
            except HaishinError as error:
                logger.error("the new configuration is not taken over: {}", error)
            else:
                logger.info("the configuration was read again")
                if cold:
                    logger.warning("a restart is needed for: {}", ", ".join(cold))

    # --- the parts that live as long as the show ------------------------------------------------------

    async def watch_lag(self) -> None:
        """Measure how late the event loop runs."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(LAG_EVERY_S)
            self.metrics.lag.observe(max(0.0, loop.time() - before - LAG_EVERY_S))

    async def show_status(self) -> None:
        """Keep the chat room told of what the host is doing."""
        while True:
            self.desk.room.status(self.desk.status())
            await self.pulse.wait(5.0)

    async def warm_up(self) -> None:
        """Let a model that runs here read the beginning that all prompts share; a turn goes before it."""
        if isinstance(self.show.composer.llm, LlmChain):
            if any(entry.get("provider") == "llm" for entry in self.settings.judges):
                await self.show.composer.llm.warm(llm_judge.beginning())
            await self.show.composer.llm.warm(self.show.prompter.warm_up())

    async def replay(self) -> None:
        """Play the recorded evening of the configuration."""
        wanted = self.settings.sources.replay
        if wanted is not None:
            events = await asyncio.to_thread(replay.parse, wanted.file)
            tally = await replay.play(events, wanted.speed, self.intake.offer, self.desk.retract)
            logger.info("the replay is over: {} messages, {} retractions", tally.offered, tally.retracted)

    async def run(self, until: asyncio.Event) -> None:
        """Be on air until the event is set, then end well."""
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "show": self.show.run,
            "ledger": self.ledger.run,
            "configuration": self.watch_files,
            "loop lag": self.watch_lag,
            "chat room": self.show_status,
            "platforms": self.desk.platforms.run,
            "escalation": self.desk.moderation.run,
            "warm-up": self.warm_up,
        }
        if self.settings.judges:
            parts["second opinions"] = self.intake.run
        if self.settings.sources.replay:
            parts["replay"] = self.replay
        platforms = self.desk.platforms
        if platforms.sources:
            parts |= {"sign-ins": platforms.run_sign_ins, "replies": self.replies.run}
            parts |= {name: source.run for name, source in platforms.sources.items()}
        async with asyncio.TaskGroup() as group:
            tasks = {
                name: group.create_task(supervise(name, run, self.parts.report), name=name)
                for name, run in parts.items()
            }
            with self._timers():
                await until.wait()
            await self._end(tasks)

    async def _end(self, tasks: dict[str, asyncio.Task[None]]) -> None:
        logger.info("ending the show")
        self.floor.close()
        show = tasks["show"]
        await asyncio.wait({show}, timeout=LAST_WORDS_S)
        if not show.done():
            self.floor.interrupt("closing", "the show is ending")
            await asyncio.wait({show}, timeout=2.0)
        for task in tasks.values():
            task.cancel()
        await asyncio.wait(tasks.values(), timeout=2.0)
        await self.ledger.flush()

    @contextlib.contextmanager
    def _timers(self) -> Iterator[None]:
        scheduler = AsyncIOScheduler(timezone=dt.UTC)
        scheduler.add_job(
            self._purge, "interval", minutes=30, next_run_time=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
        )
        scheduler.start()
        try:
            yield
        finally:
            scheduler.shutdown(wait=False)

    async def _purge(self) -> None:
        older = dt.timedelta(hours=self.settings.memory.raw_chat_hours)
        self.desk.moderation.purge(older)
        if gone := await self.ledger.purge(older):
            logger.info("{} lines of old chat were deleted", gone)


# --- building -------------------------------------------------------------------------------------


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
    async with AsyncExitStack() as stack:
        sock = bind(settings.web.host, settings.web.port)
        stack.callback(sock.close)
        app.port = sock.getsockname()[1]
        store = await stack.enter_async_context(
            open_store(settings.store or f"sqlite+aiosqlite:///{(data / 'haishin.db').as_posix()}")
        )
        app.ledger = Ledger(store)
        llm, tts = await _open_models(stack, app, progress)
        await _assemble(app, llm, tts, pace)
        api = create_app(app.desk, app.show.stage, config.home() / "overlay" / "dist")
        server = make_server(api, token=token, host=settings.web.host, origins=settings.web.origins)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[sock]))
            try:
                yield app
            finally:
                server.should_exit = True
                done, _ = await asyncio.wait({serving}, timeout=3.0)
                if not done:
                    serving.cancel()


async def _open_models(stack: AsyncExitStack, app: App, progress: builtin_models.Progress) -> tuple[LlmChain, TtsChain]:
    settings = app.settings

    def failed(name: str, error: BaseException) -> None:
        passing = isinstance(error, TransientError) or (isinstance(error, JudgeError) and not error.fatal)
        kind = "quota" if isinstance(error, QuotaError) else "transient" if passing else "fatal"
        app.metrics.failures.labels(name, kind).inc()
        logger.warning("{} failed: {}", name, error)
        app.pulse.notify()

    llm_links = await builtin_models.llm_entries(settings, progress)
    tts_links = with_voices(await builtin_models.tts_entries(settings, progress), app.persona)
    llm = await stack.enter_async_context(open_llm(llm_links, on_failure=failed))
    tts = await stack.enter_async_context(open_tts(tts_links, on_failure=failed))
    panel = await stack.enter_async_context(open_judges(settings.judges, llm, asyncio.get_running_loop().time, failed))
    app.opinions = SecondOpinion(panel, settings.judging, lambda: app.moderator.policy)
    app.parts.chains = [llm, tts, panel]
    return llm, tts


async def _assemble(app: App, llm: LlmChain, tts: TtsChain, pace: float) -> None:
    """Join the parts, and take up what an earlier run left."""
    settings, persona, ledger = app.settings, app.persona, app.ledger
    loop = asyncio.get_running_loop()
    recovery = await ledger.recover()
    stage = Overlay(
        look_of(persona, settings),
        app.pulse,
        stop_timeout_s=settings.stage.stop_timeout_s,
        max_pages=settings.stage.max_pages,
        clock=loop.time,
        first_epoch=int(time.time()) & 0x7FFFFFFF,  # grows over restarts: a page's old sound is never taken for new
        pace=pace,
    )
    app.inbox = Inbox(settings.inbox, loop.time, random.Random())  # noqa: S311 - fairness, not a secret
    history = History(await _remembered(ledger) if settings.memory.history else ())

    def composing_failed(what: str, error: BaseException | None) -> None:
        app.metrics.failures.labels(what.partition(":")[0], "reply").inc()
        logger.warning("{}: a prepared line is said instead{}", what, f" ({error})" if error else "")

    composer = Composer(
        llm,
        persona.lines,
        persona.name,
        filler_after_s=settings.show.filler_after_s,
        reply_chars=settings.show.reply_chars,
        on_failure=composing_failed,
    )
    speaker: Speaker[ClausePlayback] = Speaker(
        tts,
        stage,
        style_of(persona),
        lookahead_s=settings.show.lookahead_s,
        on_voiceless=lambda error: logger.warning("no voice for this clause: {}", error),
    )

    def outcome(message: Message, what: str, reason: str) -> None:
        app.desk.outcome(message, what, reason)

    def recorded(message: Message, what: str, reason: str) -> None:
        ledger.outcome(message, what, reason)
        outcome(message, what, reason)

    def turn_over(past: FinishedTurn) -> None:
        app.desk.turn_over(past)
        app.replies.turn_over(past)

    def judged(verdict: Verdict) -> None:
        app.metrics.verdicts.labels("out", verdict.action.value).inc()
        app.desk.moderation.said(verdict)

    app.inbox.on_outcome = recorded
    confidence = LeakGuard(app.moderator, lambda: app.show.prompter.private)
    app.show = Show(
        inbox=app.inbox,
        floor=app.floor,
        stage=stage,
        composer=composer,
        prompter=prompter_of(persona, settings),
        history=history,
        speaker=speaker,
        judge=confidence,
        ledger=ledger,
        lines=persona.lines,
        manners=manners_of(persona, settings),
        pulse=app.pulse,
        on_turn=turn_over,
        on_outcome=outcome,
        on_verdict=judged,
        on_block=lambda b: app.desk.moderation.unsaid(b),  # noqa: PLW0108 - the desk is made after this
        opinions=app.opinions,
    )
    app.intake = Intake(
        app.inbox,
        ledger,
        app.moderator,
        names=(persona.name, *persona.aliases),
        answer=settings.show.answer,
        arrivals=Deduplicator(await ledger.seen(REMEMBERED)),
        contexts=ModerationContexts(lambda source: app.moderator.policy.for_platform(source)),  # noqa: PLW0108 - it is exchanged on air
        second=app.opinions,
        on_offer=lambda m, v, o: app.desk.offered(m, v, o),  # noqa: PLW0108 - as above
    )
    greeting = persona.about
    label = look_of(persona, settings).label
    cases = await asyncio.to_thread(Cases, config.data_dir() / CASES, app.moderator.allowances)
    if cases.broken:
        logger.warning("{} line(s) of {} cannot be read and count for nothing", cases.broken, cases.file)
    room, parts = ChatRoom(greeting, label), app.parts.all
    app.desk = ControlRoom(app.show, app.intake, room, persona, app.metrics, app.pulse, parts, ledger, cases)
    app.desk.platforms.sources = open_sources(settings, app.desk.platforms, config.data_dir())
    app.replies = ChatReplies(app.desk.platforms, confidence, lambda source: _replies(app.settings, source))
    app.desk.on_retract = app.replies.take_back
    if recovery.closed:
        logger.warning("the last run ended in mid-sentence; {} turn(s) were closed as heard", len(recovery.closed))
    for message in recovery.pending:
        app.intake.take_up(replace(message, at=loop.time()))
    if recovery.pending:
        logger.info("{} paid event(s) of the last run still wait for their thanks", len(recovery.pending))


def _replies(settings: Settings, source: str) -> str:
    return str(getattr(getattr(settings.sources, source, None), "replies", "off"))


async def _remembered(ledger: Ledger) -> list[Exchange]:
    return [
        Exchange(
            e.turn, tuple(Asked(a.id, a.author_id, a.name, a.text, a.source) for a in e.asked), e.heard, e.interrupted
        )
        for e in await ledger.history(50)
    ]


def on_signals(stop: Callable[[], None]) -> None:
    """Let SIGTERM and Ctrl-C end the show well; a second one ends it at once."""
    loop = asyncio.get_running_loop()

    def once(*_: object) -> None:
        stop()
        for name in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError, RuntimeError):
                loop.remove_signal_handler(name)
            signal.signal(name, signal.SIG_DFL)

    for name in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(name, once)
        except NotImplementedError:  # Windows
            signal.signal(name, lambda *_: loop.call_soon_threadsafe(once))
