"""Bilibili as a signed-in browser sees it: receive the room, write danmaku, silence viewers.

The package makes the requests. The socket is our own, because that of the package does not report a close, drops
the connection at one packet that it cannot read, and needs a minute to notice a dead peer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from bilibili_api import Credential
from loguru import logger

from bot.errors import ProviderError, QuotaError, Refused, TransientError
from bot.sources.bilibili import login
from bot.sources.bilibili.live_socket import Event, receive_events
from bot.sources.bilibili.room import RoomContext
from bot.sources.bilibili.web_api import (
    NAME,
    SIGN_IN,
    SignedInAccount,
    fetch_account,
    fetch_endpoint,
    fetch_room,
    requests,
    send,
    silence,
    unsilence,
)
from bot.sources.bilibili.web_mapper import map_web
from bot.sources.connection import ConnectionMonitor, DeniedError, ExpiredError, worst_of
from bot.sources.settings import BilibiliWeb, Rates
from bot.sources.source import ChannelAction, Feed, Missing, SignInStep
from bot.types import Health, Retraction

#: Characters of one danmaku: 20 for new accounts, 30 for most, 40 for high levels. A longer line is sent in parts.
MAX_DANMAKU, MAX_PARTS = 20, 4
#: The shortest time between two danmaku, in seconds; the site refuses faster ones.
EACH_S = 5.0
#: How often the state is confirmed, and how often the sign-in is checked, in seconds.
TELL_S, LOOK_S = 5.0, 600.0
_ACTIONS = frozenset({"send", "reply", "timeout", "ban", "unban"})
_VISITOR = (
    Missing("the names of viewers", "without a sign-in the site masks them: haishin login bilibili"),
    Missing("write into the chat, silence viewers", "nobody is signed in: haishin login bilibili"),
)


class Source:
    """One room. ``listens`` is False when the open platform receives the same room: then this source only writes."""

    name = NAME
    can_sign_in = True
    renews = False

    def __init__(self, config: BilibiliWeb, rates: Rates, feed: Feed, file: Path) -> None:
        self.config = config
        self.monitor = ConnectionMonitor(self.name, feed)
        self.listens = True
        #: Called with the name of the account that writes, each time it is looked up.
        self.on_account: Callable[[str], None] = lambda _name: None
        self._file = file
        self._context = RoomContext(self.name, rates, self.monitor.count_fault)
        self._account: SignedInAccount | None = None
        self._room = 0
        self._next_at = 0.0
        self._hearing = False

    @property
    def actions(self) -> frozenset[str]:
        """Return what can be done: everything with a sign-in, nothing without one."""
        return _ACTIONS if self._account and self._room else frozenset()

    async def run(self) -> None:
        """Receive events and reconnect after each loss, until cancelled."""
        await self.monitor.run_forever(self._attempt)

    def retry_now(self) -> None:
        """End the wait before the next attempt."""
        self.monitor.retry_now()

    async def sign_in(self, show: Callable[[SignInStep], None], role: str = "bot") -> None:  # noqa: ARG002
        """Sign in with a QR code."""
        await login.sign_in(show, self._file, self.config.base)

    async def check(self) -> Health:
        """Look up the account and the room."""
        try:
            async with requests(self.config.base):
                found, account = await self._load_account()
                room, _ = await fetch_room(_require_room(self.config), found)
                await fetch_endpoint(room, found, self.config.base)
        except ProviderError as error:
            return Health(ok=False, detail=str(error), remedy=error.remedy)
        if account is None:
            return Health(ok=True, detail=f"room {room}, as a visitor: names are masked, nothing can be written")
        return Health(ok=True, detail=f"{account.name} in room {room}{_describe_lifetime(await self._read_cookies())}")

    # --- one connection ---------------------------------------------------------------------------

    async def _attempt(self) -> None:
        self._hearing = False
        number = _require_room(self.config)
        async with requests(self.config.base):
            found, self._account = await self._load_account()
            self._context.own = str(self._account.uid) if self._account else ""
            self.on_account(self._account.name if self._account else "")
            if not self._room:
                self._room, self._context.streamer = await fetch_room(number, found)
            account = (
                f"{self._account.name} in room {self._room}" if self._account else f"a visitor in room {self._room}"
            )
            self.monitor.update_account(account=account, missing=() if self._account else _VISITOR)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._watch_sign_in(found))
                    if self.listens:
                        await self._receive(found)
                    else:
                        self.monitor.record_frame()
                        self._ready()
            except BaseExceptionGroup as group:
                raise worst_of(group) from None

    async def _receive(self, found: Credential) -> None:
        endpoint = await fetch_endpoint(self._room, found, self.config.base)
        auth = {
            "uid": self._account.uid if self._account else 0,
            "roomid": self._room,
            "protover": 3,
            "buvid": endpoint.buvid,
            "platform": "web",
            "type": 2,
            "key": endpoint.key,
        }
        await receive_events(endpoint.urls, auth, self.monitor, self._deliver, self._ready, name=self.name)

    async def _read_cookies(self) -> login.Cookies | None:
        return await asyncio.to_thread(login.load, self._file)

    async def _load_account(self) -> tuple[Credential, SignedInAccount | None]:
        """Return the stored sign-in and its account, or those of a visitor. Raises `ExpiredError`."""
        cookies = await self._read_cookies()
        if cookies is None:
            return Credential(), None
        if cookies.left_s is not None:
            self.monitor.update_account(expires_in_s=cookies.left_s)
        found = cookies.credential()
        return found, await fetch_account(found)

    def _ready(self, _close: Callable[[], Awaitable[None]] | None = None) -> None:
        self._hearing = True
        self._confirm()

    def _confirm(self) -> None:
        self.monitor.confirm_hearing("hears the room" if self.listens else "writes; the open platform hears the room")

    async def _watch_sign_in(self, found: Credential) -> None:
        """Confirm the state, and check the sign-in now and then: the site does not say when a cookie expires."""
        looked = self.monitor.now()
        while True:
            await asyncio.sleep(TELL_S)
            if not self._hearing:
                continue
            if self.monitor.now() - looked >= LOOK_S:
                looked = self.monitor.now()
                await self._check_sign_in(found)
            self._confirm()

    async def _check_sign_in(self, found: Credential) -> None:
        cookies = await self._read_cookies()
        if cookies is None or self._account is None:
            return
        if cookies.credential().sessdata != found.sessdata:
            raise TransientError("somebody signed in anew", provider=NAME)
        self.monitor.update_account(expires_in_s=cookies.left_s)
        try:
            await fetch_account(found)
        except ExpiredError:
            raise
        except ProviderError as error:
            logger.warning("{}: the sign-in could not be looked at: {}", self.name, error)
        else:
            if not self.listens:
                self.monitor.record_frame()

    async def _deliver(self, event: Event) -> None:
        self.monitor.record_frame(event=True)
        for item in map_web(self._context, event):
            await self.monitor.hand_over(item)

    # --- orders -----------------------------------------------------------------------------------

    async def act(self, order: ChannelAction) -> str:
        """Run an order."""
        cookies = await self._read_cookies()
        if cookies is None or not self._room:
            raise Refused("nobody is signed in to Bilibili", remedy=SIGN_IN)
        found = cookies.credential()
        async with requests(self.config.base):
            if order.action in ("send", "reply"):
                return await self._write(order, found)
            if not order.user.isdigit():
                raise Refused("this viewer's number is not known", remedy="Silence them on the site.")
            uid = int(order.user)
            if order.action == "unban":
                await unsilence(self._room, uid, found)
                return "let in again"
            if order.action not in ("timeout", "ban"):
                raise Refused(f"Bilibili cannot {order.action}")
            hours = -1 if order.action == "ban" else max(1, -(-order.seconds // 3600))
            await silence(self._room, uid, hours, found)
        # The site does not report this to every room, so the viewer's messages are taken back here.
        await self.monitor.hand_over(Retraction(self.name, author=order.user, reason="silenced by a moderator"))
        return "silenced for good" if hours < 0 else f"silenced for {hours} h"

    async def _write(self, order: ChannelAction, found: Credential) -> str:
        text = " ".join(order.text.split())
        if not text:
            raise Refused("no text was given")
        parts = [text[i : i + MAX_DANMAKU] for i in range(0, len(text), MAX_DANMAKU)]
        if len(parts) > MAX_PARTS:
            raise Refused(f"longer than {MAX_PARTS * MAX_DANMAKU} characters", remedy="Say it shorter.")
        for part in parts:
            wait = self._next_at - self.monitor.now()
            if wait > MAX_PARTS * EACH_S:
                raise QuotaError("too many danmaku wait to be written", provider=NAME, retry_after_s=wait)
            self._next_at = max(self.monitor.now(), self._next_at) + EACH_S
            if wait > 0:
                await asyncio.sleep(wait)
            await send(self._room, part, found, int(order.user) if order.user.isdigit() else 0)
        return "sent"


def _require_room(config: BilibiliWeb) -> int:
    if not config.room:
        raise DeniedError(
            "not set: sources.bilibili_web.room",
            provider=NAME,
            remedy="It is the number in the address of the room: live.bilibili.com/NUMBER.",
        )
    return config.room


def _describe_lifetime(cookies: login.Cookies | None) -> str:
    if cookies is None or cookies.left_s is None:
        return ""
    hours = cookies.left_s / 3600
    return (
        f"; the sign-in lasts {hours / 24:.0f} days" if hours >= 48 else f"; the sign-in lasts {hours:.0f} h: renew it"
    )
