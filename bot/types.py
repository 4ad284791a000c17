"""The vocabulary that every part shares: small frozen values, and the protocols of the providers.

Times are seconds of ``time.monotonic()`` unless a name ends in ``_ms``. Sound is signed 16-bit
little-endian mono. The verdict on a text belongs to ``moderation`` (`moderation.Verdict`), which
knows nothing of this package.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal, Protocol


class Kind(StrEnum):
    """What a `Message` is."""

    CHAT = "chat"
    CHEER = "cheer"
    GIFT = "gift"
    SUPER_CHAT = "super_chat"
    SUB = "sub"
    GUARD = "guard"
    RAID = "raid"
    FOLLOW = "follow"
    REDEMPTION = "redemption"
    HOST = "host"
    TIMER = "timer"


#: Kinds for which a viewer paid: durable before anything else sees them, acknowledged exactly once.
PAID = frozenset({Kind.CHEER, Kind.GIFT, Kind.SUPER_CHAT, Kind.SUB, Kind.GUARD, Kind.REDEMPTION})


#: `Evidence.item` of subscriptions that a viewer gives to others.
GIFT_SUB = "gift sub"


class Role(StrEnum):
    """What a platform says an `Author` is to the channel. The broadcaster is a moderator too."""

    BROADCASTER = "broadcaster"
    MODERATOR = "moderator"
    VIP = "vip"
    SUBSCRIBER = "subscriber"
    REGULAR = "regular"
    BOT = "bot"


class Emotion(StrEnum):
    """The fourteen expressions that every avatar and persona knows."""

    NEUTRAL = "neutral"
    JOY = "joy"
    LAUGH = "laugh"
    SMUG = "smug"
    SURPRISE = "surprise"
    SHY = "shy"
    SAD = "sad"
    ANGRY = "angry"
    SLEEPY = "sleepy"
    THINKING = "thinking"
    LOVE = "love"
    WORRIED = "worried"
    POUT = "pout"
    CONFUSED = "confused"


class Gesture(StrEnum):
    """Short movements that a reply can ask for."""

    WAVE = "wave"
    NOD = "nod"
    SHAKE = "shake"
    WINK = "wink"
    BOW = "bow"
    BOUNCE = "bounce"
    POINT = "point"
    THINK = "think"
    CHEER = "cheer"
    HEART = "heart"
    FACEPALM = "facepalm"
    SHRUG = "shrug"
    TEA = "tea"


class MouthShape(StrEnum):
    """What a mouth looks like while it makes a sound: VRM's five vowels, and what they lack."""

    AA = "aa"  # wide open
    IH = "ih"  # spread
    OU = "ou"  # pursed
    EE = "ee"  # half open
    OH = "oh"  # round
    NN = "nn"  # teeth nearly together: a consonant
    CLOSED = "closed"  # m, b, p
    REST = "rest"


class MessageOutcome(StrEnum):
    """What became of a message. The first is the only one after which another follows."""

    QUEUED = "queued"
    ANSWERED = "answered"
    FOLDED = "folded"  # another line says the same and stands for it
    REFUSED = "refused"  # moderation blocked it
    HELD = "held"  # it waits for a person
    DROPPED = "dropped"
    EXPIRED = "expired"  # it grew too old

    __hash__ = str.__hash__  # a member is hashed for each line of chat


class TurnKind(StrEnum):
    """What a turn is for."""

    ANSWER = "answer"  # to a viewer's line
    THANKS = "thanks"  # for a payment or an event
    SAY = "say"  # what the operator ordered
    LINE = "line"  # a prepared line of the persona
    SEGMENT = "segment"  # a piece of the programme, or of the host's own accord
    STREAMER = "streamer"  # an answer to the streamer


