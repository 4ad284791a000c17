"""The stage page in the real Chromium against the real host; the model and the voice have fixed delays."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bench.support.host import ROOT, Host, host
from bench.support.upstreams import serve
from tests.browser.chromium import Errors, chromium, glance, open_page, stats

pytestmark = pytest.mark.browser


@contextlib.asynccontextmanager
async def show() -> AsyncIterator[tuple[Host, httpx.AsyncClient]]:
    async with serve() as fake:
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {"HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base}
        async with host([ROOT / "configs/bench.yaml"], env) as h, h.client() as http:
            yield h, http


async def state(http: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await http.get("/api/state")).json())


async def until(what: Any, within_s: float = 20) -> Any:
    async with asyncio.timeout(within_s):
        while not (found := await what()):
            await asyncio.sleep(0.05)
    return found


async def audible(http: httpx.AsyncClient) -> bool:
    return bool((await state(http))["stage"]["audible"])


async def heard(http: httpx.AsyncClient, chars: int) -> bool:
    now = (await state(http))["now"]
    return bool(now and len(now["heard"]) >= chars)


async def past(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    return list((await state(http))["turns"])


async def ask(http: httpx.AsyncClient, text: str = "what do you think about rain?") -> None:
    assert (await http.post("/api/chat", json={"author": "ana", "text": text})).status_code == 202


async def test_it_speaks_shows_and_reports_what_was_heard() -> None:
    errors = Errors()
    async with show() as (h, http), chromium() as browser:
        page = await open_page(browser, h.page("stage"), errors)
        await until(lambda: audible(http))
        await ask(http)
        await until(lambda: heard(http, 20))
        figures = await stats(page)
        assert figures["mouth"] > 0.05
        assert figures["caption"].split()[0] in (await state(http))["now"]["heard"]
        (turn, *_) = await until(lambda: past(http), 40)
        assert turn["text"].startswith("Well hello there")
        assert turn["text"].endswith("wreck that one.")
        assert turn["outcome"] == "answered"
        assert not turn["interrupted"]
        figures = await stats(page)
        assert figures["underruns"] == 0
        assert figures["badFrames"] == 0
    assert errors == []


async def test_stop_silences_the_page_at_once_and_stays() -> None:
    errors = Errors()
    async with show() as (h, http), chromium() as browser:
        page = await open_page(browser, h.page("stage"), errors)
        await until(lambda: audible(http))
        await ask(http)
        await until(lambda: heard(http, 10))
        await http.post("/api/stop")
        (turn, *_) = await until(lambda: past(http), 3)
        assert turn["interrupted"]
        assert 0 < len(turn["text"]) < 120
        figures = await stats(page)
        assert figures["stopMs"]
        await asyncio.sleep(0.3)
        assert (await stats(page))["mouth"] == 0
        await ask(http, "are you still there?")
        await asyncio.sleep(1.5)
        assert len(await past(http)) == 1
        await http.post("/api/rearm")
        await until(lambda: heard(http, 5))
    assert errors == []


async def test_two_pages_and_a_reload_of_each_one_voice_history_intact() -> None:
    errors = Errors()
    async with show() as (h, http), chromium() as browser:
        first = await open_page(browser, h.page("stage"), errors)
        await until(lambda: audible(http))
        second = await open_page(browser, h.page("stage"), errors)
        await until(lambda: roles(first, second))
        assert await roles(first, second) == ("audio", "view")
        await ask(http)
        await until(lambda: heard(http, 12))
        await second.reload()
        await asyncio.sleep(0.8)
        assert await roles(first, second) == ("audio", "view")
        await first.reload()
        await until(lambda: swapped(first, second))
        (turn, *_) = await until(lambda: past(http), 40)
        assert turn["outcome"] == "answered"
        assert not turn["interrupted"], turn
        assert turn["text"].startswith("Well hello there")
        assert turn["text"].endswith("wreck that one.")
        assert len(await past(http)) == 1
    assert errors == []


async def roles(*pages: Any) -> tuple[str, ...] | None:
    found = [await stats(page) for page in pages]
    return tuple(f["role"] for f in found)


async def swapped(first: Any, second: Any) -> bool:
    with contextlib.suppress(Exception):  # the page may be loading
        return await roles(first, second) == ("view", "audio")
    return False


async def test_without_its_host_the_page_is_silent() -> None:
    errors = Errors()
    async with show() as (h, http), chromium() as browser:
        page = await open_page(browser, h.page("stage"), errors)
        await until(lambda: audible(http))
        await ask(http)
        await until(lambda: heard(http, 10))
        h.process.send_signal(signal.SIGKILL)
        await h.process.wait()
        await asyncio.sleep(0.5)
        assert (await stats(page))["mouth"] == 0


async def test_a_blocked_tab_asks_for_a_click_and_is_not_taken_for_an_audience() -> None:
    errors = Errors()
    async with show() as (h, http), chromium(autoplay=False) as browser:
        page = await open_page(browser, h.page("stage"), errors, locale="zh-CN")
        await until(lambda: glance(page, "document.querySelector('#unmute:not([hidden])')?.checkVisibility()"))
        assert "点一下" in await glance(page, "document.querySelector('#unmute').textContent")
        assert not await audible(http)
        await ask(http)
        await asyncio.sleep(0.5)
        assert (await state(http))["now"] is None
        button = page.locator("#unmute")
        await button.click()
        await until(lambda: heard(http, 5))
        await button.wait_for(state="hidden")
