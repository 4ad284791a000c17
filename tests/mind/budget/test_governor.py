"""Levels, and what follows from them."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import pytest

from bot.mind.budget.days import Days
from bot.mind.budget.governor import LEAST_TOKENS, BudgetGovernor, BudgetLevel, ScopeName, Unit
from bot.mind.budget.meter import Meter
from bot.mind.budget.prices import LinkFacts, Tariff
from bot.mind.budget.settings import BudgetSettings
from bot.mind.budget.streams import Streams
from bot.runtime.metering import CallPurpose, Consumption, ProviderKind, calling_for, paid_for, purpose_now
from bot.telemetry.alarms import AlarmLevel, Alarms
from bot.types import Line, Prompt

LLM, TTS = ProviderKind.LLM, ProviderKind.TTS
REPLY, SPEECH, PAID, NIGHT, DRAFT, JUDGE = (
    CallPurpose.REPLY, CallPurpose.SPEECH, CallPurpose.PAID, CallPurpose.NIGHT, CallPurpose.DRAFT, CallPurpose.JUDGE,
)  # fmt: skip
PROMPT = Prompt((Line("user", "hello"),), max_tokens=160)


class Desk:
    """A governor over clocks of the test."""

    def __init__(self, **settings: Any) -> None:
        self.wall = dt.datetime(2026, 11, 29, 18, tzinfo=dt.UTC)
        self.steady = 0.0
        self.alarms = Alarms(lambda: self.steady)
        days = Days(lambda: self.wall, lambda: self.steady, "UTC")
        streams = Streams(lambda: None, lambda: self.wall, lambda: self.steady)
        meter = Meter(cast("Any", None), days, streams)
        meter.tariffs = {
            "llm:dear": Tariff(LinkFacts(LLM, "dear", "openai", "large"), 2.5, 10.0),
            "llm:cheap": Tariff(LinkFacts(LLM, "cheap", "openai", "small"), 0.15, 0.6),
            "llm:flat": Tariff(LinkFacts(LLM, "flat", "groq", "flat")),  # the settings say that it costs nothing
            "llm:here": Tariff(LinkFacts(LLM, "here", "llamacpp")),
            "tts:cloud": Tariff(LinkFacts(TTS, "cloud", "azure"), characters=16.0),
            "tts:here": Tariff(LinkFacts(TTS, "here", "kokoro")),
        }
        self.governor = BudgetGovernor(
            BudgetSettings(**settings), meter, days, self.alarms, now=lambda: self.wall, steady=lambda: self.steady
        )

    def wait(self, seconds: float) -> None:
        self.wall, self.steady = self.wall + dt.timedelta(seconds=seconds), self.steady + seconds
        self.governor.look()

    def spend(self, usd: float) -> None:
        self.governor.count(Consumption(LLM, "dear", REPLY, completion=round(usd * 1e5)))

    def asked(self, kind: ProviderKind = LLM, purpose: CallPurpose = REPLY) -> list[str]:
        """Return the links that are asked, in their order."""
        names = [one.facts.link for one in self.governor.tariffs.values() if one.facts.kind is kind]
        ranks = [(rank, name) for name in names if (rank := self.governor.rank(kind, name, purpose)) is not None]
        return [name for _, name in sorted(ranks, key=lambda one: one[0])]


def test_without_a_limit_nothing_changes() -> None:
    desk = Desk()
    desk.spend(1000)
    assert desk.governor.level is BudgetLevel.NORMAL
    assert desk.asked() == ["dear", "cheap", "flat", "here"]
    assert not desk.alarms.standing()


def test_below_the_soft_limit_the_links_keep_their_order() -> None:
    desk = Desk(day={"usd": 10})
    desk.spend(7.9)
    assert desk.governor.level is BudgetLevel.NORMAL
    assert desk.asked() == ["dear", "cheap", "flat", "here"]
    assert desk.governor.fitted(PROMPT, REPLY) is PROMPT
    assert (desk.governor.brevity(), desk.governor.patience()) == (1.0, 1.0)


def test_from_the_soft_limit_on_the_cheapest_goes_first_and_replies_are_short() -> None:
    desk = Desk(day={"usd": 10})
    desk.spend(8)
    assert desk.governor.level is BudgetLevel.SOFT
    assert desk.asked() == ["flat", "here", "cheap", "dear"]
    assert desk.asked(TTS, SPEECH) == ["here", "cloud"]
    assert desk.governor.fitted(PROMPT, REPLY).max_tokens == 80
    assert desk.governor.brevity() < 1 < desk.governor.patience()
    assert desk.asked(purpose=NIGHT) == desk.asked(purpose=DRAFT) == ["flat", "here"]
    assert desk.asked(purpose=CallPurpose.MEMORY) == desk.asked(purpose=CallPurpose.GLANCE) == ["flat", "here"]
    (alarm,) = desk.alarms.standing()
    assert alarm.level is AlarmLevel.WARNING
    assert "$8.00" in alarm.text


def test_a_short_answer_is_still_one_and_forms_stay_whole() -> None:
    desk = Desk(day={"usd": 10})
    desk.spend(9)
    short, formed = Prompt(PROMPT.lines, max_tokens=60), Prompt(PROMPT.lines, schema={"type": "object"})
    assert desk.governor.fitted(short, REPLY).max_tokens == LEAST_TOKENS
    assert desk.governor.fitted(formed, REPLY) is formed
    assert desk.governor.fitted(PROMPT, JUDGE) is PROMPT
    assert desk.governor.fitted(PROMPT, PAID) is PROMPT


def test_at_the_hard_limit_no_link_that_costs_is_asked() -> None:
    desk = Desk(day={"usd": 10})
    desk.spend(10)
    assert desk.governor.level is BudgetLevel.HARD
    assert desk.asked() == desk.asked(purpose=JUDGE) == ["flat", "here"]
    assert desk.asked(TTS, SPEECH) == ["here"]
    (alarm,) = desk.alarms.standing()
    assert alarm.level is AlarmLevel.ERROR


def test_what_is_for_money_is_never_refused_and_counts() -> None:
    desk = Desk(day={"usd": 10})
    desk.spend(10)
    assert desk.asked(purpose=PAID) == ["dear", "cheap", "flat", "here"]
    assert desk.asked(TTS, PAID) == ["cloud", "here"]
    desk.governor.count(Consumption(LLM, "dear", PAID, completion=100_000))
    assert desk.governor.standings()[0].spent == pytest.approx(11)


def test_a_limit_in_tokens_concerns_models_elsewhere_alone() -> None:
    desk = Desk(day={"tokens": 1000})
    desk.governor.count(Consumption(LLM, "here", REPLY, 5000, 5000))
    assert desk.governor.level is BudgetLevel.NORMAL
    desk.governor.count(Consumption(LLM, "flat", REPLY, 900, 100))
    assert desk.governor.level is BudgetLevel.HARD
    assert desk.asked() == ["here"]
    assert desk.asked(TTS, SPEECH) == ["here", "cloud"]


def test_of_several_limits_the_nearest_counts() -> None:
    desk = Desk(day={"usd": 100}, stream={"usd": 10, "tokens": 10**9})
    desk.spend(9)
    levels = {(one.scope, one.unit): one.level for one in desk.governor.standings()}
    assert levels == {
        (ScopeName.DAY, Unit.USD): BudgetLevel.NORMAL,
        (ScopeName.STREAM, Unit.USD): BudgetLevel.SOFT,
        (ScopeName.STREAM, Unit.TOKENS): BudgetLevel.NORMAL,
    }
    assert desk.governor.level is BudgetLevel.SOFT


def test_the_next_day_begins_anew_and_the_alarm_is_over() -> None:
    desk = Desk(day={"usd": 10})
    desk.spend(10)
    for _ in range(6 * 60 + 1):
        desk.wait(60)
    assert desk.governor.level is BudgetLevel.NORMAL
    assert desk.asked()[0] == "dear"
    assert not desk.alarms.standing()


def test_the_forecast_says_when_a_limit_is_reached() -> None:
    desk = Desk(day={"usd": 10})
    for _ in range(60):
        desk.spend(0.05)
        desk.wait(60)
    (standing,) = desk.governor.standings()
    assert standing.spent == pytest.approx(3)
    assert standing.reached_at is not None
    assert standing.reached_at - desk.wall == pytest.approx(dt.timedelta(minutes=140), abs=dt.timedelta(minutes=5))


def test_a_limit_that_the_day_does_not_reach_has_no_forecast() -> None:
    desk = Desk(day={"usd": 100})
    for _ in range(60):
        desk.spend(0.05)
        desk.wait(60)
    assert desk.governor.standings()[0].reached_at is None


def test_nothing_is_foretold_of_the_first_minutes() -> None:
    desk = Desk(day={"usd": 10})
    desk.spend(5)
    desk.wait(60)
    assert desk.governor.standings()[0].reached_at is None


def test_a_limit_that_is_raised_counts_at_once() -> None:
    desk = Desk(day={"usd": 10})
    desk.spend(10)
    desk.governor.update(BudgetSettings(day=cast("Any", {"usd": 50})), "")
    assert desk.governor.level is BudgetLevel.NORMAL
    assert not desk.alarms.standing()


def test_what_belongs_to_money_stays_that_within() -> None:
    assert purpose_now(REPLY) is REPLY
    with paid_for(False):
        assert purpose_now(REPLY) is REPLY
    with paid_for(True), calling_for(JUDGE):
        assert purpose_now(REPLY) is PAID
    with calling_for(NIGHT), paid_for(False):
        assert purpose_now(REPLY) is NIGHT
    assert purpose_now(SPEECH) is SPEECH
