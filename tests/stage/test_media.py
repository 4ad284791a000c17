"""Files in a media source of the mixer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from bot.errors import Refused, TransientError
from bot.stage.media import play
from bot.stage.obs.mixer import Mixer
from tests.support.virtual import virtual


class Notes:
    """Notes what is asked of it. ``lengths`` are the answers about the length, one after the other."""

    def __init__(
        self, *lengths: object, state: str = "OBS_MEDIA_STATE_PLAYING", fails: Exception | None = None
    ) -> None:
        self.lengths, self.state, self.fails = list(lengths), state, fails
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        self.asked.append((request, data or {}))
        if self.fails:
            raise self.fails
        if request != "GetMediaInputStatus":
            return {}
        length = self.lengths.pop(0) if len(self.lengths) > 1 else self.lengths[0]
        return {"mediaState": self.state, "mediaDuration": length}


async def played(notes: Notes, file: Path | None = Path("/songs/sea.mp3")) -> float:
    return await play(cast("Mixer", notes), "Host media", file)


@virtual
async def test_a_file_is_put_in_and_played_from_its_start() -> None:
    notes = Notes(None, -1, 61_500)
    assert await played(notes) == 61.5
    assert notes.asked[0][1]["inputSettings"]["local_file"] == str(Path("/songs/sea.mp3"))
    assert notes.asked[1][1]["mediaAction"].endswith("_RESTART")
    assert len(notes.asked) == 5


@virtual
async def test_a_length_that_nobody_tells_is_zero() -> None:
    for answer in (None, 0, -1, "long", [], float("nan")):
        assert await played(Notes(answer)) == 0.0


@virtual
async def test_none_stops_it() -> None:
    notes = Notes(0)
    assert await played(notes, None) == 0.0
    assert [request for request, _ in notes.asked] == ["TriggerMediaInputAction"]
    assert notes.asked[0][1]["mediaAction"].endswith("_STOP")


@virtual
async def test_what_cannot_be_played_is_refused() -> None:
    for notes in (
        Notes(0, state="OBS_MEDIA_STATE_ERROR"),
        Notes(0, fails=TransientError("OBS is away")),
        Notes(0, fails=Refused("no such source")),
    ):
        with pytest.raises(Refused):
            await played(notes)
