"""Calls of tools that a model writes into its words are not said, however the stream is cut."""

from __future__ import annotations

import pytest

from bot.mind.reply.parser import ReplyParser


def said(text: str, step: int) -> str:
    parser = ReplyParser("Mira")
    pieces = [piece for at in range(0, len(text), step) for piece in parser.feed(text[at : at + step])]
    return "".join(piece for piece in [*pieces, *parser.flush()] if type(piece) is str).strip()


@pytest.mark.parametrize("step", [1, 2, 5, 13, 1000])
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('Action: roll\nAction Input: {"sides": 6}\nObservation: 4\nFinal Answer: A four!', "A four!"),
        ("Sure, rolling! Action: roll\nAction Input: 6", "Sure, rolling!"),
        ("Wait.\nAction: search_memory[cat]\nObservation: Nimbus\nIt is Nimbus.", "Wait.\nIt is Nimbus."),
        ("**Action:** roll\n**Action Input:** 6\nDone!", "Done!"),
        ("[joy] Action: roll\nAction Input: 6\nHere it comes.", "Here it comes."),
        ("Tool call: roll\nArguments: sides=6\nYou got a four.", "You got a four."),
        ("Invoke: roll\nParameters: sides=6\nHere.", "Here."),
        ("roll(sides=6, count=2)", ""),
        ('Let me see. search_memory(question="the cat") It is Nimbus.', "Let me see. It is Nimbus."),
        ("timer({seconds: 5, about: (tea)}) Set!", "Set!"),
        ('行动：掷骰子\n行动输入：{"面数": 6}\n观察：4\n最终答案：是四点！', "是四点！"),
        ("好的。动作：roll\n动作输入：6", "好的。"),
        ("工具调用：roll\n结果：4\n四点！", "四点！"),
        # honest words
        ("Action! That film was all action: chases and tea.", "Action! That film was all action: chases and tea."),
        ("My favourite action: sitting still.", "My favourite action: sitting still."),
        ("Action: the best kind of film there is.", "Action: the best kind of film there is."),
        ("观察：今天的云很好看。", "观察：今天的云很好看。"),
        ("Call me (if you like) tonight.", "Call me (if you like) tonight."),
        ("Result: two to one, what a match!", "Result: two to one, what a match!"),
        ("Use print(x) for that.", "Use print(x) for that."),
    ],
)  # fmt: skip
def test_a_written_call_is_left_out_and_honest_words_are_not(text: str, left: str, step: int) -> None:
    assert said(text, step).split() == left.split()


def test_words_are_held_back_by_one_at_most() -> None:
    parser = ReplyParser("Mira")
    assert parser.feed("The lamp is on") == ["The lamp is"]
    assert parser.feed(".") == [" on."]
    assert parser.feed(" 灯亮着呢") == [" 灯亮着呢"]
