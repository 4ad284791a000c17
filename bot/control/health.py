"""The health of the parts that live as long as the show, and of the providers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from loguru import logger

from bot.control.schemas.panel import Part
from bot.errors import HaishinError
from bot.runtime.signal import Signal
from bot.telemetry.metrics import Metrics


class Link(Protocol):
    """The state of one provider of a chain, or of one judge."""

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        ...

    @property
    def state(self) -> str:
        """One of: up, resting, down."""
        ...

    @property
    def detail(self) -> str:
        """Why it is not up."""
        ...


class Chain(Protocol):
    """Something that has providers: a chain of models or voices, or the panel of judges."""

    def links(self) -> Sequence[Link]:
        """Return them in their order."""
        ...


class Parts:
    """The health of everything that lives long, for the control room and the metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self.changed = Signal()
        self._parts: dict[str, Part] = {}
        self._metrics = metrics
        self.chains: list[Chain] = []

    def report(self, name: str, state: str, error: BaseException | None) -> None:
        """Record the state of a part, as `bot.runtime.supervise.supervise` reports it; log and count its failure."""
        if error is not None:
            self._metrics.restarts.labels(name).inc()
            logger.opt(exception=not isinstance(error, HaishinError) and error).error("{} failed: {}", name, error)
        self._parts[name] = Part.model_validate({"name": name, "state": state, "detail": str(error or "")[:200]})
        self.changed.notify()

    def all(self) -> list[Part]:
        """Return every part and every provider."""
        links = [
            Part.model_validate({"name": link.name, "state": link.state, "detail": link.detail[:200]})
            for chain in self.chains
            for link in chain.links()
        ]
        return [*self._parts.values(), *links]
