"""A month of a channel that is on day and night, with an outage each twenty minutes: ``python -m bench.month``.

The whole host, as `bot.app.build` makes it, on a clock that jumps: programme, night bank, own accord, moderation,
ledger on a real SQLite file. Model, voice, stage page, platform and mixer are fast stand-ins for what is outside. Each
window of twenty minutes has an outage of three minutes, kind after kind: the model is gone, the voice, the page, the
platform's connection, OBS, the host itself (as by kill -9, while it speaks), the database (another program holds
it), or all providers at once. Before, during and after it somebody pays, and somebody writes. Each day begins with a
raid, and the month has the night on which the clock is set back.

Then one JSON object says: how often each segment was on, and should have been; what became of every payment, by the
ledger and by what was heard; the longest silence, beside the dial; how much of what was said was like something of the
last 72 hours; and how the memory grew. Time in which no sound could be had (no page, no host, no voice) is no silence.

    python -m bench.month --days 2                a quick look, some minutes
    python -m bench.month --days 30 --quiet 60    the month
    python -m bench.month --days 0.5 --window 300 --outages slow_model    a model that hangs all the time
    python -m bench.month --cut                   six hours without model, voice and network alone
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import gc
import itertools
import json
import logging
import re
import sqlite3
import sys
import tempfile
import time
import tracemalloc
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from loguru import logger
from rapidfuzz import fuzz, process
from rich.console import Console
from rich.progress import Progress

from bench.support.audience import Audience, Ear, Heard
from bench.support.kept import Kept
from bench.support.virtual_host import PROVIDER, VirtualHost, run_virtually
from bot import config
from bot.app import app as host_app
from bot.app.app import App
from bot.config import Settings
from bot.control.layers import feed
from bot.mind.budget import meter
from bot.persona.lines import Purpose
from bot.persona.persona import load
from bot.runtime.machine import GC_THRESHOLDS
from bot.show.feelings import feelings
from bot.show.remembering import recalling
from bot.show.schedule.file import read
from bot.sources.source import ChannelAction, Link, LinkState
from bot.types import Author, Health, Kind, Message, Money
from moderation.classifier.classifier import Classifier
from moderation.text.forms import Tables
from tests.fakes.mixer import FakeMixer

ROOT = Path(__file__).parents[1]
START = dt.datetime(2026, 10, 9, 22, tzinfo=dt.UTC)  # midnight in Berlin; the clock is set back on the 25th
WINDOW_S, OUTAGE_S, DAY_S = 1200.0, 180.0, 86_400.0
#: How long a host needs to be there again after it was killed.
DOWN_S = 20.0
#: Two texts are too like each other from here on, as rapidfuzz says it (per cent), within so many hours.
ALIKE, WITHIN_H = 85.0, 72.0
NAMES = "Annabel Benedict Clara Dominic Esther Florian Greta Henrik Isabel Jasper Katrin Leander Miriam Norbert".split()
PROGRAMME = """
zone: Europe/Berlin
segments:
  - {name: morning, kind: talk, when: {cron: "0 7 * * *"}, length: 6m, late: 1h, missed: once,
     opening: "Say the opening of morning'", closing: "Say the closing of morning'",
     options: {topics: [the day that begins, what the viewers do today], pieces: 2, pause_s: 10}}
  - {name: chatter, kind: talk, when: {every: 2h}, length: 5m, late: 1h, missed: once,
     opening: "Say the opening of chatter'",
     options: {topics: [the sea, the night, soup, old coats], shuffled: true, pieces: 1, pause_s: 10}}
  - {name: night reading, kind: reading, when: {cron: "30 2 * * *"}, length: 20m, late: 1h, missed: once,
     options: {folder: texts, texts: 1}}
  - {name: story, kind: story, when: {cron: "30 20 * * *"}, length: 15m, late: 1h, missed: once,
     opening: "Say the opening of story'", options: {premise: a message in a bottle, chapters: 3, choice_s: 30}}
  - {name: questions, kind: questions, when: {after: story}, length: 10m, late: 1h, missed: once,
     options: {collect_s: 60, most: 3}}
  - {name: poll, kind: poll, when: {cron: "0 18 * * 1-5"}, length: 6m, late: 1h, missed: once,
     options: {title: What comes next, choices: [a quiz, a story], seconds: 60}}
  - {name: quiz, kind: quiz, when: {cron: "10 15 * * *"}, length: 12m, late: 1h, missed: once,
     options: {bank: quiz.yaml, count: 3, answer_s: 20}}
  - {name: look back, kind: recap, when: {cron: "45 */6 * * *"}, length: 4m, late: 1h, missed: once,
     options: {hours: 6}}
  - {name: pause, kind: break, when: {cron: "20 4,11 * * *"}, length: 5m, late: 1h, missed: once,
     options: {seconds: 120}}
  - {name: midnight, kind: countdown, when: {cron: "55 23 * * *"}, length: 6m, late: 10m,
     options: {seconds: 240, about: the new day}}
  - {name: welcome, kind: talk, when: {event: raid}, length: 4m, late: 1h,
     options: {topics: [the guests who have just come], pieces: 1}}
