"""A day of 200 segments rehearsed: at most 10 s.

Method: the real runner and the real kinds (talk, break, recap, questions, countdown) on the virtual clock, as `haishin
programme rehearse` plays them; 200 runs, one each 7 minutes and 12 seconds, of a minute and more each. Printed are the
seconds of the clock and of the processor, the best and the worst of some tries.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
import time
from pathlib import Path

from loguru import logger

from bot.show.schedule.file import read
from bot.show.schedule.rehearsal import day, rehearse

SEGMENTS, TRIES = 200, 3
#: The bound, in seconds.
MOST_S = 10.0
_KINDS = (
    "kind: talk, options: {topics: [the sea, the night], pieces: 3, pause_s: 10}",
    "kind: break, options: {seconds: 60}",
    "kind: recap",
    "kind: questions, options: {collect_s: 60}",
    "kind: countdown, options: {seconds: 60, about: the next show}",
)


def programme() -> str:
    """Return a programme of so many segments a day."""
    step = 24 * 3600 // SEGMENTS
    lines = ["zone: Europe/Berlin", "segments:"]
    for number in range(SEGMENTS):
        minutes = number * step // 60
        cron = f'"{minutes % 60} {minutes // 60} * * *"'
        lines.append(f"- {{name: s{number}, when: {{cron: {cron}}}, length: 5m, {_KINDS[number % len(_KINDS)]}}}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print."""
    logger.disable("bot")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "programme.yaml"
        file.write_text(programme(), "utf-8")
        times, cpu = [], []
        for _ in range(TRIES):
            began, spent = time.perf_counter(), time.process_time()
            found = read(file)
            rehearsal = rehearse(found, *day(found, dt.date(2026, 6, 1)))
            times.append(time.perf_counter() - began)
            cpu.append(time.process_time() - spent)
    done = sum(part.state == "done" for part in rehearsal.parts)
    assert done == SEGMENTS, [part for part in rehearsal.parts if part.state != "done"]
    print(
        json.dumps(
            {
                "bench": "rehearse",
                "segments": done,
                "best_s": round(min(times), 2),
                "worst_s": round(max(times), 2),
                "cpu_s": round(min(cpu), 2),
                "ok": max(times) <= MOST_S,
            }
        )
    )


if __name__ == "__main__":
    main()
