"""Drives single parts of the program for cases that come from public reports. Nothing is decided here.

Each function puts one input through the real parts and returns what came out, as plain values where it can.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import traceback
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot import config
from bot.inbox.inbox import Inbox, Limits
from bot.intake.context import ModerationContexts
from bot.intake.intake import Intake
from bot.mind.failover import open_llm
from bot.mind.llm import ollama, openai
from bot.mind.reply.parser import ReplyParser
from bot.sources.bilibili.room import RoomContext
from bot.sources.bilibili.web_mapper import map_web
from bot.sources.settings import Rates
from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.types import Author, Clause, Kind, Line, Llm, Message, Prompt, Role
from bot.voice.clauses.maker import ClauseMaker
from tests.support.harness import Stagehand
from tests.support.moderators import make_moderator

PROMPT = Prompt((Line("user", "hi"),), max_tokens=60)


def clauses(text: str, language: str = "en", name: str = "Mira", step: int = 5) -> list[Clause]:
    """Return the clauses that a model's text becomes for the host ``name``, in deltas of ``step`` characters."""
    parser, maker, found = ReplyParser(name), ClauseMaker("t", language), list[Clause]()
    for at in range(0, len(text), step):
        for piece in parser.feed(text[at : at + step]):
            found += maker.feed(piece)
        if parser.ended is not None:
            break
    for piece in parser.flush():
        found += maker.feed(piece)
    return [*found, *maker.flush()]


def read_aloud(text: str, language: str) -> str:
    """Return the words that the voice is given, joined by spaces."""
    return " ".join(clause.speech for clause in clauses(text, language))


async def openai_reply(base_url: str) -> tuple[str, str]:
    """Return what the real provider reads from a server, and its error or an empty string."""
    async with openai.connect(openai.Config(base_url=base_url, model="m")) as llm:
        return await _reply(llm)


async def ollama_reply(host: str) -> str:
    """Return what the real provider reads from a server, or its error."""
    async with ollama.connect(ollama.Config(host=host, model="m")) as llm:
        text, error = await _reply(llm)
    return error or text


async def _reply(llm: Llm) -> tuple[str, str]:
    found: list[str] = []
    try:
        async for delta in llm.reply(PROMPT):
            found.append(str(delta.text))  # noqa: PERF401 - what came before an error counts
    except Exception as error:  # noqa: BLE001 - an error that is none of ours is what a case looks for
        return "".join(found), f"{type(error).__name__}: {error}"
    return "".join(found), ""


async def perform(base_url: str, lines: Iterable[str]) -> tuple[list[str], str, list[str]]:
    """Run a show over the real chain and provider: what was spoken, why it ended or "", the failures that it told."""
    failures: list[str] = []

    def failed(name: str, error: Exception) -> None:
        failures.append(f"{name}: {error}")

    entry = {"provider": "openai", "base_url": base_url, "model": "m"}
    async with open_llm([entry], failed) as llm:
        hand, ended = Stagehand(), ""
        hand.show.composer.llm = llm
        try:
            async with hand.on_air():
                for number, line in enumerate(lines):
                    await hand.chat(line, f"viewer{number}")
                    await hand.quiet(30)
        except BaseException as error:  # noqa: BLE001 - whatever ended the show is the answer
            ended = "".join(traceback.format_exception_only(error)).strip()
        return hand.tts.spoken, ended, failures


def bilibili_messages(event: Mapping[str, Any]) -> list[Any]:
    """Return the messages of an event of a web room."""
    return list(map_web(RoomContext("bilibili_web", Rates(), lambda *_: None), event))


async def take_in(event: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """Put an event of a web room through the intake and the ledger on SQLite: item or text, outcome, amount of each."""
    found: list[tuple[str, str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(f"sqlite+aiosqlite:///{folder}/x.db") as store, asyncio.TaskGroup() as group:
            ledger = Ledger(store)
            running = group.create_task(ledger.journal.run())
            inbox = Inbox(Limits(), asyncio.get_running_loop().time, random.Random(1))
            intake = Intake(inbox, ledger, make_moderator(), names=("Mira",))
            for message in bilibili_messages(event):
                offer = await intake.offer(message)
                item = message.evidence.item if message.evidence else message.text
                found.append((item, offer.outcome, message.amount))
            running.cancel()
    return found


def permit(text: str) -> bool:
    """Return whether a moderator's line is taken for the ``!permit`` that it is."""
    moderator = Author("1", "mod", frozenset({Role.MODERATOR}))
    return bool(ModerationContexts().command(Message("m", "twitch", moderator, text, Kind.CHAT), 0.0))


async def offers(lines: Sequence[tuple[str, Iterable[str], str]]) -> list[tuple[str, str]]:
    """Offer lines (author, roles, text) to a show that answers all. Return the outcome and the reason of each."""
    hand, found = Stagehand(), list[tuple[str, str]]()
    for number, (who, roles, text) in enumerate(lines):
        author = Author(who, who, frozenset(Role[role.upper()] for role in roles))
        offer = await hand.intake.offer(Message(f"p{number}", "twitch", author, text, Kind.CHAT))
        found.append((str(offer.outcome), offer.reason))
    return found


def loads(path: Path | str) -> str:
    """Return an empty string when the configuration file loads, else the error."""
    try:
        config.load([Path(path)], {})
    except Exception as error:  # noqa: BLE001 - as above
        return str(error) or type(error).__name__
    return ""
