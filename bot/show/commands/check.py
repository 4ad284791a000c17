"""What ``haishin check`` says of the chat's commands and timers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from bot.errors import ConfigError
from bot.show.chat_replies import LONGEST, WRITES_FOR
from bot.show.commands.settings import FOR_MODERATORS, BuiltIn, CommandSettings, Timer
from moderation import Verdict

#: Chats that are there without a setting.
_ALWAYS = frozenset({"local"})


def describe(
    settings: CommandSettings, timers: Sequence[Timer], connected: Collection[str], judge: Callable[[str], Verdict]
) -> str:
    """Return the commands and timers in words, with what works in part alone. Raise `ConfigError` for what is wrong.

    ``connected`` are the sources that are configured, ``judge`` gives the verdict on a text that the host says.
    """
    for timer in timers:
        if lacking := [name for name in timer.sources if name not in {*connected, *_ALWAYS}]:
            raise ConfigError(
                f"the timer {timer.text[:40]!r} is for {lacking[0]}, which is not connected",
                remedy=f"set sources.{lacking[0]}, or take it out of the timer's sources",
            )
    for name, own in settings.own.items() if settings.enabled else ():
        if own.say and not (verdict := judge(own.say)).allowed:
            raise ConfigError(
                f"moderation does not let the host say what the command {name} orders: {', '.join(verdict.rules[:3])}",
                remedy="word it otherwise; what is only written (text) is not judged",
            )
    for_viewers = sum(one not in FOR_MODERATORS and one not in settings.disabled for one in BuiltIn)
    parts = [
        f"{for_viewers} for viewers, {len(settings.own)} of your own" if settings.enabled else "switched off",
        f"{len(timers)} timer(s)",
        *_in_part(settings, timers, connected),
    ]
    return "; ".join(parts)


def _in_part(settings: CommandSettings, timers: Sequence[Timer], connected: Collection[str]) -> Iterator[str]:
    for reads, writes in WRITES_FOR.items():
        if reads in connected and writes not in connected:
            yield f"{reads} only reads, so nothing is answered there: add sources.{writes}"
    texts = {name: own.text for name, own in settings.own.items()}
    texts |= {f"timer {number}": timer.text for number, timer in enumerate(timers, 1)}
    for chat, most in LONGEST.items():
        if chat in connected and (long := [name for name, text in texts.items() if len(text) > most]):
            yield f"cut to {most} characters on {chat}: {', '.join(long[:5])}"
