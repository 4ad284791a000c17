"""What a segment of the programme is to the rest: one file in this folder for each kind.

A kind's file holds ``class Config(Section)``, its options, and ``async def perform(config, host)``: it says and asks
what it wants through its `SegmentHost` and returns when it is over. It is cancelled when its time is up or a person
goes on. What it must not say twice it keeps in ``host.memory`` and saves; after a crash it is performed again with
that memory and the same ``host.run``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from bot.types import Message


class ChatMode(StrEnum):
    """How chat is treated while a segment is on."""

    ALL = "all"  # answered as ever
    ADDRESSED = "addressed"  # only what speaks to the host
    PAID = "paid"  # only payments are thanked
    COLLECT = "collect"  # kept, and answered when the segment ends
    VOTES = "votes"  # read as votes or answers; not answered


@dataclass(frozen=True, slots=True)
class Brief:
    """What the model is to say of its own accord. ``task`` is the owner's; ``material`` is data that others wrote.

    ``prepared`` is said as it is when no model answers; without it the piece is left out then.
    """

    task: str
    material: Sequence[str] = ()
    prepared: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the audience heard of something that a segment said; ``complete`` when it was not cut."""

    text: str
    complete: bool


class SegmentHost(Protocol):
    """What a segment may do. Each order waits for its turn behind payments and what the chat mode lets through."""

    #: What the segment remembers over a restart, and from one run to its next: JSON values alone, at most 64 kB.
    memory: dict[str, Any]

    @property
    def run(self) -> str:
        """The name of this run: the same when it is performed again after a crash, another one the next time."""
        ...

    @property
    def folder(self) -> Path:
        """Where the relative paths of the segment's options begin: the folder of the programme's file."""
        ...

    @property
    def language(self) -> str:
        """The show's language: "en", "zh" or "ja"."""
        ...

    @property
    def remaining_s(self) -> float:
        """Seconds until the segment's time is up; infinite when it has no length."""
        ...

    async def save(self) -> None:
        """Make ``memory`` durable. Never raises: what cannot be written is tried again."""
        ...

    async def say(self, text: str) -> Heard:
        """Speak words as they are, if moderation allows; return what was heard."""
        ...

    async def improvise(self, brief: Brief) -> Heard:
        """Speak what the model composes within the persona; return what was heard."""
        ...

    async def ask(self, task: str, material: Sequence[str] = (), *, max_tokens: int = 60) -> str:
        """Return the model's answer unspoken (to judge an answer leniently); empty when no model answers in time."""
        ...

    async def wait(self, seconds: float) -> None:
        """Wait on the show's clock, at most until the segment's time is up."""
        ...

    async def next_line(self, seconds: float) -> Message | None:
        """Return the next moderated chat line that came in since the last call; None when none comes in time."""
        ...

    def stands(self, source: str, message_id: str, author_id: str) -> bool:
        """Return whether a line that was read may still be used: its platform took neither it nor its writer back."""
        ...

    async def cue(self, name: str, values: Mapping[str, object] | None = None) -> bool:
        """Run a cue of the director; return whether it was done. Never raises."""
        ...

    async def act(self, action: str, values: Mapping[str, object]) -> str:
        """Return what was done on the platforms: "poll", "raid", "title", "announce". Raises `Refused`.

        "announce" writes ``text`` into the chats. "poll" takes ``title``, ``choices`` and ``seconds``; where it was
        begun, the answer has a "platform: …" for each, with "; " between them. "raid" takes the ``channel``.
        """
        ...

    def votes(self, title: str, choices: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """Return the votes of the platforms' own polls of this title by platform, one number for each choice."""
        ...

    async def play(self, source: str, file: Path | None) -> float:
        """Play a file in a media source of the mixer; return its length in seconds, 0.0 when the mixer cannot tell.

        ``None`` stops what plays there. Raises `Refused` when no mixer can; see `bot.stage.media`.
        """
        ...

    async def recent(self, hours: float) -> Sequence[str]:
        """Return what happened of late, from the ledger, one plain sentence each: payments, raids, segments, turns."""
        ...
