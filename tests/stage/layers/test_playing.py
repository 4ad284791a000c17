"""What is being played, by another program, the programme, or a text file."""

from __future__ import annotations

from pathlib import Path

from bot.stage.layers.messages import NowPlaying
from bot.stage.layers.playing import Playing, PlayingIn


class Clock:
    """A clock that stands until it is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_another_program_comes_before_the_programme_and_that_before_the_file(tmp_path: Path) -> None:
    clock = Clock()
    playing = Playing(clock)
    file = tmp_path / "song.txt"
    file.write_text("\ufeffRain on a tin roof\r\n\r\nThe Quiet Lamps\n", "utf-8")
    await playing.look(file)
    assert playing.now() == NowPlaying(title="Rain on a tin roof", by="The Quiet Lamps")
    assert playing.now("Opening film") == NowPlaying(title="Opening film")
    playing.tell(PlayingIn(title="A song\u202e\x07 of\nmine", by="ana", seconds=10.0))
    assert playing.now("Opening film") == NowPlaying(title="A song of mine", by="ana")
    clock.now += 11
    assert playing.now().title == "Rain on a tin roof"
    playing.tell(PlayingIn(title="For ever"))
    clock.now += 100_000
    assert playing.now().title == "For ever"
    playing.tell(PlayingIn(title=""))
    assert playing.now().title == "Rain on a tin roof"


async def test_a_file_that_is_gone_huge_or_no_text_shows_nothing_wrong(tmp_path: Path) -> None:
    playing, file = Playing(), tmp_path / "song.txt"
    file.write_bytes(b"\xff\xfe\x00x" * 1_000_000)
    await playing.look(file)
    assert len(playing.now().title) <= 500
    file.unlink()
    await playing.look(file)
    assert playing.now() == NowPlaying()
    await playing.look(tmp_path)
    assert playing.now() == NowPlaying()
    await playing.look(None)
    assert playing.now() == NowPlaying()
