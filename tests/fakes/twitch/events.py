"""Payloads of EventSub with every key that the public reference names."""

from __future__ import annotations

import uuid
from typing import Any

from tests.fakes.twitch.eventsub import stamp
from tests.fakes.twitch.state import Account

Json = dict[str, Any]


def person(prefix: str, account: Account | None) -> Json:
    """Return id, login and name of somebody, or of nobody."""
    return {
        f"{prefix}_id": account.id if account else None,
        f"{prefix}_login": account.login if account else None,
        f"{prefix}_name": account.name if account else None,
    }


def words(text: str, **more: Any) -> Json:
    return {"text": text, "fragments": more.get("fragments") or [fragment("text", text)]}


def fragment(kind: str, text: str, **more: Any) -> Json:
    return {"type": kind, "text": text, "cheermote": None, "emote": None, "mention": None, **more}


def badges(*names: str) -> list[Json]:
    return [{"set_id": n.partition("/")[0], "id": n.partition("/")[2] or "1", "info": ""} for n in names]


_NO_SOURCE: Json = {
    "source_broadcaster_user_id": None,
    "source_broadcaster_user_login": None,
    "source_broadcaster_user_name": None,
    "source_message_id": None,
    "source_badges": None,
    "is_source_only": None,
}


def chat(owner: Account, user: Account, text: str, *, message_id: str = "", bits: int = 0, **more: Any) -> Json:
    """`channel.chat.message`."""
    reply = more.pop("reply", None)
    return {
        **person("broadcaster_user", owner),
        **person("chatter_user", user),
        "message_id": message_id or str(uuid.uuid4()),
        "message": words(text, fragments=more.pop("fragments", None)),
        "message_type": more.pop("message_type", "text"),
        "badges": badges(*more.pop("badges", ())),
        "cheer": {"bits": bits} if bits else None,
        "color": "#1E90FF",
        "reply": reply,
        "channel_points_custom_reward_id": None,
        "channel_points_animation_id": None,
        **_NO_SOURCE,
        **more,
    }


_KINDS = (
    "sub", "resub", "sub_gift", "community_sub_gift", "gift_paid_upgrade", "prime_paid_upgrade", "pay_it_forward",
    "raid", "unraid", "announcement", "bits_badge_tier", "charity_donation", "shared_chat_sub", "shared_chat_resub",
    "shared_chat_sub_gift", "shared_chat_community_sub_gift", "shared_chat_gift_paid_upgrade",
    "shared_chat_prime_paid_upgrade", "shared_chat_pay_it_forward", "shared_chat_raid", "shared_chat_announcement",
)  # fmt: skip


def notification(owner: Account, user: Account | None, kind: str, detail: Json, text: str = "", **more: Any) -> Json:
    """`channel.chat.notification`."""
    return {
        **person("broadcaster_user", owner),
        **person("chatter_user", user),
        "chatter_is_anonymous": user is None,
        "color": "",
        "badges": [],
        "system_message": more.pop("system_message", f"{user.name if user else 'Somebody'}: {kind}"),
        "message_id": more.pop("message_id", str(uuid.uuid4())),
        "message": {"text": text, "fragments": [fragment("text", text)] if text else []},
        "notice_type": kind,
        **dict.fromkeys(_KINDS),
        kind: detail,
        **_NO_SOURCE,
        **more,
    }


def bits_use(owner: Account, user: Account, bits: int, text: str, kind: str = "cheer") -> Json:
    """`channel.bits.use`."""
    message = (
        words(text, fragments=[{"text": text, "type": "text", "emote": None, "cheermote": None}]) if text else None
    )
    power = (
        {"type": "message_effect", "emote": None, "message_effect_id": "cosmic-abyss"} if kind == "power_up" else None
    )
    return {
        **person("broadcaster_user", owner),
        **person("user", user),
        "bits": bits,
        "type": kind,
        "message": message,
        "power_up": power,
        "custom_power_up": None,
    }


def cheer(owner: Account, user: Account | None, bits: int, text: str) -> Json:
    """`channel.cheer`."""
    return {
        "is_anonymous": user is None,
        **person("user", user),
        **person("broadcaster_user", owner),
        "message": text,
        "bits": bits,
    }


