"""The replay source: the format, its bounds, the pace of playing, and the example evening."""

from __future__ import annotations

import asyncio
import json
import math
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import types
from bot.errors import ConfigError, TransientError
from bot.sources.replay import (
    MAX_FAULTS,
    MAX_LINE,
    TAKE_S,
    Arrival,
    Event,
    Retraction,
    parse,
    play,
    read,
)
from bot.types import PAID, Author, Kind, Message, Money, Role
from tests.support.clock import JumpingLoop

T = TypeVar("T")
EVENING = Path(__file__).parents[2] / "configs" / "evening.ndjson"
ANN = {"id": "u1", "name": "Ann"}


def line(at: float = 1, **fields: Any) -> str:
    return json.dumps({"at": at, "id": f"m{at}", "author": ANN, "text": "hi", **fields}, ensure_ascii=False)


def write(folder: Path, *lines: str | bytes) -> Path:
    path = folder / "chat.ndjson"
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else x.encode() for x in lines))
    return path


# --- reading --------------------------------------------------------------------------------------


def test_a_full_line_becomes_a_message(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '{"at": 2.5, "id": "7", "source": "bilibili", "author": {"id": "u", "name": "半糖", "roles": ["vip"]},'
        ' "kind": "super_chat", "text": "晚上好", "amount": {"minor": 3000, "currency": "CNY"}}',
    )
    author = Author("u", "半糖", frozenset({Role.VIP}))
    message = Message("7", "bilibili", author, "晚上好", Kind.SUPER_CHAT, Money(3000, "CNY"))
    assert parse(path) == [Arrival(2.5, message)]


def test_what_may_be_left_out_has_its_default(tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps({"at": 0, "id": "1", "author": ANN}))
    assert parse(path) == [Arrival(0, Message("1", "replay", Author("u1", "Ann"), ""))]


def test_control_lines_are_retractions(tmp_path: Path) -> None:
    path = write(tmp_path, '{"at": 3, "delete": "m1"}', '{"at": 4, "ban": "u1"}')
    assert parse(path) == [Retraction(3, id="m1"), Retraction(4, author="u1")]


def test_blank_lines_comments_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbf# a comment", "", "   ", line(1), "  # another\r", line(2) + "\r")
    assert [event.at for event in parse(path)] == [1, 2]


def test_events_are_sorted_by_time_and_keep_their_order_within_it(tmp_path: Path) -> None:
    path = write(tmp_path, line(5, id="late"), line(1, id="a"), line(1, id="b"), '{"at": 1, "delete": "a"}')
    first, second, third, last = parse(path)
    assert isinstance(first, Arrival)
    assert isinstance(second, Arrival)
    assert (first.message.id, second.message.id) == ("a", "b")
    assert third == Retraction(1, id="a")
    assert last.at == 5


BAD: dict[str, tuple[str | bytes, str]] = {
    "no JSON": ("hello", "Invalid JSON"),
    "no object": ("[1]", "should be an object"),
    "NaN": (line().replace('"at": 1', '"at": NaN'), "at: "),
    "infinite": (line().replace('"at": 1', '"at": 1e999'), "at: "),
    "negative": (line(-1), "at: "),
    "more than a week": (line(604_801), "at: "),
    "a time in words": (line().replace('"at": 1', '"at": "1"'), "at: "),
    "a truth for a time": (line().replace('"at": 1', '"at": true'), "at: "),
    "no author": (json.dumps({"at": 1, "id": "1"}), "author: Field required"),
    "no id": (json.dumps({"at": 1, "author": ANN}), "id: Field required"),
    "unknown field": (line(colour="red"), "colour: Extra inputs"),
    "unknown kind": (line(kind="hug"), "kind: "),
    "unknown role": (line(author={**ANN, "roles": ["king"]}), "author.roles"),
    "long name": (line(author={"id": "u", "name": "x" * 201}), "author.name"),
    "a fraction of a cent": (line(amount={"minor": 1.5, "currency": "USD"}), "amount.minor"),
    "negative money": (line(amount={"minor": -1, "currency": "USD"}), "amount.minor"),
    "no currency": (line(amount={"minor": 1, "currency": "$"}), "amount.currency"),
    "two orders": ('{"at": 1, "delete": "a", "ban": "b"}', "ban: Extra inputs"),
    "order and message": (line(delete="a"), "Extra inputs"),
    "no UTF-8": (line().encode().replace(b"hi", b"h\xff"), "is not UTF-8"),
    "half a surrogate pair": (line().replace("hi", "\\ud800"), "Invalid JSON"),
    "deep nesting": ('{"at":' + "[" * 5000 + "]" * 5000 + "}", "Invalid JSON"),
    "an id used before": (line(0, id="first"), "was already used in line 1"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_named_by_its_number_and_left_out_by_the_tolerant_reader(tmp_path: Path, case: str) -> None:
    bad, words = BAD[case]
    path = write(tmp_path, line(0, id="first"), "", bad, line(9, id="last"))
    with pytest.raises(ConfigError) as caught:
        parse(path)
    assert f"{path}, line 3: " in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.remedy
    recording = read(path)
    assert (len(recording.events), recording.skipped, recording.duration_s) == (2, 1, 9)


def test_a_line_may_be_64_kib_and_no_longer_and_the_next_is_still_read(tmp_path: Path) -> None:
    room = MAX_LINE - len(line(1, text=""))
    fits, longer, endless = line(1, text="x" * room), line(2, text="x" * (room + 1)), line(3, text="x" * 1_000_000)
    recording = read(write(tmp_path, fits, longer, endless, line(4)))
    assert [event.at for event in recording.events] == [1, 4]
    assert [fault.partition(", ")[2] for fault in recording.faults] == [
        "line 2: the line is longer than 64 KiB",
        "line 3: the line is longer than 64 KiB",
    ]


def test_faults_are_counted_without_end_and_kept_with_one(tmp_path: Path) -> None:
    recording = read(write(tmp_path, *["nonsense"] * 500))
    assert (len(recording.faults), recording.skipped, recording.events, recording.duration_s) == (
        MAX_FAULTS,
        500,
        (),
        0.0,
    )


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.ndjson", tmp_path):
        with pytest.raises(ConfigError, match="cannot be read"):
            read(path)


def test_too_many_events_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sources.replay.MAX_EVENTS", 2)
    with pytest.raises(ConfigError, match="line 3: a recording holds at most 2"):
        read(write(tmp_path, line(1), line(2), line(3)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=80), st.text(max_size=40).map(str.encode), st.just(line().encode()))))
