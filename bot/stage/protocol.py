"""What the server and the pages say to each other, one model a message.

Text frames are JSON objects told apart by ``type``. Sound goes in binary frames: a 16-byte
little-endian header, then at most 200 ms of s16le mono at the rate that the clause's `Speak` named.

    offset  0   2        3      4      8       12
    field   H   B        B      I      I       I
            magic version flags epoch  clause  sequence

The TypeScript types in ``overlay/common/protocol.ts`` are made from these models by
``python -m bot.stage.protocol``; a test holds the two equal.
"""

from __future__ import annotations

import json
import struct
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.stage.feeling.messages import MoodMark, Reaction
from bot.stage.layers.messages import LayerMessage
from bot.stage.models.messages import ModelState, StageModel
from bot.types import Emotion, Gesture, MouthShape

MAGIC = 0x4853
VERSION = 1
FIRST, LAST = 1, 2
#: The sound of a clause begins in short frames, so that the first is out at once; later ones cost less by being long.
FRAME_MS, LONG_FRAME_MS, SHORT_FRAMES = 20, 200, 5
#: With so much sound ahead of what is heard, a frame waits until it is long. In ms.
LEAD_MS = 600
HEADER = struct.Struct("<HBBIII")

#: A page's text frame is at most this many bytes; a longer one closes the socket.
MAX_PAGE_FRAME = 16 * 1024

Epoch = Annotated[int, Field(ge=0, le=2**32 - 1)]
Index = Annotated[int, Field(ge=0, le=2**32 - 1)]


def pack(epoch: int, clause: int, sequence: int, flags: int, pcm: bytes) -> bytes:
    """Build one binary frame. ``pcm`` is s16le mono, at most `LONG_FRAME_MS` long."""
    return HEADER.pack(MAGIC, VERSION, flags, epoch, clause, sequence) + pcm


class Model(BaseModel):
    """Strict both ways: no unknown field, no coercion of types."""

    model_config = ConfigDict(extra="forbid", strict=True)


# --- server to page -------------------------------------------------------------------------------


class Look(Model):
    """Colours and shapes of the built-in avatar; each colour is ``#rrggbb``.

    ``scene`` is the light that the surroundings throw on its edges; a drawn ``backdrop`` brings its own. A shape that
    is "auto" is the one that the haircut is usually worn with.
    """

    hair: str = "#6b7cff"
    hair_tip: str = "#b5a3ff"
    eyes: str = "#2fb7c9"
    skin: str = "#ffe6d8"
    outfit: str = "#2b2f4a"
    accent: str = "#ff8fb0"
    shirt: str = "#f6f0e8"
    scene: str = "#a8b8ff"
    style: Literal["long", "bob", "twintails", "short", "tied", "tuft"] = "long"
    accessory: Literal["none", "ribbon", "headphones", "flower", "antenna", "glasses", "ears", "star", "feelers"] = (
        "ribbon"
    )
    face: Literal["auto", "soft", "round", "slender", "angular", "boyish", "creature"] = "auto"
    body: Literal["auto", "woman", "girl", "man", "creature"] = "auto"
    clothes: Literal["auto", "coat", "courier", "robe", "hoodie", "waistcoat", "fur"] = "auto"
    stance: Literal["auto", "hip", "calm", "clasped", "pockets", "casual", "paws"] = "auto"
    backdrop: Literal["none", "study", "cafe", "city", "seaside", "shrine", "cabin"] = "none"
    hour: Literal["day", "night"] = "day"


class Captions(Model):
    """How captions look."""

    show: bool = True
    size_px: int = Field(default=40, ge=12, le=120)
    position: Literal["bottom", "top", "beside"] = "bottom"


class Hello(Model):
    """First message on every stage socket. ``role`` is what was granted, not what was asked."""

    type: Literal["hello"] = "hello"
    role: Literal["audio", "view"]
    epoch: Epoch
    name: str
    look: Look
    model: StageModel | None = None
    captions: Captions
    label: str
    state: Literal["idle", "thinking", "speaking", "stopped"]
    emotion: Emotion


class RoleChange(Model):
    """The page now has, or no longer has, the right to make sound."""

    type: Literal["role"] = "role"
    role: Literal["audio", "view"]


class Speak(Model):
    """A clause begins. Its sound follows in binary frames, from ``from_ms`` on (a resync; else 0).

    ``rate`` 0 means that no sound comes: show the text for ``silent_ms``, counted by the page, and
    report positions as if it were heard.
    """

    type: Literal["speak"] = "speak"
    epoch: Epoch
    clause: Index
    text: str
    language: str
    emotion: Emotion
    gestures: list[Gesture]
    rate: int
    from_ms: int = 0
    silent_ms: int = 0


class WordMark(Model):
    """A word is heard from ``at_ms`` of its clause on; ``chars`` of the text, in units of UTF-16, come before it."""

    at_ms: int
    chars: int


class MouthMark(Model):
    """The mouth has a shape from ``at_ms`` of its clause on, as far as there is sound to be heard."""

    at_ms: int
    shape: MouthShape


