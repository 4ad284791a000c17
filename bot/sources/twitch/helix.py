"""Twitch's HTTP API through twitchio, with deadlines, bounds, and no secret in an address or an error."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
from twitchio.authentication.tokens import ManagedHTTPClient
from twitchio.exceptions import HTTPException
from twitchio.http import Route

from bot.errors import FatalError, ProviderError, QuotaError, TransientError
from bot.runtime.ratelimit import Throttle
from bot.sources.connection import DeniedError, ExpiredError

#: The deadline of a request, in seconds, and the largest answer, in bytes.
REQUEST_S = 10.0
MAX_ANSWER = 4 << 20
#: Points a second that Helix gives, and how many at once (its documentation: 800 a minute).
HELIX_PER_S, HELIX_BURST = 800 / 60, 200

Renew = Callable[["Http", str, str], Awaitable[str]]


class Http(ManagedHTTPClient):
    """The library's client for Helix and the sign-in, over requests of our own.

    ``access(user)`` returns a user's token; ``renew(http, user, stale)`` returns a new one for a token that was
    refused. Requests raise `HTTPException` without an address in it, `QuotaError` on a 429, and `TransientError`
    when Twitch cannot be reached.
    """

    def __init__(
        self,
        *,
        client_id: str,
        api: str,
        id_base: str,
        session: aiohttp.ClientSession,
        access: Callable[[str], str],
        renew: Renew,
    ) -> None:
        super().__init__(client_id=client_id, session=session)
        self._api, self._id, self._access, self._renew = api, id_base, access, renew
        self._requests = session
        self.bucket = Throttle(HELIX_PER_S, HELIX_BURST, asyncio.get_running_loop().time, provider="twitch")

    async def request(self, route: Route) -> Any:
        """Send a request; once more after a renewed token, and once more after a 503."""
        user = route.token_for
        renewed = retried = False
        while True:
            token = self._access(user) if user else ""
            status, headers, data = await self._request_once(route, token)
            if status == 401 and token and not renewed:
                renewed = True
                await self._renew(self, user, token)
                continue
            if status == 503 and not retried:
                retried = True
                await asyncio.sleep(1.0)
                continue
            self._raise_for_status(status, headers, data)
            if not (data is None or isinstance(data, dict)):
                raise TransientError("Twitch's answer is not a JSON object", provider="twitch")
            return data

    async def _request_once(self, route: Route, token: str) -> tuple[int, Mapping[str, str], Any]:
        address, form = self._address(route)
        headers = {k: v for k, v in route.headers.items() if k.lower() != "authorization"}
        headers |= {"Client-ID": self.client_id, "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        elif own := route.headers.get("Authorization"):
            headers["Authorization"] = own
        if form is None and route.use_id is False:
            await self.bucket.take(most_s=REQUEST_S)
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            async with (
                asyncio.timeout(REQUEST_S),
                self._requests.request(
                    route.method, address, headers=headers, data=form, json=route.json or None
                ) as answer,
            ):
                raw = bytearray()
                async for chunk in answer.content.iter_chunked(1 << 16):
                    raw += chunk
                    if len(raw) > MAX_ANSWER:
                        raise TransientError("Twitch answered with more than 4 MB", provider="twitch")
                self._follow_limit(route, answer.headers)
                return answer.status, answer.headers, _read_json(raw)
        except (aiohttp.ClientError, OSError, TimeoutError, RuntimeError, AssertionError) as error:
            # The last two are of a session that was closed meanwhile: the connection is being made anew.
            # No `from error`: aiohttp's errors carry the address, and the address may carry a key.
            raise TransientError(
                f"Twitch cannot be reached ({type(error).__name__})",
                provider="twitch",
                remedy="Check the connection to the internet.",
            ) from None

    def _address(self, route: Route) -> tuple[str, dict[str, str] | None]:
        """Return the address, and for the sign-in the form, since secrets do not belong into an address."""
        split = urlsplit(route.url)
        if route.use_id:
            path = self._id + route.path.lstrip("/")
            return path, dict(parse_qsl(split.query)) if route.method == "POST" else None
        return self._api + route.path.lstrip("/") + (f"?{split.query}" if split.query else ""), None

    def _follow_limit(self, route: Route, headers: Mapping[str, str]) -> None:
        if route.use_id:
            return
        try:
            limit, left = int(headers["Ratelimit-Limit"]), int(headers["Ratelimit-Remaining"])
            reset = int(headers["Ratelimit-Reset"]) - dt.datetime.now(dt.UTC).timestamp()
        except (KeyError, ValueError):
            return
        self.bucket.follow(limit, left, max(0.0, min(60.0, reset)))

    def _raise_for_status(self, status: int, headers: Mapping[str, str], data: Any) -> None:
        if status < 400:
            return
        said = data.get("message", "") if isinstance(data, dict) else ""
        if status == 429:
            reset = headers.get("Ratelimit-Reset", "")
            now = dt.datetime.now(dt.UTC).timestamp()
            wait = max(1.0, min(60.0, float(reset) - now)) if reset.isdigit() else 5.0
            if headers.get("Ratelimit-Remaining", "0") == "0":  # otherwise only this kind of request is limited
                self.bucket.refuse(wait)
            words = (
                f"Twitch asks for a pause: {said[:200]}"
                if isinstance(said, str) and said
                else "Twitch asks for a pause"
            )
            raise QuotaError(words, provider="twitch", retry_after_s=wait)
        raise HTTPException(f"Twitch answered {status}: {str(said)[:200]}", status=status, extra={"message": str(said)})


def _read_json(raw: bytes | bytearray) -> Any:
    try:
        return json.loads(raw) if raw else None
    except (ValueError, RecursionError):
        return raw[:200].decode("utf-8", "replace")


def explain(error: Exception, what: str) -> ProviderError:
    """Return one of our errors for one of the library, with a remedy; ``what`` says what failed."""
    if isinstance(error, ProviderError):
        return error
    if not isinstance(error, HTTPException):
        return TransientError(f"{what}: {type(error).__name__}", provider="twitch")
    said = str(error.extra.get("message", ""))[:200]
    words = f"{what}: {said or f'Twitch answered {error.status}'}"
    if error.status == 401:
        return ExpiredError(words, provider="twitch", remedy="Sign in again: haishin login twitch")
    if error.status == 403:
        return DeniedError(words, provider="twitch", remedy="The account needs this right: see docs/twitch.md.")
    if error.status >= 500:
        return TransientError(words, provider="twitch")
    return FatalError(words, provider="twitch")
