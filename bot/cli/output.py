"""What the commands do, with progress for a person to watch."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import sys
import time
import wave
import webbrowser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from loguru import logger
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from bot import config
from bot.app import builtin_models
from bot.app.app import App, on_signals, open_app
from bot.app.casting import load_persona, style_of, with_voices
from bot.config import Settings
from bot.errors import ConfigError, HaishinError, ProviderError
from bot.mind.reply.parser import ReplyParser
from bot.runtime.failover import open_llm, open_tts
from bot.runtime.supervise import settle
from bot.sources import replay
from bot.stage.headless import Listener
from bot.types import Health
from bot.voice.clauses.maker import ClauseMaker
from bot.weights import catalog

out = Console(highlight=False)

_SECRET = re.compile(
    r"(?i)((?:token|key|password|secret|authorization)['\"]?\s*[=:]\s*['\"]?(?:bearer\s+)?)[^\s'\"&,}]+"
)


def set_up_log(settings: Settings) -> None:
    """Send all logs to one place, with secrets blacked out."""
    secret = settings.web.token.get_secret_value()

    def redact(record: object) -> None:
        text = _SECRET.sub(r"\1***", record["message"])  # type: ignore[index]
        record["message"] = text.replace(secret, "***") if secret else text  # type: ignore[index]

    logger.remove()
    logger.configure(patcher=redact)
    logger.add(
        sys.stderr,
        level=settings.log.level,
        format="<dim>{time:HH:mm:ss}</dim> <level>{level: <7}</level> {message}",
        backtrace=False,
        diagnose=False,  # it prints the values of variables: viewers' words, keys
    )
    if settings.log.file:
        logger.add(
            settings.log.file,
            level=settings.log.level,
            rotation="10 MB",
            retention="7 days",
            encoding="utf-8",
            diagnose=False,
        )
    # Uvicorn calls a refused handshake an error; a stranger could fill the log with them.
    logging.getLogger("uvicorn.error").addFilter(lambda record: "completing handshake" not in record.getMessage())
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.WARNING, force=True)


class _ToLoguru(logging.Handler):
    """Routes the standard library's log records of the libraries into ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one on."""
        logger.opt(exception=record.exc_info).log(
            record.levelname if record.levelname in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL") else "WARNING",
            "{}: {}",
            record.name,
            record.getMessage(),
        )


@contextlib.contextmanager
def downloads() -> Iterator[builtin_models.Progress]:
    """Show a bar for each file that is being fetched."""
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=out,
        transient=True,
    )
    tasks: dict[str, int] = {}
    with bars:

        def progress(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total)  # type: ignore[arg-type]

        yield progress


async def go_on_air(settings: Settings, files: list[Path], *, open_browser: bool, dry_run: bool) -> None:
    """Run the show until a signal ends it."""
    set_up_log(settings)
    began = time.monotonic()
    persona = load_persona(settings)
    out.print(f"[bold]Haishin[/]: {persona.name} gets ready")
    if dry_run:
        out.print("the configuration is right; nothing was started")
        return
    stop = asyncio.Event()
    on_signals(stop.set)
    with downloads() as progress:
        opening = open_app(settings, files, progress)
        app = await opening.__aenter__()
    settle()
    try:
        _welcome(app, time.monotonic() - began)
        if open_browser:
            for address in (app.addresses.panel, app.addresses.stage, app.addresses.chat):
                webbrowser.open(address)
        await app.run(stop)
    finally:
        await opening.__aexit__(None, None, None)
    out.print("off air")


def _welcome(app: App, seconds: float) -> None:
    where = app.addresses
    out.print(f"[bold green]on air[/] after {seconds:.1f} s. Open these pages:")
    for name, address, what in (
        ("stage", where.stage, "the avatar: a browser tab, or OBS → Sources → Browser, 1280×720"),
        ("chat", where.chat, "write to the host here"),
        ("panel", where.panel, "the control room: queue, stop, say this"),
    ):
        out.print(f"  [bold]{name:6}[/] {what}")
        out.print(f"         [link={address}]{address}[/link]", soft_wrap=True)
    out.print("[dim]the address holds your key: show it to nobody. Ctrl-C ends the show.[/]")


# --- check ----------------------------------------------------------------------------------------


