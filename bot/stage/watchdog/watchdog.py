"""The watchdog: looks at OBS, the stream, the platform and the page every ten seconds, mends and calls for help.

    look ─▶ checks ─▶ cases ─▶ cures, a few and with growing pauses ─▶ alarms

Where no OBS is connected it watches over nothing, unless a stream was on air when it went.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TypeVar

from loguru import logger

from bot.errors import ProviderError, Refused
from bot.runtime.signal import Signal
from bot.stage.obs.mixer import Mixer, MixerEvent
from bot.stage.watchdog.cases import OVER_S, PAUSES_S, Attempts, Case, Finding, Step
from bot.stage.watchdog.check import HOLDS, Check, Cure, Kind
from bot.stage.watchdog.checks import SILENCE_DB, checks
from bot.stage.watchdog.cures import FAULTS, Cures, Page
from bot.stage.watchdog.intent import Intent
from bot.stage.watchdog.look import Judged, Look, Resource, judge
from bot.stage.watchdog.picture import FORMAT, WIDTH, Picture, look_at
from bot.stage.watchdog.settings import WatchdogSettings
from bot.telemetry.alarms import Alarms

#: The pause between two looks, and how long the meters are listened to, in seconds.
LOOK_EVERY_S, LISTEN_S = 10.0, 2.0
#: Looks that are kept: ten minutes of them, or as many as the longest check needs.
KEPT_LOOKS = 60
#: The source with the stage page is looked for so often, in looks.
FIND_EVERY = 6
#: Scenes of which it is known that they move.
MOST_SCENES = 1000
#: Cases that are over and still shown.
SHOWN = 30

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the watchdog asks of the rest: each is a function without I/O.

    ``platform_live``: whether the platform itself says that the channel is live, None when it does not say.
    ``speaking``: whether the host is heard through a page now. ``pages``: how many stage pages are open.
    ``is_stage``: whether an address is that of the stage page.
    """

    platform_live: Callable[[], bool | None]
    speaking: Callable[[], bool]
    pages: Callable[[], int]
    is_stage: Callable[[str], bool]


