"""The health of the parts that live as long as the show, and of the providers."""

from __future__ import annotations

from collections.abc import Callable

from loguru import logger

from bot.control.schemas.panel import Part
from bot.errors import HaishinError, Refused
from bot.hearing.failover import AsrChain
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

    ``chains`` are the providers by their kind: llm, tts, asr, judge. ``troubles`` are parts that are asked: each
    returns what is wrong with it now, or an empty text.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.changed = Signal()
        self.chains: dict[str, LlmChain | TtsChain | AsrChain | Panel] = {}
        self.troubles: dict[str, Callable[[], str]] = {}
        self._parts: dict[str, Part] = {}
        self._metrics = metrics

    def report(self, name: str, state: str, error: BaseException | None) -> None:
        """Record the state of a part, as `bot.runtime.supervise.supervise` reports it; log and count its failure."""
        if error is not None:
            self._metrics.restarts.labels(name).inc()
            logger.opt(exception=not isinstance(error, HaishinError) and error).error("{} failed: {}", name, error)
        self._parts[name] = _part(name, state, str(error or ""))
        self.changed.notify()

    def all(self) -> list[Part]:
        """Return every part and every provider."""
        links = [_provider(kind, link) for kind, chain in self.chains.items() for link in chain.links()]
        asked = [
            _part(name, "down" if words else "up", words) for name, of in self.troubles.items() for words in [of()]
        ]
        return [*self._parts.values(), *asked, *links]

    def down(self) -> dict[str, str]:
        """Return what is down, with the reason, by its name; a provider with its kind before it."""
        parts = [part for part in self.all() if part.state == "down"]
        return {part.name if part.kind == "part" else f"{part.kind}: {part.name}": part.detail for part in parts}

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


def _part(name: str, state: str, detail: str) -> Part:
    return Part.model_validate({"name": name, "state": state, "detail": detail[:MAX_DETAIL]})


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
