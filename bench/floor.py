"""How long after the streamer's last word the host is heard, and how soon it gives way: our own part of both.

Method: the real show, model client, voice client, moderation and stage run in this process, against
`bench.support.upstreams` (first token after 200 ms, a word each 25 ms, first sound after 100 ms) on loopback. A page in
this process takes the frames as the hub sends them. A round says something to the host, as the ears tell it: speech,
silence, the eager decision, and 400 ms later the commit.

``over_upstreams_ms``: from the commit to the first frame, without early answers, less what model and voice took by
their own clock. ``commit_to_first_frame_ms``: the same whole, with and without early answers. ``onset_to_duck_ms``:
from the onset of speech over the host to the message at the page. ``onset_to_stop_ms``: to the stop, of speech that
goes on (``decide_s`` 500 ms of it are the decision's own). Wall time: it says something on a quiet machine alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time
from contextlib import AsyncExitStack

from bench.support.host import ROOT, quantiles
from bench.support.upstreams import Upstreams, serve
from bot import config
from bot.app.casting import load_persona, look_of, policy_of, prompter_of, style_of
from bot.app.moderator import checked_moderator
from bot.hearing.speech import Utterance
from bot.inbox.inbox import Inbox
from bot.mind.failover import open_llm
from bot.mind.memory.history import History
from bot.show.cohost.settings import CohostSettings
from bot.show.cohost.streamer import Streamer
from bot.show.composer import Composer
from bot.show.floor import Floor
from bot.show.floor_settings import FloorSettings
from bot.show.loop import Show
from bot.show.observer import Observers
from bot.show.performance import Cast
from bot.stage.hub import Overlay
from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.store.spool import Spool
from bot.store.turns import TurnJournal, settlement_from, settlement_values
from bot.voice.failover import open_tts
from bot.voice.speaker import Speaker

#: From the end of the voice to the eager decision, and from there to the commit, in seconds.
EAGER_S, COMMIT_S = 0.2, 0.4
ASKED = "Mira, what do you think of this car?"


class PageEars:
    """A page that notes when the first frame of a turn, a duck and a stop came, and obeys stops."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[float] = asyncio.Queue()
        self.ducks: asyncio.Queue[float] = asyncio.Queue()
        self.stops: asyncio.Queue[float] = asyncio.Queue()
        self._out: asyncio.Queue[str | None] = asyncio.Queue()
        self._last = -1

    async def send_text(self, data: str) -> None:
        """Note a message."""
        message = json.loads(data)
        if message["type"] == "duck":
            self.ducks.put_nowait(time.monotonic())
        elif message["type"] == "stop":
            self.stops.put_nowait(time.monotonic())
            self._say({"type": "stopped", "epoch": message["epoch"], "clause": 0, "position_ms": 40.0})

    async def send_bytes(self, data: bytes) -> None:
        """Note the first frame of each turn, and report that it is heard."""
        epoch = int.from_bytes(data[4:8], "little")
        if epoch > self._last:
            self._last = epoch
            self.frames.put_nowait(time.monotonic())

    async def receive_text(self) -> str | None:
        """Return the next report."""
        return await self._out.get()

    async def close(self, code: int, reason: str) -> None:
        """End it."""
        del code, reason
        self._out.put_nowait(None)

    def forget(self) -> None:
        """Forget what came so far."""
        for queue in (self.frames, self.ducks, self.stops):
            while not queue.empty():
                queue.get_nowait()

    def _say(self, message: dict[str, object]) -> None:
        self._out.put_nowait(json.dumps(message))


class Booth:
    """A show beside a streamer."""

    def __init__(self, show: Show, streamer: Streamer, page: PageEars) -> None:
        self.show, self.streamer, self.page = show, streamer, page
        self._number = 0
        self.voiced = False

    def begin(self) -> float:
        """Let the streamer begin to speak; return when."""
        self._number += 1
        self.voiced = True
        self.streamer.speech_began(self._number, asyncio.get_running_loop().time())
        return time.monotonic()

    def said(self, text: str) -> Utterance:
        """Return what was said so far."""
        now = asyncio.get_running_loop().time()
        return Utterance(self._number, text, "en", 1.0, text, final=True, began_at=now, ended_at=now)

    async def ask(self, text: str) -> float:
        """Say something whole; return when it was committed."""
        loop = asyncio.get_running_loop()
        self.page.forget()
        self.begin()
        await asyncio.sleep(0.6)
        self.voiced = False
        await asyncio.sleep(EAGER_S)
        self.streamer.speech_paused(self.said(text))
        await asyncio.sleep(COMMIT_S)
        at = time.monotonic()
        self.streamer.speech_over(self._number, loop.time(), self.said(text))
        return at

    def end(self) -> None:
        """Let it be nothing."""
        self.voiced = False
        self.streamer.speech_over(self._number, asyncio.get_running_loop().time(), None)

    async def quiet(self) -> None:
        """End the turn on air."""
        self.show.skip()
        while self.show.on_air is not None:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)


