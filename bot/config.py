"""The only reader of configuration files and of the environment.

Settings come in layers, later over earlier: the defaults below, ``configs/default.yaml``, each
``--config`` file in its order, then ``HAISHIN_…`` variables (``HAISHIN_WEB__PORT=8000`` sets
``web.port``; a list's element is named by its number: ``HAISHIN_LLM__0__MODEL``). Mappings are
merged key by key, lists are replaced whole by a file. Nothing unknown is accepted at any level,
and each error names the file, the line and the key.
"""

from __future__ import annotations

import difflib
import itertools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import ConfigError
from bot.hearing.settings import HearingSettings
from bot.inbox.settings import Limits
from bot.intake.settings import IntakeSettings
from bot.mind.budget.settings import BudgetSettings
from bot.mind.settings import MemorySettings
from bot.mind.tools.settings import ToolSettings
from bot.review.settings import JudgeSettings
from bot.runtime.private import keep_private
from bot.show.cohost.settings import CohostSettings
from bot.show.commands.settings import CommandSettings, Timer
from bot.show.floor_settings import FloorSettings
from bot.show.night.settings import NightSettings
from bot.show.settings import ShowSettings
from bot.sources.settings import Sources
from bot.stage.director.settings import DirectorSettings
from bot.stage.obs.settings import ObsSettings
from bot.stage.settings import StageSettings
from bot.stage.watchdog.settings import WatchdogSettings
from bot.telemetry.settings import LogSettings, NotifySettings
from bot.text.field_types import (
    KeyPath,
    field_of,
    holds_secret,
    is_group,
    is_secret_name,
    is_text,
    kinds_at,
    may_be_missing,
    plain,
)
from bot.text.slips import hint
from bot.text.yaml_file import OMITTED, Scalar, fit_to, parse_yaml, read_yaml
from bot.vision.settings import VisionSettings
from bot.web.settings import Web
from bot.weights.settings import ModelSettings
from moderation.policy import Policy

PREFIX = "HAISHIN_"
#: Variables with our prefix that are no settings: read elsewhere in this file or by the start script.
_NOT_SETTINGS = {"HAISHIN_TOKEN", "HAISHIN_HOME"}


@cache
def home() -> Path:
    """Return the folder that holds the configurations, personas and pages: the checkout, or the installation."""
    here = Path(__file__).resolve().parent
    return here.parent if (here.parent / "personas").is_dir() else here / "share"


def data_dir() -> Path:
    """Return the folder for the database, the token and the log; ``HAISHIN_HOME`` moves it."""
    return Path(os.environ.get("HAISHIN_HOME", "").strip() or platformdirs.user_data_path("haishin"))


def own_data_dir() -> Path:
    """Return the folder of `data_dir`, made where it was not, for its owner alone. Raise `ConfigError`.

    What lies in it was said and paid by viewers, or opens the host: it is closed to others also when it was open.
    """
    data = data_dir()
    try:
        keep_private(data)
    except OSError as error:
        raise ConfigError(
            f"the data folder {data} cannot be made: {error.strerror or error}",
            remedy="check the rights of the folder around it and the free space, or name another one: HAISHIN_HOME=…",
        ) from None
    return data


