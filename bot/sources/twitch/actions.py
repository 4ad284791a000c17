"""What can be done on a Twitch channel, within the platform's limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from twitchio import PartialUser
from twitchio.exceptions import HTTPException, MessageRejectedError

from bot.errors import Refused, TransientError
from bot.runtime.ratelimit import Throttle
from bot.sources.source import ChannelAction
from bot.sources.twitch.helix import Http, explain
from bot.sources.twitch.tokens import Account

#: Characters of a chat message.
MAX_TEXT = 500
#: Messages in 30 s for an account that does not moderate, and for one that does (Twitch's documentation).
CHAT, CHAT_MODERATOR, CHAT_S = 20, 100, 30.0
#: The shortest time between two shoutouts, in seconds.
SHOUTOUT_S = 120.0
#: How long an action may wait for its turn, in seconds.
PATIENCE_S = 8.0
#: Statuses of Helix for an action that is wrong in itself: banned already, no such message, a text too long.
_NOT_TAKEN = frozenset({400, 404, 409, 422})
#: Characters of an answer of a poll, and of its question.
MAX_CHOICE, MAX_QUESTION = 25, 60
#: Characters of a stream's title.
MAX_TITLE = 140


@dataclass(frozen=True, slots=True)
class _Action:
    scope: str
    who: str
    do: Callable[[ChannelAction], Awaitable[str]]


class Actions:
    """Run actions on one channel. ``names`` are those that the accounts' scopes allow."""

    def __init__(self, http: Http, channel: str, bot: Account, streamer: Account) -> None:
        self._http, self._bot = http, bot
        #: The channel's number.
        self.channel = channel
        self._channel = PartialUser(channel, http=http)
        clock = asyncio.get_running_loop().time
        moderates = bot.user == channel or "moderator:manage:chat_messages" in bot.scopes
        most = CHAT_MODERATOR if moderates else CHAT
        self._chat = Throttle(most / CHAT_S, most, clock, provider="twitch")
        self._shoutout = Throttle(1 / SHOUTOUT_S, 1, clock, provider="twitch")
        table = {
            "send": _Action("user:write:chat", "bot", self._send),
            "reply": _Action("user:write:chat", "bot", self._send),
            "announce": _Action("moderator:manage:announcements", "bot", self._announce),
            "delete": _Action("moderator:manage:chat_messages", "bot", self._delete),
            "timeout": _Action("moderator:manage:banned_users", "bot", self._timeout),
            "ban": _Action("moderator:manage:banned_users", "bot", self._ban),
            "unban": _Action("moderator:manage:banned_users", "bot", self._unban),
            "warn": _Action("moderator:manage:warnings", "bot", self._warn),
            "shoutout": _Action("moderator:manage:shoutouts", "bot", self._shout),
            "poll": _Action("channel:manage:polls", "streamer", self._poll),
            "title": _Action("channel:manage:broadcast", "streamer", self._title),
            "raid": _Action("channel:manage:raids", "streamer", self._raid),
            "allow": _Action("moderator:manage:automod", "bot", self._allow),
            "deny": _Action("moderator:manage:automod", "bot", self._deny),
        }
        granted = {"bot": set(bot.scopes), "streamer": set(streamer.scopes) if streamer.user == channel else set()}
        self._table = {name: a for name, a in table.items() if a.scope in granted[a.who]}
        self.names = frozenset(self._table)

    async def act(self, order: ChannelAction) -> str:
        """Run an action; return in words what was done.

        Raises `Refused` for what Twitch does not take, `QuotaError` at a limit, and other `ProviderError`.
        """
        action = self._table.get(order.action)
        if action is None:
            raise Refused(f"there is no right to {order.action}", remedy="Sign in again with it: docs/twitch.md.")
        try:
            return await action.do(order)
        except HTTPException as error:
            if error.status in _NOT_TAKEN:
                said = str(error.extra.get("message", ""))[:200]
                raise Refused(f"Twitch did not take it: {said or error.status}") from None
            raise explain(error, f"{order.action} did not work") from None
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise TransientError(
                f"Twitch's answer cannot be read ({type(error).__name__})", provider="twitch"
            ) from None

    async def _send(self, order: ChannelAction) -> str:
        text = _needed(order.text, "text")
        if len(text) > MAX_TEXT:
            raise Refused(f"longer than {MAX_TEXT} characters", remedy="Say it shorter.")
        if order.action == "reply":
            _needed(order.message, "message")
        # The event of an account ("cheer:…") is no line of the chat: what answers it is a line of its own.
        line = None if ":" in order.message else order.message or None
        await self._chat.take(most_s=PATIENCE_S)
        try:
            sent = await self._channel.send_message(
                text, self._bot.user, token_for=self._bot.user, reply_to_message_id=line
            )
        except MessageRejectedError as error:
            raise Refused(f"Twitch did not show it: {str(error.message or error.code)[:200]}") from None
        if not sent.sent:
            raise Refused("Twitch did not show it")
        return "sent"

    async def _announce(self, order: ChannelAction) -> str:
        text = _needed(order.text, "text")
        await self._chat.take(most_s=PATIENCE_S)
        await self._channel.send_announcement(
            moderator=self._bot.user, message=text, color="primary", token_for=self._bot.user
        )
        return "announced"

    async def _delete(self, order: ChannelAction) -> str:
        message = _needed(order.message, "message")
        await self._channel.delete_chat_messages(moderator=self._bot.user, message_id=message, token_for=self._bot.user)
        return "deleted"

    async def _timeout(self, order: ChannelAction) -> str:
        await self._channel.timeout_user(
            moderator=self._bot.user,
            user=_needed(order.user, "user"),
            duration=order.seconds,
            reason=order.text or None,
            token_for=self._bot.user,
        )
        return f"timed out for {order.seconds} s"

    async def _ban(self, order: ChannelAction) -> str:
        await self._channel.ban_user(
            moderator=self._bot.user,
            user=_needed(order.user, "user"),
            reason=order.text or None,
            token_for=self._bot.user,
        )
        return "banned"

    async def _unban(self, order: ChannelAction) -> str:
        user = _needed(order.user, "user")
        await self._channel.unban_user(moderator=self._bot.user, user_id=user, token_for=self._bot.user)
        return "not banned any more"

    async def _warn(self, order: ChannelAction) -> str:
        await self._channel.warn_user(
            moderator=self._bot.user,
            user_id=_needed(order.user, "user"),
            reason=_needed(order.text, "text"),
            token_for=self._bot.user,
        )
        return "warned"

    async def _shout(self, order: ChannelAction) -> str:
        user = _needed(order.user, "user")
        await self._shoutout.take(most_s=0.0)
        await self._channel.send_shoutout(to_broadcaster=user, moderator=self._bot.user, token_for=self._bot.user)
        return "shouted out"

    async def _poll(self, order: ChannelAction) -> str:
        if not 2 <= len(order.choices) <= 5:
            raise Refused("a poll needs two to five choices")
        if any(not 0 < len(choice) <= MAX_CHOICE for choice in order.choices):
            raise Refused(f"a choice has 1 to {MAX_CHOICE} characters")
        await self._channel.create_poll(
            title=_needed(order.text, "text")[:MAX_QUESTION],
            choices=list(order.choices),
            duration=max(15, min(1800, order.seconds)),
        )
        return "the poll has begun"

    async def _title(self, order: ChannelAction) -> str:
        if not (order.text or order.category):
            raise Refused("the title is missing")
        game = None
        if order.category:
            found = await self._http.get_games(names=[order.category], token_for=self._channel.id)
            if not found["data"]:
                raise Refused(f"Twitch has no category {order.category!r}", remedy="Write it as Twitch does.")
            game = str(found["data"][0]["id"])
        await self._channel.modify_channel(title=order.text[:MAX_TITLE] or None, game_id=game)
        return "the title is set" if order.text else "the category is set"

    async def _raid(self, order: ChannelAction) -> str:
        name = _needed(order.user, "channel").lstrip("@").lower()
        found = await self._http.get_users(logins=[name], token_for=self._channel.id)
        if not found["data"]:
            raise Refused(f"Twitch has no channel {name!r}")
        await self._channel.start_raid(str(found["data"][0]["id"]))
        return "the raid has begun"

    async def _allow(self, order: ChannelAction) -> str:
        message = _needed(order.message, "message")
        await PartialUser(self._bot.user, http=self._http).approve_automod_messages(message, token_for=self._bot.user)
        return "allowed"

    async def _deny(self, order: ChannelAction) -> str:
        message = _needed(order.message, "message")
        await PartialUser(self._bot.user, http=self._http).deny_automod_messages(message, token_for=self._bot.user)
        return "denied"


def _needed(value: str, what: str) -> str:
    if not value:
        raise Refused(f"the {what} is missing")
    return value
