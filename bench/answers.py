"""Whose facts a weak model answers with: the asker's own, the persona's pages', or none.

    python -m bench.answers [--model qwen2.5-coder-0.5b] [--half both|tuned|aside] [--show] [--json]

Method: the facts of ``bench/lines/answers.yaml`` are told by viewers who asked to be remembered and taken by rules into
a database; each question is recalled as on air (the store, the index, the built-in embedder, budgets of a slow machine:
60 tokens of memories and 60 of pages; yet searched to the end on a busy machine), asked of a built-in model at
temperature 0, and its answer is looked through for the words that a right one holds and those that a wrong one holds.
``read`` is what the model had to read of each prompt after the beginning that it knows, in tokens as estimated.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import re
import statistics
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import yaml
from loguru import logger

from bench.remembering import weights
from bot.app.memory import open_embedder
from bot.inbox.entries import Choice
from bot.mind.failover import LlmChain, open_llm
from bot.mind.memory.canon import Canon
from bot.mind.memory.facts import by_rules, fact_of
from bot.mind.memory.history import History, estimate_tokens
from bot.mind.memory.knowledge import Knowledge
from bot.mind.memory.pages.watched import WatchedFolder
from bot.mind.memory.recall import Recall
from bot.mind.prompt import Character, Prompter
from bot.mind.reply.parser import ReplyParser
from bot.persona.persona import load as load_persona
from bot.show.remembering import recalling as on_air
from bot.show.remembering.occasion import Occasion
from bot.show.remembering.recalling import Recalling
from bot.show.turn import TurnPlan
from bot.store.database import open_store
from bot.store.memory.pieces import Piece, PieceKind
from bot.store.memory.store import MemoryStore
from bot.types import Author, Kind, Message, TurnKind

LINES: Final = Path(__file__).parent / "lines" / "answers.yaml"
KINDS: Final = ("own", "pages", "neither")
#: Tokens of memories and of pages that the host gives the built-in model on two cores.
MEMORIES, NOTES = 60, 60


@dataclass(frozen=True)
class Asked:
    """A question; ``right`` and ``wrong`` are words of an answer, empty where there are none."""

    persona: str
    kind: str
    viewer: str
    text: str
    right: str
    wrong: str
    aside: bool


@dataclass(frozen=True)
class Answered:
    """What a model made of a question."""

    asked: Asked
    text: str
    read: int
    told: str

    @property
    def good(self) -> bool:
        """Whether it has the right words and none of the wrong ones."""
        found = self.text.casefold()
        a = self.asked
        return (not a.right or bool(re.search(a.right, found))) and not (a.wrong and re.search(a.wrong, found))


def questions() -> Iterator[Asked]:
    """Yield the questions; every second one of a kind is kept aside."""
    for persona, rows in yaml.safe_load(LINES.read_text("utf-8")).items():
        for kind in KINDS:
            for number, row in enumerate(rows[kind]):
                viewer, text, right, wrong = row
                yield Asked(persona, kind, viewer, text, right, wrong, bool(number % 2))


@asynccontextmanager
async def remembering(persona: str, folder: Path) -> AsyncIterator[tuple[Prompter, Recalling, Recall]]:
    """Provide a persona's prompts and its memory, which knows what was told."""
    made = load_persona(Path("personas") / persona)
    pages = tuple((page.name, page.text) for page in made.knowledge)
    character = Character(
        made.name,
        made.system,
        tuple((e.viewer, e.reply) for e in made.examples),
        0.0,
        languages=made.languages,
        knowledge=Knowledge(pages, (made.name, *made.aliases)),
    )
    prompter = Prompter(character, max_tokens=60, history_tokens=0, knowledge_tokens=NOTES)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(f"sqlite:///{folder / persona}.sqlite"))
        memory = MemoryStore(store)
        recall = Recall(memory, await open_embedder("auto", stack), patience_s=30)
        stack.callback(recall.close)
        for viewer, lines in yaml.safe_load(LINES.read_text("utf-8"))[persona]["told"].items():
            await memory.remember("twitch", viewer, viewer.title())
            for line in lines:
                facts = by_rules(line) or [fact_of(line, "", line)]
                for fact in facts:
                    await memory.add(
                        Piece(
                            PieceKind.VIEWER,
                            fact.text,
                            source="twitch",
                            author_id=viewer,
                            slot=fact.slot,
                            origin=fact.origin,
                            language=fact.language,
                        )
                    )
        watched = WatchedFolder(lambda: Path("personas") / persona / "knowledge", recall)
        await watched.look()
        group = await stack.enter_async_context(asyncio.TaskGroup())
        serving = group.create_task(recall.serve())
        stack.callback(serving.cancel)
        while recall.progress.done < recall.progress.total and recall.progress.embedder:
            await asyncio.sleep(0.1)
        recalling = Recalling(
            memory,
            recall,
            Canon(),
            Occasion(lambda: dt.datetime.now(dt.UTC)),
            tokens=lambda: MEMORIES,
            guards=lambda: False,
            tells_moment=lambda: False,
            notes=lambda: NOTES if watched.helps() else 0,
            reads_slowly=lambda: True,
        )
        yield prompter, recalling, recall


