"""The table of subscriptions, held against the client library's own, and what is chosen from it."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twitchio import Scopes
from twitchio.eventsub import subscriptions as library

from bot.sources.settings import Twitch
from bot.sources.twitch import mapper
from bot.sources.twitch.subscriptions import MAX_TOTAL_COST, SCOPES_BOT, SCOPES_STREAMER, WANTED, Wanted, choose

IDS = {"broadcaster": "1001", "bot": "1002", "streamer": "1001"}
BOT, STREAMER = frozenset(SCOPES_BOT), frozenset(SCOPES_STREAMER)
NOTHING: frozenset[str] = frozenset()
SETTINGS = Twitch.model_validate({})


def known(kind: str) -> list[Any]:
    """Return the library's versions of a type, the oldest first."""
    classes = [c for _, c in inspect.getmembers(library, inspect.isclass) if getattr(c, "type", None) == kind]
    return sorted(classes, key=lambda c: int(c.version))


def by_type(chosen: list[Wanted]) -> dict[str, Wanted]:
    return {w.type: w for w in chosen}


@pytest.mark.parametrize("wanted", WANTED, ids=lambda w: w.type)
def test_versions_and_conditions_are_the_latest(wanted: Wanted) -> None:
    latest = known(wanted.type)[-1]
    assert wanted.version == latest.version
    given = wanted.conditions(IDS)
    asked = {k: v for k, v in latest(**given).condition.items() if v}
    assert asked == given
    # What the library refuses to do without is all there.
    for name in given:
        rest = {k: v for k, v in given.items() if k != name}
        with pytest.raises(ValueError, match=r"valid|must|\w"):
            latest(**rest)


def test_conditions_name_the_users() -> None:
    table = by_type(list(WANTED))
    assert table["channel.chat.message"].conditions(IDS) == {"broadcaster_user_id": "1001", "user_id": "1002"}
    assert table["channel.follow"].conditions(IDS) == {"broadcaster_user_id": "1001", "moderator_user_id": "1002"}
    assert table["channel.raid"].conditions(IDS) == {"to_broadcaster_user_id": "1001"}


def test_each_type_is_wanted_once_and_can_be_read() -> None:
    types = [w.type for w in WANTED]
    assert len(types) == len(set(types))
    assert set(types) <= set(mapper._READERS)


def test_the_chat_alone_is_needed() -> None:
    assert [w.type for w in WANTED if w.needed] == ["channel.chat.message"]


def test_scopes_exist_and_each_has_a_reason_and_a_use() -> None:
    for scope, why in {**SCOPES_BOT, **SCOPES_STREAMER}.items():
        assert Scopes([scope]).selected == [scope]
        assert why
    used = {scope for w in WANTED for scope in w.scope}
    actions = {s for s in (*SCOPES_BOT, *SCOPES_STREAMER) if ":manage:" in s or s == "user:write:chat"}
    assert set(SCOPES_BOT) | set(SCOPES_STREAMER) <= used | actions
    for w in WANTED:
        assert not w.scope or {*SCOPES_BOT, *SCOPES_STREAMER} & set(w.scope)


def test_with_all_rights_all_is_chosen_and_nothing_missing() -> None:
    chosen, missing = choose(STREAMER, BOT, SETTINGS, same_account=False)
    assert [w.type for w in chosen] == [w.type for w in WANTED]
    assert missing == ()
    chosen, missing = choose(STREAMER | BOT, STREAMER | BOT, SETTINGS, same_account=True)
    assert (len(chosen), missing) == (len(WANTED), ())


def test_without_the_streamer_the_bot_hears_what_it_may() -> None:
    chosen, missing = choose(NOTHING, BOT, SETTINGS, same_account=False)
    types = by_type(chosen)
    assert {"channel.chat.message", "channel.chat.notification", "channel.raid", "stream.online"} <= set(types)
    assert all(w.who == "bot" for w in chosen)
    assert [m.what for m in missing] == [
        "bits",
        "subscriptions",
        "redemptions",
        "hype trains",
        "polls",
        "titles",
        "raids to others",
    ]
    assert all("owner of the channel has not signed in" in m.why for m in missing)
    assert sum(w.cost for w in chosen) <= MAX_TOTAL_COST


def test_what_costs_something_needs_no_token_of_the_streamer() -> None:
    assert all(w.who == "bot" for w in WANTED if w.cost)
    assert all(not w.cost for w in WANTED if w.names == ("broadcaster_user_id", "user_id"))  # the bot signed in


def test_followers_are_heard_with_the_streamers_right_first() -> None:
    assert by_type(choose(STREAMER, BOT, SETTINGS, same_account=False)[0])["channel.follow"].who == "streamer"
    chosen, _ = choose(STREAMER - {"moderator:read:followers"}, BOT, SETTINGS, same_account=False)
    assert by_type(chosen)["channel.follow"].who == "bot"


def test_followers_are_left_out_when_they_are_not_greeted() -> None:
    chosen, missing = choose(NOTHING, NOTHING, Twitch.model_validate({"follows": False}), same_account=False)
    assert "channel.follow" not in by_type(chosen)
    assert "new followers" not in {m.what for m in missing}


def test_what_is_missing_says_how_to_get_it() -> None:
    _, missing = choose(STREAMER - {"bits:read"}, BOT - {"user:write:chat"}, SETTINGS, same_account=False)
    assert {m.what: m.why for m in missing} == {
        "bits": "the sign-in does not allow it (bits:read): haishin login twitch --as streamer",
        "writing into the chat": "the sign-in does not allow it (user:write:chat): haishin login twitch",
    }
    _, missing = choose(NOTHING, NOTHING, SETTINGS, same_account=True)
    assert missing
    assert not any("--as streamer" in m.why for m in missing)


@given(
    streamer=st.frozensets(st.sampled_from(sorted(STREAMER))),
    bot=st.frozensets(st.sampled_from(sorted(BOT))),
)
def test_each_is_chosen_with_its_right_or_missing(streamer: frozenset[str], bot: frozenset[str]) -> None:
    chosen, missing = choose(streamer, bot, SETTINGS, same_account=False)
    rights = {"streamer": streamer, "bot": bot}
    for w in chosen:
        assert not w.scope or rights[w.who] & set(w.scope)
    lacking = {w.purpose for w in WANTED} - {w.purpose for w in chosen}
    assert lacking <= {m.what for m in missing}
    assert len({m.what for m in missing}) == len(missing)