def test_no_bytes_break_the_tolerant_reader(lines: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        recording = read(write(Path(folder), *lines))
    whole = b"\n".join(lines)
    assert len(recording.events) + recording.skipped <= whole.count(b"\n") + 1
    assert len(recording.events) == (line().encode() in [part.strip() for part in whole.split(b"\n")])


# --- playing --------------------------------------------------------------------------------------


class Taker:
    """Stands for the show: notes what it is given, and when, in seconds from the start of the test."""

    def __init__(self, takes_s: float = 0.0) -> None:
        self.got: list[tuple[float, str]] = []
        self.messages: list[Message] = []
        self._takes_s = takes_s

    async def offer(self, message: Message) -> None:
        self.messages.append(message)
        self.got.append((self._time(), message.id))
        await asyncio.sleep(self._takes_s)

    async def retract(self, retraction: types.Retraction) -> None:
        self.got.append((self._time(), f"-{retraction.id or retraction.author}"))

    @staticmethod
    def _time() -> float:
        return round(asyncio.get_running_loop().time() - 1000, 3)


def run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(work)


async def perform(events: list[Event], speed: float, taker: Taker) -> Any:
    loop = asyncio.get_running_loop()
    return await play(events, speed, taker.offer, taker.retract, now=loop.time)


def message(name: str) -> Message:
    return Message(name, "replay", Author("u1", "Ann"), "hi")


SCENE: list[Event] = [
    Arrival(1.0, message("a")),
    Arrival(60.0, message("b")),
    Retraction(61.0, id="b"),
    Retraction(600.0, author="u1"),
]
NAMES = ["a", "b", "-b", "-u1"]


@pytest.mark.parametrize("speed", [1, 10, 0.5])
def test_the_pace_is_the_recording_s_times_the_speed(speed: float) -> None:
    taker = Taker()
    tally = run(perform(SCENE, speed, taker))
    assert [who for _, who in taker.got] == NAMES
    assert [at for at, _ in taker.got] == pytest.approx([event.at / speed for event in SCENE], abs=0.002)
    assert (tally.offered, tally.retracted, tally.lost) == (2, 2, 0)
    assert tally.late_s < 0.01


def test_at_infinite_speed_nothing_waits_but_others_still_run() -> None:
    async def both() -> tuple[int, Taker]:
        taker, turns = Taker(), 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.get_running_loop().create_task(other())
        await perform(SCENE * 50, math.inf, taker)
        task.cancel()
        return turns, taker

    turns, taker = run(both())
    assert [who for _, who in taker.got] == NAMES * 50
    assert taker.got[-1][0] == 0
    assert turns >= len(SCENE) * 50


def test_a_message_carries_the_time_at_which_it_was_offered() -> None:
    taker = Taker()
    run(perform(SCENE, 1, taker))
    assert [m.at for m in taker.messages] == pytest.approx([1001, 1060], abs=0.002)


def test_a_slow_taker_makes_messages_late_but_does_not_stretch_the_evening() -> None:
    taker = Taker(takes_s=5)
    events: list[Event] = [Arrival(1, message("a")), Arrival(2, message("b")), Arrival(20, message("c"))]
    tally = run(perform(events, 1, taker))
    assert [at for at, _ in taker.got] == pytest.approx([1, 6, 20], abs=0.01)
    assert tally.late_s == pytest.approx(4, abs=0.01)


def test_a_taker_that_hangs_loses_the_message_and_not_the_evening() -> None:
    taker = Taker(takes_s=3600)
    tally = run(perform(SCENE, 1, taker))
    assert (tally.offered, tally.lost, tally.retracted) == (0, 2, 2)
    assert taker.got[1][0] == pytest.approx(60, abs=0.01)
    assert taker.got[2][0] == pytest.approx(60 + TAKE_S, abs=0.01)


def test_an_error_of_the_taker_passes_through() -> None:
    async def fails(_: Message) -> None:
        raise TransientError("the store is gone")

    with pytest.raises(TransientError, match="the store is gone"):
        run(play(SCENE, math.inf, fails, Taker().retract))


@pytest.mark.parametrize("speed", [0, -1, math.nan, -math.inf])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ConfigError, match="speed"):
        run(play(SCENE, speed, Taker().offer, Taker().retract))


