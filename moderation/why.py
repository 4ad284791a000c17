"""Why a verdict was given, in plain English: for a streamer who has to decide whether it was right.

Each finding becomes one sentence: what was seen and where, what it is taken for, and what the policy
does with that. The sentences are made from the verdict alone, so they say what happened and no more.
"""

from __future__ import annotations

from typing import Final

from moderation.corrections.allowances import ALLOWED, STOPPED
from moderation.decision import rule_of
from moderation.policy import Category, Level, Mode, Policy, Rule, Severity
from moderation.verdict import Action, Direction, Reason, Verdict

#: Findings that are explained, and letters of one that are quoted.
MAX_REASONS: Final = 12
MAX_QUOTE: Final = 60

_DONE: Final = {
    (Action.ALLOW, Direction.IN): "it may be answered",
    (Action.MASK, Direction.IN): "the marked letters are hidden, the rest may be answered",
    (Action.HOLD, Direction.IN): "it waits for a person",
    (Action.BLOCK, Direction.IN): "it is refused",
    (Action.ALLOW, Direction.OUT): "the host may say it",
    (Action.MASK, Direction.OUT): "the host may say it without the marked letters",
    (Action.HOLD, Direction.OUT): "the host does not say it",
    (Action.BLOCK, Direction.OUT): "the host does not say it",
}
_VERDICTS: Final = {
    Action.ALLOW: "allowed",
    Action.MASK: "allowed with letters hidden",
    Action.HOLD: "held",
    Action.BLOCK: "blocked",
}
#: How a text was looked at when the words were found.
_VIEWS: Final = {
    "word": "as it is written",
    "disguised": "seen when disguises (dots, spaces, digits for letters) are undone",
    "squashed": "seen when disguises (dots, spaces, digits for letters) are undone",
    "emoji": "seen when emoji are read by their names",
    "sound": "by their sound alone, which is a weak sign",
    "pinyin": "by their sound alone, which is a weak sign",
    "parts": "seen when characters written in parts are put together",
    "split": "seen when characters written in parts are put together",
}
_SEVERITIES: Final = {
    Severity.TRACE: "a trace",
    Severity.MILD: "mild",
    Severity.SERIOUS: "serious",
    Severity.GRAVE: "grave",
}
_CATEGORIES: Final = {
    Category.HATE: "hate against a group",
    Category.HARASSMENT: "harassment",
    Category.PROFANITY: "strong language",
    Category.SEXUAL: "sexual",
    Category.MINORS: "sexual talk about minors",
    Category.SELF_HARM: "self-harm",
    Category.VIOLENCE: "violence",
    Category.EXTREMISM: "extremism",
    Category.PRIVATE: "private data",
    Category.POLITICS: "politics that the platform punishes",
    Category.SPAM: "spam",
    Category.INJECTION: "an order to the model",
    Category.STYLE: "bad manners",
    Category.ECHO: "a viewer's words said again",
    Category.CUSTOM: "on your own list",
}
#: The rules of manners and the crowd: what was seen, and the setting that decides.
_MANNERS: Final = {
    Rule.LENGTH: ("it is longer than {policy.max_chars} characters", "max_chars"),
    Rule.CAPITALS: ("more than {policy.capitals_percent} % of its letters are capitals", "capitals_percent"),
    Rule.SYMBOLS: ("more than {policy.symbols_percent} % of it are symbols", "symbols_percent"),
    Rule.REPETITION: ("one character or word stands more than {policy.max_repeats} times in a row", "max_repeats"),
    Rule.EMOTES: ("it has more than {policy.max_emotes} emotes and emoji", "max_emotes"),
    Rule.ZALGO: ("marks are stacked on its letters", "rules.zalgo"),
    Rule.HIDDEN: ("it has characters that cannot be seen", "rules.hidden"),
    Rule.COPYPASTA: ("{policy.copypasta_viewers} viewers or more wrote the same lately", "copypasta_viewers"),
    Rule.SELLING: ("{quote} offers something, or leads viewers away", "rules.selling"),
    Rule.LINK: ("{quote} is a link", "links"),
}
_LOOKS_LIKE: Final = {
    "mail": "a mail address",
    "phone": "a phone number",
    "address": "a postal address",
    "identity": "an identity number",
    "card": "the number of a payment card",
    "account": "an account of a messenger",
    "violence": "a threat against somebody real",
    "self-harm": "a wish to die or to be hurt: somebody may need help",
    "harassment": "telling somebody to die or to hurt themselves",
    "minors": "somebody who looks for children, or sexual words about them",
    "extremism": "praise of terror, or a call to it",
}
#: The same of a viewer's name.
_NAMES: Final = {
    "hate": "a sign or words of hate",
    "sexual": "a sexual name",
    "contact": "a contact or an offer",
    "staff": "a name of the platform's staff",
    "order": "an order to the model",
    "politics": "politics that the platform punishes",
    "slur": "an insult",
    "sound": "words that are not said, by its sound",
    "word": "words that are not said, by its letters",
    "host": "the name of the host",
}


