"""The truth about playback, without a page: what is believed, what is late, and what a stop leaves."""

from __future__ import annotations

import pytest

from bot.stage.clip import ClausePlayback
from bot.stage.playback import LATE_S, SILENT_GRACE_S, SLACK_MS, TurnPlayback
from bot.types import Clause

RATE = 24_000
TEXT = "one two three four five six seven eight nine ten"


class Stage:
    """A turn on a clock that is moved by hand."""

    def __init__(self, *, pace: float = 1.0) -> None:
        self.now = 100.0
        self.turn = TurnPlayback(clock=lambda: self.now, pace=pace)
        self.epoch = self.turn.begin()

    def clip(self, index: int = 0, seconds: float = 10.0, *, sent: bool = True) -> ClausePlayback:
        """Add a clause with all its sound."""
        clip = self.turn.add(self.epoch, Clause("t", index, TEXT, TEXT), RATE, 0)
        assert clip
        clip.pcm += bytes(int(RATE * seconds) * 2)
        clip.close(truncated=False)
        if sent:
            assert self.turn.mark_sent(clip)
        return clip


def test_a_report_is_believed_no_further_than_the_clock_allows() -> None:
    stage = Stage()
    clip = stage.clip()
    stage.now += 1.0
    assert stage.turn.advance(stage.epoch, 0, 9000, finished=True) is clip
    assert clip.position_ms == 1000 + SLACK_MS
    assert not clip.finished
    stage.now += 9.0
    stage.turn.advance(stage.epoch, 0, 10_000, finished=True)
    assert clip.finished
    assert stage.turn.heard() == TEXT


def test_pages_that_play_faster_are_believed_further() -> None:
    stage = Stage(pace=10.0)
    clip = stage.clip()
    stage.now += 0.5
    stage.turn.advance(stage.epoch, 0, 5000, finished=False)
    assert clip.position_ms == 5000


def test_a_position_never_goes_back_and_never_past_the_sound() -> None:
    stage = Stage()
    clip = stage.clip(seconds=2)
    stage.now += 60.0
    stage.turn.advance(stage.epoch, 0, 1500, finished=False)
    stage.turn.advance(stage.epoch, 0, 700, finished=False)
    assert clip.position_ms == 1500
    stage.turn.advance(stage.epoch, 0, 99_000, finished=False)
    assert clip.position_ms == 2000


@pytest.mark.parametrize(("epoch", "index"), [(0, 0), (2, 0), (1, 7)])
def test_a_report_of_another_turn_or_clause_changes_nothing(epoch: int, index: int) -> None:
    stage = Stage()
    clip = stage.clip()
    stage.now += 5.0
    assert stage.turn.advance(epoch, index, 4000, finished=False) is None
    assert clip.position_ms == 0


def test_a_clause_that_was_not_sent_cannot_be_heard() -> None:
    stage = Stage()
    clip = stage.clip(sent=False)
    stage.now += 60.0
    assert stage.turn.advance(stage.epoch, 0, 4000, finished=True) is None
    assert (clip.position_ms, clip.finished) == (0, False)
    assert stage.turn.sounding() is None
    assert stage.turn.overdue_in(reported=True, latency_s=0) is None


def test_what_is_ahead_is_what_is_made_and_not_heard() -> None:
    stage = Stage()
    stage.clip(0, 4)
    stage.clip(1, 2)
    stage.now += 3.0
    stage.turn.advance(stage.epoch, 0, 3000, finished=False)
    assert stage.turn.ahead_s() == pytest.approx(1 + 2)


@pytest.mark.parametrize(("reported", "grace_s"), [(True, LATE_S), (False, SILENT_GRACE_S)])
def test_a_clause_is_late_when_its_time_and_a_grace_have_passed(reported: bool, grace_s: float) -> None:
    stage = Stage()
    stage.clip(seconds=4)
    assert stage.turn.overdue_in(reported=reported, latency_s=0.2) == pytest.approx(4 + grace_s + 0.2)
    stage.now += 1.0
    stage.turn.advance(stage.epoch, 0, 500, finished=False)  # half a second behind: counted from here
    assert stage.turn.overdue_in(reported=reported, latency_s=0.0) == pytest.approx(3.5 + grace_s)


def test_a_page_has_its_time_with_the_last_frame_of_a_voice_that_stalled() -> None:
    stage = Stage()
    clip = stage.clip(seconds=1)
    stage.now += 1.0
    stage.turn.advance(stage.epoch, 0, 980, finished=False)  # all that was sent
    stage.now += 2.5
    assert not stage.turn.mark_sent(clip)
    assert stage.turn.overdue_in(reported=True, latency_s=0) == pytest.approx(LATE_S)


def test_a_clause_that_is_skipped_is_over_and_not_heard() -> None:
    stage = Stage()
    first, second = stage.clip(0, 4), stage.clip(1, 4)
    stage.turn.end(stage.epoch)
    stage.now += 4.5
    stage.turn.skip()
    assert (first.finished, second.finished) == (True, False)
    assert stage.turn.overdue_in(reported=False, latency_s=0) == pytest.approx(3.5 + SILENT_GRACE_S)
    stage.turn.skip()
    assert stage.turn.finished
    assert stage.turn.heard() == ""


def test_a_stop_is_confirmed_once_and_of_the_turn_on_air_alone() -> None:
    stage = Stage()
    clip = stage.clip()
    assert not stage.turn.confirms_stop(stage.epoch)  # nobody stopped it
    assert not stage.turn.halt(stage.epoch - 1)
    assert stage.turn.halt(stage.epoch)
    assert not stage.turn.halt(stage.epoch)
    assert not stage.turn.may_send(clip)
    assert stage.turn.sounding() is clip
    assert not stage.turn.confirms_stop(stage.epoch - 1)
    assert stage.turn.confirms_stop(stage.epoch)
    stage.turn.confirm_stop(stage.epoch)
    assert not stage.turn.confirms_stop(stage.epoch)
    assert stage.turn.sounding() is None
    assert stage.turn.add(stage.epoch, Clause("t", 1, "more", "more"), RATE, 0) is None


def test_the_clock_estimates_what_a_stop_without_an_answer_leaves() -> None:
    stage = Stage()
    clip = stage.clip()
    stage.now += 2.0
    stage.turn.advance(stage.epoch, 0, 1800, finished=False)
    stage.now += 0.5
    stage.turn.halt(stage.epoch)
    stage.turn.estimate(clip, stage.now)
    assert clip.position_ms == pytest.approx(2300)


def test_the_next_turn_begins_empty() -> None:
    stage = Stage()
    stage.clip()
    stage.turn.halt(stage.epoch)
    before = stage.turn.snapshot()
    assert stage.turn.begin() == stage.epoch + 1
    assert stage.turn.snapshot() != before
    assert not stage.turn.finished
    assert not stage.turn.halted
    assert stage.turn.heard() == ""