"""
QUIZ = """
questions:
  - {ask: "How many legs has a spider?", answers: [eight, "8"]}
  - {ask: "Which planet is the largest?", answers: [Jupiter]}
  - {ask: "What is the capital of Norway?", answers: [Oslo]}
"""
SETTINGS = """
llm: [{{provider: {provider}}}]
tts: [{{provider: {provider}}}]
programme: {home}/programme.yaml
night: {{quiet_s: {quiet}, bank: {bank}, every_s: {every}, again_after_h: {again}, ahead: {bank}, ahead_mb: 400}}
obs: {{enabled: true, host: 192.0.2.1}}
watchdog: {{enabled: false}}
director:
  scenes: {{live: Live, break: Break}}
  cues:
    thanks: {{when: {{event: gift}}, do: {{scene: Live}}}}
"""


class Mixer(FakeMixer):
    """OBS, as long as this host lives."""

    async def run(self) -> None:
        """Be connected."""
        await asyncio.Event().wait()


class Platform:
    """A platform that tells its channel what came while the connection was away, and the last event once more."""

    def __init__(self) -> None:
        self.up = True
        self.changed = asyncio.Event()
        self.untold: deque[Message] = deque()
        self.told: Message | None = None
        self.written: list[str] = []

    def send(self, message: Message) -> None:
        """Let something happen in the channel."""
        self.untold.append(message)
        self.changed.set()

    def turn(self, *, up: bool) -> None:
        """Let the connection be lost, or come back."""
        self.up = up
        self.changed.set()


class Connection:
    """One host's connection to the platform: a `bot.sources.source.Source`."""

    name, can_sign_in, renews = "virtual", False, False
    actions = frozenset({"send", "announce", "title", "raid"})

    def __init__(self, platform: Platform, feed: Any) -> None:
        self._platform = platform
        self._feed = feed

    async def run(self) -> None:
        """Hand over what comes, each line once; the last one again after the connection was lost."""
        platform, again = self._platform, True
        while True:
            platform.changed.clear()
            state = LinkState.LIVE if platform.up else LinkState.DEAF
            self._feed.link(Link(self.name, state, "", heard_at=asyncio.get_running_loop().time()))
            while platform.up and platform.untold:
                if again and platform.told is not None:
                    await self._feed.offer(platform.told)
                again = False
                message = platform.untold[0]
                await self._feed.offer(message)
                if platform.untold and platform.untold[0] is message:
                    platform.told = platform.untold.popleft()
            await platform.changed.wait()
            again = again or not platform.up

    def retry_now(self) -> None:
        """Do nothing."""

    async def act(self, order: ChannelAction) -> str:
        """Take note of what is written."""
        self._platform.written.append(order.text)
        del self._platform.written[:-50]
        return "done"

    async def sign_in(self, show: object, role: str = "bot") -> None:
        """Do nothing."""

    async def check(self) -> Health:
        """Return that all is well."""
        return Health(ok=True, detail="virtual")


