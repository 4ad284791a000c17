"""Know what the host said of itself, and notice a clause that says otherwise.

    a clause ─▶ statements: (what about?, value, yes or no) ─▶ the same thing said before, with another value?

Rules alone decide, because vectors cannot: "likes ramen" and "hates ramen" are neighbours to every embedder. What was
said first counts; a change that says it is one ("not any more") contradicts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.mind.memory.numbers import NUMBER, NUMBER_ZH, number
from bot.text.sanitize import one_line, plain

#: Statements that are known at most; the oldest go first, they come back from the store.
MAX_STATEMENTS: Final = 4000
#: Longest clause that is looked at, in characters: longer ones are no plain statement.
MAX_CLAUSE: Final = 240


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that the host says of itself. Two with one ``key`` agree when value and ``yes`` are the same."""

    key: str
    value: str
    yes: bool
    text: str


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of a statement: the pattern has the groups that ``key`` and ``value`` name, ``yes`` is its answer."""

    pattern: re.Pattern[str]
    key: str
    value: str = ""
    yes: bool = True


_END: Final = (
    r"(?=$|[.,;!?…。，！？]|\s(?:and|but|because|so|when|since|though|although|while|which|who|with"
    r"|for|like|last|this|next|already|once|twice|before)\b)"
)
_X: Final = r"(?P<x>[^.,;!?…]{1,40}?)"
_N: Final = rf"(?P<n>{NUMBER})"
_NZ: Final = rf"(?P<n>{NUMBER_ZH})"
_XZ: Final = r"(?P<x>[^\s，。！？,.!?…的了吧啦呢哦呀吗]{1,12})"
_YZ: Final = r"(?P<y>[^\s，。！？,.!?…了吧啦呢哦呀吗]{1,12})"
_VERY: Final = r"(?:really |absolutely |truly |just |simply |always |still |do |secretly |so |quite |also )*"
_VERBS: Final = (
    "drink|eat|sleep|dream|sing|smoke|dance|swim|drive|cook|wear|own|keep|knit|paint|ski|fly|snore"
    "|read|speak|collect|play|believe in|watch|bake|garden"
)
_MEASURE: Final = "个|只|条|位|匹|头|本|把|盏|辆|间|座|张|件|双|台"


def _form(pattern: str, key: str, value: str = "", *, yes: bool = True) -> _Form:
    return _Form(re.compile(pattern, re.IGNORECASE), key, value, yes)


_FORMS: Final = (
    _form(rf"\bi(?:'m| am|'ve turned| have turned| turned| just turned) (?:now |only |already "
    rf"|about )?{_N}(?: years?(?: old)?)?{_END}", "age", "{n}"),
    _form(rf"\bi(?: only|'ve)? (?:have|had|got|own|keep) (?:exactly |only "
    rf"|about )?{_N} (?:\w+ )?(?P<x>[a-z]{{3,20}}){_END}", "have {x}", "{n}"),
    _form(rf"\bi (?:don'?t|do not) (?:have|own) (?:any |an? )?(?:\w+ )?(?P<x>[a-z]{{3,20}}){_END}", "have {x}", "0"),
    _form(rf"\bi(?:'ve| have)? never (?:had|owned) (?:any |an? )?(?P<x>[a-z]{{3,20}}){_END}", "have {x}", "0"),
    _form(rf"\bmy (?P<x>[a-z]+)(?:'s name| name)? (?:is|was)(?: called"
    rf"| named)? (?P<y>[A-Z][\w'-]{{1,20}}){_END}".replace("[A-Z]", r"(?-i:[A-Z])"), "name {x}", "{y}"),
    _form(rf"\bmy (?P<x>[a-z]+) is (?:called|named) (?P<y>\w[\w'-]{{1,20}}){_END}", "name {x}", "{y}"),
    _form(rf"\bmy (?:all-?time )?favou?rite (?P<x>[a-z ]{{2,24}}?) (?:is|was|has always been"
    rf"|will always be) (?P<y>[^.,;!?…]{{1,40}}?){_END}", "favourite {x}", "{y}"),
    _form(rf"\b(?P<y>[a-z][\w ]{{1,30}}?) is (?:still )?my (?:all-?time )?favou?rite (?P<x>[a-z ]{{2,24}}?){_END}",
    "favourite {x}", "{y}"),
    _form(rf"\bi (?:still )?(?:live|reside|am living)(?: here)? (?:in|at|near|on (?=an? |the )) ?{_X}{_END}", "live",
    "{x}"),
    _form(rf"\bi(?:'m living| moved) (?:in|at|on|to) {_X}{_END}", "live", "{x}"),
    _form(rf"\bi(?: come|'m| am) (?:originally )?from (?!time\b|now\b|here\b|there\b|then\b){_X}{_END}", "from",
    "{x}"),
    _form(rf"\bi was (?:born|raised) (?:and raised )?(?:in|at|on) {_X}{_END}", "from", "{x}"),
    _form(rf"\bi grew up (?:in|at|on) {_X}{_END}", "from", "{x}"),
    _form(rf"\bi {_VERY}(?:love|like|adore|enjoy|am fond of|'m fond of) (?:eating |drinking |the taste of "
    rf"|to eat |to drink )?{_X}{_END}", "taste {x}"),
    _form(rf"\bi(?:'m| am) (?:a (?:big|huge) fan of|crazy about|in love with) {_X}{_END}", "taste {x}"),
    _form(rf"\bi {_VERY}(?:hate|dislike|detest|loathe|despise|can'?t stand|cannot stand|can'?t bear|don'?t like"
    rf"|do not like|never liked|don'?t enjoy) (?:eating |drinking |the taste of |to eat |to drink )?{_X}{_END}",
    "taste {x}", yes=False),
    _form(rf"\bi (?:can|know how to|could always) (?!not\b|only\b|see\b|hear\b|tell\b|feel\b|imagine\b|stand\b"
    rf"|bear\b){_X}{_END}", "can {x}"),
    _form(rf"\bi (?:can'?t|cannot|can not|never learn(?:ed|t) (?:how )?to|don'?t know how to"
    rf"|have no idea how to) (?!stand\b|bear\b|wait\b|see\b|hear\b|help\b|tell\b|believe\b|promise\b|remember\b"
    rf"|say\b|imagine\b){_X}{_END}", "can {x}", yes=False),
    _form(rf"\bi(?:'ve| have) (?:also |often |once |already )?been (?:to|in) {_X}{_END}", "been {x}"),
    _form(rf"\bi(?:'ve| have) (?:visited|seen|travel(?:l)?ed to) {_X}(?: once| twice| before)?{_END}", "been {x}"),
    _form(rf"\bi(?:'ve| have) never (?:been (?:to|in)|visited|seen|set foot in|travel(?:l)?ed to) {_X}{_END}",
    "been {x}", yes=False),
    _form(rf"\bi(?:'m| am) (?:really |terribly |so |very |deathly )?(?:afraid|scared|terrified"
    rf"|frightened) of {_X}{_END}", "fear {x}"),
    _form(rf"\bi(?:'m| am) not (?:at all |really )?(?:afraid|scared|terrified|frightened) of {_X}{_END}", "fear {x}",
    yes=False),
    _form(rf"\b{_X} (?:don'?t|doesn'?t|do not|does not|never) (?:scare|frighten)s? me{_END}", "fear {x}", yes=False),
    _form(rf"\bi(?:'m| am) (?:an? )?(?P<x>vegetarian|vegan|morning person|night owl|only child|twin|left-handed"
    rf"|right-handed|married|single|robot|human|ghost|witch|early riser|dog person|cat person|good cook|ai"
    rf"|machine){_END}", "am {x}"),
    _form(rf"\bi(?:'m| am) (?:not|no|never) (?:an? )?(?P<x>vegetarian|vegan|morning person|night owl|only child"
    rf"|twin|left-handed|right-handed|married|single|robot|human|ghost|witch|early riser|dog person|cat person"
    rf"|good cook|ai|machine){_END}", "am {x}", yes=False),
    _form(rf"\bi (?:never|don'?t|do not) (?:ever )?(?P<v>{_VERBS})(?: (?:any )?{_X})?{_END}", "do {v} {x}",
    yes=False),
    _form(rf"\bi(?: often| always| usually| sometimes| mostly| also)? (?P<v>{_VERBS})(?: {_X})?(?: every (?:day"
    rf"|night|morning|evening|week))?{_END}", "do {v} {x}"),
    _form(rf"\bmy (?P<x>hair|eyes|coat|scarf|lamp|house|door|cat|dog|car|bike|boat) (?:is|are) (?P<y>red|blue"
    rf"|green|black|white|brown|grey|gray|silver|golden|gold|yellow|pink|purple|orange|violet|blonde?"
    rf"|turquoise){_END}", "colour {x}", "{y}"),
    _form(rf"\bi (?:work|worked) as (?:an? |the ){_X}{_END}", "work", "{x}"),
    _form(rf"我(?:今年|现在|已经|才|刚满)*{_NZ}岁", "age", "{n}"),
    _form(rf"我(?:家里?)?(?:一共)?(?:有|养了?){_NZ}(?:{_MEASURE})?(?P<x>[^\s，。！？,.!?…了叫的]{{1,6}})", "have {x}",
    "{n}"),
    _form(rf"我(?:从来|根本|家里?)*没(?:有|养过?)(?:任何|什么)?(?!去|看|吃|喝|听|说|见|想|做){_XZ}", "have {x}", "0"),
    _form(r"我(?:家)?(?:的|养的|那只)?(?P<x>[^\s，。！？的最喜]{1,6}?)(?:的名字)?(?:名字)?(?:叫做?"
    r"|名叫)(?!什么|我|你)(?P<y>[^\s，。！？,.!?…了吧啦呢哦呀]{1,8})", "name {x}", "{y}"),
    _form(rf"我最(?:喜欢|爱)的(?P<x>[^\s，。！？是]{{1,8}})(?:一直|就|还)?是{_YZ}", "favourite {x}", "{y}"),
    _form(rf"我(?:一直|现在|就)*住在{_XZ}", "live", "{x}"),
    _form(rf"我(?:来自|是从|出生在|出生于){_XZ}", "from", "{x}"),
    _form(rf"我(?:从小)?(?:是)?在{_XZ}(?:长大|出生)", "from", "{x}"),
    _form(rf"我(?:真的|很|最|超级?|特别|非常|一直|也|可|就|还是)*(?:不喜欢|讨厌|不爱|受不了|恨)(?:吃|喝|看|听"
    rf"|玩)?(?!你|这|那|他|她|大家){_XZ}", "taste {x}", yes=False),
    _form(rf"我(?:真的|很|最|超级?|特别|非常|一直|也|可|就|还是)*(?:喜欢|爱)(?:吃|喝|看|听|玩)?(?!你|这|那|他|她"
    rf"|大家|的){_XZ}", "taste {x}"),
    _form(rf"我(?:其实|根本|完全|从来|一点)*(?:也|都)?不会(?!再|忘|说|让|告诉|生气|走|的|这样|那么|放弃|离开){_XZ}",
    "can {x}", yes=False),
    _form(rf"我(?:其实|当然|早就|从小就|也)*会(?!再|忘|说|让|告诉|继续|一直|努力|记|陪|在|把|给|先|去|来|不|尽){_XZ}",
    "can {x}"),
    _form(rf"我(?:从来|还|至今|一次都)*(?:都|也)?没(?:有)?(?:去过|到过|见过){_XZ}", "been {x}", yes=False),
    _form(rf"我(?:以前|曾经|小时候|早就|也)*(?:去过|到过|见过){_XZ}", "been {x}"),
    _form(rf"我(?:其实|一点|根本|从来)*(?:也|都)?不(?:害)?怕{_XZ}", "fear {x}", yes=False),
    _form(rf"我(?:其实|真的|最|很|特别|有点|超级?)*(?:害)?怕{_XZ}", "fear {x}"),
    _form(rf"我(?:从来|一直|根本|一点|其实)*(?:也|都)?不(?P<v>喝|吃|抽|养|穿|唱|睡|看){_XZ}", "do {v} {x}",
    yes=False),
    _form(rf"我(?:每天|每晚|经常|天天|早上|晚上|都|也|一般)+(?:会|要|得)?(?P<v>喝|吃|抽|养|穿|唱|睡|看){_XZ}",
    "do {v} {x}"),
    _form(r"我(?P<x>[^\s，。！？]{0,4}?)(?:的)?(?:头发|眼睛)是(?P<y>[红蓝绿黑白棕灰银金黄粉紫橙])色", "colour {x}",
    "{y}"),
)  # fmt: skip
#: What makes a clause no plain statement of how things are: a condition, a wish, a quotation, a change, a comparison.
_LOOSE: Final = re.compile(
    r"[?？\"“”「」『』]|\b(?:if|would|wouldn'?t|could|imagine|wish|pretend|maybe|perhaps|might|suppose|as if"
    r"|used to|any ?more|no longer"
    r"|not today|these days|from now on|you said|they say|people say|some say|as much as|more than|less than"
    r"|better than|almost|nearly|not only|once upon"
    r"|back then|when i was|as a (?:child|kid)|in my dream|just kidding|joking|sometimes feel|feels? like"
    r"|as old as|tonight|right now|today)\b"
    r"|如果|要是|假如|假装|好像|仿佛|也许|可能|大概|有人说|你说|他说|她说|以前|小时候|再也|不再|不是.*就是|要不"
    r"|差点|开玩笑|梦里|比.{1,6}更|没那么|今天|现在不",
    re.IGNORECASE,
)  # fmt: skip
_ARTICLES: Final = re.compile(
    r"\b(?:the|an?|my|some|any|all|every|very|much|so|too|really|of|to|at all|ever|either|it|this|that|these|those|"
    r"sort|kind|lot|lots|bit|you|anything|everything|well|little|old|big|small|most|best|good|great|nice|fresh"
    r"|hot|cold|always|"
    r"every (?:day|night|morning|evening))\b"
)
#: What says nothing by itself: no statement is about it.
_EMPTY: Final = frozenset(
    {
        "",
        "it",
        "you",
        "them",
        "him",
        "her",
        "that",
        "this",
        "one",
        "how",
        "when",
        "what",
        "there",
        "more",
        "here",
        "help",
        "us",
        "me",
        "things",
        "something",
        "anything",
        "everything",
        "everyone",
        "people",
        "做",
        "吃",
        "玩",
        "什么",
        "东西",
        "大家",
    }
)
#: What one has without owning it: how many of them is said anew each time.
_PASSING: Final = frozenset(
    "question rule idea minute second hour clue time problem thing point reason doubt feeling plan choice chance day "
    "week"
    " moment word secret request wish favour favor story answer guess job task turn go try 问题 时间 办法 主意 想法 "
    "意见 事 事情 机会 说谎 骗人 骗 秘密 话 点 感觉 信心 错 关系 意思 空 兴趣 猜错 忘记 生气".split()
)
_IRREGULAR: Final = {
    "mice": "mouse",
    "children": "child",
    "feet": "foot",
    "geese": "goose",
    "wolves": "wolf",
    "ghosts": "ghost",
}


def statements(text: str) -> list[Statement]:
    """Return what a clause says of the host itself, in the plain forms that a rule can read."""
    shown = one_line(text, MAX_CLAUSE + 1).replace("’", "'")
    if len(shown) > MAX_CLAUSE or _LOOSE.search(shown):
        return []
    found: dict[str, Statement] = {}
    for form in _FORMS:
        for match in form.pattern.finditer(shown):
            statement = _statement(form, match, shown)
            if statement is not None:
                found.setdefault(statement.key, statement)
    return list(found.values())


def spoken_as_i(text: str) -> str:
    """Return a text that speaks to the host ("You are 29") as one in which the host speaks of itself."""
    text = re.sub(r"\b[Yy]ou are\b|\b[Yy]ou're\b", "I am", text)
    text = re.sub(r"\b[Yy]our\b", "my", re.sub(r"\b[Yy]ou\b", "I", text))
    return text.replace("你的", "我的").replace("你", "我")


class Canon:
    """What the host said of itself; what was said first counts."""

    def __init__(self) -> None:
        self._known: dict[str, Statement] = {}

    def __len__(self) -> int:
        return len(self._known)

    def learn(self, text: str) -> list[Statement]:
        """Take over what a text of the host says of itself; return what was new."""
        new = []
        for one in (one for clause in clauses(text) for one in statements(clause)):
            if one.key not in self._known:
                self._known[one.key] = one
                new.append(one)
        while len(self._known) > MAX_STATEMENTS:
            del self._known[next(iter(self._known))]
        return new

    def clear(self) -> None:
        """Forget all of it."""
        self._known.clear()

    def contradicted(self, text: str) -> Statement | None:
        """Return what was said before and a clause contradicts; None when it contradicts nothing."""
        for one in statements(text):
            for known in self._about(one.key):
                if one.yes is not known.yes or not _agree(one.value, known.value):
                    return known
        return None

    def _about(self, key: str) -> Iterator[Statement]:
        """Yield what is known about the same thing: under the same key, or one whose thing is a part of the other."""
        if (known := self._known.get(key)) is not None:
            yield known
            return
        topic, _, thing = key.partition(" ")
        if topic in ("taste", "fear", "been", "can") and thing:
            words = set(thing.split())
            for other, known in self._known.items():
                if other.startswith(f"{topic} ") and words == set(other.partition(" ")[2].split()):
                    yield known


def clauses(text: str) -> list[str]:
    """Return a text cut at the ends of its sentences."""
    return [part.strip() for part in re.split(r"(?<=[.!?;。！？；…])\s*", text) if part.strip()]


def _statement(form: _Form, match: re.Match[str], text: str) -> Statement | None:
    groups = {name: value or "" for name, value in match.groupdict().items()}
    thing = _thing(groups.get("x", ""))
    if "{x}" in form.key and not form.key.startswith(("do ", "colour ")) and thing in _EMPTY:
        return None
    if (
        form.key.startswith("do ")
        and not thing
        and groups.get("v", "")
        in ("eat", "read", "keep", "own", "wear", "play", "speak", "collect", "watch", "believe in")
    ):
        return None
    value = form.value
    if "{n}" in value:
        count = number(groups.get("n", ""))
        if count is None or (form.key == "age" and (count < 3 or groups["n"].strip().casefold() in ("a", "an", "no"))):
            return None
        value = str(count)
    elif value:
        value = value.format(x=thing, y=_thing(groups.get("y", "")))
        if value in _EMPTY:
            return None
    if form.key == "have {x}" and thing in _PASSING:
        return None
    key = " ".join(form.key.format(x=thing, v=groups.get("v", "").casefold()).split())
    return Statement(key, value, form.yes, text)


def _thing(text: str) -> str:
    """Return what is spoken of in one form: without articles and what only colours it, in the singular."""
    words = " ".join(_ARTICLES.sub(" ", plain(text).casefold()).split())
    return " ".join(_singular(word) for word in re.findall(r"[\w'-]+", words))


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.isascii() and len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-3] + "y" if word.endswith("ies") else word[:-1]
    return word


def _agree(one: str, other: str) -> bool:
    """Return whether two values of one thing may both be true: equal, or one a closer word for the other."""
    if one == other:
        return True
    if one.isdecimal() or other.isdecimal():
        return False
    if one.isascii() and other.isascii():
        return bool(set(one.split()) & set(other.split()))
    return one in other or other in one
