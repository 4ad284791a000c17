"""One running show: its long-lived parts under the root TaskGroup, and its end. `bot.app.build` makes it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import watchfiles
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from loguru import logger

from bot import config
from bot.app import reload
from bot.app.budget import Prices
from bot.app.casting import load_persona
from bot.app.hearing import Hearing
from bot.app.local_model import LocalModel
from bot.app.memory import Memory
from bot.app.mixing import Mixing
from bot.app.moderator import hear_names
from bot.app.programme import Programming
from bot.app.seeing import Seeing
from bot.app.tools import HostTools
from bot.config import Settings
from bot.control.avatar.controls import AvatarControls
from bot.control.control_room import ControlRoom
from bot.control.health import Parts
from bot.control.layers.feed import LayerFeed
from bot.control.layers.translating import Translator
from bot.control.overdue import OverdueWatch
from bot.control.provider_watch import ProviderWatch
from bot.control.streams import StreamStates
from bot.errors import HaishinError
from bot.inbox.inbox import Inbox
from bot.intake.feed import Feed
from bot.intake.intake import Intake
from bot.mind.budget.governor import BudgetGovernor
from bot.persona.persona import Persona
from bot.review.second_opinion import SecondOpinion
from bot.runtime.machine import give_back_memory
from bot.runtime.supervise import supervise
from bot.show.chat_replies import ChatReplies
from bot.show.commands.commands import Commands
from bot.show.feelings.feelings import Feelings
from bot.show.floor import Floor
from bot.show.loop import Show
from bot.show.night.accord import OwnAccord
from bot.show.observer import Observers
from bot.sources import replay
from bot.sources.registry import SourceRegistry
from bot.store.ledger import Ledger
from bot.store.turns import TurnJournal
from bot.telemetry.metrics import Metrics
from bot.telemetry.redaction import Redactor
from bot.text.field_types import secrets_in
from bot.types import CutKind
from bot.vision.eyes import Eyes
from bot.web.auth.token import Page, page_query
from bot.web.door import Door
from moderation.moderator import Moderator, SelfTestError
from moderation.worker import Worker

#: How long a sentence may still take after the show was told to end, and all of the ending but the server's: the
#: whole must stay under the 10 s after which Docker kills.
LAST_WORDS_S, ENDING_S = 4.0, 7.5
LAG_EVERY_S = 0.1
#: How often the database is asked whether it answers, and how long that is waited for, in seconds.
PROBE_EVERY_S = 2.0
#: How often memory that was freed is given back to the system, in seconds.
GIVE_BACK_EVERY_S = 600.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the pages are, each with the weakest key that opens it."""

    stage: str
    chat: str
    panel: str


