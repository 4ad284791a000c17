"""A browser source that crashed comes back: the whole host, OBS's wire, and a real page that really crashes.

OBS itself is a server of its protocol here, since builds without a browser source have none to crash. What stands for
the source is a page in the real Chromium, and it does what the source does: another address makes the page anew, the
same one again does nothing, and a page that crashed stays dead until then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, Error, Page

from bench.support.host import ROOT, Host, host
from bench.support.upstreams import serve
from tests.browser.chromium import Errors, chromium, open_page, stats
from tests.browser.test_stage import ask, audible, heard, state, until
from tests.fakes.obs_server import PASSWORD, ObsServer

pytestmark = pytest.mark.browser

NAME = "The host"


class BrowserSource:
    """The source in OBS that shows the stage page; ``loaded`` are the addresses that were opened in it."""

    def __init__(self, obs: ObsServer, browser: Browser) -> None:
        self.settings: dict[str, Any] = {"width": 1280, "height": 720, "reroute_audio": True}
        self.loaded: list[str] = []
        self.errors = Errors()
        self.crashed = asyncio.Event()
        self.page: Page | None = None
        self._obs = obs
        self._browser = browser
        obs.answers |= {
            "GetInputList": {"inputs": [{"inputName": NAME, "inputKind": "browser_source"}]},
            "GetInputSettings": lambda _: {"inputSettings": dict(self.settings)},
            "SetInputSettings": self._set,
            "GetSourceActive": {"videoActive": True, "videoShowing": True},
            "GetInputMute": {"inputMuted": False},
        }

    async def show(self, address: str) -> None:
        """Make the page anew, at this address."""
        self.settings["url"] = address
        self.loaded.append(address)
        before, self.page = self.page, None
        if before is not None:
            await before.context.close()
        self.page = await open_page(self._browser, address, self.errors)

    async def crash(self) -> None:
        """Let the page's process crash."""
        assert self.page is not None
        self.page.on("crash", lambda _: self.crashed.set())
        with contextlib.suppress(Error):  # a page that crashes never arrives
            await self.page.goto("chrome://crash", timeout=10_000)
        async with asyncio.timeout(10):
            await self.crashed.wait()

    def _set(self, data: Mapping[str, Any]) -> Mapping[str, Any] | int:
        if data["inputName"] != NAME:
            return 600
        before = self.settings.get("url")
        self.settings |= data["inputSettings"]
        if self.settings["url"] != before:
            self._obs.begin(self.show(self.settings["url"]))
        return {}


@contextlib.asynccontextmanager
async def on_air() -> AsyncIterator[tuple[Host, ObsServer]]:
    obs = ObsServer()
    async with serve() as fake, obs.serving():
        obs.streaming = True
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {
            "HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base,
            "HAISHIN_OBS__ENABLED": "true", "HAISHIN_OBS__PORT": str(obs.port), "HAISHIN_OBS__PASSWORD": PASSWORD,
            "HAISHIN_WATCHDOG__PICTURE": "false",
        }  # fmt: skip
        async with host([ROOT / "configs/bench.yaml"], env) as h:
            yield h, obs


async def test_a_page_that_crashed_in_obs_is_loaded_anew_and_heard_again() -> None:
    async with chromium() as browser, on_air() as (h, obs), h.client() as http:  # the browser outlives the host
        source = BrowserSource(obs, browser)
        address = h.page("stage") + "&backdrop=0"
        await source.show(address)
        await until(lambda: audible(http), 60)

        await source.crash()
        await until(lambda: _deaf(http), 60)
        async with asyncio.timeout(120):  # a look each ten seconds, and the page must be away for 25 s
            while len(source.loaded) < 2:
                await asyncio.sleep(0.2)
        assert source.loaded[0] == address
        assert parse_qs(urlsplit(source.loaded[1]).query) == {"token": [h.token], "backdrop": ["0"], "again": ["1"]}
        assert source.settings["reroute_audio"] is True

        await until(lambda: audible(http), 60)
        await ask(http)
        await until(lambda: heard(http, 20), 60)
        assert source.page is not None
        assert (await stats(source.page))["caption"]
        found = await until(lambda: _over(http), 60)
        assert (found["name"], found["tried"]) == ("page_gone", 1)
        assert len(source.loaded) == 2, "one attempt was enough"
        assert not [alarm for alarm in (await state(http))["alarms"] if alarm["id"].startswith("watchdog:")]


async def _deaf(http: Any) -> bool:
    return not await audible(http)


async def _over(http: Any) -> dict[str, Any] | None:
    found = (await state(http))["mixer"]["findings"]
    return next((one for one in found if one["over"]), None)
