"""Finds and imports providers: one module of a package each, or an entry point of another distribution."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import entry_points
from types import ModuleType
from typing import cast

from bot.errors import ConfigError, HaishinError

#: The extra that brings a package, where it is not called like the provider.
_EXTRAS = {"openai": "openai", "anthropic": "anthropic", "msgpack": "fish"}


def available(package: str) -> list[str]:
    """Return the names of the providers of a kind that this installation holds, built-in and third-party."""
    builtin = [m.name for m in pkgutil.iter_modules(importlib.import_module(package).__path__)]
    return sorted({*builtin, *(e.name for e in entry_points(group=_group(package)))})


def load(package: str, name: str) -> ModuleType:
    """Import the provider ``name`` of a kind, for example ``load("bot.voice.tts", "kokoro")``.

    Raises `ConfigError` with the names that exist, or with the extra to install.
    """
    if not name.isidentifier():
        raise ConfigError(f"{name!r} cannot be a provider's name")
    for entry in entry_points(group=_group(package)):
        if entry.name == name:
            return cast("ModuleType", entry.load())
    try:
        return importlib.import_module(f"{package}.{name}")
    except ModuleNotFoundError as error:
        if error.name == f"{package}.{name}":
            known = ", ".join(available(package))
            raise ConfigError(f"there is no provider {name!r}", remedy=f"choose one of: {known}") from None
        extra = _EXTRAS.get(str(error.name), name)
        raise ConfigError(
            f"the provider {name!r} needs the package {error.name!r}",
            remedy=f"install it with: pip install 'haishin[{extra}]'",
        ) from error
    except HaishinError:
        raise
    except ImportError as error:
        raise ConfigError(
            f"the provider {name!r} could not be imported: {error}",
            remedy=f"install it again with: pip install --force-reinstall 'haishin[{name}]'",
        ) from error


def _group(package: str) -> str:
    return f"haishin.{package.rpartition('.')[2]}"
