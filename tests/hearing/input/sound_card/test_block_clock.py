from __future__ import annotations

import pytest

from bot.hearing.input.sound_card.block_clock import BlockClock


def run(told: int, true: int, seconds: float, *, gap_at: float = -1.0, late: bool = False) -> tuple[BlockClock, int]:
    """Blocks of 32 ms, looked at ten times a second."""
    clock, gaps, at, looked = BlockClock(), 0, 0.0, 0.0
    clock.begin(told, 0.0)
    lost = 0.5
    while at < seconds:
        at += 0.032
        arrived = at
        if 0 <= gap_at < at <= gap_at + lost:
            if not late:
                continue
            arrived = gap_at + lost
        clock.count(int(true * 0.032), arrived)
        if at - looked >= 0.1:
            looked = at
            gaps += clock.look()
    return clock, gaps


def test_a_steady_device_has_no_gaps_and_keeps_its_rate() -> None:
    clock, gaps = run(48_000, 48_000, 30)
    assert (gaps, clock.count(1, 30.0)) == (0, 48_000)


def test_lost_sound_is_a_gap() -> None:
    assert run(48_000, 48_000, 30, gap_at=12.0)[1] == 1


def test_blocks_that_come_late_and_together_change_no_rate() -> None:
    assert run(48_000, 48_000, 30, gap_at=12.0, late=True)[0].count(1, 30.0) == 48_000


@pytest.mark.parametrize(("told", "true"), [(48_000, 44_100), (44_100, 48_000), (48_000, 16_000), (16_000, 48_000)])
def test_a_rate_that_is_not_true_is_found_out(told: int, true: int) -> None:
    clock, gaps = run(told, true, 15)
    assert clock.count(1, 15.0) == true
    assert gaps == 0


def test_it_knows_how_long_no_block_has_come() -> None:
    clock = BlockClock()
    assert clock.count(512, 1.0) == 0  # not opened yet
    clock = BlockClock()
    clock.begin(16_000, 10.0)
    assert not clock.begun
    assert clock.waited(12.0) == 2.0
    clock.count(512, 12.5)
    assert clock.begun
    assert clock.waited(13.0) == 0.5
