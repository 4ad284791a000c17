"""The contract of a source: what it hands over, how its connection stands, and what can be done on its platform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from bot.types import Health, Message, Retraction


class ActionKind(StrEnum):
    """What can be done on a platform; each platform offers a part of it."""

    SEND = "send"
    REPLY = "reply"
    ANNOUNCE = "announce"
    DELETE = "delete"
    TIMEOUT = "timeout"
    BAN = "ban"
    UNBAN = "unban"
    WARN = "warn"
    SHOUTOUT = "shoutout"
    POLL = "poll"
    TITLE = "title"  # and the category
    RAID = "raid"  # send the viewers to another channel
    ALLOW = "allow"  # a message that the platform's own filter holds
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class ChannelAction:
    """Something to do on a platform. The fields are those of `bot.control.schemas.panel.ActIn`.

    The programme alone sets a title: ``text`` or ``category``, or both; and raids: ``user`` is the channel's name.
    """

    action: ActionKind
    user: str = ""
    message: str = ""
    text: str = ""
    seconds: int = 600
    choices: tuple[str, ...] = ()
    category: str = ""


class SignInState(StrEnum):
    """How far a sign-in has come."""

    WAITING = "waiting"  # the code is shown
    SCANNED = "scanned"  # the code was scanned, but not yet confirmed
    DONE = "done"
    EXPIRED = "expired"  # nobody used the code in time
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SignInStep:
    """One step of a sign-in, to be shown to a person.

    ``url`` and ``code`` are what to open and what to type there; ``qr`` is the same as rows of "1" (dark) and "0".
    ``until`` is when the code expires, by the loop's clock. ``role`` is whose account it is; `bot.sources.registry`
    fills it in, so a source may leave it out.
    """

    state: SignInState
    url: str = ""
    code: str = ""
    qr: tuple[str, ...] = ()
    detail: str = ""
    until: float = 0.0
    role: str = "bot"


class Source(Protocol):
    """A connection to a platform."""

    name: str
    #: What `act` can do at present, by `ActionKind`.
    actions: frozenset[str]
    can_sign_in: bool
    #: Whether a sign-in renews itself. When one that does not expires, a person must sign in again.
    renews: bool

    async def run(self) -> None:
        """Receive events and reconnect after each loss, until cancelled."""
        ...

    def retry_now(self) -> None:
        """End the wait before the next attempt to connect, whatever its reason is."""
        ...

    async def act(self, order: ChannelAction) -> str:
        """Run an action; return in words what was done. Raises `Refused`, `QuotaError` and other `ProviderError`."""
        ...

    async def sign_in(self, show: Callable[[SignInStep], None], role: str = "bot") -> None:
        """Sign in anew; ``show`` is called at each step. Raises `HaishinError`.

        ``role`` is whose account it is, "bot" or "streamer", on a platform where the two may differ.
        """
        ...

    async def check(self) -> Health:
        """Reach the platform without changing anything. Never raises."""
        ...


class LinkState(StrEnum):
    """How a connection to a platform stands. Only one that received something lately, or answered a probe, is live."""

    CONNECTING = "connecting"  # the first attempt, or a new one
    LIVE = "live"  # receives
    QUIET = "quiet"  # receives, but nobody has written for a long while
    DEAF = "deaf"  # does not receive, whether connected or not; a new attempt follows
    EXPIRED = "expired"  # the sign-in has expired: a person must sign in again
    DENIED = "denied"  # the platform refuses: a person must change something


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a source would like to receive or do, and cannot: what, and why in words."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Link:
    """The state of one connection to a platform, as the control room shows it.

    ``heard_at`` is when the last frame of any kind arrived, ``event_at`` the last event (monotonic
    seconds, 0: never); ``expires_in_s`` how long the sign-in lasts, None when that is not known.
    ``faults`` counts what could not be read, by kind.
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


class NoticeKind(StrEnum):
    """What a `Notice` tells."""

    ONLINE = "online"
    OFFLINE = "offline"
    TITLE = "title"
    HYPE_TRAIN = "hype_train"
    POLL = "poll"
    AUTOMOD_HOLD = "automod_hold"
    AUTOMOD_UPDATE = "automod_update"
    WARNING = "warning"  # by the platform's own supervisors
    CUT_OFF = "cut_off"  # the platform has ended the stream
    SUBSCRIPTION_END = "subscription_end"
    ROOM = "room"  # a viewer came in, or likes the stream
    VIEWERS = "viewers"  # how many watch now; ``count`` is None when the platform does not know it any more


@dataclass(frozen=True, slots=True)
class Notice:
    """News from a platform that is not a message. ``data`` holds its fields as plain values."""

    source: str
    what: NoticeKind
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


#: What a source hands over.
SourceEvent: TypeAlias = Message | Retraction | Notice


class Feed(Protocol):
    """The receiver of all that a source hands over. Everything here may be called at any rate."""

    def offer(self, message: Message) -> Awaitable[object]:
        """Send a message. When this returns, a paid one is on the disk."""
        ...

    def retract(self, retraction: Retraction) -> Awaitable[object]:
        """Remove a message, or all of an author's or of the chat: from the queue, from the air, from memory."""
        ...

    def notice(self, notice: Notice) -> None:
        """Send news that is not a message."""
        ...

    def link(self, link: Link) -> None:
        """Send the state of the connection."""
        ...
