"""Events of EventSub with all keys of the public reference, as builders: each call gives a fresh one."""

from __future__ import annotations

from typing import Any

CHANNEL, BOT, VIEWER, OTHER = "1001", "1002", "2001", "3001"
MESSAGE_ID = "7d0f5c1e-2f3b-4a83-9a55-6f1f3d4f9b10"
DELIVERY = "befa7b53-d79d-478f-86b9-120f112b044e"

Event = dict[str, Any]


def broadcaster() -> Event:
    return {
        "broadcaster_user_id": CHANNEL,
        "broadcaster_user_login": "streamer",
        "broadcaster_user_name": "Streamer",
    }


def user(id: str = VIEWER, name: str = "Ann") -> Event:  # noqa: A002 - the reference's word
    return {"user_id": id, "user_login": name.lower(), "user_name": name}


def moderator() -> Event:
    return {"moderator_user_id": "4001", "moderator_user_login": "modd", "moderator_user_name": "Modd"}


def nobody() -> Event:
    return {"user_id": None, "user_login": None, "user_name": None}


def piece(text: str, type: str = "text", **parts: Any) -> Event:  # noqa: A002 - the reference's word
    return {"type": type, "text": text, "cheermote": None, "emote": None, "mention": None, **parts}


def emote(text: str = "HeyGuys", id: str = "30259") -> Event:  # noqa: A002 - the reference's word
    return piece(text, "emote", emote={"id": id, "emote_set_id": "0", "owner_id": "0", "format": ["static"]})


def mention(text: str = "@haishin_bot", id: str = BOT) -> Event:  # noqa: A002 - the reference's word
    return piece(text, "mention", mention={"user_id": id, "user_login": text[1:], "user_name": text[1:]})


def cheermote(bits: int = 100) -> Event:
    return piece(f"Cheer{bits}", "cheermote", cheermote={"prefix": "cheer", "bits": bits, "tier": 100})


def body(*pieces: Event | str) -> Event:
    fragments = [piece(p) if isinstance(p, str) else p for p in pieces]
    return {"text": "".join(f["text"] for f in fragments), "fragments": fragments}


def badge(set_id: str, id: str = "1", info: str = "") -> Event:  # noqa: A002 - the reference's word
    return {"set_id": set_id, "id": id, "info": info}


def _origin() -> Event:
    return {
        "source_broadcaster_user_id": None,
        "source_broadcaster_user_login": None,
        "source_broadcaster_user_name": None,
        "source_message_id": None,
        "source_badges": None,
        "is_source_only": None,
    }


def from_elsewhere() -> Event:
    return {
        "source_broadcaster_user_id": OTHER,
        "source_broadcaster_user_login": "friend",
        "source_broadcaster_user_name": "Friend",
        "source_message_id": "e03f6d5d-8ec8-4c63-b473-9e5fe61e289b",
        "source_badges": [badge("moderator")],
        "is_source_only": False,
    }


def chatter(id: str | None = VIEWER, name: str | None = "Ann") -> Event:  # noqa: A002 - the reference's word
    return {
        "chatter_user_id": id,
        "chatter_user_login": name and name.lower(),
        "chatter_user_name": name,
    }


def chat(*pieces: Event | str, **over: Any) -> Event:
    return {
        **broadcaster(),
        **_origin(),
        **chatter(),
        "message_id": MESSAGE_ID,
        "message": body(*(pieces or ("Hi chat",))),
        "color": "#00FF7F",
        "badges": [],
        "message_type": "text",
        "cheer": None,
        "reply": None,
        "channel_points_custom_reward_id": None,
        "channel_points_animation_id": None,
        **over,
    }


def reply(to: str = BOT) -> Event:
    return {
        "parent_message_id": "11111111-2222-3333-4444-555555555555",
        "parent_message_body": "who wants cake?",
        "parent_user_id": to,
        "parent_user_name": "Haishin_Bot",
        "parent_user_login": "haishin_bot",
        "thread_message_id": "11111111-2222-3333-4444-555555555555",
        "thread_user_id": to,
        "thread_user_name": "Haishin_Bot",
        "thread_user_login": "haishin_bot",
    }


def chat_cheer(**over: Any) -> Event:
    return chat(cheermote(100), " good  luck", cheer={"bits": 100}, badges=[badge("bits", "100")], **over)


NOTICES = (
    "sub resub sub_gift community_sub_gift gift_paid_upgrade prime_paid_upgrade pay_it_forward raid unraid"
    " announcement bits_badge_tier charity_donation modiversary watch_streak"
).split()
SHARED = (
    "sub resub sub_gift community_sub_gift gift_paid_upgrade prime_paid_upgrade pay_it_forward raid announcement"
    " modiversary"
).split()