async def ask(llm: LlmChain, half: str) -> list[Answered]:
    """Return what the model answers."""
    found = []
    with tempfile.TemporaryDirectory() as folder, patch.object(on_air, "PATIENCE_S", 60.0):
        for persona in yaml.safe_load(LINES.read_text("utf-8")):
            async with remembering(persona, Path(folder)) as (prompter, recalling, recall):
                await llm.warm(prompter.ahead(History()))
                beginning = prompter.ahead(History()).lines[:-1]
                for one in questions():
                    if one.persona != persona or (half != "both" and one.aside is not (half == "aside")):
                        continue
                    line = Message("m", "twitch", Author(one.viewer, one.viewer.title()), one.text, Kind.CHAT)
                    await recall.prepare(one.text)
                    recalled = await recalling.recall(TurnPlan(TurnKind.ANSWER, Choice((line,), "ordinary", "waited")))
                    prompt = prompter.prompt([line], History(), recalled=recalled)
                    assert prompt.lines[:-1] == beginning
                    parser = ReplyParser(persona)
                    pieces = []
                    async for delta in llm.reply(prompt):
                        pieces += parser.feed(delta.text)
                    pieces += parser.flush()
                    said = "".join(piece for piece in pieces if type(piece) is str).strip()
                    found.append(Answered(one, said, estimate_tokens(prompt.lines[-1].text), prompt.lines[-1].text))
    return found


def rates(found: list[Answered]) -> dict[str, Any]:
    """Return the share of right answers by kind and half."""
    made: dict[str, Any] = {}
    for kind in KINDS:
        for aside in (False, True):
            some = [one for one in found if one.asked.kind == kind and one.asked.aside is aside]
            if some:
                name = f"{kind}, {'kept aside' if aside else 'tuned'}"
                made[name] = f"{sum(one.good for one in some)} of {len(some)}"
        made[kind] = round(statistics.fmean(one.good for one in found if one.asked.kind == kind), 3)
    return made | {"read": round(statistics.fmean(one.read for one in found), 1)}


async def _run(model: str, half: str) -> list[Answered]:
    entry = {"provider": "llamacpp", "model": weights(model), "first_s": 120.0, "gap_s": 120.0}
    async with open_llm([entry]) as llm:
        return await ask(llm, half)


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b", help="a name of models.lock")
    parser.add_argument("--half", default="both", choices=("both", "tuned", "aside"))
    parser.add_argument("--show", action="store_true", help="print the last line of each prompt as well")
    wanted = parser.parse_args()
    logger.remove()
    found = asyncio.run(_run(wanted.model, wanted.half))
    for one in found:
        if wanted.show:
            print(f"\n{one.told}")
        print(f"{'ok  ' if one.good else 'MISS'} {one.asked.kind}: {one.asked.text!r} -> {one.text!r}")
    print(json.dumps({"bench": "answers", "model": wanted.model, **rates(found)}))


if __name__ == "__main__":
    main()
