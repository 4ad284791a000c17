"""haishin login: sign in to a platform."""

from __future__ import annotations

import asyncio

from rich.markup import escape
from rich.style import Style
from rich.text import Text

from bot import config
from bot.app.sources import open_source
from bot.cli.output import open_log, out
from bot.cli.payments import _NAMES
from bot.config import Settings
from bot.errors import ConfigError
from bot.sources.source import Link, Notice, SignInStep
from bot.types import Message, Retraction


class Nobody:
    """A feed for a source that does not run."""

    async def offer(self, message: Message) -> None:
        """Nothing arrives."""

    async def retract(self, retraction: Retraction) -> None:
        """Nothing arrives."""

    def notice(self, notice: Notice) -> None:
        """Nothing arrives."""

    def link(self, link: Link) -> None:
        """Nothing is connected."""


async def sign_in(settings: Settings, platform: str, role: str) -> None:
    """Sign in to a platform, showing what a person has to do. Raise `HaishinError`."""
    open_log(settings)
    if platform not in _NAMES:
        raise ConfigError(f"there is no platform {platform!r}", remedy="give one of: twitch, bilibili")
    if role not in ("bot", "streamer"):
        raise ConfigError(f"there is no role {role!r}", remedy="give one of: bot, streamer")
    name = _NAMES[platform]
    if name == "twitch" and not (settings.sources.twitch and settings.sources.twitch.client_id):
        raise ConfigError(
            "sources.twitch.client_id is not set",
            remedy="register an application (docs/twitch.md, two minutes) and put its client id into your "
            "configuration, then: haishin login twitch --config YOUR.yaml",
        )
    source = open_source(name, settings, Nobody(), config.own_data_dir())
    shown = ""

    def show(step: SignInStep) -> None:
        nonlocal shown
        if step.url and step.url != shown:
            shown = step.url
            _invite(step)
        elif step.state != "waiting" and step.detail:
            out.print(f"[bold]{step.state}[/] {escape(step.detail)}")

    await source.sign_in(show, role)
    out.print("[green]signed in[/]; a running show looks every five minutes, or at 'try again now' in the panel")


def _invite(step: SignInStep) -> None:
    left = max(0.0, step.until - asyncio.get_running_loop().time()) / 60
    for row in _half_blocks(step.qr):
        out.print(row, markup=False)
    if step.code:
        out.print(Text.assemble("1. open   ", (step.url, Style(bold=True, link=step.url))), soft_wrap=True)
        out.print(Text.assemble("2. type   ", (step.code, "bold")))
        out.print("3. allow  what is asked for, with the account that shall be signed in")
    else:
        out.print("scan this with the app of the account that shall be signed in, and confirm there")
    out.print(f"[dim]waiting for up to {left:.0f} min; Ctrl-C gives up[/]")


def _half_blocks(rows: tuple[str, ...]) -> list[str]:
    """Draw a QR code of "1" and "0" with two rows a line, dark on light, with the quiet zone it needs."""
    if not rows:
        return []
    blank = "0" * len(rows[0])
    padded = [f"00{row}00" for row in (blank, *rows, blank)]
    if len(padded) % 2:
        padded.append("0" * len(padded[0]))
    glyph = {"11": " ", "10": "\u2584", "01": "\u2580", "00": "\u2588"}
    return [
        "".join(glyph[top + bottom] for top, bottom in zip(padded[i], padded[i + 1], strict=True))
        for i in range(0, len(padded), 2)
    ]
