"""What the rest of the host may ask of a connection to a platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.types import Health


@dataclass(frozen=True, slots=True)
class Order:
    """Something to be done on a platform; the fields are those of `bot.control.schemas.panel.ActIn`."""

    action: str
    user: str = ""
    message: str = ""
    text: str = ""
    seconds: int = 600
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SigningIn:
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

    def nudge(self) -> None:
        """Try again now what was given up for a while."""
        ...

    async def act(self, order: Order) -> str:
        """Do something; give in words what was done. Raises `Refused`, `Quota` and other `ProviderError`."""
        ...

    async def sign_in(self, show: Callable[[SigningIn], None], role: str = "bot") -> None:
        """Sign in anew; ``show`` is called at each step. Raises `HaishinError`.

        ``role`` is whose account it is, "bot" or "streamer", where the two may differ.
        """
        ...

    async def check(self) -> Health:
        """Reach it without changing anything. Never raises."""
        ...
