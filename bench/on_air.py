"""A programme of five segments with the real models, recorded by the real OBS, which is killed twice in it.

    python -m bench.on_air --minutes 15 [--pictures FOLDER]

Prints what ``haishin obs setup`` said the first and the second time, what was on when, and how well the recordings,
transcribed, agree with what the host believes was heard. Needs obs and Xvfb.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
from faster_whisper import WhisperModel  # type: ignore[import-untyped]

from bench.support.host import ROOT, Host, host
from bot.stage.obs.client import Obs
from bot.weights import catalog
from tests.support.error_rate import error_rate
from tests.support.real_obs import PASSWORD, RealObs, real_obs

#: Kills of OBS, at these parts of the whole time.
KILLS = (0.3, 0.7)
RATE = 16_000
TEXT = "The lighthouse was built in the year of the great storm. Its lamp burns whale oil no more, but it burns."


def programme(folder: Path, seconds: float) -> Path:
    """Write a programme of five segments that follow each other, each a fifth of the time."""
    texts = folder / "texts"
    texts.mkdir()
    (texts / "lighthouse.txt").write_text(TEXT, "utf-8")
    each = max(30, int(seconds / 5))
    bodies = [
        ("good morning", "talk", {"topics": ["the sea in the morning"], "pieces": 20, "pause_s": 4}, "Live"),
        ("poll", "poll", {"title": "Tea or coffee?", "choices": ["Tea", "Coffee"], "seconds": each - 15}, "Live"),
        ("reading", "reading", {"folder": str(texts)}, "Live"),
        ("short break", "countdown", {"seconds": each - 10, "about": "we go on"}, "Break"),
        ("story", "talk", {"topics": ["how lighthouses talk to ships"], "pieces": 20, "pause_s": 4}, "Live"),
    ]
    segments = []
    for at, (name, kind, options, scene) in enumerate(bodies):
        when = {"after": bodies[at - 1][0]} if at else {"command": True}
        segments.append({"name": name, "kind": kind, "when": when, "length": each, "scene": scene, "options": options})
    file = folder / "day.yaml"
    file.write_text(json.dumps({"zone": "UTC", "segments": segments}), "utf-8")
    return file


async def setup(env: dict[str, str], *more: str) -> list[str]:
    """Run ``haishin obs setup``; return its last lines."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "obs", "setup", *more, cwd=ROOT, env={**os.environ, **env},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return [f"exit {process.returncode}", *out.decode().strip().splitlines()[-3:]]


