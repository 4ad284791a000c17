"""``haishin programme``: what is printed, and with which code it ends."""

from __future__ import annotations

import asyncio
import json
import wave
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.support.upstreams import serve
from bot import config
from bot.__main__ import cli
from bot.cli.programme import aloud, work
from tests.app.test_process import settings
from tests.fakes.obs_server import PASSWORD, ObsServer

ROOT = Path(__file__).parents[2]
EXAMPLE = str(ROOT / "configs" / "programme-example.yaml")


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner()


def test_check_tells_each_finding_with_its_line_and_ends_with_1_for_an_error(runner: CliRunner) -> None:
    well = runner.invoke(cli, ["programme", "check", EXAMPLE, "--days", "1"])
    assert well.exit_code == 0, well.output
    assert "0 errors, 0 warnings" in well.output.replace("\n", " ")
    wrong = runner.invoke(cli, ["programme", "check", EXAMPLE, "--days", "1", "--scenes", "Stories, Break"])
    assert wrong.exit_code == 1
    assert "error: story time: there is no scene 'Story'; did you mean 'Stories'?" in wrong.output
    assert "programme-example.yaml:" in wrong.output


def with_obs(port: int, password: str = PASSWORD) -> config.Settings:
    env = {"HAISHIN_OBS__ENABLED": "true", "HAISHIN_OBS__PORT": str(port), "HAISHIN_OBS__PASSWORD": password}
    return config.load([], env)


async def test_scenes_and_sources_are_those_of_obs_unless_they_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    server = ObsServer()
    server.answers["GetInputList"] = {"inputs": [{"inputName": "Song"}, {"inputName": 7}, "no entry"]}
    async with server.serving():
        settings = with_obs(server.port)
        held = await work.known(settings, "", "")
        assert (held.scenes, held.sources) == ({"Starting", "Live"}, {"Song"})
        named = await work.known(settings, "Break", "")
        assert (named.scenes, named.sources) == ({"Break"}, {"Song"})
        asked = len(server.requests)
        await work.known(settings, "Break", "Clip")
        assert len(server.requests) == asked, "nothing is left to ask"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("mode", ["hang", "silent", "cut", "old", "garbage", "shape", "empty", "not_ready", "password"])
async def test_an_obs_that_does_not_answer_in_time_leaves_its_names_unchecked(
    mode: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(work, "ASK_S", 1.0)
    server = ObsServer()
    server.mode = "" if mode == "password" else mode
    async with server.serving():
        settings = with_obs(server.port, PASSWORD if mode != "password" else "another")
        found = await work.known(settings, "", "")
    assert (found.scenes, found.sources) == (None, None)
    told = capsys.readouterr().out
    assert told.startswith("OBS was not reached, scenes not checked: ")
    assert ("it said nothing within 1 s" in told) == (mode in ("hang", "silent"))


async def test_without_obs_in_the_configuration_nobody_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    server = ObsServer()
    async with server.serving():
        env = {"HAISHIN_OBS__PORT": str(server.port), "HAISHIN_OBS__PASSWORD": PASSWORD}
        assert (await work.known(config.load([], env), "", "Song")).scenes is None
        assert server.signed_in == 0
    assert capsys.readouterr().out == "OBS is not asked without obs.enabled: true, scenes not checked\n"


def test_rehearse_prints_the_timeline_of_a_day(runner: CliRunner) -> None:
    shown = runner.invoke(cli, ["programme", "rehearse", EXAMPLE, "--day", "2026-10-25", "--until", "09:00"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.count(" 02:00:00 ") == 2, "the hour is there twice on this night"
    assert "good morning" in shown.output


def test_rehearse_prints_json_for_a_program(runner: CliRunner) -> None:
    shown = runner.invoke(cli, ["programme", "rehearse", EXAMPLE, "--day", "2026-06-01", "--json"])
    found = json.loads(shown.output)
    assert found["start"] == "2026-05-31T22:00:00+00:00"
    names = [part["segment"] for part in found["parts"]]
    assert names.count("small talk") == 24
    assert names.count("story time") == 1
    assert found["tokens"] > 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--day", "yesterday"], "is no day"),
        (["--until", "25:00"], "is no time of day"),
        (["--until", "00:00"], "ends before it begins"),
    ],
)
def test_what_is_no_time_is_refused(runner: CliRunner, more: list[str], words: str) -> None:
    shown = runner.invoke(cli, ["programme", "rehearse", EXAMPLE, *more])
    assert shown.exit_code != 0
    assert words in str(shown.exception)


OPENINGS = """
zone: UTC
segments:
  - {name: tea time, kind: talk, opening: Welcome all to the tea., when: {cron: "0 12 * * *"}, options: {topics: [tea]}}
  - {name: pause, kind: break, when: {cron: "0 13 * * *"}, length: 5m}
"""


@pytest.mark.parametrize("model", [True, False])
async def test_aloud_each_segment_is_opened_by_the_voice_into_a_file(model: bool, tmp_path: Path) -> None:
    file = tmp_path / "day.yaml"
    file.write_text(OPENINGS, "utf-8")
    async with serve() as fake:
        env = dict(settings(fake.port))
        if not model:
            env["HAISHIN_LLM__0__BASE_URL"] = "http://127.0.0.1:9/v1"
        found = config.load([ROOT / "configs" / "bench.yaml"], env)
        rehearsal = await asyncio.to_thread(work.rehearse_day, file, "2026-06-01", "", as_json=False)
        await aloud.read_openings(found, rehearsal, tmp_path / "openings")
    written = sorted((tmp_path / "openings").iterdir())
    assert written[0].name == "01-tea-time.wav"
    with wave.open(str(written[0])) as sound:
        assert sound.getnchannels() == 1
        assert sound.getnframes() / sound.getframerate() > 0.5


def test_only_what_was_said_is_opened_and_each_segment_once(tmp_path: Path) -> None:
    file = tmp_path / "day.yaml"
    file.write_text(OPENINGS.replace("0 12 * * *", "0 * * * *"), "utf-8")
    rehearsal = work.rehearse_day(file, "2026-06-01", "", as_json=False)
    names = [part.segment for part in aloud.first_of_each(rehearsal)]
    assert names.count("tea time") == 1
    assert aloud.any_brief(aloud.first_of_each(rehearsal))
