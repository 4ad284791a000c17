"""Chat that is not for the host: lines of other bots, commands for them, lines that show nothing.

A payment is never among it, whoever sends it and whatever it says.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.intake.addressing import NameMatcher, leading_mentions
from bot.intake.settings import IntakeSettings
from bot.text.sanitize import plain
from bot.types import Kind, Message, Role

#: Logins under which bots write in many channels, in lower case.
KNOWN_BOTS = frozenset(
    """
    ankhbot blerp botisimo botrixofficial buttsbot coebot creatisbot deepbot dixperbro dotabod fossabot
    frostytoolsdotcom hnlbot kikettebot kofistreambot lattemotte lolrankbot mikuia mixitupapp moobot
    muxybot nightbot ohbot overlayexpert peepostreambot phantombot playwithviewersbot pokemoncommunitygame
    pretzelrocks quackerbot restreambot revlobot scorpbot sery_bot slanderbot songlistbot soundalerts
    ssakdook stay_hydrated_bot streamcaptainbot streamelements streamjar streamlabs streamlootsbot
    supibot tangiabot thepositivebot titlechange_bot trackerggbot vivbot wizebot wzbot xanbot
    """.split()
)
#: What platforms call the badge of a bot, without what stands between the words.
_BADGES = frozenset({"bot", "botbadge", "chatbot"})
#: Why a line is not for the host.
EMPTY, BY_A_BOT, FOR_A_BOT = "it shows nothing", "written by a bot", "a command for a bot"
_NOT_LETTERS = re.compile(r"[\W_]+")


class IgnoreRules:
    """Says of a chat line why it is not for the host."""

    def __init__(self, settings: IntakeSettings | None = None) -> None:
        settings = settings or IntakeSettings()
        bots = {_login(name) for name in (*KNOWN_BOTS, *settings.bots)}
        self._bots = bots - {""}
        self._answer_bots = settings.answer_bots
        self._command = None if settings.answer_commands else _command(plain(settings.command_marks))

    def reason(self, message: Message, names: NameMatcher) -> str:
        """Return why a line is not for the host, in words; empty when it may be.

        ``names`` are the host's: what begins with one of them, with or without an @, is no command for somebody else.
        """
        if message.kind is not Kind.CHAT:
            return ""
        text = plain(message.text)
        if not text:
            return EMPTY
        if not self._answer_bots and self.by_a_bot(message):
            return BY_A_BOT
        if self._command is None:
            return ""
        whom, rest = leading_mentions(text)
        if any(map(names.matches, whom)) or not (found := self._command.match(rest)):
            return ""
        return "" if names.matches(found["word"]) else FOR_A_BOT

    def by_a_bot(self, message: Message) -> bool:
        """Return whether another bot wrote a line, whether such lines are answered or not."""
        author, bots = message.author, self._bots
        if Role.BOT in author.roles or any(_badge(badge) in _BADGES for badge in author.badges):
            return True
        return _login(author.name) in bots or _login(author.id.rpartition(":")[2]) in bots


@lru_cache(maxsize=4096)
def _login(name: str) -> str:
    """Return a name without what a platform, or the cleaning of names, may put between its letters."""
    return _NOT_LETTERS.sub("", plain(name)).casefold()


def _badge(badge: str) -> str:
    """Return what a badge is called, without its version: "Bot-Badge/1" is "botbadge"."""
    return _login(badge.partition("/")[0])


def _command(marks: str) -> re.Pattern[str] | None:
    """Return the pattern of a command: a mark, and at once a word without a further mark in it.

    So ``#topic#`` and ``/r/games`` are none. ``!8ball`` is one; ``#1`` and ``/10`` are a place and a score.
    """
    signs = "".join(dict.fromkeys(sign for sign in marks if not sign.isspace() and not sign.isalnum()))
    if not signs:
        return None
    several = re.escape(signs)
    return re.compile(rf"(?=!\w|[{several}][^\W\d_])(?P<mark>[{several}])(?P<word>(?:(?!(?P=mark))\S)+)(?:\s|$)")