def subscribe(owner: Account, user: Account, tier: str, *, gift: bool) -> Json:
    """`channel.subscribe`."""
    return {**person("user", user), **person("broadcaster_user", owner), "tier": tier, "is_gift": gift}


def subscription_message(owner: Account, user: Account, tier: str, months: int, text: str, streak: int | None) -> Json:
    """`channel.subscription.message`."""
    return {
        **person("user", user),
        **person("broadcaster_user", owner),
        "tier": tier,
        "message": {"text": text, "emotes": None},
        "cumulative_months": months,
        "streak_months": streak,
        "duration_months": 1,
    }


def subscription_gift(owner: Account, user: Account | None, total: int, tier: str) -> Json:
    """`channel.subscription.gift`."""
    return {
        **person("user", user),
        **person("broadcaster_user", owner),
        "total": total,
        "tier": tier,
        "cumulative_total": None if user is None else total + 3,
        "is_anonymous": user is None,
    }


def raid(owner: Account, user: Account, viewers: int) -> Json:
    """`channel.raid`."""
    return {**person("from_broadcaster_user", user), **person("to_broadcaster_user", owner), "viewers": viewers}


def follow(owner: Account, user: Account) -> Json:
    """`channel.follow`."""
    return {**person("user", user), **person("broadcaster_user", owner), "followed_at": stamp()}


def redemption(owner: Account, user: Account, title: str, cost: int, text: str) -> Json:
    """`channel.channel_points_custom_reward_redemption.add`."""
    return {
        "id": str(uuid.uuid4()),
        **person("broadcaster_user", owner),
        **person("user", user),
        "user_input": text,
        "status": "unfulfilled",
        "reward": {"id": str(uuid.uuid4()), "title": title, "cost": cost, "prompt": "say it"},
        "redeemed_at": stamp(),
    }


def automatic_redemption(owner: Account, user: Account, kind: str, points: int, text: str) -> Json:
    """`channel.channel_points_automatic_reward_redemption.add`, version 2."""
    return {
        **person("broadcaster_user", owner),
        **person("user", user),
        "id": str(uuid.uuid4()),
        "reward": {"type": kind, "channel_points": points, "emote": None},
        "message": {"text": text, "fragments": [{"type": "text", "text": text, "emote": None}]} if text else None,
        "redeemed_at": stamp(),
    }


def hype_train(owner: Account, level: int, phase: str) -> Json:
    """`channel.hype_train.*`, version 2."""
    top = [{**person("user", owner), "type": "bits", "total": 100}]
    end = {"ended_at": stamp(), "cooldown_ends_at": stamp()} if phase == "end" else {"expires_at": stamp()}
    progress = {} if phase == "end" else {"progress": 700, "goal": 1800}
    return {
        "id": str(uuid.uuid4()),
        **person("broadcaster_user", owner),
        "level": level,
        "total": 700,
        **progress,
        "top_contributions": top,
        "shared_train_participants": None,
        "started_at": stamp(),
        **end,
        "type": "regular",
        "is_shared_train": False,
        "all_time_high_level": 9,
        "all_time_high_total": 99_000,
    }


def automod(owner: Account, user: Account, text: str, message_id: str, category: str, level: int) -> Json:
    """`automod.message.hold`, version 2."""
    return {
        **person("broadcaster_user", owner),
        **person("user", user),
        "message_id": message_id,
        "message": words(text, fragments=[{"type": "text", "text": text, "emote": None, "cheermote": None}]),
        "reason": "automod",
        "automod": {"category": category, "level": level, "boundaries": [{"start_pos": 0, "end_pos": len(text) - 1}]},
        "blocked_term": None,
        "held_at": stamp(),
    }


def ban(owner: Account, user: Account, seconds: int | None, reason: str) -> Json:
    """`channel.ban`."""
    return {
        **person("user", user),
        **person("broadcaster_user", owner),
        **person("moderator_user", owner),
        "reason": reason,
        "banned_at": stamp(),
        "ends_at": stamp() if seconds else None,
        "is_permanent": seconds is None,
    }
