"""Builds what the host remembers, and lets it listen to the show."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from loguru import logger
from pydantic import ValidationError

from bot import config
from bot.app.recast import guest_of
from bot.errors import ConfigError, HaishinError
from bot.mind.embedding.embedder import Embedder
from bot.mind.failover import LlmChain
from bot.mind.memory.canon import Canon, spoken_as_i
from bot.mind.memory.extraction import is_weak
from bot.mind.memory.pages.watched import WatchedFolder
from bot.mind.memory.recall import Recall
from bot.mind.settings import MemorySettings
from bot.runtime.providers import load as load_provider
from bot.show.outbound import LeakGuard
from bot.show.remembering.gags import RunningGags
from bot.show.remembering.keeper import PromiseKeeper
from bot.show.remembering.occasion import Occasion
from bot.show.remembering.recalling import Recalling
from bot.show.remembering.remembering import Remembering
from bot.show.remembering.viewers import ViewerMemory
from bot.show.turn import Judge
from bot.store.database import Store
from bot.store.memory.pieces import Piece
from bot.store.memory.store import MemoryStore
from bot.types import Llm, Retraction
from moderation import Context, Direction
from moderation.worker import called

if TYPE_CHECKING:
    from bot.app.app import App

#: Turns of so long ago tell whether the show that is on began before this start.
LATELY: Final = dt.timedelta(hours=24)
TURNS: Final = 2000
#: The least that a prompt may hold of what is remembered, where the machine is slow; tokens.
LEAST_TOKENS: Final = 60
_STRICT: Final = Context(Direction.OUT, strict=True)


@dataclass
class Memory:
    """All that remembers."""

    store: MemoryStore
    recall: Recall
    canon: Canon
    occasion: Occasion
    recalling: Recalling
    remembering: Remembering
    keeper: PromiseKeeper
    viewers: ViewerMemory
    gags: RunningGags
    pages: WatchedFolder
    embedder: Embedder | None

    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return what runs as long as the show."""
        return {
            "memory": self.remembering.run,
            "promises": self.keeper.run,
            "running gags": self.gags.run,
            "recalling": self.recalling.run,
            "what the host said of itself": self.recalling.keep_canon,
            "memory's index": self.recall.serve,
            "pages of knowledge": self.pages.run,
        }

    def update(self, settings: MemorySettings) -> None:
        """Take over settings."""
        self.keeper.enabled = settings.long_term
        self.viewers.enabled = settings.viewers

    def forget(self, source: str, viewer: str) -> None:
        """Forget a viewer in all that is not the store's."""
        self.remembering.forget(source, viewer)
        self.gags.forget(source, viewer)
        self.recalling.forgotten(source, viewer)
        self.recall.forgotten(source, viewer)
        self.keeper.retracted(Retraction(source, author=viewer))


async def open_memory(app: App, stack: AsyncExitStack, store: Store, llm: LlmChain) -> Memory:
    """Make it, with what earlier shows left. A part that cannot be read leaves the host without it, and says so."""
    show = app.show
    judge = LeakGuard(app.moderator, lambda: show.cast.prompter.private)

    def settings() -> MemorySettings:
        return app.settings.memory

    def clock() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def zone() -> dt.tzinfo | None:
        return ZoneInfo(settings().timezone) if settings().timezone else None

    async def passes(text: str) -> bool:
        return bool(await called(app.worker, partial(_passes, judge, text)))

    async def forget(source: str, viewer: str) -> None:
        show.forget(source, viewer)
        app.forget(source, viewer)
        await app.ledger.forget(viewer, source)

    memory = MemoryStore(store)
    embedder = await open_embedder(settings().embedder, stack)
    recall = Recall(memory, embedder)
    stack.callback(recall.close)
    pages = WatchedFolder(
        lambda: _pages_of(app.settings.persona),
        recall,
        guests=lambda: {name: _pages_of(name) for name in _guests(app)},
    )
    canon = Canon()
    heard = [at for at, _ in await app.ledger.programme.said(clock() - LATELY, TURNS)]
    occasion = Occasion(clock, heard, zone=zone, segment=partial(_segment, app), game=partial(_game, app))
    recalling = Recalling(
        memory,
        recall,
        canon,
        occasion,
        tokens=lambda: _tokens(app),
        guards=lambda: settings().long_term and settings().canon_guard,
        told=lambda: (spoken_as_i(app.persona.system), *(e.reply for e in app.persona.examples)),
        persona=lambda: app.persona.id,
        guest=lambda: guest_of(app),
        tells_moment=lambda: settings().moment,
        notes=lambda: _notes(app, pages),
        reads_slowly=lambda: app.local_model.speed is not None,
    )
    remembering = Remembering(
        show,
        memory,
        occasion,
        settings,
        llm=lambda: _writer(app, llm),
        passes=passes,
        passes_now=partial(_passes, judge),
        used=lambda: _taken(recalling.used),
        persona=lambda: app.persona.id,
        read_ahead=lambda: app.local_model.read_again(),  # noqa: PLW0108 - it is made later
    )

    async def name_of(piece: Piece) -> str:
        known = await memory.viewer(piece.source, piece.author_id) if piece.author_id else None
        return known.name if known else ""

    keeper = PromiseKeeper(
        memory,
        occasion,
        language=lambda: show.cast.policy.language,
        name_of=name_of,
        taken=lambda: app.programme.runner is not None and app.programme.runner.air is not None,
    )
    viewers = ViewerMemory(
        memory,
        lines=lambda: show.cast.lines,
        prefix=lambda: app.settings.commands.prefix,
        clock=asyncio.get_running_loop().time,
        passes=passes,
        forget=forget,
    )
    gags = RunningGags(memory, passes=passes, enabled=lambda: settings().long_term)
    made = Memory(memory, recall, canon, occasion, recalling, remembering, keeper, viewers, gags, pages, embedder)
    made.update(settings())
    await _load(app, made)
    show.performance.mind = recalling
    show.greet_with(remembering.greeting)
    show.lead(keeper)
    app.commands.memory = viewers
    app.observers.add(occasion, remembering, recalling, keeper, gags)
    return made


