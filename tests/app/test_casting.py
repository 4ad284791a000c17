"""A persona and the settings, put into the words of each part."""

from __future__ import annotations

from pathlib import Path

from bot.app.casting import prompter_of
from bot.config import Settings
from bot.mind.memory.history import History
from bot.persona.persona import AnswerIn, load
from bot.types import Author, Message

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
