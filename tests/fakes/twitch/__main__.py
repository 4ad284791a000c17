"""Run the fake Twitch by itself, with a few viewers in its chat: ``python -m tests.fakes.twitch``."""

from __future__ import annotations

import argparse
import asyncio
import random

from tests.fakes.twitch import FAULTS, FakeTwitch, fake_twitch

LINES = (
    "hello everyone", "what is the song called?", "lol", "that lighthouse again", "how was your day?", "gg",
    "can you say hi to my cat?", "first time here, what is this?", "so cosy", "PogChamp PogChamp",
)  # fmt: skip


async def viewers(twitch: FakeTwitch) -> None:
    """Chat a little, cheer now and then."""
    rng = random.Random()
    while True:
        await asyncio.sleep(rng.uniform(1, 4))
        user = f"viewer{rng.randrange(12)}"
        match rng.randrange(20):
            case 0:
                await twitch.cheer(user, 100)
            case 1:
                await twitch.follow(f"newcomer{rng.randrange(9999)}")
            case 2:
                await twitch.gift_bomb(user, 5)
            case _:
                await twitch.chat(user, rng.choice(LINES))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9777)
    parser.add_argument("--quiet", action="store_true", help="no viewers of its own")
    wanted = parser.parse_args()
    async with fake_twitch(wanted.port) as twitch:
        print(f"a fake Twitch listens on {twitch.base}. Point Haishin at it:\n")
        print("  sources:\n    twitch:\n      client_id: fakeclient")
        print(f"      api: {twitch.base}/helix/\n      id: {twitch.base}/\n      eventsub: {twitch.ws}\n")
        print("Sign in with 'haishin login twitch': it is approved by itself after two polls. Then try:\n")
        post = f"curl -s -XPOST {twitch.base}/_fake"
        json = "-H 'content-type: application/json' -d"
        print(f"""  {post}/emit {json} '{{"what": "chat", "user": "ann", "text": "hello"}}'""")
        print(f"""  {post}/misbehave {json} '{{"fault": "half_open"}}'""")
        print(f"  {post}/heal\n\nIts faults:")
        for name, what in FAULTS.items():
            print(f"  {name:22} {what}")
        if wanted.quiet:
            await asyncio.Event().wait()
        await viewers(twitch)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("ended")
