# mypy: disable-error-code="misc,no-any-return"
# ruff: noqa: S311 - chance is seeded and no secret
"""The teacher of the English network: the pretrained encoder, tuned on our examples, judges other texts for it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from moderation.classifier.wordpiece import SPECIAL
from moderation.text.forms import Tables
from scripts.train import english, minilm
from scripts.train.english import Example
from scripts.train.student import batches

Floats = npt.NDArray[np.float32]

LONGEST: Final = 56
RATE: Final = 6e-5
_SIZE: Final = 32
#: The pieces and so many of the layers stay as pretrained: quicker, and what they know of other words is kept.
_FIXED_LAYERS: Final = 1
#: Labels are not all right: none is believed wholly.
_DOUBT: Final = 0.03
#: In each step so many pairs are read that differ in a word and in the answer: the bad one is to score higher.
#: Without them HatemojiBuild's validation part is told apart with .694, with them .709 (alone, four rounds).
_PAIRS: Final = 12


class Teacher:
    """The encoder with its way of reading. ``outputs`` are those of the network."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._pretrained = minilm.vocabulary()
        self._tokens = minilm.Tokens({piece: number for number, piece in enumerate(self._pretrained)})
        self.encoder = minilm.MiniLM(len(english.OUTPUTS))
        #: As pretrained: what pieces mean before anything was tuned.
        self.pretrained: Floats = self.encoder.pieces.detach().clone().numpy()

    def ids(self, text: str) -> list[int]:
        """Read a folded text."""
        return self._tokens.ids(english.named(text, self._tables), LONGEST)

    def tune(
        self, examples: Sequence[Example], rounds: int, tick: Callable[[int, float], None] = lambda _step, _loss: None,
        *, pairs: Sequence[tuple[int, int]] = (), seed: int = 0,
    ) -> None:  # fmt: skip
        """Learn for so many rounds over the examples. ``pairs`` are what `english.paired` gives."""
        encoder, rng = self.encoder, random.Random(seed)
        rows = [self.ids(example.text) for example in examples]
        wanted = torch.tensor([float(example.toxic) for example in examples]) * (1 - 2 * _DOUBT) + _DOUBT
        weights = torch.tensor([example.weight for example in examples])
        kinds = torch.tensor([example.kind for example in examples])
        lengths = list(map(len, rows))
        steps = rounds * len(batches(lengths, _SIZE, random.Random(0)))
        for part in (encoder.norm, *encoder.layers[:_FIXED_LAYERS]):
            part.requires_grad_(requires_grad=False)
        encoder.pieces.requires_grad_(requires_grad=False)
        encoder.places.requires_grad_(requires_grad=False)
        moving = [part for part in encoder.parameters() if part.requires_grad]
        optimizer = torch.optim.AdamW(moving, lr=RATE, weight_decay=0.01)
        scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min(1, (step + 1) / (0.06 * steps)) * max(0.0, 1 - step / steps)
        )
        encoder.train()
        done = 0
        for _ in range(rounds):
            for at in batches(lengths, _SIZE, rng):
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    logits, _ = encoder(minilm.padded([rows[row] for row in at]))
                logits, chosen = logits.float(), torch.tensor(at)
                losses = F.binary_cross_entropy_with_logits(logits[:, 0], wanted[chosen], reduction="none")
                loss = (losses * weights[chosen]).mean()
                if bool((kinds[chosen] >= 0).any()):
                    loss = loss + 0.3 * F.cross_entropy(logits[:, 1:], kinds[chosen], ignore_index=-1)
                if pairs:
                    some = rng.sample(pairs, min(_PAIRS, len(pairs)))
                    with torch.autocast("cpu", dtype=torch.bfloat16):
                        both, _ = encoder(minilm.padded([rows[row] for pair in some for row in pair]))
                    bad, good = both.float()[:, 0].view(-1, 2).unbind(1)
                    loss = loss + F.softplus(good - bad).mean()
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(moving, 1.0)
                optimizer.step()
                scheduler.step()
                done += 1
                tick(done, float(loss.detach()))
        encoder.eval()

    def read(self, rows: Sequence[list[int]]) -> tuple[Floats, npt.NDArray[np.float16]]:
        """Return for rows of numbers the logits (rows, outputs) and the vectors (rows, width)."""
        logits = np.zeros((len(rows), len(english.OUTPUTS)), np.float32)
        vectors = np.zeros((len(rows), self.pretrained.shape[1]), np.float16)
        order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
        self.encoder.eval()
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            for start in range(0, len(order), 256):
                part = order[start : start + 256]
                found, mean = self.encoder(minilm.padded([rows[row] for row in part]))
                logits[part], vectors[part] = found.float().numpy(), mean.float().numpy().astype(np.float16)
        return logits, vectors

    def pieces(self, vocabulary: Sequence[str], dims: int, scale: float = 1.0) -> Floats:
        """Return each piece of the network a vector to begin with: (pieces, dims).

        It is what the encoder makes of the piece alone, beside what it knew of it when pretrained, in the
        directions in which these differ most. Emoji are read by their names.
        """
        numbers = {piece: number for number, piece in enumerate(self._pretrained)}
        opens, closes = self._tokens.ids([], 2)
        rows = [
            [opens, numbers[piece], closes] if piece in numbers else self.ids(piece.replace("'", " ' "))
            for piece in vocabulary
        ]
        _, meant = self.read(rows)
        spelt = np.array([self.pretrained[row[1:-1] or row].mean(0) for row in rows], np.float32)
        joined = np.concatenate([part / part.std() for part in (meant.astype(np.float32), spelt)], 1)
        joined -= joined.mean(0)
        _, directions = np.linalg.eigh((joined.T @ joined).astype(np.float64))
        found = np.asarray(joined @ directions[:, ::-1][:, :dims].astype(np.float32), np.float32)
        found *= scale / found.std()
        found[: len(SPECIAL)] = 0
        return found

    def near(self, vocabulary: Sequence[str], most: int = 8) -> dict[str, list[str]]:
        """Return for whole words those that mean nearly the same, as pretrained."""
        numbers = {piece: number for number, piece in enumerate(self._pretrained)}
        chosen = [piece for piece in vocabulary if piece in numbers and piece.isalpha() and len(piece) > 2]
        vectors = self.pretrained[[numbers[piece] for piece in chosen]]
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        found = {}
        for start in range(0, len(chosen), 2000):
            alike = vectors[start : start + 2000] @ vectors.T
            best = np.argpartition(-alike, most + 1, axis=1)[:, : most + 1]
            for row, columns in enumerate(best):
                word = chosen[start + row]
                found[word] = [chosen[at] for at in columns if chosen[at] != word and alike[row, at] > 0.45]
        return {word: words for word, words in found.items() if words}
