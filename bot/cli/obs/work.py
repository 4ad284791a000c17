"""haishin obs: set OBS up, find what is wrong with it, say how it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import SecretStr
from rich.markup import escape
from rich.table import Table

from bot.cli.output import open_log, out
from bot.config import Settings, data_dir, own_data_dir
from bot.errors import ConfigError, FatalError, ProviderError, Refused
from bot.stage.director.settings import DirectorSettings, ShowState, names_in
from bot.stage.obs.changes import Failure, SetParameter, apply_all
from bot.stage.obs.doctor import Finding, Level, Outside, examine
from bot.stage.obs.inventory import Inventory, read_inventory
from bot.stage.obs.session import Session, open_session
from bot.stage.obs.settings import ObsSettings
from bot.stage.obs.setup import NAMES, Plan, Wish, plan
from bot.web.auth.token import Page, all_keys, page_query
from bot.web.door import token_of
from bot.web.settings import is_loopback

_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


async def set_up(settings: Settings, *, dry_run: bool) -> bool:
    """Make in OBS what is missing, or say what that is; return whether nothing is left. Raise `HaishinError`."""
    wish = _wish(settings, make_key=not dry_run)
    async with open_session(settings.obs, _unheard) as session:
        seen = await read_inventory(session.request)
        made = plan(seen, wish)
        out.print(f"OBS {escape(seen.version)}, canvas {seen.canvas[0]}×{seen.canvas[1]}")
        if dry_run:
            for change in made.changes:
                out.print(f"[cyan]would[/] {escape(change.sentence)}", soft_wrap=True)
            out.print("nothing was changed" if made.changes else "nothing to change")
            _say(made)
            return not made.problems
        failures = await apply_all(session.request, made.changes)
        _tell_changes(made, failures)
        left = [] if failures else await _left(session, wish)
        _say(made)
        _next_steps(settings, made, left)
        return not failures and not left and not made.problems


async def find_faults(settings: Settings, *, as_json: bool) -> bool:
    """Print what is wrong with OBS and what to do about it; return whether nothing fails. Raise `ConfigError`."""
    wish = _wish(settings, make_key=False)
    seen: Inventory | None = None
    try:
        async with open_session(settings.obs, _unheard) as session:
            seen = await read_inventory(session.request)
        findings = [
            Finding("connection", Level.OK, f"OBS {seen.version} answers at {_where(settings.obs)}"),
            *examine(seen, wish, Outside(is_loopback(settings.obs.host), await _open_to_all(settings.obs))),
            *_cues(settings.director, seen),
        ]
    except (ProviderError, Refused) as error:
        findings = [Finding("connection", Level.FAIL, str(error), error.remedy)]
    ok = all(finding.level is not Level.FAIL for finding in findings)
    if as_json:
        rows = [{"check": f.check, "level": f.level, "text": f.text, "remedy": f.remedy} for f in findings]
        out.print_json(json.dumps({"ok": ok, "version": seen.version if seen else None, "findings": rows}))
        return ok
    table = Table("", "what", "how it is", box=None)
    for one in findings:
        colour = _COLOURS[one.level]
        remedy = f"\n[bold]what to do:[/] {escape(one.remedy)}" if one.remedy else ""
        table.add_row(f"[{colour}]{one.level}[/]", one.check, escape(one.text) + remedy)
    out.print(table)
    return ok


def _cues(director: DirectorSettings, seen: Inventory) -> Iterator[Finding]:
    """Yield the scenes and sources that states and cues name and OBS does not have."""
    there = {"scene": {scene.name for scene in seen.scenes}, "source": {one.name for one in seen.inputs}}
    there["source"] |= there["scene"]  # a scene may be shown in another one
    for where, what, name in dict.fromkeys(names_in(director)):
        if name not in there[what]:
            near = get_close_matches(name, there[what], n=1)
            remedy = f"Is {near[0]!r} meant?" if near else f"Make it in OBS, or name another {what} (docs/cues.md)."
            yield Finding("cues", Level.WARN, f"{where} names the {what} {name!r}, which OBS does not have", remedy)


async def say_status(settings: Settings) -> None:
    """Print how OBS stands. Raise `HaishinError`."""
    open_log(settings)
    async with open_session(settings.obs, _unheard) as session:
        version = await session.request("GetVersion")
        scenes = await session.request("GetSceneList")
        stats = await session.request("GetStats")
        outputs = [await session.request(f"Get{name}Status") for name in ("Stream", "Record")]
    rows = {
        "connection": f"OBS {version.get('obsVersion')} with obs-websocket {version.get('obsWebSocketVersion')} at "
        f"{_where(settings.obs)}",
        "scene on air": f"{scenes.get('currentProgramSceneName')} (of {_length(scenes.get('scenes'))})",
        "stream": _output(outputs[0]),
        "recording": _output(outputs[1]),
        "load": f"{_figure(stats, 'cpuUsage'):.1f} % of the processor, {_figure(stats, 'activeFps'):.1f} frames a "
        f"second, {_figure(stats, 'availableDiskSpace') / 1000:.1f} GB free",
    }
    for name, text in rows.items():
        out.print(f"[bold]{name:14}[/]{escape(text)}", soft_wrap=True)


# --- where the stage page is ------------------------------------------------------------------------


def _wish(settings: Settings, *, make_key: bool) -> Wish:
    """Open the log, and return what the show wants of OBS. Raise `ConfigError`."""
    redactor = open_log(settings)
    token = _token(settings, make=make_key)
    redactor.add(*all_keys(token))
    # A state of the show that no scene is named for gets the usual one.
    names = {role: settings.director.scenes.get(ShowState(role)) or name for role, name in NAMES.items()}
    return Wish(_stage_address(settings, token), names)


def _token(settings: Settings, *, make: bool) -> str:
    """Return the key of this installation; without ``make`` an invented one where there is none yet."""
    if make:
        return token_of(settings.web, own_data_dir())
    there = settings.web.token.get_secret_value() or (data_dir() / "token").is_file()
    return token_of(settings.web, data_dir()) if there else "made at the first start"


def _stage_address(settings: Settings, token: str) -> str:
    """Return the address under which OBS finds the stage page. Raise `ConfigError` where it cannot find it."""
    host, port = settings.web.host, settings.web.port
    if port == 0:
        raise ConfigError(
            "web.port is 0, so the stage page has another address at each start",
            remedy="set web.port to a fixed number, for example 7878",
        )
    if is_loopback(settings.obs.host):
        host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - what is listened on, not opened
    elif is_loopback(host) or host in ("0.0.0.0", "::"):  # noqa: S104
        raise ConfigError(
            f"OBS runs on another machine ({settings.obs.host}), and cannot find the stage page at {host}",
            remedy="set web.host to the address of this machine in your network, for example 192.168.1.20",
        )
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{Page.STAGE}/{page_query(token, Page.STAGE)}"


async def _open_to_all(obs: ObsSettings) -> bool | None:
    """Return whether OBS takes orders without a password; None when it does not say."""
    try:
        async with open_session(obs.model_copy(update={"password": SecretStr("")}), _unheard):
            return True
    except FatalError:
        return False
    except ProviderError:
        return None


def _unheard(_name: str, _data: Mapping[str, Any]) -> None:
    """Hear no events: a command asks once."""


# --- what is printed --------------------------------------------------------------------------------


def _tell_changes(made: Plan, failures: list[Failure]) -> None:
    failed = {id(failure.change): failure for failure in failures}
    for change in made.changes:
        failure = failed.get(id(change))
        mark = "[green]done[/]" if failure is None else "[bold red]FAIL[/]"
        out.print(f"{mark} {escape(change.sentence)}", soft_wrap=True)
        if failure is not None:
            out.print(f"     {escape(failure.reason)}", soft_wrap=True)
            out.print(f"     [bold]what to do:[/] {escape(failure.remedy)}", soft_wrap=True)
    if not made.changes:
        out.print("nothing to change")


def _say(made: Plan) -> None:
    for note in made.notes:
        out.print(f"[yellow]note[/] {escape(note)}", soft_wrap=True)
    for problem in made.problems:
        out.print(f"[bold red]FAIL[/] {escape(problem)}", soft_wrap=True)


async def _left(session: Session, wish: Wish) -> list[str]:
    """Return what OBS did not keep of the changes, by looking again."""
    return [change.sentence for change in plan(await read_inventory(session.request), wish).changes]


def _next_steps(settings: Settings, made: Plan, left: list[str]) -> None:
    for sentence in left:
        out.print(f"[bold red]FAIL[/] OBS did not keep this: {escape(sentence)}", soft_wrap=True)
    if any(isinstance(change, SetParameter) for change in made.changes):
        out.print("[bold]next:[/] restart OBS, so that it takes the sample rate")
    if not settings.obs.enabled:
        out.print("[bold]next:[/] set obs.enabled: true in your configuration, so that the show uses OBS")
    if not settings.director.scenes:
        out.print(
            "[bold]next:[/] name the scenes under director.scenes, so that the show switches them (configs/cues.yaml)"
        )


def _where(obs: ObsSettings) -> str:
    return f"{obs.host}:{obs.port}"


def _output(status: Mapping[str, Any]) -> str:
    if not status.get("outputActive"):
        return "off"
    state = "reconnecting" if status.get("outputReconnecting") else "paused" if status.get("outputPaused") else "on"
    return f"{state}, for {str(status.get('outputTimecode')).partition('.')[0]}"


def _figure(stats: Mapping[str, Any], name: str) -> float:
    found = stats.get(name)
    return float(found) if isinstance(found, int | float) else 0.0


def _length(found: object) -> int:
    return len(found) if isinstance(found, list) else 0
