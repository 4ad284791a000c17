"""The door in the real Chromium: pages that are opened too early, and pages with keys of their own."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Error, Page
from pydantic import SecretStr
from starlette.responses import HTMLResponse

from bot.web.auth.token import Page as Name
from bot.web.auth.token import weak_key
from bot.web.door import open_door
from bot.web.settings import Web
from bot.web.waiting import Part
from tests.browser.chromium import Errors, chromium, open_page
from tests.browser.test_stage import audible, show, state, until

pytestmark = pytest.mark.browser

TOKEN = "a-long-token-of-the-test"
READY = '<!doctype html><title>ready</title><link rel="icon" href="data:,"><p>the real page'


async def went_on(page: Page) -> bool:
    try:
        return await page.title() == "ready"
    except Error:  # it is loading
        return False


async def test_a_page_that_is_opened_too_early_goes_on_by_itself(tmp_path: Path) -> None:
    errors = Errors()
    async with chromium() as browser:
        async with open_door(Web(port=0, token=SecretStr(TOKEN)), tmp_path) as door:
            url = f"http://127.0.0.1:{door.port}"
            door.waiting.enter(Part.MODERATION)
            pages = [await open_page(browser, f"{url}/{name}/?token={TOKEN}", errors) for name in Name]
            pages.append(await open_page(browser, f"{url}/stage/?token={weak_key(TOKEN, Name.STAGE)}", errors))
            for page in pages:
                await page.get_by_text("checking the moderation").wait_for()
            width = "document.getElementById('bar').style.width"
            before = int(re.sub(r"\D", "", await pages[0].evaluate(width)))
            door.waiting.enter(Part.SHOW)
            await pages[0].get_by_text("nearly there").wait_for()
            assert int(re.sub(r"\D", "", await pages[0].evaluate(width))) > before
            assert errors == []
            door.open(HTMLResponse(READY))
            for page in pages:
                await until(lambda page=page: went_on(page))
        assert errors == []


async def test_in_a_scene_nothing_of_it_is_seen_and_a_host_that_is_gone_is_waited_for(tmp_path: Path) -> None:
    errors = Errors()
    async with chromium() as browser:
        web = Web(port=0, token=SecretStr(TOKEN))
        async with open_door(web, tmp_path) as door:
            url = f"http://127.0.0.1:{door.port}/stage/?token={TOKEN}"
            context = await browser.new_context()
            await context.add_init_script("window.obsstudio = {};")
            scene = await context.new_page()
            errors.watch(scene)
            await scene.goto(url)
            tab = await open_page(browser, url, Errors(), locale="zh-CN")
            await tab.get_by_text("正在加载程序").wait_for()
            seen = "[getComputedStyle(document.body).backgroundColor, document.body.innerText.trim()]"
            assert await scene.evaluate(seen) == ["rgba(0, 0, 0, 0)", ""]
            web.port = door.port
        # The start failed, and somebody tries again.
        await tab.get_by_text("没有运行").wait_for()
        assert await scene.evaluate(seen) == ["rgba(0, 0, 0, 0)", ""]
        async with open_door(web, tmp_path) as door:
            await tab.get_by_text("正在加载程序").wait_for()
            door.open(HTMLResponse(READY))
            await until(lambda: went_on(scene))
            await until(lambda: went_on(tab))
    assert not [one for one in errors if "net::ERR" not in one]


async def test_stage_and_chat_work_with_keys_that_open_nothing_else() -> None:
    errors = Errors()
    async with show() as (h, http), chromium() as browser:
        panel = await open_page(browser, h.page("panel"), errors)
        links = await until(lambda: keys_in(panel, h.token))
        stage = await open_page(browser, next(link for link in links if "/stage/" in link), errors)
        chat = await open_page(browser, next(link for link in links if "/chat/" in link), errors)
        await until(lambda: audible(http))
        await chat.locator("input, textarea").nth(0).fill("Ana")
        await chat.locator("textarea").fill("hello from a page with a weak key")
        await chat.keyboard.press("Enter")
        await chat.get_by_role("log").get_by_text("hello from a page with a weak key").wait_for()
        await until(lambda: received(http))
        for page in (stage, chat, panel):
            assert "token" not in page.url
        for page in (stage, chat):
            await page.reload()  # by its cookie, and with the key that the tab keeps
        await until(lambda: audible(http))
        await chat.get_by_role("log").get_by_text("hello from a page with a weak key").wait_for()
        jar = [cookie for page in (stage, chat, panel) for cookie in await page.context.cookies()]
        weak = [weak_key(h.token, Name.STAGE), weak_key(h.token, Name.CHAT)]
        assert len(jar) == 3
        assert not [cookie for cookie in jar if cookie.get("value") in (h.token, *weak)]
    assert errors == []


async def keys_in(panel: Page, token: str) -> list[str] | None:
    await asyncio.sleep(0.1)
    links: list[str] = await panel.locator("a[href*='/stage/'], a[href*='/chat/']").evaluate_all(
        "all => all.map((one) => one.href)"
    )
    ready = {"/stage/", "/chat/"} <= {part for link in links for part in re.findall(r"/\w+/", link) if "token=" in link}
    assert not any(token in link for link in links)
    return links if ready else None


async def received(http: httpx.AsyncClient) -> bool:
    return int((await state(http))["counts"]["received"]) > 0
