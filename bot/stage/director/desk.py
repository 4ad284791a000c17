"""Where cues are asked for: those that rest, those that would run in a circle, and those that wait for their turn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

from bot.runtime.signal import Signal
from bot.stage.director.layers import Undone
from bot.stage.director.runs import CueLog, CueQueue, CueRun, Ended, Outcome, Remark, Why, said
from bot.stage.director.settings import Cue
from bot.stage.director.steps import needs_mixer
from bot.stage.director.triggers import Happening
from bot.stage.obs.mixer import Mixer

#: So long does `CueDesk.run` wait for what became of it: a mixer that hangs is given up by its own deadlines first.
CUE_S = 50.0
#: A cue that could not be done is not asked for again at once: a storm sets it off a thousand times a second.
MOMENT_S = 1.0
#: Cues that may follow from one another.
MAX_CHAIN = 8


class CueDesk:
    """Takes cues in at any rate. ``wake`` is notified when one waits, or something became of one."""

    def __init__(self, mixer: Mixer, wake: Signal) -> None:
        self.cues: Mapping[str, Cue] = {}
        self.queue = CueQueue()
        self.log = CueLog()
        #: How often each cue was not set off because it rested.
        self.skipped: dict[str, int] = {}
        self._mixer = mixer
        self._wake = wake
        self._resting: dict[str, float] = {}

    def set_off(self, name: str, happening: Happening, now: float) -> None:
        """Queue a cue because of something that happened."""
        chain = happening.chain
        if name in chain or len(chain) >= MAX_CHAIN:
            circle = " → ".join((*chain, name))
            self.log.add(name, now, Outcome.REFUSED, Remark(Why.CIRCLE, circle))
        elif not self._rests(name, now):
            self._put(CueRun(name, self.cues[name], happening.values, now, whom=happening.whom, chain=chain))

    async def run(self, name: str, values: Mapping[str, object], *, rest: bool = True) -> Ended:
        """Run a cue; return what became of it. Without ``rest`` also one that rests."""
        now = _now()
        cue = self.cues.get(name)
        if cue is None:
            gone = Remark(Why.NO_CUE)
            self.log.add(name[:40], now, Outcome.REFUSED, gone)
            return Ended(Outcome.REFUSED, str(gone))
        if rest and self._rests(name, now):
            return Ended(Outcome.REFUSED, "it rests")
        ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._put(CueRun(name, cue, values, now, ended=ended))
        with suppress(TimeoutError):
            async with asyncio.timeout(CUE_S):
                return await ended
        return Ended(Outcome.FAILED, f"it has taken over {CUE_S:g} s and goes on")

    def _rests(self, name: str, now: float) -> bool:
        if now >= self._resting.get(name, 0.0):
            return False
        self.skipped[name] = self.skipped.get(name, 0) + 1
        return True

    def _put(self, run: CueRun) -> None:
        if not self._mixer.state.connected and any(map(needs_mixer, run.cue.steps)):
            self._resting[run.name] = run.at + MOMENT_S
            self.end(run, Outcome.REFUSED, Remark(Why.AWAY, self._mixer.state.problem))
            return
        if run.cue.cooldown:
            self._resting[run.name] = run.at + run.cue.cooldown
        if left := self.queue.put(run):
            self._resting[left.name] = run.at + MOMENT_S
            self.end(left, Outcome.DROPPED, Remark(Why.CROWDED))
        self._wake.notify()

    def undone(self, ends: Sequence[Undone]) -> None:
        """Take note of what was put back, in one line for each cue."""
        found: dict[tuple[str, Outcome], list[Remark]] = {}
        for one in ends:
            found.setdefault((one.cue, Outcome.FAILED if one.problem else Outcome.UNDONE), []).append(one.remark)
        for (cue, outcome), remarks in found.items():
            self.log.add(cue, _now(), outcome, *remarks)

    def end(self, run: CueRun, outcome: Outcome, *remarks: Remark) -> None:
        """Take note of what became of a cue."""
        self.log.add(run.name, _now(), outcome, *remarks)
        run.settle(outcome, said(remarks))
        self._wake.notify()


def _now() -> float:
    return asyncio.get_running_loop().time()
