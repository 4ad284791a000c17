"""How a command ends when something is wrong: a sentence, what to do next, and an exit status; never a stack trace."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

from loguru import logger
from rich.console import Console
from rich.markup import escape

from bot.cli import interrupts
from bot.cli.interrupts import Interrupted
from bot.errors import ConfigError, HaishinError
from bot.telemetry.logging import log_uncaught, set_up_log
from bot.telemetry.redaction import Redactor

err = Console(stderr=True, highlight=False, emoji=False)
_OUR_FAULT = "that is a fault of Haishin; please report it"


def run_cleanly(command: Callable[[], object], redact: Redactor) -> None:
    """Run a command line. Exit with 2 for what a person can mend, 130 or 143 for a signal, 1 for a fault of ours."""
    began = time.monotonic()
    interrupts.raise_on_signals()
    set_up_log("INFO")
    log_uncaught()
    try:
        command()
    except Interrupted as error:
        err.print(f"haishin: interrupted after {time.monotonic() - began:.0f} s; what was fetched is kept")
        interrupts.leave(error.code)
    except HaishinError as error:
        explain(error, redact)
        sys.exit(2)
    except BaseExceptionGroup as group:
        _end_with(group, redact)
    except Exception:  # noqa: BLE001 - Python would print it without blacking out secrets
        logger.exception(_OUR_FAULT)
        sys.exit(1)


def explain(error: HaishinError, redact: Redactor) -> None:
    """Print what went wrong and what to do."""
    what = "the configuration is not right" if isinstance(error, ConfigError) else "that did not work"
    err.print(f"[bold red]haishin: {what}[/]")
    err.print(redact(str(error)), markup=False)
    if error.remedy:
        err.print(f"[bold]what to do:[/] {escape(redact(error.remedy))}")


def _end_with(group: BaseExceptionGroup[Any], redact: Redactor) -> NoReturn:
    known, other = group.split(HaishinError)
    if known is None or other is not None:
        logger.opt(exception=group).critical(_OUR_FAULT)
        sys.exit(1)
    for one in _flat(known):
        explain(one, redact)
    sys.exit(2)


def _flat(group: BaseExceptionGroup[Any]) -> list[HaishinError]:
    found: list[HaishinError] = []
    for error in group.exceptions:
        found += _flat(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
