"""States, cues, undo, holds: over a mixer that takes notes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.errors import Refused, TransientError
from bot.stage.director.director import Director
from bot.stage.director.rehearsal import RehearsalMixer
from bot.stage.director.runs import Outcome
from bot.stage.director.settings import ShowState
from bot.stage.director.standing import SegmentOnAir
from bot.stage.director.steps import COVERED_S
from bot.stage.director.triggers import Happening, Trigger, Whom
from bot.stage.layers.messages import Stinger
from bot.types import Money, Retraction, Role
from tests.stage.director.rig import NAMES, directing, event, settings, settle, words
from tests.support.virtual import virtual

GIFT = {"when": {"event": "gift"}, "do": {"text": "Thanks", "to": "Thank you, {name}!"}, "undo_after": 8}


def rig(cues: dict[str, Any] | None = None, **more: Any) -> tuple[Director, RehearsalMixer]:
    mixer = RehearsalMixer(NAMES, "Game")
    return Director(settings(cues, **more), mixer), mixer


def text(mixer: RehearsalMixer, source: str = "Thanks") -> object:
    return mixer.values.get(("text", source))


def outcomes(director: Director, cue: str) -> list[Outcome]:
    return [one.outcome for one in director.records if one.cue == cue]


# --- states ---------------------------------------------------------------------------------------------------


@virtual
async def test_each_state_has_its_scene() -> None:
    director, mixer = rig()
    async with directing(director):
        assert mixer.state.scene == "Starting"
        for state, scene in (
            (ShowState.LIVE, "Live"), (ShowState.BREAK, "Break"), (ShowState.LIVE, "Live"), (ShowState.ENDING, "Ending")
        ):  # fmt: skip
            director.enter(state)
            await settle()
            assert (director.state, mixer.state.scene) == (state, scene)
        assert director.hold is None, "our own scenes are no person's"


@virtual
async def test_a_state_without_a_scene_changes_nothing() -> None:
    mixer = RehearsalMixer(NAMES, "Game")
    director = Director(settings(scenes={"live": "Live"}), mixer)
    async with directing(director):
        assert mixer.state.scene == "Game"
        director.enter(ShowState.LIVE)
        await settle()
        director.enter(ShowState.BREAK)
        await settle()
        assert mixer.state.scene == "Live"


@virtual
async def test_trouble_comes_before_all_and_the_show_returns_to_where_it_was() -> None:
    director, mixer = rig({"siren": {"when": {"watchdog": "frozen"}, "do": {"show": "Siren", "within": "Live"}}})
    async with directing(director):
        director.enter(ShowState.LIVE)
        director.trouble("frozen", "the page stands still")
        director.trouble("black", "the picture is black")
        await settle()
        assert (director.state, mixer.state.scene) == (ShowState.TECHNICAL, "Trouble")
        assert director.why == "the page stands still; the picture is black"
        director.enter(ShowState.BREAK)
        director.mended("frozen")
        await settle()
        assert mixer.state.scene == "Trouble"
        director.mended("black")
        await settle()
        assert (director.state, mixer.state.scene) == (ShowState.BREAK, "Break")
        assert words(mixer).count("shows 'Siren' in 'Live'") == 1


@virtual
async def test_what_the_audience_sees_nothing_of_changes_no_scene_and_sets_off_cues() -> None:
    director, mixer = rig({
        "found": {"when": {"watchdog": "disk"}, "do": {"media": "Siren"}, "cooldown": 0},
        "over": {"when": {"watchdog": "disk", "at": "ends"}, "do": {"media": "Siren", "stop": True}, "cooldown": 0},
    })  # fmt: skip
    async with directing(director):
        await director.switch("Party")
        for _ in range(3):
            director.trouble("disk", "the disk is full", technical=False)
        await settle()
        assert (director.state, mixer.state.scene) == (ShowState.STARTING, "Party")
        director.mended("disk")
        director.mended("disk")
        await settle()
        assert words(mixer)[-2:] == ["plays 'Siren'", "stops 'Siren'"]
        assert mixer.state.scene == "Party"


@virtual
async def test_only_a_stream_that_was_on_can_be_over() -> None:
    director, mixer = rig()
    async with directing(director):
        director.enter(ShowState.LIVE)
        await settle()
        assert mixer.state.scene == "Live", "nobody streams, and the scenes are those of a show"
        await mixer.start_stream()
        await settle()
        await mixer.stop_stream()
        await settle()
        assert (director.state, mixer.state.scene) == (ShowState.OFFLINE, "Off")
        await mixer.start_stream()
        await settle()
        assert (director.state, mixer.state.scene) == (ShowState.LIVE, "Live")


@virtual
async def test_a_segment_brings_its_scene_and_its_state() -> None:
    director, mixer = rig({
        "opens": {"when": {"segment": "quiz"}, "do": {"show": "Score", "within": "Game"}},
        "closes": {"when": {"segment": "Evening Quiz", "at": "ends"}, "do": {"hide": "Score", "within": "Game"}},
    })  # fmt: skip
    async with directing(director):
        director.enter(ShowState.LIVE)
        quiz = SegmentOnAir("evening quiz", "quiz", scene="Game")
        director.segment(quiz)
        await settle()
        assert (director.state, mixer.state.scene) == (ShowState.LIVE, "Game")
        director.segment(quiz, begins=False)
        await settle()
        assert mixer.state.scene == "Live"
        assert mixer.values["shown", "Game", "Score"] is False
        director.segment(SegmentOnAir("tea", "break", state=ShowState.BREAK))
        await settle()
        assert (director.state, mixer.state.scene) == (ShowState.BREAK, "Break")
        director.segment(SegmentOnAir("an older one"), begins=False)
        await settle()
        assert mixer.state.scene == "Break", "another segment's end ends nothing"


@virtual
async def test_a_scene_that_is_not_there_is_told_with_the_one_that_was_meant_and_tried_again_when_it_comes() -> None:
    mixer = RehearsalMixer(("Game", "Live!"), "Game")
    director = Director(settings(scenes={"live": "Live"}), mixer)
    async with directing(director):
        director.enter(ShowState.LIVE)
        await settle()
        assert director.problem == "there is no scene 'Live' in OBS; did you mean 'Live!'?"
        await asyncio.sleep(60)
        assert not words(mixer)
        mixer._stand(scenes=("Game", "Live"))
        await settle()
        assert (mixer.state.scene, director.problem) == ("Live", "")


# --- a person at the mixer ------------------------------------------------------------------------------------


@virtual
async def test_a_person_at_the_mixer_wins_until_released() -> None:
    director, mixer = rig({"party": {"when": {"event": "raid"}, "do": [{"scene": "Party"}, {"media": "Fanfare"}],
                                     "cooldown": 0}})  # fmt: skip
    async with directing(director):
        director.enter(ShowState.LIVE)
        await settle()
        mixer.human("Game")
        assert director.hold is not None
        assert (director.hold.scene, director.hold.by) == ("Game", "mixer")
        director.enter(ShowState.BREAK)
        director.happened(event("raid"))
        await asyncio.sleep(3600)
        assert mixer.state.scene == "Game"
        record = director.records[-1]
        assert (record.outcome, record.detail) == (Outcome.PARTLY, "the scene stays: a person chose 'Game'")
        assert mixer.values["media", "Fanfare"] is True, "what is no scene goes on"
        assert director.release()
        await settle()
        assert mixer.state.scene == "Break"
        assert not director.release()


@virtual
async def test_a_hold_ends_after_the_minutes_of_the_settings() -> None:
    director, mixer = rig(hold_minutes=5)
    async with directing(director):
        mixer.human("Game")
        await asyncio.sleep(299)
        assert mixer.state.scene == "Game"
        mixer.human("Party")
        await asyncio.sleep(299)
        assert mixer.state.scene == "Party", "each choice counts anew"
        await asyncio.sleep(2)
        assert mixer.state.scene == "Starting"
        assert director.hold is None


@virtual
async def test_a_scene_chosen_on_the_panel_is_a_persons_too() -> None:
    director, mixer = rig()
    async with directing(director):
        with pytest.raises(Refused, match="did you mean 'Party'"):
            await director.switch("Partyy")
        assert not director.release()
        await director.switch("Party")
        director.enter(ShowState.LIVE)
        await settle()
        assert mixer.state.scene == "Party"
        assert director.hold is not None
        assert director.hold.by == "panel"
        mixer.connect(connected=False)
        with pytest.raises(Refused, match="away"):
            await director.switch("Game")
        assert director.hold.scene == "Party"


@virtual
async def test_a_person_ends_the_undo_of_a_scene() -> None:
    director, mixer = rig({"party": {"do": {"scene": "Party"}, "undo_after": 5}})
    async with directing(director):
        assert await director.cue("party")
        mixer.human("Game")
        await asyncio.sleep(30)
        assert mixer.state.scene == "Game"


# --- what sets off --------------------------------------------------------------------------------------------


@virtual
async def test_an_amount_counts_in_its_own_currency_alone_and_never_from_words() -> None:
    director, mixer = rig({"big": {"when": {"event": "paid", "at_least": ["5 USD", "500 BITS"]}, "cooldown": 0,
                                   "do": {"text": "Thanks", "to": "{amount}"}}})  # fmt: skip
    async with directing(director):
        for amounts in ((), (Money(499, "USD"),), (Money(100_000, "JPY"),), (Money(499, "BITS"),)):
            director.happened(event("paid", amounts=amounts, values={"amount": "999 USD", "text": "5 USD"}))
        await settle()
        assert text(mixer) is None
        director.happened(event("paid", amounts=(Money(700, "CNY"), Money(500, "bits")), values={"amount": "500 BITS"}))
        await settle()
        assert text(mixer) == "500 BITS"
        director.happened(event("paid", amounts=(Money(500, "USD"),), values={"amount": Money(500, "USD")}))
        await settle()
        assert text(mixer) == "5 USD"


@virtual
async def test_a_command_needs_its_role() -> None:
    director, mixer = rig({"hype": {"when": {"command": "!Hype"}, "do": {"media": "Fanfare"}, "cooldown": 0}})
    async with directing(director):
        for roles in (frozenset[Role](), frozenset({Role.VIP, Role.SUBSCRIBER})):
            director.happened(Happening(Trigger.COMMAND, ("hype",), roles=roles))
        await settle()
        assert "plays 'Fanfare'" not in words(mixer)
        director.happened(Happening(Trigger.COMMAND, ("HYPE",), roles=frozenset({Role.MODERATOR})))
        await settle()
        assert "plays 'Fanfare'" in words(mixer)


@virtual
async def test_words_of_the_host_are_found_as_words_and_once_in_a_turn() -> None:
    director, mixer = rig({"art": {"when": {"said": ["art", "干杯"]}, "do": {"media": "Fanfare"}, "cooldown": 0}})
    async with directing(director):
        director.said("t1", "We start now, dear cartographers", complete=True)
        director.said("t2", "This is art", complete=False)  # it may become "artificial"
        await settle()
        assert "plays 'Fanfare'" not in words(mixer)
        director.said("t2", "This is ART, and", complete=False)
        director.said("t2", "This is ART, and art it is.", complete=True)
        await settle()
        assert words(mixer).count("plays 'Fanfare'") == 1
        director.said("t3", "那就干杯吧", complete=True)
        await settle()
        assert words(mixer).count("plays 'Fanfare'") == 2


@virtual
async def test_the_model_may_ask_for_what_is_allowed_alone() -> None:
    director, mixer = rig({
        "confetti": {"when": {"tool": "when there is something to celebrate"}, "do": {"media": "Fanfare"}},
        "end": {"when": {"event": "raid"}, "do": {"stream": "stop"}},
    })  # fmt: skip
    async with directing(director):
        assert dict(director.tools) == {"confetti": "when there is something to celebrate"}
        for name in ("end", "Confetti", "confetti ", "", "x" * 5000):
            with pytest.raises(Refused, match="no such tool"):
                await director.call(name)
        assert await director.call("confetti") == "done"
        assert await director.call("confetti") == "it was not done: it rests"
        assert words(mixer).count("plays 'Fanfare'") == 1


@virtual
async def test_cues_that_set_off_one_another_in_a_circle_are_cut() -> None:
    director, mixer = rig({
        "a": {"when": {"scene": "Party"}, "do": {"scene": "Game"}, "cooldown": 0},
        "b": {"when": {"scene": "Game"}, "do": {"scene": "Party"}, "cooldown": 0},
    })  # fmt: skip
    async with directing(director):
        await director.cue("b")
        await settle()
        assert len(words(mixer)) < 6
        cut = [one for one in director.records if one.outcome is Outcome.REFUSED]
        assert cut
        assert "circle" in cut[0].detail
        assert "b → a → b" in cut[0].detail


@virtual
async def test_a_circle_through_an_undo_is_cut() -> None:
    director, mixer = rig({
        "a": {"when": {"scene": "Starting"}, "do": {"scene": "Party"}, "cooldown": 0, "undo_after": 2},
    })  # fmt: skip
    async with directing(director):
        await asyncio.sleep(600)
        assert mixer.state.scene == "Starting"
        assert words(mixer).count("puts the scene 'Party' on air") <= 2
        assert any("circle" in one.detail for one in director.records)


@virtual
async def test_a_scene_that_a_person_chose_sets_off_cues_and_stays() -> None:
    director, mixer = rig({"game": {"when": {"scene": "Game"}, "do": [{"show": "Chat"}, {"scene": "Party"}]}})
    async with directing(director):
        mixer.human("Game")
        await settle()
        assert mixer.state.scene == "Game"
        assert mixer.values["shown", "Game", "Chat"] is True
        assert outcomes(director, "game") == [Outcome.PARTLY]


# --- undo -----------------------------------------------------------------------------------------------------


@virtual
async def test_what_a_cue_changed_is_put_back() -> None:
    director, mixer = rig({"all": {"undo_after": 5, "do": [
        {"scene": "Party"}, {"show": "Confetti"}, {"hide": "Chat"}, {"text": "Thanks", "to": "hello"},
        {"filter": "Blur", "of": "Camera"}, {"media": "Fanfare"}, {"volume": "Music", "db": -20.5}, {"record": "start"},
    ]}})  # fmt: skip
    mixer.values |= {("shown", "Party", "Chat"): True, ("text", "Thanks"): "before", ("volume", "Music"): -3.25}
    async with directing(director):
        before = (mixer.state.scene, dict(mixer.values), mixer.state.record)
        assert await director.cue("all")
        during = dict(mixer.values)
        assert during["shown", "Party", "Chat"] is False
        assert during["volume", "Music"] == -20.5
        await asyncio.sleep(5.1)
        gone = {("shown", "Party", "Confetti"): False, ("filter", "Camera", "Blur"): False, ("media", "Fanfare"): False}
        assert (mixer.state.scene, mixer.values, mixer.state.record) == (before[0], before[1] | gone, before[2])


@virtual
async def test_what_somebody_changed_meanwhile_stays() -> None:
    director, mixer = rig({"all": {"undo_after": 5, "do": [{"show": "Confetti"}, {"text": "Thanks", "to": "hello"}]}})
    async with directing(director):
        await director.cue("all")
        mixer.values["text", "Thanks"] = "a person wrote this"
        await asyncio.sleep(6)
        assert text(mixer) == "a person wrote this"
        assert mixer.values["shown", "Starting", "Confetti"] is False


@virtual
async def test_cues_over_one_another_leave_what_was_before_both() -> None:
    director, mixer = rig({
        "a": {"do": {"text": "Thanks", "to": "a"}, "undo_after": 10},
        "b": {"do": {"text": "Thanks", "to": "b"}, "undo_after": 10},
        "short": {"do": {"text": "Thanks", "to": "short"}, "undo_after": 2},
        "lasting": {"do": {"text": "Thanks", "to": "lasting"}},
    })  # fmt: skip
    mixer.values["text", "Thanks"] = "before"
    async with directing(director):
        await director.cue("a")
        await asyncio.sleep(5)
        await director.cue("b")
        await asyncio.sleep(6)
        assert text(mixer) == "b", "the first one's end touches nothing"
        await asyncio.sleep(5)
        assert text(mixer) == "before"
        await director.cue("a")
        await director.cue("short")
        await asyncio.sleep(2.5)
        assert text(mixer) == "a", "the longer one shows again"
        await director.cue("lasting")
        await asyncio.sleep(30)
        assert text(mixer) == "lasting"


@virtual
async def test_the_same_cue_again_lasts_longer_and_not_for_ever() -> None:
    director, mixer = rig({"party": {"do": {"scene": "Party"}, "undo_after": 5, "cooldown": 0}})
    async with directing(director):
        for _ in range(4):
            await director.cue("party")
            await asyncio.sleep(3)
        assert mixer.state.scene == "Party"
        await asyncio.sleep(3)
        assert mixer.state.scene == "Starting"


@virtual
async def test_a_new_state_ends_the_scene_of_a_cue() -> None:
    director, mixer = rig({"party": {"do": {"scene": "Party"}, "undo_after": 30}})
    async with directing(director):
        await director.cue("party")
        director.enter(ShowState.ENDING)
        await asyncio.sleep(60)
        assert mixer.state.scene == "Ending"


@virtual
async def test_a_lower_priority_does_not_touch_what_a_higher_one_shows() -> None:
    director, mixer = rig({
        "big": {"do": {"text": "Thanks", "to": "big"}, "undo_after": 10, "priority": 5},
        "small": {"do": {"text": "Thanks", "to": "small"}, "undo_after": 3, "cooldown": 0},
    })  # fmt: skip
    async with directing(director):
        await director.cue("big")
        assert not await director.cue("small")
        assert text(mixer) == "big"
        assert "higher priority" in director.records[-1].detail
        await asyncio.sleep(11)
        assert await director.cue("small")


@virtual
async def test_at_the_end_everything_is_put_back() -> None:
    director, mixer = rig({"party": {"do": [{"show": "Confetti"}, {"text": "Thanks", "to": "x"}], "undo_after": 600}})
    async with directing(director):
        await director.cue("party")
    assert text(mixer) == ""
    assert mixer.values["shown", "Starting", "Confetti"] is False


# --- a mixer that is away, or broken --------------------------------------------------------------------------


@virtual
async def test_a_mixer_that_is_away_gets_nothing_later_but_the_scene() -> None:
    director, mixer = rig({"gift": GIFT, "shout": {"do": {"platform": "send", "words": "hi"}}})
    async with directing(director):
        mixer.connect(connected=False)
        for _ in range(500):
            director.happened(event("gift", values={"name": "ana"}))
        assert not await director.cue("gift", {"name": "bo"})
        await asyncio.sleep(2)
        assert not await director.cue("gift", {"name": "bo"})
        director.enter(ShowState.LIVE)
        await asyncio.sleep(300)
        count = len(words(mixer))
        refused = [one for one in director.records if one.cue == "gift"]
        assert [(one.outcome, one.detail, one.count) for one in refused] == [
            (Outcome.REFUSED, "OBS is away: it is away", 2)
        ]
        mixer.connect(connected=True)
        await settle()
        assert words(mixer)[count:] == ["puts the scene 'Live' on air"]
        assert await director.cue("gift", {"name": "ana"}), "a cue that was refused does not rest"


@virtual
async def test_a_scene_that_a_person_holds_is_left_alone_after_a_reconnection() -> None:
    director, mixer = rig()
    async with directing(director):
        mixer.human("Game")
        mixer.connect(connected=False)
        await settle()
        director.enter(ShowState.LIVE)
        mixer.connect(connected=True)
        await asyncio.sleep(60)
        assert mixer.state.scene == "Game"


@virtual
async def test_what_is_due_while_the_mixer_is_away_is_put_back_after() -> None:
    director, mixer = rig({"gift": GIFT})
    async with directing(director):
        await director.cue("gift", {"name": "ana"})
        mixer.connect(connected=False)
        await asyncio.sleep(3600)
        assert text(mixer) == "Thank you, ana!"
        mixer.connect(connected=True)
        await settle()
        assert text(mixer) == ""


class Broken(RehearsalMixer):
    """Fails at what it is told to fail at."""

    failing: dict[str, Exception] = {}  # noqa: RUF012 - set for each test

    async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        if request in self.failing:
            raise self.failing[request]
        return await super().call(request, data)

    async def switch_scene(self, scene: str) -> None:
        if "switch" in self.failing:
            raise self.failing["switch"]
        await super().switch_scene(scene)


@virtual
async def test_a_step_that_breaks_costs_its_cue_alone() -> None:
    mixer = Broken(NAMES, "Game")
    mixer.failing = {"SetInputSettings": ValueError("boom"), "GetSceneItemId": Refused("there is no source 'Confetti'")}
    director = Director(settings({
        "broken": {"do": {"text": "Thanks", "to": "x"}, "cooldown": 0},
        "renamed": {"do": [{"show": "Confetti"}, {"media": "Fanfare"}], "undo_after": 3, "cooldown": 0},
    }), mixer)  # fmt: skip
    async with directing(director):
        assert not await director.cue("broken")
        assert outcomes(director, "broken") == [Outcome.FAILED]
        assert await director.cue("renamed")
        assert director.records[-1].detail == "show: there is no source 'Confetti'"
        await asyncio.sleep(5)
        assert mixer.values["media", "Fanfare"] is False
        mixer.failing = {}
        assert await director.cue("broken")


@virtual
async def test_a_source_that_was_deleted_ends_its_undo() -> None:
    mixer = Broken(NAMES, "Game")
    director = Director(settings({"gift": GIFT}), mixer)
    async with directing(director):
        await director.cue("gift", {"name": "ana"})
        mixer.failing = {"GetInputSettings": Refused("there is no source 'Thanks'")}
        await asyncio.sleep(10)
        assert director.records[-1].outcome is Outcome.FAILED
        assert "cannot be put back" in director.records[-1].detail
        assert director._layers.next_due() is None


@virtual
async def test_a_scene_that_the_mixer_does_not_take_now_is_tried_again() -> None:
    mixer = Broken(NAMES, "Game")
    mixer.failing = {"switch": TransientError("no answer in time")}
    director = Director(settings(), mixer)
    async with directing(director):
        await asyncio.sleep(9)
        assert director.problem == "no answer in time"
        mixer.failing = {}
        await asyncio.sleep(3)
        assert (mixer.state.scene, director.problem) == ("Starting", "")


@virtual
async def test_a_state_that_begins_while_the_mixer_still_switches_is_not_lost() -> None:
    class Fading(RehearsalMixer):
        async def switch_scene(self, scene: str) -> None:
            await super().switch_scene(scene)
            await asyncio.sleep(0.3)

    mixer = Fading(NAMES, "Game")
    director = Director(settings(), mixer)
    async with directing(director):
        assert mixer.state.scene == "Starting"
        director.enter(ShowState.LIVE)
        await asyncio.sleep(0.1)
        mixer.human("Party")
        await asyncio.sleep(1)
        assert mixer.state.scene == "Party", "a person came between"
        director.release()
        await asyncio.sleep(0.1)
        director.enter(ShowState.BREAK)
        await asyncio.sleep(1)
        assert mixer.state.scene == "Break"


@virtual
async def test_what_was_done_though_its_answer_was_lost_is_put_back() -> None:
    class Losing(RehearsalMixer):
        lose = True

        async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
            answer = await super().call(request, data)
            if self.lose and request == "SetInputSettings":
                self.lose = False
                raise TransientError("no answer in time")
            return answer

    mixer = Losing(NAMES, "Game")
    director = Director(settings({"gift": GIFT}), mixer)
    async with directing(director):
        assert not await director.cue("gift", {"name": "ana"})
        assert text(mixer) == "Thank you, ana!"
        mixer.lose = False
        await asyncio.sleep(9)
        assert text(mixer) == ""
        await director.cue("gift", {"name": "ana"})
        mixer.lose = True
        await asyncio.sleep(12)
        assert text(mixer) == ""
        assert director.records[-1].outcome is Outcome.UNDONE


@virtual
async def test_a_slow_step_holds_up_no_other_cue() -> None:
    class Slow(RehearsalMixer):
        async def start_stream(self) -> None:
            await asyncio.sleep(20)
            await super().start_stream()

    mixer = Slow(NAMES, "Game")
    director = Director(settings({
        "go": {"do": [{"media": "Fanfare"}, {"stream": "start"}], "cooldown": 0},
        "gift": GIFT,
    }), mixer)  # fmt: skip
    async with directing(director):
        async with asyncio.TaskGroup() as group:
            going = group.create_task(director.cue("go"))
            await settle()
            assert await director.cue("gift", {"name": "ana"})
            assert not going.done()
        assert going.result()
        async with asyncio.TaskGroup() as group:
            many = [group.create_task(director.order("go")) for _ in range(4)]
            await settle()
            await director.order("go")
            assert "too much is under way" in director.records[-1].detail
        assert all(task.done() for task in many)


# --- storms and hostile values --------------------------------------------------------------------------------


@virtual
async def test_a_storm_of_gifts_is_bounded_and_the_highest_priority_is_kept() -> None:
    director, mixer = rig({
        **{f"small{n}": {"when": {"event": "gift"}, "do": {"media": f"M{n}"}, "cooldown": 60} for n in range(40)},
        "great": {"when": {"event": "super_chat"}, "do": {"media": "Great"}, "priority": 9},
    })  # fmt: skip
    async with directing(director):
        for number in range(5000):
            director.happened(event("gift"))
            if number == 4000:
                director.happened(event("super_chat"))
            if number % 1000 == 0:
                assert len(director._desk.queue) <= 16
        await settle()
        assert words(mixer)[1] == "plays 'Great'"
        assert len(words(mixer)) <= 1 + 1 + 16
        assert len(director.records) <= 30
        assert sum(director.skipped.values()) > 10_000
        assert any(one.outcome is Outcome.DROPPED for one in director.records)


@virtual
async def test_a_recording_that_was_ended_is_over_before_the_next_one_starts() -> None:
    class Slow(RehearsalMixer):
        """Writes on for two seconds after an end, and leaves out a start meanwhile, as OBS does."""

        over_at = 0.0

        async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
            now = asyncio.get_running_loop().time()
            if request == "GetRecordStatus" and now < self.over_at:
                return {"outputActive": True}
            if request == "StartRecord" and now < self.over_at:
                return {}
            if request == "StopRecord":
                self.over_at = now + 2
            return await super().call(request, data)

    mixer = Slow(NAMES, "Game")
    cues = {"clip": {"when": {"event": "gift"}, "do": {"record": "start"}, "undo_after": 10, "cooldown": 0}}
    director = Director(settings(cues), mixer)
    async with directing(director):
        for _ in range(2):
            director.happened(event("gift"))
            await asyncio.sleep(10.5)  # it was ended half a second ago
        await asyncio.sleep(2)
        assert [one for one in words(mixer) if "record" in one] == ["starts to record", "ends the recording"] * 2


@virtual
async def test_a_cue_that_waited_too_long_is_left_out() -> None:
    class Hanging(RehearsalMixer):
        async def call(self, request: str, data: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
            await asyncio.sleep(3)
            raise TransientError("no answer in time")

    mixer = Hanging(NAMES, "Game")
    director = Director(
        settings({f"c{n}": {"when": {"event": "gift"}, "do": {"media": "M"}} for n in range(16)}), mixer
    )
    async with directing(director):
        director.happened(event("gift"))
        await asyncio.sleep(120)
        late = [one for one in director.records if one.outcome is Outcome.DROPPED]
        assert late
        assert all("had waited" in one.detail for one in late)


@virtual
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb\x00\u202ec", "Thank you, a b c!"),
        ("x" * 5000, f"Thank you, {'x' * 60}!"),
        ("{amount} {name}", "Thank you, {amount} {name}!"),
    ],
)
async def test_values_are_cleaned_and_bounded_and_are_no_templates(name: str, shown: str) -> None:
    director, mixer = rig({"gift": GIFT})
    async with directing(director):
        await director.cue("gift", {"name": name, "amount": "1 USD"})
        assert str(text(mixer)).replace("bc", "b c") == shown


@virtual
async def test_a_text_whose_value_is_missing_is_not_written() -> None:
    director, mixer = rig({"gift": GIFT | {"cooldown": 0}})
    async with directing(director):
        for values in ({}, {"name": None}, {"name": "\u200b\u202e"}):
            assert not await director.cue("gift", values)
        assert text(mixer) is None
        assert "{name}" in director.records[-1].detail


@virtual
async def test_a_viewer_who_is_sent_away_leaves_the_picture() -> None:
    director, mixer = rig({"gift": GIFT, "last": {"when": {"event": "follow"},
                                                  "do": {"text": "Last", "to": "Last: {name}"}}})  # fmt: skip
    whom = Whom("twitch", "m1", "17")
    async with directing(director):
        for name in ("gift", "follow"):
            director.happened(event(name, values={"name": "ana"}, whom=whom))
        await settle()
        assert (text(mixer), text(mixer, "Last")) == ("Thank you, ana!", "Last: ana")
        director.retracted(Retraction("twitch", author="18"))
        director.retracted(Retraction("bilibili", author="17"))
        director.retracted(Retraction("twitch"))
        await settle()
        assert (text(mixer), text(mixer, "Last")) == ("Thank you, ana!", "Last: ana")
        director.retracted(Retraction("twitch", author="17"))
        await settle()
        assert (text(mixer), text(mixer, "Last")) == ("", "")


@virtual
async def test_a_name_that_lies_below_another_does_not_come_back() -> None:
    director, mixer = rig({
        "last": {"when": {"event": "follow"}, "do": {"text": "Thanks", "to": "{name}"}},
        "gift": GIFT,
    })  # fmt: skip
    async with directing(director):
        director.happened(event("follow", values={"name": "mallory"}, whom=Whom("twitch", "m1", "17")))
        await settle()
        director.happened(event("gift", values={"name": "ana"}, whom=Whom("twitch", "m2", "18")))
        await settle()
        director.retracted(Retraction("twitch", author="17"))
        await settle()
        assert text(mixer) == "Thank you, ana!"
        await asyncio.sleep(10)
        assert text(mixer) == ""


# --- rehearsal, pictures, platforms ---------------------------------------------------------------------------


@virtual
async def test_a_rehearsal_tells_what_would_happen_and_does_nothing() -> None:
    director, mixer = rig({"big": {"undo_after": 8, "do": [
        {"scene": "Party"}, {"text": "Thanks", "to": "{name}: {amount}"}, {"stream": "start"}, {"screenshot": "on air"},
        {"platform": "announce", "words": "wow"}, {"scene": "Nowhere"}, {"replay": "save"},
    ]}})  # fmt: skip
    async with directing(director):
        before = words(mixer)
        assert await director.rehearse("big", {"name": "Bo"}) == (
            "puts the scene 'Party' on air",
            "writes 'Bo: 5 USD' into 'Thanks'",
            "starts the stream",
            "takes a picture of 'on air'",
            "announce on the platform: 'wow'",
            "cannot scene: there is no scene 'Nowhere' in OBS",
            "saves the replay buffer",
            "after 8 s: puts the scene 'Starting' on air",
            "after 8 s: writes '' into 'Thanks'",
        )
        assert words(mixer) == before
        with pytest.raises(Refused, match="no cue"):
            await director.rehearse("nothing")


async def test_screenshots_go_into_the_folder_and_the_oldest_leave(tmp_path: Path) -> None:
    mixer = RehearsalMixer(NAMES, "Game")
    director = Director(settings({"shot": {"do": {"screenshot": "on air"}}}), mixer, pictures=tmp_path / "pictures")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "holiday.png").write_bytes(b"mine")
    for number in range(505):
        (tmp_path / "pictures" / f"20260101-000000-{number:06}.png").write_bytes(b"")
    async with directing(director):
        assert await director.cue("shot")
    files = sorted(file.name for file in (tmp_path / "pictures").iterdir())
    assert len(files) == 501
    assert "holiday.png" in files
    newest = files[-2]
    assert (tmp_path / "pictures" / newest).read_bytes().startswith(b"\x89PNG")


@virtual
async def test_a_platform_is_asked_with_the_viewer() -> None:
    class Asked:
        def __init__(self) -> None:
            self.orders: list[tuple[str, Whom, str, str]] = []

        async def act(self, action: str, whom: Whom, source: str, text: str) -> str:
            self.orders.append((action, whom, source, text))
            return "done"

    asked = Asked()
    mixer = RehearsalMixer(NAMES, "Game")
    cues = {"raid": {"when": {"event": "raid"}, "do": [
        {"platform": "shoutout"}, {"platform": "send", "source": "twitch", "words": "Welcome, {name}!"}]}}  # fmt: skip
    director = Director(settings(cues), mixer, platform=asked)
    mixer.connect(connected=False)
    async with directing(director):
        whom = Whom("twitch", "m1", "17")
        director.happened(event("raid", values={"name": "Ana"}, whom=whom))
        await settle()
        assert asked.orders == [("shoutout", whom, "", ""), ("send", whom, "twitch", "Welcome, Ana!")]
        assert outcomes(director, "raid") == [Outcome.DONE], "no mixer is needed for it"


@virtual
async def test_a_scene_changes_behind_a_stinger_and_without_a_page_for_it_at_once() -> None:
    mixer, pages, shown = RehearsalMixer(NAMES, "Game"), [1, 0], []
    clock = asyncio.get_running_loop().time

    def cover(stinger: Stinger) -> int:
        shown.append((clock(), stinger.kind, stinger.text))
        return pages.pop(0)

    cues = {"quiz": {"do": [{"stinger": "iris", "words": "Quiz, {name}?"}, {"scene": "Party"}], "cooldown": 0}}
    director = Director(settings(cues), mixer, cover=cover)
    async with directing(director):
        assert await director.cue("quiz", {"name": "Ana"})
        await asyncio.sleep(2)
        assert [(kind, text) for _, kind, text in shown] == [("iris", "Quiz, Ana?")]
        party = next(note for note in mixer.notes if "Party" in note.words)
        assert party.at - shown[0][0] >= COVERED_S - 0.01
        assert outcomes(director, "quiz")[-1] is Outcome.DONE
        await director.cue("quiz", {"name": "Ana"})
        await asyncio.sleep(2)
        assert outcomes(director, "quiz")[-1] is not Outcome.DONE, "no page has the layer: that is told"


@virtual
async def test_new_cues_are_taken_over_on_air() -> None:
    director, mixer = rig()
    async with directing(director):
        assert not await director.cue("gift", {"name": "ana"})
        director.update(settings({"gift": GIFT}, scenes={"starting": "Party"}))
        await settle()
        assert mixer.state.scene == "Party"
        assert await director.cue("gift", {"name": "ana"})
