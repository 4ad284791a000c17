"""The gate: every text that comes in or goes out gets a verdict here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import re2  # type: ignore[import-untyped]

from moderation import echo, rules
from moderation.injection import Detector
from moderation.lexicon import Finding, Lexicon, builtin, term
from moderation.policy import Category, Policy, Severity
from moderation.verdict import Action, Context, Direction, Reason, Verdict
from moderation.views import Tables, View

#: No more of a text is looked at; a longer one is never allowed.
MAX_TEXT: Final = 2000
#: So much of what was said before is looked at together with a new clause.
MAX_WINDOW: Final = 400
_SEAM: Final = 40
_SCORES: Final = {Severity.TRACE: 0.3, Severity.MILD: 0.45, Severity.SERIOUS: 0.7, Severity.GRAVE: 0.95}
#: From this risk on a line is very likely, or likely, an order to the model.
_SURE, _LIKELY = 0.85, 0.6
#: A clause this long, in letters, can be a part of an echo.
_PART_OF_ECHO: Final = 8
_MAX_PATTERN_MEMORY: Final = 1 << 20

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


class _Compiled:
    """What a policy becomes: lexicon, patterns. Never changed, so it can be exchanged in one step."""

    def __init__(self, policy: Policy, tables: Tables) -> None:
        self.policy = policy
        own = [term(word, Category.CUSTOM, Severity.GRAVE) for word in policy.block_words]
        own += [term(word, Category.CUSTOM, Severity.TRACE, allow=True) for word in policy.allow_words]
        shipped = (entry for entry in builtin() if policy.politics or entry.category is not Category.POLITICS)
        self.lexicon = Lexicon([*shipped, *own], tables)
        options = re2.Options()
        options.max_mem = _MAX_PATTERN_MEMORY
        options.log_errors = False
        self.patterns = [re2.compile(pattern, options) for pattern in policy.block_patterns]


class Moderator:
    """Checks texts by a policy. Thread-safe; a check takes tens of microseconds and never raises."""

    def __init__(self, policy: Policy | None = None) -> None:
        """Raise `ValueError` when a pattern of the policy is not a regular expression."""
        self._tables = Tables()
        self._detector = Detector()
        self._compiled = self._compile(policy or Policy())

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._compiled.policy

    def reload(self, policy: Policy) -> None:
        """Put another policy in force; on `ValueError` or `SelfTestError` the old one stays."""
        compiled = self._compile(policy)
        self._self_test(compiled)
        self._compiled = compiled

    def check(self, text: str, context: Context | None = None) -> Verdict:
        """Judge a text. What cannot be judged is held when it comes in and blocked when it goes out."""
        context = context or Context()
        return self._check(self._compiled, text, context)

    def self_test(self) -> None:
        """Raise `SelfTestError` unless known-bad lines are stopped and ordinary ones pass."""
        self._self_test(self._compiled)

    def _compile(self, policy: Policy) -> _Compiled:
        try:
            return _Compiled(policy, self._tables)
        except re2.error as error:
            raise ValueError(f"a pattern in block_patterns is not a regular expression: {error}") from error

    def _self_test(self, compiled: _Compiled) -> None:
        for direction, line in _KNOWN_BAD:
            verdict = self._check(compiled, line, Context(direction=direction))
            if verdict.allowed or "error" in verdict.rules:
                raise SelfTestError(f"moderation let through a line that it must stop ({direction}: {line!r})")
        split = self._check(compiled, "yourself.", Context(direction=Direction.OUT, window=("Please do go and kill",)))
        if split.allowed or "error" in split.rules:
            raise SelfTestError("moderation let through a bad line that was split over two clauses")
        for line in _ORDINARY:
            for direction in Direction:
                if not self._check(compiled, line, Context(direction=direction)).allowed:
                    raise SelfTestError(f"moderation stops an ordinary line ({direction}: {line!r})")

    def _check(self, compiled: _Compiled, text: str, context: Context) -> Verdict:
        try:
            return _verdict(compiled.policy, text, context, list(self._findings(compiled, text, context)))
        except Exception:  # noqa: BLE001 - whatever is wrong here, an unchecked text must not pass
            action = Action.BLOCK if context.direction is Direction.OUT else Action.HOLD
            return Verdict(action, ("error",), 1.0, "", (Reason("error", "error"),))

    def _findings(self, compiled: _Compiled, text: str, context: Context) -> Iterator[Finding]:
        policy, out = compiled.policy, context.direction is Direction.OUT
        if len(text) > MAX_TEXT:
            yield Finding("length", Category.STYLE, Severity.GRAVE, MAX_TEXT, len(text))
            text = text[:MAX_TEXT]
        before = " ".join(context.window)[-MAX_WINDOW:] if out else ""
        offset = len(before) + 1 if before else 0
        whole = f"{before} {text}" if before else text
        if not context.exempt:
            yield from rules.style(text, policy)
        folded = self._tables.folded(whole)
        plain = folded.text if len(folded.text) == len(whole) else rules.plain(whole)
        found = compiled.lexicon.find(folded)
        found += rules.links(plain, policy, context.direction)
        found += rules.personal(plain)
        found += _matches(compiled, folded)
        if before:
            found += self._seam(compiled, before, text)
        for finding in found:
            # What lies wholly before the new text was judged when it was new.
            if finding.end > offset:
                start, end = max(0, finding.start - offset), finding.end - offset
                yield Finding(finding.rule, finding.category, finding.severity, start, end)
        if out:
            heard = tuple(self._tables.folded(line[:MAX_TEXT]).text for line in context.heard)
            if heard and _echoes(folded.text, text, heard, policy, self._tables):
                yield Finding("echo", Category.ECHO, Severity.SERIOUS, 0, len(text))
        else:
            yield from self._orders(folded)

    def _orders(self, folded: View) -> Iterator[Finding]:
        risk, found = self._detector.risk(folded.text)
        severity = Severity.SERIOUS if risk >= _SURE else Severity.MILD if risk >= _LIKELY else Severity.TRACE
        for name, start, end in found:
            yield Finding(f"injection:{name}", Category.INJECTION, severity, *folded.original(start, end))

    def _seam(self, compiled: _Compiled, before: str, text: str) -> Iterable[Finding]:
        """Look for a word cut in two by the clauses: what touches both sides when they are put together."""
        tail = before[-_SEAM:]
        shift = len(before) + 1 - len(tail)
        for finding in compiled.lexicon.find(self._tables.folded(tail + text[:_SEAM])):
            if finding.start < len(tail) < finding.end:
                yield Finding(
                    finding.rule, finding.category, finding.severity, finding.start + shift, finding.end + shift
                )


def _matches(compiled: _Compiled, folded: View) -> Iterator[Finding]:
    for pattern in compiled.patterns:
        if match := pattern.search(folded.text):
            start, end = folded.original(*match.span()) if match.end() > match.start() else (0, 1)
            yield Finding("pattern", Category.CUSTOM, Severity.GRAVE, start, end)


def _echoes(whole: str, text: str, heard: tuple[str, ...], policy: Policy, tables: Tables) -> bool:
    if echo.repeats(tables.folded(text).text, heard, policy.echo_chars):
        return True
    # Clause by clause each piece may be short; together they are not. The new one must be part of it.
    return (
        len(whole) > len(text)
        and echo.repeats(tables.folded(text).text, heard, _PART_OF_ECHO)
        and echo.repeats(whole, heard, policy.echo_chars)
    )


def _verdict(policy: Policy, text: str, context: Context, found: list[Finding]) -> Verdict:
    if not found:
        return Verdict(Action.ALLOW, (), 0.0, text)
    action, clear = Action.ALLOW, 1.0
    masked: list[tuple[int, int]] = []
    reasons: list[Reason] = []
    for finding in dict.fromkeys(found):
        if finding.category is Category.POLITICS and not policy.politics:
            continue
        asked = _action(policy, finding, context)
        if asked.severity > action.severity:
            action = asked
        if asked is Action.MASK:
            masked.append((finding.start, finding.end))
        clear *= 1 - _SCORES[finding.severity]
        reasons.append(Reason(finding.rule, finding.category.value, finding.start, finding.end))
    shown = _mask(text, masked) if action is Action.MASK else text
    names = tuple(dict.fromkeys(reason.rule for reason in reasons))
    return Verdict(action, names, round(1 - clear, 3), shown[:MAX_TEXT], tuple(reasons))


def _action(policy: Policy, finding: Finding, context: Context) -> Action:
    if finding.rule == "length":
        return Action.BLOCK if context.direction is Direction.OUT else Action.HOLD
    if context.exempt and finding.category in (Category.STYLE, Category.INJECTION):
        return Action.ALLOW
    if finding.rule == "link" and context.direction is Direction.IN:
        return Action.ALLOW if context.exempt else policy.links
    if finding.category is Category.PRIVATE and finding.rule.startswith("private:"):
        # Somebody's number is never read out, whatever the level.
        return Action.BLOCK if context.direction is Direction.OUT else Action.HOLD
    return policy.action(finding.category, finding.severity, context.direction)


def _mask(text: str, spans: list[tuple[int, int]]) -> str:
    letters = list(text)
    for start, end in spans:
        letters[start:end] = ["*" if not char.isspace() else char for char in letters[start:end]]
    return "".join(letters)
