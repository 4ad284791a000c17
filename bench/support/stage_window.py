"""The stage page in the real Chromium, full screen on an X server of its own, and that screen as a source in OBS."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Page, async_playwright

from bot.stage.obs.mixer import Mixer
from tests.browser.chromium import AUTOPLAY, FLAGS, installed
from tests.support.real_obs import x_server

SOURCE = "The stage page's window"
#: Reads the caption, and where it stands in the window: left, top, width, height in pixels.
CAPTION = """() => {
  const box = document.querySelector("#captions").getBoundingClientRect();
  return [window.haishin.stats().caption, [box.left, box.top, box.width, box.height].map(Math.round)];
}"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page showed: its pixels (height, width, 3), its caption, and the caption's left, top, width, height."""

    pixels: NDArray[np.uint8]
    caption: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class StageWindow:
    """The page, the number of the display that is full of it, and how large that is in pixels."""

    page: Page
    display: int
    width: int
    height: int

    async def caption(self) -> str:
        """Return what stands in the caption now."""
        return str((await self.page.evaluate(CAPTION))[0]).strip()

    async def look(self) -> Shown:
        """Return what the page shows now."""
        caption, box = await self.page.evaluate(CAPTION)
        with av.open(io.BytesIO(await self.page.screenshot()), "r") as picture:
            pixels = np.asarray(next(picture.decode(video=0)).to_ndarray(format="rgb24"), np.uint8)
        return Shown(pixels[: self.height, : self.width], caption.strip(), tuple(box))

    async def put_into(self, mixer: Mixer, scene: str) -> None:
        """Make a screen capture of the display in a scene of OBS, above all else. Raise `Refused`."""
        settings = {"advanced": True, "server": f":{self.display}", "show_cursor": False}
        source: dict[str, Any] = {
            "sceneName": scene, "inputName": SOURCE, "inputKind": "xshm_input", "inputSettings": settings,
        }  # fmt: skip
        await mixer.call("CreateInput", source)


@contextlib.asynccontextmanager
async def stage_window(
    url: str, width: int, height: int, *, sound: Mapping[str, str] | None = None
) -> AsyncIterator[StageWindow]:
    """Show a page full screen until the block ends; ``sound`` is the environment of a sound server to be heard in."""
    # Chromium makes a window that is as large as its screen a pixel smaller.
    shape = [f"--window-size={width + 1},{height + 1}", "--window-position=0,0", "--kiosk"]
    flags = [flag for flag in FLAGS if flag != "--headless"]
    with x_server(width, height) as display, tempfile.TemporaryDirectory(prefix="stage-window-") as folder:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch_persistent_context(
                folder, executable_path=installed(), headless=False, no_viewport=True,
                args=[*flags, *shape, *([] if sound is None else [AUTOPLAY])],
                ignore_default_args=["--enable-automation", *([] if sound is None else ["--mute-audio"])],
                env={"DISPLAY": f":{display}", "HOME": folder, **(sound or {})},
            )  # fmt: skip
            try:
                page = browser.pages[0] if browser.pages else await browser.new_page()
                await page.goto(url)
                yield StageWindow(page, display, width, height)
            finally:
                await browser.close()