@dataclass
class Silence:
    """The longest silence, and when and in which segment it was."""

    seconds: float = 0.0
    day: float = 0.0


class Month:
    """The world around the host, and what was counted in it."""

    def __init__(
        self,
        home: Path,
        *,
        quiet: float,
        bank: int = 60,
        every: float = 20.0,
        window_s: float = WINDOW_S,
        again_h: float = 3.0,
        lightly: bool = False,
    ) -> None:
        self.quiet = quiet
        self.platform = Platform()
        self.machine = VirtualHost(home, START)
        self.machine.sources = lambda feed: {"virtual": Connection(self.platform, feed)}
        self.machine.mixer = self._mixer
        self.audience = Audience(self._turn, self._silence)
        self.window_s = window_s
        if lightly:  # one sentence at a time: short enough for a test
            self.machine.model.sentences = 1
        self.settings = _settings(home, quiet=quiet, bank=bank, every=every, again=again_h)
        self.app: App | None = None
        self.mixer: Mixer | None = None
        self.obs_up = self.page_up = True
        self.number = self.lives = 0
        self.kept = Kept(home / "kept.db")
        self.silences: defaultdict[str, Silence] = defaultdict(Silence)
        self.outages: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.pieces: deque[tuple[float, str]] = deque()
        self.openings: Counter[str] = Counter()
        self.openings_twice: list[str | None] = []
        self._opened: dict[str, str | None] = {}
        self.turns = self.sounded = 0
        script = load(ROOT / "personas" / "mira").lines.script["en"]
        self._greeting = {_words(line) for line in script[Purpose.GREETING]}
        self._host: asyncio.Task[None] | None = None
        self._page: asyncio.Task[None] | None = None

    # --- the host -----------------------------------------------------------------------------------

    def _mixer(self) -> Mixer:
        self.mixer = Mixer()
        self.mixer.set(connected=self.obs_up, scenes=("Live", "Break"))
        return self.mixer

    async def begin(self) -> None:
        """Start a host and open the page."""
        self.lives += 1
        self.audience.life += 1
        self.machine.power.back()
        ready = asyncio.get_running_loop().create_future()
        self._host = asyncio.create_task(self._live(ready), name="host")
        await asyncio.wait({self._host, ready}, return_when=asyncio.FIRST_COMPLETED)
        if self._host.done():
            self._host.result()
        if self.page_up:
            self.open_page()

    async def _live(self, ready: asyncio.Future[None]) -> None:
        async with self.machine.host(self.settings) as app:
            self.app = app
            ready.set_result(None)
            await app.run(asyncio.Event())

    async def kill(self) -> None:
        """End the host as kill -9 does."""
        await self.close_page()
        self.machine.power.cut()
        host, self._host, self.app, self.mixer = self._host, None, None, None
        if host is not None:
            host.cancel()
            await asyncio.wait({host})

    def open_page(self) -> None:
        """Open the stage page."""
        assert self.app is not None
        self._page = asyncio.create_task(Ear(self.audience).watch(self.app.show.stage), name="page")
        self.hears()

    async def close_page(self) -> None:
        """Close the stage page."""
        self.audience.may_hear(able=False)
        page, self._page = self._page, None
        if page is not None:
            page.cancel()
            await asyncio.wait({page})

    def hears(self) -> None:
        """Take note whether sound can be had."""
        self.audience.may_hear(able=self._page is not None and self.app is not None and not self.machine.voice.mode)

    # --- what happens -------------------------------------------------------------------------------

    def pay(self) -> None:
        """Let somebody pay whom nobody has heard of before."""
        self.number += 1
        name = f"{NAMES[self.number % len(NAMES)]} {_roman(self.number // len(NAMES) + 1)}"
        kind = (Kind.GIFT, Kind.SUPER_CHAT, Kind.CHEER)[self.number % 3]
        text = "this is my favourite hour" if self.number % 3 == 1 else ""
        message = Message(f"p{self.number}", "virtual", Author(f"u{self.number}", name), text, kind, Money(500, "USD"))
        self.kept.pay(message.id, name)
        self.platform.send(message)

    def write(self, text: str, kind: Kind = Kind.CHAT) -> None:
        """Let somebody write."""
        self.number += 1
        viewer = f"viewer{self.number % 300}"
        self.platform.send(Message(f"c{self.number}", "virtual", Author(viewer, viewer), text, kind))

    async def window(self, kind: str) -> None:
        """Live through a window with an outage."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.pay()
        self.write(f"Mira, what is in the log book of day {self.number}?")
        await asyncio.sleep(60 + self.number % 97)
        self.outages[kind] += 1
        async with getattr(self, f"_{kind}")():
            await asyncio.sleep(5)
            self.pay()
            self.write("Mira, is the tea warm?")
            await asyncio.sleep(OUTAGE_S - 5 if kind != "host_killed" else DOWN_S)
        await asyncio.sleep(20)
        self.pay()
        self.write("eight Jupiter 1")
        await asyncio.sleep(began + self.window_s - loop.time())

    # --- outages ------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _model(self) -> AsyncIterator[None]:
        self.machine.model.mode = "down"
        yield
        self.machine.model.mode = ""

    @contextlib.asynccontextmanager
    async def _slow_model(self) -> AsyncIterator[None]:
        self.machine.model.mode = "hang"
        yield
        self.machine.model.mode = ""

    @contextlib.asynccontextmanager
    async def _voice(self) -> AsyncIterator[None]:
        self.machine.voice.mode = "down"
        self.hears()
        yield
        self.machine.voice.mode = ""
        await asyncio.sleep(5)  # it is found to be back
        self.hears()

    @contextlib.asynccontextmanager
    async def _page_gone(self) -> AsyncIterator[None]:
        self.page_up = False
        await self.close_page()
        yield
        self.page_up = True
        self.open_page()

    @contextlib.asynccontextmanager
    async def _link(self) -> AsyncIterator[None]:
        self.platform.turn(up=False)
        yield
        self.platform.turn(up=True)

    @contextlib.asynccontextmanager
    async def _obs(self) -> AsyncIterator[None]:
        assert self.mixer is not None
        self.obs_up = False
        self.mixer.set(connected=False)
        yield
        self.obs_up = True
        self.mixer.set(connected=True)

    @contextlib.asynccontextmanager
    async def _host_killed(self) -> AsyncIterator[None]:
        audience = self.audience
        for _ in range(600):  # in mid-sentence, where it speaks within a minute
            if audience.turn is not None and audience.turn.ended == audience.until and self._speaks():
                break
            await asyncio.sleep(0.1)
        await self.kill()
        yield
        await self.begin()

    def _speaks(self) -> bool:
        return self.app is not None and self.app.show.on_air is not None and bool(self.app.show.stage.heard())

    @contextlib.asynccontextmanager
    async def _database(self) -> AsyncIterator[None]:
        with contextlib.closing(sqlite3.connect(self.machine.database, isolation_level=None, timeout=0)) as other:
            while True:
                try:
                    other.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError:
                    await asyncio.sleep(0.01)
                else:
                    break
            yield
            other.execute("ROLLBACK")

    @contextlib.asynccontextmanager
    async def _all_providers(self) -> AsyncIterator[None]:
        self.platform.turn(up=False)
        self.machine.model.mode = "down"
        async with self._voice():
            yield
            self.machine.model.mode = ""
            self.platform.turn(up=True)

    # --- what is heard ------------------------------------------------------------------------------

    def _where(self) -> str:
        runner = self.app.programme.runner if self.app else None
        air = runner.air if runner else None
        return air.planned.segment.kind.value if air else "own accord"

    @property
    def _run(self) -> str | None:
        runner = self.app.programme.runner if self.app else None
        return runner.air.segment_run.run if runner and runner.air else None

    def _silence(self, end: float, seconds: float) -> None:
        found = self.silences[self._where()]
        if seconds > found.seconds:
            found.seconds, found.day = round(seconds, 1), round((end - 1000) / DAY_S, 2)

    def _turn(self, turn: Heard) -> None:
        self.turns += 1
        self.sounded += turn.sounded
        words = _words(turn.text)
        for name in set(_NAMED.findall(turn.text)):
            self.kept.thank(name)
        if (found := _OPENING.search(turn.text)) is not None:
            self.openings[found[1]] += 1
            if self._run is not None and self._run == self._opened.get(found[1]):
                self.openings_twice.append(self._run)
            self._opened[found[1]] = self._run
        greets = next((line for line in self._greeting if line.startswith(words[:40]) or words.startswith(line)), "")
        if greets and len(words) > 20:
            self.kept.greet(greets)
        while self.pieces and turn.began - self.pieces[0][0] > WITHIN_H * 3600:
            self.pieces.popleft()
        if len(words) >= 60:
            self._compare(turn.began, words)

    def _compare(self, at: float, words: str) -> None:
        self.kinds["compared"] += 1
        # One text in ten is compared with all of the last 72 hours: that is enough for a share.
        if self.kinds["compared"] % 10 == 0 and self.pieces:
            others = [text for _, text in self.pieces]
            found = process.cdist([words], others, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.uint8)[0]
            thanks = bool(_NAMED.search(words))
            self.kinds["checked"] += 1
            self.kinds["checked thanks"] += thanks
            if found.max() >= ALIKE:
                self.kinds["alike thanks"] += thanks
                self.kept.like(words, others[int(found.argmax())])
        self.pieces.append((at, words))

    # --- the record ---------------------------------------------------------------------------------

    def read_runs(self) -> None:
        """Read how the runs of the segments stand; called each day, since the record forgets them."""
        with contextlib.closing(sqlite3.connect(f"file:{self.machine.database}?mode=ro", uri=True)) as db:
            for run, segment, state, note in db.execute("select run, segment, state, note from programme_run"):
                self.kept.run(run, segment, state, note)

    def payments(self) -> dict[str, tuple[str, int]]:
        """Return what the ledger has of the payments: state and attempts by id."""
        with contextlib.closing(sqlite3.connect(f"file:{self.machine.database}?mode=ro", uri=True)) as db:
            return {i: (s, n) for i, s, n in db.execute("select message_id, state, attempts from paid_event")}


#: What looks now and then, and how often it does so here, in seconds.
SELDOM = (
    (host_app, "LAG_EVERY_S", 60.0),
    (host_app, "PROBE_EVERY_S", 60.0),
    (feed, "IDLE_S", 10.0),
    (feed, "LOOK_S", 5.0),
    (meter, "WRITE_S", 15.0),
    (recalling, "CANON_S", 10.0),
    (feelings, "LOOK_S", 10.0),
)
#: The outages, in turn.
OUTAGES = (
    "model", "voice", "page_gone", "link", "host_killed", "database", "obs", "slow_model", "all_providers",
)  # fmt: skip
_NAMED = re.compile(rf"\b((?:{'|'.join(NAMES)}) [IVXLCDM]+)\b")
_OPENING = re.compile(r"This is the opening of (\w+)")


def _roman(number: int) -> str:
    """Return a number as Roman letters: a voice reads no digits, and every name is another."""
    parts = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
             (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
    out = ""
    for value, letters in parts:
        out += letters * (number // value)
        number %= value
    return out


def _words(text: str) -> str:
    return " ".join(re.sub(r"\[\w+\] ?", "", text).split())


def _settings(home: Path, **night: float) -> Settings:
    (home / "programme.yaml").write_text(PROGRAMME, "utf-8")
    (home / "quiz.yaml").write_text(QUIZ, "utf-8")
    texts = home / "texts"
    texts.mkdir(exist_ok=True)
    for number in range(12):
        words = [f"Page {number} of the log book, line {n}: the wind came from the west." for n in range(6)]
        (texts / f"page {number:02}.txt").write_text(" ".join(words), "utf-8")
    own = home / "settings.yaml"
    own.write_text(SETTINGS.format(provider=PROVIDER, home=home, **night), "utf-8")
    return config.load([ROOT / "configs/night.yaml", own], {})


# --- the month --------------------------------------------------------------------------------------


async def month(
    days: float,
    quiet: float,
    home: Path,
    tick: Callable[[float], None] = lambda _d: None,
    each_day: Callable[[dict[str, Any]], None] = lambda _found: None,
    kinds: Sequence[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """Live through so many days; return what was counted. ``each_day`` is told what there is so far, day by day."""
    made = Month(home, quiet=quiet, **more)
    with made.machine.in_place(), _seldom():
        loop = asyncio.get_running_loop()
        began, spent, memory = time.monotonic(), time.process_time(), []
        zero = loop.time()
        await made.begin()
        outages = itertools.cycle(kinds or OUTAGES)
        windows = round(days * DAY_S / made.window_s)
        a_day = round(DAY_S / made.window_s)
        for number in range(windows):
            if number % a_day == a_day // 2:
                made.write("", Kind.RAID)
            await made.window(next(outages))
            if number % 9 == 8:
                memory.append(((loop.time() - zero) / DAY_S, *_memory()))
            if number % a_day == a_day - 1:
                made.read_runs()
                lived, wall, cpu = (number + 1) / a_day, time.monotonic() - began, time.process_time() - spent
                each_day(_result(made, lived, made.machine.now(), made.payments(), memory, wall, cpu))
            tick((number + 1) / a_day)
        end = made.machine.now()
        await asyncio.sleep(900)  # what was due at the very end, and the last thanks
        made.audience.may_hear(able=False)
        made.read_runs()
        paid = made.payments()
        await made.kill()
        made.audience.ends_turn()
        return _result(made, days, end, paid, memory, time.monotonic() - began, time.process_time() - spent)


class _Loaded:
    """Takes the place of `Classifier` where a moderator loads one: each host gets the same weights."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def load(self, _folder: Path, _tables: Tables) -> Classifier:
        """Return it."""
        return self._classifier


