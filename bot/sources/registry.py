"""The connections to the platforms: how they stand, what can be done there, who signs in."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from loguru import logger

from bot.errors import Refused
from bot.runtime.signal import Signal
from bot.sources.source import ChannelAction, Link, LinkState, SignInState, SignInStep, Source
from bot.telemetry.alarms import AlarmLevel, Alarms

#: A sign-in that ends sooner than this is an alarm, in seconds.
EXPIRY_WARNING_S = 3 * 24 * 3600.0
#: A sign-in is given up after this long, in seconds.
SIGN_IN_S = 30 * 60.0


class SourceRegistry:
    """The sources by name. ``changed`` is notified when a connection, an action or a sign-in goes on."""

    def __init__(self, alarms: Alarms) -> None:
        self.sources: dict[str, Source] = {}
        self.links: dict[str, Link] = {}
        self.sign_ins: dict[str, SignInStep] = {}
        self.changed = Signal()
        self._alarms = alarms
        self._signing: set[str] = set()
        self._wanted: asyncio.Queue[tuple[str, str]] = asyncio.Queue(4)

    def update_link(self, link: Link) -> None:
        """Record how a connection stands; one that needs a person raises an alarm."""
        self.links[link.name] = link
        if link.state in (LinkState.EXPIRED, LinkState.DENIED):
            self._alarms.raise_alarm(f"link:{link.name}", f"{link.name}: {link.detail}", link.remedy, AlarmLevel.ERROR)
        else:
            self._alarms.clear(f"link:{link.name}")
        if link.expires_in_s is not None and link.expires_in_s < EXPIRY_WARNING_S and self._may_sign_in(link.name):
            days = link.expires_in_s / 86_400
            words = f"{link.name}: the sign-in lasts {days:.1f} more days"
            self._alarms.raise_alarm(f"expiry:{link.name}", words, "Sign in again.")
        else:
            self._alarms.clear(f"expiry:{link.name}")
        self.changed.notify()

    def _may_sign_in(self, name: str) -> bool:
        # One that renews itself runs out all day long: only what needs a person is an alarm.
        source = self.sources.get(name)
        return source is not None and source.can_sign_in and not source.renews

    async def act(self, source: str, order: ChannelAction) -> str:
        """Run an action on a platform; return in words what was done. Raises `Refused` and `ProviderError`."""
        to = self._source(source)
        if order.action not in to.actions:
            raise Refused(f"{source} cannot {order.action} here", remedy=_why_not(self.links.get(source), order.action))
        done = await to.act(order)
        self.changed.notify()
        return done

    def reconnect(self, source: str) -> None:
        """Reconnect a connection that waits. Raises `Refused`."""
        self._source(source).retry_now()

    def begin_sign_in(self, source: str, role: str = "bot") -> None:
        """Begin a sign-in of the "bot" or the "streamer"; `run_sign_ins` carries it out. Raises `Refused`."""
        if not self._source(source).can_sign_in:
            raise Refused(f"{source} needs no sign-in here", remedy="Its keys stand in the configuration.")
        if (old := self.sign_ins.get(source)) and old.state in ("waiting", "scanned") and old.until > _now():
            if old.role != role:  # its code would sign the wrong account in
                raise Refused(f"a sign-in to {source} as the {old.role} is under way", remedy="Finish that one first.")
            return
        try:
            self._wanted.put_nowait((source, role))
        except asyncio.QueueFull:
            raise Refused("too many sign-ins are under way", remedy="Finish one first.") from None
        step = SignInStep(SignInState.WAITING, detail="asking the platform", until=_now() + 60, role=role)
        self.sign_ins[source] = step

    async def run_sign_ins(self) -> None:
        """Run sign-ins, those to different platforms side by side; runs as long as the show."""
        async with asyncio.TaskGroup() as group:
            while True:
                name, role = await self._wanted.get()
                if name not in self._signing:
                    self._signing.add(name)
                    group.create_task(self._sign_in(name, role))

    async def _sign_in(self, name: str, role: str) -> None:
        def show(step: SignInStep) -> None:
            self.sign_ins[name] = replace(step, role=role)
            self.changed.notify()

        try:
            async with asyncio.timeout(SIGN_IN_S):
                await self.sources[name].sign_in(show, role)
        except Exception as error:  # noqa: BLE001 - the person who waits for the sign-in is told
            logger.warning("the sign-in to {} failed: {}", name, error)
            last = self.sign_ins.get(name, SignInStep(SignInState.FAILED))
            show(replace(last, state=SignInState.FAILED, detail=str(error)[:200]))
        else:
            self.sources[name].retry_now()
        finally:
            self._signing.discard(name)

    def _source(self, name: str) -> Source:
        if name not in self.sources:
            known = ", ".join(self.sources) or "none"
            raise Refused(f"there is no connection {name!r}", remedy=f"Connected are: {known}.")
        return self.sources[name]


def _why_not(link: Link | None, action: str) -> str:
    reasons = [m.why for m in link.missing if action in m.what] if link else []
    return reasons[0] if reasons else "The platform, or the account that is signed in, does not offer it."


def _now() -> float:
    return asyncio.get_running_loop().time()
