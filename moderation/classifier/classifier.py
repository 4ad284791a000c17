"""How likely a text is abuse, judged by all of its words and not by a list: a model for each language.

English is read by a tiny transformer (`moderation.classifier.english`), Chinese by a linear model
here: its weights are one byte for each bucket of `moderation.classifier.ngrams`. A file of weights
says what it is, and its checksum is looked at before anything of it is used.
"""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, Self, cast

import numpy as np
import numpy.typing as npt

from moderation.classifier.english import English, Judgement
from moderation.classifier.ngrams import TOGETHER, Family, Ragged, features, forms, readings_of
from moderation.classifier.recent import Recent
from moderation.policy import Category
from moderation.text.forms import Tables

#: Where the weights that come with the package lie.
MODELS: Final = Path(__file__).parents[1] / "models"
FAMILIES: Final[tuple[Family, ...]] = (Family.EN, Family.ZH)

_MAGIC: Final = b"haishin-ngrams-1\n"
_LONGEST_HEADER: Final = 4000
_LARGEST_FILE: Final = 8 << 20
#: The sound of a text says less than its letters: so much is taken off the logit of the sounds alone.
HEARD_ALONE: Final = 0.05
#: A byte stands for a weight by a curve, fine near zero: ``sign(b) * (|b| / 127) ** 2 * largest``.
_LEVELS: Final = 127
#: In these the words are those of games and families, and the network knows more than the n-grams. There, and where it
#: is as clear as this, they need only not be against it. Of lines not learnt 75 of 245 dangers are held then and not
#: 43, 83 of 221 others and not 62; of usual chat 3 of 298 as before, of ordinary lines near to abuse 7 of 360, not 4.
DANGERS: Final = frozenset({Category.VIOLENCE, Category.SELF_HARM, Category.MINORS, Category.EXTREMISM})
CLEAR: Final = 0.93
NOT_AGAINST: Final = 0.5
#: Texts whose scores are remembered, and the longest of them in characters: a chat says the same again and again.
MOST_KNOWN, LONGEST_KNOWN = 4096, 300
#: A text of fewer words is no sentence: the word lists judge it better, and the network's probability counts half.
_SENTENCE: Final = 3


