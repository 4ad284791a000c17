"""Emotes of 7TV, BetterTTV and FrankerFaceZ: a server that speaks their wire, and what a server may do wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.stage.layers import emote_sets
from bot.stage.layers.emote_sets import MAX_BYTES, MAX_EMOTES, EmoteSets, words_of
from bot.stage.layers.emotes import Emotes
from bot.stage.layers.vocabulary import EmoteSet
from tests.stage.layers.test_emotes import Cdn, png
from tests.support.virtual import virtual

SEVEN_TV = {
    "id": "71092938",
    "platform": "TWITCH",
    "emote_set": {
        "id": "01",
        "emotes": [
            {"id": "01F6MDM2K00009Z5N3", "name": "PETPET", "data": {"host": {"url": "//cdn.7tv.app/emote/01F6"}}},
            {"id": "../../secret", "name": "Climbs", "data": {"host": {"url": "//evil.test/x"}}},
            {"id": 5, "name": "Number"},
            {"id": "01G", "name": "two words"},
            {"id": "01H", "name": None},
            "nonsense",
        ],
    },
}
BTTV = {
    "id": "55",
    "channelEmotes": [{"id": "5590b223b344e2c42a9e28e3", "code": "EZ", "imageType": "png"}],
    "sharedEmotes": [{"id": "5b1740221c5a6065a7bad4b5", "code": "pepeD", "user": {"name": "x"}}, {"code": "NoId"}],
}
FFZ = {
    "room": {"twitch_id": 1},
    "sets": {
        "9": {"emoticons": [
            {"id": 128054, "name": "OMEGALUL", "urls": {"1": "//cdn.x/1", "2": "//cdn.x/2"}},
            {"id": 7, "name": "Small", "urls": {"1": "//evil.test/1"}},
            {"id": True, "name": "Odd"},
        ]},
        "10": None,
    },
}  # fmt: skip


def test_each_list_is_read_as_it_is_written_and_pictures_come_from_its_own_server_alone() -> None:
    assert words_of(EmoteSet.SEVEN_TV, json.dumps(SEVEN_TV).encode()) == {
        "PETPET": "https://cdn.7tv.app/emote/01F6MDM2K00009Z5N3/2x.webp"
    }
    assert words_of(EmoteSet.BTTV, json.dumps(BTTV).encode()) == {
        "EZ": "https://cdn.betterttv.net/emote/5590b223b344e2c42a9e28e3/2x",
        "pepeD": "https://cdn.betterttv.net/emote/5b1740221c5a6065a7bad4b5/2x",
    }
    assert words_of(EmoteSet.FFZ, json.dumps(FFZ).encode()) == {
        "OMEGALUL": "https://cdn.frankerfacez.com/emote/128054/2",
        "Small": "https://cdn.frankerfacez.com/emote/7/1",
    }


@pytest.mark.parametrize("one", list(EmoteSet))
@pytest.mark.parametrize("told", [{}, {"emote_set": [], "sets": [], "channelEmotes": {}}, {"sets": {"1": []}}])
def test_a_list_of_another_shape_has_no_words(one: EmoteSet, told: dict[str, Any]) -> None:
    assert words_of(one, json.dumps(told).encode()) == {}


@pytest.mark.parametrize("data", [b"", b"<html>", b"[1]", b"null", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_list_is_told(data: bytes) -> None:
    with pytest.raises(ValueError, match="the answer is no"):
        words_of(EmoteSet.BTTV, data)


def test_of_a_list_without_an_end_so_many_are_known() -> None:
    many = {"channelEmotes": [{"id": f"{n:x}", "code": f"word{n}"} for n in range(MAX_EMOTES * 2)]}
    assert len(words_of(EmoteSet.BTTV, json.dumps(many).encode())) == MAX_EMOTES


@virtual
async def test_a_channels_words_become_pictures_on_twitch_alone() -> None:
    cdn = Cdn(json.dumps(BTTV).encode())
    emotes = Emotes(cdn)
    await emotes.sets.refresh("123", [EmoteSet.BTTV])
    assert cdn.asked == ["https://api.betterttv.net/3/cached/users/twitch/123"]
    assert emotes.word("bilibili_web", "EZ") == ""
    assert emotes.word("twitch", "ez") == ""
    name = emotes.word("twitch", "EZ")
    cdn.body = png()
    assert await emotes.picture(name) == (png(), "image/png")
    assert cdn.asked[-1] == "https://cdn.betterttv.net/emote/5590b223b344e2c42a9e28e3/2x"
    await emotes.sets.refresh("123", [EmoteSet.BTTV])
    assert len(cdn.asked) == 2, "a fresh list is not asked for again"
    await emotes.sets.refresh("123", [])
    assert emotes.word("twitch", "EZ") == "", "a list that is not wanted is gone"
    await emotes.close()


@virtual
@pytest.mark.parametrize("body", ["hangs", "floods", b"<html>busy</html>"])
async def test_a_server_that_hangs_floods_or_talks_nonsense_leaves_the_words_of_before(body: bytes | str) -> None:
    cdn, now = Cdn(json.dumps(FFZ).encode()), [0.0]
    emotes = Emotes(cdn)
    emotes.sets = EmoteSets(emotes._listed, lambda: now[0])
    await emotes.sets.refresh("1", [EmoteSet.FFZ])
    now[0] += emote_sets.FRESH_S + 1
    cdn.body = body
    await emotes.sets.refresh("1", [EmoteSet.FFZ])
    assert emotes.word("twitch", "OMEGALUL")
    assert cdn.sent <= 2 * MAX_BYTES
    asked = len(cdn.asked)
    now[0] += emote_sets.AGAIN_S - 1
    await emotes.sets.refresh("1", [EmoteSet.FFZ])
    assert len(cdn.asked) == asked, "it is left alone for a while"
    await emotes.sets.refresh("2", [EmoteSet.FFZ])
    assert not emotes.word("twitch", "OMEGALUL"), "another channel has other words"
    await emotes.close()


@virtual
@pytest.mark.parametrize("channel", ["", "abc", "1/../2", "1" * 40, "١٢"])
async def test_only_a_number_is_a_channel(channel: str) -> None:
    cdn = Cdn(b"{}")
    emotes = Emotes(cdn)
    await emotes.sets.refresh(channel, list(EmoteSet))
    assert cdn.asked == []
