"""The operator's list of names: it counts over the persona's, lasts, and is heard and judged at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.app.casting import open_pronunciations
from bot.control.pronunciations import FILE, PronunciationControls
from bot.control.schemas.pronunciations import PronunciationIn
from bot.errors import Refused
from bot.persona.persona import Persona, load
from bot.text.pronunciations import MAX_ENTRIES, Pronunciation
from bot.types import Clause
from bot.voice.speaker import Speaker
from moderation import Action, Verdict
from tests.support.harness import Stagehand
from tests.support.virtual import virtual
from tests.voice.test_persona_voices import PERSONAS


class Ear:
    """Hears a clause as it is spoken."""

    def __init__(self) -> None:
        self.pronounce: Callable[[Clause], Clause] = lambda clause: clause

    def use(self, pronounce: Callable[[Clause], Clause]) -> None:
        self.pronounce = pronounce

    def __call__(self, text: str, language: str = "en") -> str:
        return self.pronounce(Clause("t", 0, text, text, language)).speech


def persona(**names: object) -> Persona:
    return load(PERSONAS / "mira").model_copy(update={"pronunciations": names})


async def test_the_operator_s_word_counts_over_the_persona_s(tmp_path: Path) -> None:
    hear = Ear()
    names = await open_pronunciations(persona(Mira="MEE-rah", Gerald="JEH-rald"), tmp_path, hear.use)
    assert hear("Mira and Gerald") == "MEE-rah and JEH-rald"
    assert (await names.put(PronunciationIn(name="mira", spelled="MYE-rah"))).ok
    assert hear("Mira and Gerald") == "MYE-rah and JEH-rald"
    view = names.state()
    assert [(item.name, item.own) for item in view.names] == [("mira", True), ("Gerald", False)]
    assert view.room == MAX_ENTRIES - 1
    assert (await names.drop("MIRA", "")).ok
    assert not (await names.drop("MIRA", "")).ok
    assert hear("Mira") == "MEE-rah"


async def test_the_list_lasts_and_may_be_written_by_hand(tmp_path: Path) -> None:
    first = PronunciationControls(tmp_path / FILE)
    await first.put(PronunciationIn(name="Łukasz", spelled="woo-kash", language="en"))
    with (tmp_path / FILE).open("a") as file:
        for line in ('{"name": "云", "spelled": "x"}', "{broken", json.dumps({"name": "Ng", "spelled": "ing"})):
            file.write(line + "\n")
    hear = Ear()
    again = PronunciationControls(tmp_path / FILE, hear.use)
    await again.load()
    assert [item.name for item in again.state().names] == ["Łukasz", "Ng"]
    assert hear("Ng meets Łukasz") == "ing meets woo-kash"
    assert hear("Łukasz来了", "zh") == "Łukasz来了"


async def test_another_persona_brings_its_own_names() -> None:
    hear = Ear()
    names = PronunciationControls(None, hear.use)
    names.follow([Pronunciation("Mira", "MEE-rah")])
    names.follow([Pronunciation("Yun", "yoon")])
    assert hear("Mira and Yun") == "Mira and yoon"


async def test_a_full_list_refuses_and_takes_a_change() -> None:
    names = PronunciationControls()
    for number in range(MAX_ENTRIES):
        await names.put(PronunciationIn(name=f"n{number}", spelled="x"))
    with pytest.raises(Refused, match="300"):
        await names.put(PronunciationIn(name="one more", spelled="x"))
    assert (await names.put(PronunciationIn(name="N7", spelled="y"))).ok


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "spelled": "x"},
        {"name": "a" * 41, "spelled": "x"},
        {"name": "Mira", "spelled": "x" * 81},
        {"name": "Mira", "spelled": "<break/>"},
        {"name": "云", "spelled": "x"},
        {"name": "Mira", "spelled": "x", "language": "fr"},
        {"name": "Mira", "spelled": "x", "more": 1},
    ],
)
def test_what_is_malformed_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PronunciationIn.model_validate(wrong)


@virtual
async def test_what_is_spoken_is_judged_and_what_is_shown_stays() -> None:
    hand = Stagehand()
    speaker: Speaker[object] = hand.show.speaker  # type: ignore[assignment]
    names = PronunciationControls(None, speaker.spell)
    await names.put(PronunciationIn(name="Mira", spelled="something vile"))
    judged: list[Clause] = []

    async def check(clause: Clause) -> Verdict:
        judged.append(clause)
        return Verdict(Action.BLOCK, ("x",), 1.0, clause.text)

    await speaker.say(1, Clause("t", 0, "Mira is here.", "Mira is here."), check)
    assert (judged[0].text, judged[0].speech) == ("Mira is here.", "something vile is here.")
