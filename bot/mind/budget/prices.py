"""What each link of the chains costs.

The settings go first, then what runs here costs nothing, then the list of genai-prices counts. A model that is in no
list counts as the dearest of its maker, or of all makers where that one is not known: too much is safe, nothing is not.
"""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from loguru import logger

from bot.mind.budget.settings import BudgetSettings
from bot.mind.budget.voices import DEAREST, FREE, units_of, voice_price
from bot.runtime.http_errors import is_on_this_machine
from bot.runtime.metering import ProviderKind

T = TypeVar("T")

#: Models that run on this machine, or on a server of one's own.
_LOCAL: Final = frozenset({"llamacpp", "ollama", "lmstudio"})
#: Whose dearest model an unknown one of an unknown maker counts as; without the list the figures of 0.2.3 stand.
_MAKERS: Final = ("openai", "anthropic", "google")
_DEAREST: Final = (150.0, 600.0)
#: Addresses of providers that have a client of their own, by which the list knows them.
_ADDRESSES: Final = {"claude": "https://api.anthropic.com", "anthropic": "https://api.anthropic.com"}
#: Tokens of which a price is asked: so few that no model has another price for long prompts there.
_ASKED: Final = 1000
#: Hours of the day (UTC) at which it is asked: DeepSeek's nights are cheaper.
_HOURS: Final = (0, 6, 12, 18)


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What is known of a link of a chain: its name there, its provider, its model and its address."""

    kind: ProviderKind
    link: str
    provider: str
    model: str = ""
    address: str = ""

    @property
    def key(self) -> str:
        """Return the name under which it is counted: links of two chains may share a name."""
        return f"{self.kind}:{self.link}"

    @property
    def local(self) -> bool:
        """Whether it runs on this machine or on a server of one's own."""
        if self.address and is_on_this_machine(self.address):
            return True
        return self.provider in (_LOCAL if self.kind is ProviderKind.LLM else FREE)


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a link costs: dollars for a million tokens read and written, or for a million characters.

    ``source`` says where the price is from; ``known`` is False for one that counts as the dearest.
    """

    facts: LinkFacts
    read: float = 0.0
    written: float = 0.0
    characters: float = 0.0
    source: str = ""
    known: bool = True
    units: Callable[[str], int] = len

    @property
    def costs(self) -> bool:
        """Whether a call costs money."""
        return bool(self.read or self.written or self.characters)

    @property
    def weight(self) -> float:
        """What a usual call costs beside those of other links: a model reads about ten tokens for each it writes."""
        return 10 * self.read + self.written + self.characters

    def micros(self, prompt: int, completion: int, spoken: str) -> float:
        """Return what a call costs, in millionths of a dollar: a price for a million is one for each in these."""
        return prompt * self.read + completion * self.written + self.units(spoken) * self.characters


class PriceList:
    """The list of genai-prices, where it is installed. Made in a thread: reading it takes a second of the processor."""

    def __init__(self) -> None:
        self._library: Any = None
        try:
            self._library = importlib.import_module("genai_prices")
            self._snapshot: Any = importlib.import_module("genai_prices.data_snapshot").get_snapshot()
        except Exception as error:  # noqa: BLE001 - a list that is broken is a list that is not there
            logger.warning("there is no list of prices ({}): install it with pip install 'haishin[prices]'", error)
            self._library = None
        self._known: dict[tuple[str, str], tuple[float, float] | None] = {}
        self._dearest: dict[str, tuple[float, float]] = {}

    def find(self, facts: LinkFacts) -> tuple[float, float] | None:
        """Return the price of a link's model, in dollars for a million tokens; None when it is not known."""
        place = facts.model, self._address(facts)
        if place not in self._known:
            self._known[place] = self._price(facts.model, provider_api_url=place[1]) if self._library else None
        return self._known[place]

    def dearest(self, facts: LinkFacts) -> tuple[float, float]:
        """Return the highest price of the maker of a link, or of all where that is not known."""
        address = self._address(facts)
        if address not in self._dearest:
            self._dearest[address] = self._highest(address) if self._library else _DEAREST
        return self._dearest[address]

    def _highest(self, address: str) -> tuple[float, float]:
        found = self._provider(address)
        makers = [found] if found is not None else [one for one in self._snapshot.providers if one.id in _MAKERS]
        prices = [self._price(model.id, provider_id=one.id) for one in makers for model in one.models]
        known = [price for price in prices if price]
        return max((r for r, _ in known), default=_DEAREST[0]), max((w for _, w in known), default=_DEAREST[1])

    def _address(self, facts: LinkFacts) -> str:
        return facts.address or _ADDRESSES.get(facts.provider, "")

    def _provider(self, address: str) -> Any:
        try:
            return self._snapshot.find_provider(None, None, address) if address else None
        except Exception:  # noqa: BLE001 - the list does not know it
            return None

    def _price(self, model: str, **of: str) -> tuple[float, float] | None:
        """Return a price: the highest of the day, where some hours are cheaper."""
        try:
            asked = [self._library.Usage(input_tokens=r, output_tokens=w) for r, w in ((_ASKED, 0), (0, _ASKED))]
            each = [max(self._at(hour, one, model, **of) for hour in _HOURS) for one in asked]
        except Exception:  # noqa: BLE001 - whatever it raises, the price is not known
            return None
        read, written = (price / _ASKED * 1e6 for price in each)
        return (read, written) if 0 <= read < 1e5 and 0 <= written < 1e5 else None

    def _at(self, hour: int, usage: Any, model: str, **of: str) -> float:
        moment = dt.datetime.now(dt.UTC).replace(hour=hour)
        found = self._library.calc_price(usage, model_ref=model, genai_request_timestamp=moment, **of)
        return float(found.total_price)