async def answers(booth: Booth, fake: Upstreams, rounds: int, *, speculate: bool) -> dict[str, object]:
    """Measure answers to the streamer."""
    booth.streamer.update(FloorSettings(), CohostSettings(speculate=speculate, first_sound=False))
    whole, over = [], []
    for number in range(rounds + 2):
        at = await booth.ask(ASKED)
        heard = await asyncio.wait_for(booth.page.frames.get(), 10)
        took = fake.took_ms(at)
        if number >= 2:
            whole.append((heard - at) * 1000)
            if took is not None:
                over.append((heard - at) * 1000 - took)
        await booth.quiet()
    found: dict[str, object] = {"commit_to_first_frame_ms": quantiles(whole)}
    return found if speculate else {"over_upstreams_ms": quantiles(over), **found}


async def interruptions(booth: Booth, rounds: int) -> dict[str, object]:
    """Measure how soon the host is ducked, and how soon it stops."""
    ducked, stopped = [], []
    for _ in range(rounds):
        await booth.ask(ASKED)
        await asyncio.wait_for(booth.page.frames.get(), 10)
        await asyncio.sleep(0.2)
        booth.page.forget()
        at = booth.begin()
        ducked.append((await asyncio.wait_for(booth.page.ducks.get(), 5) - at) * 1000)
        stopped.append((await asyncio.wait_for(booth.page.stops.get(), 5) - at) * 1000)
        booth.end()
        await booth.quiet()
    return {"onset_to_duck_ms": quantiles(ducked), "onset_to_stop_ms": quantiles(stopped)}


async def measure(rounds: int) -> dict[str, object]:
    """Build the show and measure it."""
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(serve())
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {"HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base}
        settings = config.load([ROOT / "configs" / "bench.yaml"], {**os.environ, **env})
        persona, clock = load_persona(settings), asyncio.get_running_loop().time
        moderator = await asyncio.to_thread(checked_moderator, settings)
        llm = await stack.enter_async_context(open_llm(list(settings.llm)))  # type: ignore[arg-type]
        tts = await stack.enter_async_context(open_tts(list(settings.tts)))  # type: ignore[arg-type]
        ledger = Ledger(await stack.enter_async_context(open_store("sqlite+aiosqlite:///:memory:", as_host=True)))
        turns = TurnJournal(ledger, Spool(None, settlement_values, settlement_from))
        stage, observers, floor = Overlay(look_of(persona, settings), clock=clock), Observers(), Floor()
        show = Show(
            cast=Cast(persona.lines, prompter_of(persona, settings), policy_of(persona, settings)),
            inbox=Inbox(settings.inbox, clock, random.Random(), observers),
            floor=floor,
            stage=stage,
            composer=Composer(llm, persona.lines, persona.name, filler_after_s=10, reply_chars=600),
            history=History(),
            speaker=Speaker(tts, stage, style_of(persona), lookahead_s=12.0, on_voiceless=lambda _: None),
            judge=moderator,
            recorder=turns,
        )
        page = PageEars()
        streamer = Streamer(
            show, FloorSettings(), CohostSettings(), names=lambda: (persona.name,), voiced=lambda: booth.voiced
        )
        booth = Booth(show, streamer, page)
        async with asyncio.TaskGroup() as group:
            running = [
                group.create_task(part)
                for part in (show.run(), streamer.run(), turns.run(), stage.serve(page, wants_audio=True))
            ]
            await asyncio.sleep(0.2)
            found: dict[str, object] = {
                "rounds": rounds,
                "plain": await answers(booth, fake, rounds, speculate=False),
                "begun_early": await answers(booth, fake, rounds, speculate=True),
                **(await interruptions(booth, rounds)),
            }
            drafts = streamer.answers.drafts
            found["drafts"] = {"begun": drafts.begun, "used": drafts.used, "thrown_away": drafts.thrown_away}
            for task in running:
                task.cancel()
        return found


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    print(json.dumps(asyncio.run(measure(parser.parse_args().rounds)), indent=2))


if __name__ == "__main__":
    main()
