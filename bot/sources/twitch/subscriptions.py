"""The table of EventSub types to subscribe to, and the scopes that they need.

A WebSocket takes 300 subscriptions with a total cost of 10. A subscription is free when the user in its
condition has signed in with the application. So everything is free when the streamer has signed in; when only a bot
listens to a channel, the figures under ``cost`` count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from bot.sources.settings import Twitch
from bot.sources.source import Missing

Who: TypeAlias = Literal["bot", "streamer"]

MAX_TOTAL_COST = 10

#: The scopes of the account that reads and writes, and why each is wanted.
SCOPES_BOT: Mapping[str, str] = MappingProxyType(
    {
        "user:read:chat": "read the chat: lines, subscriptions, gifts, raids, deletions",
        "user:write:chat": "write into the chat",
        "moderator:read:followers": "greet new followers",
        "moderator:manage:automod": "see what AutoMod holds, and allow or deny it",
        "moderator:manage:chat_messages": "delete messages",
        "moderator:manage:banned_users": "time viewers out, ban them, and take it back",
        "moderator:manage:warnings": "warn viewers",
        "moderator:manage:shoutouts": "give shoutouts",
        "moderator:manage:announcements": "write announcements",
    }
)

#: The scopes of the owner of the channel, and why each is wanted.
SCOPES_STREAMER: Mapping[str, str] = MappingProxyType(
    {
        "bits:read": "thank for bits, also where they are no line of the chat",
        "channel:read:subscriptions": "thank for subscriptions and gifts, also where nobody shares them in the chat",
        "channel:read:redemptions": "see what is redeemed with channel points",
        "channel:read:hype_train": "follow hype trains",
        "channel:manage:polls": "start polls, and read how they end",
        "channel:manage:broadcast": "set the title and the category of the programme's segments",
        "channel:manage:raids": "send the viewers to another channel when the programme says so",
        "moderator:read:followers": "greet new followers",
    }
)

_DONE: Mapping[str, tuple[Who, str]] = MappingProxyType(
    {
        "user:write:chat": ("bot", "writing into the chat"),
        "moderator:manage:chat_messages": ("bot", "deleting messages"),
        "moderator:manage:banned_users": ("bot", "timeouts and bans"),
        "moderator:manage:warnings": ("bot", "warnings"),
        "moderator:manage:shoutouts": ("bot", "shoutouts"),
        "moderator:manage:announcements": ("bot", "announcements"),
        "moderator:manage:automod": ("bot", "answers to AutoMod"),
        "channel:manage:polls": ("streamer", "polls"),
        "channel:manage:broadcast": ("streamer", "titles"),
        "channel:manage:raids": ("streamer", "raids to others"),
    }
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A type of event to subscribe to.

    One scope of ``scope`` is needed; none when it is empty. ``names`` are the fields of the condition.
    ``who`` is the account that subscribes; with ``either``, it is the streamer when the streamer has the scope.
    The connection fails without a ``needed`` one. ``cost`` counts when the streamer has not signed in.
    ``purpose`` is shown to people.
    """

    type: str
    version: str
    scope: tuple[str, ...]
    names: tuple[str, ...]
    who: Who
    purpose: str
    needed: bool = False
    either: bool = False
    cost: int = 0

    def conditions(self, ids: Mapping[str, str]) -> dict[str, str]:
        """Return the condition. ``ids`` are the users' by "broadcaster" (the channel's), "bot" and "streamer"."""
        users = {
            "broadcaster_user_id": ids["broadcaster"],
            "to_broadcaster_user_id": ids["broadcaster"],
            "user_id": ids[self.who],
            "moderator_user_id": ids[self.who],
        }
        return {name: users[name] for name in self.names}


_CHANNEL, _USER, _MODERATOR, _RAIDED = (
    ("broadcaster_user_id",),
    ("broadcaster_user_id", "user_id"),
    ("broadcaster_user_id", "moderator_user_id"),
    ("to_broadcaster_user_id",),
)
_READ = ("user:read:chat",)
_BITS = ("bits:read",)
_SUBS = ("channel:read:subscriptions",)
_POINTS = ("channel:read:redemptions", "channel:manage:redemptions")
_TRAIN = ("channel:read:hype_train",)
_POLLS = ("channel:manage:polls",)
_HELD = ("moderator:manage:automod",)
_FOLLOWERS = ("moderator:read:followers",)

