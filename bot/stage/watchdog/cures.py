"""What the watchdog does about what it finds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bot.errors import ProviderError, Refused
from bot.stage.obs.mixer import Mixer, OutputState
from bot.stage.watchdog.check import Cure
from bot.stage.watchdog.intent import Intent

#: The parameter of the page's address that is changed, since the same address again would load nothing.
AGAIN = "again"
#: Longest time of a cure, in seconds: a stop and a start with their own deadlines fit in.
CURE_S = 120.0
#: Longest list of sources that is looked through for the page.
MAX_SOURCES = 300


class Page:
    """The source in the mixer that shows the stage page; ``name`` is empty while there is none."""

    def __init__(self, mixer: Mixer, is_ours: Callable[[str], bool]) -> None:
        """Take what tells by its address whether a page is the stage."""
        self.name = ""
        self._mixer = mixer
        self._is_ours = is_ours

    async def find(self) -> None:
        """Look for the source. Raise `ProviderError`."""
        found = (await self._mixer.call("GetInputList")).get("inputs")
        for one in (found if isinstance(found, list) else [])[:MAX_SOURCES]:
            kind, name = (one.get("inputKind"), one.get("inputName")) if isinstance(one, dict) else (None, None)
            if kind == "browser_source" and isinstance(name, str) and self._is_ours(await self._address(name)):
                self.name = name
                return
        self.name = ""

    async def muted(self) -> bool:
        """Return whether its sound is off. Raise `ProviderError` or `Refused`."""
        return (await self._mixer.call("GetInputMute", {"inputName": self.name})).get("inputMuted") is True

    async def shown(self) -> bool:
        """Return whether it is in the picture now. Raise `ProviderError` or `Refused`."""
        answer = await self._mixer.call("GetSourceActive", {"sourceName": self.name})
        return answer.get("videoActive") is True

    async def revive(self) -> None:
        """Load the page anew, by an address that differs in one number. Raise `ProviderError` or `Refused`."""
        if not self.name:
            raise Refused("no source in OBS shows the stage page")
        settings = {"url": changed(await self._address(self.name))}
        await self._mixer.call("SetInputSettings", {"inputName": self.name, "inputSettings": settings, "overlay": True})

    async def _address(self, name: str) -> str:
        try:
            answer = await self._mixer.call("GetInputSettings", {"inputName": name})
        except Refused:  # it was removed meanwhile
            return ""
        settings = answer.get("inputSettings")
        url: Any = settings.get("url") if isinstance(settings, Mapping) else ""
        return url if isinstance(url, str) else ""


def changed(address: str) -> str:
    """Return a page's address with the number in it counted on, and all else as it was."""
    parts = urlsplit(address)
    query = parse_qsl(parts.query, keep_blank_values=True)
    last = next((value for key, value in query if key == AGAIN), "")
    number = int(last) + 1 if last.isdecimal() and len(last) < 9 else 1
    kept = [(key, value) for key, value in query if key != AGAIN]
    return urlunsplit(parts._replace(query=urlencode([*kept, (AGAIN, str(number))])))


class Cures:
    """Carries out cures, each within `CURE_S`."""

    def __init__(self, mixer: Mixer, intent: Intent, page: Page) -> None:
        self._mixer = mixer
        self._intent = intent
        self._page = page

    async def apply(self, cure: Cure) -> None:
        """Run a cure. Raise `ProviderError` or `Refused` when it fails, `TimeoutError` when it takes too long."""
        async with asyncio.timeout(CURE_S):
            match cure:
                case Cure.REVIVE:
                    await self._page.revive()
                case Cure.STOP_RECORDING:
                    await self._mixer.call("StopRecord")
                case Cure.STOP:
                    await self._mixer.stop_stream()
                case Cure.START:
                    await self._restart(stop=False)
                case Cure.RESTART:
                    await self._restart(stop=True)

    async def _restart(self, *, stop: bool) -> None:
        self._intent.mending = True
        # One that never began was wanted as well.
        wanted = self._intent.wanted or self._mixer.state.stream is OutputState.STARTING
        try:
            if stop:
                with contextlib.suppress(Refused):  # it does not run any more
                    await self._mixer.stop_stream()
            if wanted:
                await self._mixer.start_stream()
        finally:
            self._intent.mending = False


FAULTS = (ProviderError, Refused, TimeoutError)
