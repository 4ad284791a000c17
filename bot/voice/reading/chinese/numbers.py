"""Numbers in Chinese characters, and where 2 is 两."""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = "零一二三四五六七八九"
_PLACES: Final = ("", "十", "百", "千")
_GROUPS: Final = ("", "万", "亿", "万亿")
#: Longer numbers are read digit by digit.
_MOST_DIGITS: Final = 16

#: Before a measure word 2 is 两.
_MEASURES: Final = (
    "圈 个 位 次 只 条 张 块 件 句 场 局 把 首 天 年 周 岁 点 分 秒 万 千 百 亿 种 杯 本 台 部 片 遍 回 集 款 球 名 "
    "人 根 支 枝 头 匹 辆 座 间 家 "
    "层 份 双 对 套 顿 碗 瓶 盒 包 袋 箱 颗 粒 朵 棵 株 滴 口 步 声 下 趟 排 行 列 页 篇 段 章 节 课 门 项 笔 封 "
    "幅 届 轮 关 倍 斤 公斤 公里 里 "
    "米 吨 升 克 毫 厘 元 毛 角 美元 欧元 英 日元 港元 小时 钟 刻 世纪 星期 礼拜 晚 夜 季度 血 命 票 架 艘 盘 道 "
    "题 刀 发 枪 拳 脚 眼 股 阵 团 群 "
    "帮 批 伙 堆 串 打 副 面 扇 所 栋 幢 幕 曲 针 卷 员 国 地 城 方 者 边 侧 派 码 连 胜 负 败 杀 死 伤 样 类 则 "
    "条 桌 床 锅 勺 筷 字 词 行 帧 兆 克 "
    "平方 立方 度电 只 样 半 多 来 兄弟 姐妹 颗 束 沓 摞 担 箩 筐 罐 桶 壶 坛 板 贴 剂 服 味 招 式 通 起 宗 桩 "
    "档 出 折戏 尊 樽 顶 床 架 挺 门"
).split()
#: Words that begin like a measure word: here 2 stays 二.
_NO_MEASURES: Final = (
    "次元 次方 次函数 次曲线 次创作 次开发 次加工 年级 分之 分法 分频 维 手 线 月 日 号 楼 等 级 代 胎 进制 环 战 "
    "哈 班 区 组 队 路 季 期 排挡 人转 人世界 "
    "打[0-9一二三四五六七八九] 点集 把手 把刀 百五 房东 家姐 部曲 声道 年生"
).split()
_MEASURE: Final = re.compile(
    f"(?!{'|'.join(_NO_MEASURES)})(?:{'|'.join(sorted(set(_MEASURES), key=len, reverse=True))}"
    "|km|cm|mm|kg|mg|[gmhs](?![A-Za-z]))"
)
_RANGE_TO_MEASURE: Final = re.compile(rf"(?:到|至|或|[、])(?:[0-9]{{1,4}})(?={_MEASURE.pattern})")
#: Other places of an order before it: 第1、2名.
_PLACES_BEFORE: Final = re.compile(r"第[0-9一二三四五六七八九十]{1,3}[、,，和与到至]$")
#: Behind these a number names a place in an order, and 2 stays 二.
_ORDER: Final = frozenset("第初周期拜老负")


def cardinal(digits: str) -> str:
    """Read a whole number: "1250" is 一千二百五十, "2000" is 两千. More than 16 digits are read one by one."""
    digits = digits.replace(",", "").lstrip("0")
    if not digits:
        return "零"
    if len(digits) > _MOST_DIGITS:
        return one_by_one(digits)
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)]
    words, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not int(group):
            gap = True
            continue
        if words and (gap or group[0] == "0"):
            words += "零"
        spoken = "两" if place and int(group) == 2 and not words else _group(group, first=not words)
        words, gap = words + spoken + _GROUPS[place], False
    return words[1:] if words.startswith("一十") else words


def _group(group: str, *, first: bool) -> str:
    words, gap = "", False
    group = group.lstrip("0")
    for index, char in enumerate(group):
        if char == "0":
            gap = True
            continue
        place = _PLACES[len(group) - 1 - index]
        digit = "两" if char == "2" and place == "千" and first else _DIGITS[int(char)]
        words += ("零" if gap else "") + digit + place
        gap = False
    return words


def one_by_one(digits: str) -> str:
    """Read each digit: telephone numbers, years, 666."""
    return "".join(_DIGITS[int(c)] if c.isdecimal() else c for c in digits)


def number(text: str) -> str:
    """Read a number with an optional sign and fraction: "-3.14" is 负三点一四."""
    sign = "负" if text.startswith("-") else ""
    whole, point, fraction = text.lstrip("-").replace(",", "").partition(".")
    return sign + cardinal(whole) + ("点" + one_by_one(fraction) if point else "")


def is_counted(before: str, after: str) -> bool:
    """Return whether a 2 between two texts counts something, and so is 两: 2个, 2到3天, never 第2次 or 2次元."""
    if _PLACES_BEFORE.search(before[-6:]) or before[-1:] in _ORDER or (before[-1:].isascii() and before[-1:].isalpha()):
        return False
    after = after.lstrip(" ")
    if before[-1:] == "点" and after[:1] == "分":
        return False
    return (_MEASURE.match(after) or _RANGE_TO_MEASURE.match(after)) is not None