WANTED: tuple[Wanted, ...] = (
    Wanted("channel.chat.message", "1", _READ, _USER, "bot", "the chat", needed=True),
    Wanted("channel.chat.notification", "1", _READ, _USER, "bot", "subscriptions, gifts and raids in the chat"),
    Wanted("channel.chat.message_delete", "1", _READ, _USER, "bot", "deleted messages"),
    Wanted("channel.chat.clear", "1", _READ, _USER, "bot", "a cleared chat"),
    Wanted("channel.chat.clear_user_messages", "1", _READ, _USER, "bot", "timeouts and bans of viewers"),
    Wanted("channel.bits.use", "1", _BITS, _CHANNEL, "streamer", "bits"),
    Wanted("channel.cheer", "1", _BITS, _CHANNEL, "streamer", "bits"),
    Wanted("channel.subscribe", "1", _SUBS, _CHANNEL, "streamer", "subscriptions"),
    Wanted("channel.subscription.message", "1", _SUBS, _CHANNEL, "streamer", "subscriptions"),
    Wanted("channel.subscription.gift", "1", _SUBS, _CHANNEL, "streamer", "subscriptions"),
    Wanted("channel.subscription.end", "1", _SUBS, _CHANNEL, "streamer", "subscriptions"),
    Wanted("channel.channel_points_custom_reward_redemption.add", "1", _POINTS, _CHANNEL, "streamer", "redemptions"),
    Wanted("channel.channel_points_automatic_reward_redemption.add", "2", _POINTS, _CHANNEL, "streamer", "redemptions"),
    Wanted("channel.hype_train.begin", "2", _TRAIN, _CHANNEL, "streamer", "hype trains"),
    Wanted("channel.hype_train.progress", "2", _TRAIN, _CHANNEL, "streamer", "hype trains"),
    Wanted("channel.hype_train.end", "2", _TRAIN, _CHANNEL, "streamer", "hype trains"),
    Wanted("channel.poll.progress", "1", _POLLS, _CHANNEL, "streamer", "polls"),
    Wanted("channel.poll.end", "1", _POLLS, _CHANNEL, "streamer", "polls"),
    Wanted("channel.follow", "2", _FOLLOWERS, _MODERATOR, "bot", "new followers", either=True, cost=1),
    Wanted("automod.message.hold", "2", _HELD, _MODERATOR, "bot", "messages held by AutoMod", either=True, cost=1),
    Wanted("automod.message.update", "2", _HELD, _MODERATOR, "bot", "messages held by AutoMod", either=True, cost=1),
    Wanted("channel.raid", "1", (), _RAIDED, "bot", "raids", cost=1),
    Wanted("stream.online", "1", (), _CHANNEL, "bot", "begin and end of the stream", cost=1),
    Wanted("stream.offline", "1", (), _CHANNEL, "bot", "begin and end of the stream", cost=1),
    Wanted("channel.update", "2", (), _CHANNEL, "bot", "title and category", cost=1),
)


def choose(
    streamer_scopes: frozenset[str], bot_scopes: frozenset[str], settings: Twitch, *, same_account: bool
) -> tuple[list[Wanted], tuple[Missing, ...]]:
    """Return the types that the accounts' scopes allow, and what they do not allow, once for each purpose.

    ``streamer_scopes`` is empty when the owner of the channel has not signed in.
    """
    scopes: dict[Who, frozenset[str]] = {"bot": bot_scopes, "streamer": streamer_scopes}
    chosen: list[Wanted] = []
    missing: dict[str, str] = {}
    for wanted in WANTED:
        if wanted.type == "channel.follow" and not settings.follows:
            continue
        who: Who = "streamer" if wanted.either and _allows(wanted, streamer_scopes) else wanted.who
        if _allows(wanted, scopes[who]):
            chosen.append(replace(wanted, who=who))
        else:
            missing.setdefault(wanted.purpose, _why(wanted.who, wanted.scope[0], scopes, same_account=same_account))
    for scope, (who, purpose) in _DONE.items():
        if scope not in scopes[who]:
            missing.setdefault(purpose, _why(who, scope, scopes, same_account=same_account))
    return chosen, tuple(Missing(what, why) for what, why in missing.items())


def _allows(wanted: Wanted, scopes: frozenset[str]) -> bool:
    return not wanted.scope or not scopes.isdisjoint(wanted.scope)


def _why(who: Who, scope: str, scopes: Mapping[Who, frozenset[str]], *, same_account: bool) -> str:
    """Return in words which scope or sign-in is missing, and the command that mends it."""
    again = "haishin login twitch" + (" --as streamer" if who == "streamer" and not same_account else "")
    if who == "streamer" and not same_account and not scopes["streamer"]:
        return f"the owner of the channel has not signed in: {again}"
    return f"the sign-in does not allow it ({scope}): {again}"
