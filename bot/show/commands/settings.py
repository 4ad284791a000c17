"""The settings of the chat's commands, and of the lines that are written into it from time to time."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from bot.intake.commands import MAX_NAME, name_of
from bot.runtime.settings import Section
from bot.text.sanitize import plain

#: Longest text of a command or a timer, in characters; a platform that takes less gets less.
MAX_TEXT = 400


class Who(StrEnum):
    """Who may give a command, by what the platform says of them. Each may do what those before may."""

    EVERYONE = "everyone"
    SUBSCRIBER = "subscriber"
    VIP = "vip"
    MODERATOR = "moderator"
    BROADCASTER = "broadcaster"

    @property
    def rank(self) -> int:
        """Its place in the order; the broadcaster's is the highest."""
        return _RANKS[self]


_RANKS = {who: rank for rank, who in enumerate(Who)}


class BuiltIn(StrEnum):
    """The commands that are always there. Those of `FOR_MODERATORS` are for moderators, the others for viewers."""

    HELP = "help"
    QUEUE = "queue"
    WHY = "why"
    NEXT = "next"
    REMEMBER = "remember"
    FORGET = "forget"
    KNOW = "know"
    LINK = "link"
    SKIP = "skip"
    STOP = "stop"
    RESUME = "resume"
    SEGMENT = "segment"
    SCENE = "scene"


FOR_MODERATORS = frozenset({BuiltIn.SKIP, BuiltIn.STOP, BuiltIn.RESUME, BuiltIn.SEGMENT, BuiltIn.SCENE})
#: By these a viewer is remembered, or not.
OF_MEMORY = frozenset({BuiltIn.REMEMBER, BuiltIn.FORGET, BuiltIn.KNOW, BuiltIn.LINK})
#: What each built-in command is called in the languages of the host, the first name of a language before its others.
NAMES: dict[BuiltIn, dict[str, tuple[str, ...]]] = {
    BuiltIn.HELP: {"en": ("help",), "zh": ("帮助", "幫助"), "ja": ("ヘルプ",)},
    BuiltIn.QUEUE: {"en": ("queue",), "zh": ("排队", "队列", "排隊"), "ja": ("順番",)},
    BuiltIn.WHY: {"en": ("why",), "zh": ("为什么", "為什麼"), "ja": ("なぜ", "なんで")},
    BuiltIn.NEXT: {"en": ("next",), "zh": ("接下来", "下一个"), "ja": ("次",)},
    BuiltIn.REMEMBER: {"en": ("remember", "rememberme"), "zh": ("记住我", "记住", "記住我"), "ja": ("覚えて",)},
    BuiltIn.FORGET: {"en": ("forget", "forgetme"), "zh": ("忘记我", "忘了我", "忘記我"), "ja": ("忘れて",)},
    BuiltIn.KNOW: {"en": ("what", "know"), "zh": ("你知道什么", "知道什么", "你知道什麼"), "ja": ("何を知ってる",)},
    BuiltIn.LINK: {"en": ("link",), "zh": ("绑定", "关联", "綁定"), "ja": ("連携",)},
    BuiltIn.SKIP: {"en": ("skip",), "zh": ("跳过",), "ja": ("スキップ",)},
    BuiltIn.STOP: {"en": ("stop",), "zh": ("停止", "停"), "ja": ("ストップ",)},
    BuiltIn.RESUME: {"en": ("resume", "go"), "zh": ("继续", "恢复"), "ja": ("再開",)},
    BuiltIn.SEGMENT: {"en": ("segment",), "zh": ("环节",), "ja": ("コーナー",)},
    BuiltIn.SCENE: {"en": ("scene",), "zh": ("场景",), "ja": ("シーン",)},
}
#: Taken by the way in: `bot.intake.context`.
_TAKEN = frozenset({"permit"})

Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME)]
Words = Annotated[str, StringConstraints(max_length=MAX_TEXT)]


class OwnCommand(Section):
    """A command of your own: what is written, what is said, which cue is given. One of the three at least."""

    text: Words = Field("", description="written into the chat; {name} is the viewer's name")
    say: Words = Field("", description="spoken by the host as it is, if moderation allows; {name} as above")
    cue: str = Field("", max_length=100, description="name of a cue of the director")
    aliases: list[Name] = Field([], max_length=20, description="further names")
    who: Who = Field(Who.EVERYONE, description="everyone, subscriber, vip, moderator or broadcaster, and all above")
    cooldown_s: float = Field(10.0, ge=0, le=86_400, description="rest of the command after each use")
    viewer_cooldown_s: float = Field(30.0, ge=0, le=86_400, description="the same for one viewer")


class CommandSettings(Section):
    """What viewers and moderators may order in the chat."""

    enabled: bool = Field(default=True, description="carry out commands of the chat")
    prefix: str = Field("!", min_length=1, max_length=3, description="sign with which a command begins, in any width")
    disabled: list[BuiltIn] = Field([], description="built-in commands that are switched off")
    who: dict[BuiltIn, Who] = Field({}, description="who may use a built-in command, where it is not as usual")
    cooldown_s: float = Field(3.0, ge=0, le=86_400, description="rest of a built-in command after each use")
    viewer_cooldown_s: float = Field(20.0, ge=0, le=86_400, description="the same for one viewer")
    per_minute: int = Field(12, ge=1, le=100, description="answers and timers written into one chat in a minute")
    own: dict[Name, OwnCommand] = Field({}, max_length=100, description="commands of your own, by name")

    @field_validator("prefix")
    @classmethod
    def _only_signs(cls, prefix: str) -> str:
        shown = plain(prefix)
        if not shown or any(sign.isalnum() or sign.isspace() or sign == "@" for sign in shown):
            raise ValueError("a prefix is made of signs such as ! or ?, without letters, digits, spaces and @")
        return shown

    @field_validator("own")
    @classmethod
    def _names_are_free(cls, own: dict[str, OwnCommand], info: ValidationInfo) -> dict[str, OwnCommand]:
        disabled = info.data.get("disabled", ())
        taken = dict.fromkeys(_TAKEN, "a command of moderators")
        for built_in, names in NAMES.items():
            if built_in not in disabled:
                taken |= {name_of(n): f"the built-in command {built_in.value}" for them in names.values() for n in them}
        for name, command in own.items():
            if not (command.text.strip() or command.say.strip() or command.cue.strip()):
                raise ValueError(f"{name} does nothing: give it a text, something to say or a cue")
            for word in (name, *command.aliases):
                form = name_of(word)
                if not form or " " in form or not (form[0].isalnum() and form[-1].isalnum()):
                    raise ValueError(f"{word!r} is no name of a command: one word, without the sign before it")
                if form in taken:
                    raise ValueError(f"{word!r} of {name} is taken already, by {taken[form]}")
                taken[form] = name
        return own


class Timer(Section):
    """A line that is written into the chat again and again, but only while the chat moves."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT, strip_whitespace=True)] = Field(
        description="what is written"
    )
    every_min: float = Field(15.0, ge=1, le=1440, description="minutes between two times, at least")
    min_lines: int = Field(5, ge=1, le=10_000, description="lines of viewers since the last time, at least")
    sources: list[Literal["twitch", "bilibili_web", "local"]] = Field(
        [], description="chats that get it; empty: every one that can be written to"
    )