def gifter() -> Event:
    return {
        "gifter_is_anonymous": False,
        "gifter_user_id": "2002",
        "gifter_user_name": "Ben",
        "gifter_user_login": "ben",
    }


def parts() -> dict[str, Event]:
    """The part of each notice."""
    return {
        "sub": {"sub_tier": "1000", "is_prime": False, "duration_months": 1},
        "resub": {
            "cumulative_months": 10,
            "duration_months": 0,
            "streak_months": None,
            "sub_tier": "2000",
            "is_prime": False,
            "is_gift": False,
            "gifter_is_anonymous": None,
            "gifter_user_id": None,
            "gifter_user_name": None,
            "gifter_user_login": None,
        },
        "sub_gift": {
            "duration_months": 1,
            "cumulative_total": 7,
            "recipient_user_id": "2003",
            "recipient_user_name": "Cem",
            "recipient_user_login": "cem",
            "sub_tier": "1000",
            "community_gift_id": None,
        },
        "community_sub_gift": {
            "id": "12111455614691086753",
            "total": 5,
            "sub_tier": "1000",
            "cumulative_total": 12,
        },
        "gift_paid_upgrade": gifter(),
        "prime_paid_upgrade": {"sub_tier": "3000"},
        "pay_it_forward": {
            **gifter(),
            "recipient_user_id": "2003",
            "recipient_user_name": "Cem",
            "recipient_user_login": "cem",
        },
        "raid": {
            "user_id": VIEWER,
            "user_name": "Ann",
            "user_login": "ann",
            "viewer_count": 42,
            "profile_image_url": "https://example.com/ann.png",
        },
        "unraid": {},
        "announcement": {"color": "PRIMARY"},
        "bits_badge_tier": {"tier": 1000},
        "charity_donation": {
            "charity_name": "Direct Relief",
            "amount": {"value": 550, "decimal_place": 2, "currency": "USD"},
        },
        "modiversary": {"months": 48},
        "watch_streak": {"streak_count": 5, "channel_points_awarded": 450},
    }


def notification(kind: str, *pieces: Event | str, part: Event | None = None, **over: Any) -> Event:
    told: Event = dict.fromkeys(NOTICES) | {f"shared_chat_{n}": None for n in SHARED}
    name = kind.removeprefix("shared_chat_")
    if name in NOTICES:
        told[kind] = {**parts()[name], **(part or {})}
    return {
        **broadcaster(),
        **_origin(),
        **chatter(),
        "chatter_is_anonymous": False,
        "color": "#9ACD32",
        "badges": [badge("subscriber", "12", "14")],
        "system_message": "Ann did something",
        "message_id": MESSAGE_ID,
        "message": body(*pieces),
        "notice_type": kind,
        **told,
        **over,
    }


def anonymous_notification(kind: str, **over: Any) -> Event:
    return notification(kind, **{**chatter(None, None), "chatter_is_anonymous": True, "badges": [], **over})


def delete() -> Event:
    return {**broadcaster(), **target(), "message_id": MESSAGE_ID}


def target() -> Event:
    return {"target_user_id": VIEWER, "target_user_login": "ann", "target_user_name": "Ann"}


def clear_user() -> Event:
    return {**broadcaster(), **target()}


def bits_use(**over: Any) -> Event:
    return {
        **broadcaster(),
        **user(),
        "bits": 100,
        "type": "cheer",
        "power_up": None,
        "message": body(cheermote(100), " good  luck"),
        **over,
    }


def power_up(**over: Any) -> Event:
    effect = {"type": "gigantify_an_emote", "emote": {"id": "30259", "name": "HeyGuys"}, "message_effect_id": None}
    return bits_use(**{"type": "power_up", "bits": 30, "power_up": effect, "message": body(emote()), **over})


def cheer(**over: Any) -> Event:
    return {
        **broadcaster(),
        **user(),
        "is_anonymous": False,
        "message": "Cheer100 good luck",
        "bits": 100,
        **over,
    }


def subscribe(**over: Any) -> Event:
    return {**broadcaster(), **user(), "tier": "1000", "is_gift": False, **over}


def subscription_message(**over: Any) -> Event:
    return {
        **broadcaster(),
        **user(),
        "tier": "2000",
        "message": {"text": "love it FevziGG", "emotes": [{"begin": 8, "end": 14, "id": "302976485"}]},
        "cumulative_months": 10,
        "streak_months": None,
        "duration_months": 6,
        **over,
    }