async def check_parts(settings: Settings) -> bool:
    """Reach everything that is configured; print a line for each."""
    set_up_log(settings)
    ok = True

    def line(name: str, health: Health) -> None:
        nonlocal ok
        ok = ok and health.ok
        mark = "[green]ok  [/]" if health.ok else "[red]FAIL[/]"
        out.print(f"{mark} [bold]{name:22}[/] {escape(health.detail)}", soft_wrap=True)
        if not health.ok and health.remedy:
            out.print(f"     [bold]what to do:[/] {escape(health.remedy)}", soft_wrap=True)

    line("configuration", Health(ok=True, detail="every setting is known and fits"))
    for name, probe in (("persona", _persona), ("moderation", _moderation), ("port", _port), ("pages", _pages)):
        line(name, _safely(probe, settings))
    line("store", await _store(settings))
    from bot.cli.payments import check_sources  # noqa: PLC0415 - it needs this module

    for name, health in await check_sources(settings):
        line(name, health)
    with downloads() as progress:
        try:
            llm = await builtin_models.llm_entries(settings, progress)
            tts = with_voices(await builtin_models.tts_entries(settings, progress), load_persona(settings))
        except HaishinError as error:
            line("models", Health(ok=False, detail=str(error), remedy=error.remedy))
            return False
    for kind, entries, opener in (("llm", llm, open_llm), ("tts", tts, open_tts)):
        async with opener(entries) as chain:
            for name, health in (await chain.check()).extra.items():
                line(f"{kind}: {name}", health)
    return ok


def _safely(probe: object, settings: Settings) -> Health:
    try:
        return Health(ok=True, detail=probe(settings))  # type: ignore[operator]
    except HaishinError as error:
        return Health(ok=False, detail=str(error), remedy=error.remedy)


def _persona(settings: Settings) -> str:
    persona = load_persona(settings)
    return f"{persona.name} ({', '.join(persona.languages)})"


def _moderation(settings: Settings) -> str:
    from bot.app.moderator import checked_moderator  # noqa: PLC0415
    from moderation.corrections.cases import CASES, Cases, run_cases  # noqa: PLC0415

    moderator = checked_moderator(settings)
    cases = Cases(config.data_dir() / CASES, moderator.allowances)
    if failures := run_cases(moderator, cases):
        first = failures[0]
        raise ConfigError(
            f"{len(failures)} of your {len(cases)} corrections have no effect, the first: "
            f"{first.case.text[:60]!r} is still {first.verdict.action} ({', '.join(first.verdict.rules[:3])})",
            remedy="look at block_words and block_patterns, or take the correction back in the control room",
        )
    return f"blocks known-bad lines, lets ordinary ones pass; {len(cases)} corrections are in force"


def _port(settings: Settings) -> str:
    from bot.web.server import bind  # noqa: PLC0415

    bind(settings.web.host, settings.web.port).close()
    return f"{settings.web.host}:{settings.web.port} is free"


def _pages(_: Settings) -> str:
    dist = config.home() / "overlay" / "dist"
    missing = [name for name in ("stage", "panel", "chat") if not (dist / name / "index.html").is_file()]
    if missing:
        raise ConfigError(f"not built: {', '.join(missing)}", remedy="run 'make setup' (or: python start.py setup)")
    return "stage, panel and chat are built"


def store_url(settings: Settings) -> str:
    """Give where the database is."""
    return settings.store or f"sqlite+aiosqlite:///{(config.data_dir() / 'haishin.db').as_posix()}"


async def _store(settings: Settings) -> Health:
    from bot.store.database import open_store  # noqa: PLC0415

    url = store_url(settings)
    try:
        async with open_store(url):
            return Health(ok=True, detail=re.sub(r"//[^@/]*@", "//***@", url))
    except HaishinError as error:
        return Health(ok=False, detail=str(error), remedy=error.remedy)


# --- say ------------------------------------------------------------------------------------------


async def say_to_file(settings: Settings, text: str, target: Path) -> None:
    """Speak a text into a WAV file."""
    set_up_log(settings)
    persona = load_persona(settings)
    with downloads() as progress:
        entries = with_voices(await builtin_models.tts_entries(settings, progress), persona)
    parser, maker = ReplyParser(), ClauseMaker("say", persona.languages[0])
    clauses = [c for piece in [*parser.feed(text), *parser.flush()] for c in maker.feed(piece)] + maker.flush()
    style, began, first = style_of(persona), 0.0, 0.0
    sound, rate = bytearray(), 0
    async with open_tts(entries) as tts:
        began = time.monotonic()
        for clause in clauses:
            if not clause.speech:
                continue
            async for pcm in tts.speak(clause.speech, style(clause)):
                first = first or time.monotonic() - began
                if rate and pcm.rate != rate:
                    raise ProviderError(f"two voices of different rates ({rate} and {pcm.rate} Hz)", remedy="use one")
                rate = pcm.rate
                sound += pcm.data
    if not sound:
        raise ProviderError("there was nothing to pronounce", remedy="give some words")
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(sound))
    seconds = len(sound) / 2 / rate
    out.print(f"{target}: {seconds:.1f} s of speech, first sound after {first * 1000:.0f} ms")


# --- replay ---------------------------------------------------------------------------------------