class CutKind(StrEnum):
    """Why a turn ended before its end."""

    SKIPPED = "skipped"  # by the operator
    STOPPED = "stopped"  # by the panic latch
    RETRACTED = "retracted"  # what it answers was deleted
    CLOSING = "closing"  # the show ends
    DEADLINE = "deadline"  # it took too long
    NO_STAGE = "no_stage"  # no page could be heard
    BARGED_IN = "barged_in"  # the streamer speaks
    GAVE_WAY = "gave_way"  # something else took the floor
    EXPIRED = "expired"  # it was not to be said while another had the floor
    FAILED = "failed"  # an internal error


class TurnOutcome(StrEnum):
    """What became of a turn as a whole."""

    ANSWERED = "answered"
    SAID = "said"  # a line without a viewer behind it
    PUT_BACK = "put back"  # its messages wait again
    DROPPED = "dropped"
    UNHEARD = "unheard"
    CUT = "cut"  # a line without a viewer behind it, ended early


class HostState(StrEnum):
    """What the pages show of the host."""

    IDLE = "idle"
    THINKING = "thinking"
    SPEAKING = "speaking"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's minor unit: ``Money(499, "USD")`` is 4.99 dollars."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody in the audience: a named third party, never the owner of the channel.

    ``badges`` are the platform's own words for what it shows beside the name: "subscriber/12".
    """

    id: str
    name: str
    roles: frozenset[Role] = frozenset()
    badges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of a message that is more than words: ``id`` of the emote or the viewer named, ``url`` of a picture."""

    kind: Literal["text", "emote", "mention", "cheer"]
    text: str
    id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The message that a message answers, as its platform quotes it."""

    id: str
    author_id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a platform attests of a payment: taken from the event's own fields, never from what a viewer wrote.

    ``event`` is the platform's type of event; ``units`` the payment as the platform counts it
    (``Money(500, "BITS")``), while `Message.amount` is money. ``item`` names the gift or the reward,
    ``count`` how many. Events with one ``combo`` are repetitions that get one thanks. Two events of
    different types with one ``pair`` tell of the same payment. ``fault`` says what could not be
    read: then a person should look at it.
    """

    event: str
    units: Money | None = None
    item: str = ""
    count: int = 1
    months: int = 0
    tier: str = ""
    combo: str = ""
    pair: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that arrived. ``id`` is unique within ``source``; ``at`` is when it reached us.

    ``addressed``: it speaks to the host: the platform says so (a mention, a reply), or it names it. ``aside``: it
    speaks to another viewer.
    """

    id: str
    source: str
    author: Author
    text: str
    kind: Kind = Kind.CHAT
    amount: Money | None = None
    at: float = 0.0
    fragments: tuple[Fragment, ...] = ()
    reply: Reply | None = None
    evidence: Evidence | None = None
    addressed: bool = False
    aside: bool = False

    @property
    def paid(self) -> bool:
        """Whether it must be recorded durably and acknowledged."""
        return self.kind in PAID

    def without_words(self) -> Message:
        """Return the same message without what its author wrote."""
        return replace(self, text="", fragments=(), reply=None)


@dataclass(frozen=True, slots=True)
class Retraction:
    """A platform took something back: one message (``id``), all of a viewer's (``author``), or all of it (neither).

    ``reason`` is for people: "deleted by a moderator", "timed out for 600 s".
    """

    source: str = ""
    id: str = ""
    author: str = ""
    reason: str = "deleted by its platform"

    def covers(self, source: str, id: str, author: str) -> bool:  # noqa: A002 - the sources' word
        """Return whether a message is taken back. No ``source`` of its own means any."""
        if self.source and self.source != source:
            return False
        return id == self.id if self.id else (author == self.author if self.author else True)


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing the host says, from the choice of messages to silence.

    ``epoch`` grows with every turn; whatever carries an old one is dropped. ``deadline`` is when
    the turn ends whatever happens.
    """

    id: str
    epoch: int
    messages: tuple[Message, ...]
    deadline: float


