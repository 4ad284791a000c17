"""What of ours is what of a Live2D model's, as `model.yaml` holds it for correction."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.stage.models.live2d import MAX_NAME, Live2DModel
from bot.stage.models.live2d_names import PARAMETERS, VOWELS, emotions_of, gestures_of, idle_of
from bot.types import Emotion, Gesture


def mapping_of(model: Live2DModel) -> dict[str, dict[str, str]]:
    """Return groups of ours to theirs, for `model.yaml`. Several names of theirs stand with blanks between them."""
    there = set(model.parameters)
    parameters = {
        ours: found for ours, names in PARAMETERS.items() if (found := next((n for n in names if n in there), None))
    }
    vowels: dict[str, str] = {name[-1]: name for name in VOWELS if name in there}
    lips = [name for name in model.lips if name in there]
    if len(vowels) < len(VOWELS):
        vowels = {}
        # Some list the form of the mouth beside its opening.
        opening = [name for name in lips if "form" not in name.lower()]
        if opening:
            parameters["ParamMouthOpenY"] = " ".join(opening[:4])
    elif "ParamMouthOpenY" not in parameters:
        parameters["ParamMouthOpenY"] = "-"
    eyes = [name for name in model.blink if name in there]
    for ours, side in (("ParamEyeLOpen", "l"), ("ParamEyeROpen", "r")):
        if ours not in parameters and eyes:
            own = [name for name in eyes if re.search(rf"eye_?{side}|_{side}_", name.lower())]
            parameters[ours] = " ".join(own or eyes)[:MAX_NAME]
    mapping: dict[str, dict[str, str]] = {
        "parameters": parameters,
        "vowels": vowels,
        "emotions": emotions_of(model.expressions),
        "gestures": gestures_of(model.motions),
        "motions": {"idle": idle} if (idle := idle_of(key.rsplit("/", 1)[0] for key in model.motions)) else {},
    }
    return {group: entries for group, entries in mapping.items() if entries}


def unassigned(mapping: Mapping[str, Mapping[str, str]]) -> tuple[list[str], list[str]]:
    """Return the emotions and the gestures for which a mapping names nothing of the model's."""
    emotions, gestures = mapping.get("emotions", {}), mapping.get("gestures", {})
    return (
        [one.value for one in Emotion if one not in emotions and one is not Emotion.NEUTRAL],
        [one.value for one in Gesture if one not in gestures],
    )
