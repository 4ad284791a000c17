"""Leave out calls of tools that a model writes into its words as it saw them written in prompts and in programs.

``Action: roll`` with ``Action Input: …`` and ``Observation: …`` (ReAct), ``Tool call: …``, ``行动：…``, and calls as a
program has them, ``roll(sides=6)``. Calls within brackets, tags and fences are the filter of thoughts' business.
"""

from __future__ import annotations

import re
from typing import Final

#: Marks that may stand around a label, and how many of them.
_DECORATION: Final = r"[*_#>`\s-]{0,8}"
_COLON: Final = r"[*_`\s]{0,4}[:：][*_`]{0,3}"
#: What is never said at the start of a sentence but before a call, its arguments or its result.
_CERTAIN: Final = (
    "action input", "action inputs", "observation", "tool call", "tool calls", "tool input", "tool output",
    "tool result", "tool response", "tool name", "tool use", "function call", "function name", "function input",
    "function output",
    "calling tool", "calling function", "invoke", "invoking", "arguments", "parameters", "args", "params",
    "行动输入", "行動輸入", "动作输入", "動作輸入", "工具调用", "工具調用", "调用工具", "調用工具", "函数调用",
    "工具输入", "工具输出", "工具结果", "行动参数", "观察结果", "行動入力", "ツール呼び出し",
)  # fmt: skip
#: What stands before the name of a tool, and in other sentences as well.
_NAMING: Final = (
    "action", "tool", "function", "call", "行动", "行動", "动作", "動作", "工具", "调用", "ツール", "アクション",
)  # fmt: skip
#: What stands before the result of one, and in other sentences as well: it is left out behind a call alone.
_RESULT: Final = ("result", "output", "response", "观察", "觀察", "観察", "结果", "結果", "输出", "返回")
_ANSWERS: Final = ("final answer", "最终答案", "最終答案", "最終回答", "最终回答", "最終的な答え")


def _any(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"[ _]") for word in sorted(words, key=len, reverse=True))


_LABEL: Final = re.compile(
    rf"(?i){_DECORATION}(?:(?P<certain>{_any(_CERTAIN)})|(?P<answer>{_any(_ANSWERS)})|(?P<naming>{_any(_NAMING)})"
    rf"|(?P<result>{_any(_RESULT)})){_COLON}"
)
_WORDS: Final = tuple(word for group in (_CERTAIN, _NAMING, _RESULT, _ANSWERS) for word in group)
#: The name of a tool and nothing else, perhaps with what it is given.
_NAME: Final = re.compile(r"[\s*_`]*[^\W\d][\w.-]{0,40}\s?(?:\[[^\]\n]*\]?|\([^)\n]*\)?)?[\s*_`.。]*\Z")
_LONGEST_NAME: Final = 120
#: A call as in a program, up to what shows that it is one: a named argument, a text or data in its bracket.
_CALL: Final = re.compile(
    r"(?<![\w.])(?:[a-z_][\w.]{1,60}\((?=\s{0,4}(?:[A-Za-z_]\w{0,40}\s{0,2}=(?!=)|[{\[\"']))"
    r"|(?:print|run|exec|execute|invoke|await)\((?=[a-z_]\w{0,40}(?:[._]\w{1,40}){1,3}\())"
)
_MAY_CALL: Final = re.compile(
    r"(?<![\w.])[a-z_]\w{0,60}(?:\.\w{1,60}){0,3}(?:\(\s{0,4}(?:[A-Za-z_][\w.]{0,60}\s{0,2})?)?\Z"
)
_LONGEST_CALL: Final = 400
#: How the host is told to write what it feels, before a sentence.
_TAG: Final = re.compile(r"\s*\[[a-z]{2,12}\]")
_MAY_TAG: Final = re.compile(r"\s*\[[a-z]{0,12}\Z")
#: Where a sentence may begin.
_START: Final = re.compile(r"\n|(?<=[.!?])[ \t]+|(?<=[。！？])")


class WrittenCalls:
    """Filters one reply, cut anywhere. It holds back a word, a label, or the rest of a line behind one."""

    def __init__(self) -> None:
        self._held = ""
        self._fresh = True  # at the start of a sentence
        self._ended = False  # what was said last may end one
        self._called = False  # a call was left out
        self._drops = False  # up to the end of the line
        self._depth = 0  # brackets of a call that are open
        self._skipped = 0

    def feed(self, text: str, *, final: bool = False) -> str:
        """Filter the next piece; return what is certainly no call. With ``final`` nothing is held back."""
        self._held += text
        out: list[str] = []
        while self._held and (step := self._step(final=final)) is not None:
            out.append(step)
        return "".join(out)

    def _step(self, *, final: bool) -> str | None:
        """Take something off what is held; return what of it is said, None when more must come first."""
        if self._drops:
            return self._drop_line()
        if self._depth:
            return self._drop_call()
        if self._ended and self._held[0] in " \t":
            self._fresh = True
        self._ended = False
        if self._fresh:
            if (tag := _TAG.match(self._held)) is not None:
                self._held = self._held[tag.end() :]
                return tag[0]
            if (label := _LABEL.match(self._held)) is not None:
                return self._labelled(label, final=final)
            if not final and (_MAY_TAG.match(self._held) or _may_be_label(self._held)):
                return None
            self._fresh = False
        return self._sentence(final=final)

    def _labelled(self, label: re.Match[str], *, final: bool) -> str | None:
        rest, newline, _ = self._held[label.end() :].partition("\n")
        open_end = not newline and not final and len(rest) < _LONGEST_NAME
        if label["naming"] and open_end and (not rest.strip() or _NAME.match(rest)):
            return None
        if (label["naming"] and not _NAME.match(rest)) or (label["result"] and not self._called):
            self._fresh = False
            return ""
        self._held = self._held[label.end() :]
        self._called = True
        self._drops, self._fresh = not label["answer"], bool(label["answer"])
        return ""

    def _drop_line(self) -> str:
        _, newline, self._held = self._held.partition("\n")
        self._drops, self._fresh = not newline, True
        return newline

    def _drop_call(self) -> str:
        for at, char in enumerate(self._held):
            self._skipped += 1
            self._depth += (char in "([{") - (char in ")]}")
            if self._depth <= 0 or self._skipped > _LONGEST_CALL:
                self._depth, self._held = 0, self._held[at + 1 :]
                return ""
        self._held = ""
        return ""

    def _sentence(self, *, final: bool) -> str | None:
        """Return the words up to where the next sentence may begin, or up to a call."""
        start = _START.search(self._held)
        end = start.end() if start else len(self._held)
        call = _CALL.search(self._held, 0, end if start else len(self._held))
        if call is not None:
            said, self._held = self._held[: call.start()], self._held[call.end() :]
            self._depth, self._skipped, self._called = 1, 0, True
            return said
        if not start and not final and (tail := _MAY_CALL.search(self._held)) is not None:
            end = tail.start()
        if not end and not final:
            return None
        said, self._held = self._held[:end], self._held[end:]
        self._fresh, self._ended = start is not None, said[-1:] in tuple(".!?")
        return said


def _may_be_label(text: str) -> bool:
    """Return whether a text may be the beginning of a label."""
    bare = re.sub(r"[ _]+", " ", text.lstrip("*_#>`- \t\n").casefold())
    if len(text) > 40 or "\n" in text.strip():
        return False
    word = bare.rstrip("*_` ")
    return not bare or any(known.startswith(bare) or known == word for known in _WORDS)
