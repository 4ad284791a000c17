"""Builds what lets the host speak of its own accord."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from loguru import logger

from bot.errors import HaishinError
from bot.mind.failover import LlmChain
from bot.persona.persona import Page
from bot.runtime.metering import CallPurpose
from bot.show.night.accord import OwnAccord
from bot.show.night.ahead import SpeakingAhead
from bot.show.night.bank import FILE, NightBank
from bot.show.night.drafting import Drafter
from bot.show.night.likeness import MOST, Said
from bot.show.night.meaning import MOST as MOST_THOUGHTS
from bot.show.night.meaning import Meanings
from bot.show.night.recordings import FOLDER, NightRecordings
from bot.show.turn import Judge
from bot.text.sanitize import has_word
from bot.types import TurnKind
from bot.voice.failover import TtsChain
from bot.voice.recorded import RecordedVoice

if TYPE_CHECKING:
    from bot.app.app import App

#: How long a model is waited for that is asked whether it is back, in seconds.
REACH_S: Final = 4.0
#: How far back a piece about what happened of late looks.
LATELY: Final = dt.timedelta(hours=2)
_HEADING: Final = re.compile(r"(?m)^#{1,6}[ \t]+(\S[^\n]*)$")


async def open_night(app: App, llm: LlmChain, tts: TtsChain, judge: Judge, folder: Path | None) -> OwnAccord:
    """Make it, with what earlier runs prepared and said, and what they spoke ahead. ``folder`` None keeps nothing."""
    settings = app.settings.night

    def clock() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    async def recent() -> Sequence[str]:
        try:
            return await app.ledger.programme.recent(clock() - LATELY)
        except HaishinError as error:
            logger.info("what happened of late is not known: {}", error)
            return ()

    async def reached() -> bool:
        return await llm.revive(REACH_S)

    def taken() -> bool:
        air = app.programme.runner.air if app.programme.runner is not None else None
        return air is not None and not air.speechless

    bank = NightBank(folder / FILE if folder else None, clock, lambda: app.persona.id)
    said = Said(settings.remember_h)
    recordings = NightRecordings(folder / FOLDER if folder else None)
    await bank.load()
    await recordings.load()
    app.show.speaker.tts = RecordedVoice(tts, recordings)
    since = clock() - dt.timedelta(hours=settings.remember_h)
    heard = await app.ledger.programme.said(since, MOST)
    for at, text in heard:
        said.add(text, at)
    meanings = Meanings(lambda: app.memory.embedder)
    told = await app.ledger.programme.said(since, MOST_THOUGHTS, TurnKind.SEGMENT)
    told += [(piece.made_at, piece.words) for piece in bank.pieces if piece.said_at is None]
    for at, text in sorted(told):
        meanings.add(text, at)
    app.persona.lines.remember(text for _, text in heard)
    for piece in bank.pieces:
        said.add(piece.words, piece.said_at or piece.made_at)
    drafter = Drafter(
        app.show,
        llm.aside,
        bank,
        said,
        judge=judge,
        worker=app.worker,
        clock=clock,
        recent=recent,
        pages=lambda: sections(app.persona.knowledge),
        meanings=meanings,
    )
    night = OwnAccord(
        app.show,
        bank,
        drafter,
        said,
        settings,
        clock=clock,
        reached=reached,
        taken=taken,
        ahead=SpeakingAhead(app.show, tts, recordings, bank, settings) if folder else None,
        patience=app.budget.patience,
        affordable=lambda: llm.may_be_asked(CallPurpose.NIGHT),
    )
    app.observers.add(night)
    return night


def sections(pages: Sequence[Page]) -> list[tuple[str, str]]:
    """Return what stands under each heading of a persona's pages: page and heading, words."""
    found = []
    for page in pages:
        _, *parts = (
            ["", page.name, *_HEADING.split(page.text)] if not _HEADING.match(page.text) else _HEADING.split(page.text)
        )
        found += [
            (f"{page.name}: {title}", words.strip()) for title, words in zip(parts[::2], parts[1::2], strict=False)
        ]
    return [(title, words) for title, words in found if has_word(words)]
