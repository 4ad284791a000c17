"""The host of its own accord in a real process, and the parts of a persona's pages."""

from __future__ import annotations

import datetime as dt
import json
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bench.support.host import ROOT, host
from bench.support.upstreams import serve
from bot import config
from bot.app.night import sections
from bot.persona.persona import Page
from bot.show.composer import clauses_of
from bot.show.night.settings import Talkativeness
from tests.app.test_process import settings
from tests.support.wire_page import until, wire_page

BENCH = [ROOT / "configs/bench.yaml"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
async def test_a_piece_is_prepared_said_and_not_said_again_after_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "night-bank.jsonl"
    async with serve() as fake:
        env = settings(fake.port, HAISHIN_NIGHT__TALKATIVENESS="always", HAISHIN_NIGHT__QUIET_S="5")
        async with host(BENCH, env, home=tmp_path) as h, wire_page(h.socket("stage", role="audio")) as page:
            await until(file.is_file, 40)
            await until(lambda: len(page.of("speak")) >= 1, 40)
            h.process.send_signal(signal.SIGKILL)
            await h.process.wait()
        kept = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        assert len(kept) == 1, "the model always says the same: a second piece is too like the first"
        assert kept[0]["said_at"]
        words = kept[0]["text"].partition("] ")[2]
        async with host(BENCH, env, home=tmp_path) as h, wire_page(h.socket("stage", role="audio")) as page:
            await until(lambda: len(page.of("speak")) >= 1, 90)
            assert not any(m["text"] in words for m in page.of("speak"))


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
async def test_with_model_and_voice_gone_the_host_is_heard_from_what_was_spoken_ahead(tmp_path: Path) -> None:
    made = dt.datetime.now(dt.UTC).isoformat()
    tales = [f"The lamp {n} turned twice over the water. Nobody counted the waves of the night." for n in range(3)]
    kept = [
        {"kind": "story", "topic": "", "text": f"[joy] {t}", "made_at": made, "said_at": "", "about": ["", "", ""]}
        for t in tales
    ]
    (tmp_path / "night-bank.jsonl").write_text("".join(json.dumps(one) + "\n" for one in kept), "utf-8")
    sounds = tmp_path / "night-bank"
    more = {"TALKATIVENESS": "always", "QUIET_S": "15", "KINDS": '["recap"]'}
    async with AsyncExitStack() as upstream:
        fake = await upstream.enter_async_context(serve())
        env = settings(fake.port, **{f"HAISHIN_NIGHT__{key}": value for key, value in more.items()})
        async with host(BENCH, env, home=tmp_path) as h:
            clauses = {clause.speech for tale in tales for clause in clauses_of(f"[joy] {tale}", "en")}
            await until(lambda: len(list(sounds.glob("*.wav"))) == len(clauses), 60)
            await upstream.aclose()
            async with wire_page(h.socket("stage", role="audio")) as page:
                await until(lambda: len(page.of("speak")) >= 4, 120)
                assert all(track.rate for track in page.tracks)
                assert all(any(track.text in tale for tale in tales) for track in page.tracks)
                assert sum(bool(track.data) for track in page.tracks) >= 3


def test_the_example_of_a_night_is_valid() -> None:
    found = config.load([ROOT / "configs/night.yaml"], {})
    assert found.night.talkativeness is Talkativeness.ALWAYS
    assert found.night.pause_s == 12


def test_pages_are_taken_by_their_headings() -> None:
    pages = [
        Page("about", "# Mira\n\nA host.\n\n## The lighthouse\n\nIt has steps.\n\n## Empty\n"),
        Page("show", "Tea."),
    ]
    assert sections(pages) == [
        ("about: Mira", "A host."),
        ("about: The lighthouse", "It has steps."),
        ("show: show", "Tea."),
    ]
