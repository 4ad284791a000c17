"""One ordinary performance of each kind: its options, its host, and the files that it needs."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from bot.show.segments.registry import SegmentKind, load
from tests.support.segment_host import NotingHost, line

BANK = """
questions:
  - ask: "Which planet is the largest?"
    answers: [Jupiter, 木星]
    fact: "It has more than ninety moons."
  - ask: "What is the capital of China?"
    answers: [北京]
"""
OPTIONS: dict[SegmentKind, dict[str, Any]] = {
    SegmentKind.TALK: {"topics": ["lighthouses", "tea"], "pieces": 3, "pause_s": 10},
    SegmentKind.QUESTIONS: {"collect_s": 30, "pause_s": 1},
    SegmentKind.POLL: {"title": "What shall we eat?", "choices": ["pizza", "ramen"], "seconds": 40, "platform": True},
    SegmentKind.QUIZ: {"bank": "bank.yaml", "count": 2, "answer_s": 20, "shuffled": False},
    SegmentKind.STORY: {"premise": "a ship in the fog", "chapters": 3, "choice_s": 20},
    SegmentKind.READING: {"folder": "texts", "texts": 1, "piece_s": 5},
    SegmentKind.MEDIA: {"files": ["song.mp3"], "about": "a song about the sea", "before": "duck", "after": "unduck"},
    SegmentKind.COUNTDOWN: {"seconds": 60, "about": "the show", "marks": [30, 10], "cue": "rest"},
    SegmentKind.BREAK: {"seconds": 30, "before": "break scene", "after": "live scene"},
    SegmentKind.RECAP: {"hours": 1},
    SegmentKind.RAID_OUT: {"channels": ["first", "second"], "notice_s": 10},
    SegmentKind.GOODBYE: {"next_time": "Tomorrow at eight.", "cue": "ending"},
}
CHAT: dict[SegmentKind, list[tuple[float, str, str]]] = {
    SegmentKind.QUESTIONS: [
        (10, "how tall is the lamp?", "ana"),
        (11, "and who is Gerald?", "ana"),
        (12, "what tea do you like?", "bob"),
    ],
    SegmentKind.POLL: [(20, "1", "ana"), (22, "ramen!", "bob"), (24, "２", "cho")],
    SegmentKind.QUIZ: [(12, "mars", "ana"), (14, "I think it is Jupitre", "bob"), (30, "beijing", "cho")],
    SegmentKind.STORY: [(25, "2", "ana"), (60, "1", "bob")],
}
TEXT = " ".join(f"Then came ship number {n}, and it was longer than the one before." for n in range(1, 11))


def furnish(folder: Path) -> None:
    (folder / "bank.yaml").write_text(BANK, "utf-8")
    (folder / "song.mp3").write_bytes(b"")
    (folder / "texts").mkdir(exist_ok=True)
    (folder / "texts" / "1 ships.txt").write_text(TEXT, "utf-8")
    (folder / "texts" / "2 tea.txt").write_text("Tea is hot.", "utf-8")


def host_for(kind: SegmentKind, folder: Path, **changes: Any) -> NotingHost:
    furnish(folder)
    chat = [(at, line(text, viewer)) for at, text, viewer in CHAT.get(kind, [])]
    asked = itertools.count(2)
    values: dict[str, Any] = {
        "folder": folder,
        "chat": chat,
        "judge": lambda task, material: "" if "quiz" in task else _choices(next(asked)),
        "events": ["bob gave 5 dollars", "cho raided with 12 viewers"],
    }
    return NotingHost(**(values | changes))


def _choices(n: int) -> str:
    return f'1. They wait {n} days.\n- They call {n} times\n"They swim {n} miles"'


async def perform(kind: SegmentKind, host: NotingHost, **options: Any) -> None:
    found = load(kind)
    await found.perform(found.config(**(OPTIONS[kind] | options)), host)
