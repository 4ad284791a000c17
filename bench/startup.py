"""Seconds until on air with cached models, memory without local models, and the size of what is installed.

Method: the real host as a process, from its start to the first good answer of ``/health``; three starts,
the median counts. Memory is the resident set of the process after ten turns on ``configs/bench.yaml``.
Installed size is the sum of the files that the wheels of ``requirements.lock`` wrote, from their RECORDs.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import re
import statistics
from pathlib import Path

from bench.first_audio import idle
from bench.support.host import ROOT, host
from bench.support.upstreams import serve


def installed_mb() -> dict[str, object]:
    """Return the size of the installed packages of the lock, and the largest of them."""
    names = re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    sizes: dict[str, float] = {}
    for name in names:
        try:
            files = importlib.metadata.distribution(name).files or []
        except importlib.metadata.PackageNotFoundError:
            continue  # another platform's
        paths = [Path(str(file.locate())) for file in files]
        sizes[name] = sum(path.stat().st_size for path in paths if path.is_file()) / 1e6
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:6]
    return {
        "mb": round(sum(sizes.values()), 1),
        "packages": len(sizes),
        "largest_mb": {n: round(s, 1) for n, s in largest},
    }


async def main() -> None:
    """Measure and print."""
    embedded, remote = [], []
    for _ in range(3):
        async with host() as h:
            embedded.append(h.started_s)
    async with serve() as fake:
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {"HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base}
        for _ in range(2):
            async with host([ROOT / "configs/bench.yaml"], env) as h:
                remote.append(h.started_s)
        async with host([ROOT / "configs/bench.yaml"], env) as h:
            remote.append(h.started_s)
            await idle(h, fake, 10)
            rss = h.rss_mb()
    print(
        json.dumps({
            "bench": "startup",
            "on_air_embedded_s": round(statistics.median(embedded), 2),
            "on_air_without_local_models_s": round(statistics.median(remote), 2),
            "rss_without_local_models_mb": round(rss, 1),
            "installed": installed_mb(),
        })
    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