#: One link of a provider chain: ``provider`` and that provider's own options.
Link = dict[str, Any]


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(extra="forbid", validate_default=True)

    persona: str = Field("mira", pattern=r"^[a-z0-9_-]{1,40}$", description="a folder of personas/: who the host is")
    web: Web = Web()
    llm: Literal["auto"] | list[Link] = Field("auto", description="language models, best first; auto: the built-in one")
    tts: Literal["auto"] | list[Link] = Field("auto", description="voices, best first; auto: the built-in ones")
    asr: Literal["auto"] | list[Link] = Field("auto", description="recognisers of speech; auto: the built-in one")
    hearing: HearingSettings = HearingSettings()
    show: ShowSettings = ShowSettings()
    floor: FloorSettings = FloorSettings()
    cohost: CohostSettings = CohostSettings()
    intake: IntakeSettings = IntakeSettings()
    inbox: Limits = Limits()
    commands: CommandSettings = CommandSettings()
    timers: list[Timer] = Field([], max_length=20, description="lines written into the chat from time to time")
    moderation: Policy = Policy()
    judges: list[Link] = Field([], description="slower judges of uncertain texts, best first; none by default")
    judging: JudgeSettings = JudgeSettings()
    memory: MemorySettings = MemorySettings()
    tools: ToolSettings = ToolSettings()
    night: NightSettings = NightSettings()
    budget: BudgetSettings = BudgetSettings()
    vision: VisionSettings = VisionSettings()
    stage: StageSettings = StageSettings()
    programme: Path | None = Field(None, description="the programme's file: segments on time; see docs/programme.md")
    obs: ObsSettings = ObsSettings()
    director: DirectorSettings = DirectorSettings()
    watchdog: WatchdogSettings = WatchdogSettings()
    sources: Sources = Sources()
    models: ModelSettings = ModelSettings()
    # May hold a password: repr=False keeps it out of what is printed.
    store: str = Field("", repr=False, description="database URL; empty: an SQLite file in the data folder")
    log: LogSettings = LogSettings()
    notify: NotifySettings = NotifySettings()

    @classmethod
    def settings_customise_sources(  # noqa: D102 - documented by pydantic-settings
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - replaced: ours keeps the origins and knows lists
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


@dataclass
class Layers:
    """The merged values; for each key where it was written ("live.yaml:12", "HAISHIN_WEB__PORT"), and advice for it."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[KeyPath, str] = field(default_factory=dict)
    hints: dict[KeyPath, str] = field(default_factory=dict)

    def origin(self, path: KeyPath) -> str:
        """Return the place where the closest enclosing key was written."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.origins:
                return self.origins[path[:end]]
        return "defaults"


def load(files: Iterable[Path] = (), env: Mapping[str, str] | None = None) -> Settings:
    """Read the layers and check them. Raise `ConfigError` that names file, line and key of each fault."""
    layers = Layers()
    default = home() / "configs" / "default.yaml"
    for file in [*([default] if default.is_file() else []), *files]:
        _read(Path(file), layers)
    _read_environment(os.environ if env is None else env, layers)
    try:
        return Settings(**layers.values)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        advice = [layers.hints[place] for fault in faults if (place := _place_of(fault)) in layers.hints]
        raise ConfigError("\n".join(_explain(f, layers) for f in faults), remedy=next(iter(advice), "")) from None


def _read(path: Path, layers: Layers) -> None:
    """Put a file over what is there."""
    broken: list[KeyPath] = []
    typed = fit_to(Settings)

    def fit(place: KeyPath, scalar: Scalar) -> Any:
        if Path in kinds_at(Settings, place) and any(char < " " for char in scalar.text):
            broken.append(place)
        return typed(place, scalar)

    found = read_yaml(path, fit=fit)
    if broken:
        raise ConfigError(
            f"{path}:{found.line(broken[0])}: {'.'.join(map(str, broken[0]))} has an invisible character in it",
            remedy="write the path in single quotes, or with / instead of \\",
        )
    if found.value is None:
        return
    if not isinstance(found.value, dict):
        raise ConfigError(
            f"{path}:1: a configuration is a list of 'key: value' lines",
            remedy=hint(str(found.value)) or "write for example: persona: mira",
        )
    layers.origins |= {place: f"{path}:{line}" for place, line in found.lines.items()}
    layers.hints |= found.hints
    _merge(layers.values, found.value)


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


def _read_environment(env: Mapping[str, str], layers: Layers) -> None:
    for name in sorted(env):
        _refuse_slips(name, env[name])
        if not name.upper().startswith(PREFIX) or name.upper() in _NOT_SETTINGS:
            continue
        path = tuple(int(p) if p.isdecimal() else p for p in name[len(PREFIX) :].lower().split("__"))
        if not all(p != "" for p in path):
            raise ConfigError(f"{name}: not a setting's name", remedy="names look like HAISHIN_WEB__PORT")
        value = _from_variable(env[name].rstrip("\r\n"), path, name)  # a file of variables from Windows
        if value is not OMITTED:
            _place(layers.values, path, value, name)
            layers.origins[path] = name
    if token := env.get("HAISHIN_TOKEN", "").strip():
        _place(layers.values, ("web", "token"), token, "HAISHIN_TOKEN")
        layers.origins["web", "token"] = "HAISHIN_TOKEN"


def _refuse_slips(name: str, text: str) -> None:
    """Raise `ConfigError` for a variable that a file of variables (.env) sets otherwise than it was meant."""
    plain = "".join(char for char in name if char.isprintable()).strip()
    if plain != name and plain.upper().startswith(PREFIX):
        raise ConfigError(
            f"{plain}: an invisible character stands before or in the name of this variable",
            remedy="save the file that sets it as UTF-8 without a byte order mark (BOM), and write the name anew",
        )
    if name.upper().startswith(PREFIX) and text.strip()[:1] in tuple("“”„‘’＂"):
        raise ConfigError(
            f"{name}: typographic quotes around a value become a part of it",
            remedy="use straight quotes \" or ', or none",
        )


def _from_variable(text: str, path: KeyPath, name: str) -> Any:
    """Return the value of a variable, read by the type of its setting. The rules stand in docs/settings.md."""
    kinds = kinds_at(Settings, path)
    group = text.strip()[:1] in ("[", "{") and not is_secret_name(str(path[-1]))
    if Any in kinds:
        if group:
            return _flow(text, path, name)
        # An option of a provider is read by the provider, which knows its type; what lies deeper nobody knows.
        return plain(text) if Any in kinds_at(Settings, path[:-1]) else text
    if any(is_group(kind) for kind in kinds):
        return _flow(text, path, name) if group else text or OMITTED
    if not kinds or any(is_text(kind) for kind in kinds):
        return text
    if may_be_missing(kinds) and text.strip().lower() in ("", "null", "none", "~"):
        return None
    return text.strip() or OMITTED


def _flow(text: str, path: KeyPath, name: str) -> Any:
    """Return a list or a mapping in brackets; what is no YAML stays text, and is then refused by its setting."""
    try:
        return parse_yaml(text, name, fit=fit_to(Settings, path)).value
    except ConfigError:
        return text


def _place(root: dict[str, Any], path: KeyPath, value: Any, name: str) -> None:
    at: Any = root
    for step, following in itertools.pairwise(path):
        if isinstance(at, list) and isinstance(step, int):
            if step > len(at):
                raise ConfigError(f"{name}: there is no element {len(at)} before element {step}")
            if step == len(at):
                at.append({})
            at = at[step]
        elif isinstance(at, dict):
            if not isinstance(at.get(str(step)), dict | list):
                at[str(step)] = [] if isinstance(following, int) else {}
            at = at[str(step)]
        else:
            raise ConfigError(f"{name}: {step} is no group of settings")
    if isinstance(at, list) and isinstance(path[-1], int):
        at[path[-1] : path[-1] + 1] = [value]
    elif isinstance(at, dict):
        at[str(path[-1])] = value
    else:
        raise ConfigError(f"{name}: {path[-1]} cannot be set here")


def _place_of(fault: Any) -> KeyPath:
    """Return the key of a fault, without the names that pydantic gives to the members of a union."""
    return tuple(p for p in fault["loc"] if p not in ("list[dict[str,any]]", "literal['auto']"))


def _explain(fault: Any, layers: Layers) -> str:
    path = _place_of(fault)
    key = ".".join(str(p) for p in path) or "(whole file)"
    message = fault["msg"].removeprefix("Value error, ")
    text = f"{layers.origin(path)}: {key}: {message[0].lower()}{message[1:]}"
    if fault["type"] == "extra_forbidden":
        text = f"{layers.origin(path)}: {key}: there is no such setting"
        if path == ("segments",):
            text += "; this is a programme: name it with 'programme: FILE', and see: haishin programme check FILE"
        elif near := difflib.get_close_matches(str(path[-1]), _siblings(path[:-1]), n=1):
            text += f"; did you mean {near[0]!r}?"
    elif fault["type"] != "missing" and not _secret(path):
        text += _shown(fault.get("input"))
    return text


def _secret(path: KeyPath) -> bool:
    """Return whether a value at this place must not be printed: it is a secret, or may hold one."""
    for end in range(1, len(path) + 1):
        info = field_of(Settings, path[:end])
        if is_secret_name(str(path[end - 1])) or (info is not None and not info.repr):
            return True
    return any(holds_secret(kind) for kind in kinds_at(Settings, path))


def _shown(value: object) -> str:
    """Return a value for a message. Of a list or a mapping only that it is one, since it may hold anything."""
    if isinstance(value, dict):
        return " (it is a group of settings)"
    if isinstance(value, list | tuple):
        return " (it is a list)"
    text = repr(value)
    if "@" in text or is_secret_name(text):  # it may hold a password, or be somewhere else what it says that it is
        return ""
    return f" (it is {text if len(text) <= 60 else text[:57] + '...'})"


def _siblings(path: KeyPath) -> list[str]:
    models = (kind for kind in kinds_at(Settings, path) if isinstance(kind, type) and issubclass(kind, BaseModel))
    return [name for model in models for name in model.model_fields]


def store_url(settings: Settings) -> str:
    """Return where the database is; the data folder is made for it where it was not. Raise `ConfigError`."""
    return settings.store or f"sqlite+aiosqlite:///{(own_data_dir() / 'haishin.db').as_posix()}"
