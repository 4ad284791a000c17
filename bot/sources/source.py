"""What the rest of the host may ask of a connection to a platform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from bot.types import Health, Message, Retraction


@dataclass(frozen=True, slots=True)
class ChannelAction:
    """Something to be done on a platform; the fields are those of `bot.control.schemas.panel.ActIn`."""

    action: str
    user: str = ""
    message: str = ""
    text: str = ""
    seconds: int = 600
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignInStep:
    """How a sign-in stands. ``state`` is waiting, scanned, done, expired or failed; ``until`` by the loop's clock.

    ``role`` is whose account it is; `bot.sources.registry` writes it in, a source need not.
    """

    state: str
    url: str = ""
    code: str = ""
    qr: tuple[str, ...] = ()
    detail: str = ""
    until: float = 0.0
    role: str = "bot"


class Source(Protocol):
    """A connection to a platform."""

    name: str
    #: What `act` can do now, by its name.
    actions: frozenset[str]
    can_sign_in: bool
    #: Whether a sign-in renews itself; the end of one that does not needs a person.
    renews: bool

    async def run(self) -> None:
        """Hear, for ever."""
        ...

    def retry_now(self) -> None:
        """Try again now what was given up for a while."""
        ...

    async def act(self, order: ChannelAction) -> str:
        """Do something; return in words what was done. Raises `Refused`, `QuotaError` and other `ProviderError`."""
        ...

    async def sign_in(self, show: Callable[[SignInStep], None], role: str = "bot") -> None:
        """Sign in anew; ``show`` is called at each step. Raises `HaishinError`.

        ``role`` is whose account it is, "bot" or "streamer", where the two may differ.
        """
        ...

    async def check(self) -> Health:
        """Reach it without changing anything. Never raises."""
        ...


class LinkState(StrEnum):
    """How a connection to a platform stands. Only what was heard lately, or answered a probe, is live."""

    CONNECTING = "connecting"  # on the way to it, for the first time or again
    LIVE = "live"  # hears
    QUIET = "quiet"  # hears, but nobody wrote for a long while
    DEAF = "deaf"  # connected or not, it does not hear: being rebuilt
    EXPIRED = "expired"  # the sign-in has run out: a person must sign in again
    DENIED = "denied"  # the platform refuses: a person must change something


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a source would like to hear or do, and cannot: what, and why in words."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Link:
    """One connection to a platform, as the control room shows it.

    ``heard_at`` is when the last frame of any kind arrived, ``event_at`` the last event (monotonic
    seconds, 0: never); ``expires_in_s`` how long the sign-in lasts, None when that is not known.
    ``faults`` counts what could not be understood, by kind.
    """

    name: str
    state: LinkState
    detail: str = ""
    remedy: str = ""
    account: str = ""
    since: float = 0.0
    heard_at: float = 0.0
    event_at: float = 0.0
    expires_in_s: float | None = None
    reconnects: int = 0
    missing: tuple[Missing, ...] = ()
    faults: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """News of a platform that is no message: the stream begins, the title changes, a hype train leaves.

    ``what`` is one of: online, offline, title, hype_train, automod_hold, automod_update, poll,
    warning, cut_off, subscription_end, room. ``data`` holds its fields as plain values.
    """

    source: str
    what: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Feed(Protocol):
    """Where a source hands over what it hears. Everything here is safe to call at any rate."""

    def offer(self, message: Message) -> Awaitable[object]:
        """Send a message; when this returns, a paid one is on the disk."""
        ...

    def retract(self, retraction: Retraction) -> Awaitable[object]:
        """Take something back: from the queue, from the air, from memory."""
        ...

    def notice(self, notice: Notice) -> None:
        """Tell of something that is no message."""
        ...

    def link(self, link: Link) -> None:
        """Tell how the connection stands."""
        ...