def tariff(facts: LinkFacts, settings: BudgetSettings, prices: PriceList | None) -> Tariff:
    """Return what a link costs. ``prices`` may be None where nothing needs the list."""
    if facts.kind is ProviderKind.TTS:
        return _voice(facts, settings)
    own = _own(facts, settings.prices)
    if own is not None:
        return Tariff(facts, own.input, own.output, source="the settings")
    if facts.local:
        return Tariff(facts, source="it runs here")
    if prices is None or (found := prices.find(facts)) is None:
        read, written = prices.dearest(facts) if prices else _DEAREST
        return Tariff(facts, read, written, source="unknown: as the dearest", known=False)
    return Tariff(facts, *found, source="genai-prices")


def _voice(facts: LinkFacts, settings: BudgetSettings) -> Tariff:
    units = units_of(facts.provider)
    own = _own(facts, settings.voices)
    if own is not None:
        return Tariff(facts, characters=own, source="the settings", units=units)
    if facts.local:
        return Tariff(facts, source="it costs nothing")
    listed = voice_price(facts.provider, facts.model)
    if listed is None:
        return Tariff(facts, characters=DEAREST, source="unknown: as the dearest", known=False, units=units)
    return Tariff(facts, characters=listed.usd, source="the list price", units=listed.units)


def _own(facts: LinkFacts, prices: Mapping[str, T]) -> T | None:
    """Return the price of the settings for a link: by its own name ("openai-2"), its model's, its provider's."""
    names = (facts.link if facts.link != facts.provider else "", facts.model, facts.provider)
    return next((prices[name] for name in names if name and name in prices), None)


def facts_of(kind: ProviderKind, link: str, provider: str, options: object) -> LinkFacts:
    """Return what a link's options tell of it. Options of another shape tell nothing."""
    told = {name: getattr(options, name, None) for name in ("model", "base_url", "host", "url")}
    model = told.pop("model")
    address = next((value for value in told.values() if isinstance(value, str) and "//" in value), "")
    return LinkFacts(kind, link, provider, str(model) if isinstance(model, str) else "", address)
