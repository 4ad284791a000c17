"""Know the marks by which models say that a stretch of text is not for the audience, or that it is.

Every family of models has its own: ``<think>``, ``[THINK]``, ``◁think▷``, ``<|channel|>analysis<|message|>``,
``<|START_THINKING|>``, ``<｜tool▁calls▁begin｜>``. `parse` says what a mark means whatever its brackets are.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

from bot.mind.reply.acting import find_acts

#: The longest mark, in characters: ``<details type="reasoning" done="true" duration="3">`` has 51.
LONGEST: Final = 96


class MarkKind(StrEnum):
    """What a mark says of the text behind it."""

    OPEN = "open"  # a thought begins
    CLOSE = "close"  # a thought is over
    CALL = "call"  # a call of a tool begins, or another stretch that is neither seen nor heard
    CALL_END = "call end"
    CHANNEL = "channel"  # the name of a channel follows
    START = "start"  # the name of a speaker follows
    MESSAGE = "message"  # the text of the channel follows
    END = "end"  # a message is over
    ANSWER = "answer"  # the answer begins: what came before was a thought
    FRAME = "frame"  # stands around the answer or a part of it
    REST = "rest"  # nothing of what follows is for the audience
    ARGUMENTS = "arguments"  # of a call that was written as text: they end with the last of their brackets
    FENCE = "fence"  # a block of data or of calls; it ends with the next fence
    ASIDE = "aside"  # a thought in round brackets
    BYTE = "byte"  # a byte that a model wrote as a token, ``<0x0A>``
    COMMENT = "comment"
    COMMENT_END = "comment end"
    UNKNOWN = "unknown"  # a tag that no family is known for
    UNKNOWN_END = "unknown end"
    OTHER = "other"  # the parser's business


class Mark(NamedTuple):
    """A mark: what it means, and its name in small letters, without brackets and bars."""

    kind: MarkKind
    name: str


#: What is left of gpt-oss's mark of the last channel when a server strips the control tokens.
_GLUED: Final = "assistantfinal"


def _start_of(word: str) -> str:
    """Return the pattern of a word's first letter, its first two, and so on to all of it."""
    return "(?:".join(word) + ")?" * (len(word) - 1)


#: Everything that may be a mark, whole.
MARK: Final = re.compile(
    r"<\|im_start\|>(?:think|thinking|reasoning|analysis|answer|final|response)\b\n?"
    r"|< {0,2}/? {0,2}(?:think|thinking|thoughts?|reasoning) {0,2}>"
    r"|[＜〈《]/?(?:think|thinking|thoughts?|思考)[＞〉》]|</?思考>"
    r"|【/(?:思考|思考过程|分析|推理)】|【(?:最终)?(?:回答|回复|答案)】"
    rf"|<!--|-->|<(?!!--)[A-Za-z/|｜▁!][^<>\n]{{0,{LONGEST - 2}}}>"
    r"|\[/?[A-Z][A-Z_ ]{2,31}\]|\[/?(?:think|thinking|thoughts?|reasoning)\]"
    r"|◁[^▷\n]{1,30}▷|&lt;[^&<>\n]{1,32}&gt;|assistantfinal"
    r"|functions\.[\w.:]{1,60}\s?(?=[({])|\{\s{0,8}[\"'](?=\w{1,30}[\"']\s?:)|\[\s{0,8}(?=\{\s{0,8}[\"'])"
    r"|<0x[0-9A-Fa-f]{2}>|[(（「『](?i:thinking|thoughts?|inner thoughts?|inner voice|ooc"
    r"|思考|内心|内心OS|心想|心声|心の声)\s?[:：]"
    r"|```(?:tool_code|tool_calls?|tool_outputs?|tool|functions?|json[5cl]?"
    r"|think|thinking|thoughts?|reasoning|analysis)[ \t]{0,8}\n"
)
#: The start of a mark at the end of a text.
PARTIAL: Final = re.compile(
    r"(?:<\|im_start\|>[a-z]{0,9}|< {1,2}/? {0,2}(?:[a-z]{1,9} {0,2})?|[＜〈《]/?(?:[a-z]{0,9}|思考?)|</?思考?"
    r"|【(?:/?[思考过程分析推理最终回答复案]{1,5})?"
    rf"|<(?:[A-Za-z/|｜▁!][^<>\n]{{0,{LONGEST - 2}}})?|--?|\[(?:/?[A-Za-z_ ]{{0,32}})?|◁[^▷\n]{{0,30}}"
    r"|&(?:l(?:t(?:;[^&<>\n]{0,32}(?:&(?:gt?)?)?)?)?)?|"
    r"|\{\s{0,8}(?:[\"'](?:\w{1,30}(?:[\"']\s?)?)?)?|\[\s{0,8}(?:\{\s{0,8})?|`{1,3}|```[a-z_0-9]{1,16}[ \t]{0,8}"
    r"|<0(?:x[0-9A-Fa-f]{0,2})?|[(（「『](?:[A-Za-z ]{1,16}|[思考内心想声の]{1,3}(?:OS?)?\s?)?"
    rf"|functions\.(?:[\w.:]{{1,60}}\s?)?|{_start_of('functions')}|{_start_of(_GLUED)})\Z"
)

