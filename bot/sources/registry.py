"""The platforms as the rest of the host sees them: what they hand over, how they stand, what can be done there."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from loguru import logger

from bot.errors import Refused, TransientError
from bot.inbox.inbox import Inbox, Offer
from bot.runtime.signal import Signal
from bot.runtime.supervise import backoff
from bot.sources.source import ChannelAction, Link, LinkState, Notice, SignInState, SignInStep, Source
from bot.types import Message, Retraction

#: A payment that the database does not take is tried for so long before the next message is looked at, in seconds.
PATIENCE_S = 5.0
#: Payments that wait in memory for a database that is away.
MAX_UNWRITTEN = 10_000
#: Payments that wait for their turn to be written; then the sources wait, and the platforms behind them.
MAX_PAYMENTS = 1000
#: How long a show that ends still writes payments down, in seconds.
LAST_S = 3.0
MAX_HOLDS, MAX_ALARMS = 200, 50
#: A sign-in that ends sooner than this is an alarm, in seconds.
EXPIRY_WARNING_S = 3 * 24 * 3600.0
#: A sign-in is given up after this long, in seconds.
SIGN_IN_S = 30 * 60.0
#: How often overdue thanks are looked for, in seconds.
LOOK_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Hold:
    """A message that the platform's own filter holds."""

    id: str
    source: str
    author: str
    text: str
    category: str
    level: int
    at: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that needs a person."""

    id: str
    level: str
    text: str
    remedy: str
    at: float


@dataclass(slots=True)
class Stream:
    """What a platform says of the stream."""

    online: bool | None = None
    title: str = ""
    category: str = ""
    hype_level: int = 0


class Platforms:
    """Implements `bot.sources.source.Feed`, and keeps what the control room shows of the platforms."""

    def __init__(
        self,
        offer: Callable[[Message], Awaitable[Offer]],
        retract: Callable[[Retraction], Awaitable[None]],
        inbox: Inbox,
        pulse: Signal,
    ) -> None:
        self.sources: dict[str, Source] = {}
        self.links: dict[str, Link] = {}
        self.streams: dict[str, Stream] = {}
        self.holds: OrderedDict[tuple[str, str], Hold] = OrderedDict()
        self.sign_ins: dict[str, SignInStep] = {}
        self.on_event: Callable[[str, str], None] = lambda _source, _kind: None
        self._alarms: OrderedDict[str, Alarm] = OrderedDict()
        self._offer, self._retract, self._inbox, self._pulse = offer, retract, inbox, pulse
        self._payments: asyncio.Queue[tuple[Message, asyncio.Future[Offer | None]]] = asyncio.Queue(MAX_PAYMENTS)
        self._unwritten: list[Message] = []
        self._told: set[tuple[str, str]] = set()
        self._signing: set[str] = set()
        self._wanted: asyncio.Queue[tuple[str, str]] = asyncio.Queue(4)

    # --- the feed ---------------------------------------------------------------------------------

    async def offer(self, message: Message) -> Offer | None:
        """Take a message in. A payment is on the disk when this returns, or kept and tried again, with an alarm."""
        self.on_event(message.source, message.kind.value)
        if message.paid and message.evidence and message.evidence.fault:
            self.alarm(
                f"fault:{message.source}:{message.id}",
                f"{message.source}: a payment of {message.author.name[:40]} could not be read wholly "
                f"({message.evidence.fault[:80]})",
                "It is in the ledger; look at it there: haishin ledger.",
            )
        if not message.paid:
            try:
                return await self._offer(message)
            except TransientError as error:
                logger.error("a line was lost: {}", error)
                return None
        # By a task that outlives the connection: one that is lost now must not cut this off in its midst.
        done: asyncio.Future[Offer | None] = asyncio.get_running_loop().create_future()
        await self._payments.put((message, done))
        return await done

    async def run(self) -> None:
        """Write payments down and look for overdue thanks; as long as the show."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write())
            group.create_task(self.watch())

    async def _write(self) -> None:
        try:
            while True:
                await self._write_one(*await self._payments.get())
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_S):
                    while not self._payments.empty():
                        await self._write_one(*self._payments.get_nowait())

    async def _write_one(self, message: Message, done: asyncio.Future[Offer | None]) -> None:
        try:
            offer = await self._take(message)
        except Exception as error:  # noqa: BLE001 - one payment's trouble must not end the writing of all
            logger.opt(exception=error).error("a payment could not be taken in: {} {}", message.source, message.id)
            self._keep(message)
            offer = None
        if not done.done():
            done.set_result(offer)

    async def _take(self, message: Message) -> Offer | None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._insist(message)
        except TimeoutError:
            self._keep(message)
            return None

    async def _insist(self, message: Message) -> Offer:
        waits = None
        while True:
            try:
                return await self._offer(message)
            except TransientError as error:
                logger.warning("{} could not be taken in yet: {}", message.kind.value, error)
                waits = waits or backoff(0.05, 1.0)
                await asyncio.sleep(next(waits))

    def _keep(self, message: Message) -> None:
        if len(self._unwritten) >= MAX_UNWRITTEN:
            logger.error("a payment was lost: {} {}", message.source, message.id)
        else:
            self._unwritten.append(message)
            self.alarm(
                "unwritten",
                f"{len(self._unwritten)} payment(s) cannot be written down: the database does not answer",
                "Make room on the disk or start the database; Haishin goes on trying.",
                "error",
            )

    async def retract(self, retraction: Retraction) -> None:
        """Take something back, and what the platform held of it."""
        for key, hold in list(self.holds.items()):
            if retraction.covers(hold.source, hold.id, ""):
                del self.holds[key]
        await self._retract(retraction)

    def link(self, link: Link) -> None:
        """Record how a connection stands."""
        self.links[link.name] = link
        if link.state in (LinkState.EXPIRED, LinkState.DENIED):
            self.alarm(f"link:{link.name}", f"{link.name}: {link.detail}", link.remedy, "error")
        else:
            self.calm(f"link:{link.name}")
        if link.expires_in_s is not None and link.expires_in_s < EXPIRY_WARNING_S and self._may_sign_in(link.name):
            days = link.expires_in_s / 86_400
            self.alarm(f"expiry:{link.name}", f"{link.name}: the sign-in lasts {days:.1f} more days", "Sign in again.")
        else:
            self.calm(f"expiry:{link.name}")
        self._pulse.notify()

    def _may_sign_in(self, name: str) -> bool:
        # One that renews itself runs out all day long: only what needs a person is an alarm.
        source = self.sources.get(name)
        return source is not None and source.can_sign_in and not source.renews

    def notice(self, notice: Notice) -> None:
        """Take news that is no message."""
        stream = self.streams.setdefault(notice.source, Stream())
        data: Mapping[str, Any] = notice.data
        self.on_event(notice.source, str(data.get("what") or notice.what)[:30])
        match notice.what:
            case "online" | "offline":
                stream.online = notice.what == "online"
            case "title":
                stream.title = str(data.get("title", stream.title))[:200]
                stream.category = str(data.get("category", stream.category))[:100]
            case "hype_train":
                level = data.get("level", 0)
                stream.hype_level = level if isinstance(level, int) and data.get("phase") != "end" else 0
            case "automod_hold":
                self._hold(notice)
            case "automod_update":
                self.holds.pop((notice.source, str(data.get("message_id", ""))), None)
            case "warning" | "cut_off":
                level = "error" if notice.what == "cut_off" else "warning"
                self.alarm(f"{notice.what}:{notice.source}", f"{notice.source}: {notice.text[:200]}", "", level)
            case _:
                pass
        self._pulse.notify()

    def _hold(self, notice: Notice) -> None:
        data = notice.data
        level = data.get("level", 0)
        hold = Hold(
            id=str(data.get("message_id", "")),
            source=notice.source,
            author=str(data.get("user", ""))[:100],
            text=str(data.get("text", ""))[:500],
            category=str(data.get("category", ""))[:60],
            level=level if isinstance(level, int) else 0,
            at=_now(),
        )
        self.holds[hold.source, hold.id] = hold
        while len(self.holds) > MAX_HOLDS:
            self.holds.popitem(last=False)

    # --- alarms -----------------------------------------------------------------------------------

    def alarm(self, id: str, text: str, remedy: str, level: str = "warning") -> None:  # noqa: A002 - what it is
        """Raise an alarm, or change its words."""
        old = self._alarms.get(id)
        if old is None:
            logger.log("ERROR" if level == "error" else "WARNING", "{} {}", text, remedy)
        self._alarms[id] = Alarm(id, level, text, remedy, old.at if old else _now())
        while len(self._alarms) > MAX_ALARMS:
            self._alarms.popitem(last=False)
        self._pulse.notify()

    def calm(self, id: str) -> None:  # noqa: A002 - as above
        """Take an alarm back."""
        if self._alarms.pop(id, None):
            self._pulse.notify()

    def alarms(self) -> list[Alarm]:
        """Return what needs a person, the worst first."""
        return sorted(self._alarms.values(), key=lambda a: (a.level != "error", a.at))

    async def watch(self) -> None:
        """Look for overdue thanks, and for payments that the database did not take."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            late = self._inbox.overdue(_now())
            self._told &= {(i.message.source, i.message.id) for i in late}
            for item in late:
                key = (item.message.source, item.message.id)
                if key not in self._told:
                    self._told.add(key)
                    logger.error("thanks are overdue: {} {} of {}", *key, item.message.author.name)
            if late:
                oldest = late[0].age_s / 60
                self.alarm(
                    "overdue",
                    f"{len(late)} payment(s) wait for their thanks, the oldest for {oldest:.0f} min",
                    "Open the stage page, arm the host, or thank them yourself and drop them from the queue.",
                    "error",
                )
            else:
                self.calm("overdue")
            await self._write_again()

    async def _write_again(self) -> None:
        while self._unwritten:
            message = self._unwritten[0]
            try:
                await self._offer(message)
            except TransientError:
                return
            except Exception as error:  # noqa: BLE001 - as in `_write_one`
                logger.opt(exception=error).error("a payment was lost: {} {}", message.source, message.id)
                words = f"{message.source}: a payment of {message.author.name[:40]} cannot be written down"
                self.alarm(
                    f"lost:{message.source}:{message.id}", words, "The log says why. Thank them yourself.", "error"
                )
            self._unwritten.pop(0)
        self.calm("unwritten")

    # --- orders -----------------------------------------------------------------------------------

    async def act(self, source: str, order: ChannelAction) -> str:
        """Do something on a platform; return in words what was done. Raises `Refused` and `ProviderError`."""
        to = self._source(source)
        if order.action not in to.actions:
            raise Refused(f"{source} cannot {order.action} here", remedy=_why_not(self.links.get(source), order.action))
        done = await to.act(order)
        if order.action in ("allow", "deny"):
            self.holds.pop((source, order.message), None)
        self._pulse.notify()
        return done

    def reconnect(self, source: str) -> None:
        """Let a connection that waits try again now. Raises `Refused`."""
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
        """Carry out sign-ins, those to different platforms side by side; runs as long as the show."""
        async with asyncio.TaskGroup() as group:
            while True:
                name, role = await self._wanted.get()
                if name not in self._signing:
                    self._signing.add(name)
                    group.create_task(self._sign_in(name, role))

    async def _sign_in(self, name: str, role: str) -> None:
        def show(step: SignInStep) -> None:
            self.sign_ins[name] = replace(step, role=role)
            self._pulse.notify()

        try:
            async with asyncio.timeout(SIGN_IN_S):
                await self.sources[name].sign_in(show, role)
        except Exception as error:  # noqa: BLE001 - told to the person who waits for it
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
