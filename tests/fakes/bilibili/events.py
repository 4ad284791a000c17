"""The events of the open platform, with the keys of its public documentation.

``price`` of a gift is for one, in thousandths of a yuan; ``r_price`` is what one was really worth, which is another
number for a blind box. The documentation says no more about it than "real value".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fakes.bilibili.viewers import FACE, Viewer, now

Event = dict[str, Any]
_PREFIX = "LIVE_OPEN_PLATFORM_"


@dataclass(frozen=True, slots=True)
class Room:
    """The streamer and the room."""

    room: int = 21452505
    uid: int = 9617619
    uname: str = "流浪的主播"
    title: str = "今天也要开心"

    @property
    def streamer(self) -> Viewer:
        """Return the streamer as a person."""
        return Viewer(self.uid, self.uname, admin=True)


@dataclass(frozen=True, slots=True)
class Gift:
    """What is given: ``price`` and ``paid`` are in gold seeds, for one; silver gifts cost nothing."""

    id: int = 31036
    name: str = "小花花"
    price: int = 100
    num: int = 1
    gold: bool = True
    #: For a blind box: what the box cost, while ``price`` is the worth of what came out of it.
    blind_price: int | None = None
    #: The same for the gifts of one combo.
    combo: str = ""
    #: How many the combo has with this one.
    combo_num: int = 1

    @property
    def paid_each(self) -> int:
        """Return what one really cost."""
        return self.price if self.blind_price is None else self.blind_price


def _person(viewer: Viewer) -> Event:
    """Who it was; the uid has been abolished and is always 0."""
    ids = {"open_id": viewer.open_id, "union_id": f"UNION_{viewer.open_id[:20]}"}
    return {"uid": 0, **ids, "uname": viewer.name, "uface": viewer.face}


def _standing(viewer: Viewer) -> Event:
    return {
        "guard_level": viewer.guard,
        "fans_medal_wearing_status": bool(viewer.medal),
        "fans_medal_name": viewer.medal,
        "fans_medal_level": viewer.medal_level,
    }


def _event(kind: str, room: Room, **data: Any) -> Event:
    return {"cmd": _PREFIX + kind, "data": {"room_id": room.room, "timestamp": now(), **data}}


def danmaku(
    room: Room, viewer: Viewer, msg_id: str, text: str, *, emoji: str = "", reply_to: Viewer | None = None
) -> Event:
    """A line of chat; with ``emoji``, the address of a picture, it is one."""
    return _event(
        "DM",
        room,
        **_person(viewer),
        **_standing(viewer),
        msg=text,
        msg_id=msg_id,
        dm_type=1 if emoji else 0,
        emoji_img_url=emoji,
        glory_level=0,
        is_admin=int(viewer.admin),
        reply_open_id=reply_to.open_id if reply_to else "",
        reply_union_id="",
        reply_uname=reply_to.name if reply_to else "",
    )


def gift(room: Room, viewer: Viewer, msg_id: str, what: Gift) -> Event:
    """A gift, paid or free, alone or in a combo."""
    anchor = room.streamer
    return _event(
        "SEND_GIFT",
        room,
        **_person(viewer),
        **_standing(viewer),
        msg_id=msg_id,
        gift_id=what.id,
        gift_name=what.name,
        gift_num=what.num,
        price=what.price if what.gold else 0,
        r_price=what.paid_each if what.gold else 0,
        paid=what.gold,
        gift_icon="https://s1.hdslb.com/bfs/live/gift.png",
        combo_gift=bool(what.combo),
        combo_info={
            "combo_base_num": what.num,
            "combo_count": what.combo_num,
            "combo_id": what.combo,
            "combo_timeout": 3,
        },
        blind_gift={"blind_gift_id": 0 if what.blind_price is None else 144, "status": what.blind_price is not None},
        anchor_info=_person(anchor) | {"uid": anchor.uid},
    )


def super_chat(room: Room, viewer: Viewer, msg_id: str, number: int, text: str, yuan: int, seconds: int = 60) -> Event:
    """A paid line; ``number`` is what its withdrawal names."""
    begin = now()
    return _event(
        "SUPER_CHAT",
        room,
        **_person(viewer),
        **_standing(viewer),
        msg_id=msg_id,
        message_id=number,
        message=text,
        rmb=yuan,
        start_time=begin,
        end_time=begin + seconds,
    )


def super_chat_delete(room: Room, msg_id: str, numbers: list[int]) -> Event:
    """Super chats are withdrawn."""
    event = _event("SUPER_CHAT_DEL", room, message_ids=numbers, msg_id=msg_id)
    del event["data"]["timestamp"]
    return event


def guard(room: Room, viewer: Viewer, msg_id: str, level: int, months: int, price: int) -> Event:
    """Somebody boards the ship; ``price`` is in gold seeds for all months."""
    standing = _standing(viewer) | {"guard_level": level}
    return _event(
        "GUARD",
        room,
        **standing,
        user_info=_person(viewer),
        guard_num=months,
        guard_unit="月",
        price=price,
        msg_id=msg_id,
    )


def like(room: Room, viewer: Viewer, msg_id: str, count: int) -> Event:
    """One person's likes of the last two seconds."""
    standing = _standing(viewer)
    del standing["guard_level"]
    return _event(
        "LIKE", room, **_person(viewer), **standing, like_text="为主播点赞了", like_count=count, msg_id=msg_id
    )


def enter(room: Room, viewer: Viewer) -> Event:
    """Somebody came in; it has no id."""
    return _event("LIVE_ROOM_ENTER", room, **{k: v for k, v in _person(viewer).items() if k != "uid"})


def live(room: Room, *, on: bool) -> Event:
    """The stream begins or ends."""
    anchor = {k: v for k, v in _person(room.streamer).items() if k in ("open_id", "union_id")}
    return _event("LIVE_START" if on else "LIVE_END", room, **anchor, area_name="虚拟日常", title=room.title)


def interaction_end(game_id: str) -> Event:
    """The platform sends no more; the game is over."""
    return {"cmd": _PREFIX + "INTERACTION_END", "data": {"game_id": game_id, "timestamp": now()}}


def anchor_info(room: Room) -> Event:
    """Return the streamer as the answer to the start has it."""
    person = _person(room.streamer)
    return {"room_id": room.room, **person, "uid": room.uid, "uface": FACE}
