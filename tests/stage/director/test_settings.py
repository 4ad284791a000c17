"""Cues as people write them, and what they are told when something is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import config
from bot.errors import ConfigError
from bot.stage.director.settings import VERBS, Action, ShowEvent, ShowState, amount_of
from bot.stage.watchdog.check import Kind
from bot.text.money import money
from bot.types import Money

GOOD = """
director:
  scenes: {live: Live, break: Pause}
  cues:
    big gift:
      when: {event: gift, at_least: [5 USD, 30 CNY, 500 BITS]}
      do:
        - scene: Party
        - {text: Thanks, to: "Thank you, {name}!"}
      undo_after: 8
    no:
      when:
        - said: no
        - {command: 123, roles: [moderator, vip]}
      do: {show: "007"}
"""


def load(tmp_path: Path, text: str) -> config.Settings:
    file = tmp_path / "cues.yaml"
    file.write_text(text, "utf-8")
    return config.load([file], {})


def test_one_or_many_and_words_that_yaml_takes_for_others(tmp_path: Path) -> None:
    cues = load(tmp_path, GOOD).director.cues
    assert [step.verb for step in cues["big gift"].steps] == ["scene", "text"]
    assert [amount_of(str(a)) for a in cues["big gift"].triggers[0].at_least] == [
        Money(500, "USD"), Money(3000, "CNY"), Money(500, "BITS")
    ]  # fmt: skip
    said, command = cues["no"].triggers
    assert (said.said, command.command) == (["no"], ["123"])
    assert cues["no"].steps[0].show == "007"


def test_cues_of_several_files_come_together(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("director: {cues: {more: {do: {replay: save}}}}")
    (tmp_path / "first.yaml").write_text(GOOD)
    settings = config.load([tmp_path / "first.yaml", tmp_path / "more.yaml"], {})
    assert list(settings.director.cues) == ["big gift", "no", "more"]


@pytest.mark.parametrize(
    ("cue", "place", "told"),
    [
        ("{when: {event: gift}}", "cues.a.do", "field required"),
        ("{do: []}", "cues.a", "a cue does 1 to 20 things"),
        ("{do: {}}", "cues.a.do.0", "each step does exactly one of scene, show"),
        ("{do: {scene: A, show: B}}", "cues.a.do.0", "each step does exactly one of"),
        ("{do: {scene: A, to: x}}", "cues.a.do.0", "'to' belongs to text, not to scene"),
        ("{do: {text: A}}", "cues.a.do.0", "text needs 'to'"),
        ("{do: {filter: A}}", "cues.a.do.0", "filter needs 'of'"),
        ("{do: {volume: A}}", "cues.a.do.0", "volume needs 'db'"),
        ("{do: {volume: A, db: 40}}", "cues.a.do.0.db", "less than or equal to 26"),
        ("{do: {platform: send}}", "cues.a.do.0", "platform: send needs 'words'"),
        ("{do: {scene: A}, when: {}}", "cues.a.when.0", "'when' names exactly one of event"),
        ("{do: {scene: A}, when: {event: follow, said: x}}", "cues.a.when.0", "'when' names exactly one of event"),
        ("{do: {scene: A}, when: {event: donation}}", "cues.a.when.0.event.0", "input should be 'follow'"),
        ("{do: {scene: A}, when: {event: gift, at_least: 5}}", "cues.a.when.0.at_least.0", "an amount is a number"),
        ("{do: {scene: A}, when: {event: gift, at_least: 5.5 JPY}}", "cues.a.when.0.at_least.0", "JPY has 0 digits"),
        ("{do: {scene: A}, when: {said: x, at_least: 5 USD}}", "cues.a.when.0", "at_least and item belong to an event"),
        ("{do: {scene: A}, when: {said: x, at: ends}}", "cues.a.when.0", "'at: ends' belongs to a segment"),
        ('{do: {text: A, to: "{Name}"}}', "cues.a.do.0", "{Name} is no placeholder"),
        ('{do: {text: A, to: "{nmae}!"}, when: {event: raid}}', "cues.a", "an event brings no {nmae}"),
        ("{do: {replay: save}, undo_after: 5}", "cues.a", "nothing that this cue does can be undone"),
        ("{do: {scene: A}, cool_down: 5}", "cues.a.cool_down", "did you mean 'cooldown'"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, cue: str, place: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, f"director:\n  cues:\n    a: {cue}\n")
    assert f"cues.yaml:3: director.{place}: " in str(error.value)
    assert told.casefold() in str(error.value).casefold()
    assert len(str(error.value).splitlines()) == 1, "one mistake, one line"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scenes: {lunch: A}", "input should be 'offline'"),
        ("cues: {'my tool': {when: {tool: now}, do: {scene: A}}}", "is a tool of the model"),
        ("cues: {a: {do: {scene: A}}, A: {do: {scene: A}}}", "two cues have the same name"),
        ("cues: {'<b>': {do: {scene: A}}}", "should match pattern"),
    ],
)
def test_mistakes_of_the_whole(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load(tmp_path, f"director: {{{text}}}")


@given(st.integers(0, 10**9), st.sampled_from(["USD", "JPY", "KWD", "BITS"]))
def test_amounts_come_back(minor: int, currency: str) -> None:

    assert amount_of(money(Money(minor, currency))) == Money(minor, currency)


def test_every_verb_can_be_written() -> None:
    for step in (
        {"scene": "A"}, {"show": "A", "within": "B"}, {"hide": "A"}, {"text": "A", "to": ""},
        {"filter": "A", "of": "B", "enabled": False}, {"media": "A", "stop": True}, {"volume": "A", "db": 0},
        {"replay": "save"}, {"screenshot": "on air"}, {"record": "stop"}, {"stream": "start"},
        {"platform": "shoutout"},
    ):  # fmt: skip
        assert Action.model_validate(step).verb == next(iter(step))


def test_the_guide_names_what_can_be_named() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "cues.md").read_text("utf-8")
    for name in (*Kind, *ShowEvent, *ShowState, *VERBS):
        assert re.search(rf"`{name}\b", guide), name