def explain(verdict: Verdict, text: str, policy: Policy, direction: Direction = Direction.IN) -> list[str]:
    """Explain a verdict on a text: the first sentence says what was decided, each further one a reason.

    ``policy`` is that of the text's platform. With an empty ``text`` (it was taken back) nothing is quoted.
    """
    head = f"{_VERDICTS[verdict.action]}, at a score of {verdict.score:.2f}: {_DONE[verdict.action, direction]}"
    if not verdict.reasons:
        below = (
            f"; the classifier puts it at {_percent(verdict.score)} abuse, too little to act" if verdict.score else ""
        )
        return [head, f"no rule found anything{below}"]
    ranked = sorted(dict.fromkeys(verdict.reasons), key=lambda reason: -reason.action.severity)
    alone = len(ranked) == 1
    lines = [head, *(_sentence(r, verdict, text, policy, direction, alone=alone) for r in ranked[:MAX_REASONS])]
    if (more := len(ranked) - MAX_REASONS) > 0:
        lines.append(f"and {more} more findings of the same kinds")
    return lines


def _sentence(reason: Reason, verdict: Verdict, text: str, policy: Policy, direction: Direction, *, alone: bool) -> str:
    if (told := _plain(reason.rule)) is not None:
        return told
    what = _seen(reason, verdict, text, policy, direction, alone=alone)
    return f"{_VERDICTS[reason.action]}: {what}; {_because(reason, verdict, policy, direction)}"


def _plain(rule: str) -> str | None:
    """Tell of what is no finding in the text."""
    name, _, detail = rule.partition(":")
    match name:
        case "error":
            return "the check itself failed, and what cannot be checked does not pass; the log has the error"
        case "unread":
            return "it is too long to be read to its end, and what is not read does not pass"
        case "missing":
            return f"the {detail or 'model'} is missing on this machine, so this was judged without it"
        case "judge" if detail == "unanswered":
            return "it is uncertain, and no judge answered in time"
        case _ if rule == ALLOWED:
            return "allowed by you: this exact text passes, whatever was found in it"
        case _ if rule == STOPPED:
            return "stopped by you: this exact text does not pass"
    return None


def _seen(reason: Reason, verdict: Verdict, text: str, policy: Policy, direction: Direction, *, alone: bool) -> str:
    """Return what was found."""
    name, _, detail = reason.rule.partition(":")
    quote, category = _quote(reason, text), _category(reason)
    rule = rule_of(reason.rule)
    if rule in _MANNERS:
        return _MANNERS[rule][0].format(policy=policy, quote=quote)
    match name:
        case "private" | "phrase" | "name":
            told = _NAMES if name == "name" else _LOOKS_LIKE
            return f"{quote} looks like {told.get(detail, category)}"
        case "pattern":
            return f"{quote} matches one of your patterns (block_patterns)"
        case "classifier":
            share = _percent(verdict.score)
            how = f"at {share}" if alone else f"and all signs together come to {share}"
            return f"the classifier takes it for abuse ({category}), {how}"
        case "injection":
            return f"{quote} reads like an order to the model ({detail.replace('-', ' ').replace('_', ' ')})"
        case "judge":
            return f"the judge {detail} finds it unsafe ({category})"
        case "echo":
            return f"it repeats {policy.echo_chars} letters or more of what a viewer wrote"
        case "leak":
            return "it gives away a part of the host's own instructions"
    severity = _severity(reason, policy, direction)
    view = f" ({where}{_VIEWS[name]})" if name in _VIEWS and (where := _where(reason)) is not None else ""
    return f"{quote}{view} is {category}{f', {severity}' if severity else ''}"


def _because(reason: Reason, verdict: Verdict, policy: Policy, direction: Direction) -> str:
    """Say why the policy does with a finding what it did."""
    rule = rule_of(reason.rule)
    if rule is not None and policy.mode(rule) is Mode.WARN:
        return f"rules.{rule} is set to warn, so that alone stops nothing"
    if reason.action is Action.ALLOW:
        if ALLOWED in verdict.rules:
            return "that stops nothing here, because you allowed this text"
        if policy.categories.get(_known(reason)) is Mode.OFF:  # type: ignore[arg-type]
            return f"categories.{reason.category} is off"
        return "that alone stops nothing"
    if reason.rule == "link" and direction is Direction.IN:
        return f"the setting links is {policy.links}, and no permit or role lets this viewer post one"
    if rule in _MANNERS:
        return f"the setting {_MANNERS[rule][1]} decides"
    if reason.rule.startswith("private:"):
        return "somebody's data is never read out, whatever the level"
    if reason.category == Category.CUSTOM:
        return "your own words and patterns are always stopped"
    level = policy.categories.get(_known(reason), policy.level)  # type: ignore[arg-type]
    side = "coming in" if direction is Direction.IN else "going out"
    verb = {Action.MASK: "hides", Action.HOLD: "holds", Action.BLOCK: "blocks"}[reason.action]
    return f"{Level(level) if level is not Mode.OFF else policy.level} {verb} that {side}"


def _known(reason: Reason) -> Category | None:
    return Category(reason.category) if reason.category in set(Category) else None


def _category(reason: Reason) -> str:
    known = _known(reason)
    return _CATEGORIES[known] if known else reason.category


def _severity(reason: Reason, policy: Policy, direction: Direction) -> str:
    """Return the severity where what was done leaves one only."""
    category = _known(reason)
    if category is None or category is Category.CUSTOM:
        return ""
    fits = [s for s in Severity if policy.action(category, s, direction) is reason.action]
    return _SEVERITIES[fits[0]] if len(fits) == 1 else ""


def _where(reason: Reason) -> str:
    return f"letters {reason.start + 1} to {reason.end}, " if reason.end > reason.start else ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _quote(reason: Reason, text: str) -> str:
    letters = " ".join(text[reason.start : reason.end].split())
    if not letters:
        return "something in it"
    return f"'{letters if len(letters) <= MAX_QUOTE else letters[: MAX_QUOTE - 1] + '…'}'"