class App:
    """One running show. `bot.app.build.open_app` makes it and gives it its parts."""

    def __init__(self, settings: Settings, files: list[Path], persona: Persona, door: Door) -> None:
        self.settings = settings
        self.files = files
        #: Who the host is now: a guest whom a segment invited, else the persona of the settings.
        self.persona = persona
        self.own_persona = persona
        self.guest: Persona | None = None
        self.door = door
        self.metrics = Metrics()
        self.parts = Parts(self.metrics)
        self.floor = Floor(settings.floor)
        self.observers = Observers()
        self.local_model = LocalModel(self)
        self.mixing = Mixing()
        self.programme = Programming()
        #: The models of the settings as they are asked, best first, by their names or files.
        self.models: list[str] = []
        # What follows is put in by `bot.app.build`.
        self.show: Show
        self.feelings: Feelings
        self.control: ControlRoom
        self.feed: Feed
        self.intake: Intake
        self.inbox: Inbox
        self.ledger: Ledger
        self.turns: TurnJournal
        self.sources: SourceRegistry
        self.overdue: OverdueWatch
        self.provider_watch: ProviderWatch
        self.moderator: Moderator
        self.worker: Worker
        self.opinions: SecondOpinion
        self.replies: ChatReplies
        self.night: OwnAccord
        self.links: dict[str, list[config.Link]] = {}
        self.budget: BudgetGovernor
        self.prices: Prices
        self.commands: Commands
        self.hearing: Hearing
        self.tools: HostTools
        self.streams: StreamStates
        self.memory: Memory
        #: Forgets a viewer in all parts but the show, moderation and the records: source and id.
        self.forget: Callable[[str, str], None]
        self.layers: LayerFeed
        self.avatar: AvatarControls
        self.translator: Translator
        self.eyes: Eyes | None = None
        self.seeing: Seeing | None = None

    @property
    def addresses(self) -> Addresses:
        """Where the pages are."""
        host = "127.0.0.1" if self.settings.web.host in ("0.0.0.0", "::") else self.settings.web.host  # noqa: S104
        base = f"http://{f'[{host}]' if ':' in host else host}:{self.door.port}"
        stage, chat, panel = (
            f"{base}/{page}/{page_query(self.door.token, page)}" for page in (Page.STAGE, Page.CHAT, Page.PANEL)
        )
        return Addresses(stage, chat, panel)

    # --- the parts that live as long as the show ------------------------------------------------------

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
                cold = reload.apply(self, *await asyncio.to_thread(self._prepared))
            except HaishinError as error:
                logger.error("the new configuration is not taken over: {}", error)
            else:
                logger.info("the configuration was read again")
                if cold:
                    logger.warning("a restart is needed for: {}", ", ".join(cold))

    def _prepared(self) -> tuple[Settings, Persona]:
        """Read the configuration and its persona, and make what takes long of them, in a thread."""
        settings = config.load(self.files)
        if settings.moderation != self.settings.moderation:
            with contextlib.suppress(ValueError, SelfTestError):  # `reload.apply` says what is wrong
                self.moderator.prepare(settings.moderation)
        return settings, load_persona(settings)

    async def watch_lag(self) -> None:
        """Measure how late the event loop runs."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(LAG_EVERY_S)
            self.metrics.lag.observe(max(0.0, loop.time() - before - LAG_EVERY_S))

    async def give_back_memory(self) -> None:
        """Release to the system what was freed: what the start took, and what a flood or a sound took."""
        while True:
            await asyncio.sleep(GIVE_BACK_EVERY_S)
            await asyncio.to_thread(give_back_memory)

    async def watch_database(self) -> None:
        """Ask the database now and then whether it answers, and tell the pages when that changes."""
        before = ""
        while True:
            with contextlib.suppress(HaishinError, TimeoutError):
                async with asyncio.timeout(PROBE_EVERY_S):
                    await self.ledger.probe()
            if self.ledger.trouble != before:
                before = self.ledger.trouble
                logger.log("ERROR" if before else "INFO", "the database: {}", before or "it answers again")
                self.parts.changed.notify()
            await asyncio.sleep(PROBE_EVERY_S)

    async def show_status(self) -> None:
        """Keep the chat room told of what the host is doing."""
        stage = self.show.stage
        while True:
            self.control.room.status(self.control.status())
            before = (stage.state, stage.audible)
            # A page's reports ring as often as it plays; they are nothing new to the room.
            await self.control.changed.wait_until(lambda b=before: (stage.state, stage.audible) != b, 5.0)  # type: ignore[misc]

    async def call_for_help(self) -> None:
        """Tell the webhooks and the program of the settings of every alarm."""
        from bot.telemetry.notify import run_notifier  # noqa: PLC0415 - its HTTP library is heavy, and few shows call

        await run_notifier(
            self.settings.notify,
            self.control.alarms,
            host=self.persona.name,
            clock=asyncio.get_running_loop().time,
            redact=Redactor(secrets_in(self.settings)),
        )

    async def replay(self) -> None:
        """Play the recorded evening of the configuration."""
        wanted = self.settings.sources.replay
        if wanted is not None:
            events = await asyncio.to_thread(replay.parse, wanted.file)
            tally = await replay.play(events, wanted.speed, self.feed.offer, self.feed.retract)
            logger.info("the replay is over: {} messages, {} retractions", tally.offered, tally.retracted)

    async def run(self, until: asyncio.Event) -> None:
        """Run the show until the event is set, then end well."""
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "show": self.show.run,
            "ledger": self.ledger.journal.run,
            "turns": self.turns.run,
            "feed": self.feed.run,
            "commands": self.commands.run,
            "configuration": self.watch_files,
            "loop lag": self.watch_lag,
            "memory given back": self.give_back_memory,
            "watch over the database": self.watch_database,
            "chat room": self.show_status,
            "overdue thanks": self.overdue.run,
            "providers": self.provider_watch.run,
            "escalation": self.control.moderation.run,
            "warm-up": self.local_model.warm_up,
            "reading ahead": self.local_model.read_ahead,
            **self.mixing.parts,
            **self.programme.parts(),
            **self.hearing.parts(),
            "own accord": self.night.run,
            **self.tools.parts(),
            "budget": self.budget.run,
            "what is spent": self.budget.meter.run,
            **self.memory.parts(),
            "layers of the stage": self.layers.run,
            "model on the stage": self.avatar.run,
            "mood": self.feelings.run,
            "second captions": self.translator.run,
            **self.avatar.parts(),
            "names by ear": partial(hear_names, self),
        }
        if self.seeing is not None:
            parts |= self.seeing.parts()
        if self.settings.judges:
            parts["second opinions"] = self.intake.run
        if self.settings.notify.webhooks or self.settings.notify.command:
            parts["calls for help"] = self.call_for_help
        if self.settings.sources.replay:
            parts["replay"] = self.replay
        if self.sources.sources:
            parts |= {"sign-ins": self.sources.run_sign_ins, "replies": self.replies.run}
            parts |= {name: source.run for name, source in self.sources.sources.items()}
        async with asyncio.TaskGroup() as group:
            tasks = {
                name: group.create_task(supervise(name, run, self.parts.report), name=name)
                for name, run in parts.items()
            }
            with self._timers():
                await until.wait()
            await self._end(tasks)

    async def _end(self, tasks: dict[str, asyncio.Task[None]]) -> None:
        """End within `ENDING_S`: a goodbye or the end of the sentence, then all parts, then the record."""
        logger.info("ending the show")
        loop = asyncio.get_running_loop()
        end = loop.time() + ENDING_S
        show = tasks["show"]
        self.show.close()
        await asyncio.wait({show}, timeout=LAST_WORDS_S)
        if not show.done():
            self.floor.interrupt(CutKind.CLOSING, "the show is ending")
            await asyncio.wait({show}, timeout=1.0)
        for task in tasks.values():
            task.cancel()
        await asyncio.wait(tasks.values(), timeout=1.0)
        try:
            async with asyncio.timeout(max(0.5, end - loop.time())):
                await self.turns.close()
                await self.ledger.journal.flush()
                await self.budget.meter.sync()
        except (TimeoutError, HaishinError) as error:
            left = self.turns.waiting + self.ledger.journal.waiting
            logger.error(
                "the database did not take the end of the record ({} entries): {}", left, str(error) or "too slow"
            )

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
        self.control.moderation.purge(older)
        if gone := await self.ledger.purge(older):
            logger.info("{} lines of old chat were deleted", gone)
