"""What the panel gets and orders of the names that are read aloud in another spelling."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from bot.stage.protocol import Model
from bot.text.pronunciations import MAX_NAME, MAX_SPELLING, checked, checked_name

Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME), AfterValidator(checked_name)]
Spelling = Annotated[str, StringConstraints(min_length=1, max_length=MAX_SPELLING), AfterValidator(checked)]
#: Nothing stands for all languages.
Tongue = Literal["", "en", "zh", "ja"]


class PronunciationIn(Model):
    """``POST /api/pronunciations``: read a name aloud so; it takes the place of what was said of it before."""

    name: Name
    spelled: Spelling
    language: Tongue = ""


class ForgetPronunciationIn(Model):
    """``POST /api/pronunciations/drop``: read a name as it is written, or as the persona says."""

    name: Name
    language: Tongue = ""


class PronunciationItem(Model):
    """One name. ``own``: it stands in the operator's list; else in the persona's file."""

    name: str
    spelled: str
    language: Tongue
    own: bool


class PronunciationView(Model):
    """``GET /api/pronunciations``: the operator's names, then the persona's that they leave as they are."""

    names: list[PronunciationItem]
    room: int
