"""The streamer's own sounds and pictures of alerts: by what is in them, not by what they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.stage.layers.files import MAX_IMAGE, MAX_SOUND, named, read
from bot.stage.settings import AlertTier
from tests.stage.layers.test_emotes import png

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40)


def test_files_are_named_by_what_they_are_and_their_tier() -> None:
    tiers = {0: AlertTier(image=Path("a.png")), 3: AlertTier(sound=Path("b.wav"), image=Path("c.gif"))}
    assert list(named(tiers)) == ["image-0", "sound-3", "image-3"]


def test_a_sound_and_a_picture_are_known_by_their_bytes(tmp_path: Path) -> None:
    file = tmp_path / "anything.txt"
    for name, data, kind in (
        ("sound-1", WAV, "audio/wav"),
        ("sound-1", b"OggS" + bytes(60), "audio/ogg"),
        ("sound-1", b"ID3\x04" + bytes(200), "audio/mpeg"),
        ("image-1", png(1024), "image/png"),
    ):
        file.write_bytes(data)
        assert read(name, file) == (data, kind)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("sound-1", b"<script>alert(1)</script>" * 10, "is not WAV"),
        ("sound-1", png(10), "is not WAV"),
        ("image-1", WAV, "is not a PNG"),
        ("image-1", b"<svg onload='x()'/>" * 10, "is not a PNG"),
        ("image-1", png(8192), "is not a PNG"),
        ("image-1", b"", "is not a PNG"),
        ("sound-1", WAV + bytes(MAX_SOUND), "more than 2 MB"),
        ("image-1", png(10) + bytes(MAX_IMAGE), "more than 4 MB"),
    ],
)
def test_what_a_page_should_not_get_is_refused_in_words(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    file = tmp_path / "own"
    file.write_bytes(data)
    with pytest.raises(ValueError, match=why):
        read(name, file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        read("sound-1", tmp_path / "none.wav")
