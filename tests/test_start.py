"""The start script, run as a person runs it: in a small project of its own, with pip confined to a local folder.

``npm`` and ``node`` are scripts that note how they were called; everything else is the real thing.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import venv
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
import yaml

SOURCE = Path(__file__).parent.parent / "start.py"

BACKEND = """
import pathlib, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "haishin-0.1.0-py3-none-any.whl"
    info = "haishin-0.1.0.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        wheel.writestr("haishin.pth", str(pathlib.Path.cwd()))
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: haishin\\nVersion: 0.1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""

NPM = """#!/bin/sh
echo "$PWD|$*" >> "$CALLS"
case "$1" in
  ci) mkdir -p node_modules ;;
  run) test "$2" != build || { mkdir -p dist/stage && echo page > dist/stage/index.html; } ;;
esac
"""


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("start", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> Path:
    path, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            entry = zipfile.ZipInfo(file)
            entry.external_attr = 0o100755 << 16  # a program, where it is one
            wheel.writestr(entry, text)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


def pin(wheel: Path, name: str, version: str) -> str:
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


class Project:
    """A project as the start script expects it, small enough to be set up within seconds."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "my project"  # people's folders have spaces
        self.bin = folder / "bin"
        self.calls = folder / "calls"
        self.wheels = folder / "wheels"
        for made in (self.root / "bot", self.root / "overlay" / "stage" / "src", self.bin, self.wheels):
            made.mkdir(parents=True)
        shutil.copy(SOURCE, self.root)
        self.wheel()
        self.write("pyproject.toml", '[build-system]\nrequires=[]\nbuild-backend="recipe"\nbackend-path=["."]\n')
        self.write("recipe.py", BACKEND)
        self.write("bot/__init__.py", "")
        self.write("bot/__main__.py", "import sys, one\nprint('on air with', *sys.argv[1:])\nsys.exit(7)\n")
        self.write("overlay/package.json", "{}")
        self.write("overlay/package-lock.json", "{}")
        self.write("overlay/stage/src/main.ts", "one")
        self.write("requirements-dev.lock", (self.root / "requirements.lock").read_text())
        self.write("requirements-node.lock", f"absent==1.0 --hash=sha256:{'0' * 64}\n")
        self.write("requirements-uv.lock", f"absent==1.0 --hash=sha256:{'0' * 64}\n")
        self.program("npm", NPM)
        self.program("node", "#!/bin/sh\necho v22.12.0\n")

    def wheel(self, version: str = "1.0") -> None:
        path = make_wheel(self.wheels, "one", version, {"one.py": ""})
        self.write("requirements.lock", pin(path, "one", version))

    def write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text, "utf-8")

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def start(self, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "PYTHON"))}
        env |= {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "CALLS": str(self.calls),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
        }
        return subprocess.run(
            [sys.executable, str(self.root / "start.py"), *words],
            check=False,
            capture_output=True,
            text=True,
            cwd=cwd or self.root,
            env=env,
            timeout=120,
        )

    def npm_calls(self) -> list[str]:
        calls = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        made = [call.partition("|")[::2] for call in calls]
        assert {folder for folder, _ in made} <= {str(self.root / "overlay")}
        return [words.split()[-1] if words.startswith("run") else words.split()[0] for _, words in made]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment with pip in it. To copy it takes a tenth of the time that it takes to make one."""
    made = tmp_path_factory.mktemp("environment") / ".venv"
    venv.EnvBuilder(symlinks=True, with_pip=True).create(made)
    return made


@pytest.fixture
def bare(tmp_path: Path) -> Project:
    """A project that was never set up."""
    return Project(tmp_path)


@pytest.fixture
def project(bare: Project, environment: Path) -> Project:
    """A project whose environment has pip alone."""
    shutil.copytree(environment, bare.root / ".venv", symlinks=True)
    return bare


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = load()
    for name, path in {"ROOT": "", "VENV": ".venv", "OVERLAY": "overlay", "LOG": "out/setup.log"}.items():
        monkeypatch.setattr(module, name, tmp_path / path)
    monkeypatch.setattr(module, "STAMPS", tmp_path / ".venv" / "stamps.json")
    return module


def test_the_life_of_an_installation(bare: Project, tmp_path: Path) -> None:
    """First start, a second one from elsewhere, changed pages, changed tools, a moved folder."""
    first = bare.start("run", "--persona", "mira")
    assert first.returncode == 7, first.stdout + first.stderr
    assert first.stdout.splitlines()[-1] == "on air with run --persona mira"
    assert "Installing the packages (1 packages)" in first.stdout
    assert bare.npm_calls() == ["ci", "build"]

    (tmp_path / "bot.py").write_text("raise SystemExit('the wrong bot')")
    began = time.monotonic()
    second = bare.start("run", cwd=tmp_path)
    assert time.monotonic() - began < 2.0
    assert second.stdout == "on air with run\n"
    assert bare.npm_calls() == []

    bare.write("overlay/stage/src/main.ts", "two")
    assert "Building the pages" in bare.start("setup").stdout
    assert bare.npm_calls() == ["build"]

    bare.write("overlay/package-lock.json", '{"changed": true}')
    bare.start("setup")
    assert bare.npm_calls() == ["ci", "build"]

    moved = bare.root.with_name("moved")
    bare.root.rename(moved)
    bare.root = moved
    assert bare.start("run").stdout.splitlines()[-1] == "on air with run"

    shutil.rmtree(moved / ".venv" / "bin")
    again = bare.start("run")
    assert "Making the environment" in again.stdout
    assert again.stdout.splitlines()[-1] == "on air with run"


def test_a_package_with_another_hash_is_refused(project: Project) -> None:
    project.write("requirements.lock", f"one==1.0 --hash=sha256:{'0' * 64}\n")
    done = project.start("run")
    assert done.returncode == 1
    assert "Installing the packages failed" in done.stderr
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert str(project.root / "out" / "setup.log") in done.stderr
    assert "Traceback" not in done.stderr
    project.wheel()
    assert project.start("run").returncode == 7


def test_what_failed_is_listed_by_the_tests(project: Project) -> None:
    """The project of this test has no ruff, no mypy and no pytest: those fail, the pages' checks pass."""
    shutil.rmtree(project.root / "bot")
    done = project.start("test")
    assert done.returncode == 1
    closing = done.stdout.splitlines()
    failed = "ruff check, ruff format, mypy, import-linter, pytest, pytest: models, pages, OBS"
    assert closing[-1] == f"failed: {failed}", done.stdout + done.stderr
    assert [line.split()[0] for line in closing[-9:-1]] == ["FAILED"] * 4 + ["ok", "ok"] + ["FAILED"] * 2
    assert project.npm_calls() == ["ci", "build", "check", "test"]


def test_tests_use_all_cores_but_for_those_that_need_the_whole_machine(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    first, second = ([str(word) for word in command[3:]] for _, command, _ in start.pytest_calls([]))
    slow = ["--durations", "25", "--durations-min", "3"]
    assert first == [*slow, "-m", "not model and not browser and not obs", "-n", "4", *start.BY_FILE]
    assert second == [*slow, "-m", "model or browser or obs"], "every test is run by one of the two"
    [(_, chosen, _)] = start.pytest_calls(["tests/show", "-x"])
    assert chosen[3:] == ["tests/show", "-x"]


def test_a_build_that_fails_shows_its_error_and_is_tried_again(project: Project) -> None:
    project.program(
        "npm", '#!/bin/sh\ntest "$1" != run || { echo "error: no such colour"; exit 3; }\nmkdir node_modules\n'
    )
    done = project.start("setup")
    assert done.returncode == 1
    assert "Building the pages failed" in done.stderr
    assert "no such colour" in done.stderr
    project.program("npm", NPM)
    assert project.start("setup").returncode == 0
    assert project.npm_calls() == ["build"]


def test_words_that_mean_nothing_show_the_usage(bare: Project) -> None:
    done = bare.start("fly")
    assert done.returncode == 2
    assert "usage: python start.py run" in done.stdout
    assert not (bare.root / ".venv").exists()


def test_it_parses_on_an_old_python() -> None:
    """An old Python has to get as far as the sentence that names the version it takes."""
    ast.parse(SOURCE.read_text("utf-8"), feature_version=(3, 7))


def test_an_old_python_is_told(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(start, "other_python", lambda: None)
    with pytest.raises(start.Stop, match=r"needs Python 3\.11 or newer; this is 3\.9"):
        start.main(["run"])


def test_an_old_python_hands_over_to_a_newer_one(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(shutil, "which", lambda name: "/opt/python3.12" if name == "python3.12" else None)

    def call(command: list[str]) -> int:
        called.append(command)
        return 5

    monkeypatch.setattr(subprocess, "call", call)
    assert start.main(["run", "--dry-run"]) == 5
    assert called == [["/opt/python3.12", str(SOURCE), "run", "--dry-run"]]


def test_a_full_disk_stops_before_the_first_download(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**10, 10**10, 4 * 10**8))
    with pytest.raises(start.Stop, match=r"nearly full: 0\.4 GB are free"):
        start.make_venv()
    assert not start.VENV.exists()


def test_a_foreign_folder_in_place_of_the_environment_is_left_alone(start: ModuleType) -> None:
    (start.VENV / "precious").mkdir(parents=True)
    with pytest.raises(start.Stop, match="is in the way"):
        start.make_venv()
    assert (start.VENV / "precious").exists()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("WARNING: Retrying ... NewConnectionError: [Errno -3] Temporary failure in name resolution", "no network"),
        ("npm error code ENOTFOUND", "no network"),
        ("error: error sending request for url", "no network"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: something else", "the usual advice"),
    ],
)
def test_a_failure_names_the_next_step(start: ModuleType, line: str, says: str) -> None:
    with pytest.raises(start.Stop, match=says):
        start.need((1, ["before", line, "after"]), "It", "the usual advice")
    start.need((0, [line]), "It", "the usual advice")


def test_the_error_is_shown_not_the_manual_after_it(start: ModuleType) -> None:
    lines = ["fine so far", "npm error code EUSAGE", *(f"npm error   --option-{n}" for n in range(40))]
    with pytest.raises(start.Stop) as caught:
        start.need((1, lines), "It", "advice")
    assert "EUSAGE" in str(caught.value)
    assert "fine so far" not in str(caught.value)


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("v18.20.0", False),
        ("v20.18.9", False),
        ("v20.19.0", True),
        ("v21.9.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.0.0", True),
        ("", False),
        ("nonsense", False),
    ],
)
def test_which_node_builds_the_pages(start: ModuleType, version: str, fits: bool) -> None:
    assert start.fits(version) is fits


