"""What the host takes from the chat, and what it makes of it.

    python -m bench.remembering extraction   facts from lines of chat, by the built-in model and by rules alone
    python -m bench.remembering canon        clauses that contradict what the host said of itself, and those that do not
    python -m bench.remembering fortnight    what a host knew of forty regulars at the end of fourteen virtual days
    python -m bench.remembering attacks      thirty-two attacks on the memory, and what became of each

Each prints one line of JSON at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from loguru import logger

from bench.support.fortnight import fortnight
from bench.support.memory_attacks import attacks
from bench.support.virtual_host import run_virtually
from bot.mind.failover import open_llm
from bot.mind.memory.canon import Canon
from bot.mind.memory.extraction import Extractor
from bot.types import Llm
from bot.weights import catalog
from moderation import Context, Direction, Moderator

CANON = Path(__file__).parent / "lines" / "canon.yaml"
LINES = Path(__file__).parent / "lines" / "remembering.yaml"
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Told:
    """A line; ``keys`` are words of which the fact holds one, empty where nothing is to be taken."""

    group: str
    line: str
    keys: tuple[str, ...]
    aside: bool


def told() -> Iterator[Told]:
    """Yield the lines; every second one of a group is kept aside."""
    for group, rows in yaml.safe_load(LINES.read_text("utf-8")).items():
        for number, row in enumerate(rows):
            line, keys = (row[0], tuple(row[1].casefold().split("|"))) if isinstance(row, list) else (row, ())
            yield Told(group, line, keys, bool(number % 2))


async def extraction(extractor: Extractor, *, aside: bool, show: bool) -> dict[str, Any]:
    """Return the share of facts that were caught and of silence that was kept, of one half of the lines."""
    caught, silent, misses = [], [], []
    began = time.process_time()
    for one in told():
        if one.aside is not aside:
            continue
        found = await extractor.facts([one.line])
        if one.keys:
            caught.append(any(key in fact.text.casefold() for fact in found for key in one.keys))
            good = caught[-1]
        else:
            silent.append(not found)
            good = silent[-1]
        if not good:
            misses.append(one.line)
        if show or not good:
            print(f"{'ok  ' if good else 'MISS'} {one.line!r} -> {[(f.slot, f.text) for f in found]}", flush=True)
    return {
        "half": "aside" if aside else "tuned",
        "facts": len(caught),
        "caught": round(sum(caught) / len(caught), 3),
        "silent_lines": len(silent),
        "silence": round(sum(silent) / len(silent), 3),
        "cpu_s": round(time.process_time() - began, 1),
    }


def canon(*, show: bool) -> list[dict[str, Any]]:
    """Return the share of contradictions that were caught and of false alarms, for each half, and what a clause costs.

    Each clause is looked at beside its own statement, and then beside all statements that contradict none of it.
    """
    rows = yaml.safe_load(CANON.read_text("utf-8"))
    found: list[dict[str, Any]] = []
    for aside in (False, True):
        caught: list[bool] = []
        false: list[bool] = []
        took: list[float] = []
        for kind, into in (("contradicts", caught), ("agrees", false)):
            for number, (said, now) in enumerate(rows[kind]):
                if bool(number % 2) is not aside:
                    continue
                known = Canon()
                known.learn(said)
                began = time.process_time()
                into.append(known.contradicted(now) is not None)
                took.append(1000 * (time.process_time() - began))
                if show or into[-1] is (kind == "agrees"):
                    print(f"{'ok  ' if into[-1] is (kind == 'contradicts') else 'MISS'} {said!r} / {now!r}")
        found.append(
            {
                "half": "aside" if aside else "tuned",
                "contradictions": len(caught),
                "caught": round(sum(caught) / len(caught), 3),
                "others": len(false),
                "false": round(sum(false) / len(false), 3),
                "ms_mean": round(sum(took) / len(took), 2),
                "ms_max": round(max(took), 2),
            }
        )
    return found


async def _extraction(model: str, halves: str, show: bool) -> list[dict[str, Any]]:
    moderator = Moderator()

    def passes(text: str) -> bool:
        return moderator.check(text, Context(Direction.OUT, strict=True)).allowed

    async def both(llm: Llm | None) -> list[dict[str, Any]]:
        wanted = [aside for aside in (False, True) if halves in ("both", "aside" if aside else "tuned")]
        return [await extraction(Extractor(llm, passes), aside=aside, show=show) for aside in wanted]

    if model == "rules":
        return await both(None)
    entry = {"provider": "llamacpp", "model": weights(model), "first_s": PATIENCE_S, "gap_s": PATIENCE_S}
    async with open_llm([entry]) as llm:
        return await both(llm)


def weights(model: str) -> str:
    """Return the file of a built-in model."""
    folder = catalog.find(model)
    if folder is None:
        raise SystemExit(f"the weights of {model} are not here: haishin models pull {model}")
    return str(next(iter(sorted(folder.glob("*.gguf")))))


def main() -> None:
    """Print the figures of one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("extraction", "canon", "fortnight", "attacks"))
    parser.add_argument("--model", default="qwen2.5-coder-1.5b", help="a name of models.lock, or rules")
    parser.add_argument("--half", default="both", choices=("both", "tuned", "aside"))
    parser.add_argument("--show", action="store_true", help="print every line, not the misses alone")
    wanted = parser.parse_args()
    logger.remove()
    if wanted.what == "canon":
        for row in canon(show=wanted.show):
            print(json.dumps({"bench": "remembering canon", **row}))
        return
    if wanted.what == "fortnight":
        rows, figures = run_virtually(fortnight)
        for row in rows:
            print(f"{row['viewer']:16} told: {row['told']:28} knew: {', '.join(row['knew']):24} {row['answer']}")
        print(json.dumps(figures))
        return
    if wanted.what == "attacks":
        rows, figures = run_virtually(attacks)
        for row in rows:
            print(f"{'OBEYED' if row['obeyed'] else 'ok    '} {row['id']:16} {row['why']}; {row['answer']}")
        print(json.dumps(figures))
        return
    for row in asyncio.run(_extraction(wanted.model, wanted.half, wanted.show)):
        print(json.dumps({"bench": "remembering extraction", "model": wanted.model, **row}))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