class ClassifierError(ValueError):
    """A file of weights is missing, broken, or not one of ours. The message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What the classifier thinks. ``toxic`` is a probability, 0..1.

    ``hold`` is true when it is so high that a person should look: at most 1.5 % of ordinary chat lines reach
    that (measured on lines the training did not see; CARD.md tells how); ``sure`` when it is so high that
    the host had better not say it. ``category`` is the likeliest one of `moderation.policy.Category`, empty
    where the model does not tell. ``family`` is the model that decided, ``other`` when the text has a script
    that no model reads; then ``toxic`` is 0.
    """

    toxic: float
    family: Family
    hold: bool = False
    sure: bool = False
    category: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of one language. ``slope`` and ``offset`` make a logit a frequency; ``hold_at`` is a probability."""

    table: npt.NDArray[np.int8]
    largest: float
    bias: float
    slope: float
    offset: float
    hold_at: float

    @property
    def bits(self) -> int:
        """The table has ``2**bits`` buckets."""
        return len(self.table).bit_length() - 1

    @classmethod
    def quantized(
        cls, weights: npt.NDArray[np.float64], *, bias: float, slope: float, offset: float, hold_at: float
    ) -> Self:
        """Make a byte of each weight."""
        largest = float(np.abs(weights).max()) or 1.0
        levels = np.sign(weights) * np.round(np.sqrt(np.abs(weights) / largest) * _LEVELS)
        return cls(levels.astype(np.int8), largest, bias, slope, offset, hold_at)

    def english(self, text: str, curve: npt.NDArray[np.float32]) -> float:
        """Return the probability for one English form of a text; 0 when it has no feature."""
        buckets = features(Family.EN, text, self.bits)
        return self._probability(self._logits((buckets, [0, len(buckets)]), curve)[0])

    def chinese(self, texts: Sequence[str], curve: npt.NDArray[np.float32]) -> list[float]:
        """Return the probability for each of many Chinese forms; 0 when it has no feature."""
        found: list[float] = []
        for start in range(0, len(texts), TOGETHER):
            written, heard = readings_of(texts[start : start + TOGETHER], self.bits)
            logits = zip(self._logits(written, curve), self._logits(heard, curve), strict=True)
            found += (self._probability(max(whole, sound - HEARD_ALONE)) for whole, sound in logits)
        return found

    def _logits(self, ragged: Ragged, curve: npt.NDArray[np.float32]) -> list[float]:
        """Return the logit of each text; minus infinity without a feature."""
        buckets, ends = ragged
        values = curve[self.table[buckets].view(np.uint8)]
        return [
            float(values[start:end].sum()) * self.largest / math.sqrt(end - start) + self.bias
            if end > start
            else -math.inf
            for start, end in pairwise(ends)
        ]

    def _probability(self, logit: float) -> float:
        if logit == -math.inf:
            return 0.0
        return 1 / (1 + math.exp(-min(30.0, max(-30.0, self.slope * logit + self.offset))))

    def save(self, path: Path) -> None:
        """Write the file: a line that names the format, a line of JSON, the compressed table."""
        packed = zlib.compress(self.table.tobytes(), 9)
        header = {
            "bits": self.bits, "largest": self.largest, "bias": self.bias, "slope": self.slope,
            "offset": self.offset, "hold_at": self.hold_at, "sha256": hashlib.sha256(packed).hexdigest(),
        }  # fmt: skip
        path.write_bytes(_MAGIC + json.dumps(header, sort_keys=True).encode() + b"\n" + packed)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file of weights. Raise `ClassifierError` unless all of it is as it was written."""
        try:
            with path.open("rb") as file:
                raw = file.read(_LARGEST_FILE + 1)
        except OSError as error:
            raise ClassifierError(f"{path} cannot be read ({error.strerror}); install the program again") from error
        try:
            return cls._parsed(raw)
        except (ValueError, TypeError, KeyError, RecursionError, zlib.error) as error:
            raise ClassifierError(f"{path} is damaged ({error}); install the program again") from error

    @classmethod
    def _parsed(cls, raw: bytes) -> Self:
        if not raw.startswith(_MAGIC) or len(raw) > _LARGEST_FILE:
            raise ValueError("not a file of weights")
        line, found, packed = raw[len(_MAGIC) :].partition(b"\n")
        if not found or len(line) > _LONGEST_HEADER:
            raise ValueError("its header is cut off")
        header = json.loads(line)
        if hashlib.sha256(packed).hexdigest() != header["sha256"]:
            raise ValueError("its checksum is wrong")
        bits = header["bits"]
        if type(bits) is not int or not 8 <= bits <= 24:
            raise ValueError("its size is wrong")
        unpacker = zlib.decompressobj()
        table = unpacker.decompress(packed, (1 << bits) + 1)
        if len(table) != 1 << bits or not unpacker.eof:
            raise ValueError("its table has another size than it says")
        numbers = {name: float(header[name]) for name in ("largest", "bias", "slope", "offset", "hold_at")}
        if not all(map(math.isfinite, numbers.values())):
            raise ValueError("a number in it is none")
        return cls(np.frombuffer(table, np.int8), **numbers)


