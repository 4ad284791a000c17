"""The whole thing as a newcomer meets it: defaults, real model, real voices, three pages in the real Chromium.

A line is typed into the chat page, the avatar answers, what it played is recorded and transcribed back.
Pictures are left in ``out/shots`` for a person to look at.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from faster_whisper import WhisperModel  # type: ignore[import-untyped]
from numpy.typing import NDArray

from bench.support.host import ROOT, host
from bot.weights import catalog
from tests.browser.chromium import Errors, chromium, open_page, recorded, stats
from tests.browser.test_stage import audible, heard, past, state, until
from tests.support.error_rate import error_rate

pytestmark = [pytest.mark.browser, pytest.mark.model]

SHOTS = Path(os.environ.get("HAISHIN_SHOTS") or ROOT / "out" / "shots")


def words(text: str) -> list[str]:
    kept = "".join(c if c.isalnum() or c == "'" else " " for c in text.lower())
    return kept.replace("'", "").split()


async def transcribed(sound: NDArray[np.float32], root: Path) -> str:
    folder = await catalog.pull("whisper-base", root, lambda *_: None)

    def work() -> str:
        ears = WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)
        # In silence, and after its own words, Whisper hears again what was said once.
        strict = {"condition_on_previous_text": False, "vad_filter": True}
        pieces, _ = ears.transcribe(sound, language="en", beam_size=5, **strict)
        return " ".join(piece.text for piece in pieces)

    return await asyncio.to_thread(work)


async def answered(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    return [turn for turn in await past(http) if turn["outcome"] == "answered"]


async def test_a_newcomer_writes_a_line_and_hears_an_answer(models_root: Path) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    complaints = Errors()
    env = {"HAISHIN_SHOW__GREETING": "false", "HAISHIN_SHOW__IDLE_AFTER_S": "0", "HAISHIN_SHOW__REPLY_CHARS": "200"}
    async with host([], env, within_s=600) as h, h.client() as http, chromium() as browser:
        stage = await open_page(browser, h.page("stage"), complaints, record=True)
        panel = await open_page(browser, h.page("panel"), complaints)
        chat = await open_page(browser, h.page("chat"), complaints)
        await until(lambda: audible(http))

        boxes = chat.locator("input, textarea")
        await boxes.nth(0).fill("Ana")
        await chat.locator("textarea").fill("Hi Mira! What do you like about rainy nights?")
        await chat.keyboard.press("Enter")

        await until(lambda: heard(http, 25), 90)
        await until(lambda: speaking(stage), 20)
        await stage.screenshot(path=SHOTS / "stage.png", omit_background=False)
        await panel.screenshot(path=SHOTS / "panel.png")
        caption = (await stats(stage))["caption"]
        assert caption.strip()
        (turn, *_) = await until(lambda: answered(http), 120)
        await asyncio.sleep(0.5)
        await chat.screenshot(path=SHOTS / "chat.png")
        sound = await recorded(stage)
        await asyncio.to_thread(np.save, SHOTS / "heard.npy", sound)  # whoever doubts the transcript can listen

        assert turn["text"]
        assert not turn["interrupted"], turn
        room = await chat.locator("body").inner_text()
        assert turn["text"].split()[-1].strip(".!?…") in room
        assert (await state(http))["counts"]["answered"] == 1
        figures = await stats(stage)
        assert figures["badFrames"] == 0
    got = await transcribed(sound, models_root)
    rate = error_rate(words(turn["text"]), words(got))
    report = f"said:  {turn['text']}\nheard: {got.strip()}\nword error rate {rate:.2f}\n"
    await asyncio.to_thread((SHOTS / "transcript.txt").write_text, report, "utf-8")
    assert rate <= 0.25, (turn["text"], got)
    assert complaints == []


async def speaking(stage: Any) -> bool:
    figures = await stats(stage)
    return bool(figures["mouth"] > 0.15 and len(figures["caption"]) > 8)
