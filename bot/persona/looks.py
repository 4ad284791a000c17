"""The six finished looks, which a persona takes by one word: ``look: {preset: kai}``.

They are those of ``overlay/stage/src/builtin/looks.ts``; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: What each of them says; what else a persona's look says stands before it.
PRESETS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "mira": {
            "style": "bob",
            "accessory": "star",
            "hair": "#24375e",
            "hair_tip": "#f2a65a",
            "eyes": "#f0b13c",
            "skin": "#ffe3cf",
            "outfit": "#2c4170",
            "accent": "#ffc56b",
            "shirt": "#f6ecdc",
        },
        "xiaoyun": {
            "style": "twintails",
            "accessory": "antenna",
            "hair": "#cfe8ff",
            "hair_tip": "#ffb3c7",
            "eyes": "#4aa8e0",
            "skin": "#fff0e6",
            "outfit": "#4f7fb8",
            "accent": "#ffd166",
            "shirt": "#fdfaf6",
        },
        "ruoxi": {
            "style": "long",
            "accessory": "flower",
            "hair": "#3a2233",
            "hair_tip": "#8c3f5e",
            "eyes": "#c2476b",
            "skin": "#fff0e8",
            "outfit": "#a83850",
            "accent": "#e6c27a",
            "shirt": "#fbf3ea",
        },
        "kai": {
            "style": "short",
            "accessory": "headphones",
            "hair": "#c9713a",
            "hair_tip": "#ffb86b",
            "eyes": "#3f9c6a",
            "skin": "#ffdcc0",
            "outfit": "#3d5a57",
            "accent": "#ffcf4a",
            "shirt": "#f4f1ea",
        },
        "theo": {
            "style": "tied",
            "accessory": "glasses",
            "hair": "#8a8fa3",
            "hair_tip": "#c9cede",
            "eyes": "#6b7fc7",
            "skin": "#f6d5bd",
            "outfit": "#4a3550",
            "accent": "#c98a4b",
            "shirt": "#f7f4f0",
        },
        "pepper": {
            "style": "tuft",
            "accessory": "feelers",
            "hair": "#e8d9c0",
            "hair_tip": "#b98a5e",
            "eyes": "#37305a",
            "skin": "#f3e8d6",
            "outfit": "#d9a066",
            "accent": "#ffd98a",
            "shirt": "#fffaf0",
        },
    }
)
