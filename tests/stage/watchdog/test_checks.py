"""The small parts of the watchdog: what two looks say, what a picture shows, and how long something has been so."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest

from bot.stage.obs.mixer import MixerEvent, MixerState, OutputState, StreamStats
from bot.stage.watchdog import checks as c
from bot.stage.watchdog.check import HOLDS, Cure, Kind
from bot.stage.watchdog.cures import changed
from bot.stage.watchdog.intent import Intent
from bot.stage.watchdog.look import MAX_GAP_S, Look, Resource, judge
from bot.stage.watchdog.picture import Picture, look_at
from bot.stage.watchdog.settings import WatchdogSettings
from tests.fakes.mixer import bitmap

LIVE = MixerState(connected=True, scene="Live", stream=OutputState.ACTIVE)


def stats(**changes: Any) -> StreamStats:
    values = {"active": True, "reconnecting": False, "duration_ms": 500_000, "bytes": 1000, "congestion": 0.0,
              "skipped_frames": 0, "total_frames": 1000}  # fmt: skip
    return StreamStats(**(values | changes))


def look(at: float = 0.0, state: MixerState = LIVE, **seen: Any) -> Look:
    return Look(at, state, **seen)


@pytest.mark.parametrize(
    ("now", "before", "bad"),
    [
        (stats(bytes=1000), stats(bytes=1000), True),
        (stats(bytes=1001), stats(bytes=1000), False),
        (stats(bytes=500, duration_ms=1000), stats(bytes=1000), None),  # a new stream
        (stats(reconnecting=True), stats(), None),
        (stats(active=False), stats(), False),
        (stats(), None, None),
        (None, stats(), None),
    ],
)
def test_bytes_that_stand_still(now: StreamStats | None, before: StreamStats | None, bad: bool | None) -> None:
    assert c.half_open(look(stream=now), look(stream=before)) is bad


@pytest.mark.parametrize(
    ("skipped", "total", "bad"), [(20, 100, True), (5, 100, False), (0, 0, None), (9, 10, None), (-5, 100, None)]
)
def test_dropped_frames_are_a_share_of_enough_frames(skipped: int, total: int, bad: bool | None) -> None:
    now = stats(skipped_frames=100 + skipped, total_frames=1000 + total)
    assert c.dropped(look(stream=now), look(stream=stats(skipped_frames=100))) is bad


def test_a_frozen_picture_is_one_that_moved_and_does_not_while_the_host_speaks_in_the_same_scene() -> None:
    one, two = Picture(black=False, digest=b"1"), Picture(black=False, digest=b"2")
    other = MixerState(connected=True, scene="Break", stream=OutputState.ACTIVE)
    assert c.frozen(look(picture=one, speaking=True, moves=True), look(picture=one)) is True
    assert c.frozen(look(picture=one, speaking=True), look(picture=one)) is None
    assert c.frozen(look(picture=one), look(picture=one)) is None
    assert c.frozen(look(picture=two, speaking=True), look(picture=one)) is False
    assert c.frozen(look(picture=one, speaking=True, moves=True), look(picture=one, state=other)) is None
    assert c.frozen(look(speaking=True), look(picture=one)) is None


def test_the_host_is_listened_for_where_the_voice_was_heard_before() -> None:
    loud_music = {"Overlay": -80.0, "Music": -10.0}
    there = look(speaking=True, page="Overlay", peaks=loud_music, heard_there=True)
    assert c.unheard(there, None) is True
    assert c.unheard(look(speaking=True, page="Overlay", peaks=loud_music), None) is False
    assert c.unheard(look(speaking=True, peaks=loud_music), None) is False
    assert c.unheard(look(speaking=True, peaks={}), None) is True
    assert c.unheard(look(speaking=False, page="Overlay", peaks=loud_music), None) is None
    assert c.unheard(look(speaking=True, page="Overlay", peaks=loud_music, muted=True), None) is None


def test_off_air_nothing_is_wrong_with_the_page() -> None:
    idle = MixerState(connected=True, scene="Live")
    seen = look(
        state=idle, page="Overlay", speaking=True, muted=True, peaks={}, picture=Picture(black=True, digest=b"")
    )
    for sees in (c.page_gone, c.black, c.unheard, c.muted, c.silent):
        assert sees(seen, None) is False


def test_every_kind_is_looked_for_with_a_remedy_and_in_time() -> None:
    found = c.checks(WatchdogSettings(silence_s=60))
    assert {check.kind for check in found} == set(Kind)
    for check in found:
        assert check.remedy
        assert check.words
        assert check.after_s + 15 <= 90, f"{check.kind}: a look every ten seconds, and some for the answers"
        assert check.cure is None or check.about is HOLDS[check.cure]


def test_what_the_settings_forbid_is_not_mended() -> None:
    found = c.checks(WatchdogSettings(restart_stream=False, revive_page=False, picture=False, sound=False))
    assert {check.cure for check in found} <= {None, Cure.STOP}
    assert not {Kind.BLACK, Kind.UNHEARD} & {check.kind for check in found}


def test_how_long_something_has_been_so() -> None:
    def bad(one: Look, _before: Look | None) -> bool | None:
        return {"bad": True, "good": False}.get(one.page)

    def judged(*seen: tuple[float, str], **options: Any) -> tuple[bool | None, float, int]:
        found = judge([look(at, page=page, **options) for at, page in seen], bad, 30.0, Resource.STREAM)
        return found.bad, found.for_s, found.times

    assert judged() == (None, 0.0, 0)
    assert judged((0, "good"), (10, "bad"), (20, "?"), (30, "bad")) == (True, 20.0, 2)
    assert judged((0, "bad"), (10, "good"), (20, "good")) == (False, 10.0, 2)
    assert judged((0, "bad"), (MAX_GAP_S + 1, "bad")) == (True, 0.0, 1)  # the machine slept
    assert judged((0, "bad"), (10, "bad"), curing=frozenset({Resource.STREAM})) == (None, 0.0, 0)
    assert judged(*((n * 10.0, "bad") for n in range(50))) == (True, 30.0, 4)  # far enough back


def test_only_an_ordered_end_ends_the_wish() -> None:
    now = 1000.0
    intent = Intent(lambda: now)

    def tell(state: str) -> None:
        intent.mixer_event(MixerEvent("StreamStateChanged", {"outputState": f"OBS_WEBSOCKET_OUTPUT_{state}"}))

    tell("STARTING")
    assert not intent.wanted
    tell("STARTED")
    tell("RECONNECTING")
    tell("STOPPED")
    assert intent.wanted
    assert not intent.ending
    intent.mending = True
    tell("STOPPING")
    assert intent.wanted
    intent.mending = False
    tell("STOPPING")
    assert not intent.wanted
    assert intent.ending


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://h:1/stage/?token=a%2Bb&x=", "http://h:1/stage/?token=a%2Bb&x=&again=1"),
        ("http://h:1/stage/?again=1&token=a", "http://h:1/stage/?token=a&again=2"),
        ("http://h:1/stage/?again=x", "http://h:1/stage/?again=1"),
        ("http://h:1/stage/?again=99999999999", "http://h:1/stage/?again=1"),
        ("http://h:1/stage/#there", "http://h:1/stage/?again=1#there"),
    ],
)
def test_a_page_gets_another_address(before: str, after: str) -> None:
    assert changed(before) == after


def bmp(pixels: bytes, width: int, height: int, bits: int) -> dict[str, str]:
    head = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 0, 0, 0, 54, 40, width, height, 1, bits, 0, 0, 0, 0, 0, 0)
    return {"imageData": "data:image/bmp;base64," + base64.b64encode(head + pixels).decode()}


def test_black_is_told_from_dark_and_the_alpha_channel_is_no_colour() -> None:
    for shade, black in ((0, True), (16, True), (40, False), (255, False)):
        found = look_at({"imageData": bitmap(shade)})
        assert found is not None
        assert found.black is black
    odd_row = bmp(b"\0" * 3 * 5 + b"\xff" + (b"\0" * 15 + b"\xff") * 3, 5, 4, 24)  # 15 bytes and one to fill up
    found = look_at(odd_row)
    assert found is not None
    assert found.black


def test_a_single_pixel_makes_another_picture() -> None:
    pixels = bytearray(b"\x40\x40\x40\xff" * 100)
    one = look_at(bmp(bytes(pixels), 10, -10, 32))
    pixels[0] = 0x41
    two = look_at(bmp(bytes(pixels), 10, -10, 32))
    assert one is not None
    assert two is not None
    assert one.digest != two.digest


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"imageData": 7},
        {"imageData": "data:image/bmp;base64,!!!"},
        {"imageData": "data:image/png;base64,iVBORw0KGgo="},
        bmp(b"\0" * 10, 10, 10, 32),  # cut off
        bmp(b"", 0, 0, 32),
        bmp(b"", 2_000_000_000, 2_000_000_000, 32),
        bmp(b"\0" * 400, 10, 10, 8),
        bmp(b"\0" * 400, -10, 10, 32),
    ],
)
def test_what_is_no_picture_shows_nothing(answer: dict[str, Any]) -> None:
    assert look_at(answer) is None
