"""The events of a room as browsers get them, with the keys that captured ones have."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.bilibili import protobuf
from tests.fakes.bilibili.events import Event, Gift, Room
from tests.fakes.bilibili.viewers import Viewer, now


def danmaku(
    room: Room, viewer: Viewer, id_str: str, text: str, *, emoji: str = "", reply_to: Viewer | None = None
) -> Event:
    extra = {
        "send_from_me": False, "mode": 0, "color": 16777215, "dm_type": int(bool(emoji)), "font_size": 25,
        "player_mode": 1, "show_player_type": 0, "content": text, "user_hash": "3289120151", "emoticon_unique": emoji,
        "bulge_display": 0, "recommend_score": 3, "direction": 0, "pk_direction": 0, "quartet_direction": 0,
        "yeah_space_type": "", "jump_to_url": "", "space_type": "", "space_url": "", "animation": {}, "emots": None,
        "is_audited": False, "id_str": id_str, "icon": None, "show_reply": True,
        "reply_mid": reply_to.uid if reply_to else 0, "reply_uname": reply_to.name if reply_to else "",
        "reply_uname_color": "", "reply_is_mystery": False, "reply_type_enum": 0, "hit_combo": 0,
    }  # fmt: skip
    if "[dog]" in text and not emoji:
        extra["emots"] = {"[dog]": {"emoticon_id": 208, "emoji": "[dog]", "emoticon_unique": "emoji_208", "url": ""}}
    user = {"uid": viewer.uid, "base": {"name": viewer.name, "face": viewer.face, "is_mystery": False}, "medal": None}
    ms = now() * 1000
    sticker = {"emoticon_unique": emoji, "height": 162, "url": "", "width": 162} if emoji else "{}"
    about = [
        0, 1, 25, 16777215, ms, now(), 0, viewer.crc, 0, 0, 0, "", int(bool(emoji)), sticker, "{}",
        {"extra": json.dumps(extra), "mode": 0, "show_player_type": 0, "user": user}, {"activity_identity": ""}, 0,
    ]  # fmt: skip
    medal: list[Any] = []
    if viewer.medal:
        medal = [viewer.medal_level, viewer.medal, room.uname, room.room, 13081892, "", 0, 13081892, 13081892, 13081892,
                 viewer.guard, 1, room.uid]  # fmt: skip
    person = [viewer.uid, viewer.name, int(viewer.admin), 0, 0, 10000, 1, ""]
    info = [about, text, person, medal, [11, 0, 6406234, ">50000", 0], ["", ""], 0, viewer.guard, None,
            {"ct": "2C7A3F1B", "ts": now()}, 0, 0, None, None, 0, 63, [3], None]  # fmt: skip
    return {"cmd": "DANMU_MSG", "dm_v2": "", "info": info}


def gift(room: Room, viewer: Viewer, tid: str, what: Gift) -> Event:
    total = what.paid_each * what.num
    blind = None
    if what.blind_price is not None:
        blind = {
            "blind_gift_config_id": 144, "from": 0, "gift_action": "爆出", "gift_tip_price": what.price,
            "original_gift_id": 35206, "original_gift_name": "幸运盲盒", "original_gift_price": what.blind_price,
        }  # fmt: skip
    data = {
        "action": "投喂", "batch_combo_id": what.combo, "batch_combo_send": None, "beatId": "", "biz_source": "Live",
        "blind_gift": blind, "broadcast_id": 0, "coin_type": "gold" if what.gold else "silver",
        "combo_resources_id": 1, "combo_send": None, "combo_stay_time": 5,
        "combo_total_coin": total * what.combo_num, "crit_prob": 0, "demarcation": 1, "discount_price": what.price,
        "dmscore": 84, "draw": 0, "effect": 0, "effect_block": 1, "face": viewer.face, "float_sc_resource_id": 0,
        "giftId": what.id, "giftName": what.name, "giftType": 5, "gold": 0, "guard_level": viewer.guard,
        "is_first": True, "is_join_receiver": False, "is_naming": False, "is_special_batch": 0, "magnification": 1,
        "medal_info": {"medal_level": viewer.medal_level, "medal_name": viewer.medal, "guard_level": viewer.guard},
        "name_color": "", "num": what.num, "original_gift_name": "", "price": what.price, "rcost": 121466,
        "remain": 0, "rnd": tid[-16:], "send_master": None, "silver": 0, "super": 0,
        "super_batch_gift_num": what.combo_num, "super_gift_num": what.combo_num, "svga_block": 0, "switch": True,
        "tag_image": "", "tid": tid, "timestamp": now(), "top_list": None, "total_coin": total, "uid": viewer.uid,
        "uname": viewer.name, "wealth_level": 20,
    }  # fmt: skip
    return {"cmd": "SEND_GIFT", "data": data}


def gift_v2(room: Room, viewer: Viewer, several: list[tuple[str, Gift]]) -> Event:
    return {"cmd": "SEND_GIFT_V2", "data": {"dmscore": 84, "pb": protobuf.gift(room, viewer, several)}}


def combo_send(viewer: Viewer, what: Gift) -> Event:
    data = {
        "action": "投喂", "batch_combo_id": what.combo, "batch_combo_num": what.combo_num, "combo_id": what.combo,
        "combo_num": what.combo_num, "combo_total_coin": what.paid_each * what.combo_num, "dmscore": 84,
        "gift_id": what.id, "gift_name": what.name, "gift_num": 0, "is_show": 1, "medal_info": None, "name_color": "",
        "r_uname": "", "ruid": 1, "send_master": None, "total_num": what.combo_num, "uid": viewer.uid,
        "uname": viewer.name,
    }  # fmt: skip
    return {"cmd": "COMBO_SEND", "data": data}


def super_chat(room: Room, viewer: Viewer, number: int, text: str, yuan: int, seconds: int = 60) -> Event:
    begin = now()
    data = {
        "background_bottom_color": "#2A60B2", "background_color": "#EDF5FF", "background_price_color": "#7497CD",
        "color_point": 0.7, "dmscore": 112, "end_time": begin + seconds,
        "gift": {"gift_id": 12000, "gift_name": "醒目留言", "num": 1}, "id": number, "is_mystery": False,
        "is_ranked": 1, "is_send_audit": 0,
        "medal_info": {"anchor_roomid": room.room, "medal_level": viewer.medal_level, "medal_name": viewer.medal},
        "message": text, "message_font_color": "#A3F6FF", "message_trans": "", "price": yuan, "rate": 1000,
        "start_time": begin, "time": seconds, "token": "F0E2C9A7", "trans_mark": 0, "ts": begin, "uid": viewer.uid,
        "user_info": {
            "face": viewer.face, "face_frame": "", "guard_level": viewer.guard, "is_main_vip": 0, "is_svip": 0,
            "is_vip": 0, "level_color": "#61c05a", "manager": int(viewer.admin), "name_color": "#666666", "title": "",
            "uname": viewer.name, "user_level": 12,
        },
    }  # fmt: skip
    return {"cmd": "SUPER_CHAT_MESSAGE", "data": data, "roomid": room.room}


def super_chat_delete(room: Room, numbers: list[int]) -> Event:
    return {"cmd": "SUPER_CHAT_MESSAGE_DELETE", "data": {"ids": numbers}, "roomid": room.room}


def guard(viewer: Viewer, level: int, months: int, each: int) -> Event:
    name = {1: "总督", 2: "提督", 3: "舰长"}[level]
    data = {
        "uid": viewer.uid, "username": viewer.name, "guard_level": level, "num": months, "price": each,
        "gift_id": 10000 + level, "gift_name": name, "start_time": now(), "end_time": now(),
    }  # fmt: skip
    return {"cmd": "GUARD_BUY", "data": data}


def toast(viewer: Viewer, payflow: str, level: int, months: int, paid: int) -> Event:
    name = {1: "总督", 2: "提督", 3: "舰长"}[level]
    data = {
        "anchor_show": True, "color": "#00D1F1", "dmscore": 90, "effect_id": 397, "end_time": now(),
        "gift_id": 10000 + level, "guard_level": level, "is_show": 0, "num": months, "op_type": 1,
        "payflow_id": payflow, "price": paid, "role_name": name, "start_time": now(), "svga_block": 0,
        "target_guard_count": 188, "toast_msg": f"<%{viewer.name}%> 开通了{name}", "uid": viewer.uid, "unit": "月",
        "user_show": True, "username": viewer.name,
    }  # fmt: skip
    return {"cmd": "USER_TOAST_MSG", "data": data}


def toast_v2(viewer: Viewer, payflow: str, level: int, months: int, paid: int) -> Event:
    data = {
        "sender_uinfo": {"uid": viewer.uid, "base": {"name": viewer.name, "face": viewer.face}},
        "receiver_uinfo": {"uid": 1, "base": {"name": "主播"}},
        "guard_info": {"guard_level": level, "role_name": "舰长", "room_guard_count": 188, "op_type": 1},
        "group_guard_info": None,
        "pay_info": {"payflow_id": payflow, "price": paid, "num": months, "unit": "月"},
        "gift_info": {"gift_id": 10003}, "effect_info": {"effect_id": 397}, "toast_msg": "", "option": {},
    }  # fmt: skip
    return {"cmd": "USER_TOAST_MSG_V2", "data": data}


def interact(viewer: Viewer, msg_type: int) -> Event:
    data = {
        "contribution": {"grade": 0}, "dmscore": 4, "fans_medal": None, "identities": [1], "is_spread": 0,
        "msg_type": msg_type, "privilege_type": 0, "roomid": 1, "score": now() * 1000, "spread_desc": "",
        "spread_info": "", "tail_icon": 0, "timestamp": now(), "trigger_time": now() * 10**9, "uid": viewer.uid,
        "uname": viewer.name, "uname_color": "",
    }  # fmt: skip
    return {"cmd": "INTERACT_WORD", "data": data}


def interact_v2(room: Room, viewer: Viewer, msg_type: int) -> Event:
    return {"cmd": "INTERACT_WORD_V2", "data": {"dmscore": 4, "pb": protobuf.interact(room, viewer, msg_type)}}


def like(viewer: Viewer) -> Event:
    data = {
        "show_area": 0, "msg_type": 6, "like_icon": "", "uid": viewer.uid, "like_text": "为主播点赞了",
        "uname": viewer.name, "uname_color": "", "identities": [1], "fans_medal": None, "dmscore": 20,
    }  # fmt: skip
    return {"cmd": "LIKE_INFO_V3_CLICK", "data": data}


def block(viewer: Viewer) -> Event:
    data = {"dmscore": 30, "operator": 1, "uid": viewer.uid, "uname": viewer.name}
    return {"cmd": "ROOM_BLOCK_MSG", "data": data, "uid": str(viewer.uid), "uname": viewer.name}


def noise(room: Room) -> Event:
    return {"cmd": "WATCHED_CHANGE", "data": {"num": 65535, "text_small": "6.5万", "text_large": "6.5万人看过"}}


def watching(online: int, *, active: int = 3) -> Event:
    data = {"count": active, "count_text": str(active), "online_count": online, "online_count_text": str(online)}
    return {"cmd": "ONLINE_RANK_COUNT", "data": data}


def plain(kind: str, room: Room, **more: Any) -> Event:
    return {"cmd": kind, "roomid": room.room, **more}
