"""Each kind is killed at every one of its steps and performed again with what was durable: nothing is said twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from bot.show.segments.registry import SegmentKind
from tests.show.segments.kinds.scenes import OPTIONS, host_for, perform
from tests.support.segment_host import Killed, NotingHost
from tests.support.virtual import virtual

#: Orders to a mixer that may be repeated: sounds are lowered again, put back again, a source is stopped again.
REPEATED = {("cue", "duck"), ("cue", "unduck"), ("cue", "live scene"), ("play", "stop")}


async def _whole(kind: SegmentKind, folder: Path) -> NotingHost:
    host = host_for(kind, folder)
    await perform(kind, host)
    return host


@pytest.mark.parametrize("kind", SegmentKind)
@pytest.mark.parametrize("after", [False, True], ids=["before the deed", "after it"])
def test_nothing_is_done_twice_when_it_is_killed_anywhere(kind: SegmentKind, after: bool, tmp_path: Path) -> None:
    @virtual
    async def run() -> None:
        whole = await _whole(kind, tmp_path)
        usual = Counter(whole.done)
        assert whole.spoken()
        for step in range(1, whole.steps + 1):
            host = host_for(kind, tmp_path, dies_at=step, dies_after=after)
            with pytest.raises(Killed):
                await perform(kind, host)
            resumed = host.after_the_crash()
            await perform(kind, resumed)
            counted = {deed: count for deed, count in Counter(resumed.done).items() if deed not in REPEATED}
            twice = {deed: count for deed, count in counted.items() if count > max(1, usual[deed])}
            assert not twice, f"killed at step {step}"
            assert len(resumed.spoken()) >= len(whole.spoken()) - 2, f"killed at step {step}"

    run()


@pytest.mark.parametrize("kind", SegmentKind)
def test_it_may_be_killed_again_and_again(kind: SegmentKind, tmp_path: Path) -> None:
    @virtual
    async def run() -> None:
        usual = Counter((await _whole(kind, tmp_path)).done)
        host = host_for(kind, tmp_path, dies_at=4)
        for life in range(400):
            try:
                await perform(kind, host)
            except Killed:
                host = host.after_the_crash(dies_at=4 + life % 5)
            else:
                break
        else:
            pytest.fail("it never ended")
        counted = Counter(host.done)
        assert not {deed: n for deed, n in counted.items() if n > max(1, usual[deed]) and deed not in REPEATED}

    run()


@pytest.mark.parametrize("kind", SegmentKind)
def test_the_next_evening_it_is_performed_anew(kind: SegmentKind, tmp_path: Path) -> None:
    @virtual
    async def run() -> None:
        first = await _whole(kind, tmp_path)
        second = host_for(kind, tmp_path, memory=first.memory, run="evening 2")
        await perform(kind, second)
        assert len(second.spoken()) >= min(2, len(first.spoken()) - 1)
        assert first.largest < 20_000

    run()


@pytest.mark.parametrize("kind", SegmentKind)
def test_without_model_and_chat_and_mixer_it_ends(kind: SegmentKind, tmp_path: Path) -> None:
    @virtual
    async def run() -> None:
        host = host_for(
            kind,
            tmp_path,
            chat=(),
            model=lambda brief: brief.prepared,
            judge=lambda task, material: "",
            refuses=("poll", "announce", "raid", "play"),
            events=(),
        )
        async with asyncio.timeout(3600):
            await perform(kind, host)

    run()


@pytest.mark.parametrize("kind", SegmentKind)
@pytest.mark.parametrize("language", ["zh", "ja"])
def test_it_speaks_the_language_of_the_show_when_no_model_does(
    kind: SegmentKind, language: str, tmp_path: Path
) -> None:
    @virtual
    async def run() -> None:
        host = host_for(kind, tmp_path, language=language, model=lambda brief: "")
        await perform(kind, host)
        own = {OPTIONS[kind].get("about")}
        fixed = [brief.prepared for brief in host.briefs if brief.prepared and brief.prepared not in own]
        assert all(any(c > "\u3000" for c in words) for words in fixed)

    run()
