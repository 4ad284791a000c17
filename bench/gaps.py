"""Silence between the clauses of a reply that the host causes: 0 is the aim, 50 ms the bound.

Method: the real host on ``configs/bench.yaml``; the sound of each clause is timed as its frames arrive at a
stage client, as if it were played from the first frame on. A gap is the time by which a clause's first frame
arrives after the sound before it has run out. Upstreams take 0.2 s for a second of sound, so a voice
alone leaves no gap.
"""

from __future__ import annotations

import asyncio
import json

import websockets

from bench.support.host import ROOT, host, quantiles
from bench.support.upstreams import RATE, serve

TURNS = 6


async def main() -> None:
    """Measure and print."""
    gaps: list[float] = []
    async with serve() as fake:
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {"HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base}
        async with (
            host([ROOT / "configs/bench.yaml"], env) as h,
            h.client() as http,
            websockets.connect(h.socket("stage", role="audio"), max_size=None) as ws,
        ):
            loop = asyncio.get_running_loop()
            for n in range(TURNS):
                await http.post("/api/chat", json={"author": f"viewer{n}", "text": f"what about number {n}?"})
                runs_out, clause = 0.0, -1
                async for frame in ws:
                    if isinstance(frame, str):
                        if json.loads(frame)["type"] == "end":
                            break
                        continue
                    index = int.from_bytes(frame[8:12], "little")
                    now = loop.time()
                    if index != clause:
                        if clause >= 0:
                            gaps.append(max(0.0, now - runs_out) * 1000)
                        clause, runs_out = index, max(runs_out, now)
                    runs_out += (len(frame) - 16) / 2 / RATE
                await http.post("/api/skip")
                await asyncio.sleep(0.5)
    over = [gap for gap in gaps if gap > 50]
    print(json.dumps({"bench": "gaps", "turns": TURNS, "gap_ms": quantiles(gaps), "over_50_ms": len(over)}))


if __name__ == "__main__":
    asyncio.run(main())
