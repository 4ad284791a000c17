"""Rehearses a day of the programme in a process of its own, so that the show on air is not disturbed.

``python -m bot.control.rehearsal`` is that process: an order comes in as JSON, a `RehearsalView` goes out.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from loguru import logger
from pydantic import ValidationError

from bot.control.schemas.programme import FaultLine, QuietView, RehearsalOrder, RehearsalView, RehearsedView
from bot.errors import HaishinError, Refused
from bot.show.schedule.check import Known, check
from bot.show.schedule.file import read
from bot.store.tables import RunState
from bot.text.sanitize import fit

#: A rehearsal takes at most so long, in seconds: on a slow machine the start alone takes many.
DEADLINE_S: Final = 90.0
#: What is shown of it at most: runs, findings, times without a segment, characters of a text.
MAX_PARTS, MAX_FINDINGS, MAX_QUIET, MAX_TEXT = 1000, 100, 200, 400
#: Longest answer of the process, in bytes.
MAX_ANSWER: Final = 4_000_000
#: How much the process stands back behind the show.
NICENESS: Final = 15


async def rehearse_aside(order: RehearsalOrder, within_s: float = DEADLINE_S) -> RehearsalView:
    """Return a rehearsal. Raises `Refused` when there is none in time; the process is gone in any case."""
    pipe = asyncio.subprocess.PIPE
    path = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", ""))))
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.control.rehearsal",
            stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": path},
            limit=MAX_ANSWER,
        )  # fmt: skip
    except (OSError, ValueError, NotImplementedError) as error:
        raise Refused(f"no process can be started: {error}", remedy="Use: haishin programme rehearse.") from None
    try:
        async with asyncio.timeout(within_s):
            said, _ = await process.communicate(order.model_dump_json().encode())
    except TimeoutError:
        remedy = "The machine is busy, or the day too full: use 'haishin programme rehearse'."
        raise Refused(f"the rehearsal was not over within {within_s:g} s", remedy=remedy) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    try:
        return await asyncio.to_thread(RehearsalView.model_validate_json, said)
    except ValidationError:
        code = process.returncode
        raise Refused(f"the rehearsal broke off ({code})", remedy="Try: haishin programme rehearse.") from None


def rehearse_here(order: RehearsalOrder) -> RehearsalView:
    """Return a rehearsal of one day, with what is to be looked at. Takes seconds; raises `ConfigError`."""
    file = read(Path(order.file))
    cues = None if order.cues is None else frozenset(order.cues)
    today = dt.datetime.now(ZoneInfo(file.programme.zone)).date()
    findings, played = check(file, Known(cues=cues), today, days=1)
    parts = sorted(played.parts, key=lambda p: p.started_at or p.due_at)
    return RehearsalView(
        start=played.start,
        end=played.end,
        zone=file.programme.zone,
        fault="",
        tokens=played.tokens,
        aired_s=played.aired.total_seconds(),
        parts=[
            RehearsedView(
                segment=p.segment, kind=p.kind, due_at=p.due_at, started_at=p.started_at, ended_at=p.ended_at,
                state=RunState(p.state), note=fit(p.note, MAX_TEXT),
            )
            for p in parts[:MAX_PARTS]
        ],
        quiet=[QuietView(start=start, end=end) for start, end in played.quiet[:MAX_QUIET]],
        findings=[
            FaultLine(level=f.level, place=fit(f.place, MAX_TEXT), text=fit(f.text, MAX_TEXT))
            for f in findings[:MAX_FINDINGS]
        ],
    )  # fmt: skip


def main() -> None:
    """Rehearse what stands on the standard input, and write what came of it."""
    logger.remove()
    with suppress(OSError, AttributeError):
        os.nice(NICENESS)
    order = RehearsalOrder.model_validate_json(sys.stdin.buffer.read())
    try:
        view = rehearse_here(order)
    except HaishinError as error:
        now = dt.datetime.now(dt.UTC)
        view = RehearsalView(
            start=now, end=now, zone="UTC", fault=fit(str(error), 4 * MAX_TEXT), tokens=0, aired_s=0.0,
            parts=[], quiet=[], findings=[],
        )  # fmt: skip
    sys.stdout.write(view.model_dump_json())


if __name__ == "__main__":
    main()
