"""Bilibili through its official open platform. It only reads, shows full names, and needs a developer's key.

start ─▶ socket ─▶ live ─▶ … ─▶ end
  └─▶ heartbeat each 20 s: the session dies without it, and so does the socket
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from loguru import logger

from bot.errors import ProviderError, QuotaError, Refused, TransientError
from bot.sources.bilibili import open_mapper
from bot.sources.bilibili.live_socket import Event, KeyRefusedError, receive_events
from bot.sources.bilibili.open_api import NAME, TIMEOUT_S, OpenApi, Session, SessionOverError
from bot.sources.bilibili.room import RoomContext
from bot.sources.connection import ConnectionMonitor, DeniedError, worst_of
from bot.sources.credentials import CredentialFile
from bot.sources.settings import BilibiliOpen, Rates
from bot.sources.source import ChannelAction, Feed, Missing, SignInStep
from bot.types import Health

#: The platform wants a heartbeat every 20 s, and ends a session after 60 s without one.
HEARTBEAT_S = 20.0
#: How long the end of a session may take when the show ends, in seconds.
END_S = 2.0
#: How often the state is confirmed while nothing changes, in seconds.
TELL_S = 5.0
LOOK_S = 2.5
_MISSING = (
    Missing("write into the chat, silence viewers", "the open platform only reads: add sources.bilibili_web for it"),
    Missing("follows", "the open platform does not tell of them"),
)


class Source:
    """One room through the open platform."""

    name = NAME
    can_sign_in = False
    renews = False
    actions: frozenset[str] = frozenset()

    def __init__(self, config: BilibiliOpen, rates: Rates, feed: Feed, file: Path) -> None:
        self.config = config
        self.monitor = ConnectionMonitor(self.name, feed)
        #: Names the session that runs, so that it can be ended after a crash.
        self._file = CredentialFile(file)
        self._context = RoomContext(self.name, rates, self.monitor.count_fault)
        self._session: Session | None = None
        self._hearing = self._over = False
        self._close: Callable[[], Awaitable[None]] | None = None

    def set_writer(self, name: str) -> None:
        """Set the name of the account that writes for the host, so that its own lines are left out."""
        self._context.own_name = name

    async def run(self) -> None:
        """Receive events and reconnect after each loss, until cancelled; then end the session."""
        try:
            await self.monitor.run_forever(self._attempt)
        finally:
            await self._leave()

    def retry_now(self) -> None:
        """End the wait before the next attempt."""
        self.monitor.retry_now()

    async def act(self, order: ChannelAction) -> str:
        """Raise `Refused`: the open platform only reads."""
        raise Refused(f"the open platform cannot {order.action}", remedy="Add sources.bilibili_web: docs/bilibili.md.")

    async def sign_in(self, show: Callable[[SignInStep], None], role: str = "bot") -> None:  # noqa: ARG002
        """Raise `Refused`: this platform has keys instead of a sign-in."""
        raise Refused(
            "the open platform has keys instead of a sign-in",
            remedy="Put them into the configuration: docs/bilibili.md.",
        )

    async def check(self) -> Health:
        """Start a session and end it: there is no other way to test the keys and the code."""
        try:
            _require_settings(self.config)
            async with _client() as http:
                api = OpenApi(self.config, http)
                session = await api.start()
                await api.end(session.game)
        except QuotaError as error:
            return Health(ok=True, detail=f"reached; {error}")  # a session runs there, most likely our own
        except ProviderError as error:
            return Health(ok=False, detail=str(error), remedy=error.remedy)
        return Health(ok=True, detail=f"room {session.room} of {session.streamer}")

    # --- one session ------------------------------------------------------------------------------

    async def _attempt(self) -> None:
        """Connect to the socket of the present session, or of a new one.

        A lost socket does not end the session: after an end, the platform refuses a new session for some seconds.
        """
        _require_settings(self.config)
        self._hearing = self._over = False
        self._close = None
        async with _client() as http:
            api = OpenApi(self.config, http)
            session = self._session
            if session is None or not await api.heartbeat(session.game):
                self._session = None
                session = await self._start(api)
            self._context.streamer = session.streamer_id
            self.monitor.update_account(account=f"room {session.room} of {session.streamer}", missing=_MISSING)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._keep_session(api, session))
                    await receive_events(
                        session.urls, session.auth, self.monitor, self._deliver, self._ready, name=self.name
                    )
            except BaseExceptionGroup as group:
                error = worst_of(group)
                if self._over:
                    error = SessionOverError("the session is over; starting another", provider=self.name)
                if isinstance(error, SessionOverError | KeyRefusedError):
                    self._session = None
                raise error from None

    async def _start(self, api: OpenApi) -> Session:
        """Start a session. When one that a crash left behind still runs, end that one first."""
        try:
            session = await api.start()
        except QuotaError:
            left = (await self._file.read()).get("game")
            if not isinstance(left, str) or not left:
                raise
            await api.end(left)
            await self._file.remove()
            session = await api.start()
        self._session = session  # before the write: whatever happens there, `_leave` ends the session
        await self._file.write({"game": session.game})
        return session

    async def _leave(self) -> None:
        """End the session, so that the next one may start at once. If this fails, it ends by itself in a minute."""
        if self._session is None:
            return
        with contextlib.suppress(ProviderError, TimeoutError, OSError):
            async with asyncio.timeout(END_S), _client() as http:
                await OpenApi(self.config, http).end(self._session.game)
            await self._file.remove()
        self._session = None

    def _ready(self, close: Callable[[], Awaitable[None]]) -> None:
        self._hearing, self._close = True, close
        self.monitor.confirm_hearing("hears the room")

    async def _keep_session(self, api: OpenApi, session: Session) -> None:
        beaten = told = self.monitor.now()
        while True:
            await asyncio.sleep(min(LOOK_S, HEARTBEAT_S))
            now = self.monitor.now()
            if self._hearing and now - told >= TELL_S:
                told = now
                self.monitor.confirm_hearing("hears the room")
            if now - beaten < HEARTBEAT_S:
                continue
            beaten = now
            try:
                alive = await api.heartbeat(session.game)
            except (TransientError, QuotaError) as error:
                logger.warning("{}: a heartbeat failed: {}", self.name, error)
                beaten = now - HEARTBEAT_S + 3.0  # again in three seconds: the session lives for sixty
                continue
            if not alive:
                # Close the socket instead of raising: events that were sent before are still delivered.
                self._over = True
                if self._close is not None:
                    await self._close()
                return

    async def _deliver(self, event: Event) -> None:
        if event.get("cmd") == open_mapper.INTERACTION_END:
            raise SessionOverError("the platform ended the session; starting another", provider=self.name)
        self.monitor.record_frame(event=True)
        for item in open_mapper.map_open(self._context, event):
            await self.monitor.hand_over(item)


def _require_settings(config: BilibiliOpen) -> None:
    lacks = [
        name
        for name, value in (
            ("app_id", config.app_id),
            ("access_key", config.access_key),
            ("access_secret", config.access_secret.get_secret_value()),
            ("code", config.code.get_secret_value()),
        )
        if not value
    ]
    if lacks:
        raise DeniedError(
            f"not set: {', '.join(f'sources.bilibili_open.{name}' for name in lacks)}",
            provider=NAME,
            remedy="docs/bilibili.md says where to get them.",
        )


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False)
