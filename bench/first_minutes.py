"""The first minutes of a newcomer on a weak machine: what answers come while the pages draw beside the model.

Method: the real host as a process of its own on its defaults, with a temporary data folder; headless Chromium that
draws in software, on the same cores, with the stage and the chat page open. Questions are typed into the chat page,
each when the host is silent. Measured from the Enter key to the first sound frame that the stage page receives
(``Date.now()`` in both, one clock). A turn is *bridged* when a line of the persona for waiting was spoken in it, and
*prepared* when a line for a model that failed was. CPU is the processor time of Chromium's processes, in
shares of one core: ``stage_renderer`` is the process of the stage page alone, ``chromium`` all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from typing import Any

import httpx
import psutil
from playwright.async_api import Browser, Page

from bench.embedded import LINES, warming
from bench.support.host import host, quantiles
from bot.app.casting import load_persona
from bot.config import load
from bot.persona.lines import Purpose
from tests.browser.chromium import Errors, chromium, open_page, stats

MORE = ("what are you afraid of?", "do you know a good joke?")
#: Times of the first frame of each turn, and what was announced to be spoken.
TAP = """
window.sounds = [];
const Native = WebSocket;
window.WebSocket = class extends Native {
  constructor(...args) {
    super(...args);
    this.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") window.sounds.push(Date.now());
    });
  }
};
"""


def cpu_s(processes: list[psutil.Process]) -> float:
    """Return the processor time that processes have used, in s."""
    total = 0.0
    for process in processes:
        try:
            used = process.cpu_times()
        except psutil.Error:
            continue
        total += used.user + used.system
    return total


def chromium_processes(kind: str = "") -> list[psutil.Process]:
    """Return Chromium's processes under this one, or those of a kind ("renderer")."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            line = process.cmdline()
        except psutil.Error:
            continue
        if line and "chrom" in line[0] and (not kind or f"--type={kind}" in line):
            found.append(process)
    return found


async def open_stage(browser: Browser, url: str, errors: Errors) -> tuple[Page, list[psutil.Process]]:
    """Open the stage page; return it with the processes that came with it."""
    before = {process.pid for process in chromium_processes("renderer")}
    page = await open_page(browser, "about:blank", errors)
    await page.add_init_script(TAP)
    await page.goto(url)
    return page, [process for process in chromium_processes("renderer") if process.pid not in before]


async def quiet(http: httpx.AsyncClient, turns: int) -> dict[str, Any]:
    """Wait until so many turns are over and nothing is said; return how things stand."""
    async with asyncio.timeout(150):
        while True:
            state = dict((await http.get("/api/state")).json())
            if len(state["turns"]) >= turns and state["now"] is None:
                return state
            await asyncio.sleep(0.2)


def phrases(purposes: tuple[Purpose, ...]) -> list[str]:
    """Return the persona's prepared lines for purposes as they are spoken, without tags."""
    lines = load_persona(load([])).lines
    return [re.sub(r"\[[a-z_]+\]\s*", "", line) for p in purposes for line in lines.script["en"][p]]


async def ask(chat: Page, stage: Page, text: str) -> float:
    """Type a line into the chat page; return the seconds until the stage page gets sound, -1 for none in a minute."""
    await chat.locator("textarea").fill(text)
    known = int(await stage.evaluate("window.sounds.length"))
    began = time.time()
    await chat.keyboard.press("Enter")
    while time.time() - began < 60:
        if at := await stage.evaluate(f"window.sounds[{known}] || 0"):
            return float(at) / 1000 - began
        await asyncio.sleep(0.1)
    return -1.0


async def main() -> None:
    """Measure and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--questions", type=int, default=10)
    args.add_argument("--hasty", action="store_true", help="ask at once, while the model still reads its instructions")
    args.add_argument("--stages", type=int, default=1, help="how many stage pages are open")
    wanted = args.parse_args()
    bridges = phrases((Purpose.THINKING,))
    failures = phrases((Purpose.NO_LLM, Purpose.LOST_THREAD))
    errors, took = Errors(), []
    env = {"HAISHIN_SHOW__GREETING": "false", "HAISHIN_SHOW__IDLE_AFTER_S": "0"}
    async with host([], env, within_s=600) as h, h.client() as http, chromium() as browser:
        began = time.monotonic()
        stage, drawing = await open_stage(browser, h.page("stage"), errors)
        for _ in range(wanted.stages - 1):
            await open_page(browser, h.page("stage"), errors)
        chat = await open_page(browser, h.page("chat"), errors)
        await chat.locator("input").first.fill("Ana")
        async with asyncio.timeout(60):
            while not (await http.get("/api/state")).json()["stage"]["audible"]:
                await asyncio.sleep(0.2)
        while not wanted.hasty and await warming(http):
            await asyncio.sleep(0.2)
        warm_s = time.monotonic() - began
        used, all_used, since = cpu_s(drawing), cpu_s(chromium_processes()), time.monotonic()
        said: list[str] = []
        for n, text in enumerate((*LINES, *MORE) * (wanted.questions // 10 + 1)):
            if n == wanted.questions:
                break
            took.append(await ask(chat, stage, text))
            said.append(str((await quiet(http, n + 1))["turns"][0]["text"]))
        seconds = time.monotonic() - since
        drawn = await stats(stage)
        turns = (await http.get("/api/state")).json()["turns"]
        result = {
            "bench": "first_minutes",
            "questions": len(took),
            "answered_by_the_model": sum(not any(f in text for f in failures) and bool(text) for text in said),
            "bridged": sum(any(b in text for b in bridges) for text in said),
            "prepared": sum(any(f in text for f in failures) for text in said),
            "first_audio_s": quantiles([t for t in took if t >= 0]),
            "without_sound": sum(t < 0 for t in took),
            "first_token_ms": quantiles([t["first_token_ms"] for t in turns if t["first_token_ms"]]),
            "first_clause_ms": quantiles([t["first_clause_ms"] for t in turns if t["first_clause_ms"]]),
            "stage_renderer_cpu": round((cpu_s(drawing) - used) / seconds, 3),
            "chromium_cpu": round((cpu_s(chromium_processes()) - all_used) / seconds, 3),
            "stage_fps": round(drawn["fps"], 1),
            "frame_ms": round(drawn["frameMs"], 1),
            "warm_up_s": round(warm_s, 1),
            "load_1m": psutil.getloadavg()[0],
            "console_errors": len(errors),
        }
    print(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main())
