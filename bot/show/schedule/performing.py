"""One run of a segment, from its opening to its closing.

What opens and closes it is written down before it is said, with the id of its turn. After a crash the record of turns
knows whether anybody heard it: then it is not said again.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from loguru import logger

from bot.errors import Refused
from bot.show.schedule.host import AiredSegment
from bot.show.schedule.speech import new_turn
from bot.show.segments.segment import Brief
from bot.store.tables import RunPhase

#: How often it is written down how long a segment has been on air, in seconds.
KEEP_S = 15.0
#: Less than this is no time left: a sum of floats seldom comes out at nothing, and a clock has its own grain.
LEAST_S = 0.001
#: The longest that a closing may wait for its turn and be said, in seconds.
CLOSING_S = 120.0


async def perform(air: AiredSegment) -> None:
    """Perform a run to its end; whatever fails in it is in its ``note``."""
    run, segment = air.segment_run, air.planned.segment
    closing = segment.closing if run.phase is not RunPhase.CLOSING or run.turn else ""
    try:
        await air.hands.invite(segment.persona)
        async with asyncio.TaskGroup() as group:
            group.create_task(_enter(air))  # a mixer that hangs holds up no word
            if run.phase is not RunPhase.CLOSING:
                body = group.create_task(_body(air))
                await _watch(air, body)
        if closing and not air.ending:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSING_S):
                    await _announce(air, RunPhase.CLOSING, closing)
    except Exception as error:  # noqa: BLE001 - a segment that fails ends alone
        logger.opt(exception=error).error("the segment {} failed", run.segment)
        run.note = f"it failed: {error}"[:500]


async def _watch(air: AiredSegment, body: asyncio.Task[None]) -> None:
    """Wait until a segment is over, its time is up, or somebody ends it."""
    body.add_done_callback(lambda _: air.over.notify())
    while not body.done() and not air.ending and air.remaining_s > LEAST_S:
        await air.over.wait(min(KEEP_S, air.remaining_s))
        air.segment_run.aired_s = air.aired_s
        air.keeper.put(air.segment_run)
    body.cancel()


async def _body(air: AiredSegment) -> None:
    """Open the segment and let its kind perform it. What that raises is its end, and told."""
    run = air.segment_run
    try:
        if run.phase is RunPhase.OPENING:
            if air.planned.segment.opening:
                await _announce(air, RunPhase.OPENING, air.planned.segment.opening)
            run.phase, run.turn = RunPhase.BODY, ""
            air.keeper.put(run)
        await air.planned.kind.perform(air.planned.options, air)
    except Exception as error:  # noqa: BLE001 - a kind that fails ends its segment, not the show
        logger.opt(exception=error).error("the segment {} failed", run.segment)
        run.note = f"it failed: {error}"[:500]


async def _announce(air: AiredSegment, phase: RunPhase, task: str) -> None:
    """Say what opens or closes a segment; before, write down in which turn."""
    run = air.segment_run
    run.phase, run.turn = phase, new_turn()
    air.keeper.put(run)
    await air.keeper.settled()
    await air.speak(Brief(task), run.turn)


async def _enter(air: AiredSegment) -> None:
    """Set the scene, the cues and the platform's title."""
    segment = air.planned.segment
    air.hands.segment(segment, begins=True)
    for name in segment.cues.start:
        await air.cue(name, {"segment": segment.name})
    if segment.title or segment.category:
        try:
            await air.act("title", {"title": segment.title, "category": segment.category})
        except Refused as error:
            logger.warning("the title of the segment {} is not set: {}", segment.name, error)
