"""The Twitch source: one connection at a time, watched, compared with what it should hear, and built anew.

    sign-in ─▶ socket for each account ─▶ subscriptions ─▶ live
                        │ every frame          │ compared each 30 s
                        ▼                      ▼
              silent for too long: lost    missing: made again

Whatever is lost ends the attempt; `Line.keep` begins the next one with a new client of the library.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import aiohttp
from loguru import logger
from twitchio.eventsub.enums import SubscriptionType
from twitchio.exceptions import HTTPException

from bot.errors import ProviderError, Quota, Transient
from bot.sources.link import Denied, Expired, Line
from bot.sources.orders import Order, SigningIn
from bot.sources.settings import Rates, Twitch
from bot.sources.twitch.actions import Actions
from bot.sources.twitch.events import Mapper
from bot.sources.twitch.library import Ears, Http, explain
from bot.sources.twitch.login import sign_in
from bot.sources.twitch.subscriptions import Wanted, choose
from bot.sources.twitch.tokens import SIGN_IN, Account, Tokens
from bot.types import Feed, Health, LinkState, Message, Missing, Notice, Retraction

if TYPE_CHECKING:
    from twitchio.types_.conduits import Condition

#: The service sends a frame at least this often, and this much later than that the socket counts as dead, in seconds.
KEEPALIVE_S, GRACE_S = 10, 4.0
#: How often the wanted subscriptions are compared with the actual ones, in seconds.
COMPARE_S = 30.0
#: How often the feed is told how things stand, in seconds.
TELL_S = 5.0
#: Subscriptions asked for at once; the first must be there within ten seconds of the welcome.
AT_ONCE = 5
#: How often silence is looked for, in seconds.
LOOK_S = 1.0

Show = Callable[[SigningIn], None]


class Source:
    """One Twitch channel. Made once; `run` connects it for ever."""

    name = "twitch"
    can_sign_in = True

    def __init__(self, config: Twitch, rates: Rates, feed: Feed, tokens_file: Path) -> None:
        self.config, self.rates = config, rates
        self.line = Line(self.name, feed)
        self._feed = feed
        self._file = tokens_file
        self._tokens: Tokens | None = None
        self._actions: Actions | None = None

    @property
    def actions(self) -> frozenset[str]:
        """What can be done now: by the rights that were granted, while there is a connection."""
        return self._actions.names if self._actions else frozenset()

    def nudge(self) -> None:
        """Try again now."""
        self.line.nudge.ring()

    async def run(self) -> None:
        """Hear, for ever."""
        await self.line.keep(self._attempt)

    async def act(self, order: Order) -> str:
        """Do something on the channel."""
        if self._actions is None:
            raise Transient("Twitch is not connected now", provider=self.name)
        return await self._actions.act(order)

    async def sign_in(self, show: Show, role: str = "bot") -> None:
        """Sign an account in: ``role`` is "bot" (who reads and writes) or "streamer" (whose channel it is)."""
        async with _session() as session:
            tokens = self._open_tokens()
            http = self._http(session, tokens)
            await sign_in(http, tokens, role, show)

    # --- one connection -------------------------------------------------------------------------------

    def _open_tokens(self) -> Tokens:
        if self._tokens is None:
            self._tokens = Tokens(self._file, self._tell_expiry)
        return self._tokens

    def _http(self, session: aiohttp.ClientSession, tokens: Tokens) -> Http:
        return Http(
            client_id=self.config.client_id,
            api=self.config.api,
            id_base=self.config.id,
            session=session,
            access=tokens.access,
            renew=tokens.renew,
        )

    def _tell_expiry(self) -> None:
        if self._tokens and self._tokens.accounts:
            self.line.update(expires_in_s=min(a.left_s for a in self._tokens.accounts.values()))

    async def _attempt(self) -> None:
        if not self.config.client_id:
            raise Denied(
                "no application is named",
                provider=self.name,
                remedy="Set sources.twitch.client_id: docs/twitch.md says how to get one.",
            )
        tokens = self._open_tokens()
        tokens.reload()
        async with _session() as session:
            http = self._http(session, tokens)
            connection = Connection(self, http, tokens)
            try:
                await connection.run()
            except BaseExceptionGroup as group:
                raise _first(group) from None
            finally:
                self._actions = None

    def begin(self, actions: Actions) -> None:
        """There is a connection: things can be done."""
        self._actions = actions

    async def deliver(self, item: Message | Retraction | Notice) -> None:
        """Hand one thing over."""
        if isinstance(item, Message):
            await self._feed.offer(item)
        elif isinstance(item, Retraction):
            await self._feed.retract(item)
        else:
            self._feed.notice(item)

    async def check(self) -> Health:
        """Reach Twitch with the stored sign-in, without subscribing to anything."""
        if not self.config.client_id:
            return Health(ok=False, detail="no client_id", remedy="docs/twitch.md says how to get one")
        tokens = self._open_tokens()
        tokens.reload()
        try:
            async with _session() as session:
                http = self._http(session, tokens)
                bot, streamer = await accounts(http, tokens)
                channel = await channel_of(http, self.config, streamer)
            wanted, missing = _choose(bot, streamer, channel[0], self.config)
        except ProviderError as error:
            return Health(ok=False, detail=str(error), remedy=error.remedy)
        except (LookupError, TypeError, ValueError) as error:  # an answer of another shape
            return Health(ok=False, detail=f"Twitch's answer cannot be read ({type(error).__name__})")
        lacks = f"; not heard: {', '.join(m.what for m in missing)}" if missing else ""
        return Health(ok=True, detail=f"{bot.login} in #{channel[1]}, {len(wanted)} kinds of events{lacks}")


class Connection:
    """One life of the connection."""

    def __init__(self, source: Source, http: Http, tokens: Tokens) -> None:
        self._source, self._http, self._tokens, self._line = source, http, tokens, source.line
        self._lost: asyncio.Queue[tuple[str, str]] = asyncio.Queue(16)
        self._sessions: dict[str, str] = {}
        self._frames: dict[str, float] = {}
        self._held: set[tuple[str, str]] = set()
        self._refused: dict[tuple[str, str], Missing] = {}
        self._mapper: Mapper
        self._ears: Ears

    async def run(self) -> None:
        """Connect, subscribe and hear until something is lost; then raise what was."""
        bot, streamer = await accounts(self._http, self._tokens)
        channel, login = await channel_of(self._http, self._source.config, streamer)
        ids = {"broadcaster": channel, "bot": bot.user, "streamer": streamer.user}
        wanted, missing = _choose(bot, streamer, channel, self._source.config)
        self._line.update(account=f"{bot.login} in #{login}", missing=missing)
        self._mapper = Mapper(
            rates=self._source.rates,
            channel_id=channel,
            bot_id=bot.user,
            settings=self._source.config,
            fault=self._line.fault,
        )
        self._ears = Ears(
            self._http,
            on_notification=self._hear,
            on_frame=self._frame,
            on_fault=self._line.fault,
            on_lost=lambda user: self._put(user, ""),
            on_move=self._put,
            on_revoked=self._take_away,
        )
        try:
            for user in {ids[w.who] for w in wanted}:
                await self._open(user, "")
            await self._subscribe(wanted, ids)
            self._mapper.subscribed = frozenset(kind for kind, _ in self._held)
            self._source.begin(Actions(self._http, channel, bot, streamer))
            self._line.update(missing=(*missing, *self._refused.values()))
            self._line.listening(self._words(wanted))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tokens.keep_fresh(self._http))
                group.create_task(self._watch(wanted, ids, missing))
                group.create_task(self._follow_moves())
        finally:
            await self._ears.end()

    def _words(self, wanted: list[Wanted]) -> str:
        return f"{len(self._held)} of {len(wanted)} kinds of events"

    def _put(self, user: str, url: str) -> None:
        if not self._lost.full():
            self._lost.put_nowait((user, url))

    def _take_away(self, kind: str, status: str) -> None:
        logger.warning("twitch: {} was taken away: {}", kind[:80], status[:80])
        self._held = {h for h in self._held if h[0] != kind}
        if status == "authorization_revoked":
            self._put("", "revoked")

    async def _open(self, user: str, url: str) -> None:
        base = self._source.config.eventsub
        self._sessions[user] = await self._ears.open(user, url or f"{base}?keepalive_timeout_seconds={KEEPALIVE_S}")
        self._frame(user)

    # --- what is heard ----------------------------------------------------------------------------

    def _frame(self, user: str) -> None:
        """Note a frame; for each socket by itself, lest one that speaks hides one that does not."""
        self._line.heard()
        self._frames[user] = self._line.heard_at

    async def _hear(self, frame: Mapping[str, Any]) -> None:
        """Take a notification. Nothing that a frame holds may end the connection."""
        try:
            meta, payload = frame["metadata"], frame["payload"]
            kind, delivery, event = meta["subscription_type"], meta["message_id"], payload["event"]
        except (KeyError, TypeError):
            kind = delivery = event = None
        if not (isinstance(kind, str) and isinstance(delivery, str) and isinstance(event, dict)):
            self._line.fault("a notification without its parts")
            return
        self._line.heard(event=True)
        for item in self._mapper.map(kind, event, delivery):
            await self._source.deliver(item)

    # --- subscriptions ----------------------------------------------------------------------------

    async def _subscribe(self, wanted: list[Wanted], ids: Mapping[str, str]) -> None:
        """Ask for everything; what is needed first. Raises when the chat itself cannot be heard."""
        gate = asyncio.Semaphore(AT_ONCE)
        ordered = sorted(wanted, key=lambda w: not w.needed)

        async def one(w: Wanted) -> None:
            async with gate:
                await self._ask(w, ids)

        async with asyncio.TaskGroup() as group:
            for w in ordered:
                group.create_task(one(w))

    async def _ask(self, w: Wanted, ids: Mapping[str, str]) -> None:
        user = ids[w.who]
        key = (w.type, w.version)
        try:
            await self._http.create_eventsub_subscription(
                type=SubscriptionType(w.type),
                version=w.version,
                condition=cast("Condition", w.conditions(ids)),
                transport={"method": "websocket", "session_id": self._sessions[user]},
                token_for=user,
            )
        except HTTPException as error:
            if error.status != 409:  # it is there already
                known = explain(error, f"{w.purpose} cannot be heard")
                if w.needed or isinstance(known, Expired):
                    raise known from None
                if isinstance(known, Transient):
                    logger.warning("twitch: {}", known)
                    return
                self._refused[key] = Missing(w.purpose, str(known))
                return
        except (Transient, Quota) as error:
            if w.needed:
                raise
            logger.warning("twitch: {}: {}", w.purpose, error)
            return
        self._held.add(key)
        self._refused.pop(key, None)

    async def _compare(self, wanted: list[Wanted], ids: Mapping[str, str]) -> None:
        """Make again what is missing: what is held is what the service says, not what was once asked for."""
        actual: set[tuple[str, str]] = set()
        for user, session in self._sessions.items():
            try:
                found = await self._ears.fetch_eventsub_subscriptions(token_for=user, status="enabled")
                async for sub in found.subscriptions:
                    if sub.transport.session_id == session:
                        actual.add((str(sub.type), str(sub.version)))
            except HTTPException as error:
                raise explain(error, "the subscriptions cannot be listed") from None
        self._held = actual
        lacking = [w for w in wanted if (w.type, w.version) not in actual and (w.type, w.version) not in self._refused]
        if lacking:
            logger.warning("twitch: subscriptions were missing: {}", ", ".join(w.type for w in lacking))
            self._line.tell(LinkState.DEAF, f"{len(lacking)} subscriptions were missing; making them again")
            await self._subscribe(lacking, ids)
        self._mapper.subscribed = frozenset(kind for kind, _ in self._held)

    # --- watching ---------------------------------------------------------------------------------

    async def _watch(self, wanted: list[Wanted], ids: Mapping[str, str], missing: tuple[Missing, ...]) -> None:
        """Notice silence, and compare now and then."""
        compared = told = self._line.now()
        known = self._line.link.missing
        while True:
            await asyncio.sleep(LOOK_S)
            now = self._line.now()
            if (silent := now - min(self._frames.values())) > KEEPALIVE_S + GRACE_S:
                raise Transient(f"nothing was heard for {silent:.0f} s", provider="twitch")
            if now - compared >= COMPARE_S:
                compared = now
                try:
                    await self._compare(wanted, ids)
                except (Transient, Quota) as error:
                    logger.warning("twitch: the subscriptions could not be compared: {}", error)
            if now - told >= TELL_S:
                told = now
                self._line.listening(self._words(wanted))
                if (all_missing := (*missing, *self._refused.values())) != known:
                    known = all_missing
                    self._line.update(missing=known)

    async def _follow_moves(self) -> None:
        """Move when the service asks; end when a socket is lost."""
        while True:
            user, url = await self._lost.get()
            if url == "revoked":
                raise Expired(
                    "the rights were taken back on Twitch",
                    provider="twitch",
                    remedy="Sign in again: haishin login twitch",
                )
            if not url:
                raise Transient("the connection was closed", provider="twitch")
            old = self._sessions.get(user)
            logger.info("twitch: moving to another connection, as the service asks")
            await self._open(user, url)
            if self._sessions[user] != old:
                raise Transient("the service gave a new session", provider="twitch")


def _choose(bot: Account, streamer: Account, channel: str, config: Twitch) -> tuple[list[Wanted], tuple[Missing, ...]]:
    """Give what to subscribe to, and what cannot be. Raises `Expired` when the chat itself is not among the rights."""
    wanted, missing = choose(
        frozenset(streamer.scopes if streamer.user == channel else ()),
        frozenset(bot.scopes),
        config,
        same_account=bot.user == streamer.user,
    )
    if not any(w.needed for w in wanted):
        raise Expired("the sign-in does not allow reading the chat", provider="twitch", remedy=SIGN_IN)
    return wanted, missing


async def accounts(http: Http, tokens: Tokens) -> tuple[Account, Account]:
    """Give the bot's and the streamer's account, validated. Raises `Expired` when nobody is signed in."""
    bot = tokens.role("bot")
    if bot is None:
        raise Expired("nobody is signed in", provider="twitch", remedy=SIGN_IN)
    bot = await tokens.validate(http, bot)
    streamer = tokens.role("streamer") or bot
    if streamer.user != bot.user:
        streamer = await tokens.validate(http, streamer)
    else:
        streamer = bot
    return bot, streamer


async def channel_of(http: Http, config: Twitch, streamer: Account) -> tuple[str, str]:
    """Give id and login of the channel: the configured one, or that of whoever signed in. Raises `Denied`."""
    wanted = config.channel.lower().lstrip("@#")
    if not wanted or wanted == streamer.login.lower():
        return streamer.user, streamer.login
    try:
        found = await http.get_users(ids=None, logins=[wanted], token_for=streamer.user)
    except HTTPException as error:
        raise explain(error, f"the channel {wanted!r} cannot be looked up") from None
    if not found.get("data"):
        raise Denied(
            f"there is no channel {wanted!r}", provider="twitch", remedy="Check sources.twitch.channel: the login name."
        )
    return str(found["data"][0]["id"]), wanted


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(trust_env=True)


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    """Give what ended a connection: what a person must know of before what passes."""
    flat: list[BaseException] = []

    def walk(error: BaseException) -> None:
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                walk(one)
        else:
            flat.append(error)

    walk(group)
    return min(flat, key=lambda e: 0 if isinstance(e, Expired) else 1 if isinstance(e, ProviderError) else 2)