async def replay_evening(settings: Settings, files: list[Path], file: Path, speed: float, *, listen: bool) -> bool:
    """Run a recorded evening and account for every message; True when none is unaccounted for.

    Unless a real page listens, a built-in listener takes the place of the stage page: it plays by the
    clock, ``speed`` times as fast, so that the host speaks as often as it would have that evening.
    """
    set_up_log(settings)
    recording = await asyncio.to_thread(replay.read, file)
    for fault in recording.faults:
        logger.warning("{}", fault)
    arrivals = [e for e in recording.events if isinstance(e, replay.Arrival)]
    out.print(f"{file}: {len(arrivals)} messages over {recording.duration_s / 60:.1f} min, played at {speed:g}×")
    settings.sources.replay = None
    settings.store = settings.store or "sqlite+aiosqlite:///:memory:"
    _quicken(settings, speed)
    fates: dict[str, tuple[str, str]] = {}
    stop = asyncio.Event()
    on_signals(stop.set)
    with downloads() as progress:
        opening = open_app(settings, files, progress, pace=1.0 if listen else speed)
        app = await opening.__aenter__()
    try:
        _follow(app, fates)
        if listen:
            _welcome(app, 0.0)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(app.run(stop))
            listener = Listener(app.show.stage, speed)
            listening = group.create_task(listener.run()) if not listen else None
            tally = await _play(app, recording, speed, stop)
            await _drain(app, fates, len(arrivals) + recording.skipped, stop)
            stop.set()
            await running
            if listening:
                listening.cancel()
    finally:
        await opening.__aexit__(None, None, None)
    return _account([e.message.id for e in arrivals], fates, recording.skipped, tally, listener.heard_s)


def _quicken(settings: Settings, speed: float) -> None:
    """Make every time of the show pass ``speed`` times as fast as well, so that the evening stays itself."""
    box, show = settings.inbox, settings.show
    settings.inbox = box.model_copy(update={"ttl_s": box.ttl_s / speed, "refill_per_s": box.refill_per_s * speed})
    show.idle_after_s = 0.0


def _follow(app: App, fates: dict[str, tuple[str, str]]) -> None:
    ends, offered = app.desk.outcome, app.desk.offered

    def outcome(message: object, what: str, reason: str) -> None:
        fates[message.id] = (what, reason)  # type: ignore[attr-defined]
        ends(message, what, reason)  # type: ignore[arg-type]

    app.desk.outcome = outcome  # type: ignore[method-assign, assignment]
    app.desk.offered = offered  # type: ignore[method-assign]


async def _play(app: App, recording: replay.Recording, speed: float, stop: asyncio.Event) -> replay.Tally:
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), console=out
    )
    with bar:
        task = bar.add_task("the evening", total=len(recording.events))

        async def offer(message: object) -> None:
            bar.advance(task)
            if not stop.is_set():
                await app.intake.offer(message)  # type: ignore[arg-type]

        return await replay.play(recording.events, speed, offer, app.desk.retract)


async def _drain(app: App, fates: dict[str, tuple[str, str]], total: int, stop: asyncio.Event) -> None:
    """Let the host finish what still waits, for a while."""
    del fates, total
    end = time.monotonic() + 120
    while time.monotonic() < end and not stop.is_set() and (len(app.inbox) or app.show.on_air):
        await app.pulse.rung(0.5)


def _account(
    ids: list[str], fates: dict[str, tuple[str, str]], skipped: int, tally: replay.Tally, heard_s: float
) -> bool:
    table = Table("outcome", "messages", "reasons", box=None)
    by: dict[str, Counter[str]] = {}
    for one in ids:
        what, reason = fates.get(one, ("unaccounted for", ""))
        by.setdefault(what, Counter())[_plain(reason)] += 1
    for what, reasons in sorted(by.items(), key=lambda kv: -kv[1].total()):
        top = "; ".join(f"{n}× {r}" for r, n in reasons.most_common(4) if r)
        table.add_row(what, str(reasons.total()), top)
    out.print(table)
    lost = by.get("unaccounted for", Counter()).total()
    out.print(
        f"{len(ids)} messages, {tally.retracted} retractions, {skipped} lines left out, "
        f"{heard_s:.0f} s of speech heard, {lost} unaccounted for"
    )
    return lost == 0


def _plain(reason: str) -> str:
    return re.sub(r"\d+(\.\d+)?", "N", reason)


# --- models ---------------------------------------------------------------------------------------


async def pull_models(settings: Settings, names: list[str]) -> None:
    """Fetch weights by name, or those that a run needs."""
    set_up_log(settings)
    with downloads() as progress:
        if names:
            for name in names:
                path = await catalog.pull(
                    name, builtin_models.root(settings), progress, offline=settings.models.offline
                )
                out.print(f"[green]ok[/] {name}: {path}")
        else:
            for entry in [
                *await builtin_models.llm_entries(settings, progress),
                *await builtin_models.tts_entries(settings, progress),
            ]:
                out.print(f"[green]ok[/] {entry['provider']}: {entry.get('model', 'needs no weights')}")
