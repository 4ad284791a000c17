"""The stage's layers in the real Chromium against the real host: chat, deletions, a style of one's own, the label."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bench.support.host import ROOT, Host, host
from bench.support.upstreams import serve
from tests.browser.chromium import Errors, chromium, open_page
from tests.browser.test_stage import ask, audible, state, until

pytestmark = pytest.mark.browser

#: Hides the label, and asks for what the page must not load or run.
STYLE = """
#label { display: none }
#captions p { background: rgb(1, 2, 3) url("http://127.0.0.1:9/evil.png") }
@import "http://127.0.0.1:9/evil.css";
body { background-image: url("data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='top.evil=1'>"\
"<script>top.evil=1</script></svg>") }
"""


@contextlib.asynccontextmanager
async def show(folder: Path, stage: dict[str, Any]) -> AsyncIterator[tuple[Host, httpx.AsyncClient]]:
    more = folder / "more.yaml"
    more.write_text(yaml.safe_dump({"stage": stage}), "utf-8")
    async with serve() as fake:
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {"HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base}
        async with host([ROOT / "configs/bench.yaml", more], env) as h, h.client() as http:
            yield h, http


async def test_layers_follow_the_show_and_only_the_host_makes_a_sound(tmp_path: Path) -> None:
    errors = Errors()
    async with show(tmp_path, {"theme": "neon"}) as (h, http), chromium() as browser:
        layers = await open_page(browser, h.page("stage") + "&layers=chat,answer,screens,nonsense", errors)
        await layers.wait_for_selector("#screens.on h1")
        assert not await audible(http), "a page without the host in it takes no sound from the one that has it"
        stage = await open_page(browser, h.page("stage"), errors)
        await until(lambda: audible(http))
        await ask(http, "what about <b>rain</b>?")
        await layers.wait_for_selector("#answer.on")
        line = layers.locator("yt-live-chat-text-message-renderer #message")
        assert await line.inner_text() == "what about <b>rain</b>?"
        await layers.wait_for_selector("#screens:not(.on)", state="attached")
        assert await layers.evaluate("document.documentElement.dataset.theme") == "neon"
        assert "nonsense" in await layers.inner_text(".fault")
        assert await layers.evaluate("getComputedStyle(document.querySelector('#avatar')).display") == "none"
        await stage.wait_for_selector("#captions p:not(:empty)")
        assert await stage.evaluate("document.fonts.check('700 20px \"Nunito Variable\"', 'a')")
        viewer = (await http.post("/api/viewers/local/local:ana/forget")).status_code
        assert viewer == 200
        await until(lambda: gone(layers))
    assert [e for e in errors if "?layers=" not in e] == []


async def gone(page: Any) -> bool:
    return bool(await page.evaluate("!document.querySelector('#items > *')"))


async def test_a_style_that_hides_the_label_is_told_and_what_it_asks_for_is_neither_loaded_nor_run(
    tmp_path: Path,
) -> None:
    css = tmp_path / "mine.css"
    css.write_text(STYLE, "utf-8")
    async with show(tmp_path, {"css": str(css)}) as (h, http), chromium() as browser:
        page = await open_page(browser, h.page("stage"), Errors())
        asked: list[str] = []
        page.on("requestfinished", lambda request: asked.append(request.url))
        await page.wait_for_selector("#own-style", state="attached")
        await until(lambda: hidden(http))
        assert not [url for url in asked if "127.0.0.1:9/" in url]
        assert await page.evaluate("window.evil") is None
        answer = await http.get("/stage/user.css")
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        css.write_text("#label { opacity: 0.9 }", "utf-8")
        await until(lambda: shown(http))


async def hidden(http: httpx.AsyncClient) -> bool:
    return any(alarm["id"] == "label" for alarm in (await state(http))["alarms"])


async def shown(http: httpx.AsyncClient) -> bool:
    return not await hidden(http)
