"""Files that leave the host say what made them."""

from __future__ import annotations

import io
import json
import struct
import wave
import zlib
from pathlib import Path
from xml.etree import ElementTree as ET

import av
import pytest

from bot.disclosure.png import marked
from bot.disclosure.statement import Origin, xmp
from bot.disclosure.wav import speech_wav, write_speech

IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
AIGC = "{http://www.tc260.org.cn/ns/AIGC/1.0/}AIGC"


def described(packet: bytes) -> dict[str, str]:
    root = ET.fromstring(packet.decode().split("?>", 1)[1].rsplit("<?", 1)[0])  # noqa: S314 - our own words
    return root[0][0].attrib


def chunks(riff: bytes) -> dict[bytes, bytes]:
    found, place = {}, 12
    while place < len(riff):
        name, size = riff[place : place + 4], struct.unpack("<I", riff[place + 4 : place + 8])[0]
        found[name] = riff[place + 8 : place + 8 + size]
        place += 8 + size + size % 2
    return found


@pytest.mark.parametrize("origin", Origin)
def test_a_packet_names_the_kind_of_its_origin(origin: Origin) -> None:
    said = described(xmp(origin))
    assert said[IPTC].rsplit("/", 1)[1] == origin
    label = json.loads(said[AIGC])
    assert (label["Label"], label["ContentProducer"]) == ("1", "Haishin")
    assert json.loads(described(xmp(origin))[AIGC])["ProduceID"] != label["ProduceID"], "each file has its own number"


@pytest.mark.parametrize("samples", [0, 1, 4801])
def test_speech_keeps_its_samples_and_says_that_it_was_generated(samples: int, tmp_path: Path) -> None:
    sound = bytes(range(256)) * 40
    sound = sound[: samples * 2]
    data = speech_wav(sound, 24000)
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24000)
        assert file.readframes(file.getnframes()) == sound
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    assert described(chunks(data)[b"_PMX"])[IPTC].endswith("trainedAlgorithmicMedia")
    write_speech(tmp_path / "a.wav", sound, 24000)
    if samples:  # as players and platforms read it; they open no empty sound
        with av.open(str(tmp_path / "a.wav")) as container:
            assert "AI" in container.metadata["comment"]


def a_png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 2, 1, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" + bytes([255, 0, 0, 0, 0, 255]))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_picture_keeps_its_pixels_and_says_what_is_in_it() -> None:
    data = marked(a_png())
    place, seen = 8, []
    while place < len(data):
        size = struct.unpack(">I", data[place : place + 4])[0]
        name, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
        assert struct.unpack(">I", data[place + 8 + size : place + 12 + size])[0] == zlib.crc32(name + body)
        seen.append((name, body))
        place += 12 + size
    assert [name for name, _ in seen] == [b"IHDR", b"iTXt", b"iTXt", b"IDAT", b"IEND"]
    assert described(seen[1][1].split(b"\0\0\0\0\0", 1)[1])[IPTC].endswith("compositeWithTrainedAlgorithmicMedia")
    with av.open(io.BytesIO(data), "r", format="png_pipe") as container:
        frame = next(container.decode(video=0))
        assert frame.to_ndarray(format="rgb24").tolist() == [[[255, 0, 0], [0, 0, 255]]]


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_what_is_no_picture_comes_back_as_it_was(data: bytes) -> None:
    assert marked(data) == data
