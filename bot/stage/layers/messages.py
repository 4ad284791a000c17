"""What a page is told for each layer it asked for, one model a message. All of it may be seen by everybody.

Texts of strangers come here moderated, on one line and without control characters.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.stage.layers.layouts import Layout
from bot.stage.layers.vocabulary import Shown, StingerKind, Theme

#: Longest name and longest line that a page is sent, in characters.
MAX_NAME, MAX_LINE = 50, 500
Name = Annotated[str, Field(max_length=MAX_NAME)]
Line = Annotated[str, Field(max_length=MAX_LINE)]
Tier = Annotated[int, Field(ge=0, le=4)]


class Dress(Shown):
    """How the layers look. ``css`` is the version of the streamer's own style (0: none), ``sources`` the platforms.

    ``volume`` is that of the alerts' sounds, 0 for none. ``files`` are the streamer's own sounds and pictures of alerts
    by their names in addresses ("sound-3", "image-0"), each with its version.
    """

    type: Literal["dress"] = "dress"
    theme: Theme
    css: int
    sources: list[str]
    volume: Annotated[float, Field(ge=0, le=1)] = 0.0
    files: dict[str, int] = Field({})


class Part(Shown):
    """A stretch of a line; ``emote`` is where its picture is on this server, empty for words."""

    text: Line
    emote: str = ""


class ChatLine(Shown):
    """A line of a viewer, or what they gave. ``key`` names it in `ChatGone`; gifts with one ``combo`` are one line.

    ``tier`` is 0 for a line that nobody paid for, else 1 (small) to 4 (very large).
    """

    type: Literal["chat"] = "chat"
    key: str
    source: str
    author: Name
    role: Literal["", "broadcaster", "moderator", "vip", "subscriber", "bot"] = ""
    kind: str
    parts: list[Part]
    amount: str = ""
    item: str = ""
    count: int = 1
    combo: str = ""
    tier: Tier = 0


class ChatGone(Shown):
    """Lines that were deleted: off the screen at once, and out of alerts and whatever else shows them."""

    type: Literal["chat_gone"] = "chat_gone"
    keys: list[str]


class Answering(Shown):
    """The message that is being answered; without a ``key`` none is."""

    type: Literal["answer"] = "answer"
    key: str = ""
    source: str = ""
    author: Name = ""
    kind: str = ""
    text: Line = ""
    more: int = 0


class Alert(Shown):
    """What somebody gave: ``line`` is the host's own, ``text`` the viewer's. Each ``id`` is told once.

    Of all open pages one is told to make the ``sound``, so that it is never heard twice.
    """

    type: Literal["alert"] = "alert"
    id: str
    source: str
    kind: str
    author: Name
    line: Line
    text: Line
    amount: str
    item: str
    count: int
    combo: str
    tier: Tier
    sound: bool = False


class GoalState(Shown):
    """How far a goal is."""

    title: str
    value: float
    target: float
    unit: str


class Goals(Shown):
    """All goals, and the level of the platform's hype train (0: none runs)."""

    type: Literal["goals"] = "goals"
    goals: list[GoalState]
    hype: int = 0


class VoteState(Shown):
    """The vote or the question that is on; without a ``title`` none is. ``counts`` is empty for a question."""

    type: Literal["vote"] = "vote"
    kind: str = ""
    title: str = ""
    choices: list[str] = Field([])
    counts: list[int] = Field([])
    number: int = 0
    total: int = 0
    left_s: float = 0.0
    answer: str = ""


class SegmentState(Shown):
    """The segment on air, and what comes next with its time of day; ``left_s`` is null when it has no length."""

    type: Literal["segment"] = "segment"
    name: str = ""
    kind: str = ""
    left_s: float | None = None
    length_s: int | None = None
    next: str = ""


class Screen(Shown):
    """Where the show stands; the page covers the picture in all states but ``live``."""

    type: Literal["screen"] = "screen"
    state: Literal["offline", "starting", "live", "break", "technical", "ending"]


class NowPlaying(Shown):
    """What is being played, and by whom; without a ``title`` nothing is."""

    type: Literal["playing"] = "playing"
    title: Line = ""
    by: Line = ""


class Stinger(Shown):
    """Cover the picture for a moment and open it again, for a change of scene; ``text`` stands on the cover."""

    type: Literal["stinger"] = "stinger"
    kind: Annotated[StingerKind, Field(strict=False)]
    text: Name = ""


class Translation(Shown):
    """A clause in the second language of the captions; it comes when it is ready, or not at all."""

    type: Literal["translation"] = "translation"
    epoch: int
    clause: int
    text: Line
    language: str


class LayoutShown(Shown):
    """The layout that the page's address names, now and at each change; null when there is none of that name."""

    type: Literal["layout"] = "layout"
    layout: Layout | None


LayerMessage = (
    Dress | ChatLine | ChatGone | Answering | Alert | Goals | VoteState | SegmentState | Screen | NowPlaying | Stinger
    | Translation | LayoutShown
)  # fmt: skip
