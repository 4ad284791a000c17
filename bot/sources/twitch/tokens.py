"""The sign-ins of the accounts: stored on disk, renewed early, and never by two requests at once.

A refresh token is valid for one use, so five requests that meet an expired token must lead to one renewal.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from loguru import logger
from twitchio.exceptions import HTTPException

from bot.errors import ProviderError
from bot.sources.connection import ExpiredError
from bot.sources.credentials import CredentialFile
from bot.sources.twitch.helix import Http, explain

#: A token that expires sooner than this is renewed, in seconds. A new one lasts about four hours.
EARLY_S = 30 * 60.0
#: How often `keep_fresh` checks the tokens; Twitch wants each one validated every hour. In seconds.
LOOK_S, VALIDATE_S = 30.0, 3600.0
SIGN_IN = "Sign in again: haishin login twitch"


@dataclass(frozen=True, slots=True)
class Account:
    """A signed-in account. ``ends_at`` is wall-clock seconds; ``role`` is "bot" or "streamer"."""

    role: str
    user: str
    login: str
    access: str
    refresh: str
    scopes: tuple[str, ...]
    ends_at: float

    @property
    def left_s(self) -> float:
        """Return how long the token lasts, in seconds."""
        return self.ends_at - dt.datetime.now(dt.UTC).timestamp()


class Tokens:
    """The accounts of a file; none before the first `reload`.

    Methods that ask Twitch take the ``http`` to ask through, since each connection has its own.
    """

    def __init__(self, path: Path, on_change: Callable[[], None] = lambda: None) -> None:
        self.accounts: dict[str, Account] = {}
        self._on_change = on_change
        self._file = CredentialFile(path)
        self._lock = asyncio.Lock()
        self._validated: dict[str, float] = {}
        #: Counts the changes by `put`, so that a file that was read before one is not taken for newer.
        self._changes = 0
        #: Whether the file lacks the last change. Its refresh token is then used up.
        self._unwritten = False

    async def reload(self) -> None:
        """Read the file again: somebody may have signed in. Not while the file lacks a change of ours."""
        if self._unwritten:
            return
        changes = self._changes
        found = _accounts(await self._file.read())
        if found and changes == self._changes:
            self.accounts = found

    def role(self, role: str) -> Account | None:
        """Return the account of a role. When only one account is signed in, it has both roles."""
        return self.accounts.get(role) or next(iter(self.accounts.values()), None)

    def by_user(self, user: str) -> Account:
        """Return an account by its id. Raises `ExpiredError`."""
        for account in self.accounts.values():
            if account.user == user:
                return account
        raise ExpiredError("this account is not signed in", provider="twitch", remedy=SIGN_IN)

    def access(self, user: str) -> str:
        """Return a user's token."""
        return self.by_user(user).access

    async def renew(self, http: Http, user: str, stale: str) -> str:
        """Return a new token in the place of ``stale``. Several callers share one renewal.

        Raises `ExpiredError` when the refresh token is no longer valid, `TransientError` when Twitch cannot be reached.
        """
        async with self._lock:
            account = self.by_user(user)
            if account.access != stale:
                return account.access
            try:
                new = await http.refresh_token(account.refresh)
            except HTTPException as error:
                if error.status in (400, 401, 403):
                    raise ExpiredError("the sign-in has run out", provider="twitch", remedy=SIGN_IN) from None
                raise explain(error, "the sign-in could not be renewed") from None
            ends = dt.datetime.now(dt.UTC).timestamp() + float(new.expires_in)
            await self.put(replace(account, access=new.access_token, refresh=new.refresh_token, ends_at=ends))
            logger.info("twitch: the sign-in of {} was renewed", account.login)
            return new.access_token

    async def put(self, account: Account) -> None:
        """Keep an account, in memory at once and then on the disk. A write that fails is tried again later."""
        merged = {**self.accounts}
        for role, held in self.accounts.items():
            if held.user == account.user:  # one account in both roles has one token
                merged[role] = replace(account, role=role)
        merged[account.role] = account
        self.accounts = merged  # first: the old refresh token is used up, even if the disk is full
        self._changes += 1
        self._unwritten = True
        self._on_change()
        await self._write()

    async def _write(self) -> None:
        changes = self._changes
        try:
            await self._file.write({role: asdict(a) for role, a in self.accounts.items()})
        except OSError as error:
            logger.error("twitch: the sign-in cannot be written to {}: {}", self._file.path, error.strerror)
        else:
            self._unwritten = changes != self._changes

    async def validate(self, http: Http, account: Account) -> Account:
        """Ask Twitch for the owner and the scopes of a token; renew the token when it has expired."""
        try:
            said = await http.validate_token(account.access)
        except HTTPException as error:
            if error.status != 401:
                raise explain(error, "the sign-in could not be checked") from None
            access = await self.renew(http, account.user, account.access)
            said = await http.validate_token(access)
            account = self.by_user(account.user)
        ends = dt.datetime.now(dt.UTC).timestamp() + float(said.expires_in)
        new = replace(account, scopes=tuple(said.scopes), login=said.login or account.login, ends_at=ends)
        self._validated[account.user] = asyncio.get_running_loop().time()
        if new != account:
            self.accounts = {r: replace(new, role=r) if a.user == new.user else a for r, a in self.accounts.items()}
            self._on_change()
        return new

    async def keep_fresh(self, http: Http) -> None:
        """Renew tokens early and validate them every hour, until cancelled. Raises `ExpiredError`."""
        while True:
            for account in {a.user: a for a in self.accounts.values()}.values():
                try:
                    if account.left_s < EARLY_S:
                        await self.renew(http, account.user, account.access)
                    if asyncio.get_running_loop().time() - self._validated.get(account.user, 0.0) > VALIDATE_S:
                        await self.validate(http, account)
                except ExpiredError:
                    if account.left_s <= 0:
                        raise
                    logger.warning("twitch: the sign-in of {} can no longer be renewed", account.login)
                except ProviderError as error:
                    logger.warning("twitch: {}", error)
            if self._unwritten:
                await self._write()
            await asyncio.sleep(LOOK_S)


def _accounts(stored: dict[str, Any]) -> dict[str, Account]:
    accounts = {}
    for role, fields in stored.items():
        try:
            account = Account(**{**fields, "scopes": tuple(fields["scopes"]), "ends_at": float(fields["ends_at"])})
        except (TypeError, KeyError, ValueError):
            logger.error("twitch: the stored sign-in of {!r} cannot be read: sign in again", str(role)[:20])
            continue
        accounts[str(role)] = account
    return accounts