_THOUGHT = re.compile(
    r"think|thought|reason|reflect|scratch|monolog|deliberat|rationale|(?:^|_)cot(?:_|$)|chain_of|analys[ie]s|^details$"
    r"|思考|思索|思维|推理|推論|内心|反思"
)
_CALL = re.compile(r"^(?:tools?|functions?|invoke|api)(?:_|$|=)|tool_|function_|_calls?$|^action$|plugin|execute")
#: Stretches of a page that nobody sees, and the reading above a word that is spoken once.
_UNSEEN = frozenset("script style svg head title noscript template iframe rt rp".split())
_WIDE = str.maketrans("＜〈《＞〉》", "<<<>>>")
_ANSWER = frozenset("response solution final_response answer final_answer output".split())
_ENDS = frozenset("end return call im_end eot_id eom_id end_of_turn turn".split())
_AFFIX = re.compile(r"^(?P<first>begin|start|end|stop)_(?:of_)?(?P<a>.+)$|^(?P<b>.+)_(?P<last>begin|start|end)$")
#: Tags around words that are for the audience: of pages, of voices, of answers.
_TRANSPARENT = frozenset(
    "a abbr article b bdi big blockquote body br center cite code dd del dfn div dl dt em emphasis figure font footer "
    "h1 h2 h3 h4 h5 h6 header hr html i img ins kbd li lang main mark math nav ol p paragraph para phoneme pre prosody "
    "q rb ruby s samp say say_as section sentence small span speak strike strong sub sup table tbody td th tr tt u "
    "ul var voice wbr break audio final message reply speech text content assistant model host bot dialogue "
    "dialog line utterance spoken chat begin start_of_turn bos eos unk pad sop gmask inst sys".split()
).union(_ANSWER)


def parse(text: str, names: frozenset[str] = frozenset()) -> Mark:  # noqa: PLR0911 - one return for each form
    """Parse a match of `MARK`. ``names`` are of people; a tag of such a name is around the answer."""
    if text == _GLUED:
        return Mark(MarkKind.ANSWER, "final")
    if text[0] in "f{`" or (text[0] == "[" and text[-1] != "]"):
        return Mark(MarkKind.FENCE if text[0] == "`" else MarkKind.ARGUMENTS, "")
    if text[0] in "(（「『":
        return Mark(MarkKind.ASIDE, "")
    if text.startswith("<|im_start|>") and text[-1] != ">":  # the name of a stretch follows the mark
        hidden = _THOUGHT.search(text) is not None
        return Mark(MarkKind.OPEN if hidden else MarkKind.FRAME, "im_start" if hidden else "answer")
    if text[0] == "【":
        return Mark(MarkKind.CLOSE if text[1] == "/" else MarkKind.ANSWER, "思考" if text[1] == "/" else "answer")
    text = text.translate(_WIDE).replace("< ", "<").replace("/ ", "/")
    if text.startswith("<0"):
        return Mark(MarkKind.BYTE, text[3:5].casefold())
    if text in ("<!--", "-->"):
        return Mark(MarkKind.COMMENT if text == "<!--" else MarkKind.COMMENT_END, "")
    if text[0] == "[":
        return _square(text)
    inner = text.removeprefix("&lt;").removesuffix("&gt;").strip("<>◁▷")
    piped = inner[:1] in "|｜" or inner[-1:] in "|｜"
    lead = inner[: len(inner) - len(inner.lstrip("/|｜"))]
    closing, alone = "/" in lead, inner.endswith("/")
    bare = re.split(r"[\s>]", inner.strip("/|｜"), maxsplit=1)[0]
    name = re.split(r"[:|｜]", bare.replace("▁", "_"))[-1].replace("-", "_").casefold().strip("_/")
    if alone or not name:
        return Mark(MarkKind.OTHER, name)
    if text[0] == "<" and (named := _gemma(name, inner) or (_piped(name) if piped else None)):
        return named
    if affix := _AFFIX.match(name):
        name = affix["a"] or affix["b"]
        closing = closing or (affix["first"] or affix["last"]) in ("end", "stop")
        piped = True
    return _named(name, bare, closing=closing, piped=piped, names=names)


