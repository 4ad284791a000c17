"""Sign in to Bilibili: a QR code that the app scans, and the cookies that the site gives for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import qrcode
from bilibili_api import Credential
from bilibili_api.login_v2 import API
from bilibili_api.utils.network import Api

from bot.errors import FatalError, TransientError
from bot.sources import credentials
from bot.sources.bilibili.web_api import NAME, call_api, requests
from bot.sources.source import SignInState, SignInStep

#: A code is valid for 180 s, as on the site's own page; `CODES` are shown before the sign-in is given up.
CODE_S, CODES = 180.0, 3
POLL_S = 1.5
_WAITING, _SCANNED, _GONE = 86101, 86090, 86038


@dataclass(frozen=True, slots=True)
class Cookies:
    """A sign-in. ``ends_at`` is when the site says that it expires, in seconds of the epoch; 0: not known."""

    sessdata: str
    csrf: str
    uid: int
    refresh: str = ""
    ends_at: float = 0.0

    def __repr__(self) -> str:
        """Return a text without the secrets."""
        return f"Cookies(uid={self.uid}, ends_at={self.ends_at:.0f})"

    @property
    def left_s(self) -> float | None:
        """Return how many seconds it still lasts; None when that is not known."""
        return max(0.0, self.ends_at - time.time()) if self.ends_at else None

    def credential(self) -> Credential:
        """Return the cookies as the package wants them."""
        return Credential(
            sessdata=self.sessdata, bili_jct=self.csrf, dedeuserid=str(self.uid), ac_time_value=self.refresh or None
        )


def load(path: Path) -> Cookies | None:
    """Return the stored sign-in; None when there is none, or it is broken. It blocks."""
    data = credentials.read(path)
    try:
        found = Cookies(
            str(data["sessdata"]),
            str(data["csrf"]),
            int(data["uid"]),
            str(data.get("refresh", "")),
            float(data.get("ends_at", 0.0)),
        )
    except (KeyError, TypeError, ValueError):
        return None
    return found if found.sessdata else None


def store(path: Path, cookies: Cookies) -> None:
    """Write a sign-in that only its owner can read. It blocks. Raises `OSError`."""
    credentials.write(path, asdict(cookies))


async def sign_in(show: Callable[[SignInStep], None], path: Path, base: str = "") -> Cookies:
    """Show codes until one is scanned and confirmed; store the sign-in. Raises `FatalError` when nobody does."""
    clock = asyncio.get_running_loop().time
    async with requests(base):
        for number in range(CODES):
            address, key = await _new_code()
            until = clock() + CODE_S
            detail = "" if number == 0 else "the last code ran out: here is a new one"
            qr = await asyncio.to_thread(modules, address)
            step = SignInStep(SignInState.WAITING, address, "", qr, detail, until)
            show(step)
            found = await _wait(key, step, show)
            if found is not None:
                await asyncio.to_thread(store, path, found)
                show(SignInStep(SignInState.DONE, detail=f"signed in as {found.uid}", until=until))
                return found
            show(SignInStep(SignInState.EXPIRED, detail="the code ran out", until=clock()))
    raise FatalError("nobody scanned the code in time", provider=NAME, remedy="Begin the sign-in again.")


def modules(address: str) -> tuple[str, ...]:
    """Return an address as a QR code: rows of "1" (dark) and "0", without the quiet zone."""
    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_L)
    code.add_data(address)
    code.make(fit=True)
    return tuple("".join("1" if dark else "0" for dark in row) for row in code.get_matrix())


async def _new_code() -> tuple[str, str]:
    data = await call_api(_api("get_qrcode_and_token").result, "no code was given")
    try:
        return str(data["url"]), str(data["qrcode_key"])
    except (KeyError, TypeError):
        raise TransientError("the platform gave no code", provider=NAME) from None


def _api(name: str) -> Api:
    return Api(**API["qrcode"]["web"][name], credential=Credential())


async def _wait(key: str, step: SignInStep, show: Callable[[SignInStep], None]) -> Cookies | None:
    """Ask until the code was confirmed; return None when it has expired."""
    clock = asyncio.get_running_loop().time
    scanned = False
    while clock() < step.until:
        await asyncio.sleep(POLL_S)
        try:
            data = await call_api(
                _api("get_events").update_params(qrcode_key=key).result, "the code cannot be asked about"
            )
        except TransientError:  # a short loss of the connection does not end a sign-in
            continue
        code = data.get("code") if isinstance(data, dict) else None
        if code == 0:
            return _cookies(data)
        if code == _GONE:
            return None
        if code == _SCANNED and not scanned:
            scanned = True
            show(SignInStep(SignInState.SCANNED, step.url, "", step.qr, "confirm it in the app", step.until))
    return None


def _cookies(data: dict[str, Any]) -> Cookies:
    """Return the cookies from the address to which the site would send a browser."""
    fields = {name: values[0] for name, values in parse_qs(urlsplit(str(data.get("url", ""))).query).items()}
    try:
        return Cookies(
            sessdata=fields["SESSDATA"],
            csrf=fields["bili_jct"],
            uid=int(fields["DedeUserID"]),
            refresh=str(data.get("refresh_token", "")),
            ends_at=_ends_at(fields.get("Expires", "")),
        )
    except (KeyError, ValueError) as error:
        raise FatalError(f"the platform's sign-in lacks {error}", provider=NAME, remedy="Try again.") from None


def _ends_at(text: str) -> float:
    """Return when it expires, in seconds of the epoch. The site sends that, or seconds from now; 0: neither."""
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        return 0.0
    number = float(text)
    return number if number > 10**9 else time.time() + number
