"""The sign-in server: device flow, one-time refresh tokens, validation."""

from __future__ import annotations

import secrets
from html import escape

from aiohttp import web

from tests.fakes.twitch.state import State

PENDING = {"status": 400, "message": "authorization_pending"}


def routes(state: State) -> list[web.RouteDef]:
    async def device(request: web.Request) -> web.Response:
        form = await fields(request)
        state.asked.append((request.query_string, form))
        if not form.get("client_id"):
            return web.json_response({"status": 400, "message": "missing client id"}, status=400)
        code, user_code = secrets.token_hex(20), secrets.token_hex(4).upper()
        state.devices[code] = {
            "user_code": user_code,
            "scopes": tuple(form.get("scopes", "").split()),
            "polls": 0,
            "user": "",
            "until": state.now() + state.device_life_s,
        }
        return web.json_response(
            {
                "device_code": code,
                "expires_in": int(state.device_life_s),
                "interval": state.device_interval_s,
                "user_code": user_code,
                "verification_uri": f"{state.base}/activate?device-code={user_code}",
            }
        )

    async def token(request: web.Request) -> web.Response:
        form = await fields(request)
        state.asked.append((request.query_string, form))
        if state.is_on("helix_5xx") and not state.options["helix_5xx"].get("only"):
            return web.json_response({"status": 500, "message": "internal"}, status=500)
        match form.get("grant_type"):
            case "refresh_token":
                return _refresh(state, form.get("refresh_token", ""))
            case "urn:ietf:params:oauth:grant-type:device_code":
                return _poll(state, form.get("device_code", ""))
        return web.json_response({"status": 400, "message": "invalid grant type"}, status=400)

    async def validate(request: web.Request) -> web.Response:
        held = state.tokens.get(request.headers.get("Authorization", "").removeprefix("OAuth "))
        if held is None or held.dead or held.expires_at <= state.now():
            return web.json_response({"status": 401, "message": "invalid access token"}, status=401)
        return web.json_response(
            {
                "client_id": "fakeclient",
                "login": state.accounts[held.user].login,
                "scopes": list(held.scopes),
                "user_id": held.user,
                "expires_in": int(held.expires_at - state.now()),
            }
        )

    async def activate(request: web.Request) -> web.Response:
        code = escape(request.query.get("device-code", ""))
        form = f'<form method=post action=/activate><input name=user_code value="{code}"><button>allow</button></form>'
        return web.Response(text=f"<h1>Fake Twitch</h1>{form}", content_type="text/html")

    async def approve(request: web.Request) -> web.Response:
        form = await fields(request)
        for waiting in state.devices.values():
            if waiting["user_code"] == form.get("user_code"):
                waiting["user"] = state.account(form["login"]).id if form.get("login") else state.approve_as
                return web.Response(text="<h1>Signed in</h1>You may close this page.", content_type="text/html")
        return web.Response(status=404, text="no such code")

    return [
        web.post("/oauth2/device", device),
        web.post("/oauth2/token", token),
        web.get("/oauth2/validate", validate),
        web.get("/activate", activate),
        web.post("/activate", approve),
        web.post("/_fake/approve", approve),
    ]


async def fields(request: web.Request) -> dict[str, str]:
    """Return the fields of a query, a form or a JSON body."""
    if request.content_type == "application/json" and request.can_read_body:
        return {**request.query, **(await request.json())}
    return {**request.query, **{k: str(v) for k, v in (await request.post()).items()}}


def _grant(state: State, user: str, scopes: tuple[str, ...]) -> web.Response:
    access, refresh = state.mint(user, scopes)
    return web.json_response(
        {
            "access_token": access,
            "expires_in": int(state.token_life_s),
            "refresh_token": refresh,
            "scope": list(scopes),
            "token_type": "bearer",
        }
    )


def _refresh(state: State, refresh: str) -> web.Response:
    known = state.refresh.pop(refresh, None)
    if known is None or state.is_on("kill_refresh"):
        return web.json_response(
            {"error": "Bad Request", "status": 400, "message": "Invalid refresh token"}, status=400
        )
    state.refreshes += 1
    for old in state.tokens.values():
        if old.refresh == refresh:
            old.dead = True
    return _grant(state, *known)


def _poll(state: State, code: str) -> web.Response:
    waiting = state.devices.get(code)
    if waiting is None or waiting["until"] < state.now():
        return web.json_response({"status": 400, "message": "invalid device code"}, status=400)
    waiting["polls"] += 1
    if waiting["polls"] <= state.slow_downs:
        return web.json_response({"status": 400, "message": "slow_down"}, status=400)
    if state.refuses_device:
        return web.json_response({"status": 400, "message": "access_denied"}, status=400)
    if not waiting["user"] and state.approve_after is not None and waiting["polls"] >= state.approve_after:
        waiting["user"] = state.approve_as
    if not waiting["user"]:
        return web.json_response(PENDING, status=400)
    del state.devices[code]
    return _grant(state, waiting["user"], waiting["scopes"])
