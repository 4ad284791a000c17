"""The night bank, and what is alike."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.show.night.bank import MOST, NightBank, Piece
from bot.show.night.likeness import Said
from bot.show.night.settings import PieceKind
from bot.types import Retraction
from tests.support.night import BASE, tale

HOUR = dt.timedelta(hours=1)


class Clock:
    now = BASE

    def __call__(self) -> dt.datetime:
        return self.now


def piece(number: int, at: dt.datetime = BASE, kind: PieceKind = PieceKind.STORY) -> Piece:
    return Piece(kind, "", f"[joy] piece {number}", at)


def test_unsaid_pieces_come_first_and_none_again_for_hours() -> None:
    clock = Clock()
    bank = NightBank(None, clock)
    for number in range(3):
        bank.add(piece(number))
    taken = []
    for _ in range(4):
        found = bank.take(3 * HOUR)
        taken.append(found.words if found else None)
        clock.now = clock.now + dt.timedelta(minutes=1)
    assert taken == ["piece 0", "piece 1", "piece 2", None]
    clock.now = BASE + 3 * HOUR
    again = bank.take(3 * HOUR)
    assert again is not None
    assert again.words == "piece 0"
    assert bank.take(3 * HOUR) is None


def test_what_happened_of_late_is_not_told_the_next_day() -> None:
    clock = Clock()
    bank = NightBank(None, clock)
    bank.add(piece(1, kind=PieceKind.RECAP))
    clock.now = BASE + 7 * HOUR
    assert bank.take(3 * HOUR) is None
    assert not bank.pieces


def test_a_full_bank_gives_up_what_was_said_longest_ago() -> None:
    bank = NightBank(None, Clock())
    for number in range(MOST):
        bank.add(replace(piece(number), said_at=BASE + HOUR * number))
    bank.add(piece(MOST))
    assert len(bank.pieces) == MOST
    assert bank.pieces[0].words == "piece 1"
    assert bank.unsaid == 1


async def test_the_bank_is_the_same_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "bank.jsonl"
    bank = NightBank(file, Clock())
    bank.add(replace(piece(1), about=("twitch", "m1", "ana"), topic="灯塔"))
    bank.add(piece(2))
    bank.take(None)
    await bank.save()
    again = NightBank(file, Clock())
    await again.load()
    assert again.pieces == bank.pieces
    assert again.retract(Retraction("twitch", author="ana"))
    assert len(again.pieces) == 1
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("line", ["{", "[]", "null", "{}", '{"kind": "x"}', "\x00\xff", "1" * 5000])
async def test_a_broken_line_of_the_file_is_left_out(line: str, tmp_path: Path) -> None:
    file = tmp_path / "bank.jsonl"
    bank = NightBank(file, Clock())
    bank.add(piece(1))
    await bank.save()
    with file.open("a", encoding="latin-1") as out:
        out.write(line + "\n" + json.dumps({"kind": "story", "topic": "", "text": "x", "made_at": "2026-01-01T00:00:00",
                                            "said_at": "", "about": ["", "", ""]}) + "\n")  # fmt: skip
    again = NightBank(file, Clock())
    await again.load()
    assert [one.words for one in again.pieces] == ["piece 1"]


def test_a_story_told_anew_is_like_itself_and_two_stories_are_not() -> None:
    said = Said(72)
    for number in range(500):
        said.add(tale(number), BASE)
    shuffled = " ".join(sorted(tale(7).replace(".", "").split()))
    assert said.like(shuffled, BASE)[0] > 0.8
    assert said.like(tale(7).replace("a", "e", 5), BASE)[0] > 0.7
    assert max(said.like(tale(n), BASE)[0] for n in range(1000, 1050)) < 0.5


def test_chinese_is_compared_by_pairs_of_characters() -> None:
    said = Said(72)
    said.add("昨天晚上灯塔里的海鸥偷走了我的茶杯，我追着它跑了两百一十一级台阶。", BASE)
    assert said.like("海鸥昨天晚上偷走了灯塔里我的茶杯，我跑了两百一十一级台阶去追它。", BASE)[0] > 0.5
    assert said.like("今天我们来聊聊夏天的西瓜，还有乡下奶奶家的那口老井。", BASE)[0] < 0.3


def test_what_was_said_is_forgotten_after_days() -> None:
    said = Said(72)
    said.add(tale(1), BASE)
    assert said.like(tale(1), BASE + dt.timedelta(hours=71))[0] > 0.9
    assert said.like(tale(1), BASE + dt.timedelta(hours=73))[0] == 0


@pytest.mark.parametrize("text", ["", "!!!", "🎉" * 500, "\ud800" * 50, "x" * 100_000, "の" * 100_000])
def test_strange_texts_are_compared_too(text: str) -> None:
    said = Said(72)
    said.add(text, BASE)
    assert 0 <= said.like(text, BASE)[0] <= 1.001
    said.opens_alike(text)
