"""Sign in with a code: Twitch gives an address and a code, and a person enters the code there."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

from twitchio import Scopes
from twitchio.exceptions import HTTPException

from bot.errors import FatalError, TransientError
from bot.sources.source import SignInState, SignInStep
from bot.sources.twitch.helix import Http, explain
from bot.sources.twitch.subscriptions import SCOPES_BOT, SCOPES_STREAMER
from bot.sources.twitch.tokens import Account, Tokens

#: Answers of the service while nobody has entered the code yet, and when it is asked too often.
_PENDING, _SLOWER = "authorization_pending", "slow_down"
#: The shortest and the longest wait between two questions, and what "slow_down" adds to it (RFC 8628), in seconds.
LEAST_S, MOST_S, SLOWER_S = 1.0, 30.0, 5.0


async def sign_in(
    http: Http, tokens: Tokens, role: str, show: Callable[[SignInStep], None], channel: str = ""
) -> Account:
    """Sign an account in and store it.

    Raises `FatalError` when it was refused or took too long, and the errors of `Http`.
    """
    scopes = Scopes(sorted(_rights(tokens, role, channel)))
    try:
        begun = await http.device_code_flow(scopes=scopes)
    except HTTPException as error:
        known = explain(error, "the sign-in could not begin")
        known.remedy = "Check sources.twitch.client_id, and that the application's client type is Public."
        raise known from None
    clock = asyncio.get_running_loop().time
    until = clock() + min(float(begun["expires_in"]), 1800.0)
    step = SignInStep(SignInState.WAITING, str(begun["verification_uri"]), str(begun["user_code"]), until=until)
    show(step)
    found = await _wait(http, begun["device_code"], scopes, float(begun["interval"]), until)
    said = await http.validate_token(found["access_token"])
    account = Account(
        role=role,
        user=str(said.user_id),
        login=str(said.login),
        access=str(found["access_token"]),
        refresh=str(found["refresh_token"]),
        scopes=tuple(said.scopes),
        ends_at=dt.datetime.now(dt.UTC).timestamp() + float(said.expires_in),
    )
    await tokens.put(account)
    show(SignInStep(SignInState.DONE, detail=f"signed in as {account.login}", until=until))
    return account


def _rights(tokens: Tokens, role: str, channel: str) -> set[str]:
    """Return the rights to ask for: those of both roles, unless two accounts are known to share the work.

    Twitch keeps one set of rights for an account, so a sign-in for one role would take the other role's away.
    """
    bot, streamer = tokens.accounts.get("bot"), tokens.accounts.get("streamer")
    apart = bot is not None and (
        streamer.user != bot.user if streamer else bool(channel) and bot.login.lower() != channel.lower()
    )
    if not apart:
        return {*SCOPES_BOT, *SCOPES_STREAMER}
    return set(SCOPES_STREAMER if role == "streamer" else SCOPES_BOT)


async def _wait(http: Http, device: str, scopes: Scopes, interval_s: float, until: float) -> dict[str, str]:
    clock = asyncio.get_running_loop().time
    wait = max(LEAST_S, min(interval_s, MOST_S))
    while clock() < until:
        try:
            return dict(await _ask(http, device, scopes))
        except HTTPException as error:
            said = str(error.extra.get("message", "")).lower()
            if said == _SLOWER:
                wait += SLOWER_S
            elif said != _PENDING and error.status < 500:
                raise FatalError(f"Twitch did not sign in: {said or error.status}", provider="twitch") from None
        except TransientError:  # a short loss of the connection does not end a sign-in
            pass
        await asyncio.sleep(wait)
    raise FatalError("nobody typed the code in time", provider="twitch", remedy="Begin the sign-in again.")


async def _ask(http: Http, device: str, scopes: Scopes) -> dict[str, str]:
    """Ask once. The library's own loop has no deadline, and ends at the first lost connection."""
    from twitchio.http import Route  # noqa: PLC0415 - beside its only use

    grant = "urn:ietf:params:oauth:grant-type:device_code"
    params = {"client_id": http.client_id, "scopes": scopes.urlsafe(), "device_code": device, "grant_type": grant}
    answer = await http.request_json(Route("POST", "/oauth2/token", use_id=True, params=params))
    return {str(k): v for k, v in answer.items()}
