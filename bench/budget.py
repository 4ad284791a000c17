"""An evening with the budget of the day reached in the middle: ``python -m bench.budget`` prints a table.

The whole host (`bench.support.virtual_host`) on a clock that jumps, over its ledger on a real SQLite file, with a dear
model, a cheap one and a voice that cost money, and a voice that costs none. The models and voices count for themselves
what they took, as a provider does: by another tokenizer than the estimate's, and also of answers that were cut before
the count was sent. The host is killed once, as by kill -9. At the end their own books are compared with the host's.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import itertools
import json
import sqlite3
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loguru import logger
from rich.console import Console
from rich.table import Table

from bench.month import Month
from bench.support.virtual_host import Model, Voice, provider_module, run_virtually
from bot import config
from bot.errors import TransientError
from bot.show.observer import Observer
from bot.show.turn import FinishedTurn
from bot.types import Delta, Kind, Pcm, Prompt, Style, Tool, TurnKind, Usage

START = dt.datetime(2026, 11, 28, 19, tzinfo=dt.UTC)
#: When the host is killed, and when the evening ends: after midnight, in seconds from its start.
KILLED_S, END_S = 5400.0, 6.5 * 3600
#: A viewer asks each so many seconds; somebody pays each so many questions.
ASK_S, PAY_EACH = 40.0, 7
#: Dollars for a million: dear and cheap tokens read and written, and characters.
DEAR, CHEAP, VOICE = (2.5, 10.0), (1.0, 4.0), 15.0
SETTINGS = """
llm: [{{provider: virtual, first_s: 5}}, {{provider: virtual_cheap}}]
tts: [{{provider: virtual}}, {{provider: virtual_free}}]
night: {{talkativeness: sometimes, quiet_s: 15, bank: 20, every_s: 60, ahead: 5}}
show: {{reply_chars: 300}}
watchdog: {{enabled: false}}
memory: {{embedder: "off"}}
budget:
  day: {{usd: {usd}}}
  time_zone: UTC
  prices:
    virtual: {{input: 2.5, output: 10}}
    virtual_cheap: {{input: 1, output: 4}}
  voices: {{virtual: 15, virtual_free: 0}}
"""


@dataclass(eq=False)
class Booking(Model):
    """A model that keeps its own books, as a provider does: its tokens are not those of the estimate."""

    read: int = 0
    written: int = 0
    cut: int = 0
    calls: int = 0
    fails: itertools.cycle[bool] = field(default_factory=lambda: itertools.cycle([False] * 39 + [True]))

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream a tale; now and then refuse, and now and then talk on until somebody closes."""
        if next(self.fails):
            raise TransientError("the server answered 503")
        self.calls += 1
        self.sentences = 12 if self.calls % 4 == 0 else 3
        reads = sum(_counted(line.text) + 5 for line in prompt.lines)
        self.read += reads
        whole, writes = False, 0
        try:
            async for delta in Model.reply(self, prompt, tools):
                writes += _counted(delta.text)
                self.written += _counted(delta.text)
                yield delta
            whole = True
            yield Delta(usage=Usage(reads, writes))
        finally:
            self.cut += not whole


