"""The browser's microphone, from the panel's button to an answer, in the real Chromium with the real recogniser.

Pictures are left in ``out/shots`` for a person to look at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.support.host import ROOT, host
from bench.support.upstreams import serve
from tests.browser.chromium import Errors, chromium, open_page
from tests.browser.test_stage import past, until
from tests.browser.test_whole import SHOTS
from tests.support.spoken import spoken, write_wav

pytestmark = [pytest.mark.browser, pytest.mark.model]

QUESTION = "Hello Mira, what do you think about the weather tonight?"


async def ears(http: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await http.get("/api/ears")).json())


async def test_what_is_said_into_a_page_is_heard_and_answered(tmp_path: Path) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    samples, rate = await spoken(QUESTION, before_s=6.0, after_s=30.0)
    write_wav(tmp_path / "question.wav", samples, rate)
    complaints = Errors()
    async with serve() as fake:
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {
            "HAISHIN_LLM__0__BASE_URL": base,
            "HAISHIN_TTS__0__BASE_URL": base,
            "HAISHIN_HEARING__ENABLED": "true",
            "HAISHIN_HEARING__INPUT__KIND": "browser",
            "HAISHIN_HEARING__INPUT__ECHO": "off",
        }
        async with (
            host([ROOT / "configs/bench.yaml"], env) as h,
            h.client() as http,
            chromium(microphone=tmp_path / "question.wav") as browser,
        ):

            async def waits_for_a_page() -> bool:
                return "no page is the microphone" in (await ears(http))["trouble"]

            await until(waits_for_a_page, 120)
            await open_page(browser, h.page("stage"), complaints)
            panel = await open_page(browser, h.page("panel"), complaints)
            await panel.get_by_role("button", name="Use this microphone").click()
            await panel.get_by_text("This page is the microphone").wait_for()

            async def heard() -> list[str]:
                return [line["text"] for line in (await ears(http))["last"]]

            (text,) = await until(heard, 60)
            assert "weather tonight" in text.lower()
            assert "mira" in text.lower()

            async def answered() -> list[dict[str, Any]]:
                return [turn for turn in await past(http) if turn["text"]]

            (turn,) = await until(answered, 60)
            assert turn["text"].startswith("Well hello there")
            await panel.get_by_text("weather tonight").first.wait_for()
            await panel.screenshot(path=SHOTS / "ears.png")

            await panel.get_by_role("switch").click()
            await panel.get_by_text("Nothing that you say is recorded").wait_for()
            assert await panel.get_by_text("weather tonight?").count() <= 2  # the turns tell what was answered
            assert (await ears(http))["last"] == []
    assert complaints == []