class Watchdog:
    """``changed`` is notified when something is found, tried or over."""

    def __init__(
        self,
        mixer: Mixer,
        around: Surroundings,
        alarms: Alarms,
        settings: WatchdogSettings,
        clock: Callable[[], float],
    ) -> None:
        self.changed = Signal()
        self._mixer = mixer
        self._around = around
        self._alarms = alarms
        self._settings = settings
        self._clock = clock
        self._checks = checks(settings)
        longest = max(check.after_s for check in self._checks)
        self._looks: deque[Look] = deque(maxlen=max(KEPT_LOOKS, int(longest / LOOK_EVERY_S) + 6))
        self._intent = Intent(clock)
        self._page = Page(mixer, around.is_stage)
        self._cures = Cures(mixer, self._intent, self._page)
        self._cases: dict[Kind, Case] = {}
        self._over: deque[Finding] = deque(maxlen=SHOWN)
        self._attempts = {resource: Attempts() for resource in Resource}
        self._count = 0
        #: The source in which the host was heard, and the scenes whose picture moved while the host spoke.
        self._heard_in: set[str] = set()
        self._moved: set[str] = set()
        mixer.listen(self)

    def mixer_event(self, event: MixerEvent) -> None:
        """Follow what becomes of the stream."""
        self._intent.mixer_event(event)

    def findings(self) -> tuple[Finding, ...]:
        """Return what is wrong now, and then what was, the latest first."""
        open_ = sorted(self._cases.values(), key=lambda case: -case.found_at)
        return (*(_finding(case) for case in open_), *reversed(self._over))

    async def run(self) -> None:
        """Look and act; runs as long as the show."""
        async with asyncio.TaskGroup() as group:
            while True:
                began = self._clock()
                await self._look()
                self._act(group)
                await asyncio.sleep(max(1.0, LOOK_EVERY_S - (self._clock() - began)))

    # --- looking ----------------------------------------------------------------------------------

    async def _look(self) -> None:
        mixer, around = self._mixer, self._around
        since = self._looks[-1].at if self._looks else -math.inf
        curing = self._cured(since)
        platform = around.platform_live()
        self._intent.look(mixer.state, platform)
        speaking = around.speaking()
        stream = load = picture = peaks = None
        muted = shown = False
        if mixer.state.connected:
            stream, load = await _tried(mixer.stream_stats()), await _tried(mixer.stats())
            await self._find_page()
            if self._on_air():
                picture = await self._picture() if self._settings.picture else None
                if (speaking and self._settings.sound) or self._settings.silence_s:
                    peaks = await _tried(mixer.volume_peaks(LISTEN_S))
                    muted = bool(self._page.name and await _tried(self._page.muted()))
                shown = bool(self._page.name and not around.pages() and await _tried(self._page.shown()))
        curing |= self._cured(since)
        look = Look(
            at=self._clock(),
            state=mixer.state,
            stream=stream,
            load=load,
            wanted=self._intent.wanted,
            ending=self._intent.ending,
            platform=platform,
            was_live=self._intent.was_live,
            picture=picture,
            speaking=speaking and around.speaking(),
            peaks=peaks,
            page=self._page.name,
            shown=shown,
            muted=muted,
            pages=around.pages(),
            heard_there=self._page.name in self._heard_in,
            moves=mixer.state.scene in self._moved,
            curing=frozenset(curing),
        )
        self._learn(look)
        self._looks.append(look)

    def _cured(self, since: float) -> set[Resource]:
        """Return what is being mended, or was since a time: a page is revived between two looks."""
        return {
            resource for resource, one in self._attempts.items() if one.busy or (one.used and one.ended_at >= since)
        }

    def _learn(self, look: Look) -> None:
        """Remember how the channel is made: where the voice is heard, and which scenes move with it."""
        if not look.speaking:
            return
        if look.peaks and look.peaks.get(look.page, -math.inf) >= SILENCE_DB:
            self._heard_in = {look.page}
        before = self._looks[-1] if self._looks else None
        if before is None or before.picture is None or look.picture is None or before.state.scene != look.state.scene:
            return
        if before.picture.digest != look.picture.digest and len(self._moved) < MOST_SCENES:
            self._moved.add(look.state.scene)

    def _on_air(self) -> bool:
        return Look(0.0, self._mixer.state).on_air

    async def _find_page(self) -> None:
        if self._count % FIND_EVERY == 0 or not self._page.name:
            await _tried(self._page.find())
        self._count += 1

    async def _picture(self) -> Picture | None:
        wanted = {"sourceName": self._mixer.state.scene, "imageFormat": FORMAT, "imageWidth": WIDTH}
        answer = await _tried(self._mixer.call("GetSourceScreenshot", wanted))
        return look_at(answer) if answer else None

    # --- acting -----------------------------------------------------------------------------------

    def _act(self, group: asyncio.TaskGroup) -> None:
        now, looks = self._clock(), tuple(self._looks)
        bad: set[Resource] = set()
        for check in self._checks:
            judged = judge(looks, check.sees, max(check.after_s, OVER_S), check.about)
            case = self._cases.get(check.kind)
            if case is None and judged.bad and judged.for_s >= check.after_s:
                case = self._cases[check.kind] = Case(check, now)
                logger.warning("watchdog: {}", check.words)
                self.changed.notify()
            if case is not None:
                bad |= {check.about} if check.about else set()
                self._step(case, judged, now, group)
        for resource, attempts in self._attempts.items():
            attempts.look(now, bad=resource in bad)

    def _step(self, case: Case, judged: Judged, now: float, group: asyncio.TaskGroup) -> None:
        cure = case.check.cure
        attempts = self._attempts[HOLDS[cure]] if cure and self._possible(cure) else None
        match case.step(judged, attempts, now):
            case Step.CLOSE:
                del self._cases[case.check.kind]
                self._alarms.clear(_name(case.check))
                self._over.append(_finding(case, over_at=now))
                logger.info("watchdog: over: {}", case.check.words)
            case Step.MEND if cure and attempts:
                attempts.begin()
                case.tried += 1
                case.mending = True
                group.create_task(self._mend(case, cure, attempts), name=f"watchdog: {cure}")
            case Step.ALARM:
                case.alarmed = True
                self._alarms.raise_alarm(_name(case.check), _words(case), _remedy(case, attempts), case.check.level)
            case _:
                return
        self.changed.notify()

    def _possible(self, cure: Cure) -> bool:
        return bool(self._page.name) if cure is Cure.REVIVE else True

    async def _mend(self, case: Case, cure: Cure, attempts: Attempts) -> None:
        logger.warning("watchdog: {}: {}, attempt {}", case.check.words, cure.replace("_", " "), attempts.used)
        try:
            await self._cures.apply(cure)
            case.why = ""
        except FAULTS as error:
            case.why = str(error) or "it took too long"
            logger.warning("watchdog: {} failed: {}", cure.replace("_", " "), case.why)
        finally:
            case.mending = False
            attempts.end(self._clock())
            self.changed.notify()


async def _tried(asked: Coroutine[object, object, T]) -> T | None:
    """Return the mixer's answer, or None when there is none: a look sees what it can."""
    try:
        return await asked
    except (ProviderError, Refused):
        return None


def _name(check: Check) -> str:
    return f"watchdog:{check.kind}"


def _words(case: Case) -> str:
    tried = f"; mending it was tried {case.tried} time(s)" if case.tried else ""
    return f"{case.check.words}{tried}{f': {case.why}' if case.why else ''}"[:300]


def _remedy(case: Case, attempts: Attempts | None) -> str:
    if attempts is None or attempts.used >= len(PAUSES_S):
        return case.check.remedy
    return f"{case.check.remedy} It is tried again by itself, more and more seldom."


def _finding(case: Case, over_at: float | None = None) -> Finding:
    check = case.check
    return Finding(
        check.kind, check.level, check.words, check.remedy, case.found_at, over_at, case.tried, alarmed=case.alarmed
    )