def _counted(text: str) -> int:
    """Return how many tokens the provider counts: a word has one, and one more for each five letters."""
    return sum(1 + len(word) // 5 for word in text.split())


@dataclass(eq=False)
class BookingVoice(Voice):
    """A voice that keeps its own books."""

    characters: int = 0

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream silence as long as the text."""
        self.characters += len(text)
        async for pcm in Voice.speak(self, text, style):
            yield pcm


class Watch(Observer):
    """Counts what became of the turns, by the level of the budget at the time."""

    def __init__(self, evening: Evening) -> None:
        self._evening = evening

    def turn_over(self, turn: FinishedTurn) -> None:
        """Count a turn."""
        self._evening.count(turn)


@dataclass
class Phase:
    """What happened while the budget stood at one level."""

    began: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    chars: list[int] = field(default_factory=list)
    usd: float = 0.0


class Evening(Month):
    """The world around the host."""

    def __init__(self, home: Path, usd: float, start: dt.datetime) -> None:
        super().__init__(home, quiet=15.0)
        self.machine.start = self.start = start
        self.dear, self.cheap, self.free = Booking(), Booking(), Voice()
        self.machine.model, self.machine.voice = self.dear, BookingVoice()
        self.phases: defaultdict[str, Phase] = defaultdict(Phase)
        self.level = ""
        self.alarms: list[str] = []
        own = home / "settings.yaml"
        own.write_text(SETTINGS.format(usd=usd), "utf-8")
        self.settings = config.load([own], {})
        self._seen = (0, 0, 0, 0)

    async def begin(self) -> None:
        """Start a host."""
        await super().begin()
        assert self.app is not None
        self.app.observers.add(Watch(self))

    def look(self) -> None:
        """Take note of the level, and of what the alarm says."""
        if self.app is None:
            return
        level = str(self.app.budget.level)
        if self.app.budget.today > self.start.date():
            level = "next day"
        if level != self.level:
            self.level = level
            self.phases[level].began = self.phases[level].began or f"{self.machine.now():%H:%M}"
            standing = [alarm.text for alarm in self.app.control.alarms.standing() if alarm.id == "budget"]
            self.alarms += [text for text in standing if text not in self.alarms]
        self.phases[level].usd = max(self.phases[level].usd, self.app.budget.meter.day.micros / 1e6)

    def count(self, turn: FinishedTurn) -> None:
        """Count a turn by what it was and by who made it."""
        phase = self.phases[self.level]
        voice = self.machine.voice
        assert isinstance(voice, BookingVoice)
        now = (self.dear.calls, self.cheap.calls, voice.spoken, self.free.spoken)
        dear, cheap, paid_voice, free_voice = (a - b for a, b in zip(now, self._seen, strict=True))
        self._seen = now
        phase.counts["own"] += turn.plan.kind in (TurnKind.SEGMENT, TurnKind.LINE)
        phase.counts["by the dear voice"] += paid_voice > 0
        phase.counts["by the free voice"] += free_voice > 0 and not paid_voice
        phase.counts["silent"] += not turn.text
        if turn.plan.kind is TurnKind.ANSWER:
            phase.counts["answers"] += 1
            phase.counts["by a model" if dear or cheap else "prepared"] += 1
            phase.counts["by the dear model"] += dear > 0
            phase.chars.append(len(turn.text))
        elif turn.plan.for_money:
            phase.counts["thanks for money"] += 1
            phase.counts["thanks by the dear voice"] += paid_voice > 0
            worded = any(message.kind is Kind.SUPER_CHAT for message in turn.plan.messages)
            phase.counts["answers to super chats"] += worded
            phase.counts["of these by the dear model"] += worded and dear > 0


async def evening(
    usd: float, home: Path, hours: float = END_S / 3600, *, start: dt.datetime = START, killed_s: float = KILLED_S
) -> dict[str, Any]:
    """Live through an evening; return what was counted, by the host and by the providers."""
    made = Evening(home, usd, start)
    names = {
        "bot.mind.llm.virtual_cheap": provider_module("llm", made.cheap),
        "bot.voice.tts.virtual_free": provider_module("tts", made.free),
    }
    with made.machine.in_place():
        sys.modules.update(names)
        try:
            loop = asyncio.get_running_loop()
            zero = loop.time()
            await made.begin()
            asks, killed = 0, False
            while loop.time() < zero + hours * 3600:
                asks += 1
                made.write(f"Mira, what is in the log book of day {asks}?")
                if asks % PAY_EACH == 0:
                    made.pay()
                for _ in range(int(ASK_S / 5)):
                    await asyncio.sleep(5)
                    made.look()
                if not killed and loop.time() >= zero + killed_s:
                    killed = True
                    await made.kill()
                    await asyncio.sleep(20)
                    await made.begin()
            await asyncio.sleep(30)
            made.look()
            spent = _spent(made.machine.database)
            await made.kill()
        finally:
            for name in names:
                sys.modules.pop(name, None)
    return _result(made, spent, asks)


def _spent(database: Path) -> dict[str, tuple[int, int, int, int]]:
    """Return what the host wrote: tokens read and written, characters and micro-dollars by link."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as c:
        rows = c.execute(
            "select link, sum(prompt), sum(completion), sum(characters), sum(micros) from spend group by link"
        )
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


def _result(made: Evening, spent: dict[str, tuple[int, int, int, int]], asks: int) -> dict[str, Any]:
    voice = made.machine.voice
    assert isinstance(voice, BookingVoice)
    true = {
        "llm:virtual": (made.dear.read, made.dear.written, 0, _micros(made.dear, DEAR)),
        "llm:virtual_cheap": (made.cheap.read, made.cheap.written, 0, _micros(made.cheap, CHEAP)),
        "tts:virtual": (0, 0, voice.characters, round(voice.characters * VOICE)),
    }
    names = ("read", "written", "characters", "micros")
    books = {
        link: {
            name: {"provider": theirs, "host": ours, "off_percent": round(100 * (ours - theirs) / theirs, 2)}
            for name, theirs, ours in zip(names, mine, spent.get(link, (0, 0, 0, 0)), strict=True)
            if theirs
        }
        for link, mine in true.items()
    }
    total = sum(one[3] for one in true.values())
    return {
        "questions": asks,
        "calls": made.dear.calls + made.cheap.calls,
        "cut": made.dear.cut + made.cheap.cut,
        "phases": {
            name: {
                "from": phase.began,
                "day_usd": round(phase.usd, 4),
                "answer_chars": round(sum(phase.chars) / max(1, len(phase.chars))),
                **phase.counts,
            }
            for name, phase in made.phases.items()
        },
        "alarms": made.alarms,
        "books": books,
        "off_percent": round(100 * (sum(one[3] for one in spent.values()) - total) / total, 2),
    }


def _micros(model: Booking, price: tuple[float, float]) -> int:
    return round(model.read * price[0] + model.written * price[1])


def main() -> None:
    """Print the evening."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("--usd", type=float, default=1.0, help="the limit of the day")
    parser.add_argument("--hours", type=float, default=END_S / 3600)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    logger.remove()
    with tempfile.TemporaryDirectory() as name:
        found = run_virtually(lambda: evening(arguments.usd, Path(name), arguments.hours))
    if arguments.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return
    out = Console(width=150)
    keys = list(dict.fromkeys(key for phase in found["phases"].values() for key in phase))
    table = Table("", *found["phases"], box=None)
    for key in keys:
        table.add_row(key, *(str(phase.get(key, 0)) for phase in found["phases"].values()))
    out.print(table)
    for alarm in found["alarms"]:
        out.print(f"alarm: {alarm}")
    books = Table("link", "what", "the provider's books", "the host's", "off", box=None)
    for link, sums in found["books"].items():
        for what, one in sums.items():
            books.add_row(link, what, f"{one['provider']:,}", f"{one['host']:,}", f"{one['off_percent']:+.2f} %")
    out.print(books)
    out.print(f"{found['calls']} calls, {found['cut']} of them cut; in all {found['off_percent']:+.2f} % off")


if __name__ == "__main__":
    main()
