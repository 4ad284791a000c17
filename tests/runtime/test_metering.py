"""The chains tell what each call took, and ask only whom the governor allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bot.errors import TransientError
from bot.mind.failover import LlmChain
from bot.review.llm_judge import Config, LlmJudge
from bot.runtime.failover import Link, LinkConfig
from bot.runtime.metering import CallPurpose, Consumption, ProviderKind, calling_for, paid_for
from bot.types import Delta, Health, Line, Llm, Pcm, Prompt, Style, Tool, Tts, Usage
from bot.voice.failover import TtsChain
from bot.voice.recorded import RecordedVoice, Recording
from moderation.judging.judge import JudgeError
from moderation.verdict import Direction

PROMPT = Prompt((Line("system", "You are a host. " * 20), Line("user", "Hello?")), max_tokens=100)


@dataclass
class Desk:
    """A governor that does what the test says."""

    ranks: Mapping[str, float | None] = field(default_factory=dict)
    most: int = 1000
    told: list[Consumption] = field(default_factory=list)

    def rank(self, kind: ProviderKind, link: str, purpose: CallPurpose) -> float | None:
        del kind
        return 0.0 if purpose is CallPurpose.PAID else self.ranks.get(link, 0.0)

    def fitted(self, prompt: Prompt, purpose: CallPurpose) -> Prompt:
        del purpose
        return Prompt(prompt.lines, max_tokens=min(prompt.max_tokens, self.most))

    def count(self, consumption: Consumption) -> None:
        self.told.append(consumption)


@dataclass
class Model:
    text: str = "Good evening to you all, dear friends of the sea. "
    usage: Usage | None = None
    error: Exception | None = None
    after: int = 0
    hang: bool = False
    asked: list[Prompt] = field(default_factory=list)

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        del tools
        self.asked.append(prompt)
        for number in range(5):
            if self.error is not None and number == self.after:
                raise self.error
            if self.hang:
                await asyncio.sleep(60)
            yield Delta(self.text)
        if self.usage:
            yield Delta(usage=self.usage)

    async def check(self) -> Health:
        return Health(ok=True, detail="")


@dataclass
class Voice:
    languages: frozenset[str] = frozenset()
    error: Exception | None = None
    spoken: list[str] = field(default_factory=list)

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        del style
        self.spoken.append(text)
        if self.error is not None:
            raise self.error
        for _ in range(5):
            yield Pcm(bytes(200), 8000)

    async def check(self) -> Health:
        return Health(ok=True, detail="")


def chain(desk: Desk, **models: Llm) -> LlmChain:
    config = LinkConfig(first_s=0.2)
    made = LlmChain([Link(name, model, config) for name, model in models.items()])
    made.governor = desk
    return made


def voices(desk: Desk, **all_of: Tts) -> TtsChain:
    made = TtsChain([Link(name, voice, LinkConfig()) for name, voice in all_of.items()])
    made.governor = desk
    return made


async def answer(llm: Llm, prompt: Prompt = PROMPT, pieces: int = 99) -> str:
    said = ""
    async with aclosing(cast("Any", llm.reply(prompt))) as deltas:
        async for delta in deltas:
            said += delta.text
            if (pieces := pieces - 1) == 0:
                break
    return said


async def test_a_whole_answer_is_counted_as_the_provider_counts_it() -> None:
    desk = Desk()
    await answer(chain(desk, one=Model(usage=Usage(321, 45))))
    assert desk.told == [Consumption(ProviderKind.LLM, "one", CallPurpose.REPLY, 321, 45)]


async def test_an_answer_that_was_cut_counts_as_far_as_it_came() -> None:
    desk = Desk()
    llm = chain(desk, one=Model(usage=Usage(321, 45)))
    await answer(llm, pieces=2)
    (cut,) = desk.told
    assert cut.estimated
    assert cut.prompt > 50
    await answer(llm, pieces=4)
    assert 1.5 * cut.completion < desk.told[1].completion


async def test_each_link_that_was_asked_is_counted_for_itself() -> None:
    desk = Desk()
    broken, refusing = Model(error=TransientError("broke"), after=0), Model("", usage=Usage(300, 0))
    await answer(chain(desk, refused=broken, empty=refusing, good=Model(usage=Usage(300, 40))))
    assert [(one.link, one.prompt) for one in desk.told] == [("refused", 0), ("empty", 300), ("good", 300)]


async def test_a_link_that_did_not_answer_in_time_has_read_the_prompt() -> None:
    desk = Desk()
    await answer(chain(desk, slow=Model(hang=True), good=Model()))
    assert [one.link for one in desk.told] == ["slow", "good"]
    assert desk.told[0].prompt > 50
    assert desk.told[0].completion == 0


async def test_the_lowest_rank_is_asked_first_and_none_is_not_asked() -> None:
    dear, cheap, never = Model(), Model("Ahoy. "), Model()
    desk = Desk({"dear": 9.0, "cheap": 1.0, "never": None})
    assert (await answer(chain(desk, never=never, dear=dear, cheap=cheap))).startswith("Ahoy")
    assert not dear.asked
    assert not never.asked


async def test_when_none_may_be_asked_it_says_why_and_no_link_is_to_blame() -> None:
    model = Model()
    llm = chain(Desk({"one": None}), one=model)
    with pytest.raises(TransientError, match="budget is spent"):
        await answer(llm)
    assert not model.asked
    assert llm.links()[0].detail == ""
    assert not llm.may_be_asked(CallPurpose.REPLY)
    assert not await llm.revive(1.0)


async def test_what_is_for_money_is_asked_all_the_same() -> None:
    desk = Desk({"one": None})
    llm, voice = chain(desk, one=Model()), voices(desk, one=Voice())
    with paid_for(True):
        assert await answer(llm)
        assert [pcm async for pcm in voice.speak("Thank you!", Style())]
    assert {one.purpose for one in desk.told} == {CallPurpose.PAID}


async def test_a_task_of_a_paid_turn_is_paid_for_too_and_another_is_not() -> None:
    desk = Desk()
    llm = chain(desk, one=Model(usage=Usage(1, 1)))
    with paid_for(True):
        within = asyncio.create_task(answer(llm))
    beside = asyncio.create_task(answer(llm))
    await asyncio.gather(within, beside)
    assert sorted(one.purpose for one in desk.told) == [CallPurpose.PAID, CallPurpose.REPLY]


async def test_an_answer_is_asked_as_short_as_it_can_be_afforded() -> None:
    model = Model()
    await answer(chain(Desk(most=40), one=model))
    assert model.asked[0].max_tokens == 40


async def test_questions_beside_the_show_are_counted_as_such() -> None:
    desk = Desk()
    llm = chain(desk, one=Model(usage=Usage(1, 1)))
    await answer(llm.aside())
    with calling_for(CallPurpose.NIGHT):
        await answer(llm.aside())
    assert [one.purpose for one in desk.told] == [CallPurpose.BESIDE, CallPurpose.NIGHT]


async def test_a_judge_that_costs_is_as_one_that_is_down() -> None:
    desk = Desk({"one": None})
    judge = LlmJudge(chain(desk, one=Model()).aside(), Config())
    with pytest.raises(JudgeError, match="budget is spent"):
        await judge.judge("a text", Direction.OUT)
    open_desk = Desk()
    await LlmJudge(chain(open_desk, one=Model(usage=Usage(1, 1))).aside(), Config()).judge("a text", Direction.OUT)
    assert {one.purpose for one in open_desk.told} == {CallPurpose.JUDGE}


# --- voices -------------------------------------------------------------------------------------------


async def test_a_voice_is_counted_by_the_text_also_when_it_was_cut() -> None:
    desk = Desk()
    voice = voices(desk, one=Voice())
    async with aclosing(cast("Any", voice.speak("A long sentence.", Style()))) as pieces:
        async for _ in pieces:
            break
    assert desk.told == [Consumption(ProviderKind.TTS, "one", CallPurpose.SPEECH, spoken="A long sentence.")]


async def test_a_voice_that_refused_is_not_counted() -> None:
    desk = Desk()
    refusing = voices(desk, broken=Voice(error=TransientError("503")), good=Voice())
    assert [pcm async for pcm in refusing.speak("Hello.", Style())]
    assert [one.link for one in desk.told] == ["good"]


async def test_voices_that_may_not_be_asked_are_mute_and_their_recordings_are_heard() -> None:
    desk = Desk()
    chain_of_one = voices(desk, one=Voice())
    who = chain_of_one.in_charge(Style())
    assert who

    class Kept:
        def voice_of(self, text: str, style: Style) -> str:
            del text, style
            return who

        async def read(self, text: str, style: Style) -> Recording:
            del text, style
            return Recording(who, 8000, bytes(400), ())

    desk.ranks = {"one": None}
    assert chain_of_one.mute
    assert chain_of_one.in_charge(Style()) == ""
    assert [pcm async for pcm in RecordedVoice(chain_of_one, Kept()).speak("Hello.", Style())]
    assert not desk.told
    desk.ranks = {}
    assert not chain_of_one.mute


async def test_the_cheaper_voice_is_in_charge_when_it_goes_first() -> None:
    desk = Desk({"dear": 16.0, "cheap": 0.0})
    chosen = voices(desk, dear=Voice(), cheap=Voice()).in_charge(Style())
    assert chosen.startswith("cheap:")
