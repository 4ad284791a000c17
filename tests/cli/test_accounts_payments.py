"""The commands that concern platforms, as processes: signing in, looking at each connection, listing what is owed."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from bench.support.upstreams import serve
from bot import config
from bot.cli import accounts, check, payments
from bot.cli.accounts import sign_in
from bot.cli.check import check_sources
from bot.cli.payments import list_payments
from bot.config import Settings
from bot.errors import ConfigError, FatalError, ProviderError
from bot.sources import credentials
from bot.sources.bilibili.login import Cookies, modules, store
from bot.sources.twitch.subscriptions import SCOPES_BOT, SCOPES_STREAMER
from bot.store.database import open_store
from bot.store.ledger import Ledger
from bot.types import Author, Evidence, Kind, Message, Money
from tests.fakes.bilibili import FakeBilibili, fake_bilibili
from tests.fakes.twitch import FakeTwitch, fake_twitch

ROOT = Path(__file__).parents[2]


async def haishin(*args: str, home: Path, env: Mapping[str, str] | None = None, width: int = 200) -> tuple[int, str]:
    """Run a command to its end; return how it ended and what it printed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HAISHIN_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *args, cwd=ROOT, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**clean, "COLUMNS": str(width), "NO_COLOR": "1", "HAISHIN_HOME": str(home), **(env or {})},
    )  # fmt: skip
    try:
        out, _ = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    text = out.decode()
    assert "Traceback" not in text, text
    return process.returncode, text


class Here(Protocol):
    """Gives the settings as a command in this process would have them."""

    def __call__(self, home: Path, env: Mapping[str, str], *files: Path) -> Settings: ...


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Here:
    for command in (accounts, check, payments):
        monkeypatch.setattr(command, "open_log", lambda _settings: None)

    def load(home: Path, env: Mapping[str, str], *files: Path) -> Settings:
        for name, value in {**env, "HAISHIN_HOME": str(home)}.items():
            monkeypatch.setenv(name, value)
        return config.load(list(files))

    return load


def at_twitch(twitch: FakeTwitch, **more: str) -> dict[str, str]:
    values = {"CLIENT_ID": "fakeclient", "API": f"{twitch.base}/helix/", "ID": f"{twitch.base}/", **more}
    return {f"HAISHIN_SOURCES__TWITCH__{name}": value for name, value in {**values, "EVENTSUB": twitch.ws}.items()}


def at_bilibili(bili: FakeBilibili) -> dict[str, str]:
    return {
        "HAISHIN_SOURCES__BILIBILI_WEB__BASE": bili.base,
        "HAISHIN_SOURCES__BILIBILI_WEB__ROOM": str(bili.short_room),
    }


def keys_of(bili: FakeBilibili) -> dict[str, str]:
    """Return the settings of the open platform."""
    values = {"APP_ID": str(bili.app_id), "ACCESS_KEY": bili.access_key, "ACCESS_SECRET": bili.access_secret}
    return {
        f"HAISHIN_SOURCES__BILIBILI_OPEN__{name}": value
        for name, value in {**values, "CODE": bili.code, "HOST": bili.base}.items()
    }


def kept(file: Path) -> Any:
    """Read a stored sign-in, and see that it is for its owner's eyes alone."""
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return json.loads(file.read_text("utf-8"))


# --- signing in -----------------------------------------------------------------------------------


async def test_login_twitch_shows_an_address_and_a_code_and_keeps_the_sign_in(tmp_path: Path, here: Here) -> None:
    async with fake_twitch(device_interval_s=1) as twitch:
        code, out = await haishin("login", "twitch", home=tmp_path, env=at_twitch(twitch))
        assert code == 0, out
        shown = next(word for word in out.split() if word.startswith(f"{twitch.base}/activate?device-code="))
        asked = shown.partition("=")[2]
        assert any(line.split() == ["2.", "type", asked] for line in out.splitlines()), out
        assert "30 min" in out
        assert "signed in as haishin_bot" in out
        assert out.splitlines()[-1].startswith("signed in;")
        (bot,) = kept(tmp_path / "twitch.json").values()
        assert (bot["role"], bot["login"]) == ("bot", "haishin_bot")
        assert bot["access"] in twitch.tokens
        assert bot["access"] not in out
        assert bot["refresh"] not in out

        # The streamer's account is kept beside it.
        twitch.approve_as, twitch.approve_after = "1001", 1
        await sign_in(here(tmp_path, at_twitch(twitch)), "twitch", "streamer")
    both = kept(tmp_path / "twitch.json")
    assert {role: account["login"] for role, account in both.items()} == {
        "bot": "haishin_bot", "streamer": "streamer",
    }  # fmt: skip
    assert both["bot"] == bot


