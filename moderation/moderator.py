"""The gate: every text that comes in or goes out gets a verdict here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

import re2  # type: ignore[import-untyped]

from moderation.classifier.classifier import MODELS, Classifier, ClassifierError, Scores
from moderation.compiled import CompiledPolicies, CompiledPolicy
from moderation.corrections.allowances import Allowances
from moderation.decision import MAX_TEXT, decide
from moderation.policy import Category, Mode, Policy, Rule, Severity, match_platform
from moderation.rules import echo
from moderation.rules.injection import Detector
from moderation.rules.lexicon import LANGUAGES, Finding
from moderation.rules.links import find_links
from moderation.rules.names import Names
from moderation.rules.personal_data import find_personal_data
from moderation.rules.phrases import Forms, Phrases, names_a_child
from moderation.rules.style import find_copies, find_style
from moderation.self_test import SelfTestError, run_self_test
from moderation.text.forms import Tables, View
from moderation.verdict import Action, Context, Direction, Reason, Verdict

__all__ = ["Moderator", "SelfTestError", "check"]

#: Characters of the clauses before that are read together with a new clause.
MAX_WINDOW: Final = 400
_SEAM: Final = 40
#: In a flood, a text longer than this is not searched for phrases: a hostile one could take long.
_SHORT: Final = 120
#: The risk from which a line is very likely, or likely, an order to the model.
_SURE, _LIKELY = 0.85, 0.6
#: The self-test asks what the rules do, not what a person decided about single texts.
_NOTHING: Final = Allowances()
#: A clause this long, in letters, can be a part of an echo.
_PART_OF_ECHO: Final = 8


class Moderator:
    """Checks texts by a policy. Thread-safe; a check takes some tens of microseconds and never raises."""

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        on_air: Iterable[str] = (),
        languages: Iterable[str] = LANGUAGES,
        models: Path = MODELS,
    ) -> None:
        """Raise `ValueError` when a pattern of the policy is not a regular expression.

        ``on_air`` names the platforms where the host is heard: what it says must suit them all.
        ``languages`` are those whose lexicons are used. Without the classifier's weights (in ``models``)
        nothing may go out, each verdict on what comes in names the missing classifier, and `self_test` fails.
        """
        self.allowances = Allowances()
        #: Returns what foul phrase a name sounds like when a voice reads it, or nothing; see `bot.voice.names.ear`.
        self.name_ear: Callable[[str], str] | None = None
        self._tables = Tables()
        self._detector = Detector(self._tables)
        self._offers = Phrases("selling.yaml", "selling")
        self._danger = Phrases("danger.yaml", "phrase:{}")
        self._languages = tuple(languages)
        self._on_air = tuple(on_air)
        self._classifier: Classifier | None = None
        self.missing = ""
        try:
            self._classifier = Classifier.load(models, self._tables)
        except ClassifierError as error:
            self.missing = str(error)
        self._policies = self._compile(policy or Policy())
        self._prepared: CompiledPolicies | None = None

    @cached_property
    def _names(self) -> Names:
        """The rules for names: made with the first name, since many programs judge none."""
        return Names(self._tables)

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._policies.base.policy

    def reload(self, policy: Policy) -> None:
        """Put another policy in force; on `ValueError` or `SelfTestError` the old one stays."""
        if self._prepared is None or self._prepared.base.policy != policy:
            self.prepare(policy)
        self._policies, self._prepared = cast("CompiledPolicies", self._prepared), None

    def prepare(self, policy: Policy) -> None:
        """Prepare what takes long of `reload`, and raise the same; it may be called in another thread before."""
        compiled = self._compile(policy)
        self._self_test(compiled)
        self._prepared = compiled

    def check(self, text: str, context: Context | None = None) -> Verdict:
        """Judge a text. What cannot be judged is held when it comes in and blocked when it goes out."""
        return self._check(self._policies, text, context or Context(), self.allowances)

    def check_all(self, texts: Sequence[tuple[str, Context]]) -> list[Verdict]:
        """Judge many texts, each as `check` does; the classifier reads them together, which costs less."""
        policies = self._policies
        scores = self._read_together(policies, texts) if len(texts) > 1 else {}
        return [self._check(policies, text, context, self.allowances, scores) for text, context in texts]

    def self_test(self) -> None:
        """Raise `SelfTestError` unless known-bad lines are stopped and ordinary ones pass."""
        self._offers.compile_all()
        self._danger.compile_all()
        _ = self._names
        self._self_test(self._policies)

    def _compile(self, policy: Policy) -> CompiledPolicies:
        known: list[CompiledPolicy] = []

        def compiled(of: Policy) -> CompiledPolicy:
            for found in known:
                if found.policy == of:
                    return found
            known.append(CompiledPolicy(of, self._tables, self._languages))
            return known[-1]

        try:
            base = compiled(policy.model_copy(update={"platforms": {}}))
            own = {name: compiled(policy.for_platform(name)) for name in policy.platforms}
        except re2.error as error:
            raise ValueError(f"a pattern in block_patterns is not a regular expression: {error}") from error
        base.policy = policy
        heard = [own[name] for place in self._on_air if (name := match_platform(place, own))]
        return CompiledPolicies(base, own, tuple(dict.fromkeys([base, *heard])))

    def _self_test(self, policies: CompiledPolicies) -> None:
        if self.missing:
            raise SelfTestError(self.missing)
        run_self_test(lambda text, context: self._check(policies, text, context))

    def _check(
        self,
        policies: CompiledPolicies,
        text: str,
        context: Context,
        decided: Allowances = _NOTHING,
        scores: Mapping[str, Scores] = MappingProxyType({}),
    ) -> Verdict:
        try:
            compiled = policies.of(context)
            read = text[:MAX_TEXT]
            before = _before(context)
            folded = self._tables.folded(f"{before} {read}" if before else read)
            forms = Forms.from_view(folded, self._tables)
            toxic, abuse = None, list[Finding]()
            if not context.quick and read and any(_classifies(own.policy) for own in compiled):
                toxic, abuse = self._classified(read, before, folded.text, context, scores)
            judged = []
            for own in compiled:
                found = list(self._findings(own, text, before, forms, context))
                reads = _classifies(own.policy)
                found += abuse if reads else ()
                verdict = decide(own.policy, text, context, found, toxic if reads else None)
                judged.append(decided.apply(text, context.direction, verdict, found))
            return max(judged, key=lambda verdict: verdict.action.severity)
        except Exception:  # noqa: BLE001 - after any error the text is unchecked, and must not pass
            action = Action.BLOCK if context.direction is Direction.OUT else Action.HOLD
            return Verdict(action, ("error",), 1.0, "", (Reason("error", "error", action=action),))

    def _read_together(self, policies: CompiledPolicies, texts: Sequence[tuple[str, Context]]) -> dict[str, Scores]:
        """Return the scores of what `_classified` will ask about; a failure is left to the check of the one text."""
        read: dict[str, None] = {}
        try:
            for text, context in texts:
                if text and not context.quick and any(_classifies(own.policy) for own in policies.of(context)):
                    read[self._tables.folded(text[:MAX_TEXT]).text] = None
                    if before := _before(context):
                        read[self._tables.folded(f"{before} {text[:MAX_TEXT]}").text] = None
            if self._classifier is None:
                return {}
            return dict(zip(read, self._classifier.score_all(list(read)), strict=True))
        except Exception:  # noqa: BLE001 - one broken text must not take the others with it
            return {}

    def _findings(
        self, compiled: CompiledPolicy, text: str, before: str, forms: Forms, context: Context
    ) -> Iterator[Finding]:
        policy, out, folded = compiled.policy, context.direction is Direction.OUT, forms.english[0]
        offset = len(before) + 1 if before else 0
        if len(text) > MAX_TEXT:
            yield Finding("unread", Category.STYLE, Severity.GRAVE, MAX_TEXT, len(text))
            text = text[:MAX_TEXT]
        if not context.exempt:
            yield from find_style(text, policy, emotes=context.emotes)
            yield from find_copies(text, policy, copies=context.copies)
        if context.name:
            found = list(self._names.find(text, compiled.lexicon, context.host))
            if self.name_ear is not None and self.name_ear(text):
                found.append(Finding("name:heard", Category.HARASSMENT, Severity.SERIOUS, 0, len(text)))
        else:
            found = compiled.lexicon.find(folded)
        found += find_links(folded, policy, context.direction)
        found += find_personal_data(folded)
        found += self._offers.find(forms)
        if not context.quick or len(text) <= _SHORT:
            found += self._danger.find(forms)
        found += [
            _of_a_child(finding)
            for finding in found
            if finding.category is Category.SEXUAL
            and finding.severity >= Severity.SERIOUS
            and names_a_child(folded.text)
        ]
        found += _matches(compiled, folded)
        if before:
            found += self._seam(compiled, before, text)
        for finding in found:
            # A finding that lies wholly before the new text was judged when that text was new.
            if finding.end > offset:
                start, end = max(0, finding.start - offset), finding.end - offset
                yield Finding(finding.rule, finding.category, finding.severity, start, end)
        if out:
            heard = tuple(self._tables.folded(line[:MAX_TEXT]).text for line in context.heard)
            if heard and _echoes(folded.text, text, heard, policy, self._tables):
                yield Finding("echo", Category.ECHO, Severity.SERIOUS, 0, len(text))
        else:
            yield from self._orders(folded)

    def _classified(
        self, text: str, before: str, whole: str, context: Context, known: Mapping[str, Scores]
    ) -> tuple[float | None, list[Finding]]:
        """Return the probability of abuse, and the finding when it is high enough for one. ``whole`` is folded."""
        if self._classifier is None:
            severity = Severity.GRAVE if context.direction is Direction.OUT else Severity.TRACE
            return None, [Finding("missing:classifier", Category.HARASSMENT, severity, 0, 0)]
        alone = self._tables.folded(text).text if before else whole
        scores = known.get(alone) or self._classifier.score(alone)
        if before:
            # A payload may be split over the clauses; what they said without this one was judged when it was new.
            joined = known.get(whole) or self._classifier.score(whole)
            said = self._classifier.score
            if _counts(joined, context) and not _counts(said(self._tables.folded(before).text), context):
                scores = joined
        if not _counts(scores, context):
            return scores.toxic, []
        category = Category(scores.category or Category.HARASSMENT)
        if category is Category.SEXUAL and names_a_child(whole):
            category = Category.MINORS
        return scores.toxic, [Finding(f"classifier:{scores.family}", category, Severity.SERIOUS, 0, max(1, len(text)))]

    def _orders(self, folded: View) -> Iterator[Finding]:
        risk, found = self._detector.risk(folded.text, folded.source.text if folded.source else "")
        severity = Severity.SERIOUS if risk >= _SURE else Severity.MILD if risk >= _LIKELY else Severity.TRACE
        for name, start, end in found:
            yield Finding(f"injection:{name}", Category.INJECTION, severity, *folded.original(start, end))

    def _seam(self, compiled: CompiledPolicy, before: str, text: str) -> Iterable[Finding]:
        """Look for a word cut in two by the clauses: what touches both sides when they are put together."""
        tail = before[-_SEAM:]
        shift = len(before) + 1 - len(tail)
        for finding in compiled.lexicon.find(self._tables.folded(tail + text[:_SEAM])):
            if finding.start < len(tail) < finding.end:
                yield Finding(
                    finding.rule, finding.category, finding.severity, finding.start + shift, finding.end + shift
                )


def _of_a_child(finding: Finding) -> Finding:
    """Sexual words about a child are not judged by what the streamer allows of sexual words."""
    return Finding(f"phrase:{Category.MINORS}", Category.MINORS, finding.severity, finding.start, finding.end)


def _counts(scores: Scores, context: Context) -> bool:
    """Return whether scores are high enough for a finding: the host is cut only when it is sure, or must be strict."""
    return scores.sure if context.direction is Direction.OUT and not context.strict else scores.hold


def _before(context: Context) -> str:
    """Return the clauses before a text that are read together with it."""
    return " ".join(context.window)[-MAX_WINDOW:] if context.direction is Direction.OUT else ""


def _classifies(policy: Policy) -> bool:
    return policy.mode(Rule.CLASSIFIER) is not Mode.OFF


def _matches(compiled: CompiledPolicy, folded: View) -> Iterator[Finding]:
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


@lru_cache(maxsize=1)
def _default() -> Moderator:
    return Moderator()


def check(text: str, context: Context | None = None) -> Verdict:
    """Judge a text by the default policy."""
    return _default().check(text, context)
