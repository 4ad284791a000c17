# mypy: disable-error-code="misc,no-any-return"
"""The English network in torch, and how it learns from its teacher.

The same arithmetic as `moderation.classifier.transformer`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from moderation.classifier.transformer import WINDOW, Bytes, Network
from moderation.classifier.wordpiece import PAD

DIMS: Final = 128
INNER: Final = 256
LAYERS: Final = 3
HEADS: Final = 4
_EPSILON: Final = 1e-6
#: In each step so many pairs are read of which the bad one is to score higher, and what that counts for.
_PAIRS: Final = 24
_PAIR_LOSS: Final = 0.5


def _normed(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + _EPSILON / x.shape[-1])


class _Layer(nn.Module):
    def __init__(self, dims: int, inner: int) -> None:
        super().__init__()
        self.attend = nn.Linear(dims, 3 * dims, bias=False)
        self.attended = nn.Linear(dims, dims, bias=False)
        self.up, self.down = nn.Linear(dims, inner), nn.Linear(inner, dims)
        for part in (self.attended, self.down):
            nn.init.normal_(part.weight, std=0.02)

    def forward(self, x: Tensor, mask: Tensor, drop: float) -> Tensor:
        n, length, dims = x.shape
        q, k, v = self.attend(_normed(x)).view(n, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=1.0)
        x = x + F.dropout(self.attended(seen.transpose(1, 2).reshape(n, length, dims)), drop, self.training)
        return x + F.dropout(self.down(F.relu(self.up(_normed(x)))), drop, self.training)


class Student(nn.Module):
    """``vectors`` of shape (pieces, dims) are where the pieces begin; ``taught`` is the width of the teachers.

    ``kinds`` is how many kinds of teachers there are: the vectors of one kind mean nothing to another.
    """

    def __init__(
        self, vectors: Tensor, outputs: int, taught: int, *, kinds: int = 1, inner: int = INNER, layers: int = LAYERS,
        drop: float = 0.1,
    ) -> None:  # fmt: skip
        super().__init__()
        dims = vectors.shape[1]
        self.drop = drop
        self.pieces = nn.Embedding.from_pretrained(vectors, freeze=False, sparse=False)
        self.places = nn.Parameter(torch.randn(WINDOW, dims) * 0.02)
        self.layers = nn.ModuleList(_Layer(dims, inner) for _ in range(layers))
        for layer in self.layers:
            # Attention begins soft: the queries are scaled as the usual square root would.
            layer.attend.weight.data[:dims] *= (dims / HEADS) ** -0.5
        self.head = nn.Linear(2 * dims, outputs)
        self.taught = taught
        self.retell = nn.Linear(2 * dims, kinds * taught)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """From ids of shape (texts, length) to (logits, guesses of a vector of each kind of teacher)."""
        real = ids != PAD
        x = self.pieces(ids) + self.places[: ids.shape[1]]
        x = F.dropout(x, self.drop, self.training)
        mask = real[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask, self.drop)
        x = _normed(x)
        kept = real.unsqueeze(-1)
        pooled = torch.cat((x.masked_fill(~kept, -1e4).amax(1), (x * kept).sum(1) / kept.sum(1)), 1)
        told = self.retell(pooled).view(len(ids), -1, self.taught)
        return self.head(F.dropout(pooled, 2 * self.drop, self.training)), told

    def network(self, pieces: Sequence[str], outputs: Sequence[str]) -> Network:
        """Return the same in bytes, for numpy."""
        found = {
            "pieces": self.pieces.weight,
            "places": self.places,
            "head": torch.cat((self.head.weight, self.head.bias[:, None]), 1),
        }
        for at, layer in enumerate(self.layers):
            found |= {
                f"{at}.attend": layer.attend.weight, f"{at}.attended": layer.attended.weight,
                f"{at}.up": layer.up.weight, f"{at}.raised": layer.up.bias[None],
                f"{at}.down": layer.down.weight, f"{at}.lowered": layer.down.bias[None],
            }  # fmt: skip
        arrays = {name: np.asarray(part.detach().numpy(), np.float32) for name, part in found.items()}
        return Network(pieces, outputs, {name: Bytes.quantized(array) for name, array in arrays.items()})


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is learnt, one row a text.

    ``wanted`` is the probability of abuse, ``kinds`` the number of the category or -1, ``vectors`` what the teacher
    made of the text (texts, width), or None when there was no teacher, ``by`` the number of that teacher's kind.
    ``pairs`` are rows that differ in a word and in the answer: (bad, not bad).
    """

    ids: list[list[int]]
    wanted: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    kinds: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.float16] | None = None
    by: npt.NDArray[np.int64] | None = None
    pairs: list[tuple[int, int]] = field(default_factory=list)