async def test_login_bilibili_draws_a_code_and_keeps_the_sign_in(tmp_path: Path) -> None:
    async with fake_bilibili(signed_in=False) as bili:
        code, out = await haishin("login", "bilibili", home=tmp_path, env=at_bilibili(bili))
        assert code == 0, out
        assert out.splitlines()[-1].startswith("signed in;")
        drawn = [row for row in out.splitlines() if row and set(row) <= set(" ▀▄█")]
        (key,) = bili.qrs
        address = f"https://account.bilibili.com/h5/account-h5/auth/scan-web?qrcode_key={key}"
        assert read(drawn) == list(modules(address))
        assert out.count("scan this with the app") == 1
        assert "confirm it in the app" in out
        stored = kept(tmp_path / "bilibili_web.json")
        assert (stored["uid"], stored["csrf"]) == (bili.uid, bili.csrf)
        assert stored["csrf"] not in out
        assert stored["sessdata"] not in out


def read(rows: list[str]) -> list[str]:
    """Read a code back from half blocks, dark on light, and take away the quiet zone."""
    halves = {" ": ("1", "1"), "\u2584": ("1", "0"), "\u2580": ("0", "1"), "\u2588": ("0", "0")}
    lines = [line for row in rows for line in zip(*(halves[c] for c in row), strict=True)]
    whole = ["".join(line) for line in lines]
    while set(whole[-1]) == {"0"}:
        whole.pop()
    while set(whole[0]) == {"0"}:
        whole.pop(0)
    left = min(line.index("1") for line in whole if "1" in line)
    right = max(line.rindex("1") for line in whole if "1" in line)
    assert left >= 2, "no quiet zone"
    return [line[left : right + 1] for line in whole]


async def test_without_a_client_id_the_command_says_where_to_get_one(tmp_path: Path) -> None:
    code, out = await haishin("login", "twitch", "--config", "configs/twitch.yaml", home=tmp_path)
    assert code == 2, out
    assert "haishin: the configuration is not right" in out
    assert "sources.twitch.client_id is not set" in out
    assert "what to do: register an application (docs/twitch.md" in " ".join(out.split())
    assert not (tmp_path / "twitch.json").exists()


async def test_a_platform_or_a_role_that_there_is_not_is_refused_with_those_that_there_are(
    tmp_path: Path, here: Here
) -> None:
    async with fake_twitch() as twitch:
        settings = here(tmp_path, at_twitch(twitch))
        with pytest.raises(ConfigError, match="there is no platform 'youtube'") as error:
            await sign_in(settings, "youtube", "bot")
        assert "twitch, bilibili" in error.value.remedy
        with pytest.raises(ConfigError, match="there is no role 'owner'") as error:
            await sign_in(settings, "twitch", "owner")
        assert "bot, streamer" in error.value.remedy
        assert not twitch.asked


async def test_what_was_refused_or_cannot_be_reached_is_said_and_nothing_is_kept(
    tmp_path: Path, here: Here, capsys: pytest.CaptureFixture[str]
) -> None:
    async with fake_twitch(device_interval_s=1, refuses_device=True) as twitch, fake_bilibili() as bili:
        settings = here(tmp_path, {**at_twitch(twitch), **at_bilibili(bili)})
        with pytest.raises(FatalError, match="access_denied"):
            await sign_in(settings, "twitch", "bot")
        await bili.misbehave("rest_down")
        with pytest.raises(ProviderError):
            await sign_in(settings, "bilibili", "bot")
        with pytest.raises(ProviderError):
            await sign_in(here(tmp_path, at_twitch(twitch, ID="http://127.0.0.1:9/")), "twitch", "bot")
    assert "signed in;" not in capsys.readouterr().out
    assert list(tmp_path.glob("*.json")) == []


# --- check ----------------------------------------------------------------------------------------


async def test_check_is_all_green_for_the_sources_of_both_example_configurations(tmp_path: Path, here: Here) -> None:
    files = [f"--config={ROOT / 'configs' / name}.yaml" for name in ("bench", "twitch", "bilibili")]
    nobody, home = tmp_path / "nobody", tmp_path / "home"
    nobody.mkdir()
    async with fake_twitch() as twitch, fake_bilibili() as bili, serve() as fake:
        access, refresh = twitch.mint("1001", tuple(sorted({*SCOPES_BOT, *SCOPES_STREAMER})))
        account = {"user": "1001", "login": "streamer", "access": access, "refresh": refresh}
        scopes = list(twitch.tokens[access].scopes)
        bot = {"role": "bot", **account, "scopes": scopes, "ends_at": time.time() + 14_000}
        credentials.write(home / "twitch.json", {"bot": bot})
        store(home / "bilibili_web.json", Cookies(bili.sessdata, bili.csrf, bili.uid, ends_at=time.time() + 9e5))
        upstream = f"http://127.0.0.1:{fake.port}/v1"
        env = {
            **at_twitch(twitch), **at_bilibili(bili), "HAISHIN_WEB__PORT": "0",
            "HAISHIN_LLM__0__BASE_URL": upstream, "HAISHIN_TTS__0__BASE_URL": upstream,
        }  # fmt: skip
        code, out = await haishin("check", *files, home=home, env={**env, **keys_of(bili)})
        without = dict(await check_sources(here(nobody, env)))
    found = ok(out)
    assert code == 0, out
    assert "streamer in #streamer" in found["twitch"]
    assert "not heard" not in found["twitch"]
    assert bili.uname in found["bilibili_web"]
    assert str(bili.room.room) in found["bilibili_web"]
    assert bili.room.uname in found["bilibili_open"]
    # The same without any sign-in, and without the keys.
    assert {name: health.ok for name, health in without.items()} == {"twitch": False, "bilibili_web": True}
    assert "haishin login twitch" in without["twitch"].remedy
    assert "as a visitor" in without["bilibili_web"].detail


