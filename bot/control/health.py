"""The health of the parts that live as long as the show, and of the providers."""

from __future__ import annotations

from loguru import logger

from bot.control.schemas.panel import Part
from bot.errors import HaishinError, Refused
from bot.mind.failover import LlmChain
from bot.review.panel import Panel
from bot.runtime.link import LinkState
from bot.runtime.signal import Signal
from bot.telemetry.metrics import Metrics
from bot.voice.failover import TtsChain

#: Longest detail that is shown, in characters.
MAX_DETAIL = 200


class Parts:
    """The health of everything that lives long, for the control room and the metrics.

    ``chains`` are the providers by their kind: llm, tts, judge.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.changed = Signal()
        self.chains: dict[str, LlmChain | TtsChain | Panel] = {}
        self._parts: dict[str, Part] = {}
        self._metrics = metrics

    def report(self, name: str, state: str, error: BaseException | None) -> None:
        """Record the state of a part, as `bot.runtime.supervise.supervise` reports it; log and count its failure."""
        if error is not None:
            self._metrics.restarts.labels(name).inc()
            logger.opt(exception=not isinstance(error, HaishinError) and error).error("{} failed: {}", name, error)
        detail = str(error or "")[:MAX_DETAIL]
        self._parts[name] = Part.model_validate({"name": name, "state": state, "detail": detail})
        self.changed.notify()

    def all(self) -> list[Part]:
        """Return every part and every provider."""
        links = [_provider(kind, link) for kind, chain in self.chains.items() for link in chain.links()]
        return [*self._parts.values(), *links]

    async def retry_now(self, kind: str, name: str) -> Part:
        """Try a provider at once that rests or is down; return how it stands then. Raises `Refused`.

        Takes up to `bot.runtime.failover.CHECK_S` seconds.
        """
        chain = self.chains.get(kind)
        if chain is None:
            known = ", ".join(self.chains) or "none"
            raise Refused(f"there are no providers of the kind {kind!r}", remedy=f"The kinds are: {known}.")
        part = _provider(kind, await chain.retry_now(name))
        self.changed.notify()
        return part


def _provider(kind: str, link: LinkState) -> Part:
    return Part.model_validate(
        {
            "name": link.name,
            "state": link.state.value,
            "detail": link.detail[:MAX_DETAIL],
            "kind": kind,
            "next_try_s": None if link.next_try_s is None else round(link.next_try_s, 1),
        }
    )
