"""The routes that concern moderation: why a verdict was given, and what a person says to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query

from bot.control.moderation import ModerationControls
from bot.control.schemas.moderation import AuditLine, AuditWhy, CaseLine, Decision, PermitIn, ShieldIn
from bot.control.schemas.panel import Done
from bot.errors import HaishinError
from bot.web.routes.platforms import conflict

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Limit = Annotated[int, Query(ge=1, le=500)]


@contextmanager
def _answered() -> Iterator[None]:
    """Turn what an order may raise into its answer: 404 for what is not there, 409 for what cannot be done."""
    try:
        yield
    except LookupError as error:
        raise HTTPException(404, str(error.args[0]) if error.args else "it is not there any more") from None
    except HaishinError as error:
        raise conflict(error) from None


def moderation_routes(control: ModerationControls) -> APIRouter:
    """Build the routes over a control."""
    api = APIRouter(
        tags=["moderation"],
        responses={
            404: {"description": "it is not there any more"},
            409: {"description": "it cannot be done, and why"},
        },
    )

    @api.get("/api/audit")
    async def audit(limit: Limit = 100, stopped: bool = False) -> list[AuditLine]:  # noqa: FBT002 - a query parameter
        """Return the last verdicts of both directions, the newest first."""
        return control.audit(limit, stopped=stopped)

    @api.get("/api/audit/{id}")
    async def why(id: Id) -> AuditWhy:  # noqa: A002 - the path's word
        """Why a verdict was given, in words."""
        with _answered():
            return control.why(id)

    @api.post("/api/audit/{id}/{decision}")
    async def decide(id: Id, decision: Decision) -> Done:  # noqa: A002 - as above
        """Allow a false alarm, or stop what should have been stopped: this text, exactly, from now on."""
        with _answered():
            return await control.decide(id, decision)

    @api.delete("/api/audit/{id}/{decision}")
    async def undo(id: Id, decision: Decision) -> Done:  # noqa: A002 - as above
        """Take such a decision back."""
        with _answered():
            return await control.undo(id, decision)

    _add_cases(api, control)
    _add_orders(api, control)
    return api


def _add_cases(api: APIRouter, control: ModerationControls) -> None:
    @api.get("/api/cases")
    async def cases() -> list[CaseLine]:
        """Every verdict that a person corrected, the newest first."""
        return control.cases()

    @api.delete("/api/cases/{id}")
    async def drop_case(id: Id) -> Done:  # noqa: A002 - as above
        """Take a correction back."""
        with _answered():
            return await control.drop_case(id)


def _add_orders(api: APIRouter, control: ModerationControls) -> None:
    @api.post("/api/held/{id}/{what}")
    async def held(id: Id, what: Literal["approve", "deny"]) -> Done:  # noqa: A002 - as above
        """Release a held line, or refuse it."""
        with _answered():
            return control.approve(id) if what == "approve" else control.deny(id)

    @api.post("/api/permit")
    async def permit(order: PermitIn) -> Done:
        """Allow a viewer to post links for a while."""
        with _answered():
            return control.permit(order)

    @api.post("/api/escalations/{id}/{what}")
    async def step(id: Id, what: Literal["take", "dismiss"]) -> Done:  # noqa: A002 - as above
        """Take a proposed step on its platform, or dismiss it."""
        with _answered():
            return await control.take_step(id) if what == "take" else control.dismiss_step(id)

    @api.post("/api/shield")
    async def shield(order: ShieldIn) -> Done:
        """Raise or lower the shield against raids, or let it see for itself."""
        with _answered():
            return control.shield(order)