@dataclass(frozen=True, slots=True)
class Tone:
    """The feeling in a voice, and how strong it is: 0 to 1."""

    emotion: Emotion = Emotion.NEUTRAL
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Clause:
    """The smallest speakable piece. ``text`` is shown, ``speech`` is spoken, the rest is acted.

    ``language`` is ``"en"``, ``"zh"`` or ``"ja"``, by the script of the text. ``speech`` may be
    empty (a lone emoji): then the clause is shown and acted for a moment in silence. ``tone`` is
    how it sounds; None: as ``emotion`` says.
    """

    turn: str
    index: int
    text: str
    speech: str
    language: str = "en"
    emotion: Emotion = Emotion.NEUTRAL
    gestures: tuple[Gesture, ...] = ()
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Where in the sound a part of the text begins: ``at_ms`` from the start, ``chars`` into ``speech``."""

    at_ms: int
    chars: int


@dataclass(frozen=True, slots=True)
class Viseme:
    """From when on the mouth has a shape: ``at_ms`` from the start of the sound."""

    at_ms: int
    shape: MouthShape


@dataclass(frozen=True, slots=True)
class Pcm:
    """A piece of sound as a voice makes it: s16le mono ``data`` at ``rate`` Hz, whole samples only.

    ``marks`` and ``visemes`` count from the start of the whole text. They come with the sound that they speak of, or
    before it.
    """

    data: bytes
    rate: int
    marks: tuple[Mark, ...] = ()
    visemes: tuple[Viseme, ...] = ()


@dataclass(frozen=True, slots=True)
class Playback:
    """The overlay's word on what was heard so far of one clause."""

    epoch: int
    clause: int
    position_ms: int
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was really heard of a turn: the only thing that history and memory take."""

    turn: str
    text: str
    interrupted: bool


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A viewer's line as it was answered. ``id`` is the message's, unique within ``source``."""

    id: str
    author_id: str
    name: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn that was heard. ``asked`` is empty for a prepared line, and once the raw chat was purged."""

    turn: str
    asked: tuple[AskedLine, ...]
    heard: str
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a prompt. Viewer text is never in a ``system`` line. ``images`` are JPEG or PNG files."""

    role: Literal["system", "user", "assistant"]
    text: str
    images: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a language model is asked: the lines in order, and the bounds of the answer.

    ``grammar`` is GBNF for the models that can be held to one, ``schema`` a JSON Schema of the same answers for
    the others that take one; whoever knows neither answers as the lines ask.
    """

    lines: tuple[Line, ...]
    max_tokens: int = 160
    temperature: float = 0.8
    stop: tuple[str, ...] = ()
    grammar: str = ""
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one reply, as the provider counts them."""

    prompt: int = 0
    completion: int = 0


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may ask for. ``schema`` is the JSON Schema of its arguments."""

    name: str
    about: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model's wish to call a `Tool`; ``arguments`` is the JSON text as it was written."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a reply as it streams; the last one may carry the usage. An empty one says: I am at work on it."""

    text: str = ""
    call: ToolCall | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is to be spoken: ``strength`` is the emotion's, 0 to 1; ``voice`` overrides the provider's own."""

    language: str = "en"
    emotion: Emotion = Emotion.NEUTRAL
    speed: float = 1.0
    voice: str = ""
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Health:
    """One line of ``haishin check``: what was reached, in words, and the next step when it was not."""

    ok: bool
    detail: str
    remedy: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class Llm(Protocol):
    """A language model."""

    def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Stream the answer. Closing the iterator stops the model. Raises `ProviderError` alone."""
        ...

    async def check(self) -> Health:
        """Reach the model without spending much. Never raises but `asyncio.CancelledError`."""
        ...


class Tts(Protocol):
    """A voice."""

    #: Languages it speaks: ``"en"``, ``"zh"``, ``"ja"``; empty means any.
    languages: frozenset[str]

    def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Stream the sound of a text as it is made; one rate for the whole text.

        Closing the iterator stops the synthesis. Raises `ProviderError` alone; a sound that the
        service cut short is a `TransientError`, never a silent end.
        """
        ...

    async def check(self) -> Health:
        """Reach the voice without spending much. Never raises but `asyncio.CancelledError`."""
        ...


#: Whose a message is: the source and the viewer's id in it.
Viewer = tuple[str, str]
