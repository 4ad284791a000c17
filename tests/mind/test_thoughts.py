"""Thoughts, calls and channels of every family of models: none is for the audience, wherever the stream is cut."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.mind.reply.parser import ReplyParser
from bot.mind.thoughts import marks
from bot.mind.thoughts.filter import KEPT, ThoughtFilter
from tests.support.probe import clauses

SECRET = "The viewer greets zxq, so I greet back."
ANSWER = "Hey there, welcome in!"
#: What stands before, between and behind the thought, for each family.
FAMILIES = {
    "think": ("<think>\n", "\n</think>\n\n"),
    "think, closed by another": ("<think>", "</thinking>"),
    "upper case": ("<THINKING>", "</THINKING>"),
    "thoughts": ("<thoughts>", "</thoughts>"),
    "reasoning": ("<reasoning>", "</reasoning>"),
    "reflection within": ("<thinking>a<reflection>b</reflection>", "</thinking><output>"),
    "a tag within its own": ("<think>I know <think> tags. ", "</think>"),
    "scratchpad": ("<scratch_pad>", "</scratch_pad>"),
    "monologue": ("<inner-monologue>", "</inner-monologue>"),
    "seed": ("<seed:think>a<seed:cot_budget_reflect>b</seed:cot_budget_reflect>", "</seed:think>"),
    "open web ui": ('<details type="reasoning" done="true"><summary>Thought for 3 s</summary>', "</details>"),
    "sky-t1": ("<|begin_of_thought|>", "<|end_of_thought|>\n<|begin_of_solution|>"),
    "command": ("<|START_THINKING|>", "<|END_THINKING|><|START_RESPONSE|>"),
    "magistral": ("[THINK]", "[/THINK]"),
    "kimi": ("◁think▷", "◁/think▷"),
    "gemma": ("<|channel>thought\n", "<channel|>"),
    "escaped": ("&lt;think&gt;", "&lt;/think&gt;"),
    "gpt-oss": ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    "gpt-oss with a call": (
        "<|channel|>commentary to=functions.x <|constrain|>json<|message|>{}<|call|><|channel|>analysis<|message|>",
        "<|call|><|start|>assistant<|channel|>final<|message|>",
    ),
    "gpt-oss, first mark in the prompt": ("analysis<|message|>", "<|end|>assistant<|channel|>final<|message|>"),
    "gpt-oss without its marks": ("analysis", "assistantfinal"),
    "gpt-oss in lines": ("analysis\n", "\nassistant\nfinal\n"),
    "granite": ("Here is my thought process:\n", "\n\nHere is my response:\n"),
    "apriel": ("Here are my reasoning steps:\n", "\n[BEGIN FINAL RESPONSE]\n"),
    "react": ("Thought: ", "\nFinal Answer: "),
    "bold": ("**Thinking Process:**\n", "\n</think>\n"),
    "ollama's own": ("Thinking...\n", "\n...done thinking.\n\n"),
    "zh": ("思考过程：", "\n回答："),
    "a tag that nobody knows": ("<zeta_plan>", "</zeta_plan>\n"),
    "longcat": ("<longcat_think>", "</longcat_think>"),
    "medical gemma": ("<unused94>thought\n", "<unused95>"),
    "assistant thinking": ("<|assistant_thinking|>", "<|end_assistant_thinking|>"),
    "s1": ("<|im_start|>think\n", "<|im_end|>\n<|im_start|>answer\n"),
    "headings": ("### Thinking\n", "\n\n### Response\n"),
    "a bold heading": ("**Thought Process**\n", "\n**Answer**\n"),
    "fence of a thought": ("```thinking\n", "\n```\n"),
    "channels as labels": ("analysis: ", "\nfinal: "),
    "an instruction": ("[INST] ", " [/INST] "),
    "another's tag": ("<system>", "</system>"),
    "spaced tag": ("< think >", "</ think >"),
    "wide tag": ("＜think＞", "＜/think＞"),
    "tag in zh": ("<思考>", "</思考>"),
    "analysis in zh": ("分析：", "\n回复："),
    "thought in quotes": ("「心声：", "」"),
    "aside in capitals": ("(Thought: ", ") "),
    "aside in ja": ("（心の声：", "）"),
    "gpt-oss with a form": (
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final <|constrain|>text<|message|>",
    ),
    "aside": ("(thinking: ", ")\n"),
    "comment": ("<!-- ", " -->"),
    "call": ("<tool_call>\n", "\n</tool_call>\n"),
    "function": ("<function=play>", "</function>"),
    "deepseek": (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>x\n```json\n",
        "\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    ),
    "dsml": ("<｜DSML｜function_calls>", "</｜DSML｜function_calls>"),
    "kimi's calls": (
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.x:0<|tool_call_argument_begin|>",
        "<|tool_call_end|><|tool_calls_section_end|>",
    ),
    "call in json": ('{"name": "play", "arguments": {"x": "', '", "n": [1, {"a": "}"}]}}\n'),
    "calls in a list": ('[{"name": "play", "arguments": {"x": "', '"}}]\n'),
    "call in code": ('functions.play({"x": "', '"}) '),
    "fence": ('```json\n{"name": "play", "x": "', '"}\n```\n'),
    "tool code": ('```tool_code\nprint(play("', '"))\n```\n'),
}
ENDS = ("", "<|im_end|>", "<|eot_id|>", "</s>", "<end_of_turn>", "<|return|>", "<turn|>", "<｜end▁of▁sentence｜>")


def heard(text: str, step: int, language: str = "en") -> str:
    return " ".join(clause.text for clause in clauses(text, language, step=step))


@pytest.mark.parametrize("family", FAMILIES)
def test_no_thought_is_heard_and_the_answer_is(family: str) -> None:
    before, behind = FAMILIES[family]
    for step in (1, 2, 3, 5, 8, 1000):
        assert heard(before + SECRET + behind + ANSWER, step) == ANSWER, step


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(sorted(FAMILIES)),
    st.lists(st.sampled_from([SECRET, "\n", "<b>", "zxq ", "、zxq。", "[joy] ", "a < b, ", "- zxq\n"]), max_size=6),
    st.sampled_from([ANSWER, "你好呀，欢迎来到直播间！", "[joy] " + ANSWER, "**Mira:** " + ANSWER]),
    st.sampled_from(ENDS),
    st.lists(st.integers(1, 12), min_size=1, max_size=6),
)
@example("think", [SECRET * 200], ANSWER, "", [7])
def test_wherever_the_stream_is_cut_the_clauses_are_the_same(
    family: str, thought: list[str], answer: str, end: str, sizes: list[int]
) -> None:
    before, behind = FAMILIES[family]
    text = before + SECRET + "".join(thought) + behind + answer + end
    whole = heard(text, len(text))
    parser, at, turn, said = ReplyParser("Mira"), 0, 0, list[str]()
    while at < len(text):
        size = sizes[turn % len(sizes)]
        said += [piece for piece in parser.feed(text[at : at + size]) if type(piece) is str]
        assert len(parser._thoughts._held) <= marks.LONGEST
        assert sum(map(len, parser._thoughts._kept)) <= KEPT
        at, turn = at + size, turn + 1
    said += [piece for piece in parser.flush() if type(piece) is str]
    assert "zxq" not in "".join(said)
    assert "greet" not in "".join(said)
    for size in {1, *sizes}:
        assert heard(text, size) == whole
    assert whole.replace(" ", "").endswith(("welcomein!", "欢迎来到直播间！"))


@pytest.mark.parametrize(
    ("text", "heard_of_it"),
    [
        ("<grin> Hey there!", "Hey there!"),
        ("<zeta>Hey there!</zeta>", "Hey there!"),
        ("<answer>Hey there!</answer>", "Hey there!"),
        ("<Mira>Hey there!</Mira>", "Hey there!"),
        ("<p>Hey <b>there</b>!</p>", "Hey there!"),
        ("<joy>Hey there!", "Hey there!"),
        ("Hey <zeta>there</zeta>!", "Hey there!"),
        ("analysis paralysis is a real thing.", "analysis paralysis is a real thing."),
        ("Here is my favourite: noodles.", "Here is my favourite: noodles."),
        ("Thinking of you: hello.", "Thinking of you: hello."),
        ("Hey (inner peace) there!", "Hey (inner peace) there!"),
        ("a -- b, c->d & functions. Hey!", "a -- b, c->d & functions. Hey!"),
        ("[thinking] Hey there!", "Hey there!"),
        ("Hey there!</think>", "Hey there!"),
        ("</think>\n\nHey there!", "Hey there!"),
        ("x<0x0A>Hey there!", "x Hey there!"),
        ("Analysis is fun.\nFinal: Hey there!", "Analysis is fun. Final: Hey there!"),
        ("Thinking\nof you. Hey there!", "Thinking of you. Hey there!"),
        ("【思考】Hey there!", "Hey there!"),
        ("Hey there! [/INST] And now", "Hey there!"),
        ("<|im_start|>assistant\nHey there!<|im_end|>", "Hey there!"),
    ],
)
def test_what_is_for_the_audience_stays(text: str, heard_of_it: str) -> None:
    for step in (1, 2, 7, 1000):
        assert heard(text, step) == heard_of_it


@pytest.mark.parametrize(
    "text", ["<think>" + SECRET, "<|channel|>analysis<|message|>" + SECRET, "[TOOL_CALLS]play[ARGS]{}", "Thought: zxq"]
)
def test_a_thought_that_does_not_end_is_not_heard(text: str) -> None:
    for step in (1, 5, 1000):
        assert heard(text, step) == ""


def test_what_stood_before_a_lonely_mark_is_taken_back() -> None:
    for step in (1, 4, 1000):
        parser, said = ReplyParser("Mira"), list[object]()
        text = SECRET + "\n</think>\n\n" + ANSWER
        for at in range(0, len(text), step):
            before = parser.voided
            pieces = parser.feed(text[at : at + step])
            said = [*([] if parser.voided > before else said), *pieces]
        before = parser.voided
        rest = parser.flush()
        said = [*([] if parser.voided > before else said), *rest]
        assert "".join(map(str, said)) == ANSWER
        assert parser.voided == 1


def test_a_thought_longer_than_a_reply_is_noticed_too() -> None:
    parser = ReplyParser("Mira", max_chars=100)
    parser.feed("I should greet them, and then they will like it. " * 5)
    assert parser.ended is not None
    assert parser.feed("</think>" + ANSWER + " ") == [ANSWER]
    assert parser.ended is None


def test_a_reply_known_to_begin_inside_a_thought() -> None:
    for step in (1, 3, 1000):
        whole = SECRET + "</think>" + ANSWER
        thoughts = ThoughtFilter(inside=True)
        said = "".join(thoughts.feed(whole[at : at + step]) for at in range(0, len(whole), step)) + thoughts.flush()
        assert said == ANSWER
        assert thoughts.closed
        assert not thoughts.lonely
    unclosed = ThoughtFilter(inside=True)
    assert unclosed.feed(ANSWER) + unclosed.flush() == ""
    assert unclosed.leftover() == ANSWER
    assert not unclosed.closed


def test_data_stays_where_no_audience_reads_it() -> None:
    judge = ThoughtFilter()
    text = '<think>zxq</think>{"verdict": "ok", "category": "none"}'
    assert judge.feed(text) + judge.flush() == '{"verdict": "ok", "category": "none"}'


def test_an_endless_thought_takes_no_memory() -> None:
    for opened in ("<think>", "<zeta>", '{"name": "', "Thought: ", "<|channel|>"):
        thoughts = ThoughtFilter(names=frozenset())
        thoughts.feed(opened)
        for _ in range(2000):
            thoughts.feed("zxq < zxq [ zxq & " * 10)
        held = len(thoughts._held) + len(thoughts._tail) + len(thoughts._head) + len(thoughts._header)
        assert held + sum(map(len, thoughts._kept)) <= KEPT + 1000
