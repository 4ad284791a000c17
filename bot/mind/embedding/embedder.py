"""What makes vectors of texts, and what is checked of whatever it returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from bot.errors import TransientError
from bot.types import Health

#: Longest text that is embedded, in characters, and most numbers of one vector.
MAX_TEXT: Final = 2000
MAX_DIMENSIONS: Final = 4096

Floats = npt.NDArray[np.float32]


@runtime_checkable
class Embedder(Protocol):
    """A model that turns texts into vectors of one length whose angle tells how near their meanings are.

    ``name`` says which model it is: vectors of another name are never compared. ``dimensions`` is 0 until the first
    answer of a server.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - see the class

    @property
    def dimensions(self) -> int: ...  # noqa: D102 - see the class

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        """Return vectors of length 1, shape (texts, dimensions); ``query`` says that the texts are questions.

        Raises `ProviderError`; what is returned went through `checked`.
        """
        ...

    async def check(self) -> Health:
        """Say whether it works, without cost."""
        ...


def checked(raw: Any, texts: int, provider: str, dimensions: int = 0) -> Floats:
    """Return vectors as float32 of length 1, shape (texts, dimensions).

    ``dimensions`` is what the model gave before; 0: nothing yet. Raises `TransientError` for another number of
    vectors, for what is no number, and for a vector without a direction; `ChangedError` for other dimensions.
    """
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            found = np.asarray(raw, np.float32)
    except (ValueError, TypeError, OverflowError):
        raise TransientError("the embedder sent no proper vectors", provider=provider) from None
    if found.ndim != 2 or found.shape[0] != texts or not 0 < found.shape[1] <= MAX_DIMENSIONS:
        raise TransientError(f"the embedder sent vectors of the shape {found.shape}", provider=provider)
    if dimensions and found.shape[1] != dimensions:
        raise ChangedError(dimensions, found.shape[1], provider)
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt((found.astype(np.float64) ** 2).sum(axis=1, keepdims=True))
    if not np.isfinite(found).all() or not (lengths > 1e-12).all():
        raise TransientError("the embedder sent a vector without a direction", provider=provider)
    return np.asarray(found / lengths, np.float32)


class ChangedError(TransientError):
    """The model gives vectors of another length than before: another model answers under its name."""

    def __init__(self, before: int, dimensions: int, provider: str) -> None:
        super().__init__(
            f"the embedder gives {dimensions} numbers instead of {before}: another model answers under its name",
            provider=provider,
        )
        self.dimensions = dimensions
