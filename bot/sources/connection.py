"""What every connection to a platform shares: its state in words, and coming back after each loss.

From connecting to live, between live and quiet as people write, from either to deaf at a loss and
then to connecting again. ExpiredError and denied wait for a person, and look again now and then.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

from loguru import logger

from bot.errors import FatalError, HaishinError, QuotaError
from bot.runtime.signal import Signal
from bot.runtime.supervise import backoff
from bot.sources.source import Feed, Link, LinkState, Missing, Notice
from bot.types import Message, Retraction

#: The first wait after a loss, and the longest, in seconds. A drop is to be over within three.
FIRST_S, CAP_S = 0.3, 30.0
#: A connection that heard for so long was a good one: the next wait is the shortest again.
GOOD_S = 2.0
#: How long after the last event a connection that hears is called quiet, in seconds.
QUIET_S = 300.0
#: How often a sign-in that ran out, or a refusal, is tried again without a person's doing, in seconds.
LOOK_AGAIN_S = 300.0
#: A fault of one kind is logged at most so often, in seconds.
FAULT_EVERY_S = 60.0
_HEARING = (LinkState.LIVE, LinkState.QUIET)


class ExpiredError(FatalError):
    """The sign-in has run out: signing in again cures it."""


class DeniedError(FatalError):
    """The platform refuses: a key, a scope, a ban."""


def worst_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the one of a group of errors that says what to do: what needs a person before what passes."""
    flat: list[BaseException] = []
    waiting: list[BaseException] = [group]
    while waiting:
        error = waiting.pop(0)
        if isinstance(error, BaseExceptionGroup):
            waiting.extend(error.exceptions)
        else:
            flat.append(error)
    return min(flat, key=lambda e: 0 if isinstance(e, FatalError) else 1 if isinstance(e, HaishinError) else 2)


class ConnectionMonitor:
    """Keeps one `Link` true and tells the feed of each change."""

    def __init__(self, name: str, feed: Feed) -> None:
        self._feed = feed
        self._faults: Counter[str] = Counter()
        self._logged: dict[str, float] = {}
        self.link = Link(name, LinkState.CONNECTING, since=self.now())
        self.heard_at = self.event_at = self._hearing_since = 0.0
        #: Ring it to look at once what was given up for a while: somebody signed in.
        self.retry_now = Signal()

    @staticmethod
    def now() -> float:
        """Return the loop's time."""
        return asyncio.get_running_loop().time()

    def tell(self, state: LinkState, detail: str = "", remedy: str = "") -> None:
        """Change the state; the log hears of it when it is another one."""
        old = self.link
        if state is not old.state:
            level = "INFO" if state in (*_HEARING, LinkState.CONNECTING) else "WARNING"
            logger.log(level, "{}: {} {}", old.name, state.value, f"({detail})" if detail else "")
        if state in _HEARING and old.state not in _HEARING:
            self._hearing_since = self.now()
        since = old.since if state is old.state else self.now()
        self._put(replace(old, state=state, detail=detail[:300], remedy=remedy[:300], since=since))

    def update(
        self,
        *,
        account: str | None = None,
        missing: tuple[Missing, ...] | None = None,
        expires_in_s: float | None = None,
    ) -> None:
        """Record what was learned about the account."""
        link = self.link
        self._put(
            replace(
                link,
                account=link.account if account is None else account,
                missing=link.missing if missing is None else missing,
                expires_in_s=link.expires_in_s if expires_in_s is None else expires_in_s,
            )
        )

    def heard(self, *, event: bool = False) -> None:
        """Record that a frame arrived; ``event`` when it tells of something.

        Cheap: the feed hears of it with the next change.
        """
        self.heard_at = self.now()
        if event:
            self.event_at = self.heard_at
            if self.link.state is LinkState.QUIET:
                self.tell(LinkState.LIVE)

    def listening(self, detail: str = "") -> None:
        """Call it live, or quiet when the last event is long ago. Only for a connection known to hear."""
        last = max(self.event_at, self._hearing_since)
        if self.link.state in _HEARING and self.now() - last > QUIET_S:
            self.tell(LinkState.QUIET, f"nobody wrote for {(self.now() - last) / 60:.0f} min")
        else:
            self.tell(LinkState.LIVE, detail)

    def _put(self, link: Link) -> None:
        self.link = replace(link, heard_at=self.heard_at, event_at=self.event_at, faults=dict(self._faults))
        self._feed.link(self.link)

    def fault(self, what: str, detail: str = "") -> None:
        """Count something that could not be understood; log it at most once a minute for each kind."""
        what = what[:80] if what in self._faults or len(self._faults) < 50 else "other"
        self._faults[what] += 1
        now = self.now()
        if now - self._logged.get(what, -FAULT_EVERY_S) >= FAULT_EVERY_S:
            self._logged[what] = now
            logger.warning("{}: {} ({} so far) {}", self.link.name, what, self._faults[what], detail[:200])
            self._put(self.link)

    async def hand_over(self, item: Message | Retraction | Notice) -> None:
        """Hand one thing that was heard to the feed; when this returns, a payment is on the disk."""
        if isinstance(item, Message):
            await self._feed.offer(item)
        elif isinstance(item, Retraction):
            await self._feed.retract(item)
        else:
            self._feed.notice(item)

    async def keep(self, attempt: Callable[[], Awaitable[None]]) -> None:
        """Run ``attempt`` (connect, hear, return or raise at the loss) again and again, for ever.

        `ExpiredError` and `DeniedError` wait for `retry_now` or five minutes; everything else for a short, growing,
        jittered time, which starts anew after a connection that heard.
        """
        waits = backoff(FIRST_S, CAP_S)
        while True:
            self.tell(LinkState.CONNECTING, self.link.detail if self.link.state is LinkState.DEAF else "")
            began = self.now()
            pause = 0.0
            try:
                await attempt()
                self.tell(LinkState.DEAF, "the connection was closed")
            except ExpiredError as error:
                self.tell(LinkState.EXPIRED, str(error), error.remedy)
                pause = LOOK_AGAIN_S
            except FatalError as error:
                self.tell(LinkState.DENIED, str(error), error.remedy)
                pause = LOOK_AGAIN_S
            except QuotaError as error:
                self.tell(LinkState.DEAF, str(error), error.remedy)
                pause = error.retry_after_s or 0.0
            except HaishinError as error:
                self.tell(LinkState.DEAF, str(error), error.remedy)
            except (OSError, TimeoutError) as error:
                self.tell(LinkState.DEAF, f"{type(error).__name__}: {error}")
            except Exception as error:  # noqa: BLE001 - whatever one judge raises, the others must go on
                logger.opt(exception=error).error("{}: unexpected {}", self.link.name, type(error).__name__)
                self.tell(LinkState.DEAF, f"unexpected: {type(error).__name__}")
            if self.heard_at - began > GOOD_S:
                waits = backoff(FIRST_S, CAP_S)
            self.link = replace(self.link, reconnects=self.link.reconnects + 1)
            wait = max(pause, next(waits))
            if pause:
                await self.retry_now.wait(wait)
            else:
                await asyncio.sleep(wait)
