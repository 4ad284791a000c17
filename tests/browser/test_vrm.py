"""A VRM model on the stage in the real Chromium: it is seen, its mouth moves, and without it the show goes on."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.async_api import Page

from bench.support.host import ROOT, host
from bench.support.upstreams import serve
from bot.stage.hub import Overlay
from bot.stage.models.library import ModelLibrary
from bot.stage.models.vrm import FILE, read_vrm
from bot.stage.protocol import Captions, Look, Settings
from bot.types import Clause, Emotion, Gesture, HostState, Pcm
from tests.browser.bare_stage import served
from tests.browser.chromium import Errors, chromium, open_page
from tests.browser.test_stage import ask, audible, heard, until
from tests.support.vrm import make_vrm

pytestmark = pytest.mark.browser

CREDIT = "Made by code © Haishin's tests"
#: What Chromium says of every screenshot of a picture that is drawn in software.
USUAL = "GPU stall due to ReadPixels"
LOSE = "document.querySelector('#avatar').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"


def brought(home: Path, name: str, data: bytes) -> ModelLibrary:
    """Put a model into a data folder, as ``haishin vrm add`` does."""
    file = home / f"{name}.vrm"
    file.write_bytes(data)
    library = ModelLibrary(home)
    library.add(name, read_vrm(file).card(), {FILE: file})
    return library


async def picture(page: Page, file: Path | None = None) -> NDArray[np.int16]:
    """Return the page as rows × columns × 3 colours, and keep it in a file for whoever wants to look at it."""
    data = await page.screenshot()
    if file is not None:
        file.write_bytes(data)
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int16)


def share(pixels: NDArray[np.int16], colour: tuple[int, int, int], rows: slice) -> int:
    """Count the pixels of about a colour about the middle of the page."""
    part = pixels[rows, 480:800]
    return int((np.abs(part - np.array(colour)).max(axis=2) < 45).sum())


#: Lips and irises as they are shown, and the rows of the face: the bow below it is as red as the lips.
LIPS, IRIS, FACE = (178, 74, 84), (70, 160, 172), slice(60, 300)


async def credited(page: Page) -> bool:
    """Return whether the model is on the stage: then its author is named."""
    return bool(await page.evaluate("document.querySelector('#credit')?.textContent ?? ''") == CREDIT)


async def alarm(http: httpx.AsyncClient) -> str:
    alarms: list[dict[str, Any]] = (await http.get("/api/state")).json()["alarms"]
    return next((one["text"] for one in alarms if one["id"] == "avatar model"), "")


async def test_a_model_is_chosen_speaks_is_lost_and_comes_back(tmp_path: Path) -> None:
    errors = Errors()
    library = brought(tmp_path, "code", make_vrm(1, meta={"creditNotation": "required"}))
    async with serve() as fake:
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {"HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base}
        async with (
            host([ROOT / "configs/bench.yaml"], env, home=tmp_path) as h,
            h.client() as http,
            chromium() as browser,
        ):
            page = await open_page(browser, h.page("stage"), errors)
            await until(lambda: audible(http))
            assert (await http.post("/api/avatar", json={"name": "code"})).json()["ok"]
            await until(lambda: credited(page), 90)
            assert (await http.get("/api/avatar")).json()["problem"] == ""
            still = share(await picture(page), LIPS, FACE)
            await ask(http)
            await until(lambda: heard(http, 5), 40)
            spoken = [share(await picture(page), LIPS, FACE) for _ in range(6)]
            assert max(spoken) > still + 60, (still, spoken)

            await page.evaluate(LOSE)
            await until(lambda: alarm(http), 20)
            assert "graphics context" in await alarm(http)
            assert not await credited(page)
            await until(lambda: credited(page), 60)

            async def over() -> bool:
                return not await alarm(http)

            await until(over, 20)

            # Somebody damages the file: our figure is on the stage, and the reason on the panel.
            file = library.folder / "code" / FILE
            file.write_bytes(file.read_bytes()[:60_000])
            assert (await http.post("/api/avatar", json={"name": ""})).json()["ok"]
            assert (await http.post("/api/avatar", json={"name": "code"})).json()["ok"]
            await until(lambda: alarm(http), 30)
            assert "damaged" in await alarm(http)
            assert not await credited(page)
            await http.post("/api/avatar", json={"name": None})
            await until(over, 20)
    assert [e for e in errors if USUAL not in e and "Context Lost" not in e and "is not shown" not in e] == []


@pytest.mark.parametrize("version", [0, 1])
async def test_feelings_gestures_and_words_are_seen(tmp_path: Path, version: int) -> None:
    errors = Errors()
    library = brought(tmp_path, "code", make_vrm(version, texture=4096))
    look = Settings(name="Code", look=Look(), captions=Captions(), label="AI", model=library.stage_model("code"))
    stage = Overlay(look)
    async with served(stage, library) as url, chromium() as browser:
        page = await open_page(browser, f"{url}&role=audio", errors)

        async def shown() -> bool:
            return any(one.model is not None for one in stage._pages)

        await until(shown, 90)
        assert stage.model_problem() == ""

        async def look_at(name: str) -> NDArray[np.int16]:
            return await picture(page, tmp_path / f"{name}.png")

        async def irises(name: str) -> int:
            """Count the pixels of the open eyes: a blink is over in the next picture."""
            return max([share(await look_at(name), IRIS, FACE) for _ in range(3)])

        stage.show_state(HostState.IDLE, Emotion.NEUTRAL)
        await asyncio.sleep(2)
        calm = await irises("neutral")
        silent = share(await look_at("neutral"), LIPS, FACE)
        stage.show_state(HostState.IDLE, Emotion.JOY)
        await asyncio.sleep(3)
        assert 20 < await irises("joy") < 0.93 * calm, "joy narrows the eyes of this model"
        stage.show_state(HostState.IDLE, Emotion.NEUTRAL)

        epoch = stage.begin()
        clause = Clause("t", 0, "Aaah", "aaah", gestures=(Gesture.WAVE, Gesture.SHAKE))
        clip = stage.speak(epoch, clause, 24_000)
        assert clip is not None
        hum = (np.sin(np.arange(24_000 * 9) * 2 * np.pi * 180 / 24_000) * 9_000).astype("<i2").tobytes()
        stage.sound(clip, Pcm(hum, 24_000))
        stage.complete(clip)
        stage.end(epoch)
        opened, waved = 0, 0
        for n in range(8):
            await asyncio.sleep(0.3)
            pixels = await look_at(f"word-{n}")
            opened = max(opened, share(pixels, LIPS, FACE))
            # The hand beside the head, where nothing else is.
            beside = pixels[20:200, 330:480]
            waved = max(waved, int(((beside[..., 0] > 200) & (beside[..., 2] < 230) & (beside[..., 1] > 150)).sum()))
        assert opened > silent + 60
        assert waved > 150
        assert await stage.stop(epoch)
        stage.show_state(HostState.STOPPED)
        await asyncio.sleep(3)
        closed = await look_at("stopped")
        assert share(closed, IRIS, FACE) < 0.2 * calm, "a host who was stopped has her eyes shut"
    assert [e for e in errors if USUAL not in e] == []
