"""What the web API takes and gives; the control room and the chat page are written against it.

Everything that comes in is strict: an unknown field, a wrong type or an oversize text is a 422.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.control.schemas.budget import BudgetView
from bot.control.schemas.ears import EarsView
from bot.control.schemas.memory import MemoryView
from bot.control.schemas.mixer import MixerView
from bot.control.schemas.moderation import ModerationState
from bot.control.schemas.night import NightView
from bot.control.schemas.programme import ProgrammeView
from bot.control.schemas.tools import EyesView, ToolsView
from bot.stage.protocol import Model
from bot.types import Kind

MAX_SAY = 1000


class SayIn(Model):
    """``POST /api/say``: words for the host to speak as they are (they pass moderation too)."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_SAY)]


class Receipt(Model):
    """What became of something that was handed in, as far as it is known at once."""

    id: str
    outcome: Literal["queued", "folded", "held", "refused", "dropped"]
    reason: str


class Done(Model):
    """An order was carried out; ``detail`` says in words what it changed."""

    ok: bool
    detail: str


#: What can be done on a platform; which of them a connection can do stands in `Connection.actions`.
Action = Literal[
    "send", "reply", "announce", "delete", "timeout", "ban", "unban", "warn", "shoutout", "poll", "allow", "deny"
]


class ActIn(Model):
    """``POST /api/act``: do something on a platform.

    ``user`` is the viewer's id there, ``message`` a message's id (for AutoMod, the held one's).
    """

    source: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    action: Action
    user: Annotated[str, StringConstraints(max_length=200)] = ""
    message: Annotated[str, StringConstraints(max_length=200)] = ""
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    seconds: Annotated[int, Field(ge=1, le=14 * 24 * 3600)] = 600
    choices: list[Annotated[str, StringConstraints(max_length=25)]] = Field([], max_length=5)


#: Whose account is signed in: the one that the host reads and writes as, or the one whose channel it is.
Role = Literal["bot", "streamer"]


class SignInOrder(Model):
    """``POST /api/connections/{name}/sign-in``; a request without a body means the bot's account.

    A platform that knows one account only takes either role for it.
    """

    role: Role = "bot"


class SignIn(Model):
    """A sign-in that waits for a person: open ``url`` (or scan it as a QR code) and type ``code`` there.

    ``qr`` holds the rows of the QR code's squares, "1" for a dark one; empty where typing is meant.
    """

    source: str
    role: Role
    state: Literal["waiting", "scanned", "done", "expired", "failed"]
    url: str
    code: str
    qr: list[str]
    detail: str
    expires_in_s: float


class MissingItem(Model):
    """Something that a connection cannot hear or do, and why."""

    what: str
    why: str


class Connection(Model):
    """One platform. Times are seconds ago; None where that never was.

    ``state`` "live" means that something was heard lately or a probe was answered. ``renews`` tells a sign-in that
    renews itself from one whose end (``expires_in_s``) needs a person.
    """

    name: str
    state: Literal["connecting", "live", "quiet", "deaf", "expired", "denied"]
    detail: str
    remedy: str
    account: str
    since_s: float
    heard_s: float | None
    event_s: float | None
    expires_in_s: float | None
    reconnects: int
    missing: list[MissingItem]
    faults: dict[str, int]
    actions: list[Action]
    can_sign_in: bool
    renews: bool
    sign_in: SignIn | None


class Hold(Model):
    """A message that the platform's own AutoMod holds until somebody decides."""

    id: str
    source: str
    author: str
    text: str
    category: str
    level: int
    age_s: float


class Alarm(Model):
    """Something that needs a person: a thanks overdue, a sign-in about to run out, a warning of the platform."""

    id: str
    level: Literal["warning", "error"]
    text: str
    remedy: str
    age_s: float


class Stream(Model):
    """What a platform says of the stream. ``online`` is None until it said so."""

    source: str
    online: bool | None
    title: str
    category: str
    hype_level: int


class QueueItem(Model):
    """One waiting item. ``reason`` says why it stands where it stands; ages are seconds.

    ``doubt``: moderation let it pass and is not sure; what else waits of its class is answered first.
    """

    id: str
    source: str
    author: str
    author_id: str
    text: str
    kind: Kind
    group: Literal["paid", "addressed", "ordinary", "event"]
    amount: str
    viewers: int
    age_s: float
    expires_in_s: float | None
    reason: str
    doubt: bool


class NowClause(Model):
    """One clause of the turn on air. ``due_in_s``: seconds until one that the release delay holds back is heard."""

    index: int
    text: str
    state: Literal["pending", "waiting", "playing", "heard", "cut"]
    due_in_s: float | None


class NowMessage(Model):
    """A message that the turn answers."""

    id: str
    source: str
    author: str
    author_id: str
    text: str
    kind: Kind


class Now(Model):
    """The turn on air. ``heard`` is what the audience has heard of it so far."""

    turn: str
    epoch: int
    purpose: Literal["answer", "thanks", "say", "line", "segment", "streamer"]
    messages: list[NowMessage]
    clauses: list[NowClause]
    heard: str
    age_s: float


class TurnLine(Model):
    """One finished turn. Latencies in ms from the choice of the message, None where a stage was not reached."""

    turn: str
    ended_at: str
    asked: str
    text: str
    interrupted: bool
    outcome: str
    first_token_ms: float | None
    first_clause_ms: float | None
    first_audio_ms: float | None
    heard_ms: float | None
    total_ms: float | None


class Part(Model):
    """One long-lived part, or (with a ``kind``: llm, tts, asr, judge) one provider.

    ``next_try_s`` is when a provider that is not up is tried again: 0 with the next question, None never by itself.
    """

    name: str
    state: Literal["up", "down", "resting", "over"]
    detail: str
    kind: Literal["part", "llm", "tts", "asr", "judge"] = "part"
    next_try_s: float | None = None


class Stage(Model):
    """The overlay: whether a page can be heard, and how many pages are open."""

    audible: bool
    pages: int
    detail: str
    #: What the host feels, and how much in percent: ``joy 40``; empty when nothing in particular.
    mood: str = ""


class Counts(Model):
    """What became of every message since the start."""

    received: int = 0
    answered: int = 0
    folded: int = 0
    held: int = 0
    expired: int = 0
    refused: int = 0
    dropped: int = 0


class PanelState(Model):
    """Everything that the control room shows; sent whole, at most five times a second."""

    type: Literal["state"] = "state"
    version: str
    persona: str
    #: How fast the model on this machine is and what that leaves room for, in words; empty until it was measured.
    machine: str = ""
    languages: list[str]
    state: Literal["idle", "thinking", "speaking", "stopped"]
    stopped_because: str
    uptime_s: float
    now: Now | None
    queue: list[QueueItem]
    stage: Stage
    parts: list[Part]
    turns: list[TurnLine]
    counts: Counts
    connections: list[Connection]
    streams: list[Stream]
    holds: list[Hold]
    alarms: list[Alarm]
    moderation: ModerationState
    #: None when no video mixer is configured.
    mixer: MixerView | None = None
    #: None when no programme is configured.
    programme: ProgrammeView | None = None
    #: None when this host has no ears.
    ears: EarsView | None = None
    #: None where the host never speaks unasked.
    night: NightView | None = None
    #: None where the model may call nothing.
    tools: ToolsView | None = None
    budget: BudgetView | None = None
    memory: MemoryView | None = None
    #: None where the host does not see.
    eyes: EyesView | None = None