def test_a_path_is_read_strictly_before_anything_is_offered(tmp_path: Path) -> None:
    taker = Taker()
    good = write(tmp_path, line(1, id="x"))
    assert run(play(good, math.inf, taker.offer, taker.retract)).offered == 1
    bad = write(tmp_path, line(1, id="y"), "nonsense")
    with pytest.raises(ConfigError, match="line 2"):
        run(play(bad, math.inf, taker.offer, taker.retract))
    assert [who for _, who in taker.got] == ["x"]


# --- the example evening --------------------------------------------------------------------------


def test_the_evening_is_what_the_guide_says_it_is() -> None:
    events = parse(EVENING)
    messages = [event.message for event in events if isinstance(event, Arrival)]
    kinds = Counter(m.kind for m in messages)
    assert 350 <= len(messages) <= 450
    assert 590 <= events[-1].at <= 600
    assert PAID | {Kind.CHAT, Kind.RAID, Kind.FOLLOW} == set(kinds)
    assert {m.amount.currency for m in messages if m.amount} >= {"CNY", "JPY", "USD", "BITS", "VIEWERS"}
    chinese = sum(any("一" <= c <= "鿿" for c in m.text) for m in messages)
    assert 0.25 < chinese / len(messages) < 0.5
    assert len({m.author.id for m in messages}) > 80
    text = "\n".join(m.text for m in messages).lower()
    for seen in ("ignore your previous instructions", "followers", "前方高能", "哈哈哈", "say hi to dan"):
        assert seen in text


def test_the_evening_retracts_only_what_came_before() -> None:
    ids: set[str] = set()
    authors: set[str] = set()
    retracted = Counter[str]()
    for event in parse(EVENING):
        if isinstance(event, Arrival):
            assert event.message.author.id not in retracted, "somebody who is banned writes on"
            ids.add(event.message.id)
            authors.add(event.message.author.id)
        else:
            assert event.id in ids or event.author in authors
            retracted[event.id or event.author or ""] += 1
    assert len(retracted) == 6
    assert set(retracted.values()) == {1}


def test_the_evening_has_bursts_and_lulls() -> None:
    per_ten_s = Counter(int(event.at // 10) for event in parse(EVENING))
    assert max(per_ten_s.values()) >= 15
    assert min(per_ten_s[slot] for slot in range(60)) <= 2


RIGHT = '{"at": 1, "id": "a", "author": {"id": "1", "name": "阿明"}, "text": "你好"}\n'


@pytest.mark.parametrize(
    ("raw", "words", "remedy"),
    [
        (RIGHT.encode("gbk"), "GBK", "UTF-8"),
        (RIGHT.encode("utf-16"), "UTF-16", "UTF-8"),
        (RIGHT.replace("阿明", "Ann").replace("你好", "hi").encode("utf-16-le"), "UTF-16", "UTF-8"),
        (RIGHT.replace('"text"', "“text”").encode(), "JSON", "straight"),
        (RIGHT.replace('"id": "a"', "'id': 'a'").encode(), "JSON", "straight"),
        (RIGHT.replace('"text":', '"text"：').encode(), "JSON", "full-width ："),
        (RIGHT.replace('"a",', '"a"，').encode(), "JSON", "full-width ，"),
        (RIGHT.replace("你好", "C:\\new\\Users").encode(), "JSON", "backslash"),
        (RIGHT.replace("}\n", "},\n").encode(), "JSON", "one object in each line"),
        (RIGHT.replace("你好", "a\tb").encode(), "JSON", "tab"),
        (("\ufeff" * 2 + RIGHT).encode(), "JSON", "invisible"),
        (RIGHT.replace('"at": 1, ', "").encode(), "at", "docs/replay-format.md"),
    ],
)
def test_a_file_from_windows_is_refused_with_its_line_and_what_to_do(
    tmp_path: Path, raw: bytes, words: str, remedy: str
) -> None:
    file = tmp_path / "r.ndjson"
    file.write_bytes(b"# a note\r\n" + raw if not raw.startswith((b"\xff\xfe", b"\xef\xbb\xbf")) else raw)
    with pytest.raises(ConfigError) as caught:
        parse(file)
    assert f"{file}, line " in str(caught.value)
    assert words in str(caught.value)
    assert remedy in caught.value.remedy


def test_windows_lines_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "r.ndjson"
    file.write_bytes(b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n\r\n").encode())
    assert len(parse(file)) == 1
