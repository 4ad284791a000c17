"""Layouts of the streamer's own: what one may say, where they are kept, and that open pages change at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.errors import Refused
from bot.stage.layers.board import Board, wish_of
from bot.stage.layers.layouts import MAX_LAYOUTS, Layout, checked_name
from bot.stage.layers.messages import SegmentState
from bot.stage.layers.shelf import LayoutShelf
from bot.stage.layers.vocabulary import Layer
from tests.stage.layers.test_board import Reader, line


def box(layer: str, **more: Any) -> dict[str, Any]:
    return {"layer": layer, "x": 1.0, "y": 2.0, "w": 30.0, "h": 20.0} | more


def layout(*boxes: dict[str, Any], **more: Any) -> Layout:
    return Layout.model_validate({"boxes": list(boxes), **more})


@pytest.mark.parametrize("name", ["", " ", "wide", "Tall", "a/b", "../x", "-a", "x" * 31, "a\nb\0", "<b>"])
def test_a_name_that_addresses_cannot_carry_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"a name has|a meaning of its own"):
        checked_name(name)


def test_a_name_may_be_of_any_script_and_has_one_form() -> None:
    assert checked_name("  竖屏  2 ") == "竖屏 2"
    assert checked_name("Cafe\u0301") == "Café"


@pytest.mark.parametrize(
    "wrong",
    [
        {"boxes": []},
        {"boxes": [box("chat"), box("chat")]},
        {"boxes": [box("nonsense")]},
        {"boxes": [box("chat", x=float("nan"))]},
        {"boxes": [box("chat", w=1e9)]},
        {"boxes": [box("chat", x=-40.0, w=30.0)]},
        {"boxes": [box("chat", size=0.01)]},
        {"boxes": [box("chat")], "platforms": ["Twitch!"]},
        {"boxes": [box("chat")], "theme": "sepia"},
        {"boxes": [box("chat")], "script": "x"},
        {"boxes": [box("label", size=0.4)]},
        {"boxes": [box("label", x=90.0)]},
    ],
)
def test_what_no_page_can_show_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Layout.model_validate(wrong)


def test_the_host_never_stands_without_the_label() -> None:
    assert [one.layer for one in layout(box("avatar")).boxes] == [Layer.AVATAR, Layer.LABEL]
    assert [one.layer for one in layout(box("chat")).boxes] == [Layer.CHAT]


async def test_layouts_are_kept_across_a_restart_and_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "layouts.jsonl"
    shelf = LayoutShelf(lambda _: None)
    await shelf.load(file)
    await shelf.put("Talk", layout(box("chat")), 0)
    await shelf.put("竖屏", layout(box("avatar"), shape="tall"), 0)
    with file.open("a", encoding="utf-8") as out:
        out.write('{"name": "broken", "layout": {"boxes": []}}\nno json\n')
    shown: list[list[str]] = []
    again = LayoutShelf(lambda all_: shown.append(list(all_)))
    await again.load(file)
    assert [one.name for one in again.all()] == ["Talk", "竖屏"]
    assert shown == [["Talk", "竖屏"]]
    assert await again.drop("Talk")
    assert not await again.drop("Talk")
    await shelf.load(file)
    assert [one.name for one in shelf.all()] == ["竖屏"]


async def test_two_panels_do_not_overwrite_each_other_and_the_shelf_is_bounded() -> None:
    shelf = LayoutShelf(lambda _: None)
    await shelf.load(None)
    kept = await shelf.put("Talk", layout(box("chat")), 0)
    await shelf.put("Talk", layout(box("clock")), kept.revision)
    with pytest.raises(Refused, match="changed elsewhere"):
        await shelf.put("Talk", layout(box("chat")), kept.revision)
    with pytest.raises(Refused, match="is gone"):
        await shelf.put("Gone", layout(box("chat")), 3)
    for number in range(MAX_LAYOUTS - 1):
        await shelf.put(f"n{number}", layout(box("chat")), 0)
    with pytest.raises(Refused, match="there are 24"):
        await shelf.put("more", layout(box("chat")), 0)


async def test_a_disk_that_refuses_changes_nothing(tmp_path: Path) -> None:
    shelf = LayoutShelf(lambda _: None)
    await shelf.load(tmp_path / "missing" / "layouts.jsonl")
    with pytest.raises(Refused, match="cannot be written"):
        await shelf.put("Talk", layout(box("chat")), 0)
    assert shelf.all() == []


class Placed(Reader):
    """A page with a layout."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.wish = wish_of("chat", "", name)


def test_an_open_page_follows_its_layout_and_is_told_how_new_layers_stand() -> None:
    page, other = Placed("Talk"), Placed("Other")
    board = Board(lambda: [page, other])
    board.show(SegmentState(name="Quiz night"))
    board.line(line("a"))
    board.greet(page)
    assert page.sent[-2:][0] == {"type": "layout", "layout": None}
    assert page.types()[-1] == "chat", "without such a layout it shows what its address says"
    page.sent.clear()
    other.sent.clear()
    board.lay_out({"Talk": layout(box("segment"), box("chat"))})
    assert page.types() == ["layout", "segment"]
    assert other.sent == []
    board.lay_out({"Talk": layout(box("segment"))})
    board.line(line("b"))
    assert page.types() == ["layout", "segment", "layout"]
    board.lay_out({"Talk": layout(box("segment"))})
    assert len(page.sent) == 3, "what has not changed is not told again"


def test_other_platforms_bring_their_lines() -> None:
    page = Placed("Talk")
    board = Board(lambda: [page])
    board.line(line("a", "bilibili_web"))
    page.sent.clear()
    board.lay_out({"Talk": layout(box("chat"), platforms=["twitch"])})
    assert page.types() == ["layout"]
    board.lay_out({"Talk": layout(box("chat"), platforms=["bilibili"])})
    assert page.types() == ["layout", "layout", "chat"]
