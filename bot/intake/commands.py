"""Lines of the chat that are commands for the host: a mark, and at once a word ("!help", "！帮助").

What such a line does is decided elsewhere (`bot.show.commands`). It has passed all of the way in before: moderation,
names and deletions concern it like any other; it only never waits for an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Protocol

from bot.intake.addressing import NameMatcher, leading_mentions
from bot.text.sanitize import plain
from bot.types import Message

#: Longest name of a command, and longest rest of its line that is looked at, in characters.
MAX_NAME, MAX_ARGUMENT = 40, 100
#: What the reason begins with by which a command leaves: it was no line to be answered.
COMMAND: Final = "a command: "
#: What ends a sentence, and no name of a command: "!why?"
_ENDING = re.compile(r"[^\w]+\Z")
#: First characters of a line that may hold a command behind a mention.
_MENTIONS = "@回"


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A line as a command: its ``name`` as names are compared, and what was written behind it."""

    name: str
    argument: str = ""


class Commands(Protocol):
    """Whoever carries commands out."""

    def read(self, message: Message, names: NameMatcher) -> CommandLine | None:
        """Return the command that a line is, if it is one of the host's; ``names`` are what the host is called."""
        ...

    def take(self, message: Message, command: CommandLine) -> str:
        """Run a command; return in words what was done, beginning with `COMMAND`. Never waits or raises."""
        ...


def name_of(word: str) -> str:
    """Return a name in the one form in which names are compared: in one width, without what cannot be seen."""
    folded = plain(word).casefold()
    return folded if folded.isascii() else plain(folded)


def command_in(message: Message, prefix: str, names: NameMatcher) -> CommandLine | None:
    """Return the command that a line is; None for one that is none. ``prefix`` is plain.

    A line that begins with a mention is one only when it mentions the host.
    """
    text = message.text
    if text.isascii() and not text.lstrip().startswith((prefix, "@")):
        return None
    text = plain(text)
    if text.startswith(tuple(_MENTIONS)):
        whom, text = leading_mentions(text)
        if whom and not (message.addressed or any(map(names.matches, whom))):
            return None
    if not text.startswith(prefix):
        return None
    word, _, rest = text[len(prefix) :].partition(" ")
    name = _ENDING.sub("", name_of(word[: MAX_NAME + 1]))
    if not name or len(name) > MAX_NAME:
        return None
    return CommandLine(name, rest.strip()[:MAX_ARGUMENT])
