"""Configuration: layers, strictness at every level, and errors that name file, line and key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot import config
from bot.app.moderator import checked_moderator
from bot.errors import ConfigError
from bot.show.schedule.file import read
from moderation import Action, Context, Direction

ROOT = Path(__file__).parent.parent


def write(tmp_path: Path, text: str, name: str = "my.yaml") -> Path:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    return file


def test_the_defaults_are_valid_and_equal_to_the_file() -> None:
    settings = config.load([], {})
    assert settings.persona == "mira"
    assert settings.web.port == 7878
    assert settings == config.Settings()


EXAMPLES = sorted((ROOT / "configs").glob("*.yaml"))


@pytest.mark.parametrize("file", [f for f in EXAMPLES if not f.stem.startswith("programme")], ids=lambda f: f.stem)
def test_every_example_is_valid(file: Path) -> None:
    config.load([file], {})


@pytest.mark.parametrize("file", [f for f in EXAMPLES if f.stem.startswith("programme")], ids=lambda f: f.stem)
def test_every_example_of_a_programme_is_valid(file: Path) -> None:
    assert read(file).planned


def test_the_examples_of_two_platforms_keep_their_policies_apart() -> None:
    settings = config.load([ROOT / "configs/twitch.yaml", ROOT / "configs/bilibili.yaml"], {})
    moderator, line = checked_moderator(settings), "what a shitty game"
    assert moderator.check(line, Context(platform="twitch")).action is Action.ALLOW
    assert moderator.check(line, Context(platform="bilibili_web")).action is Action.MASK
    assert moderator.check(line, Context(Direction.OUT)).action is Action.BLOCK


def test_layers_in_order(tmp_path: Path) -> None:
    a = write(tmp_path, "web: {port: 1000}\npersona: xiaoyun\n", "a.yaml")
    b = write(tmp_path, "web: {port: 2000}\n", "b.yaml")
    settings = config.load([a, b], {"HAISHIN_SHOW__IDLE_AFTER_S": "5"})
    assert (settings.web.port, settings.persona, settings.show.idle_after_s) == (2000, "xiaoyun", 5)
    assert config.load([a, b], {"HAISHIN_WEB__PORT": "3000"}).web.port == 3000


def test_lists_by_number(tmp_path: Path) -> None:
    file = write(tmp_path, "llm:\n- {provider: openai, model: m}\n")
    settings = config.load([file], {"HAISHIN_LLM__0__API_KEY": "k", "HAISHIN_LLM__1__PROVIDER": "ollama"})
    assert settings.llm == [{"provider": "openai", "model": "m", "api_key": "k"}, {"provider": "ollama"}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("web:\n  prot: 80\n", ["my.yaml:2", "web.prot", "did you mean 'port'"]),
        ("zone: Europe/Berlin\nsegments: []\n", ["my.yaml:2", "this is a programme", "haishin programme check"]),
        ("web:\n  port: many\n", ["my.yaml:2", "web.port"]),
        ("stage:\n  captions:\n    size_px: 4\n", ["my.yaml:3", "stage.captions.size_px"]),
        ("nonsense: 1\n", ["my.yaml:1", "nonsense"]),
        ("web: {port: 1}\nweb: {port: 2}\n", ["my.yaml:2", "written twice"]),
        ("web: [1, 2\n", ["my.yaml:2", "not valid YAML"]),
        ("- a\n- b\n", ["my.yaml:1"]),
        ("persona: ../../etc\n", ["my.yaml:1", "persona"]),
        ("web: !!python/object/apply:os.system [ls]\n", ["my.yaml:1"]),
        ("moderation:\n  levle: strict\n", ["my.yaml:2", "moderation.levle"]),
        ("llm: 5\n", ["my.yaml:1", "llm"]),
    ],
)
def test_faults_name_file_line_and_key(tmp_path: Path, text: str, says: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        config.load([write(tmp_path, text)], {})
    for part in says:
        assert part in str(error.value), str(error.value)


def test_faults_in_variables_name_the_variable() -> None:
    with pytest.raises(ConfigError, match="HAISHIN_WEB__PORT"):
        config.load([], {"HAISHIN_WEB__PORT": "-1"})
    with pytest.raises(ConfigError, match="HAISHIN_WEB__PRT"):
        config.load([], {"HAISHIN_WEB__PRT": "1"})


def test_secrets_are_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        config.load([write(tmp_path, "web:\n  token: [hunter2hunter2]\n")], {})
    assert "hunter2" not in str(error.value)
    assert "hunter2" not in repr(config.load([], {"HAISHIN_TOKEN": "hunter2hunter2"}))


@pytest.mark.parametrize(
    "text",
    [
        "web:\n  token: *hunter2hunter2\n", "web:\n  token: !hunter2 x\n", "web:\n  token: !hunter2!hunter2 x\n",
        "web:\n  port: u:hunter2@h/x\n", "web:\n  port: postgresql://u:hunter2@h/x\n",
        "web:\n  port: password hunter2\n", "persona: 'host=h user=u password=hunter2'\n",
        "web: token=hunter2\n", "web: {token: hunter2, token: hunter2}\n",
        "web:\n\ttoken: hunter2\n", "web: token: hunter2\n", "web:\n  token: {a: &hunter2 1, b: &hunter2 2}\n",
        "sources:\n  twitch:\n    channel: [oauth:hunter2]\n", "llm:\n - provider: openai\n   api_key: [hunter2\n",
    ],
)  # fmt: skip
def test_no_password_is_repeated_wherever_it_was_written(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as error:
        config.load([write(tmp_path, text)], {})
    assert "hunter2" not in f"{error.value} {error.value.remedy}"


def of(**variables: str) -> config.Settings:
    return config.load([], {f"HAISHIN_{name}": value for name, value in variables.items()})


@pytest.mark.parametrize("word", ["123456", "no", "off", "0123", "1:30", "null", "[a", "true", "1e3", "a: b", "~"])
def test_a_variable_for_text_is_taken_as_it_is(word: str) -> None:
    made = of(
        SOURCES__TWITCH__CHANNEL=word,
        SOURCES__BILIBILI_OPEN__CODE=word,
        SOURCES__BILIBILI_OPEN__ACCESS_SECRET=word,
        MODELS__DIR=word,
        STAGE__LABEL=word,
    )
    assert made.sources.twitch is not None
    assert made.sources.bilibili_open is not None
    assert made.sources.twitch.channel == word
    assert made.sources.bilibili_open.code.get_secret_value() == word
    assert made.sources.bilibili_open.access_secret.get_secret_value() == word
    assert made.models.dir == Path(word)
    assert made.stage.label == word


def test_other_variables_are_read_by_their_type() -> None:
    made = of(
        WEB__PORT=" 8000 ",
        WEB__OPEN_BROWSER="yes",
        WEB__ORIGINS="[http://a.test, 5]",
        INBOX__PAID_TTL_S="null",
        INBOX__SHIELD="off",
        SHOW__TURN_S="",
        JUDGES="[{provider: openai, model: 7}]",
        SOURCES__TWITCH__REPLIES="off",
        MODERATION__CATEGORIES="{profanity: off}",
        MODERATION__BLOCK_WORDS="[no, 123]",
        MODERATION__PLATFORMS__TWITCH__MAX_CHARS="100",
    )
    assert (made.web.port, made.web.open_browser, made.web.origins) == (8000, True, ["http://a.test", "5"])
    assert made.inbox.paid_ttl_s is None
    assert made.show.turn_s == 90.0
    assert made.judges == [{"provider": "openai", "model": 7}]
    assert made.sources.twitch is not None
    assert (made.inbox.shield, made.sources.twitch.replies) == ("off", "off")
    assert made.moderation.block_words == ("no", "123")
    assert made.moderation.for_platform("twitch").max_chars == 100


def test_options_of_providers_stay_text_and_their_own_options_may_be_numbers() -> None:
    made = of(
        LLM__0__PROVIDER="ollama",
        LLM__0__MODEL="123",
        LLM__0__API_KEY="0123456",
        LLM__0__TEMPERATURE="0.5",
        LLM__0__OPTIONS__NUM_CTX="2048",
        LLM__0__OPTIONS__STOP="[a, b]",
        LLM__0__OPTIONS__RAW="true",
        LLM__0__LEAVE_OUT="[temperature]",
    )
    assert made.llm == [
        {
            "provider": "ollama",
            "model": "123",
            "api_key": "0123456",
            "temperature": "0.5",
            "options": {"num_ctx": 2048, "stop": ["a", "b"], "raw": True},
            "leave_out": ["temperature"],
        }
    ]


def test_text_in_files_stays_text_too(tmp_path: Path) -> None:
    file = write(tmp_path, "sources:\n  twitch: {channel: 123456}\n  bilibili_open: {code: 0123456}\n")
    made = config.load([file], {})
    assert made.sources.twitch is not None
    assert made.sources.bilibili_open is not None
    assert made.sources.twitch.channel == "123456"
    assert made.sources.bilibili_open.code.get_secret_value() == "0123456"


@pytest.mark.parametrize(
    "text",
    [
        "sources:\n  bilibili_open:\n    code: [4279842798]\n",
        "sources:\n  bilibili_open: 4279842798\n",
        "sources:\n  bilibili_open:\n    access_key: {a: 4279842798}\n",
        "store: [postgresql://u:4279842798@h/x]\n",
        "web: 4279842798\n",
        "llm: {api_key: 4279842798}\n",
        "llm: [api_key 4279842798]\n",
        "judges: postgresql://u:4279842798@h/x\n",
        "web:\n  origins: http://u:4279842798@h/x\n",
    ],
)
def test_no_error_repeats_a_secret(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as error:
        config.load([write(tmp_path, text)], {})
    assert "4279842798" not in str(error.value)
    assert "4279842798" not in repr(error.value)


@pytest.mark.parametrize("name", ["STORE", "SOURCES__BILIBILI_OPEN__CODE", "WEB__TOKEN", "LLM", "WEB"])
def test_no_error_of_a_variable_repeats_a_secret(name: str) -> None:
    word = "[postgresql://u:4279842798@h/x]"
    with pytest.raises(ConfigError) as error:
        config.load([], {f"HAISHIN_{name}": word, "HAISHIN_NONSENSE": "1"})
    assert "4279842798" not in str(error.value)


def test_a_section_without_lines_is_an_empty_section(tmp_path: Path) -> None:
    text = (
        "show:\n#  greeting: false\nstage:\n  captions:\nllm:\nweb:\n  port:\nsources:\n  twitch:\n  replay:\nstore:\n"
    )
    made = config.load([write(tmp_path, text)], {})
    assert made.sources.twitch is not None
    assert made.model_copy(update={"sources": config.Settings().sources}) == config.Settings()


def test_slips_of_the_keyboard_have_a_remedy(tmp_path: Path) -> None:
    for text, remedy in (
        ("persona：mira\n", "full-width"),
        ("web:\n  port：80\n", "full-width"),
        ("persona: “mira”\n", "straight quotes"),
        ('models:\n  dir: "D:\\new"\n', "single quotes"),
    ):
        with pytest.raises(ConfigError, match=r"my\.yaml:\d") as error:
            config.load([write(tmp_path, text)], {})
        assert remedy in error.value.remedy, text


def test_hostile_files(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(8)
    )
    for text in (bomb, "a: &a {b: *a}\n", "[" * 5000, "web: {port: \x00}\n"):
        with pytest.raises(ConfigError):
            config.load([write(tmp_path, text)], {})
    binary = tmp_path / "x.yaml"
    binary.write_bytes(b"\xff\xfe\x00web")
    with pytest.raises(ConfigError, match="UTF-8"):
        config.load([binary], {})
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load([tmp_path / "missing.yaml"], {})


def test_the_guide_names_every_setting() -> None:
    from scripts import make_settings  # noqa: PLC0415

    assert make_settings.TARGET.read_text("utf-8") == make_settings.document(), "run: python -m scripts.make_settings"
    unexplained = [path for path, _, meaning in make_settings.rows(config.Settings) if not meaning]
    assert not unexplained


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_the_data_folder_and_what_lies_in_it_are_closed_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere.ndjson"
    monkeypatch.setenv("HAISHIN_HOME", str(data))
    data.mkdir()
    data.chmod(0o777)
    names = (
        "token",
        "cases.ndjson",
        "haishin.db",
        "haishin.db-wal",
        "unwritten-payments.ndjson",
        "twitch.json",
        "a.log",
    )
    for file in (elsewhere, *(data / name for name in names)):
        file.write_text("words of viewers")
        file.chmod(0o644)
    (data / "link.ndjson").symlink_to(elsewhere)
    assert config.own_data_dir() == data
    assert data.stat().st_mode & 0o777 == 0o700
    assert {(data / name).stat().st_mode & 0o777 for name in names} == {0o600}
    assert elsewhere.stat().st_mode & 0o777 == 0o644


def test_a_data_folder_that_cannot_be_made_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HAISHIN_HOME", str(tmp_path / "file" / "data"))
    with pytest.raises(ConfigError, match="cannot be made") as caught:
        config.own_data_dir()
    assert "HAISHIN_HOME" in caught.value.remedy


def test_a_section_that_says_nothing_in_words_is_an_empty_section(tmp_path: Path) -> None:
    made = config.load([write(tmp_path, "show: ~\nstage:\n  captions: null\nsources:\n  twitch: null\n")], {})
    assert made == config.Settings()


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("\ufeffHAISHIN_PERSONA", "mira", "byte order mark"),
        ("HAISHIN_\u200bPERSONA", "mira", "byte order mark"),
        ("HAISHIN_PERSONA", "“mira”", "straight quotes"),
        ("HAISHIN_TOKEN", "“a-token-of-sixteen”", "straight quotes"),
    ],
)
def test_slips_in_a_file_of_variables_have_a_remedy(name: str, value: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load([], {name: value})
    assert remedy in caught.value.remedy
    assert "a-token-of-sixteen" not in str(caught.value)


def test_windows_line_ends_of_a_file_of_variables_are_no_part_of_the_values() -> None:
    made = config.load([], {"HAISHIN_PERSONA": "mira\r", "HAISHIN_TOKEN": "a-token-of-sixteen\r\n"})
    assert (made.persona, made.web.token.get_secret_value()) == ("mira", "a-token-of-sixteen")
