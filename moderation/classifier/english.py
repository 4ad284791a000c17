"""How likely an English text is abuse, and of which kind: a tiny transformer over each form of the text.

It reads sentences: who does what to whom, what is denied, what an emoji stands for. Spelling tricks are undone
before, and the worst form counts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from moderation.classifier import transformer
from moderation.classifier.transformer import Floats, Network
from moderation.policy import Category
from moderation.text.forms import HAN, Tables, View, squashed

MAX_CHARS: Final = 2000

_LATIN: Final = re.compile("[a-z]")
#: Signs or pictures put inside a word.
_INSIDE: Final = re.compile("(?<=[a-z])[^\x00-\x7f\\w]+(?=[a-z])")
_NUMBERS: Final = ("slope", "offset", "hold_at")
_FARTHEST: Final = 30.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """``toxic`` is a probability; ``category`` the likeliest kind of abuse, if it is abuse."""

    toxic: float
    category: Category


class English:
    """Judges English texts. ``numbers``: ``slope`` and ``offset`` make a logit a frequency; ``hold_at`` is one."""

    def __init__(self, net: Network, numbers: Mapping[str, float]) -> None:
        if net.outputs[0] != "toxic" or len(net.outputs) < 2:
            raise ValueError("its outputs are others")
        self.network = net
        self._categories = [Category(name) for name in net.outputs[1:]]
        self._slope, self._offset, self.hold_at = (numbers[name] for name in _NUMBERS)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file. Raise `OSError`, or `ValueError` when it is damaged."""
        net, numbers = transformer.read(path)
        try:
            return cls(net, numbers)
        except KeyError as error:
            raise ValueError(f"it has no number named {error}") from error

    def judge(self, folded: str, tables: Tables) -> Judgement | None:
        """Judge a folded text by the worst of its forms; None when it has neither Latin letters nor emoji."""
        return self.judge_all([folded], tables)[0]

    def judge_all(self, folded: Sequence[str], tables: Tables) -> list[Judgement | None]:
        """Judge many folded texts at once, each as `judge` does."""
        texts = [list(forms(text, tables)) for text in folded]
        logits = iter(self.network.logits_of([form for of_text in texts for form in of_text]))
        return [self._worst([next(logits) for _ in of_text]) for of_text in texts]

    def _worst(self, found: Sequence[Floats | None]) -> Judgement | None:
        worst, category = -math.inf, self._categories[0]
        for logits in found:
            if logits is None:
                continue
            row = logits[int(logits[:, 0].argmax())]
            if row[0] > worst:
                worst, category = float(row[0]), self._categories[int(row[1:].argmax())]
        if worst == -math.inf:
            return None
        logit = self._slope * worst + self._offset
        toxic = 1 / (1 + math.exp(-min(_FARTHEST, max(-_FARTHEST, logit))))
        return Judgement(toxic, category)


def forms(folded: str, tables: Tables) -> Iterator[str]:
    """Yield a folded text as it is, and once more without each kind of spelling trick it has.

    Undoing takes away what is no letter; emoji are named before, so that they still count.
    """
    text = folded[:MAX_CHARS]
    if HAN.search(text):
        text = HAN.sub(" ", text)
    view = View(text) if text.isascii() else tables.named(View(text)) or View(text)
    if not _LATIN.search(view.text):
        return
    yield text
    if not text.isascii() and (glued := _INSIDE.sub("", text)) != text:
        yield glued
    if (plain := squashed(view, keep=1)) and plain.text != text:
        yield plain.text
