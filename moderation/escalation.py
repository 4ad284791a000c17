"""Escalation: what a viewer's offences, one after another, lead to.

    hold ─▶ delete ─▶ timeout ─▶ ban        (the steps are the policy's; the last one stays)

Pure bookkeeping with the time given. An offence is a message that was held or blocked for what it
says: bad manners (capitals, length, zalgo) are no offence. Only a sure one counts, so that a false
alarm never bans anybody: one that was merely held, below `SURE`, leads to the first step alone and
is not counted.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Final

from moderation.policy import Category, Mode, Policy, Step, StepAction
from moderation.verdict import Action, Reason, Verdict

#: A message that was only held counts from this score on.
SURE: Final = 0.8
#: Viewers whose offences are remembered; the one whose last offence is longest ago goes first.
MAX_VIEWERS: Final = 10_000
#: More offences than there can be steps need not be told apart.
_MAX_OFFENCES: Final = 10
#: A finding in these is no harm to others: who wants to die needs help, and is not sent away for it.
_HARMLESS: Final = frozenset({Category.STYLE.value, Category.ECHO.value, Category.SELF_HARM.value, "error"})


#: The Chinese model names no category: what it alone stops may be the words of somebody who wants to die.
_UNNAMED: Final = "classifier:zh"


def offends(verdict: Verdict) -> bool:
    """Return whether a message was stopped for what it says, and not for how it is written."""
    return not verdict.allowed and any(reason.category not in _HARMLESS for reason in _stopping(verdict))


def is_sure(verdict: Verdict) -> bool:
    """Return whether an offence is sure enough to lead beyond the first step."""
    named = any(reason.rule != _UNNAMED for reason in _stopping(verdict))
    return verdict.action is Action.BLOCK or (verdict.score >= SURE and named)


def _stopping(verdict: Verdict) -> list[Reason]:
    return [reason for reason in verdict.reasons if reason.action.severity >= Action.HOLD.severity]


class Ladder:
    """Counts offences by viewer. ``policy_of`` gives the policy of a platform."""

    def __init__(self, policy_of: Callable[[str], Policy], most: int = MAX_VIEWERS) -> None:
        self._policy_of, self._most = policy_of, most
        self._viewers: OrderedDict[tuple[str, str], deque[tuple[float, Hashable]]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many viewers are remembered."""
        return len(self._viewers)

    def record_offence(
        self, platform: str, viewer: str, verdict: Verdict, now: float, key: Hashable = ""
    ) -> Step | None:
        """Record what may be an offence; return the step that it leads to, None when it leads to nothing.

        ``key`` names the message, for `take_back`.
        """
        policy = self._policy_of(platform).escalation
        if policy.mode is Mode.OFF or not offends(verdict):
            return None
        if not is_sure(verdict):
            return policy.steps[0] if policy.steps[0].action is StepAction.HOLD else None
        offences = self._viewers.setdefault((platform, viewer), deque(maxlen=_MAX_OFFENCES))
        self._viewers.move_to_end((platform, viewer))
        while len(self._viewers) > self._most:
            self._viewers.popitem(last=False)
        _forget(offences, now - policy.forget_s)
        offences.append((now, key))
        return policy.steps[min(len(offences), len(policy.steps)) - 1]

    def count(self, platform: str, viewer: str, now: float) -> int:
        """Return how many offences of a viewer count now, up to ten."""
        offences = self._viewers.get((platform, viewer))
        if offences is None:
            return 0
        _forget(offences, now - self._policy_of(platform).escalation.forget_s)
        return len(offences)

    def forget(self, platform: str, viewer: str) -> None:
        """Forget all offences of a viewer."""
        self._viewers.pop((platform, viewer), None)

    def take_back(self, platform: str, viewer: str, key: Hashable) -> bool:
        """Forget one offence: it was none."""
        offences = self._viewers.get((platform, viewer))
        if offences is None:
            return False
        left = [offence for offence in offences if offence[1] != key]
        if found := len(left) < len(offences):
            offences.clear()
            offences.extend(left)
        if not offences:
            del self._viewers[platform, viewer]
        return found


def _forget(offences: deque[tuple[float, Hashable]], before: float) -> None:
    while offences and offences[0][0] < before:
        offences.popleft()
