"""What a viewer is told of the queue and of their last line: how it stands, and nothing of others."""

from __future__ import annotations

from functools import partial

from bot.inbox.entries import viewer_of
from bot.show.commands.fates import Fate, Fates, told
from bot.show.commands.words import Say, word
from bot.show.loop import Show
from bot.types import Message, MessageOutcome


class Answers:
    """Words the answers of a show. Lines that wait are looked up, the others are remembered in ``fates``."""

    def __init__(self, show: Show, fates: Fates) -> None:
        self._show = show
        self._fates = fates

    def queue(self, message: Message, language: str, now: float) -> str:
        """Return how many lines wait, and how the asker's own line stands among them."""
        count = len(self._show.inbox)
        if not count:
            return word(Say.NOBODY_WAITS, language)
        text = word(Say.WAITING, language, count=count)
        fate = self._fates.of(viewer_of(message))
        if fate is not None and fate.outcome is MessageOutcome.QUEUED:
            text += (" " if language == "en" else "") + self._place(message.source, fate.id, language, now)
        return text

    def why(self, message: Message, fate: Fate, language: str, now: float, host: str) -> str:
        """Return why the asker's last line was or was not yet answered; ``host`` is what the host is called."""
        if fate.outcome is MessageOutcome.QUEUED:
            return self._place(message.source, fate.id, language, now)
        return word(told(fate.outcome, fate.reason), language, host=host)

    def _place(self, source: str, line: str, language: str, now: float) -> str:
        """Return how a line stands that was not settled yet."""
        facts = self._show.inbox.facts(source, line, now)
        say = partial(word, language=language)
        if facts is None:
            air = self._show.on_air
            here = air is not None and any((m.source, m.id) == (source, line) for m in air.plan.messages)
            return say(Say.ON_AIR if here else Say.WAITS_SOON)
        if facts.due_in_s is not None:
            return say(Say.WAITS_THANKS)
        if not self._show.takes_chat:
            return say(Say.WAITS_PAUSED)
        if facts.before:
            return say(Say.WAITS_BEHIND, before=facts.before)
        return say(Say.WAITS_LOT, rivals=facts.rivals) if facts.rivals > 1 else say(Say.WAITS_SOON)
