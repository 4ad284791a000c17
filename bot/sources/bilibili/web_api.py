"""The requests of a signed-in browser, through bilibili-api-python.

The package makes the signatures that the site wants (wbi, csrf, buvid). It keeps one client for each event loop in
a global pool; `requests` borrows that client, and the last borrower closes it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import aiohttp
from bilibili_api import Credential, Danmaku, get_client, register_client, select_client
from bilibili_api.clients.AioHTTPClient import AioHTTPClient
from bilibili_api.exceptions import ApiException, NetworkException, ResponseCodeException
from bilibili_api.live import LiveRoom
from bilibili_api.utils import network

from bot.errors import HaishinError, QuotaError, Refused, TransientError
from bot.sources.bilibili.room import number_of
from bot.sources.connection import DeniedError, ExpiredError

NAME = "bilibili_web"
_CLIENT = "haishin"
TIMEOUT_S = 8.0
SIGN_IN = "Sign in: haishin login bilibili, or the button on the control page."


#: The address that takes the place of the site in tests. It belongs to a task, since a loop's tasks share one client.
_BASE: ContextVar[str] = ContextVar("base", default="")


class _Client(AioHTTPClient):
    """A client that uses our own session."""

    def __init__(self, **_settings: Any) -> None:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        super().__init__(
            session=aiohttp.ClientSession(timeout=timeout, trust_env=True, cookie_jar=aiohttp.DummyCookieJar())
        )
        self.users = 0

    async def request(self, method: str = "", url: str = "", **rest: Any) -> Any:  # type: ignore[override]
        """Send a request. In tests another address takes the place of the site; the host is then part of the path."""
        if base := _BASE.get():
            host, _, path = url.partition("://")[2].partition("/")
            url = f"{base.rstrip('/')}/{host}/{path}"
        answer = await super().request(method=method, url=url, **rest)
        if answer.code in (412, 429) or answer.code >= 500:
            # Some calls of the package read the body without a check of the status.
            raise NetworkException(answer.code, "")
        return answer


@asynccontextmanager
async def requests(base: str = "") -> AsyncIterator[None]:
    """Lend the package a client while the block runs."""
    if _CLIENT not in network.get_registered_clients():
        register_client(_CLIENT, _Client)
    select_client(_CLIENT)
    client: Any = get_client()
    client.users += 1
    before = _BASE.set(base)
    try:
        yield
    finally:
        _BASE.reset(before)
        client.users -= 1
        if not client.users:
            network.session_pool[_CLIENT].pop(asyncio.get_running_loop(), None)
            await client.close()


@dataclass(frozen=True, slots=True)
class SocketEndpoint:
    """The addresses of a room's socket, and the key to it."""

    room: int
    urls: tuple[str, ...]
    key: str
    buvid: str


@dataclass(frozen=True, slots=True)
class SignedInAccount:
    """The account that is signed in."""

    uid: int
    name: str


async def fetch_account(found: Credential) -> SignedInAccount:
    """Return the account of a sign-in. Raises `ExpiredError` when the site does not accept the sign-in."""
    data = await call_api(network._get_nav(found), "the account cannot be looked up")  # noqa: SLF001 - has no public name
    if not isinstance(data, dict) or not data.get("isLogin"):
        raise ExpiredError("the sign-in has run out", provider=NAME, remedy=SIGN_IN)
    return SignedInAccount(int(data["mid"]), str(data.get("uname", ""))[:60])


async def fetch_room(number: int, found: Credential) -> tuple[int, str]:
    """Return the real number of a room that may be given by its short one, and the id of whose it is.

    Raises `DeniedError` if there is none.
    """
    try:
        data = await call_api(LiveRoom(number, found).get_room_play_info(), "the room cannot be looked up")
        return int(data["room_id"]), number_of(data.get("uid"))
    except Refused as error:
        raise DeniedError(
            str(error), provider=NAME, remedy="Check sources.bilibili_web.room: the number in the address."
        ) from None


