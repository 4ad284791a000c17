"""Carries out one cue: its steps in order, and what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Protocol

from loguru import logger

from bot.errors import HaishinError
from bot.stage.director.runs import CueRefusedError, CueRun, Outcome, Remark, Why
from bot.stage.director.scene_keeper import SceneKeeper
from bot.stage.director.settings import Action
from bot.stage.director.steps import COVERED_S, SLOW, Steps, needs_mixer

#: A cue that waited longer for its turn comes too late, in seconds.
MAX_WAIT_S = 10.0
#: Cues with slow steps under way at once.
MAX_SLOW = 4


class End(Protocol):
    """Is told what became of a cue."""

    def __call__(self, run: CueRun, outcome: Outcome, *remarks: Remark) -> None:
        """Take note of it."""
        ...


class _Tally:
    """What was done of a cue so far."""

    def __init__(self) -> None:
        self.done = 0
        self.problems: list[Remark] = []
        self.broken = False

    async def count(self, step: Action, work: Awaitable[None]) -> None:
        """Wait for a step. Whatever it raises is a problem of this cue alone."""
        try:
            await work
        except HaishinError as error:
            told = error.remark if isinstance(error, CueRefusedError) else Remark(Why.ERROR, str(error))
            self.problems.append(told._replace(step=step.verb))
        except Exception as error:  # noqa: BLE001 - a step that breaks must not end the director
            logger.opt(exception=error).error("a step of a cue failed: {}", step.verb)
            self.problems.append(Remark(Why.ERROR, type(error).__name__, step=step.verb))
            self.broken = True
        else:
            self.done += 1

    @property
    def outcome(self) -> Outcome:
        if not self.problems:
            return Outcome.DONE
        if self.done:
            return Outcome.PARTLY
        return Outcome.FAILED if self.broken else Outcome.REFUSED


class Performer:
    """Carries out cues. ``end`` is told what became of each."""

    def __init__(self, steps: Steps, keeper: SceneKeeper, end: End) -> None:
        self._steps = steps
        self._keeper = keeper
        self._end = end
        self._slow = 0

    async def perform(self, run: CueRun, group: asyncio.TaskGroup) -> None:
        """Run the quick steps, and let the slow ones go on in the group."""
        now = asyncio.get_running_loop().time()
        if now - run.at > MAX_WAIT_S:
            self._end(run, Outcome.DROPPED, Remark(Why.WAITED, f"{now - run.at:.0f}"))
            return
        tally, slow = _Tally(), []
        for step in run.cue.steps:
            state = self._steps.mixer.state
            if needs_mixer(step) and not state.connected:
                tally.problems.append(Remark(Why.AWAY, state.problem, step=step.verb))
            elif step.verb in SLOW:
                slow.append(step)
            elif step.scene and self._keeper.hold is not None:
                tally.problems.append(Remark(Why.HELD, self._keeper.hold.scene))
            elif step.scene:
                with self._keeper.ordering(step.scene, (*run.chain, run.name)):
                    await tally.count(step, self._steps.change(run, step, now))
            else:
                await tally.count(step, self._steps.change(run, step, now))
                if step.stinger:  # a scene that comes next changes behind it
                    await asyncio.sleep(COVERED_S)
        if slow and self._slow < MAX_SLOW:
            self._slow += 1
            group.create_task(self._finish(run, slow, tally), name=f"cue {run.name}")
            return
        tally.problems += [Remark(Why.BUSY, step=step.verb) for step in slow]
        self._settle(run, tally)

    async def _finish(self, run: CueRun, steps: list[Action], tally: _Tally) -> None:
        try:
            for step in steps:
                await tally.count(step, self._steps.slow(run, step))
        finally:
            self._slow -= 1
        self._settle(run, tally)

    def _settle(self, run: CueRun, tally: _Tally) -> None:
        self._end(run, tally.outcome, *tally.problems)
