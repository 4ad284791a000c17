"""The real Chromium for tests: finds it, starts it, records what its pages play."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Browser, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
AUTOPLAY = "--autoplay-policy=no-user-gesture-required"

#: Lets a copy of all that a page plays run into a recorder.
TAP = """
const connect = AudioNode.prototype.connect;
window.tap = { chunks: [] };
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode && !(this instanceof MediaStreamAudioDestinationNode)) {
    const sink = this.context.createMediaStreamDestination();
    connect.call(this, sink);
    const recorder = new MediaRecorder(sink.stream, { mimeType: "audio/webm;codecs=opus", audioBitsPerSecond: 96000 });
    recorder.ondataavailable = ({ data }) => window.tap.chunks.push(data);
    recorder.start(200);
    window.tap.stop = () => new Promise((done) => { recorder.onstop = done; recorder.stop(); });
  }
  return connect.call(this, target, ...rest);
};
"""
READ = """
async () => {
  await window.tap.stop();
  const bytes = new Uint8Array(await new Blob(window.tap.chunks).arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}
"""


def installed() -> str:
    """Return where Chromium is. Raise `AssertionError` when it is nowhere."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert path, "install Chromium (on Debian: apt-get install chromium), or run: python start.py test"
    return path


def fake_microphone(file: Path) -> list[str]:
    """Return the flags for a microphone that gives a file once, and that nobody has to allow."""
    return [
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={file}%noloop",
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def chromium(*, autoplay: bool = True, microphone: Path | None = None) -> AsyncIterator[Browser]:
    """Run a Chromium; ``microphone`` is a WAV file that its microphone gives, once."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=installed(),
            args=[*FLAGS, *([AUTOPLAY] if autoplay else []), *(fake_microphone(microphone) if microphone else [])],
        )
        try:
            yield browser
        finally:
            await browser.close()


class Errors(list[str]):
    """What a page complained about."""

    def watch(self, page: Page) -> None:
        """Collect from a page."""
        page.on("pageerror", lambda error: self.append(f"page error: {error}"))
        page.on("console", lambda m: self.append(f"console: {m.text}") if m.type in ("error", "warning") else None)


async def open_page(browser: Browser, url: str, errors: Errors, *, record: bool = False, **context: Any) -> Page:
    """Open a page of 1280×720 in a context of its own."""
    fresh = await browser.new_context(viewport={"width": 1280, "height": 720}, **context)
    if record:
        await fresh.add_init_script(TAP)
    page = await fresh.new_page()
    errors.watch(page)
    await page.goto(url)
    return page


async def stats(page: Page) -> dict[str, Any]:
    """Read the stage page's figures."""
    return dict(await page.evaluate("window.haishin.stats()"))


async def glance(page: Page, expression: str) -> Any:
    """Evaluate an expression without touching the page: all of Playwright's own calls count as a click in it."""
    session = await page.context.new_cdp_session(page)
    try:
        found = await session.send("Runtime.evaluate", {"expression": expression, "returnByValue": True})
        return found["result"].get("value")
    finally:
        await session.detach()


async def recorded(page: Page, rate: int = 16_000) -> NDArray[np.float32]:
    """Return what the page played so far, mono."""
    raw = base64.b64decode(await page.evaluate(READ))
    return await asyncio.to_thread(_decode, raw, rate)


def _decode(raw: bytes, rate: int) -> NDArray[np.float32]:
    out: list[NDArray[Any]] = []
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    with av.open(io.BytesIO(raw)) as container:
        for frame in container.decode(audio=0):
            out += [f.to_ndarray()[0] for f in resampler.resample(frame)]
    out += [f.to_ndarray()[0] for f in resampler.resample(None)]
    return np.concatenate(out).astype(np.float32) / 32768