def _gemma(name: str, inner: str) -> Mark | None:
    """Return what the one-sided marks of Gemma mean: ``<|channel>`` opens, ``<channel|>`` closes."""
    opens, closes = inner.startswith("|"), inner.endswith("|")
    if opens == closes:
        return None
    if name == "channel":
        return Mark(MarkKind.CHANNEL if opens else MarkKind.CLOSE, "gemma" if opens else "channel")
    if _CALL.search(name):
        return Mark(MarkKind.CALL if opens else MarkKind.CALL_END, name)
    return None


def _piped(name: str) -> Mark | None:
    if name in ("channel", "start", "message"):
        return Mark(MarkKind(name), name)
    if name in _ENDS:
        return Mark(MarkKind.END, name)
    return Mark(MarkKind.REST, name) if name == "python_tag" else None


def _square(text: str) -> Mark:
    inner = text.strip("[]/")
    name = inner.replace(" ", "_").casefold()
    closing = text[1] == "/"
    if name == "begin_final_response":
        return Mark(MarkKind.ANSWER, name)
    if name == "end_final_response":
        return Mark(MarkKind.FRAME, name)
    if name == "inst":
        return Mark(MarkKind.CALL_END if closing else MarkKind.CALL, name)
    if name in ("tool_calls", "tool_call"):
        return Mark(MarkKind.OTHER if closing else MarkKind.REST, name)
    if not _THOUGHT.search(name):
        return Mark(MarkKind.OTHER, name)
    if closing:
        return Mark(MarkKind.CLOSE, name)
    if name == "thinking":  # also a feeling: the persona is told to write it so
        return Mark(MarkKind.UNKNOWN if inner.isupper() else MarkKind.OTHER, name)
    return Mark(MarkKind.OPEN if inner.isupper() else MarkKind.UNKNOWN, name)


def _named(name: str, bare: str, *, closing: bool, piped: bool, names: frozenset[str]) -> Mark:
    acted = bool(find_acts(name)) and name not in ("think", "thinking")
    if name in ("unused94", "unused95"):  # of medical Gemma
        return Mark(MarkKind.OPEN if name == "unused94" else MarkKind.CLOSE, name)
    if _THOUGHT.search(name) and (not acted or "_" in name):
        return Mark(MarkKind.CLOSE if closing else MarkKind.OPEN, name)
    if acted and not name.isascii() and _THOUGHT.search(name):  # also a feeling
        return Mark(MarkKind.CLOSE if closing else MarkKind.UNKNOWN, name)
    if _CALL.search(name) or name in _UNSEEN:
        return Mark(MarkKind.CALL_END if closing else MarkKind.CALL, name.partition("=")[0])
    if piped and (name in _ANSWER or name == "box"):
        return Mark(MarkKind.FRAME if closing or name == "box" else MarkKind.ANSWER, name)
    plain = bare.replace("_", "").replace("-", "").replace(":", "")
    if piped or acted or name in _TRANSPARENT or name in names or not plain.isalnum():
        return Mark(MarkKind.OTHER, name)
    return Mark(MarkKind.UNKNOWN_END if closing else MarkKind.UNKNOWN, name)


def is_unseen(name: str) -> bool:
    """Return whether a stretch of this name stands within words, so that no space takes its place."""
    return name in _UNSEEN