def decoded(file: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return a recording's sound at `RATE`; what a kill cut off is left out."""
    pieces: list[np.ndarray[Any, Any]] = []
    resampler = av.AudioResampler("flt", "mono", RATE)
    try:
        with av.open(str(file)) as container:
            for frame in container.decode(audio=0):
                pieces += [one.to_ndarray()[0] for one in resampler.resample(frame)]
    except (av.error.FFmpegError, IndexError) as error:
        print(f"{file.name}: {error}", file=sys.stderr)
    return np.concatenate(pieces).astype(np.float32) if pieces else np.zeros(0, np.float32)


def heard_by_the_ledger(folder: Path) -> str:
    """Return the words that the host believes were heard, in their order."""
    with contextlib.closing(sqlite3.connect(folder / "haishin.db")) as store:
        return " ".join(heard for (heard,) in store.execute("select heard from utterance order by started_at, epoch"))


def words(text: str) -> list[str]:
    """Return the words of a text to compare."""
    return re.findall(r"[a-z0-9']+", text.lower())


async def take_pictures(obs: Obs, folder: Path, at: int) -> None:
    """Write what is on air."""
    picture = await obs.screenshot(width=640)
    await asyncio.to_thread((folder / f"on-air-{at}-{obs.state.scene.replace(' ', '-')}.png").write_bytes, picture)


async def watch(h: Host, http: httpx.AsyncClient, real: RealObs, seconds: float, pictures: Path) -> dict[str, Any]:
    """Let the programme play; kill OBS at its times. Return what was seen."""
    obs = Obs(real.settings)
    seen: dict[str, Any] = {"segments": [], "back_s": []}
    kills = [part * seconds for part in KILLS]
    async with asyncio.TaskGroup() as group:
        running = group.create_task(obs.run())
        await obs.changed.wait_until(lambda: obs.state.connected, 30)
        await obs.call("StartRecord")
        await http.post("/api/programme/start", json={"segment": "good morning"})
        began = time.monotonic()
        last = ""
        while (now := time.monotonic() - began) < seconds + 30:
            view = (await http.get("/api/programme")).json()
            on_air = (view["on_air"] or {}).get("segment", "")
            if on_air != last:
                last = on_air
                seen["segments"].append([round(now, 1), on_air, obs.state.scene])
                print(f"{now:6.1f} s  {on_air or '-':14} scene {obs.state.scene}  rss {h.rss_mb():.0f} MB", flush=True)
                if obs.state.connected:
                    await asyncio.sleep(3)
                    await take_pictures(obs, pictures, len(seen["segments"]))
            if not on_air and not view["waiting"] and now > seconds * 0.6:
                break
            if kills and now > kills[0]:
                kills.pop(0)
                await real.kill()
                killed = time.monotonic()
                await real.start()
                await obs.changed.wait_until(lambda: obs.state.connected, 60)
                seen["back_s"].append(round(time.monotonic() - killed, 1))
                await obs.call("StartRecord")
            await asyncio.sleep(0.5)
        await obs.call("StopRecord")
        await asyncio.sleep(2)
        running.cancel()
    seen["past"] = [[one["segment"], one["state"]] for one in (await http.get("/api/programme")).json()["past"]][::-1]
    return seen


async def run(minutes: float, pictures: Path) -> dict[str, Any]:
    """Play it all."""
    seconds = minutes * 60
    await asyncio.to_thread(pictures.mkdir, parents=True, exist_ok=True)
    root = await catalog.pull("whisper-base", catalog.default_root())
    with tempfile.TemporaryDirectory(prefix="on-air-") as name:
        folder = Path(name)
        file = await asyncio.to_thread(programme, folder, seconds)
        (folder / "obs").mkdir()
        async with real_obs(folder / "obs") as real:
            env = {
                "HAISHIN_OBS__ENABLED": "true", "HAISHIN_OBS__PORT": str(real.settings.port),
                "HAISHIN_OBS__PASSWORD": PASSWORD, "HAISHIN_PROGRAMME": str(file),
                "HAISHIN_SHOW__GREETING": "false", "HAISHIN_SHOW__IDLE_AFTER_S": "0", "HAISHIN_HOME": str(folder),
            }  # fmt: skip
            asked = [await setup(env), await setup(env)]
            print(json.dumps(asked), flush=True)
            async with host([], env, home=folder, within_s=600) as h, h.client() as http:
                seen = await watch(h, http, real, seconds, pictures)
                log = await asyncio.to_thread(h.log.read_text, "utf-8", "replace")
        said = await asyncio.to_thread(heard_by_the_ledger, folder)
        files = sorted(folder.glob("obs/*.mkv"))
        sounds = await asyncio.to_thread(lambda: [decoded(one) for one in files])
        ears = WhisperModel(str(root), device="cpu", compute_type="int8", local_files_only=True)

        def hear() -> str:
            return " ".join(
                piece.text for sound in sounds if sound.size for piece in ears.transcribe(sound, language="en")[0]
            )

        heard = await asyncio.to_thread(hear)
    return {
        "setup": asked,
        **seen,
        "recordings_s": [round(len(sound) / RATE, 1) for sound in sounds],
        "said_words": len(words(said)),
        "heard_words": len(words(heard)),
        "error_rate": round(error_rate(words(said), words(heard)), 3),
        "said": said[:600],
        "heard": heard[:600],
        "errors_in_log": sum(line.count(" ERROR ") for line in log.splitlines()),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--pictures", type=Path, default=ROOT / "out" / "on-air")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(run(options.minutes, options.pictures)), ensure_ascii=False))
