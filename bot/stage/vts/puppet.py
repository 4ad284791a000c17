"""What the host does with head, eyes and mouth, as the numbers that VTube Studio takes from a camera.

The mouth follows what the audience hears: the stage page says up to where it played, and here lie the sound and the
shapes that the voice gave for it.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from bot.stage.clip import ClausePlayback
from bot.types import Emotion, HostState, MouthShape

#: How far each shape opens at full loudness, and how wide it is, -1 (pursed) to 1 (spread).
SHAPES: Final[dict[MouthShape, tuple[float, float]]] = {
    MouthShape.AA: (1.0, 0.1),
    MouthShape.EE: (0.9, 0.6),
    MouthShape.IH: (0.8, 1.0),
    MouthShape.OH: (0.95, -0.6),
    MouthShape.OU: (0.8, -1.0),
    MouthShape.NN: (0.7, 0.0),
    MouthShape.CLOSED: (0.08, 0.0),
    MouthShape.REST: (0.5, 0.0),
}
#: Head, smile, eyes and brows by emotion: turn, nod and lean in degrees; smile -1 to 1; eyes and brows 0 to 1.
FACES: Final[dict[Emotion, tuple[float, float, float, float, float, float]]] = {
    Emotion.NEUTRAL: (0, 0, 0, 0.15, 0.9, 0.5),
    Emotion.JOY: (0, 3, 5, 0.9, 0.85, 0.7),
    Emotion.LAUGH: (0, 6, -5, 1.0, 0.15, 0.8),
    Emotion.SMUG: (-9, 5, -7, 0.6, 0.5, 0.6),
    Emotion.SURPRISE: (0, 4, 0, -0.1, 1.0, 1.0),
    Emotion.SHY: (8, -8, 8, 0.2, 0.65, 0.4),
    Emotion.SAD: (0, -9, -4, -0.8, 0.6, 0.3),
    Emotion.ANGRY: (0, -5, 0, -0.7, 0.8, 0.0),
    Emotion.SLEEPY: (0, -7, 8, 0.0, 0.3, 0.3),
    Emotion.THINKING: (10, 7, 5, 0.0, 0.8, 0.6),
    Emotion.LOVE: (0, 2, 7, 1.0, 0.7, 0.7),
    Emotion.WORRIED: (-5, -4, -3, -0.5, 0.85, 0.8),
    Emotion.POUT: (11, -3, 4, -0.6, 0.75, 0.2),
    Emotion.CONFUSED: (5, 3, 10, -0.2, 0.9, 0.75),
}
#: The sound of so long around a position tells its loudness, in ms; a pause in reports is bridged for so long, in s.
WINDOW_MS, BRIDGED_S = 32, 0.35
#: A feeling stays for so long after the last word, in seconds.
HELD_S: Final = 4.0
#: Share of the way to a new value in a second, as a rate: the mouth's, and the head's.
_LIPS, _HEAD = 30.0, 4.0
_SILENT: Final = 0.01


class Stage(Protocol):
    """What is asked of the stage: the clauses of the turn on air, and what the host is doing."""

    @property
    def clips(self) -> Sequence[ClausePlayback]:
        """The clauses of the turn on air."""
        ...

    @property
    def state(self) -> HostState:
        """What the host is doing."""
        ...

    @property
    def silent(self) -> bool:
        """Whether nothing can be heard now."""
        ...


@dataclass(slots=True)
class _Heard:
    """Up to where a clause was heard, and when that was told."""

    clip: ClausePlayback | None = None
    position_ms: float = 0.0
    told_at: float = 0.0


class Puppet:
    """From what is heard to the parameters of a face. Pure but for its random numbers; times are in seconds."""

    def __init__(self, stage: Stage, random_: Callable[[], float] = random.random) -> None:
        self._stage = stage
        self._random = random_
        self._heard = _Heard()
        self._loudest = 0.05
        self._open = self._wide = 0.0
        self._face = list(FACES[Emotion.NEUTRAL])
        self._emotion = Emotion.NEUTRAL
        self._felt_at = -math.inf
        self._blink_at = self._last = 0.0
        self._nod = 0.0

    @property
    def emotion(self) -> Emotion:
        """What the host feels, as the audience hears it."""
        return self._emotion

    def step(self, now: float) -> dict[str, float]:
        """Return the parameters at a moment, by their names in VTube Studio and ours."""
        dt = min(0.25, max(0.0, now - self._last))
        self._last = now
        clip, position_ms = self._where(now)
        loud = 0.0
        if clip is not None:
            self._emotion, self._felt_at = clip.clause.emotion, now
            loud = self._loudness(clip, position_ms)
        elif now - self._felt_at > HELD_S:
            self._emotion = Emotion.NEUTRAL
        if self._stage.state is HostState.THINKING and clip is None:
            self._emotion = Emotion.THINKING
        self._speak(clip, position_ms, loud, dt)
        return self._values(now, dt, speaking=clip is not None, loud=loud)

    def heard_clip(self) -> ClausePlayback | None:
        """Return the clause that is being heard as of the last step."""
        return self._heard.clip

    def _where(self, now: float) -> tuple[ClausePlayback | None, float]:
        """Return the clause that sounds now and where in it the audience is; reports come some times a second."""
        playing = next((c for c in self._stage.clips if not c.finished and c.position_ms > 0), None)
        heard = self._heard
        if playing is None or self._stage.silent or self._stage.state is HostState.STOPPED:
            self._heard = _Heard()
            return None, 0.0
        if playing is not heard.clip or playing.position_ms != heard.position_ms:
            self._heard = heard = _Heard(playing, playing.position_ms, now)
        waited = now - heard.told_at
        if waited > BRIDGED_S:  # it stands still, or the page is gone
            return playing, math.inf
        return playing, heard.position_ms + waited * 1000

    def _loudness(self, clip: ClausePlayback, position_ms: float) -> float:
        """Return how loud the sound is there, 0 to 1 of the loudest of late."""
        if not clip.rate or not math.isfinite(position_ms):
            return 0.0
        first = max(0, int((position_ms - WINDOW_MS / 2) * clip.rate / 1000)) * 2
        piece = bytes(clip.pcm[first : first + WINDOW_MS * clip.rate // 1000 * 2])
        if len(piece) < 4:
            return 0.0
        samples = np.frombuffer(piece, "<i2", len(piece) // 2).astype(np.float32) / 32768
        rms = float(np.sqrt(np.mean(samples * samples)))
        self._loudest = max(self._loudest * 0.999, rms, 0.03)
        return 0.0 if rms < _SILENT else min(1.0, 1.25 * rms / self._loudest)

    def _speak(self, clip: ClausePlayback | None, position_ms: float, loud: float, dt: float) -> None:
        wanted, wide = min(1.0, loud), 0.0
        if clip is not None and clip.marks.visemes and math.isfinite(position_ms):
            passed = bisect_right(clip.marks.visemes, position_ms, key=lambda one: one.at_ms)
            most, wide = SHAPES[clip.marks.visemes[passed - 1].shape if passed else MouthShape.REST]
            wanted *= most
        share = 1 - math.exp(-_LIPS * dt)
        self._open += (wanted - self._open) * share
        self._wide += (wide - self._wide) * share
        if wanted > 0.75 and self._nod < 0.2:
            self._nod = 1.0

    def _values(self, now: float, dt: float, *, speaking: bool, loud: float) -> dict[str, float]:
        share = 1 - math.exp(-_HEAD * dt)
        for n, wanted in enumerate(FACES[self._emotion]):
            self._face[n] += (wanted - self._face[n]) * share
        turn, nod, lean, smile, eyes, brows = self._face
        self._nod *= math.exp(-5 * dt)
        lively = 1.4 if speaking else 1.0
        still = 0.0 if self._stage.state is HostState.STOPPED else 1.0
        lids = self._lids(now)
        return {
            "FaceAngleX": turn + still * lively * (4 * math.sin(now * 0.61) + 2.2 * math.sin(now * 1.27 + 1)),
            "FaceAngleY": nod + still * (2 * math.sin(now * 0.83 + 2) * lively - 5 * self._nod),
            "FaceAngleZ": lean + still * lively * (2.5 * math.sin(now * 0.47 + 4) + math.sin(now * 1.1)),
            "MouthOpen": self._open,
            "MouthSmile": min(1.0, max(0.0, 0.5 + 0.5 * min(1.0, max(-1.0, smile + 0.5 * self._wide)))),
            "EyeOpenLeft": eyes * lids,
            "EyeOpenRight": eyes * lids,
            "EyeLeftX": still * 0.25 * math.sin(now * 0.37),
            "EyeRightX": still * 0.25 * math.sin(now * 0.37),
            "Brows": brows,
            "HaishinVoice": loud,
            "HaishinMouthWide": self._wide,
            "HaishinSpeaking": 1.0 if speaking else 0.0,
        }

    def _lids(self, now: float) -> float:
        """Return how open the lids are: people blink every few seconds, for a seventh of one."""
        if now > self._blink_at + 0.15:
            self._blink_at = now + 2.0 + 3.5 * self._random()
        since = now - self._blink_at
        return 1.0 if since < 0 else abs(since / 0.15 - 0.5) * 2


#: Parameters that we add to VTube Studio's own: what it is, least and most.
OWN: Final[dict[str, tuple[str, float, float]]] = {
    "HaishinVoice": ("How loud the host speaks, as it is heard", 0.0, 1.0),
    "HaishinMouthWide": ("Width of the host's mouth: -1 pursed, 1 spread", -1.0, 1.0),
    "HaishinSpeaking": ("1 while the host is heard", 0.0, 1.0),
}
