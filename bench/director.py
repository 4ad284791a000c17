"""What the director costs: ``python -m bench.director`` prints one JSON object.

Method: 40 cues wait for events, amounts, commands and words; the mixer only takes notes. ``events_per_s`` and
``lines_per_s`` (of what the host said) are per second of CPU time, 5,000 of each, the cues resting and not resting as
they do in a show. ``cue_to_mixer_ms`` is from the moment in which the director is told to the order that the mixer
gets, 200 times with a free loop; ``storm_cpu_ms`` is the CPU time from the first of 5,000 events that are told without
a pause to the order of the cue with the highest priority, which comes last of them, 20 times.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from loguru import logger

from bench.support.host import quantiles
from bot.stage.director.director import Director
from bot.stage.director.rehearsal import RehearsalMixer
from bot.stage.director.settings import DirectorSettings
from bot.stage.director.triggers import Happening, Trigger
from bot.types import Money, Role

EVENTS, CUES, STORMS = 5_000, 200, 20
WORDS = "thank you all for being here tonight, it means the world to me, and now let us go on with the story of".split()


class Notes(RehearsalMixer):
    """Takes notes, and the time of each."""

    async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Answer a request."""
        answer = await super().call(request, data)
        if request == "TriggerMediaInputAction":
            self.values["called", (data or {})["inputName"]] = time.perf_counter()
            self.changed.notify()
        return answer


def cues() -> dict[str, Any]:
    """Return 40 cues, and two to measure."""
    found: dict[str, Any] = {}
    for number in range(10):
        found[f"gift {number}"] = {
            "when": {"event": "gift", "at_least": f"{number + 1} USD"},
            "do": {"media": f"G{number}"},
        }
        found[f"raid {number}"] = {
            "when": {"event": "raid", "at_least": f"{number * 10} VIEWERS"},
            "do": {"media": "R"},
        }
        found[f"command {number}"] = {"when": {"command": f"c{number}", "roles": ["moderator"]}, "do": {"media": "C"}}
        found[f"words {number}"] = {"when": {"said": f"story number {number}"}, "do": {"media": "S"}}
    found["measured"] = {"when": {"event": "follow"}, "do": {"media": "Measured"}, "cooldown": 0}
    found["first"] = {"when": {"event": "super_chat"}, "do": {"media": "First"}, "cooldown": 0, "priority": 9}
    return found


def happenings(count: int) -> Iterator[Happening]:
    """Yield what happens in a busy show: gifts, raids, commands by people who may and may not."""
    for number in range(count):
        match number % 4:
            case 0 | 1:
                amount = (Money(number % 3_000, "USD"),)
                yield Happening(Trigger.EVENT, ("gift", "paid"), amounts=amount, values={"name": f"viewer {number}"})
            case 2:
                yield Happening(Trigger.EVENT, ("raid",), amounts=(Money(number % 200, "VIEWERS"),))
            case 3:
                roles = frozenset({Role.MODERATOR} if number % 8 == 3 else ())
                yield Happening(Trigger.COMMAND, (f"c{number % 20}",), roles=roles)


@asynccontextmanager
async def directing() -> AsyncIterator[tuple[Director, Notes]]:
    """Run a director over the notes until the block ends."""
    mixer = Notes(("Live", "Break"), "Live")
    director = Director(DirectorSettings.model_validate({"cues": cues()}), mixer)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(director.run())
        yield director, mixer
        task.cancel()


async def called(mixer: Notes, source: str, since: float) -> float:
    """Wait until the mixer was told to play a source; return how many milliseconds that took."""
    key = ("called", source)
    async with asyncio.timeout(10):
        await mixer.changed.wait_until(lambda: mixer.values.get(key, 0.0) > since)
    return float(mixer.values[key] - since) * 1000


async def measure() -> dict[str, Any]:
    """Measure all of it."""
    logger.remove()  # each cue has its line
    events, single, storms = list(happenings(EVENTS)), [], []
    async with directing() as (director, mixer):
        cpu = time.process_time()
        for event in events:
            director.happened(event)
        told = time.process_time() - cpu
        await asyncio.sleep(0.1)
        cpu = time.process_time()
        for number in range(EVENTS):
            text = " ".join(WORDS[: 1 + number % len(WORDS)])
            director.said(f"turn {number // len(WORDS)}", f"{text} number {number % 40}", complete=False)
        said = time.process_time() - cpu
        await asyncio.sleep(0.1)
        for _ in range(CUES):
            began = time.perf_counter()
            director.happened(Happening(Trigger.EVENT, ("follow",)))
            single.append(await called(mixer, "Measured", began))
            await asyncio.sleep(0.005)
        for _ in range(STORMS):
            began, cpu = time.perf_counter(), time.process_time()
            for event in events:
                director.happened(event)
            director.happened(Happening(Trigger.EVENT, ("super_chat",)))
            await called(mixer, "First", began)
            storms.append((time.process_time() - cpu) * 1000)
            await asyncio.sleep(0.05)
    return {
        "bench": "director",
        "events_per_s": round(EVENTS / told),
        "lines_per_s": round(EVENTS / said),
        "cue_to_mixer_ms": quantiles(single),
        "storm_cpu_ms": quantiles(storms),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure())))
