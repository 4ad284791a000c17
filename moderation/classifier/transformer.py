"""A tiny transformer in numpy that reads a line of chat as a sentence and not as a bag of letters.

Pieces of words become vectors, two layers of attention let them look at one another, the strongest and the mean of
what they became give logits: abuse or not, and of which kind. Weights are bytes with a scale for each row; they are
made by ``scripts/train/train_english.py`` and read from a file whose checksum is looked at before anything is used.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from moderation.classifier.wordpiece import PAD, Pieces

Floats = npt.NDArray[np.float32]

#: A text is read in windows of so many pieces, each beginning so many after the one before.
WINDOW: Final = 64
STEP: Final = 48

_MAGIC: Final = b"haishin-network-1\n"
_LONGEST_HEADER: Final = 8000
_LARGEST_FILE: Final = 8 << 20
_MOST_PIECES: Final = 65_536
_HEADS: Final = 4
_EPSILON: Final = 1e-6
#: A window is filled up to one of these lengths; those of one length are read together. OpenBLAS multiplies 12 rows
#: at once (with AVX2), so a window begins where a tile does, and has the same bits in any company.
_LENGTHS: Final = (12, 24, 36, 48, 72)
#: Vectors that are read at once at most: more of them leave the processor's cache, and nothing is won.
_MOST_ROWS: Final = 512
#: Numbers of rows that are tried to learn whether company changes a row: OpenBLAS goes other ways for few and for many.
_PROBED: Final = (2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 18, 24, 33, 61, 97, 331)
#: What a place that was only filled up counts: nothing.
_NEVER: Final = np.float32(-1e30)


@dataclass(frozen=True, slots=True)
class Bytes:
    """A matrix as bytes: ``levels * scales[:, None]``, rows by columns."""

    levels: npt.NDArray[np.int8]
    scales: Floats

    @classmethod
    def quantized(cls, matrix: npt.NDArray[np.float32]) -> Self:
        """Make a byte of each number, to the nearest of 255 levels of its row."""
        scales = np.maximum(np.abs(matrix).max(1), 1e-8) / 127
        return cls(np.round(matrix / scales[:, None]).astype(np.int8), scales.astype(np.float32))

    @property
    def floats(self) -> Floats:
        """Return the numbers."""
        return self.levels * self.scales[:, None]


@dataclass(frozen=True, slots=True)
class _Layer:
    """Matrices are (inputs, outputs), so that rows of vectors are multiplied from the left."""

    attend: Floats
    attended: Floats
    up: Floats
    raised: Floats
    down: Floats
    lowered: Floats


class Network:
    """Gives logits for a folded text. Thread-safe after it is made."""

    def __init__(self, pieces: Sequence[str], outputs: Sequence[str], matrices: Mapping[str, Bytes]) -> None:
        self.pieces = Pieces(pieces)
        self.outputs = tuple(outputs)
        self.matrices = dict(matrices)
        self._vectors = self.matrices["pieces"]
        self._places = self.matrices["places"].floats
        self._head = self.matrices["head"].floats.T.copy()
        self._layers = [self._layer(at) for at in range(sum(name.endswith(".up") for name in self.matrices))]
        self._check()
        #: Whether the places that fill up a window may be left out where each piece is read by itself.
        self._packed = all(
            _reads_alike(matrix)
            for layer in self._layers[:1]
            for matrix in (layer.attend, layer.attended, layer.up, layer.down)
        )

    def _layer(self, at: int) -> _Layer:
        def floats(name: str) -> Floats:
            return self.matrices[f"{at}.{name}"].floats

        return _Layer(
            floats("attend").T.copy(), floats("attended").T.copy(), floats("up").T.copy(), floats("raised")[0],
            floats("down").T.copy(), floats("lowered")[0],
        )  # fmt: skip

    def _check(self) -> None:
        rows, dims = self._vectors.levels.shape
        inner = self._layers[0].up.shape[1] if self._layers else 0
        wanted = {"pieces": (rows, dims), "places": (WINDOW, dims), "head": (len(self.outputs), 2 * dims + 1)}
        for at in range(len(self._layers)):
            shapes = {
                "attend": (3 * dims, dims), "attended": (dims, dims), "up": (inner, dims), "raised": (1, inner),
                "down": (dims, inner), "lowered": (1, dims),
            }  # fmt: skip
            wanted |= {f"{at}.{name}": shape for name, shape in shapes.items()}
        found = {name: matrix.levels.shape for name, matrix in self.matrices.items()}
        if found != wanted or rows != len(self.pieces.vocabulary) or dims % _HEADS or not self.outputs:
            raise ValueError("its parts do not fit together")
        if not all(np.isfinite(matrix.scales).all() for matrix in self.matrices.values()):
            raise ValueError("a number in it is none")

    def logits(self, text: str) -> Floats | None:
        """Return a row of logits for each window of the text, of shape (windows, outputs); None if it has no piece."""
        return self.logits_of([text])[0]

    def logits_of(self, texts: Sequence[str]) -> list[Floats | None]:
        """Return `logits` of many texts at once: a small network costs mostly what numpy asks for a call.

        A window is filled up to the next of `_LENGTHS`, alone as in company, so that the company changes no bit of it.
        What has the same pieces is read once: the forms of a text often differ in their white space alone.
        """
        windows = [[tuple(ids) for ids in _windows(self.pieces.ids(text))] for text in texts]
        alike: dict[int, list[tuple[int, ...]]] = {}
        for ids in dict.fromkeys(itertools.chain.from_iterable(windows)):
            alike.setdefault(next(n for n in _LENGTHS if n >= len(ids)), []).append(ids)
        rows: dict[tuple[int, ...], Floats] = {}
        for length, each in alike.items():
            for start in range(0, len(each), most := max(1, _MOST_ROWS // length)):
                some = each[start : start + most]
                rows.update(zip(some, self._read(some, length), strict=True))
        return [np.array([rows[ids] for ids in of_text], np.float32) if of_text else None for of_text in windows]

    def _read(self, windows: list[tuple[int, ...]], length: int) -> Floats:
        """Return a row of logits for each window of at most ``length`` pieces.

        Pieces look at one another in windows of one length. What else is done to them is done to each alone, so ``x``
        has a row for each piece and none for what only fills up a window, where no bit depends on that.
        """
        many, dims = len(windows), self._places.shape[1]
        sizes = np.array([len(window) for window in windows])
        places = np.arange(length)
        empty = places >= sizes[:, None]
        closed = np.where(empty, _NEVER, np.float32(0))[:, None, None, :] if empty.any() else None
        # A single row is read otherwise than many, so it gets company.
        filled = ~empty if self._packed and sizes.sum() > 1 else np.ones_like(empty)
        whole = bool(filled.all())
        ids = np.full(empty.shape, PAD, np.intp)
        ids[~empty] = np.fromiter(itertools.chain.from_iterable(windows), np.intp)
        ids = ids[filled]
        x = self._vectors.levels[ids] * self._vectors.scales[ids][:, None]
        x += self._places[np.broadcast_to(np.minimum(places, WINDOW - 1), empty.shape)[filled]]
        #: The row of each place (of one that has none, any), and the place of each row.
        rows, places_of = np.where(filled, filled.cumsum().reshape(empty.shape) - 1, 0), np.flatnonzero(filled)
        shape = (many, length, 3, _HEADS, dims // _HEADS)
        for layer in self._layers:
            parts = _normed(x) @ layer.attend
            parts = (parts if whole else parts[rows]).reshape(shape).transpose(2, 0, 3, 1, 4)
            scores = parts[0] @ parts[1].swapaxes(-1, -2)
            if closed is not None:
                scores += closed
            # So that no exponent is too large, and one of each row is 0.
            scores -= functools.reduce(np.maximum, scores.transpose(3, 0, 1, 2))[..., None]
            np.exp(scores, out=scores)
            scores /= scores.sum(-1, keepdims=True)
            seen = (scores @ parts[2]).swapaxes(1, 2).reshape(many * length, dims)
            x += (seen if whole else seen[places_of]) @ layer.attended
            raised = _normed(x) @ layer.up
            raised += layer.raised
            np.maximum(raised, 0, out=raised)
            x += raised @ layer.down
            x += layer.lowered
        x = _normed(x)[rows]
        pooled = np.ones((many, 1, 2 * dims + 1), np.float32)
        x[empty] = _NEVER
        pooled[:, 0, :dims] = x.max(1)
        x[empty] = 0
        pooled[:, 0, dims:-1] = x.sum(1) / sizes[:, None]
        return np.asarray((pooled @ self._head)[:, 0], np.float32)

    def save(self, path: Path, numbers: Mapping[str, float]) -> None:
        """Write the file: a line that names the format, a line of JSON, then everything packed."""
        body = b"".join(part.levels.tobytes() + part.scales.astype("<f4").tobytes() for part in self.matrices.values())
        packed = zlib.compress("\n".join(self.pieces.vocabulary).encode() + b"\n\n" + body, 9)
        header = {
            "outputs": self.outputs, "numbers": dict(numbers), "sha256": hashlib.sha256(packed).hexdigest(),
            "matrices": {name: part.levels.shape for name, part in self.matrices.items()},
        }  # fmt: skip
        path.write_bytes(_MAGIC + json.dumps(header).encode() + b"\n" + packed)


def _windows(ids: list[int]) -> Iterator[list[int]]:
    """Yield the pieces that are read at once; none of a text without pieces."""
    for start in range(0, max(1, len(ids) - WINDOW + STEP), STEP) if ids else ():
        yield ids[start : start + WINDOW]


def _reads_alike(matrix: Floats) -> bool:
    """Return whether a row times a matrix has the same bits wherever it stands, and whatever stands beside it.

    It depends on the processor: OpenBLAS reads 12 rows at once with AVX2, their halves not alike, and all rows alike
    with AVX-512. A single row is always another matter.
    """
    rows = np.sin(np.arange(_PROBED[-1] * len(matrix), dtype=np.float32)).reshape(-1, len(matrix))
    whole = rows @ matrix
    return all(
        np.array_equal(rows[:many] @ matrix, whole[:many]) and np.array_equal(rows[-many:] @ matrix, whole[-many:])
        for many in _PROBED
    )


def _normed(x: Floats) -> Floats:
    """Make every row's mean square one (the gains are part of the matrix that follows)."""
    scale = np.einsum("ij,ij->i", x, x)
    scale += _EPSILON
    np.sqrt(scale, out=scale)
    np.divide(math.sqrt(x.shape[1]), scale, out=scale)
    return np.asarray(x * scale[:, None], np.float32)


