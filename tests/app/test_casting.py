"""A persona and the settings, put into the words of each part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.app.casting import look_of, prompter_of, pronouncer_of, with_voices
from bot.config import Settings
from bot.errors import ConfigError
from bot.mind.memory.history import History
from bot.persona.persona import AnswerIn, Clip, load
from bot.runtime import providers
from bot.text.scripts import Language
from bot.types import Author, Clause, Emotion, Message

ROOT = Path(__file__).parents[2] / "personas"


def last_line(settings: Settings, text: str, answer_in: AnswerIn = AnswerIn.VIEWER) -> str:
    persona = load(ROOT / "mira").model_copy(update={"answer_in": answer_in})
    message = Message("m1", "local", Author("1", "Ann"), text)
    return prompter_of(persona, settings).prompt([message], History()).lines[-1].text


def test_the_pages_of_the_persona_reach_the_prompt() -> None:
    assert "She hums" in last_line(Settings(), "can you sing?")
    off = Settings.model_validate({"memory": {"knowledge_tokens": 0}})
    assert "She hums" not in last_line(off, "can you sing?")


def test_the_persona_decides_the_language_of_the_answer() -> None:
    assert last_line(Settings(), "晚上好").endswith("请用中文回答。")
    assert last_line(Settings(), "晚上好", AnswerIn.DEFAULT).endswith("Answer in English.")


@pytest.mark.parametrize("name", ["mira", "xiaoyun"])
def test_our_looks_are_what_the_page_knows(name: str) -> None:
    persona = load(ROOT / name)
    look = look_of(persona, Settings()).look
    assert {key: getattr(look, key) for key in persona.look} == dict(persona.look)


def test_a_look_of_before_still_loads_and_leaves_the_rest_to_its_haircut() -> None:
    before = {"hair": "#cfe8ff", "hair_tip": "#ffb3c7", "style": "twintails", "accessory": "ears"}
    look = look_of(load(ROOT / "mira").model_copy(update={"look": before}), Settings()).look
    assert (look.style, look.accessory) == ("twintails", "ears")
    assert {look.face, look.body, look.clothes, look.stance} == {"auto"}


@pytest.mark.parametrize(
    ("key", "value"), [("clothes", "armour"), ("body", "auto "), ("style", "mohawk"), ("face", "")]
)
def test_a_shape_that_the_page_does_not_know_is_named(key: str, value: str) -> None:
    persona = load(ROOT / "mira").model_copy(update={"look": {key: value}})
    with pytest.raises(ConfigError, match=rf"persona mira: look\.{key}"):
        look_of(persona, Settings())


def test_a_voice_that_clones_gets_the_persona_s_clips_unless_it_has_its_own() -> None:
    clip = Clip.model_validate({"file": "voice/calm.wav", "text": "hi", "language": Language.EN})
    persona = load(ROOT / "mira").model_copy(update={"clips": {Emotion.NEUTRAL: clip}})
    entries: list[dict[str, Any]] = [
        {"provider": "gpt_sovits"},
        {"provider": "gpt_sovits", "clips": {}},
        {"provider": "hibari"},
    ]
    first, own, other = with_voices(entries, persona)
    config = providers.load("bot.voice.tts", "gpt_sovits").Config.model_validate({"clips": first["clips"]})
    assert config.clips[Emotion.NEUTRAL].file == ROOT / "mira" / "voice" / "calm.wav"
    assert own["clips"] == {}
    assert "clips" not in other


async def test_names_are_spelled_outside_of_a_show_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAISHIN_HOME", str(tmp_path))
    (tmp_path / "pronunciations.jsonl").write_text('{"name": "Ng", "spelled": "ing"}\n')
    persona = load(ROOT / "mira").model_copy(update={"pronunciations": {"Mira": "MEE-rah"}})
    pronounce = await pronouncer_of(persona)
    assert pronounce(Clause("t", 0, "Mira meets Ng", "x")).speech == "MEE-rah meets ing"
