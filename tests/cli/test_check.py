"""``haishin run --dry-run`` and ``haishin check``: one list of checks, and what is wrong is found by both."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import config
from bot.cli import check
from bot.cli.check import check_parts, dry_run
from bot.errors import FatalError
from bot.hearing.input.settings import InputKind
from bot.hearing.listening_settings import EndpointKind
from tests.fakes.openai_server import openai_server


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "open_log", lambda _settings: None)
    monkeypatch.setenv("HAISHIN_HOME", str(tmp_path / "home"))


def settings(tmp_path: Path, text: str) -> config.Settings:
    file = tmp_path / "my.yaml"
    file.write_text("web: {port: 0}\n" + text, "utf-8")
    return config.load([file], {})


def lines(printed: str) -> dict[str, str]:
    """Return the first word of each line by the name that follows it."""
    found = {}
    for line in printed.splitlines():
        mark, _, rest = line.partition(" ")
        if mark in ("ok", "FAIL"):
            found[rest.strip().split("  ")[0]] = mark
    return found


async def test_a_dry_run_finds_wrong_providers_judges_and_files_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = settings(
        tmp_path,
        "llm: [{provider: nonsense}, {provider: openai, model: m, api_key: hunter2, tmeperature: 1}, {model: m}]\n"
        "tts: [{provider: edge, speed: 9}]\n"
        "judges: [{provider: alsonot}, {provider: openai, mdoel: hunter2}, {provider: llm}]\n"
        f"sources: {{twitch: {{client_id: x}}, bilibili_open:, replay: {{file: {tmp_path / 'none.ndjson'}}}}}\n",
    )
    assert await dry_run(made) is False
    printed = capsys.readouterr().out
    found = lines(printed)
    for name in (
        "options of llm: nonsense", "options of llm: openai (2)", "options of llm: ? (3)", "options of tts: edge",
        "options of judge: alsonot", "options of judge: openai (2)", "replay",
    ):  # fmt: skip
        assert found[name] == "FAIL", (name, printed)
    for name in (
        "settings of twitch",
        "settings of bilibili_open",
        "configuration",
        "persona",
        "moderation",
        "port",
        "options of judge: llm (3)",
    ):
        assert found[name] == "ok", (name, printed)
    assert "choose one of" in printed
    assert "tmeperature" in printed
    assert "hunter2" not in printed
    assert not (tmp_path / "home").exists()


async def test_a_check_asks_every_judge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with openai_server() as fake:
        base = f"{fake.address}/v1"
        made = settings(
            tmp_path,
            f"llm: [{{provider: openai, model: m, base_url: '{base}'}}]\n"
            f"tts: [{{provider: openai, model: t, base_url: '{base}'}}]\n"
            f"judges: [{{provider: openai, base_url: '{base}'}}, {{provider: openai, base_url: 'http://127.0.0.1:9/v1'}},"
            " {provider: alsonot}]\n",
        )
        assert await check_parts(made) is False
        printed = capsys.readouterr().out
        found = lines(printed)
        assert (found["judge: openai"], found["judge: openai (2)"], found["judge: alsonot (3)"]) == (
            "ok", "FAIL", "FAIL",
        ), printed  # fmt: skip
        assert found["store"] == "ok"
        assert any(name.startswith("llm: openai") for name in found)
        # All that the dry run looks at is looked at here too.
        assert found["options of judge: alsonot (3)"] == "FAIL"


async def test_the_ears_are_checked_where_they_are_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    made = config.load(
        [],
        {
            "HAISHIN_HEARING__ENABLED": "true",
            "HAISHIN_ASR": '[{"provider": "openai", "base_url": "http://127.0.0.1:9/v1"}]',
        },
    )
    made.hearing.listening.endpoint = EndpointKind.SILENCE
    made.hearing.input.kind = InputKind.BROWSER
    found = dict(await check.check_ears(made))
    assert found["ears"].ok
    assert "a page of the panel" in found["ears"].detail
    assert found["endpoint"].ok

    async def none(*_: object, **__: object) -> list[object]:
        raise FatalError("no weights", remedy="fetch them")

    monkeypatch.setattr(check, "asr_entries", none)
    found = dict(await check.check_ears(made))
    assert (found["asr"].ok, found["asr"].remedy) == (False, "fetch them")
