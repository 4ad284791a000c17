"""Draws the pictures of the built-in avatar that the documentation shows, from the page's own code.

    python -m scripts.make_contact_sheet

docs/images/looks.jpg        each look: neutral, speaking, turned to both sides
docs/images/expressions.jpg  each expression, of a woman, a man and the creature
docs/images/gestures.jpg     each gesture
docs/images/scenes.jpg       each scene by day and by night
docs/images/alive.webp       five seconds: somebody gives, and is thanked

It needs the extra ``dev`` (Playwright, Pillow) and ``overlay/node_modules``.
"""

from __future__ import annotations

import argparse
import asyncio
import io
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

from bench.support.host import ROOT
from bench.support.portraits import LOOKS, laid_out, portraits, sheet, stacked

IMAGES = ROOT / "docs" / "images"
#: Largest picture, in bytes: a reader's page is not to wait for it.
LARGEST, LARGEST_MOVING = 400_000, 1_500_000
SCENES = ("study", "cafe", "city", "seaside", "shrine", "cabin")
WIDE = (960, 540)
#: Frames a second and seconds of the moving picture, and its width in pixels.
FPS, SECONDS, WIDTH = 12, 5.0, 640


def save(picture: Image.Image, name: str) -> Path:
    """Write a JPEG as good as the bound allows."""
    file = IMAGES / name
    for quality in range(88, 40, -4):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if out.tell() <= LARGEST:
            break
    file.write_bytes(out.getvalue())
    return file


async def scenes(page: Page) -> Image.Image:
    """Draw each scene by day and by night, with one of the looks before it."""
    await page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    whole = Image.new("RGB", (4 * 480, 3 * 270))
    for n, (scene, look) in enumerate(zip(SCENES, LOOKS, strict=True)):
        for m, hour in enumerate(("day", "night")):
            wanted: dict[str, object] = {
                "look": look,
                "backdrop": scene,
                "hour": hour,
                "pose": {"ParamAngleX": 8 - 16 * m},
            }
            picture = await shot(page, "portrait", wanted)
            whole.paste(picture.resize((480, 270), Image.Resampling.LANCZOS), ((n % 2 * 2 + m) * 480, n // 2 * 270))
    return whole


async def moving(page: Page) -> list[Image.Image]:
    """Draw the frames of five seconds in which somebody gives and is thanked."""
    await page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    wanted = {"look": "mira", "backdrop": "study", "hour": "night"}
    frames = [await shot(page, "act", {**wanted, "seconds": n / FPS}) for n in range(int(FPS * SECONDS))]
    return [frame.resize((WIDTH, WIDTH * 9 // 16), Image.Resampling.LANCZOS) for frame in frames]


async def shot(page: Page, what: str, wanted: dict[str, object]) -> Image.Image:
    """Let the page draw, and take what is seen."""
    size = {"width": WIDE[0], "height": WIDE[1]}
    await page.evaluate(f"wanted => window.{what}(wanted)", {**wanted, **size})
    return Image.open(io.BytesIO(await page.screenshot())).convert("RGB")


async def main() -> None:
    """Draw what is asked for, or everything."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--only", choices=["looks", "expressions", "gestures", "scenes", "alive"], action="append")
    only = args.parse_args().only
    async with portraits() as page:
        for name, rows in {
            "looks": [sheet("views")],
            "expressions": [sheet("expressions", look) for look in ("mira", "kai", "pepper")],
            "gestures": [sheet("gestures", "ruoxi")],
        }.items():
            if not only or name in only:
                told(save(stacked([await laid_out(page, *row) for row in rows]), f"{name}.jpg"))
        if not only or "scenes" in only:
            told(save(await scenes(page), "scenes.jpg"))
        if not only or "alive" in only:
            frames = await moving(page)
            file = IMAGES / "alive.webp"
            for quality in (80, 70, 60, 50, 40):
                first, *rest = frames
                first.save(
                    file,
                    save_all=True,
                    append_images=rest,
                    duration=round(1000 / FPS),
                    loop=0,
                    quality=quality,
                    method=4,
                )
                if file.stat().st_size <= LARGEST_MOVING:
                    break
            told(file)


def told(file: Path) -> None:
    """Say what was written."""
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")  # noqa: T201 - the command's output


if __name__ == "__main__":
    asyncio.run(main())