@contextlib.contextmanager
def _seldom() -> Iterator[None]:
    """Let what only looks on look seldom, and hosts that come after another have its classifier.

    On this clock the loop's lag, the disk, the layers and the sums of money would else be looked at for half of the
    time; none of them is what the month is about. The garbage collector has the pace that a host gives it.
    """
    before = gc.get_threshold()
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        with contextlib.ExitStack() as stack:
            for module, name, seconds in SELDOM:
                stack.enter_context(patch.object(module, name, seconds))
            stack.enter_context(patch("moderation.moderator.Classifier", _Loaded(Classifier.load())))
            yield
    finally:
        gc.set_threshold(*before)


def _memory() -> tuple[float, float]:
    gc.collect()
    traced = tracemalloc.get_traced_memory()[0] / 1e6 if tracemalloc.is_tracing() else 0.0
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return pages * 4096 / 1e6, traced


def _slope(memory: list[tuple[float, float, float]], column: int) -> dict[str, float]:
    """Fit a line to the second half; return MB a day and its standard error: a slope within two of it is none."""
    half = np.array(memory[len(memory) // 2 :])
    if len(half) < 4:
        return {}
    x, y = half[:, 0], half[:, column]
    slope, offset = np.polyfit(x, y, 1)
    rest = y - (slope * x + offset)
    error = float(np.sqrt((rest @ rest) / (len(x) - 2) / ((x - x.mean()) @ (x - x.mean()))))
    return {"mb_a_day": round(float(slope), 3), "error": round(error, 3), "mb_at_end": round(float(y[-1]), 1)}


def _result(
    made: Month,
    days: float,
    end: dt.datetime,
    paid: dict[str, tuple[str, int]],
    memory: list[Any],
    wall: float,
    cpu: float,
) -> dict[str, Any]:
    segments = _segments(made, end)
    heard = list(made.kept.payments())
    greetings, alike = list(made.kept.greetings()), list(made.kept.alike())
    return {
        "bench": "month",
        "virtual_days": days,
        "real_s": round(wall, 1),
        "cpu_s": round(cpu, 1),
        "outages": dict(made.outages),
        "hosts": made.lives,
        "turns": made.turns,
        "segments": segments,
        "segments_not_once": {n: s for n, s in segments.items() if s["due"] != s["done"] or s["else"]},
        "openings_heard": dict(made.openings),
        "openings_twice": made.openings_twice,
        "payments": len(heard),
        "in_ledger": len(paid),
        "acknowledged": sum(state == "acknowledged" for state, _ in paid.values()),
        "lost": [i for i, _, _ in heard if i not in paid or paid[i][0] != "acknowledged"],
        "thanked_twice": [f"{i} {name}" for i, name, times in heard if times > 1],
        "not_heard_by_name": [f"{i} {name}" for i, name, times in heard if not times],
        "dial_s": made.quiet,
        "longest_silence_s": {
            where: {"seconds": found.seconds, "day": found.day} for where, found in made.silences.items()
        },
        "texts_checked": made.kinds["checked"],
        "alike": len(alike),
        "alike_share": round(len(alike) / max(1, made.kinds["checked"]), 4),
        "thanks_checked": made.kinds["checked thanks"],
        "thanks_alike": made.kinds["alike thanks"],
        "alike_examples": [words[:90] for words, _ in alike[:4]],
        "alike_but_no_thanks": [words[:90] for words, _ in alike if not _NAMED.search(words)][:8],
        "greetings": len(greetings),
        "greetings_twice_in_a_row": sum(one == other for one, other in itertools.pairwise(greetings)),
        "memory_rss": _slope(memory, 1),
        "memory_traced": _slope(memory, 2),
        "errors_logged": dict(made.errors.most_common(20)),
    }


def _segments(made: Month, end: dt.datetime) -> dict[str, dict[str, Any]]:
    """Compare what the record has of each segment with what was due by the clock, or followed, or was called."""
    programme = read(made.settings.programme or Path()).programme
    states: defaultdict[str, Counter[str]] = defaultdict(Counter)
    notes: defaultdict[str, list[str]] = defaultdict(list)
    for name, state, note in made.kept.runs():
        states[name][state] += 1
        if state != "done":
            notes[name].append(f"{state}: {note}"[:120])
    found = {}
    for segment in programme.segments:
        due, at = 0, programme.next_after(segment, START)
        while at is not None and at <= end:
            due += 1
            at = programme.next_after(segment, at)
        if segment.when.after:
            due = states[segment.when.after]["done"]
        if segment.when.event:
            due = sum(states[segment.name].values())
        late = states[segment.name]["done"] - due
        # What became due in the minutes after the end is on record too.
        found[segment.name] = {"due": due + max(0, min(1, late)), "done": due + late, "else": notes[segment.name][:5]}
    return found


# --- six hours without model, voice and network ------------------------------------------------------


async def cut(hours: float, home: Path, bank: int = 330, again_h: float = 3.0) -> dict[str, Any]:
    """Let the host fill its bank, cut everything for so many hours, give it back; return what was heard."""
    made = Month(home, quiet=12.0, bank=bank, every=1.0, again_h=again_h)
    heard: list[Heard] = []
    made.audience.over = heard.append
    made.machine.model.sentences = 5  # some 25 seconds each, as of a real model
    with made.machine.in_place(), _seldom():
        loop = asyncio.get_running_loop()
        (home / "programme.yaml").write_text("segments: []\n", "utf-8")
        await made.begin()
        assert made.app is not None
        ahead = made.app.night.ahead
        assert ahead is not None
        while ahead.ready < bank and loop.time() < 24 * 3600:
            await asyncio.sleep(10)
        ready, filled = ahead.ready, loop.time()
        made.machine.model.mode, made.machine.voice.mode = "down", "down"
        made.platform.turn(up=False)
        made.silences.clear()
        made.audience.ends_turn()
        heard.clear()
        await asyncio.sleep(hours * 3600)
        made.audience.ends_turn()
        silences, during = dict(made.silences), list(heard)
        made.machine.model.mode = made.machine.voice.mode = ""
        made.machine.model.again = 0  # a tale that was told before would come from its recording
        made.platform.turn(up=True)
        back, told, spoken = loop.time(), made.machine.model.told, made.machine.voice.spoken
        made.write("Mira, are you awake?")
        returned: dict[str, float] = {}
        while loop.time() < back + 120 and len(returned) < 2:
            await asyncio.sleep(0.1)
            if made.machine.model.told > told:
                returned.setdefault("model_s", round(loop.time() - back, 1))
            if made.machine.voice.spoken > spoken:
                returned.setdefault("voice_s", round(loop.time() - back, 1))
        await made.kill()
    last: dict[str, float] = {}
    gaps = []
    for turn in during:
        words = _words(turn.text)
        if words in last:
            gaps.append(turn.began - last[words])
        last[words] = turn.began
    return {
        "bench": "month --cut",
        "hours": hours,
        "pieces_ready": ready,
        "filled_after_s": round(filled - 1000),
        "heard": len(during),
        "without_sound": [turn.text[:80] for turn in during if not turn.sounded],
        "longest_silence_s": max((s.seconds for s in silences.values()), default=0.0),
        "shortest_repetition_h": round(min(gaps, default=0.0) / 3600, 2),
        "returned": returned,
        "errors_logged": dict(made.errors.most_common(10)),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=float, default=30.0, help="virtual days (30)")
    parser.add_argument(
        "--quiet", type=float, default=60.0, help="the dial: seconds of quiet until the host speaks (60)"
    )
    parser.add_argument("--cut", action="store_true", help="six hours without model, voice and network instead")
    parser.add_argument("--hours", type=float, default=6.0, help="hours of --cut (6)")
    parser.add_argument("--window", type=float, default=WINDOW_S, help="seconds from outage to outage (1200)")
    parser.add_argument("--outages", nargs="+", choices=OUTAGES, default=OUTAGES, help="which kinds, in turn (all)")
    parser.add_argument("--trace", action="store_true", help="measure Python's own memory too: exact, and slower")
    parser.add_argument("--so-far", type=Path, help="add a line with the figures so far to this file, each virtual day")
    parser.add_argument("--log", type=Path, help="write what the host logs, from warnings on, into this file")
    wanted = parser.parse_args()
    logger.remove()
    logging.disable()
    if wanted.log:
        logger.add(wanted.log, level="WARNING")
    if wanted.trace:
        tracemalloc.start()

    def note(found: dict[str, Any]) -> None:
        if wanted.so_far:
            with wanted.so_far.open("a", encoding="utf-8") as out:
                out.write(json.dumps(found, ensure_ascii=False) + "\n")

    with tempfile.TemporaryDirectory() as folder, Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("days", total=wanted.days)
        if wanted.cut:
            found = run_virtually(lambda: cut(wanted.hours, Path(folder)))
        else:
            tick = lambda day: progress.update(bar, completed=day)  # noqa: E731 - one line for one place
            found = run_virtually(
                lambda: month(
                    wanted.days, wanted.quiet, Path(folder), tick, note, kinds=wanted.outages, window_s=wanted.window
                )
            )
    print(json.dumps(found, ensure_ascii=False), file=sys.stdout)


if __name__ == "__main__":
    main()
