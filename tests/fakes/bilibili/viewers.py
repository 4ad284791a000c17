"""Who is in the fake room, and the ids that the platform gives."""

from __future__ import annotations

import hashlib
import itertools
import time
import zlib
from dataclasses import dataclass, replace

FACE = "https://i0.hdslb.com/bfs/face/member/noface.jpg"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person; ``guard`` is 0, or 1 to 3 for governor, admiral and captain; ``medal`` the fans' medal worn."""

    uid: int = 10001
    name: str = "观众一号"
    guard: int = 0
    medal: str = ""
    medal_level: int = 0
    admin: bool = False
    face: str = FACE

    @property
    def open_id(self) -> str:
        """What the open platform gives for the uid."""
        return hashlib.md5(f"open {self.uid}".encode(), usedforsecurity=False).hexdigest()

    @property
    def crc(self) -> str:
        """The hash of the uid that stands in a danmaku."""
        return f"{zlib.crc32(str(self.uid).encode()):08x}"

    def masked(self) -> Viewer:
        """Return what a connection without an account sees."""
        return replace(self, uid=0, name=self.name[:1] + "***", face=FACE)


class Ids:
    """Makes the platform's ids, all different, in its shapes."""

    def __init__(self) -> None:
        self._count = itertools.count(1)

    def uuid(self) -> str:
        """As a message of the open platform has."""
        return f"5f8b7a1c-0000-4000-8000-{next(self._count):012x}"

    def danmaku(self) -> str:
        """As ``id_str`` of a danmaku: 36 hexadecimal digits."""
        return f"51f8de4ff040fc4f5d9bc5d3{next(self._count):012x}"

    def transaction(self) -> str:
        """As ``tid`` of a gift: 19 digits."""
        return f"47600434{next(self._count):011d}"

    def number(self) -> int:
        """As the id of a super chat."""
        return 15_000_000 + next(self._count)

    def payflow(self) -> str:
        """As ``payflow_id`` of a guard: 25 digits."""
        return f"2607011200{next(self._count):015d}"

    def combo(self, kind: str, viewer: Viewer, receiver: int, gift: int) -> str:
        """As ``combo_id``, or ``batch_combo_id`` with "batch:gift"."""
        return f"{kind}:combo_id:{viewer.uid}:{receiver}:{gift}:{now()}.{next(self._count):04d}"


def now() -> int:
    """Return the seconds that stand in events."""
    return int(time.time())