def subscription_gift(**over: Any) -> Event:
    return {
        **broadcaster(),
        **user(),
        "total": 5,
        "tier": "1000",
        "cumulative_total": 12,
        "is_anonymous": False,
        **over,
    }


def subscription_end(**over: Any) -> Event:
    return subscribe(**over)


def raid(**over: Any) -> Event:
    return {
        "from_broadcaster_user_id": VIEWER,
        "from_broadcaster_user_login": "ann",
        "from_broadcaster_user_name": "Ann",
        "to_broadcaster_user_id": CHANNEL,
        "to_broadcaster_user_login": "streamer",
        "to_broadcaster_user_name": "Streamer",
        "viewers": 42,
        **over,
    }


def follow(**over: Any) -> Event:
    return {**broadcaster(), **user(), "followed_at": "2026-07-15T18:16:11.17106713Z", **over}


def poll(**over: Any) -> Event:
    return {
        **broadcaster(),
        "id": "1243456",
        "title": "What now?",
        "choices": [
            {"id": "123", "title": "Tea", "bits_votes": 0, "channel_points_votes": 2, "votes": 5},
            {"id": "124", "title": "Fog", "bits_votes": 0, "channel_points_votes": 0, "votes": 7},
        ],
        "bits_voting": {"is_enabled": False, "amount_per_vote": 0},
        "channel_points_voting": {"is_enabled": True, "amount_per_vote": 10},
        "started_at": "2026-07-15T17:16:03.17106713Z",
        "ends_at": "2026-07-15T17:17:03.17106713Z",
        **over,
    }


def redemption(**over: Any) -> Event:
    return {
        **broadcaster(),
        **user(),
        "id": "17fa2df1-ad76-4804-bfa5-a40ef63efe63",
        "user_input": "sing, please",
        "status": "unfulfilled",
        "reward": {"id": "9001", "title": "Request a song", "cost": 500, "prompt": "which one?"},
        "redeemed_at": "2026-07-15T17:16:03.17106713Z",
        **over,
    }


def automatic_redemption(**over: Any) -> Event:
    """The second version."""
    return {
        **broadcaster(),
        **user(),
        "id": "f024099a-e0fe-4339-9a0a-a706fb59f353",
        "reward": {"type": "send_highlighted_message", "channel_points": 100, "emote": None},
        "message": {"text": "look here HeyGuys", "fragments": [piece("look here "), emote()]},
        "redeemed_at": "2026-07-12T21:14:34.260398045Z",
        **over,
    }


def automatic_redemption_v1(**over: Any) -> Event:
    return {
        **broadcaster(),
        **user(),
        "id": "f024099a-e0fe-4339-9a0a-a706fb59f353",
        "reward": {"type": "send_highlighted_message", "cost": 100, "unlocked_emote": None},
        "message": {"text": "look here HeyGuys", "emotes": [{"id": "30259", "begin": 10, "end": 16}]},
        "user_input": "look here HeyGuys ",
        "redeemed_at": "2026-02-23T21:14:34.260398045Z",
        **over,
    }


def _train() -> Event:
    return {
        **broadcaster(),
        "id": "1b0AsbInCHZW2SQFQkCzqN07Ib2",
        "total": 137,
        "top_contributions": [{**user(), "type": "bits", "total": 50}],
        "level": 2,
        "started_at": "2026-07-15T17:16:03.17106713Z",
    }


def hype_train(**over: Any) -> Event:
    """Begin and progress of the second version."""
    return {
        **_train(),
        "progress": 37,
        "goal": 500,
        "shared_train_participants": None,
        "expires_at": "2026-07-15T17:21:11.17106713Z",
        "is_shared_train": False,
        "type": "golden_kappa",
        "all_time_high_level": 4,
        "all_time_high_total": 2845,
        **over,
    }


def hype_train_v1(**over: Any) -> Event:
    last = {**user(), "type": "bits", "total": 50}
    return {
        **_train(),
        "progress": 37,
        "goal": 500,
        "last_contribution": last,
        "expires_at": "2026-07-15T17:21:11.17106713Z",
        **over,
    }


def hype_train_end(**over: Any) -> Event:
    return {
        **_train(),
        "shared_train_participants": None,
        "ended_at": "2026-07-15T17:21:11.17106713Z",
        "cooldown_ends_at": "2026-07-15T18:21:11.17106713Z",
        "is_shared_train": False,
        "type": "regular",
        **over,
    }


