"""Named layouts of the stage page: where each layer stands, in percent of the page, and how large its letters are."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from bot.stage.layers.vocabulary import Layer, Shown, Theme

#: Most layouts that are kept.
MAX_LAYOUTS: Final = 24
#: What ``?layout=`` means by itself, so that no layout may be called so.
RESERVED: Final = frozenset({"wide", "tall", "auto"})
#: Where the AI label stands that a layout with the host lacks, in percent: x, y, width, height.
LABEL_AT: Final = (80.0, 2.0, 18.0, 6.0)
#: The AI label's letters are at least so large, and its box lies within the page.
LEAST_LABEL: Final = 0.7
_NAME: Final = re.compile(r"\w[\w -]{0,29}", re.UNICODE)


def checked_name(text: str) -> str:
    """Return a layout's name in its usual form. Raise `ValueError` with what is wrong."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not _NAME.fullmatch(name):
        raise ValueError("a name has 1 to 30 letters, digits, spaces, - and _, and begins with a letter or a digit")
    if name.casefold() in RESERVED:
        raise ValueError(f"{name!r} has a meaning of its own in addresses")
    return name


LayoutName = Annotated[str, Field(max_length=120), AfterValidator(checked_name)]
SourceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Place = Annotated[float, Field(ge=-50, le=100, allow_inf_nan=False)]
Extent = Annotated[float, Field(ge=2, le=150, allow_inf_nan=False)]


class Box(Shown):
    """Where a layer stands: its upper left corner, width and height in percent of the page, and the size of letters."""

    layer: Annotated[Layer, Field(strict=False)]
    x: Place
    y: Place
    w: Extent
    h: Extent
    #: 1 is the usual size.
    size: Annotated[float, Field(ge=0.4, le=3, allow_inf_nan=False)] = 1.0

    @model_validator(mode="after")
    def _on_the_page(self) -> Self:
        if not (self.x + self.w > 0 and self.y + self.h > 0 and self.x < 100 and self.y < 100):
            raise ValueError(f"the layer {self.layer} stands outside of the page")
        return self


class Layout(Shown):
    """What a page shows, and where. Boxes that come later lie above."""

    shape: Literal["wide", "tall"] = "wide"
    #: None: the theme of the settings.
    theme: Annotated[Theme | None, Field(strict=False)] = None
    #: Whose chat and alerts; empty for the first platform, "all" for all.
    platforms: Annotated[list[SourceName], Field(max_length=12)] = Field([])
    boxes: Annotated[list[Box], Field(min_length=1, max_length=len(Layer))]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        names = [box.layer for box in self.boxes]
        if len(set(names)) < len(names):
            raise ValueError("a layer stands in a layout once")
        if Layer.AVATAR in names and Layer.LABEL not in names:
            x, y, w, h = LABEL_AT
            self.boxes.append(Box(layer=Layer.LABEL, x=x, y=y, w=w, h=h))
        for box in self.boxes:
            if box.layer is Layer.LABEL and not _can_be_read(box):
                raise ValueError("the AI label stands where viewers cannot read it: too small, or over the page's edge")
        return self


def _can_be_read(box: Box) -> bool:
    return (
        box.size >= LEAST_LABEL
        and box.x >= 0 and box.y >= 0 and box.x + box.w <= 100.01 and box.y + box.h <= 100.01
        and box.w >= 4 and box.h >= 2
    )  # fmt: skip