class Marks(Model):
    """More words and shapes of a clause, in the order of their times: they come with the sound, or before it.

    A page that comes in mid-sentence is sent all of them again. Of a voice that knows none there are none.
    """

    type: Literal["marks"] = "marks"
    epoch: Epoch
    clause: Index
    words: list[WordMark]
    visemes: list[MouthMark]


class End(Model):
    """The turn has no clause after number ``clauses - 1``."""

    type: Literal["end"] = "end"
    epoch: Epoch
    clauses: int


class Stop(Model):
    """Fade out within ``fade_ms``, forget every epoch up to this one, answer with `Stopped`."""

    type: Literal["stop"] = "stop"
    epoch: Epoch
    fade_ms: int = 8


class Duck(Model):
    """The streamer speaks over the host: bring the sound of an epoch down to ``gain`` within ``ramp_ms``.

    With ``hold`` it stands still once it is down, and goes on at the same sample after `Resume`. Captions stay.
    """

    type: Literal["duck"] = "duck"
    epoch: Epoch
    gain: Annotated[float, Field(ge=0, le=1)]
    ramp_ms: int = 20
    hold: bool = False


class Resume(Model):
    """Bring the sound of an epoch back up within ``ramp_ms``; what stood still goes on."""

    type: Literal["resume"] = "resume"
    epoch: Epoch
    ramp_ms: int = 40


class Progress(Model):
    """To view pages: what the audio page has played, so that captions and mouth follow it."""

    type: Literal["progress"] = "progress"
    epoch: Epoch
    clause: Index
    position_ms: int
    duration_ms: int
    finished: bool


class State(Model):
    """What the host is doing, for idle life, the thinking pose and the panic picture."""

    type: Literal["state"] = "state"
    state: Literal["idle", "thinking", "speaking", "stopped"]
    emotion: Emotion = Emotion.NEUTRAL


class Settings(Model):
    """Look and captions were changed while on air."""

    type: Literal["settings"] = "settings"
    name: str
    look: Look
    model: StageModel | None = None
    captions: Captions
    label: str


class Problem(Model):
    """The page's last frame was not understood, in words."""

    type: Literal["problem"] = "problem"
    detail: str


class EarsMark(Model):
    """Whether the host hears the streamer: "off" is shown plainly, where ``shown``; "waiting" is a button not held.

    With "off" a page takes away what it shows of the streamer's words.
    """

    type: Literal["ears"] = "ears"
    state: Literal["none", "off", "waiting", "listening"] = "none"
    shown: bool = True


class EyesMark(Model):
    """Whether the host sees the picture of the stream; ``open`` is shown plainly, where ``shown``."""

    type: Literal["eyes"] = "eyes"
    open: bool = False
    shown: bool = True


class Heard(Model):
    """What the streamer says, for captions; ``final`` when it will not change any more."""

    type: Literal["heard"] = "heard"
    text: Annotated[str, Field(max_length=600)]
    language: str
    final: bool


# --- page to server -------------------------------------------------------------------------------


class PlaybackReport(Model):
    """What was heard of a clause so far; sent about every 64 ms while it plays, and once when finished."""

    type: Literal["playback"] = "playback"
    epoch: Epoch
    clause: Index
    position_ms: Annotated[float, Field(ge=0, le=3_600_000)]
    finished: bool


class Stopped(Model):
    """The page is silent. ``clause`` is -1 when nothing of the epoch had been heard."""

    type: Literal["stopped"] = "stopped"
    epoch: Epoch
    clause: Annotated[int, Field(ge=-1, le=2**32 - 1)]
    position_ms: Annotated[float, Field(ge=0, le=3_600_000)]


class AudioState(Model):
    """Whether the page can make sound: a browser tab cannot until it was clicked (OBS always can)."""

    type: Literal["audio"] = "audio"
    state: Literal["running", "suspended"]
    latency_ms: Annotated[float, Field(ge=0, le=10_000)] = 0.0


class LabelSeen(Model):
    """Whether the AI label can be seen in the page; a style of the streamer's own may hide it."""

    type: Literal["label"] = "label"
    shown: bool


ServerMessage = Annotated[
    Hello
    | RoleChange
    | Speak
    | Marks
    | End
    | Stop
    | Duck
    | Resume
    | Progress
    | State
    | Settings
    | Problem
    | EarsMark
    | EyesMark
    | Heard
    | MoodMark
    | Reaction
    | LayerMessage,
    Field(discriminator="type"),
]
PageMessage = Annotated[PlaybackReport | Stopped | AudioState | LabelSeen | ModelState, Field(discriminator="type")]

page_message: TypeAdapter[PlaybackReport | Stopped | AudioState | LabelSeen | ModelState] = TypeAdapter(PageMessage)


def schema() -> dict[str, Any]:
    """Return the JSON Schemas of all messages, by name, from which the TypeScript types are made."""
    models: dict[str, TypeAdapter[Any]] = {
        "ServerMessage": TypeAdapter(ServerMessage),
        "PageMessage": TypeAdapter(PageMessage),
    }
    _, out = TypeAdapter.json_schemas([(name, "serialization", adapter) for name, adapter in models.items()])
    return out


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2))  # noqa: T201 - this is the command's output