async def fetch_endpoint(room: int, found: Credential, base: str = "") -> SocketEndpoint:
    """Return where the socket of a room is. The key is valid for one connection."""
    data = await call_api(LiveRoom(room, found).get_danmu_info(), "the socket's address cannot be fetched")
    buvid = found.buvid3 or (await call_api(network.get_buvid(), "the visitor's id cannot be fetched"))[0]
    scheme = "ws" if base else "wss"
    hosts = data.get("host_list") if isinstance(data, dict) else None
    urls = tuple(
        f"{scheme}://{h['host']}:{h['ws_port' if base else 'wss_port']}/sub"
        for h in (hosts if isinstance(hosts, list) else [])[:8]
        if isinstance(h, dict) and {"host", "ws_port", "wss_port"} <= h.keys()
    )
    if not urls:
        raise TransientError("the platform named no socket", provider=NAME)
    return SocketEndpoint(room, urls, str(data.get("token", "")), str(buvid))


async def send(room: int, text: str, found: Credential, reply_to: int = 0) -> None:
    """Write a danmaku."""
    await call_api(
        LiveRoom(room, found).send_danmaku(Danmaku(text), room_id=room, reply_mid=reply_to),
        "the danmaku was not sent",
    )


async def silence(room: int, uid: int, hours: int, found: Credential) -> None:
    """Silence a viewer for hours; -1 for good, 0 until the stream ends."""
    await call_api(LiveRoom(room, found).ban_user(uid, hours), "the viewer was not silenced")


async def unsilence(room: int, uid: int, found: Credential) -> None:
    """Remove a viewer's mute."""
    await call_api(LiveRoom(room, found).unban_user(uid), "the viewer was not let in again")


async def call_api(call: Any, what: str) -> Any:
    """Await a call of the package, and translate its errors into ours; ``what`` says what failed."""
    try:
        async with asyncio.timeout(3 * TIMEOUT_S):
            return await call
    except ResponseCodeException as error:
        raise _explain(int(error.code), str(error.msg), what) from None
    except NetworkException as error:
        if error.status in (412, 429):
            raise QuotaError(
                f"{what}: too many requests for the platform ({error.status})", provider=NAME, retry_after_s=30.0
            ) from None
        raise TransientError(f"{what}: the platform answers {error.status}", provider=NAME) from None
    except ApiException as error:
        raise Refused(f"{what}: {str(error)[:100]}") from None
    except (aiohttp.ClientError, TimeoutError, OSError, json.JSONDecodeError) as error:
        raise TransientError(f"{what} ({type(error).__name__})", provider=NAME) from None
    except (KeyError, TypeError, IndexError) as error:
        # The package reads fields of the answer without a check.
        raise TransientError(f"{what}: an answer that cannot be read ({type(error).__name__})", provider=NAME) from None


def _explain(code: int, said: str, what: str) -> HaishinError:
    """Return one of our errors for a code of the site."""
    said = said[:80]
    if code in (-101, -111, -658):
        return ExpiredError(f"{what}: not signed in ({code})", provider=NAME, remedy=SIGN_IN)
    if code in (-352, -412, -509, -799):
        # The site no longer trusts the ids of this visitor: take new ones for the next attempt.
        network.refresh_buvid()
        network.recalculate_wbi()
        return QuotaError(
            f"{what}: the platform took us for a machine ({code})",
            provider=NAME,
            remedy="It passes by itself; signing in helps: haishin login bilibili.",
            retry_after_s=5.0,
        )
    if code in (10030, 10031, 1003212):
        return QuotaError(f"{what}: too fast", provider=NAME, retry_after_s=5.0)
    if code in (-400, -404, 1, 60004, 19002000) or code > 0:
        return Refused(f"{what}: {said or code} ({code})")
    return TransientError(f"{what}: {said or code} ({code})", provider=NAME)
