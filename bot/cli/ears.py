"""haishin ears: orders to the ears of the host that runs here, for hotkeys, a Stream Deck, and scripts."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bot.cli.options import NONE, Configs, load, run_async

ears_cli = typer.Typer(
    help="The ears of the host that runs on this machine: on, off, a button to talk, how they stand.",
    no_args_is_help=True,
)
#: How long the host may take, in seconds: it answers at once, or is not there.
WITHIN_S = 5.0


@ears_cli.command()
def on(configs: Configs = NONE) -> None:
    """Switch the ears on."""
    _order(configs, "/api/ears", {"on": True})


@ears_cli.command()
def off(configs: Configs = NONE) -> None:
    """Switch the ears off: from now on nothing is recorded, recognised or remembered."""
    _order(configs, "/api/ears", {"on": False})


@ears_cli.command()
def talk(
    button: Annotated[str, typer.Argument(help="down, up, or press: the other one of the two.")] = "press",
    configs: Configs = NONE,
    seconds: Annotated[
        float, typer.Option(min=0.1, max=600, help="With hearing.talk: push, let go by itself after so long.")
    ] = 120.0,
) -> None:
    """Press the button to talk, or let it go.

    For example, on two hotkeys of any program:

        haishin ears talk down

        haishin ears talk up
    """
    downs = {"down": True, "up": False, "press": None}
    if button not in downs:
        raise typer.BadParameter("give down, up or press")
    _order(configs, "/api/ears/talk", {"down": downs[button], "for_s": seconds})


@ears_cli.command()
def answer(configs: Configs = NONE) -> None:
    """Order an answer to what is being said, or was said just now."""
    _order(configs, "/api/ears/answer", {})


@ears_cli.command()
def status(configs: Configs = NONE) -> None:
    """Say how the ears stand; the exit code is 0 when the streamer is heard now."""
    from bot.cli.output import out  # noqa: PLC0415

    view = run_async(_ask(configs, "GET", "/api/ears", None))
    words = describe(view)
    out.print(words, markup=False)
    raise typer.Exit(0 if view["listening"] and view["input"] == "live" else 1)


def describe(view: dict[str, Any]) -> str:
    """Return in words how the ears stand."""
    if not view["enabled"]:
        return "the ears are not enabled: set hearing.enabled: true; see docs/cohost.md"
    if not view["on"]:
        return "the ears are off: nothing is recorded, recognised or remembered"
    if view["trouble"]:
        return f"the ears are on, but: {view['trouble']}"
    heard = "you are heard" if view["listening"] else "you are not heard: the button to talk is not held"
    return f"the ears are on; {heard} ({view['source']}, {view['input']}, level {view['level']:.2f})"


def _order(configs: Any, path: str, body: dict[str, Any]) -> None:
    from bot.cli.output import out  # noqa: PLC0415

    done = run_async(_ask(configs, "POST", path, body))
    out.print(done["detail"], markup=False)
    raise typer.Exit(0 if done["ok"] else 1)


async def _ask(configs: Any, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    """Ask the host that runs here. Raises `Refused` and `TransientError`, in words."""
    import httpx  # noqa: PLC0415 - heavy: 'haishin --help' must not wait for it

    from bot import config  # noqa: PLC0415
    from bot.errors import Refused, TransientError  # noqa: PLC0415

    settings = load(configs)
    token = settings.web.token.get_secret_value()
    file = config.data_dir() / "token"
    if not token:
        try:
            token = file.read_text("ascii", "ignore").strip()
        except OSError:
            raise Refused(
                f"no host was started here: there is no key in {file}",
                remedy="start it first: haishin run; or set HAISHIN_TOKEN",
            ) from None
    host = "127.0.0.1" if settings.web.host in ("0.0.0.0", "::") else settings.web.host  # noqa: S104 - as a name
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.web.port}"
    try:
        # Not through a proxy: it is this machine, and the key is nobody else's business.
        async with httpx.AsyncClient(base_url=address, timeout=WITHIN_S, trust_env=False) as http:
            answer = await http.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
        found = answer.json()
    except (httpx.HTTPError, ValueError):
        raise TransientError(
            f"no host answers at {address}",
            remedy="start it with 'haishin run', with the same --config and HAISHIN_… variables as here",
        ) from None
    if answer.status_code == 200 and isinstance(found, dict):
        return found
    raise Refused(str(found.get("detail", answer.status_code)) if isinstance(found, dict) else str(answer.status_code))
