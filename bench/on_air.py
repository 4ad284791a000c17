"""A programme of five segments with the real models, recorded by the real OBS, which is killed twice in it.

    python -m bench.on_air --minutes 15 [--pictures FOLDER]

Method: where OBS has no browser source, a Chromium shows the stage page full screen on an X server of its own, silent
(``role=view``), and OBS captures that screen into the scene Live; the voice comes in as media. Every quarter of a
minute the page is asked for its picture, and the recording is searched for it within 1.5 seconds: the likeness is the
correlation of brightness in the avatar's box, and of bright pixels in the caption's box. Controls: the same comparison
in the scene Break, where the page is not, and the last caption looked for while nothing is said.

Prints what ``haishin obs setup`` said the first and the second time, what was on when, what is seen in the recordings,
how well they, transcribed, agree with what the host believes was heard, and the machine's load. The pictures and the
recordings are left in the folder. Needs obs, Xvfb and Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from faster_whisper import WhisperModel

from bench.support import recording
from bench.support.host import ROOT, Host, host
from bench.support.recording import RATE, SAME, Moment
from bench.support.stage_window import Shown, StageWindow, stage_window
from bot.stage.obs.client import Obs
from bot.stage.obs.mixer import OutputState
from bot.weights import catalog
from tests.support.error_rate import error_rate
from tests.support.real_obs import PASSWORD, RealObs, real_obs

#: Kills of OBS, at these parts of the whole time.
KILLS = (0.3, 0.7)
CANVAS = (640, 360)
#: Seconds between two looks at the page, and until the first one in a recording.
LOOK_S, SETTLE_S = 15.0, 5.0
#: After so many seconds without a caption none is in the pictures near by.
SILENT_S = 2.0
LIVE = "Live"
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


async def setup(env: dict[str, str]) -> list[str]:
    """Run ``haishin obs setup``; return its exit status and what it says of changes."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "obs", "setup", cwd=ROOT, env={**os.environ, **env},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    told = [line for line in out.decode().splitlines() if line.startswith(("done", "FAIL", "nothing to change"))]
    return [f"exit {process.returncode}", *told]


def heard_by_the_ledger(folder: Path) -> str:
    """Return the words that the host believes were heard, in their order."""
    with contextlib.closing(sqlite3.connect(folder / "haishin.db")) as store:
        return " ".join(heard for (heard,) in store.execute("select heard from utterance order by started_at, epoch"))


def words(text: str) -> list[str]:
    """Return the words of a text to compare."""
    return re.findall(r"[a-z0-9']+", text.lower())


class Evening:
    """One programme: what was on when, and the moments that the recordings are searched for."""

    def __init__(self, obs: Obs, real: RealObs, window: StageWindow, pictures: Path) -> None:
        self.seen: dict[str, Any] = {"segments": [], "back_s": []}
        self.moments: list[Moment] = []
        self.recordings = 0
        self._obs, self._real, self._window, self._pictures = obs, real, window, pictures
        self._recording_since = 0.0
        self._looked = self._looked_silent = 0.0
        self._silent_since = math.inf
        self._words = ""
        self._last: Shown | None = None

    async def record(self) -> None:
        """Begin a recording."""
        await self._obs.call("StartRecord")
        await self._obs.changed.wait_until(lambda: self._obs.state.record is OutputState.ACTIVE, 15)
        self._recording_since = time.monotonic()
        self.recordings += 1

    async def kill_obs(self) -> None:
        """Kill OBS, start it again, and go on recording."""
        await self._real.kill()
        killed = time.monotonic()
        await self._real.start()
        await self._obs.changed.wait_until(lambda: self._obs.state.connected, 60)
        self.seen["back_s"].append(round(time.monotonic() - killed, 1))
        await self.record()

    async def look(self, segment: str) -> None:
        """Take note of what the page shows, each quarter of a minute with a caption and each without one."""
        now, scene = time.monotonic(), self._obs.state.scene
        before, self._words = self._words, await self._window.caption()
        if self._words:
            self._silent_since = math.inf
        self._silent_since = min(self._silent_since, now)
        if not self._obs.state.connected or now - self._recording_since < SETTLE_S:
            return
        at_s = now - self._recording_since
        grows = self._words not in ("", before)  # one that does not may be fading
        if grows and now - self._looked > LOOK_S:
            self._looked, self._last = now, await self._window.look()
            self.moments.append(Moment(segment, self.recordings - 1, at_s, scene, self._last, self._last))
        elif self._last and now - max(self._looked_silent + LOOK_S, self._silent_since + SILENT_S) > 0:
            self._looked_silent, shown = now, await self._window.look()
            self.moments.append(Moment(segment, self.recordings - 1, at_s, scene, shown, self._last, silent=True))

    async def on_air(self, at_s: float, segment: str, rss_mb: float) -> None:
        """Take note that a segment began or ended, with a picture of what is on air."""
        scene = self._obs.state.scene
        self.seen["segments"].append([round(at_s, 1), segment, scene])
        print(f"{at_s:6.1f} s  {segment or '-':14} scene {scene}  rss {rss_mb:.0f} MB", flush=True)
        if self._obs.state.connected:
            await asyncio.sleep(3)
            picture = await self._obs.screenshot(width=640)
            name = f"on-air-{len(self.seen['segments'])}-{self._obs.state.scene.replace(' ', '-')}.png"
            await asyncio.to_thread((self._pictures / name).write_bytes, picture)


