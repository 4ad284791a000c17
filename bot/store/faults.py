"""What goes wrong with a database, in words for a person. No password stands in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from bot.errors import ConfigError, FatalError, TransientError

_UNREADABLE = ("file is not a database", "malformed", "unsupported file format")
_HIDDEN = "***"


def shown(url: URL | str) -> str:
    """Return where a database is as it may be printed: a file's path, or a server without password and options."""
    try:
        target = make_url(url)
    except (ArgumentError, ValueError):
        return "a database whose address cannot be read"
    if target.get_backend_name() == "sqlite":
        return target.database or "a database in memory"
    password = _HIDDEN if target.password is not None else None
    return target.set(password=password, query={}).render_as_string(hide_password=False)


@contextmanager
def explained(target: URL) -> Iterator[None]:
    """Turn what goes wrong while opening into a `ConfigError` that says what to do."""
    where = shown(target)
    try:
        yield
    except ConfigError:
        raise
    except TimeoutError:
        raise ConfigError(f"the database {where} did not answer", remedy="check that it runs, and try again") from None
    except (SQLAlchemyError, sqlite3.Error, OSError, ImportError, TypeError, ValueError) as error:
        fault = _without_secrets(_words(error), target)
        if any(sign in fault for sign in _UNREADABLE):
            raise ConfigError(
                f"the database {where} is damaged, or is no database: {fault}",
                remedy="move the file aside and start again: a new one is made, and the old one is not touched",
            ) from error
        if "locked" in fault:
            remedy = "close the other program that has it open, and try again"
        elif target.get_backend_name() == "sqlite":
            remedy = "check the file and the free space, or name another file in 'store'"
        else:
            remedy = "check that the server runs, and the user, password and database name in 'store'"
        raise ConfigError(f"the database {where} cannot be used: {fault}", remedy=remedy) from None


def runtime_error(error: DBAPIError | OSError) -> Exception:
    """Return the error of the tree in `bot.errors` for one of the driver; one of our own making as it is."""
    fault = _words(error)
    if any(sign in fault for sign in _UNREADABLE):
        return FatalError(
            f"the database is damaged: {fault}",
            provider="store",
            remedy="stop the show, move the database file aside and start again",
        )
    if isinstance(error, OperationalError | OSError) or getattr(error, "connection_invalidated", False):
        return TransientError(f"the database failed: {fault}", provider="store")
    return error  # a fault of ours: not disguised


def _words(error: BaseException) -> str:
    """Return the driver's own words in one line: SQLAlchemy adds the statement with all its values."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(cause).split())[:200] or type(cause).__name__


def _without_secrets(words: str, target: URL) -> str:
    """Black out the password of a URL, and what its options say: a password may stand there too."""
    options = [value for values in target.normalized_query.values() for value in values]
    for secret in (target.password, *options):
        if secret and len(str(secret)) > 2:
            words = words.replace(str(secret), _HIDDEN)
    return words