def batches(lengths: Sequence[int], size: int, rng: random.Random) -> list[list[int]]:
    """Shuffle rows into batches of alike length."""
    order = list(range(len(lengths)))
    rng.shuffle(order)
    chunks = [sorted(order[at : at + 30 * size], key=lambda i: lengths[i]) for at in range(0, len(order), 30 * size)]
    found = [chunk[at : at + size] for chunk in chunks for at in range(0, len(chunk), size)]
    rng.shuffle(found)
    return found


def teach(
    student: Student, lessons: Lessons, rounds: int, *, rate: float = 1.5e-3, size: int = 128, retell: float = 1.0,
    seed: int = 0, tick: Callable[[int, float], None] = lambda _round, _loss: None,
) -> None:  # fmt: skip
    """Learn for so many rounds over all lessons; the rate rises, then falls to nothing."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    lengths = [len(row) for row in lessons.ids]
    steps = rounds * len(batches(lengths, size, random.Random(0)))  # noqa: S311
    embeddings = {"pieces.weight"}
    groups = [
        {"params": [p for n, p in student.named_parameters() if n in embeddings], "lr": rate, "weight_decay": 0.0},
        {"params": [p for n, p in student.named_parameters() if n not in embeddings], "lr": rate, "weight_decay": 0.02},
    ]
    optimizer = torch.optim.AdamW(groups)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / (0.05 * steps)) * max(0.0, 1 - step / steps)
    )
    wanted, weights = torch.from_numpy(lessons.wanted), torch.from_numpy(lessons.weights)
    kinds = torch.from_numpy(lessons.kinds)
    vectors = None if lessons.vectors is None else torch.from_numpy(lessons.vectors)
    by = torch.from_numpy(np.zeros_like(lessons.kinds) if lessons.by is None else lessons.by)
    student.train()
    for round_ in range(rounds):
        total, seen = 0.0, 0
        for rows in batches(lengths, size, rng):
            logits, told = student(padded([lessons.ids[row] for row in rows], rng))
            at = torch.tensor(rows)
            loss = (F.binary_cross_entropy_with_logits(logits[:, 0], wanted[at], reduction="none") * weights[at]).mean()
            if bool((kinds[at] >= 0).any()):
                loss = loss + 0.3 * F.cross_entropy(logits[:, 1:], kinds[at], ignore_index=-1)
            if vectors is not None:
                guess = told[torch.arange(len(at)), by[at]]
                loss = loss + retell * (1 - F.cosine_similarity(guess, vectors[at].float())).mean()
            if some := rng.sample(lessons.pairs, min(_PAIRS, len(lessons.pairs))):
                both, _ = student(padded([lessons.ids[row] for pair in some for row in pair], rng))
                bad, good = both[:, 0].view(-1, 2).unbind(1)
                loss = loss + _PAIR_LOSS * F.softplus(good - bad).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(student.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            total, seen = total + float(loss.detach()), seen + 1
        tick(round_, total / max(1, seen))
    student.eval()


def padded(rows: Sequence[Sequence[int]], rng: random.Random | None = None, forget: float = 0.05) -> Tensor:
    """Make a rectangle; with ``rng`` some pieces are made unknown, so that no single one decides."""
    longest = min(WINDOW, max(map(len, rows)))
    found = torch.full((len(rows), longest), PAD)
    for at, row in enumerate(rows):
        cut = torch.tensor(row[:longest])
        found[at, : len(cut)] = cut
    if rng is not None:
        hidden = torch.from_numpy(np.random.default_rng(rng.getrandbits(32)).random(found.shape)) < forget
        found[hidden & (found != PAD)] = 1
    return found


def logits(student: Student, ids: Sequence[list[int]]) -> npt.NDArray[np.float32]:
    """Score rows: (rows, outputs)."""
    found = np.zeros((len(ids), student.head.out_features), np.float32)
    order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
    with torch.inference_mode():
        for start in range(0, len(order), 256):
            part = order[start : start + 256]
            found[part] = student(padded([ids[at] for at in part]))[0].numpy()
    return found
