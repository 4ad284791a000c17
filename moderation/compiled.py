"""What policies become for the checks: word lists and patterns, ready to use."""

from __future__ import annotations

from copy import copy
from typing import Final

import re2  # type: ignore[import-untyped]

from moderation.policy import Category, Policy, Severity, match_platform
from moderation.rules.lexicon import Lexicon, builtin, term
from moderation.text.forms import Tables
from moderation.verdict import Context, Direction

#: Bytes that one pattern may take.
_MAX_PATTERN_MEMORY: Final = 1 << 20
#: Sources whose policy is remembered.
_MANY_SOURCES: Final = 100


class CompiledPolicy:
    """What a policy becomes: lexicon, patterns. Never changed, so it can be exchanged in one step."""

    def __init__(self, policy: Policy, tables: Tables, languages: tuple[str, ...]) -> None:
        self.policy = policy
        own = [term(word, Category.CUSTOM, Severity.GRAVE) for word in policy.block_words]
        own += [term(word, Category.CUSTOM, Severity.TRACE, allow=True) for word in policy.allow_words]
        shipped = (entry for entry in builtin(languages) if policy.politics or entry.category is not Category.POLITICS)
        self.lexicon = Lexicon([*shipped, *own], tables)
        options = re2.Options()
        options.max_mem = _MAX_PATTERN_MEMORY
        options.log_errors = False
        self.patterns = [re2.compile(pattern, options) for pattern in policy.block_patterns]

    def strictest(self) -> CompiledPolicy:
        """Return the same words and patterns under the strictest policy."""
        made = copy(self)
        made.policy = self.policy.strictest()
        return made


class CompiledPolicies:
    """The policies of all platforms, ready to use. Never changed, so they can be exchanged in one step."""

    def __init__(
        self, base: CompiledPolicy, own: dict[str, CompiledPolicy], on_air: tuple[CompiledPolicy, ...]
    ) -> None:
        self.base, self.on_air = base, on_air
        self._strictest = tuple(own.strictest() for own in on_air)
        self._own = own
        self._by_source: dict[str, CompiledPolicy] = {}

    def of(self, context: Context) -> tuple[CompiledPolicy, ...]:
        """Return all that a text must suit: the policy of where it was written, or of wherever the host is heard."""
        if context.direction is Direction.IN:
            return (self.for_source(context.platform),)
        return self._strictest if context.strict else self.on_air

    def for_source(self, platform: str) -> CompiledPolicy:
        """Return what counts for a source ("bilibili_web")."""
        if not platform or not self._own:
            return self.base
        found = self._by_source.get(platform)
        if found is None:
            found = self._own.get(match_platform(platform, self._own), self.base)
            if len(self._by_source) < _MANY_SOURCES:
                self._by_source[platform] = found
        return found
