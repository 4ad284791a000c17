"""One log for all, with secrets blacked out.

What a record says (message, traceback, bound values) is made into text and blacked out before any sink sees it.
So a sink that fails, and then prints the record, has nothing to give away.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from loguru import logger

from bot.telemetry.redaction import Redactor

if TYPE_CHECKING:
    from loguru import Record

#: A log file is closed at this size. So many are kept, for so many seconds: a full log must not fill the disk.
ROTATION, KEPT, KEPT_S = "10 MB", 10, 7 * 86_400
#: What a stranger can make uvicorn say as often as he likes.
_CHATTER = ("completing handshake", "Invalid HTTP request received", "Invalid UTF-8 sequence received")


def set_up_log(level: str, file: Path | None = None, secrets: Iterable[str] = ()) -> Redactor:
    """Send all logs to stderr, and to a file that only its owner can read; return what blacks out the secrets.

    ``level`` is one of DEBUG, INFO, WARNING, ERROR. ``secrets`` are known by their value; further ones can be added
    to the `Redactor` later.
    """
    redactor = Redactor(secrets)
    logger.remove()
    logger.configure(patcher=lambda record: _redact(record, redactor))
    logger.add(
        sys.stderr,
        level=level,
        format="<dim>{time:HH:mm:ss}</dim> <level>{level: <7}</level> {message}",
        backtrace=False,
        diagnose=False,
    )
    if file:
        logger.add(
            file,
            level=level,
            rotation=ROTATION,
            retention=_retain,
            encoding="utf-8",
            backtrace=False,
            diagnose=False,
            opener=_owner_alone,
        )
    uvicorn = logging.getLogger("uvicorn.error")
    for old in [one for one in uvicorn.filters if isinstance(one, _Chatter)]:
        uvicorn.removeFilter(old)
    uvicorn.addFilter(_Chatter())
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.WARNING, force=True)
    return redactor


def log_uncaught() -> None:
    """Send what nobody caught, and Python's warnings, to the log too. Python itself would print it unredacted."""
    logging.captureWarnings(capture=True)

    def in_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logger.opt(exception=(kind, error, trace)).critical("Haishin ends with a fault that it does not know")

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            name = args.thread.name if args.thread else "a thread"
            logger.opt(exception=args.exc_value).error("{} ended with a fault", name)

    def in_finaliser(args: Any) -> None:
        logger.opt(exception=args.exc_value).error("{}", args.err_msg or "a fault that nobody could catch")

    sys.excepthook = in_main
    threading.excepthook = in_thread
    sys.unraisablehook = in_finaliser


def _redact(record: Record, redactor: Redactor) -> None:
    """Make the record's text complete and black it out; the traceback becomes a part of the message."""
    text = record["message"]
    if found := record["exception"]:
        trace = traceback.format_exception(found.type, found.value, found.traceback)
        text = f"{text}\n{''.join(trace).rstrip()}"
        record["exception"] = None
    record["message"] = redactor(text)
    record["extra"] = {key: redactor(str(value)) for key, value in record["extra"].items()}


def _owner_alone(path: str, flags: int) -> int:
    handle = os.open(path, flags, 0o600)
    if os.name == "posix":
        with contextlib.suppress(OSError):  # somebody else's file: it is written to, and stays theirs
            os.fchmod(handle, 0o600)
    return handle


def _retain(files: list[str]) -> None:
    """Delete log files that are too old or too many."""
    newest_first = sorted((Path(file) for file in files), key=_changed, reverse=True)
    for number, file in enumerate(newest_first):
        if number >= KEPT or _changed(file) < time.time() - KEPT_S:
            file.unlink(missing_ok=True)


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


class _Chatter(logging.Filter):
    """Leaves out what strangers could fill the log with."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record goes on."""
        return not any(words in str(record.msg) for words in _CHATTER)


class _ToLoguru(logging.Handler):
    """Sends the records of libraries, which use the standard library's logging, into ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one on."""
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - arguments that do not fit: logging itself would print them unredacted
            message = f"{record.msg} {record.args}"
        level = record.levelname if record.levelname in _LEVELS else "WARNING"
        error = record.exc_info if record.exc_info and record.exc_info[0] else None
        logger.opt(exception=error).log(level, "{}: {}", record.name, message)


_LEVELS = frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})
