"""The kinds of segments by name. A kind is a file in `bot.show.segments.kinds`, imported when it is first wanted."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from bot.runtime.settings import Section
from bot.show.segments.segment import ChatMode, SegmentHost


class SegmentKind(StrEnum):
    """What a segment of the programme can be."""

    TALK = "talk"
    QUESTIONS = "questions"
    POLL = "poll"
    QUIZ = "quiz"
    STORY = "story"
    READING = "reading"
    MEDIA = "media"
    COUNTDOWN = "countdown"
    BREAK = "break"
    RECAP = "recap"
    RAID_OUT = "raid_out"
    GOODBYE = "goodbye"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its options, how it is performed, and how chat is treated meanwhile unless the programme says."""

    config: type[Section]
    perform: Callable[[Any, SegmentHost], Awaitable[None]]
    chat: ChatMode


#: Files that cannot have the name of their kind: it is a word of the language.
_FILES: Final[Mapping[SegmentKind, str]] = MappingProxyType({SegmentKind.BREAK: "pause"})


def load(kind: SegmentKind) -> Kind:
    """Return a kind."""
    module = importlib.import_module(f"bot.show.segments.kinds.{_FILES.get(kind, kind.value)}")
    return Kind(module.Config, module.perform, module.CHAT)