def ok(out: str) -> dict[str, str]:
    """Return what is said of each part that is well."""
    parts = (line.removeprefix("ok").split(maxsplit=1) for line in out.splitlines() if line.startswith("ok "))
    return dict(parts)


# --- the ledger -----------------------------------------------------------------------------------


def payment(name: str, who: str, kind: Kind = Kind.GIFT, **evidence: Any) -> Message:
    attested = Evidence("SEND_GIFT", **evidence)
    return Message(name, "bilibili_web", Author(who, who), "", kind, Money(1250, "CNY"), evidence=attested)


async def fill(home: Path) -> None:
    """Write payments down: thanked, broken but thanked, still waiting, given up."""
    async with open_store(f"sqlite+aiosqlite:///{home / 'haishin.db'}") as opened, asyncio.TaskGroup() as group:
        ledger = Ledger(opened)
        running = group.create_task(ledger.journal.run())
        thanked = payment("p1", "Ottilie", item="Rose", count=20)
        broken = payment("p2", "Desmond", item="Rocket", fault="price")
        waits = payment("p3", "[/red]Cressida[bold]", item="[/]Ship")
        for message in (thanked, broken, waits):
            assert await ledger.record(message)
        await ledger.begin("t-1", 1, "thanks", [thanked, broken])
        await ledger.progress("t-1", "Thank you both!")
        await ledger.finish("t-1", "Thank you both!", "completed", "Thank you both!", {})
        for message in (thanked, broken):
            ledger.journal.outcome(message, "answered", "answered")
        given_up = payment("p4", "Florian", Kind.GUARD)
        assert await ledger.record(given_up)
        ledger.journal.outcome(given_up, "dropped", "dropped by the operator")
        async with asyncio.timeout(10):
            while ledger.journal.waiting:
                await asyncio.sleep(0.01)
        running.cancel()


async def test_the_ledger_lists_what_wants_a_person_and_with_all_everything(
    tmp_path: Path, here: Here, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = here(tmp_path, {"COLUMNS": "200"})
    await list_payments(settings, everything=False)
    assert capsys.readouterr().out.strip() == "every payment was thanked for"
    await fill(tmp_path)
    code, some = await haishin("ledger", home=tmp_path)
    assert code == 0, some
    rows = {line.split()[3]: line for line in some.splitlines()[1:] if line.strip()}
    assert rows.keys() == {"Desmond", "[/red]Cressida[bold]", "Florian"}
    assert "could not be read: price" in rows["Desmond"]
    assert "12.50 CNY" in rows["Desmond"]
    # What a stranger wrote is shown as it stands, and is no markup.
    assert "[/]Ship" in rows["[/red]Cressida[bold]"]
    assert "pending" in rows["[/red]Cressida[bold]"]
    assert "dropped by the operator" in rows["Florian"]
    assert "guard" in rows["Florian"]
    await list_payments(settings, everything=True)
    everything = capsys.readouterr().out
    assert "Rose ×20" in everything
    assert "acknowledged" in everything
    assert len(everything.splitlines()) == len(some.splitlines()) + 1


async def test_what_is_owed_is_listed_however_many_were_thanked_since(
    tmp_path: Path, here: Here, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payments, "MAX_ALL", 2)
    async with open_store(f"sqlite+aiosqlite:///{tmp_path / 'haishin.db'}") as opened:
        ledger = Ledger(opened)
        assert await ledger.record(payment("old", "Ottilie"))
        for number in range(3):
            later = payment(f"p{number}", "Desmond")
            assert await ledger.record(later)
            await ledger.begin(f"t-{number}", number, "thanks", [later])
            await ledger.finish(f"t-{number}", "Thank you!", "completed", "Thank you!", {})
    await list_payments(here(tmp_path, {"COLUMNS": "200"}), everything=False)
    out = capsys.readouterr().out
    assert "Ottilie" in out
    assert "Desmond" not in out
