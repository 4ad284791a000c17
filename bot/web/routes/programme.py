"""The routes that concern the programme."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query

from bot.control.programme import ProgrammeControls
from bot.control.schemas.panel import Done
from bot.control.schemas.programme import (
    ComingView,
    ExtendIn,
    HoldIn,
    ProgrammeView,
    RehearsalView,
    ReorderIn,
    SkipIn,
    StartIn,
)
from bot.errors import Refused
from bot.web.routes.platforms import conflict

T = TypeVar("T")
Hours = Annotated[float, Query(gt=0, le=168, allow_inf_nan=False)]


def programme_routes(programme: ProgrammeControls) -> APIRouter:
    """Build the routes over the programme's controls."""
    api = APIRouter(tags=["programme"], responses={409: {"description": "it cannot be done, and why"}})

    def ordered(work: Callable[[], Done]) -> Done:
        try:
            return work()
        except Refused as error:
            raise conflict(error) from None

    @api.post("/api/programme/start")
    async def start(order: StartIn) -> Done:
        """Queue a segment as the next one; ``at_once`` ends the one on air."""
        return ordered(lambda: programme.start(order.segment, at_once=order.at_once))

    @api.post("/api/programme/skip")
    async def skip(order: SkipIn) -> Done:
        """End the segment on air, or leave out a waiting one."""
        return ordered(lambda: programme.skip(order.segment))

    @api.post("/api/programme/extend")
    async def extend(order: ExtendIn) -> Done:
        """Extend the segment on air, or shorten it."""
        return ordered(lambda: programme.extend(order.seconds))

    @api.post("/api/programme/hold")
    async def hold(order: HoldIn) -> Done:
        """Start nothing by itself while held, but what a person orders."""
        return ordered(lambda: programme.hold(on=order.on))

    @api.post("/api/programme/reorder")
    async def reorder(order: ReorderIn) -> Done:
        """Move the waiting runs of these segments to the front, in this order."""
        return ordered(lambda: programme.reorder(order.segments))

    _add_views(api, programme)
    return api


def _add_views(api: APIRouter, programme: ProgrammeControls) -> None:
    """Add what shows the programme and changes nothing of it."""

    async def told(work: Awaitable[T]) -> T:
        try:
            return await work
        except Refused as error:
            raise conflict(error) from None

    @api.get("/api/programme")
    async def state() -> ProgrammeView | None:
        """How the programme stands; null when none is configured."""
        return programme.state()

    @api.get("/api/programme/timeline")
    async def timeline(hours: Hours = 24.0) -> list[ComingView]:
        """Return what the clock makes due within so many hours."""
        return await told(programme.timeline(hours))

    @api.post("/api/programme/rehearse")
    async def rehearse() -> RehearsalView:
        """Play the day on a clock that jumps, aside from the show; takes seconds."""
        return await told(programme.rehearse())
