"""Write ``docs/settings.md`` from the settings themselves; a test holds the two equal.

python -m scripts.make_settings
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

from bot.config import Settings

TARGET = Path(__file__).parent.parent / "docs" / "settings.md"

HEAD = """# Commands and settings

| command | what it does |
|---|---|
| `haishin run` | goes on air; `--config FILE` (repeatable), `--persona NAME`, `--port N`, `--open`, `--dry-run` |
| `haishin run --dry-run` | checks all that needs no network and no model, then stops |
| `haishin check` | does the same, then reaches each part: a line each, with the remedy |
| `haishin say TEXT` | speaks a text into a WAV file with the configured voices |
| `haishin login twitch`, `haishin login bilibili` | signs in: a code, or a QR code; `--as streamer` for a second |
| `haishin ledger` | lists the payments that want a person: not thanked yet, or not wholly readable; `--all` lists all |
| `haishin forget PLATFORM VIEWER` | forgets a viewer, by name or id; `--dry-run` says what would go |
| `haishin replay FILE` | runs the show over a recorded evening and accounts for every message; `--speed 20` |
| `haishin obs setup` | makes scenes, overlay and sound settings in OBS; `--dry-run` says what would change |
| `haishin obs doctor`, `haishin obs status` | what is wrong with OBS and what to do (`--json`); how it stands |
| `haishin personas` | lists the personas |
| `haishin models list`, `haishin models pull` | the weights of the built-in model and voices |

With `make run`, arguments go through `ARGS`: `make run ARGS="--persona xiaoyun"`.

Settings are YAML files given with `--config` (later ones win), on top of `configs/default.yaml`. Each setting
is also a variable: `web.port` is `HAISHIN_WEB__PORT`, the model of the first provider
`HAISHIN_LLM__0__MODEL`. A key after which nothing is written is an empty section, or a setting that is not there.
An unknown name is an error that says where it stands. While the show is on air a
file that is saved is read again: `persona`, `show`, `inbox`, `moderation`, `judging` and `stage` change at once,
for the others it says that a restart is needed.

Values keep the type of their setting, in variables and in files. Where a setting is text (a name, a path, a key)
the words are taken as they stand: a channel may be called `123456` or `no`, and a key may begin with 0. Elsewhere:

- numbers and switches are read as such; an empty variable counts as not set; `null` unsets what may be unset;
- lists and groups are written in brackets: `HAISHIN_WEB__ORIGINS='[http://a, http://b]'`;
- the options of a provider (`HAISHIN_LLM__0__TEMPERATURE=0.5`) are text or a list in brackets, and the provider
  reads them by its own types; below an option (`HAISHIN_LLM__0__OPTIONS__NUM_CTX=2048`) what plainly is a number,
  `true` or `false` is one.

No error repeats a secret, a password in an address, or an option of a provider.

`HAISHIN_TOKEN` sets the key to the pages, `HAISHIN_HOME` the folder of the database and the key.
The options of `llm`, `tts` and `judges` providers are in [providers.md](providers.md).

| setting | default | meaning |
|---|---|---|
"""


def rows(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield each setting: its path, its default, its meaning."""
    for name, info in model.model_fields.items():
        full = f"{path}{name}"
        kinds = [k for k in (info.annotation, *get_args(info.annotation)) if isinstance(k, type)]
        nested = next((k for k in kinds if issubclass(k, BaseModel)), None)
        if nested is not None:
            yield from rows(nested, f"{full}.")
            continue
        default = info.get_default(call_default_factory=True)
        yield full, _plain(default), (info.description or _kinds(info.annotation)).replace("|", "\\\\|")


def _plain(value: Any) -> str:
    if value is None or repr(value) == "PydanticUndefined" or (isinstance(value, SecretStr | str) and not str(value)):
        return ""
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(f"`{v}`" for v in value)
    return f"`{value}`"


def _kinds(annotation: Any) -> str:
    options = get_args(annotation)
    return "one of: " + ", ".join(map(str, options)) if options and all(isinstance(o, str) for o in options) else ""


def document() -> str:
    """Return the whole page."""
    return HEAD + "".join(f"| `{path}` | {default} | {meaning} |\n" for path, default, meaning in rows(Settings))


if __name__ == "__main__":
    TARGET.write_text(document(), "utf-8")
