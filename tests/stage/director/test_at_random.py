"""Whatever happens in whatever order: the director lives, stays bounded, and leaves what it found."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any

import pytest

from bot.errors import Refused, TransientError
from bot.stage.director.director import Director
from bot.stage.director.rehearsal import RehearsalMixer
from bot.stage.director.settings import ShowState
from bot.stage.director.standing import SegmentOnAir
from bot.stage.director.triggers import Whom
from bot.types import Retraction
from tests.stage.director.rig import NAMES, directing, event, settings, settle
from tests.support.virtual import virtual

STEPS: list[dict[str, Any]] = [
    {"scene": "Party"}, {"scene": "Alert"}, {"scene": "Nowhere"}, {"show": "Confetti", "within": "Live"},
    {"hide": "Confetti", "within": "Live"}, {"text": "Thanks", "to": "{name}"}, {"text": "Thanks", "to": "hello"},
    {"filter": "Blur", "of": "Camera"}, {"filter": "Blur", "of": "Camera", "enabled": False},
    {"volume": "Music", "db": -20}, {"volume": "Music", "db": -40.5}, {"media": "Fanfare"},
]  # fmt: skip


class Moody(RehearsalMixer):
    """Takes its time, refuses scenes, and loses an order or the answer to it now and then."""

    rng = random.Random()
    moody = True

    async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        await self._mood()
        answer = await super().call(request, data)
        if self.moody and self.rng.random() < 0.03:
            raise TransientError("the answer was lost")
        return answer

    async def switch_scene(self, scene: str) -> None:
        await self._mood()
        if self.moody and self.rng.random() < 0.05:
            raise Refused("it does not want to")
        await super().switch_scene(scene)

    async def _mood(self) -> None:
        if not self.moody:
            return
        await asyncio.sleep(self.rng.choice([0, 0, 0.01, 0.3]))
        if self.rng.random() < 0.03:
            raise TransientError("no answer in time")


def cues(rng: random.Random) -> dict[str, Any]:
    return {
        f"c{n}": {
            "when": [{"event": rng.choice(["gift", "follow", "raid"])}, {"scene": rng.choice(NAMES)}],
            "do": rng.sample(STEPS, rng.randint(1, 4)),
            "undo_after": rng.choice([0.5, 3, 20]),
            "cooldown": rng.choice([0, 0, 2]),
            "priority": rng.randint(-2, 2),
        }
        for n in range(12)
    }


def touch(director: Director, mixer: Moody, rng: random.Random) -> None:
    """Let one thing happen."""
    match rng.randrange(11):
        case 0:
            mixer.connect(connected=not mixer.state.connected)
        case 1:
            mixer.human(rng.choice(NAMES))
        case 2:
            director.enter(rng.choice(list(ShowState)))
        case 3:
            director.trouble(rng.choice("ab"), "broken")
        case 10:
            director.mended(rng.choice("ab"))
        case 4:
            director.segment(SegmentOnAir(rng.choice("ab"), scene=rng.choice(NAMES)), begins=rng.random() < 0.5)
        case 5:
            director.retracted(Retraction("test", author=str(rng.randrange(5))))
        case 6:
            director.release()
        case _:
            viewer = rng.randrange(5)
            for _ in range(rng.choice([1, 1, 50])):
                director.happened(
                    event(rng.choice(["gift", "follow", "raid"]), values={"name": f"viewer {viewer}"},
                          whom=Whom("test", "m", str(viewer)))
                )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens(seed: int) -> None:
    @virtual
    async def play() -> None:
        rng = random.Random(seed)
        mixer = Moody(NAMES, "Game")
        mixer.rng = rng
        found = {("text", "Thanks"): "before", ("volume", "Music"): -3.0, ("shown", "Live", "Confetti"): False}
        mixer.values |= found
        director = Director(settings(cues(rng)), mixer)
        async with directing(director):
            for _ in range(300):
                touch(director, mixer, rng)
                assert len(director._desk.queue) <= 16
                assert len(director.records) <= 30
                await asyncio.sleep(rng.choice([0, 0.05, 0.5, 5]))
            mixer.connect(connected=True)
            mixer.moody = False
            for what in "ab":
                director.mended(what)
            await asyncio.sleep(60)
            director.release()
            director.update(settings())
            director.put_back()
            await asyncio.sleep(60)
            assert director._layers.next_due() is None
            assert {key: mixer.values[key] for key in found} == found
            director.enter(ShowState.ENDING)
            director.segment(SegmentOnAir("a"), begins=False)
            director.segment(SegmentOnAir("b"), begins=False)
            await settle()
            assert mixer.state.scene == director.wished == "Ending"
            assert director.problem == ""

    play()
