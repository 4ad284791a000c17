"""What moderation is told about a message beside its text, and the command that permits a link.

A check of a text knows nothing of the chat around it. Here is what it cannot see: the platform, the
writer's roles, who else wrote the same, who may post a link just now, and whether there is a flood.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.runtime.ratelimit import TokenBucket
from bot.text.sanitize import plain
from bot.types import Kind, Message, Role
from moderation import Context, Direction, Policy
from moderation.rules.copypasta import Copies, Permits, pasted

#: So many lines a second get every check; beyond that the classifier, the slowest one, is left out of unpaid ones.
#: In a flood one takes 500 to 600 µs, twice as long as in a row: this many are 6 % of a processor.
FULL_CHECKS_PER_S = 100.0
#: Longest permit, in seconds.
MAX_PERMIT_S = 3600.0
#: Sources whose policy is remembered.
_MANY = 100
_PERMIT = re.compile(r"!permit\s+@?(\S{1,100})(?:\s+(\d{1,5}))?\Z", re.IGNORECASE)


class ModerationContexts:
    """Makes the `Context` of each message. ``policy_of`` gives the policy of a source."""

    def __init__(
        self, policy_of: Callable[[str], Policy] = lambda _source: Policy(), *, full_per_s: float = FULL_CHECKS_PER_S
    ) -> None:
        self.permits = Permits()
        self._copies = Copies()
        self._policy_of = policy_of
        self._policies: dict[str, Policy] = {}
        self._per_s = full_per_s
        self._checks = TokenBucket(full_per_s, 0.0)

    def policy(self, source: str) -> Policy:
        """Return the policy that counts for a source."""
        policy = self._policies.get(source)
        if policy is None:
            policy = self._policy_of(source)
            if len(self._policies) < _MANY:
                self._policies[source] = policy
        return policy

    def rules_changed(self) -> None:
        """Ask for the policies anew."""
        self._policies.clear()

    def observe(self, message: Message, now: float) -> Context:
        """Tell what is known of a message. Counts it among the copies of its text, so call it once for each."""
        text, author = message.text, message.author
        if not text or message.kind is Kind.HOST:
            return Context(Direction.IN, exempt=True, platform=message.source, quick=not text)
        policy = self.policy(message.source)
        copies = 0
        if len(text) >= policy.copypasta_chars:
            copies = self._copies.record(pasted(text), (message.source, author.id), now)
        return Context(
            Direction.IN,
            platform=message.source,
            roles=author.roles,
            permitted=self.permits.allows(message.source, (author.name, author.id), now),
            copies=copies,
            emotes=sum(part.kind == "emote" for part in message.fragments) if message.fragments else 0,
            quick=not message.paid and not self._may_check(now),
        )

    def permit(self, source: str, user: str, now: float, seconds: float | None = None) -> float:
        """Allow a viewer to post links for a while; return for how many seconds."""
        seconds = min(self.policy(source).permit_s if seconds is None else max(1.0, seconds), MAX_PERMIT_S)
        self.permits.grant(source, user, now + seconds)
        return seconds

    def command(self, message: Message, now: float) -> str:
        """Run ``!permit name [seconds]`` of a moderator; return what was done in words, or nothing."""
        if message.kind is not Kind.HOST and (
            message.kind is not Kind.CHAT or Role.MODERATOR not in message.author.roles
        ):
            return ""
        if not (found := _PERMIT.match(plain(message.text))):
            return ""
        seconds = self.permit(message.source, found[1], now, float(found[2]) if found[2] else None)
        return f"a command: {found[1]} may post links for {seconds:.0f} s"

    def _may_check(self, now: float) -> bool:
        """Take a token for a whole check."""
        return self._checks.take(now, burst=self._per_s, rate_per_s=self._per_s)
