"""The routes that concern the budget."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from bot.control.budget import BudgetControls
from bot.control.schemas.budget import BudgetView, SpendRow
from bot.errors import ProviderError


def budget_routes(budget: BudgetControls) -> APIRouter:
    """Build the routes over the budget."""
    api = APIRouter(tags=["budget"], responses={503: {"description": "the database does not answer"}})

    @api.get("/api/budget")
    async def state() -> BudgetView | None:
        """Return how the budget stands; null where nothing costs and nothing is limited."""
        return budget.state()

    @api.get("/api/budget/days")
    async def days(days: Annotated[int, Query(ge=1, le=366)] = 7) -> list[SpendRow]:
        """Return what the last days took, by stream, link and purpose."""
        try:
            return await budget.days(days)
        except ProviderError as error:
            raise HTTPException(503, str(error)) from None

    return api