def automod_hold(**over: Any) -> Event:
    return {
        **broadcaster(),
        **user(),
        "message_id": MESSAGE_ID,
        "message": body("you ", "swine"),
        "held_at": "2026-11-18T16:59:46.323937273Z",
        "reason": "automod",
        "automod": {"category": "swearing", "level": 4, "boundaries": [{"start_pos": 4, "end_pos": 8}]},
        "blocked_term": None,
        **over,
    }


def automod_blocked_term(**over: Any) -> Event:
    found = {
        "term_id": "e4d4f1ba-99bf-4b19-9875-cd4eda98ead9",
        "boundary": {"start_pos": 0, "end_pos": 2},
        "owner_broadcaster_user_id": CHANNEL,
        "owner_broadcaster_user_login": "streamer",
        "owner_broadcaster_user_name": "Streamer",
    }
    return automod_hold(**{"reason": "blocked_term", "automod": None, "blocked_term": {"terms_found": [found]}, **over})


def automod_hold_v1(**over: Any) -> Event:
    event = automod_hold(**over)
    for name in ("reason", "automod", "blocked_term"):
        del event[name]
    return {**event, "category": "swearing", "level": 4}


def automod_update(**over: Any) -> Event:
    return {**automod_hold(), **moderator(), "status": "Approved", **over}


def ban(**over: Any) -> Event:
    return {
        **broadcaster(),
        **user(),
        **moderator(),
        "reason": "spoilers",
        "banned_at": "2026-07-15T18:15:11.17106713Z",
        "ends_at": "2026-07-15T18:25:11.17106713Z",
        "is_permanent": False,
        **over,
    }


def unban() -> Event:
    return {**broadcaster(), **user(), **moderator()}


def online() -> Event:
    return {**broadcaster(), "id": "9001", "type": "live", "started_at": "2026-10-11T10:11:12.123Z"}


def offline() -> Event:
    return {**broadcaster(), "id": "9001"}


def update() -> Event:
    return {
        **broadcaster(),
        "title": "Cooking with chat",
        "language": "en",
        "category_id": "509667",
        "category_name": "Food & Drink",
        "content_classification_labels": ["MatureGame"],
    }


CUSTOM = "channel.channel_points_custom_reward_redemption.add"
AUTOMATIC = "channel.channel_points_automatic_reward_redemption.add"


def paid_events() -> list[tuple[str, Event]]:
    """One of every payment."""
    notices = [n for n in NOTICES if n not in ("raid", "unraid", "announcement", "bits_badge_tier")]
    notices = [n for n in notices if n not in ("modiversary", "watch_streak")]
    return [
        ("channel.chat.message", chat_cheer()),
        *(("channel.chat.notification", notification(n, "hello ", emote())) for n in notices),
        ("channel.chat.notification", anonymous_notification("community_sub_gift")),
        ("channel.bits.use", bits_use()),
        ("channel.bits.use", power_up()),
        ("channel.cheer", cheer()),
        ("channel.cheer", cheer(**nobody(), is_anonymous=True)),
        ("channel.subscribe", subscribe()),
        ("channel.subscription.message", subscription_message()),
        ("channel.subscription.gift", subscription_gift()),
        ("channel.subscription.gift", subscription_gift(**nobody(), is_anonymous=True, cumulative_total=None)),
        (CUSTOM, redemption()),
        (AUTOMATIC, automatic_redemption()),
        (AUTOMATIC, automatic_redemption_v1()),
    ]


def other_events() -> list[tuple[str, Event]]:
    """One of everything else."""
    return [
        ("channel.chat.message", chat("Hi ", emote(), " ", mention(), reply=reply(), badges=[badge("vip")])),
        ("channel.chat.notification", notification("raid")),
        ("channel.chat.notification", notification("announcement", "hear this")),
        ("channel.chat.message_delete", delete()),
        ("channel.chat.clear", broadcaster()),
        ("channel.chat.clear_user_messages", clear_user()),
        ("channel.subscription.end", subscription_end()),
        ("channel.raid", raid()),
        ("channel.follow", follow()),
        ("channel.hype_train.begin", hype_train()),
        ("channel.hype_train.progress", hype_train_v1()),
        ("channel.hype_train.end", hype_train_end()),
        ("channel.poll.progress", poll()),
        ("channel.poll.end", poll(status="completed", ended_at="2026-07-15T17:17:03.2Z")),
        ("automod.message.hold", automod_hold()),
        ("automod.message.hold", automod_blocked_term()),
        ("automod.message.hold", automod_hold_v1()),
        ("automod.message.update", automod_update()),
        ("channel.ban", ban()),
        ("channel.unban", unban()),
        ("stream.online", online()),
        ("stream.offline", offline()),
        ("channel.update", update()),
    ]
