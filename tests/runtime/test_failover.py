"""The chain's promises: who answers, who rests, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, cast

import pytest
from pydantic import ValidationError

from bot.errors import ConfigError, FatalError, ProviderError, QuotaError, Refused, TransientError
from bot.mind.failover import LlmChain, open_llm
from bot.runtime import link
from bot.runtime.failover import Link, LinkConfig, ProviderState, parse_link
from bot.types import Delta, Health, Line, Pcm, Prompt, Style, Tool, Usage
from bot.voice.failover import TtsChain, open_tts
from tests.fakes.openai_server import REPLY, openai_server
from tests.mind.test_contract_llm import hear
from tests.support.virtual import virtual

PROMPT = Prompt((Line("user", "hi"),))
HANG = "hang"


class Model:
    """Answers with what its script says next: words, seconds to wait, "hang", or an error; then with its name."""

    def __init__(self, name: str, *script: Any) -> None:
        self.name = name
        self.script = list(script)
        self.asked = 0
        self.closed = 0
        self.warmed = 0

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        self.asked += 1
        steps = self.script.pop(0) if self.script else self.name
        try:
            for step in steps if isinstance(steps, list) else [steps]:
                if isinstance(step, Exception):
                    raise step
                if step == HANG:
                    await asyncio.sleep(10_000)
                if isinstance(step, float):
                    await asyncio.sleep(step)
                    continue
                yield Delta(text=step)
        finally:
            self.closed += 1

    async def check(self) -> Health:
        return Health(ok=self.name != "ill", detail=self.name, remedy="" if self.name != "ill" else "Take rest.")


class Voice:
    def __init__(self, name: str, *languages: str) -> None:
        self.name = name
        self.languages = frozenset(languages)

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        yield Pcm(self.name.encode() * 2, 24_000)

    async def check(self) -> Health:
        return Health(ok=True, detail=self.name)


def chain(*models: Any, **options: float) -> tuple[LlmChain, list[tuple[str, Exception]]]:
    failures: list[tuple[str, Exception]] = []
    links = [Link(m.name, m, LinkConfig.model_validate(options)) for m in models]
    clock = asyncio.get_running_loop().time
    return LlmChain(links, lambda name, error: failures.append((name, error)), clock), failures


async def ask(llm: LlmChain) -> str:
    return "".join([delta.text async for delta in llm.reply(PROMPT)])


def states(llm: LlmChain) -> list[tuple[str, float]]:
    return [(link.state, round(link.next_try_s or 0, 1)) for link in llm.links()]


@virtual
async def test_the_first_answers_and_the_others_are_not_asked() -> None:
    a, b = Model("a"), Model("b")
    llm, failures = chain(a, b)
    assert await ask(llm) == "a"
    assert b.asked == 0
    assert failures == []
    assert states(llm) == [("up", 0), ("up", 0)]


@virtual
@pytest.mark.parametrize("error", [TransientError("x"), QuotaError("x"), FatalError("x")])
async def test_the_next_takes_over_at_once(error: ProviderError) -> None:
    a, b = Model("a", error), Model("b")
    llm, failures = chain(a, b)
    began = asyncio.get_running_loop().time()
    assert await ask(llm) == "b"
    assert asyncio.get_running_loop().time() == began
    assert failures == [("a", error)]
    assert error.provider == "a"


@virtual
async def test_a_silent_one_is_left_within_three_seconds() -> None:
    a, b = Model("a", HANG), Model("b")
    llm, failures = chain(a, b)
    began = asyncio.get_running_loop().time()
    assert await ask(llm) == "b"
    assert asyncio.get_running_loop().time() - began == pytest.approx(2.5)
    assert a.closed == 1
    assert isinstance(failures[0][1], TransientError)


@virtual
async def test_the_last_has_more_time_because_nobody_stands_behind_it() -> None:
    llm, _ = chain(Model("a", HANG))
    began = asyncio.get_running_loop().time()
    with pytest.raises(TransientError):
        await ask(llm)
    assert asyncio.get_running_loop().time() - began == pytest.approx(12)


@virtual
async def test_a_link_has_deadlines_of_its_own() -> None:
    llm, _ = chain(Model("a", HANG, ["one", HANG]), first_s=1.0, gap_s=2.0)
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(TransientError, match="first piece"):
        await ask(llm)
    assert loop.time() - began == pytest.approx(1.0)
    await asyncio.sleep(5)
    began = loop.time()
    with pytest.raises(TransientError, match="next piece"):
        await ask(llm)
    assert loop.time() - began == pytest.approx(2.0)


@virtual
async def test_rests_double_to_two_minutes_and_end_with_a_success() -> None:
    a, b = Model("a", *[TransientError("no")] * 7), Model("b")
    llm, _ = chain(a, b)
    for number, rest in enumerate((5, 10, 20, 40, 80, 120, 120)):
        assert await ask(llm) == "b"
        assert a.asked == number + 1
        assert states(llm)[0] == ("resting", rest)
        await asyncio.sleep(rest - 0.1)
        assert await ask(llm) == "b"
        assert a.asked == number + 1
        await asyncio.sleep(0.2)
    assert await ask(llm) == "a"
    assert states(llm)[0] == ("up", 0)
    assert llm.links()[0].detail == ""
    a.script.append(TransientError("again"))
    await ask(llm)
    assert states(llm)[0] == ("resting", 5)


@virtual
async def test_a_quota_rests_as_long_as_it_says() -> None:
    a, b = Model("a", QuotaError("full", retry_after_s=33.0)), Model("b")
    llm, _ = chain(a, b)
    await ask(llm)
    assert states(llm)[0] == ("resting", 33)
    await asyncio.sleep(33.1)
    assert await ask(llm) == "a"


@virtual
@pytest.mark.parametrize("pause", [None, 0.0])
async def test_a_quota_without_a_pause_rests_as_any_failure(pause: float | None) -> None:
    a, b = Model("a", *[QuotaError("full", retry_after_s=pause)] * 2), Model("b")
    llm, _ = chain(a, b)
    for rest in (5, 10):
        assert await ask(llm) == "b"
        assert states(llm)[0] == ("resting", rest)
        await asyncio.sleep(rest + 0.1)
    assert await ask(llm) == "a"


@virtual
async def test_one_that_refuses_is_down_for_longer_and_is_then_tried_again() -> None:
    refusals = [FatalError("wrong key", remedy="Set the key.")] * 6
    a, b = Model("a", *refusals), Model("b")
    llm, failures = chain(a, b)
    for number, rest in enumerate((30, 60, 120, 240, 300, 300)):
        assert await ask(llm) == "b"
        assert a.asked == number + 1 == len(failures)
        assert states(llm)[0] == ("down", rest)
        assert llm.links()[0].detail == f"next try in {rest} s: wrong key Set the key."
        await asyncio.sleep(rest - 0.1)
        assert await ask(llm) == "b"
        assert a.asked == number + 1, "it rests"
        await asyncio.sleep(0.2)
        assert llm.links()[0].state is ProviderState.DOWN, "until it has proved itself"
        assert "next try with the next question" in llm.links()[0].detail
    assert await ask(llm) == "a"
    assert llm.links()[0] == ("a", "up", "", 0)
    a.script.append(FatalError("again"))
    await ask(llm)
    assert states(llm)[0] == ("down", 30)


async def test_after_one_401_a_single_model_and_a_single_voice_are_heard_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "FATAL_REST_S", 0.3)
    async with openai_server() as fake:
        fake.mode = "401"
        entry = {"provider": "openai", "base_url": f"{fake.address}/v1", "model": "m"}
        async with open_llm([entry]) as llm, open_tts([entry]) as tts:
            with pytest.raises(TransientError, match="refuses the key"):
                await ask(llm)
            with pytest.raises(TransientError, match="refuses the key"):
                [pcm async for pcm in tts.speak("hi", Style())]
            fake.mode = ""
            assert [chain.links()[0].state for chain in (llm, tts)] == ["down", "down"]
            await asyncio.sleep(0.35)
            assert (await ask(llm)).strip() == REPLY
            assert [pcm async for pcm in tts.speak("hi", Style())]
            assert [chain.links()[0].state for chain in (llm, tts)] == ["up", "up"]


@virtual
@pytest.mark.parametrize("error", [FatalError("no"), TransientError("no")])
async def test_questions_that_fail_together_are_one_failure(error: ProviderError) -> None:
    llm, failures = chain(Model("a", *[[1.0, error]] * 3))
    answers = await asyncio.gather(*(ask(llm) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(answer, TransientError) for answer in answers)
    assert len(failures) == 3
    assert states(llm)[0][1] == (30 if isinstance(error, FatalError) else 5)


@virtual
async def test_while_one_proves_itself_the_next_answers_all_other_questions() -> None:
    a, b = Model("a", FatalError("no"), [2.0, "a"]), Model("b")
    llm, _ = chain(a, b)
    await ask(llm)
    await asyncio.sleep(31)
    answers = await asyncio.gather(*(ask(llm) for _ in range(3)))
    assert sorted(answers) == ["a", "b", "b"]
    assert a.asked == 2


@virtual
@pytest.mark.parametrize("way", ["closed", "cancelled"])
async def test_an_answer_that_is_cut_short_by_us_brings_a_link_back(way: str) -> None:
    llm, failures = chain(Model("a", FatalError("no"), ["one", HANG]))
    with pytest.raises(TransientError):
        await ask(llm)
    await asyncio.sleep(31)
    assert states(llm)[0][0] == "down"
    if way == "closed":
        async with aclosing(cast("Any", llm.reply(PROMPT))) as stream:
            await anext(stream)
    else:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await ask(llm)
    assert states(llm) == [("up", 0)]
    assert len(failures) == 1


@virtual
async def test_a_link_is_tried_at_once_when_a_person_wants_it() -> None:
    a, b = Model("a", *[FatalError("wrong key")] * 2), Model("b")
    llm, _ = chain(a, b)
    await ask(llm)
    assert (await llm.retry_now("a")).state == "up", "its check is good"
    assert await ask(llm) == "b"
    assert states(llm)[0] == ("down", 30), "the check was wrong, and its first rest begins again"
    a.name = "ill"
    state = await llm.retry_now("a")
    assert state == ("a", "down", "next try with the next question: ill Take rest.", 0)
    assert await ask(llm) == "ill", "the next question goes to it all the same"
    assert states(llm)[0] == ("up", 0)
    with pytest.raises(Refused, match="no provider 'c'") as caught:
        await llm.retry_now("c")
    assert caught.value.remedy == "Choose one of: a, b."


@virtual
async def test_when_all_rest_it_fails_at_once_without_asking() -> None:
    a = Model("a", TransientError("no"))
    llm, failures = chain(a)
    with pytest.raises(TransientError, match="no provider answers"):
        await ask(llm)
    began = asyncio.get_running_loop().time()
    with pytest.raises(TransientError, match="rests"):
        await ask(llm)
    assert asyncio.get_running_loop().time() == began
    assert a.asked == 1
    assert len(failures) == 1


@virtual
@pytest.mark.parametrize("models", [[], [Model("a", FatalError("no"))]])
async def test_without_a_provider_it_is_transient_so_that_the_show_goes_on(models: list[Model]) -> None:
    llm, _ = chain(*models)
    for _ in range(2):
        with pytest.raises(TransientError):
            await ask(llm)


@virtual
async def test_an_error_in_the_middle_goes_to_the_caller() -> None:
    a, b = Model("a", ["half ", TransientError("cut")]), Model("b")
    llm, failures = chain(a, b)
    heard: list[Delta] = []
    with pytest.raises(TransientError, match="cut"):
        await hear(llm.reply(PROMPT), heard)
    assert [delta.text for delta in heard] == ["half "]
    assert b.asked == 0
    assert len(failures) == 1
    assert states(llm)[0] == ("resting", 5)


class OddError(Exception):
    """An error of a library that has nothing to do with ours."""

    def __str__(self) -> str:
        return ""


@virtual
@pytest.mark.parametrize(
    "error",
    [
        KeyError("choices"),
        OddError(),
        TimeoutError(),
        ExceptionGroup("several", [ValueError("x")]),
        StopAsyncIteration(),
        RecursionError("deep"),
        ConfigError("no file", remedy="Make one."),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_a_provider_raises_is_a_failure_like_others(error: Exception) -> None:
    llm, failures = chain(Model("a", error), Model("b"))
    assert await ask(llm) == "b"
    assert isinstance(failures[0][1], TransientError)
    assert failures[0][1].provider == "a"
    assert str(failures[0][1])
    assert states(llm)[0] == ("resting", 5)


@virtual
async def test_one_that_fails_before_its_stream_begins_is_a_failure_too() -> None:
    class Broken(Model):
        def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
            raise AttributeError("no client")

    class Listless(Model):
        def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
            return cast("Any", [Delta("a list is no stream")])

    llm, failures = chain(Broken("a"), Listless("b"), Model("c"))
    assert await ask(llm) == "c"
    assert [name for name, _ in failures] == ["a", "b"]


@virtual
@pytest.mark.parametrize("item", [None, b"bytes", 5, "text", Delta(cast("Any", None)), Delta(call=cast("Any", {}))])
async def test_a_piece_of_another_type_is_a_failure_of_the_model(item: Any) -> None:
    class Odd(Model):
        async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
            yield item

    llm, failures = chain(Odd("a"), Model("b"))
    assert await ask(llm) == "b"
    assert "no proper piece" in str(failures[0][1])


@virtual
@pytest.mark.parametrize("item", [None, b"bytes", Pcm(b"odd", 24_000), Pcm(b"", 0), Pcm(cast("Any", "text"), 1)])
async def test_a_piece_of_sound_of_another_type_is_a_failure_of_the_voice(item: Any) -> None:
    class Odd(Voice):
        async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
            yield item

    tts = voices(Odd("a", "en"), Voice("b", "en"))
    assert [pcm.data async for pcm in tts.speak("…", Style())] == [b"bb"]
    assert tts.links()[0].state == "resting"


@virtual
async def test_closing_closes_the_provider_and_is_no_failure() -> None:
    a = Model("a", ["one", "two", HANG])
    llm, failures = chain(a)
    async with aclosing(cast("Any", llm.reply(PROMPT))) as stream:
        await anext(stream)
    assert a.closed == 1
    assert failures == []
    assert states(llm) == [("up", 0)]


@virtual
async def test_cancelling_closes_the_provider_and_is_no_failure() -> None:
    a, b = Model("a", HANG), Model("b")
    llm, failures = chain(a, b)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(ask(llm))
        await asyncio.sleep(1)
        task.cancel()
    assert task.cancelled()
    assert a.closed == 1
    assert b.asked == 0
    assert failures == []


@virtual
async def test_check_is_good_when_one_is() -> None:
    llm, _ = chain(Model("ill"), Model("b"))
    health = await llm.check()
    assert health.ok
    assert health.remedy == "Take rest."
    assert [h.ok for h in health.extra.values()] == [False, True]
    assert not (await chain(Model("ill"))[0].check()).ok
    assert not (await chain()[0].check()).ok


class Warm(Model):
    async def warm(self, prompt: Prompt) -> None:
        self.warmed += 1
        if self.script:
            raise self.script.pop(0)


@virtual
async def test_warm_reaches_those_that_can_and_reports_a_failure() -> None:
    a, b = Warm("a", TransientError("cold")), Warm("b")
    llm, failures = chain(a, Model("c"), b)
    await llm.warm(PROMPT)
    assert (a.warmed, b.warmed) == (1, 1)
    assert [name for name, _ in failures] == ["a"]


def voices(*voices: Voice) -> TtsChain:
    return TtsChain([Link(v.name, v, LinkConfig.model_validate({})) for v in voices])


@virtual
@pytest.mark.parametrize(("language", "speaker"), [("en", "e"), ("zh", "z"), ("ja", "e")])
async def test_a_voice_is_asked_for_what_it_speaks(language: str, speaker: str) -> None:
    tts = voices(Voice("e", "en"), Voice("z", "zh", "en"))
    assert [pcm.data async for pcm in tts.speak("…", Style(language))] == [speaker.encode() * 2]
    assert tts.languages == {"en", "zh"}


@virtual
async def test_a_voice_without_languages_speaks_all() -> None:
    tts = voices(Voice("e", "en"), Voice("x"))
    assert [pcm.data async for pcm in tts.speak("…", Style("ja"))] == [b"xx"]
    assert tts.languages == frozenset()


def test_an_entry_is_read_in_two_parts() -> None:
    entry = {"provider": "openai", "model": "m", "first_s": 1.5, "total_s": 20}
    name, link, config = parse_link("bot.mind.llm", entry)
    assert (name, link.first_s, link.gap_s, link.total_s) == ("openai", 1.5, None, 20)
    assert cast("Any", config).model == "m"
    assert entry["first_s"] == 1.5


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"provider": "openai", "model": "m", "modle": 1}, ("modle",)),
        ({"provider": "openai"}, ("model",)),
        ({"provider": "openai", "model": "m", "first_s": -1}, ("first_s",)),
        ({"provider": "openai", "model": "m", "timeout_s": "soon"}, ("timeout_s",)),
    ],
)
def test_a_wrong_entry_names_its_key(entry: dict[str, Any], place: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        parse_link("bot.mind.llm", entry)
    assert [error["loc"] for error in caught.value.errors()] == [place]


@pytest.mark.parametrize("entry", [{}, {"provider": 5}, {"provider": "nobody"}, {"provider": "../etc"}])
def test_an_entry_without_a_known_provider_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        parse_link("bot.mind.llm", entry)


async def test_one_that_cannot_be_opened_does_not_stop_the_others() -> None:
    failures: list[str] = []
    async with openai_server() as fake:
        good = {"provider": "openai", "base_url": f"{fake.address}/v1", "model": "m"}
        entries: list[dict[str, Any]] = [
            {"provider": "nobody"},
            {"provider": "llamacpp"},
            {"provider": "openai"},
            good,
            good | {"first_s": 9},
        ]
        async with open_llm(entries, lambda name, _: failures.append(name)) as llm:
            assert (await ask(llm)).strip() == REPLY
            links = llm.links()
    assert [(link.name, link.state) for link in links] == [
        ("nobody", "down"),
        ("llamacpp", "down"),
        ("openai", "down"),
        ("openai-2", "up"),
        ("openai-3", "up"),
    ]
    assert "there is no provider" in links[0].detail
    assert "model" in links[2].detail
    assert failures == ["nobody", "llamacpp", "openai"]


async def test_a_server_that_hangs_is_left_for_one_that_answers() -> None:
    async with openai_server() as deaf, openai_server() as well:
        deaf.mode = "hang"
        entries = [
            {"provider": "openai", "base_url": f"{fake.address}/v1", "model": "m", "first_s": 0.3}
            for fake in (deaf, well)
        ]
        async with open_llm(entries) as llm:
            assert (await ask(llm)).strip() == REPLY
            async with asyncio.timeout(1):
                await deaf.gone.wait()
            assert [link.state for link in llm.links()] == ["resting", "up"]
            assert (await ask(llm)).strip() == REPLY
        assert len(well.requests) == 2


async def test_voices_fail_over_too() -> None:
    async with openai_server() as broken, openai_server() as well:
        broken.mode = "429"
        entries = [{"provider": "openai", "base_url": f"{fake.address}/v1"} for fake in (broken, well)]
        async with open_tts(entries) as tts:
            assert [pcm async for pcm in tts.speak("hi", Style())]
            first, second = tts.links()
    assert (first.state, second.state) == ("resting", "up")
    assert 6 < (first.next_try_s or 0) <= 7


@virtual
@pytest.mark.parametrize("answer", [Refused("stop"), ZeroDivisionError(), None, "fine"])
async def test_a_check_that_fails_in_any_way_is_bad_health(answer: Any) -> None:
    class Odd(Model):
        async def check(self) -> Health:
            if isinstance(answer, Exception):
                raise answer
            return cast("Health", answer)

    llm, _ = chain(Odd("a"), Model("b"))
    health = await llm.check()
    assert health.ok
    assert [h.ok for h in health.extra.values()] == [False, True]
    assert health.extra["a"].detail


# --- beside the show ------------------------------------------------------------------------------------


@virtual
async def test_a_question_aside_makes_no_link_rest() -> None:
    a, b = Model("a", HANG, FatalError("no"), TransientError("no")), Model("b")
    llm, failures = chain(a, b)
    for number in range(3):
        assert "".join([delta.text async for delta in llm.aside().reply(PROMPT)]) == "b"
        assert a.asked == number + 1
        assert states(llm) == [("up", 0), ("up", 0)]
    assert failures == []
    assert await ask(llm) == "a"
    assert (await llm.aside().check()).ok


@virtual
async def test_a_question_aside_does_not_bring_a_link_back_and_goes_to_none_that_is_down() -> None:
    a, b = Model("a", FatalError("no")), Model("b")
    llm, _ = chain(a, b)
    await ask(llm)
    await asyncio.sleep(31)
    assert "".join([delta.text async for delta in llm.aside().reply(PROMPT)]) == "b"
    assert a.asked == 1
    assert await ask(llm) == "a"


# --- progress and thoughts ------------------------------------------------------------------------------


@virtual
async def test_a_model_that_makes_progress_is_not_a_hanging_one() -> None:
    reading = [step for _ in range(20) for step in (3.0, "")]
    llm, failures = chain(Model("a", [*reading, "read it"]), first_s=4.0)
    assert await ask(llm) == "read it"
    assert failures == []


@virtual
async def test_progress_has_a_bound_in_all() -> None:
    llm, _ = chain(Model("a", [step for _ in range(99) for step in (3.0, "")]), first_s=4.0, total_s=50.0)
    began = asyncio.get_running_loop().time()
    with pytest.raises(TransientError, match="all of it"):
        await ask(llm)
    assert asyncio.get_running_loop().time() - began == pytest.approx(50)


@virtual
async def test_before_the_first_word_of_the_answer_the_next_link_may_take_over() -> None:
    for broken in (["", TransientError("cut")], ["<think>Hm.", TransientError("cut")], ["<think>Hm."], [" \n"]):
        llm, failures = chain(Model("a", broken), Model("b"))
        assert await ask(llm) == "b"
        assert [name for name, _ in failures] == ["a"]
        assert states(llm)[0] == ("resting", 5)


THOUGHT, ANSWER = "The viewer greets. I greet back.", "Good evening!"


@virtual
async def test_a_link_whose_answers_begin_inside_a_thought_is_learnt() -> None:
    words = [f"{THOUGHT}\n</think>\n\n", ANSWER]
    llm, failures = chain(Model("a", *[words] * 3))
    assert (await ask(llm)).endswith(f"</think>{ANSWER}")
    for _ in range(2):
        assert (await ask(llm)).strip() == ANSWER
    assert failures == []


@virtual
async def test_what_was_learnt_of_one_link_does_not_concern_another() -> None:
    a = Model("a", [f"{THOUGHT}</think>{ANSWER}"], TransientError("no"))
    llm, _ = chain(a, Model("b"))
    await ask(llm)
    assert await ask(llm) == "b"


@virtual
async def test_a_link_that_no_longer_thinks_is_learnt_too() -> None:
    learnt = [f"{THOUGHT}</think>{ANSWER}"]
    a = Model("a", learnt, [ANSWER], [ANSWER], [ANSWER])
    llm, _ = chain(a)
    await ask(llm)
    for _ in range(2):
        with pytest.raises(TransientError):
            await ask(llm)
        await asyncio.sleep(60)
    assert await ask(llm) == ANSWER


@virtual
@pytest.mark.parametrize(("tokens", "said"), [(5, ANSWER), (160, "b")])
async def test_an_answer_that_ended_by_itself_is_not_lost_with_the_thoughts(tokens: int, said: str) -> None:
    """When its tokens ran out, it may have been the thought."""

    class Counting(Model):
        async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
            async for delta in super().reply(prompt, tools):
                yield delta
            yield Delta(usage=Usage(3, tokens))

    llm, _ = chain(Counting("a", [f"{THOUGHT}</think>{ANSWER}"], [ANSWER], [ANSWER]), Model("b"))
    await ask(llm)
    assert await ask(llm) == said


@virtual
async def test_questions_beside_the_show_get_no_thoughts_either() -> None:
    llm, _ = chain(Model("a", ['<think>Hm.</think>{"verdict": "ok"}']))
    assert "".join([delta.text async for delta in llm.aside().reply(PROMPT)]) == '{"verdict": "ok"}'


@virtual
async def test_one_that_is_back_is_asked_again_before_its_rest_is_over() -> None:
    a = Model("a", *[TransientError("no")] * 6)
    llm, _ = chain(a)
    for _ in range(5):
        with pytest.raises(TransientError):
            await ask(llm)
        await asyncio.sleep(llm.links()[0].next_try_s or 0)
    with pytest.raises(TransientError):
        await ask(llm)
    assert states(llm) == [("resting", 120)]
    a.name = "ill"
    assert not await llm.revive(4)
    assert states(llm) == [("resting", 120)], "one that is not back rests on"
    a.name = "a"
    assert await llm.revive(4)
    assert states(llm) == [("up", 0)]
    assert await ask(llm) == "a"


@virtual
async def test_one_that_says_that_it_is_back_and_is_not_is_asked_more_and_more_seldom() -> None:
    a = Model("a", *[TransientError("no")] * 500)
    llm, _ = chain(a)
    began = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() < began + 3600:
        with pytest.raises(TransientError):
            await ask(llm)
        await asyncio.sleep(3)
        await llm.revive(4)
    assert a.asked < 75, "about once a minute"


@virtual
async def test_a_quota_that_names_its_end_is_left_alone_until_then() -> None:
    a, b = Model("a", QuotaError("slow down", retry_after_s=600)), Model("b")
    llm, _ = chain(a)
    with pytest.raises(TransientError):
        await ask(llm)
    await asyncio.sleep(100)
    assert not await llm.revive(4)
    assert states(llm) == [("resting", 500)]
    both, _ = chain(Model("a", QuotaError("slow down", retry_after_s=600)), b)
    await ask(both)
    assert await both.revive(4), "the other one answers"


@virtual
async def test_a_provider_that_hangs_when_it_is_asked_is_given_up_and_one_that_raises_is_not_back() -> None:
    class Hangs(Model):
        async def check(self) -> Health:
            await asyncio.sleep(1000)
            raise AssertionError

    class Raises(Model):
        async def check(self) -> Health:
            raise RuntimeError("odd")

    llm, _ = chain(Hangs("a", TransientError("no")), Raises("b", TransientError("no")))
    with pytest.raises(TransientError):
        await ask(llm)
    began = asyncio.get_running_loop().time()
    assert not await llm.revive(4)
    assert asyncio.get_running_loop().time() - began == pytest.approx(4)
    assert [state for state, _ in states(llm)] == ["resting"] * 2, "the rest of five seconds goes on"