class Classifier:
    """Scores folded texts. Thread-safe; no text makes it raise."""

    def __init__(self, english: English, ngrams: Model, chinese: Model, tables: Tables | None = None) -> None:
        self._english, self._ngrams, self._chinese = english, ngrams, chinese
        self._tables = tables or Tables()
        self._known: Recent[Scores] = Recent(MOST_KNOWN, LONGEST_KNOWN)
        levels = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float32) / _LEVELS
        self._curve = (np.sign(levels) * levels**2).astype(np.float32)

    @classmethod
    def load(cls, folder: Path = MODELS, tables: Tables | None = None) -> Self:
        """Read ``en.bin``, ``en-ngrams.bin`` and ``zh.bin``. Raise `ClassifierError` when one is missing or damaged.

        ``tables`` may be those of a moderator, so that both share them.
        """
        path = folder / "en.bin"
        try:
            english = English.load(path)
        except OSError as error:
            raise ClassifierError(f"{path} cannot be read ({error.strerror}); install the program again") from error
        except ValueError as error:
            raise ClassifierError(f"{path} is damaged ({error}); install the program again") from error
        return cls(english, Model.read(folder / "en-ngrams.bin"), Model.read(folder / "zh.bin"), tables)

    def readers(self, folded_text: str) -> tuple[float, float]:
        """Return what the two readers of English think, the network and the n-grams; for measurements."""
        judgement = self._english.judge(folded_text, self._tables)
        return (judgement.toxic if judgement else 0.0), self._by_ngrams(folded_text)

    def chinese(self, folded_text: str) -> float:
        """Return what the Chinese model alone thinks, 0 when it reads nothing; for measurements."""
        texts = [text for of, text in forms(folded_text, self._tables) if of == Family.ZH]
        return max(self._chinese.chinese(texts, self._curve), default=0.0)

    def score(self, folded_text: str) -> Scores:
        """Score a text as `Tables.folded` gives it (emoji as they are). Only its first 2,000 characters count."""
        return self.score_all([folded_text])[0]

    def score_all(self, folded_texts: Sequence[str]) -> list[Scores]:
        """Score many texts at once, each as `score` does; English costs less so. What is repeated is remembered."""
        known = {text: self._known.get(text) for text in dict.fromkeys(folded_texts)}
        new = [text for text, scores in known.items() if scores is None]
        texts = [list(_until_english(forms(text, self._tables))) for text in new]
        english = [text for text, of in zip(new, texts, strict=True) if any(f == Family.EN for f, _ in of)]
        judged = dict(zip(english, self._english.judge_all(english, self._tables), strict=True))
        chinese = list(dict.fromkeys(form for of_text in texts for of, form in of_text if of == Family.ZH))
        toxic = dict(zip(chinese, self._chinese.chinese(chinese, self._curve), strict=True))
        for text, of_text in zip(new, texts, strict=True):
            known[text] = scores = self._worst(text, of_text, judged, toxic)
            self._known.put(text, scores)
        return [cast("Scores", known[text]) for text in folded_texts]

    def _worst(
        self,
        folded_text: str,
        of_text: list[tuple[Family, str]],
        judged: Mapping[str, Judgement | None],
        toxic: Mapping[str, float],
    ) -> Scores:
        worst = Scores(0.0, Family.OTHER)
        for family, text in of_text:
            if family == Family.EN:
                found = self._as_english(folded_text, judged[folded_text])
            else:
                found = self._as_chinese(toxic[text])
            if worst.family == Family.OTHER or (found.hold, found.toxic) > (worst.hold, worst.toxic):
                worst = found
        return worst

    def _as_english(self, folded_text: str, judgement: Judgement | None) -> Scores:
        if judgement is None:
            return Scores(0.0, Family.EN)
        toxic, hold_at = judgement.toxic, self._english.hold_at
        if few_words(folded_text):
            return Scores(toxic / 2, Family.EN, category=judgement.category.value)
        # The network alone is now and then sure of nonsense; the n-grams are asked only when it is sure of abuse.
        knows = judgement.category in DANGERS or toxic >= CLEAR
        agreed = toxic >= hold_at and self._by_ngrams(folded_text) >= (NOT_AGAINST if knows else self._ngrams.hold_at)
        return Scores(toxic, Family.EN, agreed, agreed and toxic >= _surely(hold_at), judgement.category.value)

    def _by_ngrams(self, folded_text: str) -> float:
        texts = [text for of, text in forms(folded_text, self._tables) if of == Family.EN]
        return max((self._ngrams.english(text, self._curve) for text in texts), default=0.0)

    def _as_chinese(self, toxic: float) -> Scores:
        hold_at = self._chinese.hold_at
        return Scores(toxic, Family.ZH, toxic >= hold_at, toxic >= _surely(hold_at))


def _until_english(found: Iterable[tuple[Family, str]]) -> Iterator[tuple[Family, str]]:
    """Yield forms up to the first English one: the network looks at the others of English itself."""
    for family, text in found:
        yield family, text
        if family == Family.EN:
            return


def few_words(text: str) -> bool:
    """Whether a text is too short for English to be held by what is thought of it here."""
    return text.isascii() and len(text.split()) < _SENTENCE


def _surely(hold_at: float) -> float:
    """Return the probability from which the host itself had better not say a text: every block cuts a reply."""
    return 1 - (1 - hold_at) / 4
