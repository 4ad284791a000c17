"""One log for all, with secrets blacked out."""

from __future__ import annotations

import logging
import re
import sys

from loguru import logger

from bot.config import Settings

_SECRET = re.compile(
    r"(?i)((?:token|key|password|secret|authorization)['\"]?\s*[=:]\s*['\"]?(?:bearer\s+)?)[^\s'\"&,}]+"
)


def set_up_log(settings: Settings) -> None:
    """Send all logs to one place, with secrets blacked out."""
    secret = settings.web.token.get_secret_value()

    def redact(record: object) -> None:
        text = _SECRET.sub(r"\1***", record["message"])  # type: ignore[index]
        record["message"] = text.replace(secret, "***") if secret else text  # type: ignore[index]

    logger.remove()
    logger.configure(patcher=redact)
    logger.add(
        sys.stderr,
        level=settings.log.level,
        format="<dim>{time:HH:mm:ss}</dim> <level>{level: <7}</level> {message}",
        backtrace=False,
        diagnose=False,  # it prints the values of variables: viewers' words, keys
    )
    if settings.log.file:
        logger.add(
            settings.log.file,
            level=settings.log.level,
            rotation="10 MB",
            retention="7 days",
            encoding="utf-8",
            diagnose=False,
        )
    # Uvicorn calls a refused handshake an error; a stranger could fill the log with them.
    logging.getLogger("uvicorn.error").addFilter(lambda record: "completing handshake" not in record.getMessage())
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.WARNING, force=True)


class _ToLoguru(logging.Handler):
    """Routes the standard library's log records of the libraries into ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one on."""
        logger.opt(exception=record.exc_info).log(
            record.levelname if record.levelname in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL") else "WARNING",
            "{}: {}",
            record.name,
            record.getMessage(),
        )
