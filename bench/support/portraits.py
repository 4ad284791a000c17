"""Pictures of the built-in avatar: one look in one pose, or a sheet of many, as the real Chromium draws them.

    python -m bench.support.portraits out.png --look mira --emotion joy --pose '{"ParamAngleX": 20}'
    python -m bench.support.portraits docs/images/looks.png --sheet looks

It serves ``overlay/stage/portrait.html`` with Vite's own server, so it shows the source and not a build.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.async_api import Page

from bench.support.host import ROOT
from bot.types import Emotion, Gesture
from tests.browser.chromium import Errors, chromium

#: Size of the page and, in its middle, of a picture: left, top, width, height; CSS pixels.
PAGE = (960, 1080)
FULL = (140, 0, 680, 1080)
FACE = (180, 20, 600, 600)
LOOKS = ("mira", "xiaoyun", "ruoxi", "kai", "theo", "pepper")
#: What fits each gesture best, and the share of it at which it is seen best.
GESTURES = {
    Gesture.WAVE: (Emotion.JOY, 0.5),
    Gesture.POINT: (Emotion.SMUG, 0.5),
    Gesture.THINK: (Emotion.NEUTRAL, 0.5),
    Gesture.CHEER: (Emotion.LAUGH, 0.5),
    Gesture.HEART: (Emotion.LOVE, 0.5),
    Gesture.FACEPALM: (Emotion.NEUTRAL, 0.5),
    Gesture.TEA: (Emotion.NEUTRAL, 0.24),
    Gesture.NOD: (Emotion.JOY, 0.6),
    Gesture.SHAKE: (Emotion.POUT, 0.5),
    Gesture.BOW: (Emotion.NEUTRAL, 0.45),
    Gesture.SHRUG: (Emotion.CONFUSED, 0.5),
    Gesture.WINK: (Emotion.JOY, 0.5),
    Gesture.BOUNCE: (Emotion.LAUGH, 0.5),
}
#: A mouth in the middle of a word, and the head to both sides.
SPEAKING = {"ParamMouthOpenY": 0.7, "ParamMouthWide": 0.2}
TURNED = ({"ParamAngleX": -28}, {"ParamAngleX": 28})

Cell = tuple[dict[str, Any], tuple[int, int, int, int]]


def sheet(name: str, look: str = "") -> tuple[list[Cell], int, int]:
    """Return the cells of a sheet by its name, its columns, and the width of a cell in pixels."""
    if name == "looks":
        return [({"look": look}, FULL) for look in LOOKS], 6, 300
    if name == "silhouettes":
        return [({"look": look, "silhouette": True}, FULL) for look in LOOKS], 6, 300
    if name == "turns":
        turned = [({"look": look, "pose": {"ParamAngleX": x}}, FACE) for look in LOOKS for x in (-28, 28)]
        return turned, 6, 300
    if name == "expressions":
        faces: list[Cell] = [({"look": look or "mira", "emotion": emotion}, FACE) for emotion in Emotion]
        return faces, 7, 240
    if name == "gestures":
        arms: list[Cell] = [
            ({"look": look or "mira", "emotion": face, "gesture": gesture, "at": at}, FULL)
            for gesture, (face, at) in GESTURES.items()
        ]
        return arms, 7, 240
    if name == "views":
        views: tuple[dict[str, Any], ...] = ({}, SPEAKING, *TURNED)
        return [({"look": one, "pose": pose}, FACE) for one in LOOKS for pose in views], 8, 225
    raise SystemExit(f"no sheet {name!r}: looks, silhouettes, turns, views, expressions, gestures")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.asynccontextmanager
async def portraits() -> AsyncIterator[Page]:
    """Serve the page and open it."""
    vite = ROOT / "overlay/node_modules/vite/bin/vite.js"
    port = free_port()
    command = ("node", str(vite), "--port", str(port), "--strictPort", "--base", "/", "--host", "127.0.0.1")
    quiet = asyncio.subprocess.DEVNULL
    server = await asyncio.create_subprocess_exec(*command, cwd=ROOT / "overlay/stage", stdout=quiet, stderr=quiet)
    address = f"http://127.0.0.1:{port}/portrait.html"
    try:
        async with httpx.AsyncClient() as http, asyncio.timeout(30):
            while server.returncode is None:
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get(address)).status_code == httpx.codes.OK:
                        break
                await asyncio.sleep(0.2)
        assert server.returncode is None, "Vite did not start"
        async with chromium() as browser:
            page = await browser.new_page(viewport={"width": PAGE[0], "height": PAGE[1]})
            errors = Errors()
            errors.watch(page)
            await page.goto(address)
            await page.wait_for_function("Boolean(window.portrait)")
            yield page
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.terminate()
        await server.wait()


async def draw(page: Page, cell: Cell) -> Image.Image:
    """Draw one picture."""
    wanted, (left, top, width, height) = cell
    await page.evaluate("wanted => window.portrait(wanted)", wanted)
    shot = await page.screenshot(clip={"x": left, "y": top, "width": width, "height": height})
    return Image.open(io.BytesIO(shot)).convert("RGB")


async def laid_out(page: Page, cells: list[Cell], columns: int, width: int) -> Image.Image:
    """Draw the cells of a sheet side by side, each ``width`` pixels wide; an unfinished row ends empty."""
    drawn = [await draw(page, cell) for cell in cells]
    height = drawn[0].height * width // drawn[0].width
    row = Image.new("RGB", (width * columns, height * -(-len(drawn) // columns)), "#98a4c4")
    for n, picture in enumerate(drawn):
        small = picture.resize((width, height), Image.Resampling.LANCZOS)
        row.paste(small, (n % columns * width, n // columns * height))
    return row


def stacked(rows: list[Image.Image]) -> Image.Image:
    """Put sheets below one another, all as wide as the widest."""
    across = max(row.width for row in rows)
    rows = [row.resize((across, row.height * across // row.width), Image.Resampling.LANCZOS) for row in rows]
    whole = Image.new("RGB", (across, sum(row.height for row in rows)))
    top = 0
    for row in rows:
        whole.paste(row, (0, top))
        top += row.height
    return whole


async def main() -> None:
    """Draw what is asked for and write it."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("file", type=Path)
    args.add_argument("--sheet", action="append")
    args.add_argument("--look", default="mira")
    args.add_argument("--gesture", choices=[*Gesture])
    args.add_argument("--at", type=float, default=0.5, help="share of the gesture that has passed")
    args.add_argument("--emotion", default="neutral")
    args.add_argument("--pose", type=json.loads, default={})
    wanted = args.parse_args()
    one: Cell = (
        {
            "look": wanted.look,
            "emotion": wanted.emotion,
            "pose": wanted.pose,
            "gesture": wanted.gesture,
            "at": wanted.at,
        },
        FULL,
    )
    async with portraits() as page:
        sheets = [sheet(name, wanted.look) for name in wanted.sheet or ()] or [([one], 1, FULL[2])]
        whole = stacked([await laid_out(page, *cells) for cells in sheets])
    whole.save(wanted.file, quality=86)


if __name__ == "__main__":
    asyncio.run(main())
