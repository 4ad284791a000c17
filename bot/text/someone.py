"""What a viewer is called whose name may not be said."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: The name that stands in messages and in the record, whatever the language.
NOBODY: Final = "someone"
#: The same in the other languages of prepared lines. The words fit where a name fits: before "的", before "、".
_CALLED: Final[Mapping[str, str]] = MappingProxyType({"zh": "一位观众", "ja": "どなたか"})


def called(name: str, language: str) -> str:
    """Return a name as it is put into a sentence of a language."""
    return _CALLED.get(language, name) if name == NOBODY else name
