"""Which hotkey of the model in VTube Studio is joy, and which a wave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.stage.models.live2d_names import emotions_of, gestures_of
from bot.stage.vts.settings import VtsHotkeys
from bot.types import Emotion, Gesture

#: Hotkeys of one model that are looked at.
MOST = 500
_EXPRESSION, _ANIMATION = "ToggleExpression", "TriggerAnimation"
#: Hotkeys that never stand for a feeling: they would move the model, exchange it, or take it away.
_OTHERS = {"ChangeVTSModel", "MoveModel", "ChangeBackground", "RemoveAllExpressions", "ReloadMicrophone", "Unset"}


@dataclass(frozen=True, slots=True)
class Hotkey:
    """One hotkey. ``file`` is its expression's or its movement's."""

    id: str
    name: str
    kind: str
    file: str

    @property
    def expression(self) -> str:
        """The file of the expression that it switches on and off; empty when it does something else."""
        return self.file if self.kind == _EXPRESSION and self.file.endswith(".exp3.json") else ""


@dataclass(frozen=True, slots=True)
class HotkeyMap:
    """What the model that is loaded has for us. ``unknown`` are names of the settings that it lacks."""

    model: str = ""
    names: tuple[str, ...] = ()
    emotions: Mapping[Emotion, Hotkey] = field(default_factory=dict)
    gestures: Mapping[Gesture, Hotkey] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def read_hotkeys(data: Mapping[str, Any], wanted: VtsHotkeys) -> HotkeyMap:
    """Return what an answer to ``HotkeysInCurrentModel`` means, by the settings first and by the names else."""
    if data.get("modelLoaded") is not True:
        return HotkeyMap()
    listed = data.get("availableHotkeys")
    there = [one for raw in (listed if isinstance(listed, list) else [])[:MOST] if (one := _hotkey(raw)) is not None]
    by_name = {one.name.casefold(): one for one in reversed(there)} | {one.id.casefold(): one for one in there}
    feelings = {one.name or one.file: one for one in there if one.kind not in _OTHERS}
    moves = {f"{n}": one for n, one in enumerate(there) if one.kind == _ANIMATION}
    guessed_emotions = emotions_of(name for name, one in feelings.items() if one.kind != _ANIMATION)
    guessed_gestures = gestures_of({key: f"{one.name} {one.file.split('.')[0]}" for key, one in moves.items()})
    emotions = {Emotion(emotion): feelings[name] for emotion, name in guessed_emotions.items()}
    gestures = {Gesture(gesture): moves[key] for gesture, key in guessed_gestures.items()}
    unknown = [
        *_settle(emotions, wanted.emotions, by_name),
        *_settle(gestures, wanted.gestures, by_name),
    ]
    name = data.get("modelName")
    return HotkeyMap(
        str(name)[:200] if name else "?", tuple(one.name for one in there), emotions, gestures, tuple(unknown)
    )


def _settle(found: dict[Any, Hotkey], wanted: Mapping[Any, str], there: Mapping[str, Hotkey]) -> list[str]:
    """Put what the settings say in the place of what was guessed; return the names that nobody knows."""
    unknown = []
    for ours, name in wanted.items():
        hotkey = there.get(name.casefold()) if name else None
        if hotkey is not None:
            found[ours] = hotkey
        else:
            found.pop(ours, None)
            unknown += [name] if name else []
    return unknown


def _hotkey(raw: Any) -> Hotkey | None:
    if not isinstance(raw, dict):
        return None
    values = [raw.get(key) for key in ("hotkeyID", "name", "type", "file")]
    texts = [value[:300] if isinstance(value, str) else "" for value in values]
    return Hotkey(*texts) if texts[0] else None
