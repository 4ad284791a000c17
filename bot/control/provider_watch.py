"""Watches the models, the voices and the judges: calls a person when one is down, and looks whether it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from bot.runtime.link import LinkState, ProviderState
from bot.telemetry.alarms import AlarmLevel, Alarms

#: How often the providers are looked at, in seconds.
LOOK_EVERY_S = 2.0
#: How often providers are asked whether they are back while none of their kind is up, and how long each may take then.
#: Without it the show waits for the end of a rest, up to two minutes after they came back.
REVIVE_EVERY_S, REVIVE_S = 3.0, 4.0

_WHAT = {"llm": "the model", "tts": "the voice", "asr": "the recogniser", "judge": "the judge"}
_WITHOUT = {
    "llm": "the host speaks prepared lines",
    "tts": "the host is mute",
    "asr": "the host does not understand the streamer",
    "judge": "nobody looks a second time",
}


class Links(Protocol):
    """A chain of providers as the watch sees it."""

    def links(self) -> list[LinkState]:
        """Describe the links."""
        ...


@runtime_checkable
class Revivable(Links, Protocol):
    """A chain of providers that can be asked whether they are back."""

    async def revive(self, within_s: float) -> bool:
        """Ask them, and end the rest of those that are. Never raises."""
        ...


class ProviderWatch:
    """Raises an alarm for each provider that is down, once an outage, and clears it when it is up again.

    ``chains`` are the providers by their kind: llm, tts, asr, judge. A short rest after a failure is no alarm.
    """

    def __init__(self, chains: Mapping[str, Links], alarms: Alarms) -> None:
        self._chains = chains
        self._alarms = alarms
        self._down: dict[str, AlarmLevel] = {}

    async def run(self) -> None:
        """Look now and then; runs as long as the show."""
        async with asyncio.TaskGroup() as group:
            for chain in self._chains.values():
                if isinstance(chain, Revivable):
                    group.create_task(self._revive(chain))
            while True:
                self.look()
                await asyncio.sleep(LOOK_EVERY_S)

    async def _revive(self, chain: Revivable) -> None:
        while True:
            await asyncio.sleep(REVIVE_EVERY_S)
            if all(link.state is not ProviderState.UP for link in chain.links()):
                await chain.revive(REVIVE_S)

    def look(self) -> None:
        """Raise and clear alarms."""
        down: dict[str, AlarmLevel] = {}
        for kind, chain in list(self._chains.items()):
            links = chain.links()
            none_left = all(link.state is ProviderState.DOWN for link in links)
            level = AlarmLevel.ERROR if none_left and kind != "judge" else AlarmLevel.WARNING
            for link in links:
                if link.state is ProviderState.DOWN:
                    name = f"provider:{kind}:{link.name}"
                    down[name] = level
                    if self._down.get(name) != level:
                        self._raise(name, kind, link, level, none_left=none_left)
        for name in self._down.keys() - down.keys():
            self._alarms.clear(name)
        self._down = down

    def _raise(self, name: str, kind: str, link: LinkState, level: AlarmLevel, *, none_left: bool) -> None:
        why = link.detail.partition(": ")[2] or link.detail
        then = f"; no other one is left, so {_WITHOUT.get(kind, 'it is missing')}" if none_left else ""
        again = "It is tried again by itself; 'Try now' beside it tries at once."
        if link.next_try_s is None:
            again = "It is not tried again by itself: mend the cause, then press 'Try now' beside it."
        self._alarms.raise_alarm(name, f"{_WHAT.get(kind, kind)} {link.name} is down{then}: {why}"[:300], again, level)
