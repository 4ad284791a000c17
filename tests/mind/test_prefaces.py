"""What a model says about the user or of its own answer is not heard; what only begins like it is."""

from __future__ import annotations

import pytest

from tests.support.probe import clauses

#: Longer than any preface.
LONG = (
    "a thing that I never told anybody in this harbour before tonight, and it is a long one too, so long that nobody "
    "waits for its end without a cup of tea beside the lamp"
)


def said(reply: str, language: str, step: int) -> str:
    return "|".join(clause.speech for clause in clauses(reply, language, step=step) if clause.speech)


@pytest.mark.parametrize("step", [1, 4, 999])
@pytest.mark.parametrize(
    ("language", "reply", "heard"),
    [
        ("en", "Okay, the user says hi. I should greet them.\n</think>\n\nHi friend!", "Hi friend!"),
        ("en", "The user asked about tea. They like it.</think>Tea is lovely.", "Tea is lovely."),
        ("en", "We need to respond as Mira.\n[/THINK]\nAhoy!", "Ahoy!"),
        ("en", "So the user wants a joke.\n\nFinal answer: A fish walks in.", "A fish walks in."),
        ("zh", "用户说你好，我应该回应。</think>你好！", "你好！"),
        ("zh", "嗯，用户问天气。\n</think>\n今天下雨。", "今天下雨。"),
        ("en", "The user says hi and nothing follows it", ""),
        ("en", "Sure! Here's a short reply:\n\nHello!", "Hello!"),
        ("en", "Here is my response in character:\nHello!", "Hello!"),
        ("en", "**Certainly! Here's the answer:** Hello!", "Hello!"),
        ("zh", "好的，以下是我的回复：你好呀！", "你好呀！"),
        ("ja", "はい、以下は返答です：こんにちは。", "こんにちは。"),
        ("en", "Hello! (Note: I kept this short.)", "Hello!"),
        ("en", "*Mira leans closer to the mic* psst", "psst"),
        ("en", "| a | b |\n|---|:--|\n| 1 | 2 |", "a b|one two"),
    ],
)
def test_it_is_not_heard(language: str, reply: str, heard: str, step: int) -> None:
    assert said(reply, language, step) == heard


@pytest.mark.parametrize("step", [1, 999])
@pytest.mark.parametrize(
    "reply",
    [
        "The user interface is great.",
        "Here's my favourite song: Moonlight.",
        "Sure! Here's what I think. Cats rule.",
        "Okay, so here it goes.",
        "So the cat sat down.",
        f"Here is {LONG}: my name.",
        "*Minecraft rules forever*",
        "We should respond to them with cake!",
        "Sure",
        "Here",
    ],
)
def test_what_only_begins_like_it_is_heard(reply: str, step: int) -> None:
    plain = said(reply, "en", step).replace("|", " ")
    assert plain.replace(",", "").split() == reply.replace("*", "").replace(",", "").split()
