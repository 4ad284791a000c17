"""How likely a text is abuse, judged by all of its words and not by a list: a linear model for each language.

The weights are one byte for each bucket of `moderation.ngrams`, in one file a language. The file says what
it is, and its checksum is looked at before anything of it is used.
"""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from moderation.ngrams import Buckets, Family, features, forms, readings
from moderation.views import Tables

#: Where the weights that come with the package lie.
MODELS: Final = Path(__file__).parent / "models"
FAMILIES: Final[tuple[Family, ...]] = ("en", "zh")

_MAGIC: Final = b"haishin-ngrams-1\n"
_LONGEST_HEADER: Final = 4000
_LARGEST_FILE: Final = 8 << 20
#: What a text sounds like says less than how it is written: so much is taken off the logit of its sounds alone.
HEARD_ALONE: Final = 0.05
#: A byte stands for a weight by a curve, fine near zero: ``sign(b) * (|b| / 127) ** 2 * largest``.
_LEVELS: Final = 127


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

    def toxic(self, family: Family, text: str, curve: npt.NDArray[np.float32]) -> float:
        """Give the probability for one form of a text; 0 when it has no feature."""
        if family == "zh":
            whole, heard = readings(text, self.bits)
            logit = max(self._logit(whole, curve), self._logit(heard, curve) - HEARD_ALONE)
        else:
            logit = self._logit(features(family, text, self.bits), curve)
        if logit == -math.inf:
            return 0.0
        return 1 / (1 + math.exp(-min(30.0, max(-30.0, self.slope * logit + self.offset))))

    def _logit(self, buckets: Buckets, curve: npt.NDArray[np.float32]) -> float:
        if not len(buckets):
            return -math.inf
        total = float(curve[self.table[buckets].view(np.uint8)].sum()) * self.largest
        return total / math.sqrt(len(buckets)) + self.bias

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
    """Scores folded texts. Thread-safe, and never raises for whatever text."""

    def __init__(self, models: Mapping[Family, Model], tables: Tables | None = None) -> None:
        self._models = dict(models)
        self._tables = tables or Tables()
        levels = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float32) / _LEVELS
        self._curve = (np.sign(levels) * levels**2).astype(np.float32)

    @classmethod
    def load(cls, folder: Path = MODELS, tables: Tables | None = None) -> Self:
        """Read ``en.bin`` and ``zh.bin``. Raise `ClassifierError` when one is missing or damaged.

        ``tables`` may be those of a moderator, so that both share them.
        """
        return cls({family: Model.read(folder / f"{family}.bin") for family in FAMILIES}, tables)

    def chinese(self, folded_text: str) -> float:
        """Give what the Chinese model alone thinks, 0 when it reads nothing; for measurements."""
        model = self._models["zh"]
        found = [model.toxic("zh", text, self._curve) for of, text in forms(folded_text, self._tables) if of == "zh"]
        return max(found, default=0.0)

    def score(self, folded_text: str) -> Scores:
        """Score a text as `Tables.folded` gives it (emoji as they are). Only its first 2,000 characters count."""
        worst = Scores(0.0, "other")
        for family, text in forms(folded_text, self._tables):
            model = self._models[family]
            toxic = model.toxic(family, text, self._curve)
            sure = toxic >= 1 - (1 - model.hold_at) / 4
            found = Scores(toxic, family, toxic >= model.hold_at, sure)
            if worst.family == "other" or (found.hold, found.toxic) > (worst.hold, worst.toxic):
                worst = found
        return worst
