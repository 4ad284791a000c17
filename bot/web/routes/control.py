"""The routes: orders of the control room, the local chat, health and metrics."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response

from bot.control.control_room import ControlRoom
from bot.control.schemas.chat import ChatIn
from bot.control.schemas.panel import Done, PanelState, Receipt, SayIn
from bot.errors import Refused
from bot.web.routes.budget import budget_routes
from bot.web.routes.ears import ears_routes
from bot.web.routes.memory import memory_routes
from bot.web.routes.mixer import mixer_routes
from bot.web.routes.moderation import moderation_routes
from bot.web.routes.night import night_routes
from bot.web.routes.platforms import conflict, platform_routes
from bot.web.routes.programme import programme_routes
from bot.web.routes.pronunciations import pronunciation_routes
from bot.web.routes.remedies import remedy_routes
from bot.web.routes.tools import tool_routes

ItemId = Annotated[str, Path(min_length=1, max_length=200)]
Source = Annotated[str, Query(pattern=r"^([a-z][a-z0-9_]{0,31})?$")]


def routes(control: ControlRoom) -> APIRouter:
    """Build the routes over a control."""
    api = APIRouter()

    @api.post("/api/chat", status_code=202, tags=["chat"])
    async def chat(line: ChatIn) -> Receipt:
        """Put a line into the local chat."""
        return await control.chat(line)

    @api.post("/api/say", status_code=202, tags=["control"])
    async def say(words: SayIn) -> Receipt:
        """Queue words that the host says as they are, after moderation."""
        try:
            return control.say(words.text)
        except Refused as error:
            raise conflict(error) from None

    @api.post("/api/skip", tags=["control"])
    async def skip() -> Done:
        """Cut what is being said."""
        return control.skip()

    @api.post("/api/queue/{item:path}/drop", tags=["control"], responses={404: {"description": "not in the queue"}})
    async def drop(item: ItemId, source: Source = "") -> Done:
        """Drop an item of the queue; ``source`` tells which, where two platforms have one of that id."""
        done = control.drop(item, source)
        if not done.ok:
            raise HTTPException(404, done.detail)
        return done

    @api.post("/api/stop", tags=["control"])
    async def stop() -> Done:
        """Silence the host at once, until it is armed again."""
        return await control.stop()

    @api.post("/api/rearm", tags=["control"])
    async def rearm() -> Done:
        """Release a stop: the host may speak again."""
        return control.rearm()

    api.include_router(platform_routes(control))
    api.include_router(remedy_routes(control))
    api.include_router(mixer_routes(control.mixer))
    api.include_router(ears_routes(control.ears))
    api.include_router(programme_routes(control.programme))
    api.include_router(night_routes(control.night))
    api.include_router(budget_routes(control.budget))
    api.include_router(memory_routes(control.memory))
    api.include_router(pronunciation_routes(control.names))
    api.include_router(tool_routes(control.tools, control.eyes))
    api.include_router(moderation_routes(control.moderation))

    @api.get("/api/state", tags=["control"])
    async def state() -> PanelState:
        """Everything that the control room shows."""
        return control.state()

    @api.get("/health", tags=["health"])
    async def health() -> dict[str, str | bool | dict[str, str]]:
        """Whether the show runs, whether it can be heard, and which parts are down, with the reason of each."""
        now, down = control.status(), control.down()
        found: dict[str, str | bool | dict[str, str]] = {"status": "ok", "state": now.state, "audible": now.audible}
        return {**found, "status": "degraded", "down": down} if down else found

    @api.get("/metrics", tags=["health"], response_class=Response)
    async def metrics() -> Response:
        """Metrics in Prometheus' text format."""
        return Response(control.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return api
