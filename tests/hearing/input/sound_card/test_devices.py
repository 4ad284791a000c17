from __future__ import annotations

import pytest

from bot.errors import TransientError
from bot.hearing.input.sound_card.devices import Device, choose, named


def device(index: int, name: str, *, default: bool = False) -> Device:
    return Device(index, name, 48_000, 1, default)


THERE = [device(0, "HD Webcam"), device(1, "Blue Yeti Nano"), device(2, "Blue Yeti", default=True), device(3, "麦克风")]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [("", 2), ("  ", 2), ("yeti", 1), ("BLUE YETI", 2), ("webcam", 0), ("麦克", 3), ("Ｂｌｕｅ Ｙｅｔｉ　", 2)],
)
def test_a_microphone_is_meant_by_part_of_its_name(wanted: str, index: int) -> None:
    assert choose(THERE, wanted).index == index


def test_without_a_default_the_first_one_is_meant() -> None:
    assert choose(THERE[:2], "").index == 0


def test_one_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(TransientError, match="'Rode'") as raised:
        choose(THERE, "Rode")
    assert "HD Webcam, Blue Yeti Nano" in raised.value.remedy


def test_no_microphone_at_all_is_said_plainly() -> None:
    for wanted in ("", "Yeti"):
        with pytest.raises(TransientError, match="has no microphone"):
            choose([], wanted)


@pytest.mark.parametrize(
    "name", ["\x1b[31mred\x1b[0m\x07", "a\nb\tc", "\u202egnp.exe", "x" * 5000, "\ud800", "", "\x00\x01"]
)
def test_a_hostile_name_is_shown_as_one_short_line(name: str) -> None:
    shown = device(7, name).shown
    assert shown
    assert len(shown) <= 60
    assert shown.isprintable()
    with pytest.raises(TransientError) as raised:
        choose([device(7, name)], "\x1b[2Jnone")
    assert "\x1b" not in str(raised.value) + raised.value.remedy


def test_a_hundred_devices_make_no_wall_of_text() -> None:
    many = [device(i, f"Microphone {i}") for i in range(100)]
    assert named(many).endswith("Microphone 7 and 92 more")
    assert choose(many, "microphone 77").index == 77