def test_the_hash_of_files_sees_names_and_contents(start: ModuleType, tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("1")
    b.write_text("2")
    both = start.digest([a, b])
    assert both == start.digest([b, a])
    assert both != start.digest([a, b], "3.12")
    a.write_text("12")
    b.write_text("")
    assert both != start.digest([a, b])


@pytest.mark.parametrize("text", ["", "[1]", "{", "\x00"])
def test_damaged_stamps_only_mean_that_nothing_is_known(start: ModuleType, text: str) -> None:
    start.STAMPS.parent.mkdir()
    start.STAMPS.write_text(text)
    assert start.stamps() == {}
    start.note(run="x")
    start.note(pages="y")
    assert json.loads(start.STAMPS.read_text()) == {"run": "x", "pages": "y"}


UV = """#!/bin/sh
echo "$PWD|$SSL_CERT_FILE|$*" >> "$CALLS"
exit 1
"""


def test_uv_gets_the_lock_and_what_pip_was_told_and_pip_does_what_it_cannot(project: Project) -> None:
    project.program("uv", UV)
    assert project.start("run").returncode == 7
    asked = next(line for line in project.calls.read_text().splitlines() if "|pip install " in line)
    assert f"--require-hashes --find-links {project.wheels} --no-index -r " in asked
    assert asked.endswith("/requirements.lock")


def test_uv_is_fetched_by_its_hash_when_the_machine_has_none(project: Project) -> None:
    """The uv of this test is a wheel with a script that notes its call: the second install finds it in place."""
    wheel = make_wheel(project.wheels, "uv", "1.0", {"uv-1.0.data/scripts/uv": UV})
    project.write("requirements-uv.lock", pin(wheel, "uv", "1.0"))
    assert project.start("run").returncode == 7
    assert "|pip install --python" in project.calls.read_text()
    project.write("requirements-uv.lock", f"uv==1.0 --hash=sha256:{'1' * 64}\n")
    project.wheel("1.1")
    assert project.start("run").returncode == 7
    assert project.calls.read_text().count("|pip install --python") == 2


MIRROR = "https://mirror.example/simple"


@pytest.mark.parametrize(
    ("pip", "environment", "options", "variables"),
    [
        ({}, {}, "", {}),
        ({"index-url": MIRROR}, {}, f"--default-index {MIRROR}", {}),
        (
            {"extra-index-url": "a b", "find-links": "c"},
            {},
            "--index a --index b --find-links c --index-strategy unsafe-best-match",
            {},
        ),
        ({"no-index": "1"}, {}, "--no-index", {}),
        ({"no-index": "false"}, {}, "", {}),
        ({"index-url": MIRROR, "trusted-host": "h"}, {}, f"--default-index {MIRROR} --allow-insecure-host h", {}),
        ({"index-url": MIRROR, "cert": "x"}, {"UV_DEFAULT_INDEX": MIRROR}, "", {"SSL_CERT_FILE": "x"}),
        ({"cert": "x"}, {"SSL_CERT_FILE": "y"}, "", {}),
        ({"proxy": "p", "timeout": "9"}, {}, "", {"HTTP_PROXY": "p", "HTTPS_PROXY": "p", "UV_HTTP_TIMEOUT": "9"}),
    ],
)
def test_what_the_user_told_pip_is_told_to_uv(
    start: ModuleType, pip: dict[str, str], environment: dict[str, str], options: str, variables: dict[str, str]
) -> None:
    assert start.uv_settings(pip, environment) == (options.split(), variables)


def test_what_pip_was_told_is_read_from_files_and_the_environment(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        ":env:.find-links='/wheels'",
        ":env:.timeout='20'",
        "global.extra-index-url='one\\ntwo'",
        "global.timeout='10'",
        "install.timeout='15'",
        "download.timeout='5'",
        "WARNING: nothing of pip's",
    ]
    monkeypatch.setattr(start, "call", lambda _: (0, lines))
    assert start.pip_settings() == {"timeout": "20", "extra-index-url": "one\ntwo", "find-links": "/wheels"}


def pinned(name: str) -> set[str]:
    lines = (SOURCE.parent / name).read_text("utf-8").splitlines()
    assert not [line for line in lines if "://" in line], "a lock works with any mirror"
    # Without the markers: what the show needs on one system alone, the tests may need on all.
    return {line.split(" ")[0] for line in lines if line[:1].isalnum()}


def test_the_locks_pin_by_hash_and_agree() -> None:
    run, dev = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert all("==" in line for line in run | dev | pinned("requirements-node.lock") | pinned("requirements-uv.lock"))
    assert run <= dev, "the tests run what the show runs"
    for name in ("pip", "hatchling", "xllamacpp", "onnxruntime"):
        assert any(line.startswith(f"{name}==") for line in run), name


def test_the_container_is_reached_from_this_machine_alone() -> None:
    compose = yaml.safe_load((SOURCE.parent / "docker-compose.yml").read_text("utf-8"))
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert {name for name, service in compose["services"].items() if "profiles" not in service} == {"bot"}