async def _load(app: App, made: Memory) -> None:
    """Read what earlier shows left: what the host said of itself, the last show, promises that were kept."""
    try:
        await made.recalling.learn_canon()
        await made.remembering.load()
        await made.keeper.settle([exchange.turn for exchange in app.show.history.latest(1_000_000)])
    except HaishinError as error:
        logger.error("what the host remembers cannot be read: {}", error)


async def open_embedder(entry: str | Mapping[str, Any], stack: AsyncExitStack) -> Embedder | None:
    """Open the embedder of the settings; None: memory is searched by words alone, as where the built-in one is missing.

    Raises `ConfigError` for one that was named and cannot be had.
    """
    if entry == "off":
        return None
    options = {"provider": "e5"} if isinstance(entry, str) else dict(entry)
    name = str(options.pop("provider", ""))
    try:
        module = await asyncio.to_thread(load_provider, "bot.mind.embed", name)
        made: Embedder = await stack.enter_async_context(module.connect(module.Config(**options)))
    except ValidationError as error:
        raise ConfigError(
            f"memory.embedder: {error.errors(include_url=False)[0]['msg']}", remedy="see docs/memory.md"
        ) from None
    except HaishinError as error:
        if entry != "auto":
            raise
        logger.info("memory is searched by words alone: {}", error)
        return None
    return made


def _passes(judge: Judge, text: str) -> bool:
    return judge.check(text, _STRICT).allowed


def _taken(used: set[int]) -> list[int]:
    taken = sorted(used)
    used.clear()
    return taken


def _tokens(app: App) -> int:
    """Return what a prompt may hold of memory: the setting, or less where the model here reads slowly."""
    wanted = app.settings.memory.recalled_tokens
    if "recalled_tokens" in app.settings.memory.model_fields_set:
        return wanted
    full = max(1, app.settings.memory.knowledge_tokens)
    return min(wanted, max(LEAST_TOKENS, wanted * app.show.cast.prompter.notes_tokens // full))


def _notes(app: App, pages: WatchedFolder) -> int:
    """Return what a prompt may hold of the pages that are searched by meaning; nothing where that finds no more."""
    return app.show.cast.prompter.notes_tokens if pages.helps(guest_of(app)) else 0


def _pages_of(persona: str) -> Path:
    return config.home() / "personas" / persona / "knowledge"


def _guests(app: App) -> list[str]:
    """Return the other personas that may be the host: those of the programme, and the one who is there."""
    runner = app.programme.runner
    named = [] if runner is None else [one.persona for one in runner.agenda.file.programme.segments]
    return sorted({*named, guest_of(app)} - {"", app.settings.persona})


def _writer(app: App, llm: LlmChain) -> Llm | None:
    """Return the models as they may write memories; None when the first of them is too weak for that."""
    return None if any(map(is_weak, app.models[:1])) else llm.aside()


def _segment(app: App) -> tuple[str, str]:
    runner = app.programme.runner
    if runner is None or runner.air is None:
        return "", ""
    segment = runner.air.planned.segment
    return segment.kind, segment.name


def _game(app: App) -> str:
    return next((stream.category for stream in app.streams.streams.values() if stream.category), "")
