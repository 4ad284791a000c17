"""Run the fake Bilibili by itself, with a few viewers in its room: ``python -m tests.fakes.bilibili``."""

from __future__ import annotations

import argparse
import asyncio
import random

from tests.fakes.bilibili import FAULTS, FakeBilibili, Gift, Viewer, fake_bilibili

LINES = (
    "晚上好", "这首歌叫什么？", "哈哈哈哈", "今天过得怎么样？", "主播好可爱", "第一次来，这是什么直播间？", "[dog]",
    "能和我的猫打个招呼吗？", "666", "好听",
)  # fmt: skip


async def viewers(bili: FakeBilibili) -> None:
    """Chat a little, give now and then."""
    rng = random.Random()
    while True:
        await asyncio.sleep(rng.uniform(1, 4))
        number = rng.randrange(12)
        who = Viewer(10_001 + number, f"观众{number}号")
        match rng.randrange(20):
            case 0:
                await bili.super_chat("主播加油！", 30, who)
            case 1:
                await bili.combo(rng.randrange(2, 6), Gift(), who)
            case 2:
                await bili.follow(Viewer(50_000 + rng.randrange(9999), "新来的"))
            case 3 if not rng.randrange(4):
                await bili.guard(who)
            case _:
                await bili.danmaku(rng.choice(LINES), who)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9778)
    parser.add_argument("--quiet", action="store_true", help="no viewers of its own")
    wanted = parser.parse_args()
    async with fake_bilibili(wanted.port) as bili:
        print(f"a fake Bilibili listens on {bili.base}. Point Haishin at it, by keys:\n")
        print(f"  sources:\n    bilibili_open:\n      app_id: {bili.app_id}\n      access_key: {bili.access_key}")
        print(f"      access_secret: {bili.access_secret}\n      code: {bili.code}\n      host: {bili.base}\n")
        print("or by a sign-in:\n")
        print(f"  sources:\n    bilibili_web:\n      room: {bili.room.room}\n      base: {bili.base}\n")
        print("'haishin login bilibili' is confirmed by itself after some seconds. Then try:\n")
        post = f"curl -s -XPOST {bili.base}/_fake"
        json = "-H 'content-type: application/json' -d"
        print(f"""  {post}/emit {json} '{{"what": "danmaku", "text": "晚上好"}}'""")
        print(f"""  {post}/misbehave {json} '{{"fault": "half_open"}}'""")
        print(f"  {post}/heal\n\nIts faults:")
        for name, what in FAULTS.items():
            print(f"  {name:20} {what}")
        if wanted.quiet:
            await asyncio.Event().wait()
        await viewers(bili)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("ended")
