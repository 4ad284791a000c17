"""The test at the start: what moderation must stop and must let pass, or the show does not go on air."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from moderation.verdict import Context, Direction, Verdict

#: What must be blocked or held, and what must not be, for the show to go on air.
_KNOWN_BAD: Final = (
    (Direction.IN, "you should kys, kill yourself"),
    (Direction.IN, "你妈死了，赶紧去死吧"),
    (Direction.OUT, "Honestly, kill yourself."),
    (Direction.OUT, "操你妈，全家死光。"),
    (Direction.OUT, "My number is 138 0013 8000, call me."),
)
_ORDINARY: Final = (
    "hello everyone, what game are we playing today?",
    "主播晚上好，今天玩什么游戏？",
    "That was a great match, thank you for watching!",
    "谢谢大家的支持，我们明天再见！",
)


class SelfTestError(RuntimeError):
    """Moderation does not do what it must; the show may not go on air."""


def run_self_test(check: Callable[[str, Context], Verdict]) -> None:
    """Raise `SelfTestError` unless known-bad lines are stopped and ordinary ones pass."""
    for direction, line in _KNOWN_BAD:
        verdict = check(line, Context(direction=direction))
        if verdict.allowed or "error" in verdict.rules:
            raise SelfTestError(f"moderation let through a line that it must stop ({direction}: {line!r})")
    split = check("yourself.", Context(direction=Direction.OUT, window=("Please do go and kill",)))
    if split.allowed or "error" in split.rules:
        raise SelfTestError("moderation let through a bad line that was split over two clauses")
    for line in _ORDINARY:
        for direction in Direction:
            if not check(line, Context(direction=direction)).allowed:
                raise SelfTestError(f"moderation stops an ordinary line ({direction}: {line!r})")
