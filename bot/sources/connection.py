"""What every connection to a platform shares: a state that people can read, and reconnecting after each loss.

    connecting ─▶ live ◀─▶ quiet        quiet: connected, but nobody has written for some minutes
        ▲          │ lost
        └── deaf ◀─┘                    back-off, then the next attempt
    expired, denied                     wait for a person; tried again every five minutes

`ConnectionMonitor.retry_now` ends each of these waits.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

from loguru import logger

from bot.errors import FatalError, HaishinError, QuotaError
from bot.runtime.supervise import backoff
from bot.sources.source import Feed, Link, LinkState, Missing, SourceEvent
from bot.types import Message, Retraction

#: The first wait after a loss and the longest wait, in seconds. A dropped connection must be back within three.
FIRST_S, CAP_S = 0.3, 30.0
#: After a connection that worked for this long, in seconds, the back-off starts again at `FIRST_S`.
GOOD_S = 2.0
#: A connection without an event for this long, in seconds, is called quiet.
QUIET_S = 300.0
#: Wait after an expired sign-in or a refusal, in seconds: a person may have mended it elsewhere.
LOOK_AGAIN_S = 300.0
#: Faults of one kind are logged at most this often, in seconds.
FAULT_EVERY_S = 60.0
_HEARING = (LinkState.LIVE, LinkState.QUIET)


class ExpiredError(FatalError):
    """The sign-in has expired. A person must sign in again."""


class DeniedError(FatalError):
    """The platform refuses the connection: a wrong key, a missing scope, a ban."""


def worst_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the most important error of a group: a `FatalError` first, then a `HaishinError`, then any other."""
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
    """Keep the `Link` of one connection true, and tell the feed of each change."""

    def __init__(self, name: str, feed: Feed) -> None:
        self._feed = feed
        self._faults: Counter[str] = Counter()
        self._logged: dict[str, float] = {}
        self._retry = asyncio.Event()
        self.link = Link(name, LinkState.CONNECTING, since=self.now())
        #: When the last frame and the last event arrived, in seconds of the loop's clock; 0: never.
        self.heard_at = 0.0
        self.event_at = 0.0
        self._hearing_since = 0.0

    @staticmethod
    def now() -> float:
        """Return the time of the event loop, in seconds."""
        return asyncio.get_running_loop().time()

    def set_state(self, state: LinkState, detail: str = "", remedy: str = "") -> None:
        """Change the state and tell the feed. A state other than the last one is logged too."""
        old = self.link
        if state is not old.state:
            level = "INFO" if state in (*_HEARING, LinkState.CONNECTING) else "WARNING"
            logger.log(level, "{}: {} {}", old.name, state.value, f"({detail})" if detail else "")
        if state in _HEARING and old.state not in _HEARING:
            self._hearing_since = self.now()
            self._retry.clear()
        since = old.since if state is old.state else self.now()
        self._publish(replace(old, state=state, detail=detail[:300], remedy=remedy[:300], since=since))

    def update_account(
        self,
        *,
        account: str | None = None,
        missing: tuple[Missing, ...] | None = None,
        expires_in_s: float | None = None,
    ) -> None:
        """Record the account's name, its missing rights and its remaining time; None leaves a value as it is."""
        link = self.link
        self._publish(
            replace(
                link,
                account=link.account if account is None else account,
                missing=link.missing if missing is None else missing,
                expires_in_s=link.expires_in_s if expires_in_s is None else expires_in_s,
            )
        )

    def record_frame(self, *, event: bool = False) -> None:
        """Record that a frame arrived; ``event`` when it carries news.

        This is cheap: the feed learns of it with the next change.
        """
        self.heard_at = self.now()
        if event:
            self.event_at = self.heard_at
            if self.link.state is LinkState.QUIET:
                self.set_state(LinkState.LIVE)

    def confirm_hearing(self, detail: str = "") -> None:
        """Set the state to live, or to quiet when the last event is long ago.

        Only for a connection that is known to receive.
        """
        last = max(self.event_at, self._hearing_since)
        if self.link.state in _HEARING and self.now() - last > QUIET_S:
            self.set_state(LinkState.QUIET, f"nobody wrote for {(self.now() - last) / 60:.0f} min")
        else:
            self.set_state(LinkState.LIVE, detail)

    def _publish(self, link: Link) -> None:
        self.link = replace(link, heard_at=self.heard_at, event_at=self.event_at, faults=dict(self._faults))
        self._feed.link(self.link)

    def count_fault(self, what: str, detail: str = "") -> None:
        """Count something that could not be read. Each kind is logged at most once a minute."""
        what = what[:80] if what in self._faults or len(self._faults) < 50 else "other"
        self._faults[what] += 1
        now = self.now()
        if now - self._logged.get(what, -FAULT_EVERY_S) >= FAULT_EVERY_S:
            self._logged[what] = now
            logger.warning("{}: {} ({} so far) {}", self.link.name, what, self._faults[what], detail[:200])
            self._publish(self.link)

    async def hand_over(self, item: SourceEvent) -> None:
        """Send one event to the feed. When this returns, a payment is on the disk."""
        if isinstance(item, Message):
            await self._feed.offer(item)
        elif isinstance(item, Retraction):
            await self._feed.retract(item)
        else:
            self._feed.notice(item)

    def retry_now(self) -> None:
        """End the present wait, whatever its reason is, so that the next attempt starts at once.

        During an attempt, the next one follows at once if this one fails: somebody may have signed in meanwhile.
        A connection that receives is left alone.
        """
        if self.link.state not in _HEARING:
            self._retry.set()

    async def run_forever(self, attempt: Callable[[], Awaitable[None]]) -> None:
        """Run ``attempt`` again and again. It connects and receives; at the loss it returns or raises.

        After `ExpiredError` and `DeniedError` the wait is five minutes, after `QuotaError` as long as the platform
        asks for. After any other loss it grows from `FIRST_S` to `CAP_S`, with jitter; a connection that worked for
        `GOOD_S`, and `retry_now`, start it anew.
        """
        waits = backoff(FIRST_S, CAP_S)
        while True:
            self._retry.clear()
            self.set_state(LinkState.CONNECTING, self.link.detail if self.link.state is LinkState.DEAF else "")
            began = self.now()
            pause_s = await self._run_once(attempt)
            if self.heard_at - began > GOOD_S:
                waits = backoff(FIRST_S, CAP_S)
            self.link = replace(self.link, reconnects=self.link.reconnects + 1)
            if await self._wait_for_retry(max(pause_s, next(waits))):
                waits = backoff(FIRST_S, CAP_S)

    async def _run_once(self, attempt: Callable[[], Awaitable[None]]) -> float:
        """Run one attempt to its end and set the state; return the shortest wait that its end asks for, in seconds."""
        try:
            await attempt()
        except ExpiredError as error:
            self.set_state(LinkState.EXPIRED, str(error), error.remedy)
            return LOOK_AGAIN_S
        except FatalError as error:
            self.set_state(LinkState.DENIED, str(error), error.remedy)
            return LOOK_AGAIN_S
        except QuotaError as error:
            self.set_state(LinkState.DEAF, str(error), error.remedy)
            return error.retry_after_s or 0.0
        except HaishinError as error:
            self.set_state(LinkState.DEAF, str(error), error.remedy)
        except (OSError, TimeoutError) as error:
            self.set_state(LinkState.DEAF, f"{type(error).__name__}: {error}")
        except Exception as error:  # noqa: BLE001 - an unexpected error of a client library is a lost connection
            logger.opt(exception=error).error("{}: unexpected {}", self.link.name, type(error).__name__)
            self.set_state(LinkState.DEAF, f"unexpected: {type(error).__name__}")
        else:
            self.set_state(LinkState.DEAF, "the connection was closed")
        return 0.0

    async def _wait_for_retry(self, seconds: float) -> bool:
        """Wait; return True when `retry_now` ended the wait before its time."""
        try:
            async with asyncio.timeout(seconds):
                await self._retry.wait()
        except TimeoutError:
            return False
        return True