async def watch(h: Host, http: httpx.AsyncClient, evening: Evening, seconds: float) -> None:
    """Let the programme play; kill OBS at its times."""
    kills = [part * seconds for part in KILLS]
    await evening.record()
    await http.post("/api/programme/start", json={"segment": "good morning"})
    began = time.monotonic()
    last = ""
    while (now := time.monotonic() - began) < seconds + 30:
        view = (await http.get("/api/programme")).json()
        segment = (view["on_air"] or {}).get("segment", "")
        if segment != last:
            last = segment
            await evening.on_air(now, segment, h.rss_mb())
        if not segment and not view["waiting"] and now > seconds * 0.6:
            break
        if kills and now > kills[0]:
            kills.pop(0)
            await evening.kill_obs()
        await evening.look(segment)
        await asyncio.sleep(0.5)
    past = (await http.get("/api/programme")).json()["past"][::-1]
    evening.seen["past"] = [[one["segment"], one["state"]] for one in past]


async def play(h: Host, real: RealObs, seconds: float, pictures: Path) -> Evening:
    """Connect everything and let the programme play."""
    obs = Obs(real.settings)
    async with h.client() as http, stage_window(h.page("stage") + "&role=view&fps=10", *CANVAS) as window:
        evening = Evening(obs, real, window, pictures)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(obs.run())
            await obs.changed.wait_until(lambda: obs.state.connected, 30)
            await window.put_into(obs, LIVE)
            await watch(h, http, evening, seconds)
            await obs.call("StopRecord")
            await asyncio.sleep(2)
            running.cancel()
    return evening


def seen_in(files: list[Path], moments: list[Moment], pictures: Path) -> dict[str, Any]:
    """Return what of avatar and captions is in the recordings, and write the pictures that tell."""
    for number, file in enumerate(files):
        recording.compare(file, [one for one in moments if one.recording == number])
    there = [one for one in moments if one.picture is not None]
    shown = [one for one in there if one.scene == LIVE]
    told = [one for one in shown if not one.silent]
    hidden = [one for one in there if one.scene != LIVE]
    silent = [one for one in shown if one.silent]

    def share(of: list[Moment], part: Callable[[Moment], float]) -> str:
        return f"{sum(part(one) >= SAME for one in of)} of {len(of)}"

    return {
        "avatar_seen": share(shown, lambda one: one.avatar),
        "captions_seen": share(told, lambda one: one.caption),
        "avatar_seen_where_it_is_not": share(hidden, lambda one: one.avatar),
        "captions_seen_while_silent": share(silent, lambda one: one.caption),
        "lost_with_a_kill": len(moments) - len(there),
        "moments": [
            [recording.save(one, pictures), one.scene, "silent" if one.silent else one.words.caption[:60],
             round(one.avatar, 2), round(one.caption, 2)]
            for one in there
        ],
    }  # fmt: skip


async def run(minutes: float, pictures: Path) -> dict[str, Any]:
    """Play it all."""
    seconds = minutes * 60
    await asyncio.to_thread(pictures.mkdir, parents=True, exist_ok=True)
    root = await catalog.pull("whisper-base", catalog.default_root())
    with tempfile.TemporaryDirectory(prefix="on-air-") as name:
        folder = Path(name)
        file = await asyncio.to_thread(programme, folder, seconds)
        (folder / "obs").mkdir()
        async with real_obs(folder / "obs", canvas=CANVAS) as real:
            env = {
                "HAISHIN_OBS__ENABLED": "true", "HAISHIN_OBS__PORT": str(real.settings.port),
                "HAISHIN_OBS__PASSWORD": PASSWORD, "HAISHIN_PROGRAMME": str(file),
                "HAISHIN_SHOW__GREETING": "false", "HAISHIN_SHOW__IDLE_AFTER_S": "0", "HAISHIN_HOME": str(folder),
            }  # fmt: skip
            asked = [await setup(env), await setup(env)]
            print(json.dumps(asked), flush=True)
            async with host([], env, home=folder, within_s=600) as h:
                evening = await play(h, real, seconds, pictures)
                log = await asyncio.to_thread(h.log.read_text, "utf-8", "replace")
        load = os.getloadavg()
        said = await asyncio.to_thread(heard_by_the_ledger, folder)
        files = [Path(shutil.copy(one, pictures)) for one in sorted(folder.glob("obs/*.mkv"))]
        seen = await asyncio.to_thread(seen_in, files, evening.moments, pictures)
        sounds = await asyncio.to_thread(lambda: [recording.sound(one) for one in files])
        ears = WhisperModel(str(root), device="cpu", compute_type="int8", local_files_only=True)

        def hear() -> str:
            return " ".join(
                piece.text for one in sounds if one.size for piece in ears.transcribe(one, language="en")[0]
            )

        heard = await asyncio.to_thread(hear)
    return {
        "setup": asked,
        **evening.seen,
        **seen,
        "recordings_s": [round(len(sound) / RATE, 1) for sound in sounds],
        "said_words": len(words(said)),
        "heard_words": len(words(heard)),
        "error_rate": round(error_rate(words(said), words(heard)), 3),
        "said": said[:600],
        "heard": heard[:600],
        "errors_in_log": sum(line.count(" ERROR ") for line in log.splitlines()),
        "load": [round(one, 2) for one in load],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--pictures", type=Path, default=ROOT / "out" / "on-air")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(run(options.minutes, options.pictures)), ensure_ascii=False))
