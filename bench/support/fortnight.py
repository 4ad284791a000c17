"""A fortnight of a host with forty regulars, on a clock that jumps: what it was told, and what it knew of whom.

The whole host as `bot.app.build` makes it, over a real SQLite file; model, voice and page are stand-ins. The model
answers without thinking and remembers every prompt: what stood in it is what the host knew.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import re
import sqlite3
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.support.audience import Audience, Ear
from bench.support.virtual_host import PROVIDER, VirtualHost
from bot.app.app import App
from bot.config import Settings
from bot.types import Author, Delta, Health, Message, Prompt, Tool
from tests.support.prompts import remembered

START = dt.datetime(2026, 6, 1, 18, tzinfo=dt.UTC)
DAYS, REGULARS = 14, 40
SOURCE = "local"
#: The days on which the host is killed while it speaks, and the one on which four viewers have themselves forgotten.
KILLED, FORGOTTEN_ON = (4, 9), 8
FORGETTERS = (3, 13, 23, 33)
PETS = (
    "Nimbus Pepper Otto Biscuit Maple Pickle Waffles Juno Clover Ziggy Hazel Mango Tofu Olive Cocoa Pixel Marble "
    "Noodle Pumpkin Domino Ginger Truffle Willow Acorn Basil Comet Dusty Ember Fennel Gizmo Honey Indigo Jasper Kiwi "
    "Lotus Mocha Nutmeg Opal Peanut Quill"
).split()
TOWNS = (
    "Lyon Bergen Porto Gdansk Turin Malmo Leeds Graz Ghent Split Cadiz Tartu Kaunas Zadar Bruges Utrecht Bilbao "
    "Verona Trieste Aarhus Tromso Cork Galway Dundee Exeter York Bonn Jena Trier Ulm Basel Bern Lugano Nantes Rennes "
    "Brest Nancy Dijon Metz Lille"
).split()
PROMISES = (
    "I promise I will sing song {n} next stream.",
    "Tomorrow evening I'll show you chart {n}.",
    "In ten minutes I will read letter {n} aloud.",
    "I'll tell you ghost story {n} after the break.",
)


@dataclass
class Teller:
    """The model: promises when a viewer's line says so, else says that it heard. It keeps all prompts."""

    prompts: list[str] = field(default_factory=list)
    taken_up: list[str] = field(default_factory=list)
    answer: str = "[joy] The lamp heard that, and so did the sea."
    #: Whether it makes a fact of every line that it is to sort.
    gullible: bool = False
    watch: Callable[[str], None] = lambda _prompt: None

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream an answer."""
        del tools
        self.watch(prompt.lines[0].text)
        await asyncio.sleep(0.2)
        asked = prompt.lines[-1].text
        self.prompts.append("\n".join(line.text for line in prompt.lines if line.role != "system"))
        if "You sort lines" in prompt.lines[0].text:
            fact = {"about": "life", "slot": "other", "fact": json.loads(asked)}
            yield Delta(json.dumps(fact if self.gullible else {"about": "stream"}, ensure_ascii=False))
        elif "You keep the log" in prompt.lines[0].text:
            yield Delta("We talked about the sea and about cats. It was a calm evening.")
        elif "Now it is due" in asked or "long overdue" in asked:
            self.taken_up.append(asked)
            yield Delta("[joy] As I said before, here it comes, just for you.")
        elif found := re.search(r"say the promise (\d+) of kind (\d)", asked):
            yield Delta(f"[joy] {PROMISES[int(found[2])].format(n=found[1])}")
        else:
            yield Delta(self.answer)

    async def check(self) -> Health:
        """Be well."""
        return Health(ok=True, detail="virtual")


@dataclass
class Regular:
    """A regular, and what they told."""

    id: str
    name: str
    pet: str
    home: str
    moved_to: str = ""
    forgotten: bool = False


@dataclass
class Fortnight:
    """The fortnight, and what was counted."""

    home: Path
    teller: Teller = field(default_factory=Teller)
    written: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    promised: dict[int, str] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        """Make the machine and the regulars."""
        self.machine = VirtualHost(self.home, START)
        self.machine.model = self.teller  # type: ignore[assignment]
        chance = random.Random(14)
        towns = chance.sample(TOWNS, len(TOWNS))
        self.regulars = [Regular(f"v{n}", f"viewer {PETS[-n - 1].lower()}", PETS[n], towns[n]) for n in range(REGULARS)]
        for n, one in enumerate(self.regulars):
            if n % 2:
                one.moved_to = towns[(n + 7) % REGULARS]
        self.settings = Settings(
            llm=[{"provider": PROVIDER}],
            tts=[{"provider": PROVIDER}],
            memory={"embedder": "off", "timezone": "UTC"},
            commands={"cooldown_s": 0, "viewer_cooldown_s": 0, "per_minute": 100},
            night={"talkativeness": "silent"},
            inbox={"per_viewer": 10},
        )

    # --- a day --------------------------------------------------------------------------------------

    async def run(self) -> dict[str, Any]:
        """Live through the fortnight; return what was found."""
        for day in range(DAYS):
            self.machine.offset = dt.timedelta(days=day) - (self.machine.now() - self.machine.offset - START)
            async with self.on_air() as app:
                await self._day(app, day)
                if day in KILLED:
                    await self._promise(app, 100 + day, 0)  # the last words before the host is killed
                    self.machine.power.cut()
            self.machine.power.back()
        return self._found()

    @asynccontextmanager
    async def on_air(self) -> AsyncIterator[App]:
        """Start the host with a page that hears it; it ends well with the block, or as it was killed."""
        ready: asyncio.Future[App] = asyncio.get_running_loop().create_future()
        end = asyncio.Event()

        async def live() -> None:
            async with self.machine.host(self.settings) as app:
                app.replies.pages[SOURCE] = self.written.append
                ready.set_result(app)
                await app.run(end)

        host = asyncio.create_task(live())
        begun: set[asyncio.Future[Any]] = {host, ready}
        await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
        if host.done():
            host.result()
        app = ready.result()
        audience = Audience(lambda _: None, lambda _end, _s: None)
        page = asyncio.create_task(Ear(audience).watch(app.show.stage))
        try:
            await asyncio.sleep(20)
            yield app
        finally:
            page.cancel()
            end.set()
            if not self.machine.power.on:
                host.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await host

    async def _day(self, app: App, day: int) -> None:
        for n, one in enumerate(self.regulars):
            if one.forgotten:
                continue
            if day == n % 3:
                await self._say(app, one, "!remember me")
                await self._say(app, one, f"Mira, my cat is called {one.pet}")
            if day == 3 + n % 2:
                await self._say(app, one, f"Mira, I live in {one.home}")
            if one.moved_to and day == 6 + n % 2:
                await self._say(app, one, f"Mira, I moved to {one.moved_to}")
            if day == FORGOTTEN_ON and n in FORGETTERS:
                await self._say(app, one, "!forget me")
                one.forgotten = True
                self.teller.prompts.clear()
        for kind in range(2 if day < 10 else 0):
            await self._promise(app, 2 * day + kind, (day + kind) % len(PROMISES))
        await asyncio.sleep(40 * 60)  # what is due in ten minutes, or after a break that never comes
        if day == DAYS - 1:
            await self._examine(app)

    async def _say(self, app: App, who: Regular, text: str, ident: str = "", *, rest_s: float = 20) -> None:
        self.number += 1
        author = Author(ident or who.id, who.name)
        await app.feed.offer(Message(f"m{self.number}", SOURCE, author, text, addressed=True))
        await asyncio.sleep(rest_s)

    async def _promise(self, app: App, number: int, kind: int) -> None:
        asker = Regular("asker", "somebody", "", "")
        await self._say(app, asker, f"Mira, please say the promise {number} of kind {kind}", rest_s=240)
        self.promised[number] = PROMISES[kind].format(n=number)

    # --- what it knew -------------------------------------------------------------------------------

    async def _examine(self, app: App) -> None:
        """Let every regular ask, and a stranger of the same name after them."""
        for one in self.regulars:
            knew = await self._asked(app, one, one.id)
            told = {one.pet, one.moved_to or one.home}
            others = {r.pet for r in self.regulars if r is not one} | {
                r.moved_to for r in self.regulars if r is not one
            }
            stranger = await self._asked(app, one, f"{one.id}-thief")
            self.leaks += [f"{one.name}: {word}" for word in sorted(others - told - {""}) if word in knew]
            self.leaks += [f"a stranger as {one.name}: {word}" for word in sorted(told) if word in stranger]
            self.written.clear()
            await self._say(app, one, "!what do you know")
            self.rows.append(
                {
                    "viewer": one.name,
                    "told": f"cat {one.pet}, {one.home}{' then ' + one.moved_to if one.moved_to else ''}",
                    "knew": sorted(word for word in {one.pet, one.home, one.moved_to} - {""} if word in knew),
                    "answer": " ".join(self.written)[:120],
                    "forgotten": one.forgotten,
                    "old": bool(one.moved_to) and one.home in knew,
                    "all": told <= set(re.findall(r"\w+", knew)),
                }
            )

    async def _asked(self, app: App, one: Regular, ident: str) -> str:
        before = len(self.teller.prompts)
        await self._say(app, one, "Mira, what do you know of my cat and of the place where I live?", ident, rest_s=240)
        new = [prompt for prompt in self.teller.prompts[before:] if "what do you know of my cat" in prompt[-700:]]
        return remembered(new[-1]) if new else ""

    def _found(self) -> dict[str, Any]:
        kept = [row for row in self.rows if not row["forgotten"]]
        moved = [r for r, one in zip(self.rows, self.regulars, strict=True) if one.moved_to and not one.forgotten]
        gone = [one for one in self.regulars if one.forgotten]
        with sqlite3.connect(self.machine.database) as database:
            everything = "\n".join(database.iterdump())
        times = Counter(n for n, text in self.promised.items() for asked in self.teller.taken_up if text in asked)
        prompts = "\n".join(self.teller.prompts)
        found: dict[str, int] = defaultdict(int)
        for one in gone:
            found["database"] += everything.count(one.pet)
            found["prompts"] += prompts.count(one.pet)
        found["answers"] = sum(
            one.pet in row["answer"] for one, row in zip(self.regulars, self.rows, strict=True) if one.forgotten
        )
        return {
            "bench": "remembering fortnight",
            "regulars": len(self.regulars),
            "knew_all": round(sum(row["all"] for row in kept) / len(kept), 3),
            "newer_wins": round(sum(row["all"] and not row["old"] for row in moved) / len(moved), 3),
            "leaks": self.leaks,
            "forgotten": len(gone),
            "forgotten_found": dict(found),
            "promises": len(self.promised),
            "taken_up": round(sum(n in times for n in self.promised) / len(self.promised), 3),
            "twice": [n for n, count in times.items() if count > 1],
            "lost": [self.promised[n] for n in self.promised if n not in times],
        }


async def fortnight() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Live through it; return a row for each regular, and the figures."""
    with tempfile.TemporaryDirectory(prefix="haishin-fortnight-") as folder:
        made = Fortnight(Path(folder))
        with made.machine.in_place():
            return made.rows, await made.run()
