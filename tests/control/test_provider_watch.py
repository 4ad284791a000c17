"""A model, a voice or a judge that is down calls a person, once, until it is up again."""

from __future__ import annotations

import asyncio

from bot.control.provider_watch import ProviderWatch
from bot.runtime.link import LinkState, ProviderState
from bot.telemetry.alarms import AlarmLevel, Alarms
from tests.support.virtual import virtual


class Chain:
    def __init__(self, *links: LinkState) -> None:
        self.states = list(links)

    def links(self) -> list[LinkState]:
        return self.states


def up(name: str) -> LinkState:
    return LinkState(name, ProviderState.UP, "", 0.0)


def down(name: str, detail: str = "next try in 30 s: the key is wrong", next_try_s: float | None = 30.0) -> LinkState:
    return LinkState(name, ProviderState.DOWN, detail, next_try_s)


def test_the_last_voice_that_is_down_is_an_error_until_it_is_up() -> None:
    alarms, voices = Alarms(lambda: 0.0), Chain(down("edge"))
    watch = ProviderWatch({"llm": Chain(up("openai")), "tts": voices}, alarms)
    watch.look()
    (alarm,) = alarms.standing()
    assert (alarm.id, alarm.level) == ("provider:tts:edge", AlarmLevel.ERROR)
    assert "the host is mute" in alarm.text
    assert "the key is wrong" in alarm.text
    assert "next try" not in alarm.text, "the words do not change each second"
    voices.states = [up("edge")]
    watch.look()
    assert alarms.standing() == []


def test_with_another_model_left_it_is_a_warning_and_becomes_an_error_with_the_last() -> None:
    alarms, models = Alarms(lambda: 0.0), Chain(down("a"), up("b"))
    watch = ProviderWatch({"llm": models}, alarms)
    watch.look()
    assert [a.level for a in alarms.standing()] == [AlarmLevel.WARNING]
    models.states = [down("a"), down("b")]
    watch.look()
    assert [a.level for a in alarms.standing()] == [AlarmLevel.ERROR] * 2


def test_a_dismissed_alarm_stays_away_for_the_rest_of_the_outage_and_comes_with_the_next() -> None:
    alarms, judges = Alarms(lambda: 0.0), Chain(down("guard", "no such model", None))
    watch = ProviderWatch({"judge": judges}, alarms)
    watch.look()
    (alarm,) = alarms.standing()
    assert alarm.level is AlarmLevel.WARNING
    assert "Try now" in alarm.remedy
    alarms.clear(alarm.id)
    watch.look()
    assert alarms.standing() == []
    judges.states = [up("guard")]
    watch.look()
    judges.states = [down("guard")]
    watch.look()
    assert len(alarms.standing()) == 1


def test_a_rest_is_no_alarm_and_no_providers_are_none() -> None:
    alarms = Alarms(lambda: 0.0)
    resting = LinkState("a", ProviderState.RESTING, "next try in 5 s: slow", 5.0)
    ProviderWatch({"llm": Chain(resting), "judge": Chain()}, alarms).look()
    assert alarms.standing() == []


class Returning(Chain):
    def __init__(self, *links: LinkState) -> None:
        super().__init__(*links)
        self.asked: list[float] = []

    async def revive(self, within_s: float) -> bool:
        self.asked.append(asyncio.get_running_loop().time())
        return False


@virtual
async def test_while_none_of_a_kind_is_up_they_are_asked_whether_they_are_back() -> None:
    silent, heard = Returning(down("edge"), down("kokoro")), Returning(down("a"), up("b"))
    watch = ProviderWatch({"tts": silent, "llm": heard, "judge": Chain(down("guard"))}, Alarms(lambda: 0.0))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(watch.run())
        await asyncio.sleep(31)
        task.cancel()
    assert len(silent.asked) == 10
    assert heard.asked == [], "somebody of its kind answers"
