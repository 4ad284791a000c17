"""One connection to Twitch: a socket for each account, its subscriptions, and checks of both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from loguru import logger
from twitchio.eventsub.enums import SubscriptionType
from twitchio.exceptions import HTTPException
from twitchio.http import Route

from bot.errors import QuotaError, TransientError
from bot.sources.connection import ConnectionMonitor, DeniedError, ExpiredError
from bot.sources.payload import Fields
from bot.sources.settings import Rates, Twitch
from bot.sources.source import LinkState, Missing, Notice, NoticeKind, SourceEvent
from bot.sources.twitch.actions import Actions
from bot.sources.twitch.channel import MAX_VIEWERS, SOURCE
from bot.sources.twitch.eventsub import EventSubClient
from bot.sources.twitch.helix import Http, explain
from bot.sources.twitch.mapper import Mapper
from bot.sources.twitch.subscriptions import Wanted, choose
from bot.sources.twitch.tokens import SIGN_IN, Account, Tokens

if TYPE_CHECKING:
    from twitchio.types_.conduits import Condition

#: The service sends a frame at least every `KEEPALIVE_S`; `GRACE_S` later the socket counts as dead. In seconds.
KEEPALIVE_S, GRACE_S = 10, 4.0
#: How often the wanted subscriptions are compared with the actual ones, in seconds.
COMPARE_S = 30.0
#: How often the state is confirmed, in seconds.
TELL_S = 5.0
#: Subscriptions asked for at once; the first must be there within ten seconds of the welcome.
AT_ONCE = 5
#: How often the age of the last frame is checked, in seconds.
LOOK_S = 1.0
#: How often it is asked how many watch, in seconds: Twitch counts them anew about once a minute. The first question
#: leaves the time before it to what makes the connection.
VIEWERS_S, VIEWERS_FIRST_S = 60.0, 5.0


class Connection:
    """One connection from its start to its loss.

    ``deliver`` is awaited for each event. ``on_ready`` is called with the actions once events are received.
    """

    def __init__(
        self,
        http: Http,
        tokens: Tokens,
        monitor: ConnectionMonitor,
        *,
        config: Twitch,
        rates: Rates,
        deliver: Callable[[SourceEvent], Awaitable[None]],
        on_ready: Callable[[Actions], None],
    ) -> None:
        self._http, self._tokens, self._monitor = http, tokens, monitor
        self._config, self._rates, self._deliver, self._on_ready = config, rates, deliver, on_ready
        self._lost: asyncio.Queue[tuple[str, str]] = asyncio.Queue(16)
        self._sessions: dict[str, str] = {}
        self._frames: dict[str, float] = {}
        self._held: set[tuple[str, str]] = set()
        self._refused: dict[tuple[str, str], Missing] = {}
        self._mapper: Mapper
        self._client: EventSubClient

    async def run(self) -> None:
        """Connect, subscribe and receive until something is lost; then raise the reason."""
        bot, streamer = await accounts(self._http, self._tokens)
        channel, login = await channel_of(self._http, self._config, streamer)
        ids = {"broadcaster": channel, "bot": bot.user, "streamer": streamer.user}
        wanted, missing = rights(bot, streamer, channel, self._config)
        self._monitor.update_account(account=f"{bot.login} in #{login}", missing=missing)
        self._mapper = Mapper(
            rates=self._rates,
            channel_id=channel,
            bot_id=bot.user,
            settings=self._config,
            count_fault=self._monitor.count_fault,
        )
        self._client = EventSubClient(
            self._http,
            on_notification=self._receive,
            on_frame=self._record_frame,
            on_fault=self._monitor.count_fault,
            on_lost=lambda user: self._queue_loss(user, ""),
            on_move=self._queue_loss,
            on_revoked=self._drop_subscription,
        )
        try:
            for user in {ids[w.who] for w in wanted}:
                await self._open(user, "")
            await self._subscribe(wanted, ids)
            self._mapper.subscribed = frozenset(kind for kind, _ in self._held)
            self._on_ready(Actions(self._http, channel, bot, streamer))
            self._monitor.update_account(missing=(*missing, *self._refused.values()))
            self._monitor.confirm_hearing(self._describe(wanted))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tokens.keep_fresh(self._http))
                group.create_task(self._watch(wanted, ids, missing))
                group.create_task(self._follow_moves())
                group.create_task(self._count_viewers(channel, bot.user))
        finally:
            await self._client.end()

    def _describe(self, wanted: list[Wanted]) -> str:
        return f"{len(self._held)} of {len(wanted)} kinds of events"

    def _queue_loss(self, user: str, url: str) -> None:
        if not self._lost.full():
            self._lost.put_nowait((user, url))

    def _drop_subscription(self, kind: str, status: str) -> None:
        logger.warning("twitch: {} was taken away: {}", kind[:80], status[:80])
        self._held = {h for h in self._held if h[0] != kind}
        if status == "authorization_revoked":
            self._queue_loss("", "revoked")

    async def _open(self, user: str, url: str) -> None:
        base = self._config.eventsub
        self._sessions[user] = await self._client.open(user, url or f"{base}?keepalive_timeout_seconds={KEEPALIVE_S}")
        self._record_frame(user)

    # --- what is heard ----------------------------------------------------------------------------

    def _record_frame(self, user: str) -> None:
        """Record a frame of one socket. Each is watched alone, so that a silent one is noticed beside a busy one."""
        self._monitor.record_frame()
        self._frames[user] = self._monitor.heard_at

    async def _receive(self, frame: Mapping[str, Any]) -> None:
        """Map one notification and deliver its events. A broken frame is counted and does not end the connection."""
        try:
            meta, payload = frame["metadata"], frame["payload"]
            kind, delivery, event = meta["subscription_type"], meta["message_id"], payload["event"]
        except (KeyError, TypeError):
            kind = delivery = event = None
        if not (isinstance(kind, str) and isinstance(delivery, str) and isinstance(event, dict)):
            self._monitor.count_fault("a notification without its parts")
            return
        self._monitor.record_frame(event=True)
        for item in self._mapper.map(kind, event, delivery):
            await self._deliver(item)
        if self._monitor.now() - self._monitor.heard_at > LOOK_S:
            # A slow database kept us from reading, so this time does not count as silence.
            self._frames = dict.fromkeys(self._frames, self._monitor.now())

    # --- subscriptions ----------------------------------------------------------------------------

    async def _subscribe(self, wanted: list[Wanted], ids: Mapping[str, str]) -> None:
        """Create all subscriptions, the needed ones first. Raises when the chat itself cannot be subscribed to."""
        gate = asyncio.Semaphore(AT_ONCE)
        ordered = sorted(wanted, key=lambda w: not w.needed)

        async def one(w: Wanted) -> None:
            async with gate:
                await self._create_subscription(w, ids)

        async with asyncio.TaskGroup() as group:
            for w in ordered:
                group.create_task(one(w))

    async def _create_subscription(self, w: Wanted, ids: Mapping[str, str]) -> None:
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
            if error.status != 409:  # the subscription exists already
                known = explain(error, f"{w.purpose} cannot be heard")
                if w.needed or isinstance(known, ExpiredError):
                    raise known from None
                if isinstance(known, TransientError):
                    logger.warning("twitch: {}", known)
                    return
                self._refused[key] = Missing(w.purpose, str(known))
                return
        except (TransientError, QuotaError) as error:
            if w.needed:
                raise
            logger.warning("twitch: {}: {}", w.purpose, error)
            return
        self._held.add(key)
        self._refused.pop(key, None)

    async def _compare_subscriptions(self, wanted: list[Wanted], ids: Mapping[str, str]) -> None:
        """Create missing subscriptions again. The list of the service counts, not what was asked for before."""
        actual: set[tuple[str, str]] = set()
        for user, session in self._sessions.items():
            try:
                found = await self._client.fetch_eventsub_subscriptions(token_for=user, status="enabled")
                async for sub in found.subscriptions:
                    if sub.transport.session_id == session:
                        actual.add((str(sub.type), str(sub.version)))
            except HTTPException as error:
                raise explain(error, "the subscriptions cannot be listed") from None
        self._held = actual
        lacking = [w for w in wanted if (w.type, w.version) not in actual and (w.type, w.version) not in self._refused]
        if lacking:
            logger.warning("twitch: subscriptions were missing: {}", ", ".join(w.type for w in lacking))
            self._monitor.set_state(LinkState.DEAF, f"{len(lacking)} subscriptions were missing; making them again")
            await self._subscribe(lacking, ids)
        self._mapper.subscribed = frozenset(kind for kind, _ in self._held)

    # --- watching ---------------------------------------------------------------------------------

    async def _watch(self, wanted: list[Wanted], ids: Mapping[str, str], missing: tuple[Missing, ...]) -> None:
        """Raise when a socket is silent for too long; compare the subscriptions now and then."""
        compared = told = self._monitor.now()
        known = self._monitor.link.missing
        while True:
            await asyncio.sleep(LOOK_S)
            now = self._monitor.now()
            if (silent := now - min(self._frames.values())) > KEEPALIVE_S + GRACE_S:
                raise TransientError(f"nothing was heard for {silent:.0f} s", provider="twitch")
            if now - compared >= COMPARE_S:
                compared = now
                try:
                    await self._compare_subscriptions(wanted, ids)
                except (TransientError, QuotaError) as error:
                    logger.warning("twitch: the subscriptions could not be compared: {}", error)
            if now - told >= TELL_S:
                told = now
                self._monitor.confirm_hearing(self._describe(wanted))
                if (all_missing := (*missing, *self._refused.values())) != known:
                    known = all_missing
                    self._monitor.update_account(missing=known)

    async def _count_viewers(self, channel: str, user: str) -> None:
        """Tell how many watch, whenever it changes. A question without an answer leaves the last number as it was."""
        await asyncio.sleep(VIEWERS_FIRST_S)
        told: int | None = -1  # what an earlier connection told may have changed: the first answer is told
        while True:
            try:
                watching = await viewers_of(self._http, channel, user)
            except (HTTPException, TransientError, QuotaError) as error:
                logger.debug("twitch: how many watch is not known just now: {}", error)
            else:
                if watching != told:
                    told = watching
                    words = "the stream is not on" if watching is None else f"{watching} watch"
                    await self._deliver(Notice(SOURCE, NoticeKind.VIEWERS, words, {"count": watching}))
            await asyncio.sleep(VIEWERS_S)

    async def _follow_moves(self) -> None:
        """Move to another socket when the service asks for it; raise when a socket is lost."""
        while True:
            user, url = await self._lost.get()
            if url == "revoked":
                raise ExpiredError(
                    "the rights were taken back on Twitch",
                    provider="twitch",
                    remedy="Sign in again: haishin login twitch",
                )
            if not url:
                raise TransientError("the connection was closed", provider="twitch")
            old = self._sessions.get(user)
            logger.info("twitch: moving to another connection, as the service asks")
            await self._open(user, url)
            if self._sessions[user] != old:
                raise TransientError("the service gave a new session", provider="twitch")


def rights(bot: Account, streamer: Account, channel: str, config: Twitch) -> tuple[list[Wanted], tuple[Missing, ...]]:
    """Return what to subscribe to, and what cannot be.

    Raises `ExpiredError` when the chat itself is not among the rights.
    """
    wanted, missing = choose(
        frozenset(streamer.scopes if streamer.user == channel else ()),
        frozenset(bot.scopes),
        config,
        same_account=bot.user == channel,
    )
    if not any(w.needed for w in wanted):
        raise ExpiredError("the sign-in does not allow reading the chat", provider="twitch", remedy=SIGN_IN)
    return wanted, missing


async def accounts(http: Http, tokens: Tokens) -> tuple[Account, Account]:
    """Return the bot's and the streamer's account, validated. Raises `ExpiredError` when nobody is signed in."""
    bot = tokens.role("bot")
    if bot is None:
        raise ExpiredError("nobody is signed in", provider="twitch", remedy=SIGN_IN)
    bot = await tokens.validate(http, bot)
    streamer = tokens.role("streamer") or bot
    if streamer.user != bot.user:
        streamer = await tokens.validate(http, streamer)
    else:
        streamer = bot
    return bot, streamer


async def viewers_of(http: Http, channel: str, user: str) -> int | None:
    """Return how many watch a channel; None while it is not live. Raises `HTTPException` and `ProviderError`."""
    found = Fields(await http.request(Route("GET", "streams", params={"user_id": channel, "first": 1}, token_for=user)))
    streams = found.get("data")
    if not isinstance(streams, list) or not streams:
        return None
    return Fields(streams[0]).count("viewer_count", MAX_VIEWERS, least=0)


async def channel_of(http: Http, config: Twitch, streamer: Account) -> tuple[str, str]:
    """Return id and login of the configured channel, or of the signed-in streamer's. Raises `DeniedError`."""
    wanted = config.channel.lower().lstrip("@#")
    if not wanted or wanted == streamer.login.lower():
        return streamer.user, streamer.login
    try:
        found = await http.get_users(ids=None, logins=[wanted], token_for=streamer.user)
    except HTTPException as error:
        raise explain(error, f"the channel {wanted!r} cannot be looked up") from None
    if not found.get("data"):
        raise DeniedError(
            f"there is no channel {wanted!r}", provider="twitch", remedy="Check sources.twitch.channel: the login name."
        )
    return str(found["data"][0]["id"]), wanted
