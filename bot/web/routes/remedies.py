"""The routes that put something right: alarms, providers that are down, a viewer's wish to be forgotten."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from bot.control.control_room import ControlRoom
from bot.control.schemas.panel import Done
from bot.errors import Refused, TransientError
from bot.web.routes.platforms import ConnectionName, conflict

Id = Annotated[str, Path(min_length=1, max_length=200)]
ProviderKind = Annotated[str, Path(pattern=r"^(llm|tts|asr|judge)$")]
ProviderName = Annotated[str, Path(min_length=1, max_length=80)]


def remedy_routes(control: ControlRoom) -> APIRouter:
    """Build the routes over a control room."""
    api = APIRouter(tags=["control"])

    @api.post("/api/alarms/{alarm:path}/dismiss", responses={404: {"description": "it stands no more"}})
    async def dismiss(alarm: Id) -> Done:
        """Take an alarm off the page; what goes on to be wrong raises it again."""
        done = control.dismiss_alarm(alarm)
        if not done.ok:
            raise HTTPException(404, done.detail)
        return done

    @api.post("/api/providers/{kind}/{name:path}/retry", responses={409: {"description": "unknown"}})
    async def retry(kind: ProviderKind, name: ProviderName) -> Done:
        """Try a model, a voice, a recogniser or a judge at once that rests or is down."""
        try:
            return await control.retry_provider(kind, name)
        except Refused as error:
            raise conflict(error) from None

    @api.post("/api/viewers/{source}/{viewer:path}/forget", responses={503: {"description": "try again"}})
    async def forget(source: ConnectionName, viewer: Id) -> Done:
        """Forget a viewer by the platform's id of them; what they paid is still thanked for."""
        try:
            return await control.forget_viewer(source, viewer)
        except TransientError as error:
            raise HTTPException(503, f"{error}. Try again in a moment.") from None

    return api
