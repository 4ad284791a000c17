"""From findings to a verdict: what each finding leads to under a policy, and what all of them come to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from moderation.policy import Category, Level, Mode, Policy, Rule, Severity
from moderation.rules.lexicon import Finding
from moderation.verdict import Action, Context, Direction, Reason, Verdict

#: Characters of a text that are checked; a longer text is never allowed.
MAX_TEXT: Final = 4000
#: What a finding says beside the classifier, which read the same words: the chance of harm that it adds. Chosen on
#: COLD's development and HatemojiBuild's validation part, where the area under the curve must not fall by the rules.
_BESIDE: Final = {Severity.TRACE: 0.05, Severity.MILD: 0.15, Severity.SERIOUS: 0.4, Severity.GRAVE: 0.85}
#: The same where the classifier did not read the text.
_ALONE: Final = {Severity.TRACE: 0.15, Severity.MILD: 0.3, Severity.SERIOUS: 0.7, Severity.GRAVE: 0.95}
#: Categories that the classifier knows nothing about.
_OF_THEIR_OWN: Final = frozenset(
    {Category.INJECTION, Category.PRIVATE, Category.POLITICS, Category.SPAM, Category.ECHO}
)
#: Bad manners, a link or an oath at nobody is hardly a sign of harm.
_MANNERS: Final = frozenset({Category.STYLE, Category.SPAM})
_HARMLESS: Final = frozenset({Category.STYLE, Category.PROFANITY})
_HARMLESS_RULES: Final = frozenset({"link", "copypasta", "missing:classifier"})
_HARMLESS_WEIGHT: Final = 0.02
_RULES: Final = {rule.value: rule for rule in Rule}


@lru_cache(maxsize=500)
def rule_of(name: str) -> Rule | None:
    """Return the rule that a policy can switch, by the name of a finding ("private:mail"); None: it cannot."""
    return next((_RULES[part] for part in reversed(name.split(":")) if part in _RULES), None)


def decide(
    policy: Policy, text: str, context: Context, found: Iterable[Finding], toxic: float | None = None
) -> Verdict:
    """Decide what all findings of a text lead to, and how likely it does harm.

    ``toxic`` is the classifier's probability of abuse, None when the classifier did not read the text.

    The score is the chance that the text harms somebody: it joins ``toxic`` and the worst finding. A viewer's text that
    passes is in doubt from a score on that the policy names, and when it is likely to be an order to the model.
    """
    action, worst, likely_order = Action.ALLOW, 0.0, False
    masked: list[tuple[int, int]] = []
    reasons: list[Reason] = []
    exempt = context.exempt or not context.roles.isdisjoint(policy.exempt_roles)
    for finding in dict.fromkeys(found):
        rule = rule_of(finding.rule)
        mode = policy.mode(rule) if rule else Mode.ACT
        if mode is Mode.OFF or (finding.category is Category.POLITICS and not policy.politics):
            continue
        asked = Action.ALLOW if mode is Mode.WARN else _action(policy, finding, context, exempt=exempt)
        if asked.severity > action.severity:
            action = asked
        if asked is Action.MASK:
            masked.append((finding.start, finding.end))
        likely_order |= finding.category is Category.INJECTION and finding.severity > Severity.TRACE
        if rule is not Rule.CLASSIFIER:  # its probability is in the score already
            worst = max(worst, _weight(finding, alone=toxic is None))
        reasons.append(Reason(finding.rule, finding.category.value, finding.start, finding.end, asked))
    shown = _mask(text, masked) if action is Action.MASK else text
    names = tuple(dict.fromkeys(reason.rule for reason in reasons))
    score = round(1 - (1 - (toxic or 0.0)) * (1 - worst), 4)
    passes = action in (Action.ALLOW, Action.MASK) and context.direction is Direction.IN and not context.exempt
    doubt = passes and (policy.doubts(score) or (likely_order and policy.doubts(1.0) and not exempt))
    return Verdict(action, names, score, shown[:MAX_TEXT], tuple(reasons), doubt)


def _weight(finding: Finding, *, alone: bool) -> float:
    """Return the chance of harm by one finding."""
    if finding.category in _HARMLESS or finding.rule in _HARMLESS_RULES:
        return _HARMLESS_WEIGHT
    return (_ALONE if alone or finding.category in _OF_THEIR_OWN else _BESIDE)[finding.severity]


def _action(policy: Policy, finding: Finding, context: Context, *, exempt: bool) -> Action:
    out = context.direction is Direction.OUT
    if finding.rule == "unread":
        return Action.BLOCK if out else Action.HOLD
    if exempt and (finding.category in _MANNERS or finding.category is Category.INJECTION) and not out:
        return Action.ALLOW
    if finding.rule == "link" and not out:
        may = context.permitted or not context.roles.isdisjoint(policy.link_roles)
        return Action.ALLOW if may else policy.links
    if finding.rule == "copypasta" and policy.level is not Level.STRICT:
        return Action.ALLOW  # the queue makes one question of it anyway, and a question of many is no offence
    if finding.category is Category.PRIVATE and finding.rule.startswith("private:"):
        # The host never reads out somebody's number, on any level.
        return Action.BLOCK if out else Action.HOLD
    return policy.action(finding.category, finding.severity, context.direction)


def _mask(text: str, spans: list[tuple[int, int]]) -> str:
    letters = list(text)
    for start, end in spans:
        letters[start:end] = ["*" if not char.isspace() else char for char in letters[start:end]]
    return "".join(letters)