def read(path: Path) -> tuple[Network, dict[str, float]]:
    """Read a network and the numbers beside it. Raise `OSError`, or `ValueError` unless all is as it was written."""
    with path.open("rb") as file:
        raw = file.read(_LARGEST_FILE + 1)
    try:
        return _parsed(raw)
    except (TypeError, KeyError, AttributeError, IndexError, RecursionError, zlib.error) as error:
        raise ValueError(f"its header is wrong: {error!r}") from error


def _parsed(raw: bytes) -> tuple[Network, dict[str, float]]:
    if not raw.startswith(_MAGIC) or len(raw) > _LARGEST_FILE:
        raise ValueError("not a file of weights")
    line, found, packed = raw[len(_MAGIC) :].partition(b"\n")
    if not found or len(line) > _LONGEST_HEADER:
        raise ValueError("its header is cut off")
    header = json.loads(line)
    if hashlib.sha256(packed).hexdigest() != header["sha256"]:
        raise ValueError("its checksum is wrong")
    unpacker = zlib.decompressobj()
    body = unpacker.decompress(packed, 2 * _LARGEST_FILE)
    if not unpacker.eof:
        raise ValueError("its parts are larger than they may be")
    words, _, body = body.partition(b"\n\n")
    matrices, at = {}, 0
    for name, shape in header["matrices"].items():
        rows, columns = shape
        if type(rows) is not int or type(columns) is not int or not (0 < rows <= _MOST_PIECES and 0 < columns <= 4096):
            raise ValueError("a size in it is wrong")
        end = at + rows * columns
        levels = np.frombuffer(body[at:end], np.int8).reshape(rows, columns)
        scales = np.frombuffer(body[end : end + 4 * rows], "<f4").astype(np.float32)
        matrices[str(name)] = Bytes(levels, scales)
        at = end + 4 * rows
    if at != len(body):
        raise ValueError("its parts have another size than it says")
    numbers = {str(name): float(value) for name, value in header["numbers"].items()}
    if not all(map(math.isfinite, numbers.values())):
        raise ValueError("a number in it is none")
    outputs = [str(name) for name in header["outputs"]]
    return Network(words.decode().split("\n"), outputs, matrices), numbers
