"""Writes protocol buffers by hand, for the web's events that carry one in ``data.pb`` (base64).

The platform publishes no ``.proto``. The numbers are those on which public readers of captured packets agree:
SEND_GIFT_V2: 1 uid, 2 uname, 3 face, 5 guard_level, 8 medal_info {1 target, 5 level, 6 name, 11 lighted}, 9 blind_gift
{1 config id, 2 original id, 3 original name, 5 action, 6 original price}, 10 gift_list (repeated) {1 gift_id,
2 gift_name, 3 num, 5 price, 6 discount_price, 7 total_coin, 8 coin_type, 9 tid, 10 timestamp, 11 super_batch_gift_num,
12 batch_combo_id, 14 combo_total_coin, 15 combo_stay_time, 16 magnification (float), 18 action, 35 gift_info
{1 img_basic}}, 11 switch, 15 sender_uinfo {1 uid, 2 base {1 name, 2 face}}. One reader takes 6 for the total and 7 for
a discount; the others take 7 for the total, and so does this.
INTERACT_WORD_V2: 1 uid, 2 uname, 4 identities, 5 msg_type (1 enters, 2 follows, 3 shares), 6 room, 7 timestamp,
9 fans_medal {1 target, 2 level, 3 name, 8 lighted, 9 guard_level}, 22 uinfo {1 uid, 2 base {1 name, 2 face}}.
"""

from __future__ import annotations

import base64
import struct

from tests.fakes.bilibili.events import Gift, Room
from tests.fakes.bilibili.viewers import Viewer, now


def varint(value: int) -> bytes:
    """Write a whole number; a negative one takes ten bytes, as in int64."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def message(*fields: tuple[int, int | float | str | bytes]) -> bytes:
    """Write numbered fields in their order; zeros and empty strings are left out, as proto3 does."""
    out = []
    for number, value in fields:
        if isinstance(value, float):
            out.append(varint(number << 3 | 5) + struct.pack("<f", value))
        elif isinstance(value, int):
            out.append(varint(number << 3) + varint(value) if value else b"")
        else:
            data = value.encode() if isinstance(value, str) else value
            out.append(varint(number << 3 | 2) + varint(len(data)) + data if data else b"")
    return b"".join(out)


def _user(viewer: Viewer) -> bytes:
    return message((1, viewer.uid), (2, message((1, viewer.name), (2, viewer.face))))


def gift(room: Room, viewer: Viewer, several: list[tuple[str, Gift]]) -> str:
    """Return ``data.pb`` of a SEND_GIFT_V2 with these transactions."""
    medal = message((1, room.uid), (5, viewer.medal_level), (6, viewer.medal), (11, 1)) if viewer.medal else b""
    first = several[0][1] if several else Gift()
    blind = b""
    if first.blind_price is not None:
        blind = message((1, 144), (2, 35206), (3, "幸运盲盒"), (5, "爆出"), (6, first.blind_price))
    items = [
        (
            10,
            message(
                (1, what.id),
                (2, what.name),
                (3, what.num),
                (5, what.price),
                (6, what.price),
                (7, what.paid_each * what.num),
                (8, "gold" if what.gold else "silver"),
                (9, tid),
                (10, now()),
                (11, what.combo_num),
                (12, what.combo),
                (14, what.paid_each * what.num * what.combo_num),
                (15, 5),
                (16, 1.0),
                (18, "投喂"),
                (35, message((1, "https://s1.hdslb.com/bfs/live/gift.png"))),
            ),
        )
        for tid, what in several
    ]
    top = ((1, viewer.uid), (2, viewer.name), (3, viewer.face), (5, viewer.guard), (8, medal), (9, blind))
    return base64.b64encode(message(*top, *items, (11, 1), (15, _user(viewer)))).decode()


def interact(room: Room, viewer: Viewer, msg_type: int) -> str:
    """Return ``data.pb`` of an INTERACT_WORD_V2."""
    medal = b""
    if viewer.medal:
        medal = message((1, room.uid), (2, viewer.medal_level), (3, viewer.medal), (8, 1), (9, viewer.guard))
    fields = ((1, viewer.uid), (2, viewer.name), (4, b"\x01"), (5, msg_type), (6, room.room), (7, now()), (9, medal))
    return base64.b64encode(message(*fields, (22, _user(viewer)))).decode()
