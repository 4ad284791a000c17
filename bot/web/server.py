"""The application behind the door: pages, sockets, API."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from bot import __version__
from bot.control.avatar.controls import AvatarControls
from bot.control.control_room import ControlRoom
from bot.stage.hub import Overlay
from bot.web.auth.token import Page
from bot.web.door import bind, make_server
from bot.web.routes.avatar import avatar_routes
from bot.web.routes.control import routes
from bot.web.routes.pages import page_routes
from bot.web.routes.problems import PROBLEMS
from bot.web.routes.stage import stage_routes
from bot.web.sockets import add_sockets

__all__ = ["bind", "create_app", "make_server"]

#: A file of a page has a part of its own hash in its name, so it never changes; the page itself names the newest.
_FOR_EVER, _ASK = "private, max-age=31536000, immutable", "no-cache"


class PageFiles(StaticFiles):
    """The files of one page, with how long a browser may keep each."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file, or that it has not changed."""
        is_asset = Path(full_path).parent.name == "assets"
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["cache-control"] = _FOR_EVER if is_asset else _ASK
        return answer


def create_app(
    control: ControlRoom, stage: Overlay, pages: Path, *, token: str = "", avatar: AvatarControls | None = None
) -> FastAPI:
    """Build the application without its gate. ``token`` is what the keys in the addresses of pages are made from."""
    app = FastAPI(title="Haishin", version=__version__, docs_url=None, redoc_url=None, responses=PROBLEMS)
    app.include_router(routes(control))
    app.include_router(page_routes(token))
    app.include_router(stage_routes(stage.board))
    if avatar is not None:
        app.include_router(avatar_routes(avatar))
    add_sockets(app, control, stage)

    @app.get("/", include_in_schema=False)
    async def root(request: Request) -> RedirectResponse:
        return RedirectResponse(f"/panel/?{request.url.query}")

    for name in Page:
        folder = pages / name
        if folder.is_dir():
            app.mount(f"/{name}", PageFiles(directory=folder, html=True), name=name)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        """Return what is wrong without repeating the input: it may not even be valid Unicode."""
        words = [f"{'.'.join(str(p) for p in e['loc'][1:]) or 'body'}: {e['msg']}" for e in error.errors()[:5]]
        return JSONResponse({"detail": "; ".join(words)[:500]}, status_code=422)

    return app
