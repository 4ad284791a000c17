"""The settings of commands and timers: what is refused, with the place, and what fits."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot import config
from bot.errors import ConfigError
from bot.intake.commands import name_of
from bot.show.commands.settings import NAMES, CommandSettings, Who

TEXT = {"text": "hello"}


@pytest.mark.parametrize(
    "name", ["help", "HELP", "ｈｅｌｐ", "he\u200blp", "帮助", "ヘルプ", "stop", "permit", "Permit"]
)
def test_no_command_takes_the_name_of_a_built_in_one(name: str) -> None:
    with pytest.raises(ValidationError, match="is taken already"):
        CommandSettings(own={name: TEXT})
    with pytest.raises(ValidationError, match="is taken already"):
        CommandSettings(own={"mine": {**TEXT, "aliases": [name]}})


def test_a_built_in_command_that_is_switched_off_leaves_its_names() -> None:
    settings = CommandSettings(disabled=["help"], own={"help": TEXT, "mine": {**TEXT, "aliases": ["帮助"]}})
    assert set(settings.own) == {"help", "mine"}


@pytest.mark.parametrize(
    "own",
    [
        {"a": TEXT, "A": TEXT}, {"a": {**TEXT, "aliases": ["b"]}, "b": TEXT}, {"a": {**TEXT, "aliases": ["a"]}},
        {"a": {**TEXT, "aliases": ["b", "ｂ"]}},
    ],
)  # fmt: skip
def test_two_commands_have_no_name_in_common(own: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="is taken already"):
        CommandSettings(own=own)


@pytest.mark.parametrize("name", ["!help2", "two words", "?", "@ann", "hey!", "\u200b", "/ban"])
def test_a_name_is_one_word(name: str) -> None:
    with pytest.raises(ValidationError, match="is no name of a command"):
        CommandSettings(own={name: TEXT})


@pytest.mark.parametrize("own", [{}, {"text": "  "}, {"aliases": ["b"], "who": "vip"}])
def test_a_command_that_does_nothing_is_refused(own: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="does nothing"):
        CommandSettings(own={"a": own})


@pytest.mark.parametrize("prefix", ["a", "1", " ", "@", "!a", "! ?", "\u200b", "！a", "好"])
def test_a_prefix_is_made_of_signs(prefix: str) -> None:
    with pytest.raises(ValidationError):
        CommandSettings(prefix=prefix)


def test_a_prefix_is_the_same_in_any_width() -> None:
    assert CommandSettings(prefix="！").prefix == "!"
    assert CommandSettings(prefix="？？").prefix == "??"


def test_ranks_are_in_order() -> None:
    assert [who.value for who in sorted(Who, key=lambda who: who.rank)] == [
        "everyone", "subscriber", "vip", "moderator", "broadcaster",
    ]  # fmt: skip


def test_no_two_built_in_commands_share_a_name() -> None:
    every = [name_of(name) for names in NAMES.values() for them in names.values() for name in them]
    assert len(set(every)) == len(every)
    assert all(set(names) == {"en", "zh", "ja"} and all(names.values()) for names in NAMES.values())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("commands:\n  own:\n    why: {text: hi}\n", ["my.yaml:2", "commands.own", "'why' of why is taken already"]),
        ("commands:\n  prefix: x\n", ["my.yaml:2", "commands.prefix", "made of signs"]),
        ("commands:\n  own:\n    a: {text: hi, who: king}\n", ["my.yaml:3", "commands.own.a.who"]),
        ("commands:\n  own:\n    a: {txet: hi}\n", ["my.yaml:3", "commands.own.a.txet"]),
        ("commands:\n  who: {skipp: vip}\n", ["my.yaml:2", "commands.who"]),
        ("timers:\n- {text: hi, every_min: 0}\n", ["my.yaml:2", "timers.0.every_min"]),
        ("timers:\n- {text: '  '}\n", ["my.yaml:2", "timers.0.text"]),
        ("timers:\n- {text: hi, min_lines: 0}\n", ["my.yaml:2", "timers.0.min_lines"]),
        ("timers:\n- {text: hi, sources: [youtube]}\n", ["my.yaml:2", "timers.0.sources.0"]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_named_with_its_line(tmp_path: Path, text: str, says: list[str]) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load([file], {})
    for part in says:
        assert part in str(caught.value)


def test_names_of_the_file_stay_as_they_are_written(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_text("commands:\n  own:\n    no: {text: 'yes'}\n    007: {text: hi}\n    社区: {text: 群}\n", "utf-8")
    assert list(config.load([file], {}).commands.own) == ["no", "007", "社区"]
