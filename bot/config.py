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
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import ConfigError
from bot.inbox.inbox import Limits
from bot.sources.settings import BilibiliOpen, BilibiliWeb, Rates, Twitch
from moderation.policy import Policy

PREFIX = "HAISHIN_"
#: Variables with our prefix that are no settings: read elsewhere in this file or by the start script.
_NOT_SETTINGS = {"HAISHIN_TOKEN", "HAISHIN_HOME"}
_MAX_FILE = 1 << 20
_MAX_DEPTH = 20
#: Values in all files together: aliases can blow a small file up.
_MAX_NODES = 20_000


def home() -> Path:
    """Give the folder that holds the configurations, personas and pages: the checkout, or the installation."""
    here = Path(__file__).resolve().parent
    return here.parent if (here.parent / "personas").is_dir() else here / "share"


def data_dir() -> Path:
    """Give the folder for the database, the token and the log; ``HAISHIN_HOME`` moves it."""
    return Path(os.environ.get("HAISHIN_HOME") or platformdirs.user_data_path("haishin"))


class Section(BaseModel):
    """A group of settings. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", validate_default=True)


class Web(Section):
    """The one HTTP server: pages, sockets, control."""

    host: str = Field("127.0.0.1", description="address to listen on; anything but loopback lets others in")
    port: int = Field(7878, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    open_browser: bool = Field(default=False, description="open the pages when the show is on air")
    origins: list[str] = Field([], description="further page origins that may call, for example http://obs-pc:7878")
    token: SecretStr = Field(SecretStr(""), description="the key to every page; empty makes one at first start")


class Captions(Section):
    """Subtitles on the stage."""

    show: bool = Field(default=True, description="show what is being heard as text")
    size_px: int = Field(40, ge=12, le=120, description="size of the letters on a stage of 720 lines")
    position: Literal["bottom", "top"] = Field("bottom", description="one of: bottom, top")


class StageSettings(Section):
    """The overlay page."""

    captions: Captions = Captions()
    label: str | None = Field(None, max_length=20, description="the AI label on screen; unset: the persona's own")
    stop_timeout_s: float = Field(0.3, gt=0, le=5, description="how long a stop waits for the page's word")
    return_s: float = Field(4.0, gt=0, le=60, description="how long a turn waits for a page that went away")
    max_pages: int = Field(16, ge=1, le=200, description="stage pages open at once")


class ShowSettings(Section):
    """How the host behaves."""

    answer: Literal["all", "addressed", "none"] = Field("all", description="which chat lines may be answered")
    greeting: bool = Field(default=True, description="say hello when the first stage page opens")
    idle_after_s: float = Field(180.0, ge=0, description="say something after this long without a word; 0: never")
    thanks: bool = Field(default=True, description="thank for gifts, subs and super chats")
    filler_after_s: float = Field(2.0, gt=0, le=60, description="bridge the wait when the model is slower than this")
    turn_s: float = Field(90.0, gt=5, le=600, description="longest turn, from choice to silence")
    reply_chars: int = Field(600, ge=40, le=4000, description="longest reply, cut after the clause that crosses it")
    max_tokens: int = Field(160, ge=16, le=2000, description="longest reply as the model counts")
    lookahead_s: float = Field(12.0, gt=0, le=60, description="sound made ahead of what is heard, at most")
    language: Literal["auto", "en", "zh", "ja"] = Field("auto", description="language of numbers and undecidable text")
    release_delay_s: float = Field(0.0, ge=0, le=30, description="hold every clause back so long, for a person to skip")
    pause_after_blocks: int = Field(3, ge=0, le=100, description="blocked replies that pause the show; 0: never")
    pause_within_s: float = Field(300.0, gt=0, le=86_400, description="the time in which they count")


class JudgeSettings(Section):
    """When the judges are asked, and what their word is worth. Without ``judges`` nobody is asked."""

    outbound: Literal["off", "uncertain", "all"] = Field("uncertain", description="clauses of the host to ask about")
    inbound: Literal["off", "uncertain"] = Field("uncertain", description="viewers' lines to ask about")
    uncertain_from: float = Field(0.3, ge=0, le=1, description="what passes the rules with this score is uncertain")
    unsafe_from: float = Field(0.5, gt=0, le=1, description="a judge that is so sure that a text is bad is believed")
    outbound_s: float = Field(1.5, gt=0, le=10, description="longest wait for a judge before a clause")
    inbound_s: float = Field(3.0, gt=0, le=30, description="longest wait for a judge before a line is offered")
    per_minute: int = Field(60, ge=1, le=6000, description="questions to all judges together, at most")


class MemorySettings(Section):
    """What the host remembers of the conversation."""

    history: bool = Field(default=True, description="give the last exchanges to the model")
    history_tokens: int = Field(900, ge=0, le=100_000, description="budget of the history in the prompt")
    raw_chat_hours: float = Field(24.0, gt=0, le=24 * 30, description="raw chat older than this is deleted")


class ModelSettings(Section):
    """Weights for the built-in model and voices."""

    dir: Path | None = Field(None, description="folder of the weights; unset: the user's cache")
    offline: bool = Field(default=False, description="never ask the network for weights")


class LogSettings(Section):
    """The log."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    file: Path | None = Field(None, description="also write here, rotated at 10 MB, kept for 7 days")


class Replay(Section):
    """A recorded evening as a source."""

    file: Path = Field(description="an NDJSON recording that is played as if it were live")
    speed: float = Field(1.0, gt=0, le=10_000, description="how many times faster than it was recorded")


class Sources(Section):
    """Where messages come from. The local chat is always there; a platform is there when it is named."""

    twitch: Twitch | None = None
    bilibili_open: BilibiliOpen | None = None
    bilibili_web: BilibiliWeb | None = None
    rates: Rates = Rates()
    replay: Replay | None = None


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
        """Name the place where the closest enclosing key was written."""
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
