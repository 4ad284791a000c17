"""How many terms that are caught when written plainly are still caught in disguise. Prints one JSON object.

``python bench/disguise.py [--classifier]``: each serious or grave term of the lexicons, put into a line and
disguised by scripts/train/disguise.py, a few times each; without the classifier unless asked for.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from pathlib import Path

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from moderation import Action, Mode, Moderator, Policy, Rule
from moderation.policy import Category, Severity
from moderation.rules.lexicon import builtin
from scripts.train import disguise

ROUNDS = 3
SEED = 7
_CARRIERS = {"en": ("{}", "hey {} lol", "well, {}"), "zh": ("{}", "主播{}啊", "我说，{}！")}
_KINDS = {"en": disguise.ENGLISH, "zh": disguise.CHINESE}


def measure(moderator: Moderator, language: str, shown: int = 0) -> dict[str, float]:
    """Return for each kind the share of the plainly caught lines that are caught in that disguise."""
    rng = random.Random(SEED)
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    for term in builtin((language,)):
        if term.allow or term.severity < Severity.SERIOUS or term.category is Category.POLITICS:
            continue
        for carrier in _CARRIERS[language]:
            if moderator.check(carrier.format(term.text)).action is Action.ALLOW:
                continue
            for kind in _KINDS[language]:
                for _ in range(ROUNDS):
                    hidden = disguise.disguise(term.text, kind, rng)
                    if hidden == term.text:
                        continue
                    tried[kind] += 1
                    missed = moderator.check(carrier.format(hidden)).action is Action.ALLOW
                    caught[kind] += not missed
                    if missed and rng.random() * 1000 < shown:
                        print(kind, term.text, "->", carrier.format(hidden), file=sys.stderr)
    return {kind: round(caught[kind] / tried[kind], 3) for kind in _KINDS[language] if tried[kind]}


def main() -> None:
    """Print the figures."""
    policy = Policy() if "--classifier" in sys.argv else Policy(rules={Rule.CLASSIFIER: Mode.OFF})
    moderator = Moderator(policy)
    shown = 30 if "--missed" in sys.argv else 0
    rates = {language: measure(moderator, language, shown) for language in _KINDS}
    print(json.dumps({"bench": "disguise", "classifier": "--classifier" in sys.argv, **rates}))


if __name__ == "__main__":
    main()
