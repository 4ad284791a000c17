"""Where alerts stand by themselves: beside the host's face, in a wide page and in a tall one."""

from __future__ import annotations

from typing import Any

import pytest

from bot.stage.hub import Overlay
from bot.stage.protocol import Captions, Look, Settings
from tests.browser.bare_stage import served
from tests.browser.chromium import Errors, chromium

pytestmark = pytest.mark.browser

#: The face of the built-in figure from the brows to the chin, in its own units, as `builtin/figure.ts` places it.
RECTS = """
() => {
  const canvas = document.getElementById("avatar").getBoundingClientRect();
  const scale = Math.min(canvas.height / 625, canvas.width / 470);
  const brows = canvas.bottom - 468 * scale;
  const { top, bottom } = document.querySelector(".alert").getBoundingClientRect();
  return { face: [brows, brows + 104 * scale], alert: [top, bottom], height: innerHeight };
}
"""


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280)])
@pytest.mark.parametrize("layers", ["avatar,alerts", "avatar,alerts,chat,goals,playing,segment"])
async def test_an_alert_leaves_the_face_to_be_seen(size: tuple[int, int], layers: str) -> None:
    errors = Errors()
    stage = Overlay(Settings(name="Mira", look=Look(), captions=Captions(), label="AI"))
    async with served(stage) as base, chromium() as browser:
        page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
        errors.watch(page)
        await page.goto(f"{base.partition('?')[0]}?sample=1&role=view&lang=en&layers={layers}")
        await page.wait_for_selector(".alert.tier-2 .text")
        await page.add_style_tag(content=".alert { animation: none !important }")
        # As much as a viewer can have written.
        long = "so many words of thanks for all of these evenings together with you and the lamp " * 2
        await page.evaluate("(text) => (document.querySelector('.alert .text').textContent = text)", long[:160])
        seen: dict[str, Any] = await page.evaluate(RECTS)
        (brows, chin), (top, bottom) = seen["face"], seen["alert"]
        assert bottom <= brows + 2 or top >= chin, seen
        assert top >= 0
        assert bottom <= seen["height"]
    assert errors == []
