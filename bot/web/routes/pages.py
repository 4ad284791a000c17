"""The route that tells where the pages are."""

from __future__ import annotations

from fastapi import APIRouter

from bot.stage.protocol import Model
from bot.web.auth.token import Page, page_query


class PageAddresses(Model):
    """Where the stage and the chat page are on this server, each with the key that opens it and nothing else."""

    stage: str
    chat: str


def page_routes(token: str) -> APIRouter:
    """Build the route. ``token`` is what the keys of the pages are made from."""
    api = APIRouter(tags=["control"])

    @api.get("/api/pages")
    async def pages() -> PageAddresses:
        """Where the pages are that a streamer hands on: to OBS, or to somebody who tries the chat."""
        stage, chat = (f"/{page}/{page_query(token, page)}" for page in (Page.STAGE, Page.CHAT))
        return PageAddresses(stage=stage, chat=chat)

    return api
