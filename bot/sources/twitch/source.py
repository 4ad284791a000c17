"""The Twitch source: one connection at a time, which is watched and replaced after a loss.

    sign-in ─▶ socket for each account ─▶ subscriptions ─▶ live
                        │ every frame          │ compared each 30 s
                        ▼                      ▼
              silent for too long: lost    missing: made again

A loss ends the attempt; `ConnectionMonitor.run_forever` starts the next one with a new client of the library.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import aiohttp

from bot.errors import ProviderError, TransientError
from bot.sources.connection import ConnectionMonitor, DeniedError, worst_of
from bot.sources.settings import Rates, Twitch
from bot.sources.source import ChannelAction, Feed, SignInStep
from bot.sources.twitch.actions import Actions
from bot.sources.twitch.connection import Connection, accounts, channel_of, rights
from bot.sources.twitch.helix import Http
from bot.sources.twitch.login import sign_in
from bot.sources.twitch.tokens import Tokens
from bot.types import Health

Show = Callable[[SignInStep], None]


class Source:
    """One Twitch channel."""

    name = "twitch"
    can_sign_in = True
    renews = True

    def __init__(self, config: Twitch, rates: Rates, feed: Feed, tokens_file: Path) -> None:
        self.config, self.rates = config, rates
        self.monitor = ConnectionMonitor(self.name, feed)
        self._tokens = Tokens(tokens_file, self._report_expiry)
        self._actions: Actions | None = None

    @property
    def actions(self) -> frozenset[str]:
        """Return what can be done now, by the granted rights; nothing while there is no connection."""
        return self._actions.names if self._actions else frozenset()

    @property
    def channel_id(self) -> str:
        """The channel's number; empty while there is no connection."""
        return self._actions.channel if self._actions else ""

    def retry_now(self) -> None:
        """End the wait before the next attempt."""
        self.monitor.retry_now()

    async def run(self) -> None:
        """Receive events and reconnect after each loss, until cancelled."""
        await self.monitor.run_forever(self._attempt)

    async def act(self, order: ChannelAction) -> str:
        """Run an action on the channel."""
        if self._actions is None:
            raise TransientError("Twitch is not connected now", provider=self.name)
        return await self._actions.act(order)

    async def sign_in(self, show: Show, role: str = "bot") -> None:
        """Sign an account in: ``role`` is "bot" (who reads and writes) or "streamer" (whose channel it is)."""
        async with _session() as session:
            await self._tokens.reload()
            http = self._http(session, self._tokens)
            await sign_in(http, self._tokens, role, show, self.config.channel.lstrip("@#"))

    # --- one connection -------------------------------------------------------------------------------

    def _http(self, session: aiohttp.ClientSession, tokens: Tokens) -> Http:
        return Http(
            client_id=self.config.client_id,
            api=self.config.api,
            id_base=self.config.id,
            session=session,
            access=tokens.access,
            renew=tokens.renew,
        )

    def _report_expiry(self) -> None:
        if self._tokens.accounts:
            self.monitor.update_account(expires_in_s=min(a.left_s for a in self._tokens.accounts.values()))

    async def _attempt(self) -> None:
        if not self.config.client_id:
            raise DeniedError(
                "no application is named",
                provider=self.name,
                remedy="Set sources.twitch.client_id: docs/twitch.md says how to get one.",
            )
        tokens = self._tokens
        await tokens.reload()
        async with _session() as session:
            http = self._http(session, tokens)
            connection = Connection(
                http,
                tokens,
                self.monitor,
                config=self.config,
                rates=self.rates,
                deliver=self.monitor.hand_over,
                on_ready=self._on_ready,
            )
            try:
                await connection.run()
            except BaseExceptionGroup as group:
                raise worst_of(group) from None
            finally:
                self._actions = None

    def _on_ready(self, actions: Actions) -> None:
        """Take the actions of a connection that receives."""
        self._actions = actions

    async def check(self) -> Health:
        """Reach Twitch with the stored sign-in, without subscribing to anything."""
        if not self.config.client_id:
            return Health(ok=False, detail="no client_id", remedy="docs/twitch.md says how to get one")
        tokens = self._tokens
        await tokens.reload()
        try:
            async with _session() as session:
                http = self._http(session, tokens)
                bot, streamer = await accounts(http, tokens)
                channel = await channel_of(http, self.config, streamer)
            wanted, missing = rights(bot, streamer, channel[0], self.config)
        except ProviderError as error:
            return Health(ok=False, detail=str(error), remedy=error.remedy)
        except (LookupError, TypeError, ValueError) as error:  # an answer of another shape
            return Health(ok=False, detail=f"Twitch's answer cannot be read ({type(error).__name__})")
        lacks = f"; not heard: {', '.join(m.what for m in missing)}" if missing else ""
        return Health(ok=True, detail=f"{bot.login} in #{channel[1]}, {len(wanted)} kinds of events{lacks}")


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(trust_env=True)
