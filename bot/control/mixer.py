"""The video mixer as an operator sees it and orders it."""

from __future__ import annotations

import asyncio
import base64

from loguru import logger

from bot.control.schemas.mixer import CueItem, CueLine, CueRemark, FindingLine, MixerView, Picture, Rehearsal, SceneHold
from bot.control.schemas.panel import Done
from bot.errors import Refused
from bot.runtime.signal import Signal
from bot.stage.director.director import Director
from bot.stage.director.runs import Remark
from bot.stage.director.settings import ShowState
from bot.stage.watchdog.watchdog import Watchdog
from bot.text.sanitize import fit

#: Scenes and records that are shown; longest name and text, in characters.
MAX_SCENES, MAX_LINES, MAX_NAME, MAX_TEXT = 500, 12, 200, 500

#: A picture is not older than this, in seconds; its width, in pixels.
PICTURE_S, PICTURE_PX = 2.0, 480


class MixerControls:
    """What may be ordered of the director; without one every order is refused."""

    def __init__(self, director: Director | None, watchdog: Watchdog | None = None) -> None:
        self.changed = Signal()
        self._director = director
        self._watchdog = watchdog
        for part in (director, watchdog):
            if part is not None:
                part.changed.lead_to(self.changed)
        #: The last picture and when it was taken: any number of panels cost OBS one.
        self._picture = (0.0, "")
        self._taking = asyncio.Lock()

    def _need(self) -> Director:
        if self._director is None:
            raise Refused("no video mixer is configured", remedy="See docs/obs.md: obs.enabled.")
        return self._director

    def cues(self) -> list[str] | None:
        """Return the names of the cues that there are; None without a mixer."""
        return None if self._director is None else sorted(self._director.settings.cues)

    async def switch(self, scene: str) -> Done:
        """Put a scene on air; the director leaves it alone until `release`. Raises `HaishinError`."""
        await self._need().switch(scene)
        return Done(ok=True, detail="on air; the director leaves the scene alone until you release it")

    def release(self) -> Done:
        """Release the mixer: the director chooses the scene again. Raises `Refused`."""
        ok = self._need().release()
        return Done(ok=ok, detail="the director has the scene again" if ok else "nobody held it")

    def enter(self, state: str) -> Done:
        """Set the state of the show. Raises `Refused`."""
        self._need().enter(ShowState(state))
        logger.info("by the operator: the show is {}", state)
        return Done(ok=True, detail=f"the show is {state}")

    async def run(self, cue: str) -> Done:
        """Run a cue now. Raises `Refused` when nothing of it was done."""
        return Done(ok=True, detail=await self._need().order(cue))

    async def rehearse(self, cue: str) -> Rehearsal:
        """Return what a cue would do, without doing it. Raises `Refused`."""
        return Rehearsal(lines=[fit(line, MAX_TEXT) for line in await self._need().rehearse(cue)])

    async def picture(self) -> Picture:
        """Return what is on air. Raises `HaishinError`."""
        mixer = self._need().mixer
        async with self._taking:
            now = asyncio.get_running_loop().time()
            taken, png = self._picture
            if not png or now - taken > PICTURE_S:
                png = base64.b64encode(await mixer.screenshot(width=PICTURE_PX)).decode("ascii")
                self._picture = now, png
        return Picture(png=png)

    def _findings(self, now: float) -> list[FindingLine]:
        found = self._watchdog.findings() if self._watchdog else ()
        return [
            FindingLine(
                name=one.kind,
                level=one.level.value,
                words=fit(one.words, MAX_TEXT),
                remedy=fit(one.remedy, MAX_TEXT),
                tried=one.tried,
                over=one.over_at is not None,
                age_s=round(now - (one.found_at if one.over_at is None else one.over_at), 1),
            )
            for one in found[:MAX_LINES]
        ]

    def state(self) -> MixerView | None:
        """Return how mixer and director stand; None when none is configured."""
        director = self._director
        if director is None:
            return None
        now = asyncio.get_running_loop().time()
        mixer, hold = director.mixer.state, director.hold
        held = SceneHold(scene=fit(hold.scene, MAX_NAME), by=hold.by, age_s=round(now - hold.at, 1)) if hold else None
        return MixerView(
            connected=mixer.connected,
            problem=fit(mixer.problem, MAX_TEXT),
            version=fit(mixer.version, MAX_NAME),
            scene=fit(mixer.scene, MAX_NAME),
            scenes=[fit(scene, MAX_NAME) for scene in mixer.scenes[:MAX_SCENES]],
            stream=mixer.stream,
            record=mixer.record,
            show=director.state,
            why=fit(director.why, MAX_TEXT),
            wished=fit(director.wished, MAX_NAME),
            trouble=fit(director.problem, MAX_TEXT),
            hold=held,
            cues=[
                CueItem(name=name, priority=cue.priority, skipped=director.skipped.get(name, 0))
                for name, cue in director.settings.cues.items()
            ],
            last=[
                CueLine(
                    cue=one.cue,
                    outcome=one.outcome,
                    detail=one.detail,
                    count=one.count,
                    age_s=round(now - one.at, 1),
                    remarks=[_remark(remark) for remark in one.remarks],
                )
                for one in reversed(director.records[-MAX_LINES:])
            ],
            findings=self._findings(now),
        )


def _remark(one: Remark) -> CueRemark:
    value, more, near = (fit(text, MAX_NAME) for text in (one.value, one.more, one.near))
    return CueRemark(why=one.why, value=value, more=more, step=one.step, near=near)
