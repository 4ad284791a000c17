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
from pathlib import Path
from typing import Any, Literal

import platformdirs
import yaml
from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import ConfigError
from bot.inbox.inbox import Limits
from bot.mind.settings import MemorySettings
from bot.review.settings import JudgeSettings
from bot.show.settings import ShowSettings
from bot.sources.settings import Sources
from bot.stage.settings import StageSettings
from bot.telemetry.settings import LogSettings
from bot.web.settings import Web
from bot.weights.settings import ModelSettings
from moderation.policy import Policy

PREFIX = "HAISHIN_"
#: Variables with our prefix that are no settings: read elsewhere in this file or by the start script.
_NOT_SETTINGS = {"HAISHIN_TOKEN", "HAISHIN_HOME"}
_MAX_FILE = 1 << 20
_MAX_DEPTH = 20
#: Values in all files together: aliases can blow a small file up.
_MAX_NODES = 20_000


def home() -> Path:
    """Return the folder that holds the configurations, personas and pages: the checkout, or the installation."""
    here = Path(__file__).resolve().parent
    return here.parent if (here.parent / "personas").is_dir() else here / "share"


def data_dir() -> Path:
    """Return the folder for the database, the token and the log; ``HAISHIN_HOME`` moves it."""
    return Path(os.environ.get("HAISHIN_HOME") or platformdirs.user_data_path("haishin"))


#: One link of a provider chain: ``provider`` and that provider's own options.
Link = dict[str, Any]


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(extra="forbid", validate_default=True)

    persona: str = Field("mira", pattern=r"^[a-z0-9_-]{1,40}$", description="a folder of personas/: who the host is")
    web: Web = Web()
    llm: Literal["auto"] | list[Link] = Field("auto", description="language models, best first; auto: the built-in one")
    tts: Literal["auto"] | list[Link] = Field("auto", description="voices, best first; auto: the built-in ones")
    show: ShowSettings = ShowSettings()
    inbox: Limits = Limits()
    moderation: Policy = Policy()
    judges: list[Link] = Field([], description="slower judges of uncertain texts, best first; none by default")
    judging: JudgeSettings = JudgeSettings()
    memory: MemorySettings = MemorySettings()
    stage: StageSettings = StageSettings()
    sources: Sources = Sources()
    models: ModelSettings = ModelSettings()
    store: str = Field("", description="database URL; empty: an SQLite file in the data folder")
    log: LogSettings = LogSettings()

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


Path_ = tuple[str | int, ...]


@dataclass
class Layers:
    """The merged values, and for each key path where it was written ("live.yaml:12", "HAISHIN_WEB__PORT")."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path_, str] = field(default_factory=dict)
    nodes: int = 0

    def origin(self, path: Path_) -> str:
        """Return the place where the closest enclosing key was written."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.origins:
                return self.origins[path[:end]]
        return "defaults"


def load(files: Iterable[Path] = (), env: Mapping[str, str] | None = None) -> Settings:
    """Read the layers and validate them. Raises `ConfigError` that names file, line and key of each fault."""
    layers = Layers()
    default = home() / "configs" / "default.yaml"
    for file in [*([default] if default.is_file() else []), *files]:
        _read(Path(file), layers)
    _read_environment(os.environ if env is None else env, layers)
    try:
        return Settings(**layers.values)
    except ValidationError as error:
        raise ConfigError(
            "\n".join(_explain(e, layers) for e in error.errors(include_url=False, include_context=False))
        ) from None
    except TypeError as error:  # a key that is no string
        raise ConfigError(f"the configuration has a key that is not a word: {error}") from None


def _read(path: Path, layers: Layers) -> None:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read: {error.strerror or error}", remedy="check the name given to --config"
        ) from None
    if len(raw) > _MAX_FILE:
        raise ConfigError(f"{path}: larger than 1 MB, which no configuration is")
    try:
        node = yaml.compose(raw.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}", remedy="save the file as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: not valid YAML: {error.problem}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid YAML: {str(error)[:200]}") from None
    if node is None:
        return
    value = _plain(node, path, (), layers)
    if not isinstance(value, dict):
        raise ConfigError(f"{path}:1: a configuration is a list of 'key: value' lines")
    _merge(layers.values, value)


def _plain(node: yaml.Node, file: Path, path: Path_, layers: Layers) -> Any:
    """Turn a YAML node into plain values, noting the line of each key."""
    layers.nodes += 1
    if layers.nodes > _MAX_NODES:
        raise ConfigError(f"{file}: more than {_MAX_NODES} values, which no configuration has")
    if len(path) > _MAX_DEPTH:
        raise ConfigError(f"{file}:{node.start_mark.line + 1}: nested too deeply")
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigError(f"{file}:{line}: a key must be a word")
            key = str(key_node.value)
            if key in out:
                raise ConfigError(f"{file}:{line}: {'.'.join(map(str, (*path, key)))} is written twice")
            layers.origins[(*path, key)] = f"{file}:{line}"
            out[key] = _plain(value_node, file, (*path, key), layers)
        return out
    if isinstance(node, yaml.SequenceNode):
        items = []
        for index, item in enumerate(node.value):
            layers.origins[(*path, index)] = f"{file}:{item.start_mark.line + 1}"
            items.append(_plain(item, file, (*path, index), layers))
        return items
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.MarkedYAMLError, ValueError) as error:
        fault = getattr(error, "problem", error)
        raise ConfigError(f"{file}:{node.start_mark.line + 1}: not a value: {fault}") from None


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


def _read_environment(env: Mapping[str, str], layers: Layers) -> None:
    for name in sorted(env):
        if not name.upper().startswith(PREFIX) or name.upper() in _NOT_SETTINGS:
            continue
        path = tuple(int(p) if p.isdecimal() else p for p in name[len(PREFIX) :].lower().split("__"))
        if not all(p != "" for p in path):
            raise ConfigError(f"{name}: not a setting's name", remedy="names look like HAISHIN_WEB__PORT")
        try:
            value = yaml.safe_load(env[name]) if env[name] else ""
        except yaml.YAMLError:
            value = env[name]
        _place(layers.values, path, value, name)
        layers.origins[path] = name
    if token := env.get("HAISHIN_TOKEN"):
        _place(layers.values, ("web", "token"), token, "HAISHIN_TOKEN")


def _place(root: dict[str, Any], path: Path_, value: Any, name: str) -> None:
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


def _explain(error: Any, layers: Layers) -> str:
    path = tuple(p for p in error["loc"] if p not in ("list[dict[str,any]]", "literal['auto']"))
    key = ".".join(str(p) for p in path) or "(whole file)"
    text = f"{layers.origin(path)}: {key}: {error['msg'][0].lower()}{error['msg'][1:]}"
    if error["type"] == "extra_forbidden":
        text = f"{layers.origin(path)}: {key}: there is no such setting"
        if near := difflib.get_close_matches(str(path[-1]), _siblings(path[:-1]), n=1):
            text += f"; did you mean {near[0]!r}?"
    elif error["type"] != "missing" and "input" in error and not _secret(path):
        text += f" (it is {_short(error['input'])})"
    return text


def _secret(path: Path_) -> bool:
    return any(word in str(path[-1]).lower() for word in ("token", "key", "password", "secret")) if path else False


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _siblings(path: Path_) -> list[str]:
    model: type[BaseModel] = Settings
    for step in path:
        info = model.model_fields.get(str(step))
        kind = info.annotation if info else None
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return []
        model = kind
    return list(model.model_fields)


def store_url(settings: Settings) -> str:
    """Return where the database is."""
    return settings.store or f"sqlite+aiosqlite:///{(data_dir() / 'haishin.db').as_posix()}"
