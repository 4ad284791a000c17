"""How well memory finds what was said, and what each part of it adds.

    python -m bench.memory [--locomo FOLDER-OR-ZIP] [--embedder e5|none] [--cache FILE] [--json]

The lines of ``bench/lines/memory.yaml`` (facts and questions in English, Chinese and Japanese, mixed and across
languages) need nothing else. ``--locomo`` names the dialogues of LoCoMo (Maharana et al., ACL 2024; public repository
snap-research/locomo, data/locomo10.zip): its questions with evidence, of all kinds but the adversarial ones. Five
dialogues were tuned on, the other five were not. "hit" is the share of questions of which some turn of the evidence is
among the first ten, "recall" the share of the evidence that is. ``--cache`` keeps vectors between runs.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import hashlib
import json
import re
import statistics
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import yaml
from rich.console import Console
from rich.table import Table

import bot  # noqa: F401 - as in the host, before numpy: one thread for its matrices
from bot.mind.embed import e5
from bot.mind.memory.search import entries
from bot.mind.memory.search.index import Index, Question
from bot.mind.memory.search.terms import asks, terms
from bot.mind.memory.search.vector_index import script_of
from bot.store.memory.pieces import Piece, PieceKind

LINES = Path(__file__).parent / "lines" / "memory.yaml"
#: The dialogues on which the weights were chosen.
TUNED: Final = ("26", "30", "41", "42", "43")
_ADVERSARIAL: Final = 5
_TIME: Final = re.compile(r"(\d+) (\w+),? (\d{4})")

Floats = npt.NDArray[np.float32]
Embed = Callable[[list[str], bool], Floats]


@dataclass(frozen=True)
class Asked:
    """A question and the ids of the pieces that answer it."""

    text: str
    evidence: frozenset[int]
    group: str


@dataclass(frozen=True)
class Case:
    """Pieces with their vectors, and questions with theirs."""

    name: str
    pieces: tuple[Piece, ...]
    vectors: Floats | None
    questions: tuple[Asked, ...]
    asked: Floats | None


class Cache:
    """Vectors by a hash of the text, kept in a file where one is named."""

    def __init__(self, model: e5.E5, file: Path | None) -> None:
        self._model = model
        self._file = file
        self._known: dict[str, Floats] = {}
        if file and file.exists():
            with np.load(file) as stored:
                self._known = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))

    async def embed(self, texts: Sequence[str], *, query: bool) -> Floats:
        """Return the vectors of texts."""
        keys = [hashlib.sha256(f"{query}{text}".encode()).hexdigest()[:24] for text in texts]
        for key, text in zip(keys, texts, strict=True):
            if key not in self._known:
                self._known[key] = (await self._model.embed([text], query=query))[0]
        self.save()
        return np.array([self._known[key] for key in keys], np.float32)

    def save(self) -> None:
        """Write the file."""
        if self._file and self._known:
            np.savez(self._file, keys=np.array(list(self._known)), vectors=np.array(list(self._known.values())))


def dialogues(source: Path) -> Iterator[tuple[str, list[Piece], list[Asked]]]:
    """Yield the dialogues of LoCoMo: each turn a piece, each session a page."""
    for name, raw in sorted(_files(source)):
        data = json.loads(raw)
        pieces: list[Piece] = []
        ids: dict[str, int] = {}
        number = 1
        while f"session_{number}_date_time" in data:
            day, month, year = _TIME.search(data[f"session_{number}_date_time"]).groups()  # type: ignore[union-attr]
            at = dt.datetime.strptime(f"{day} {month} {year} +0000", "%d %B %Y %z")
            for turn in data.get(f"session_{number}", ()):
                ids[turn["dia_id"]] = len(pieces) + 1
                text = f"{turn['speaker']}: {turn['text']}"
                seen = turn.get("blip_caption") or ""
                page = f"session {number}"
                pieces.append(Piece(PieceKind.EPISODE, text, origin=seen, page=page, at=at, id=len(pieces) + 1))
            number += 1
        questions = []
        for one in data["qa"]:
            told = " ".join(one.get("evidence", ())).replace(";", " ").replace(",", " ").split()
            evidence = frozenset(ids[turn] for turn in told if turn in ids)
            if one["category"] != _ADVERSARIAL and evidence:
                questions.append(Asked(one["question"], evidence, "tuned" if name in TUNED else "kept aside"))
        yield name, pieces, questions


def _files(source: Path) -> Iterator[tuple[str, bytes]]:
    if source.is_dir():
        yield from ((file.stem, file.read_bytes()) for file in source.glob("*.json"))
        return
    with zipfile.ZipFile(source) as archive:
        for name in archive.namelist():
            if name.endswith(".json"):
                yield Path(name).stem, archive.read(name)


def own_set() -> Iterator[tuple[str, list[Piece], list[Asked]]]:
    """Yield the facts and questions of ``bench/lines/memory.yaml``."""
    data = yaml.safe_load(LINES.read_text("utf-8"))
    ids: dict[str, int] = {}
    pieces: list[Piece] = []
    for name, text in data["facts"].items():
        ids[name] = len(pieces) + 1
        pieces.append(Piece(PieceKind.CANON, text, id=len(pieces) + 1))
    questions = [
        Asked(text, frozenset(ids[name] for name in evidence.split()), group)
        for group, asked in data["questions"].items()
        for text, evidence in asked.items()
    ]
    yield "own", pieces, questions


async def cases(found: Iterator[tuple[str, list[Piece], list[Asked]]], cache: Cache | None) -> list[Case]:
    """Embed all that there is."""
    made = []
    for name, pieces, questions in found:
        vectors = asked = None
        if cache is not None:
            vectors = await cache.embed([entries.embedded(piece) for piece in pieces], query=False)
            asked = await cache.embed([one.text for one in questions], query=True)
        made.append(Case(name, tuple(pieces), vectors, tuple(questions), asked))
    return made


def build(case: Case, *, meaning: bool = True) -> Index:
    """Index the pieces of a case as the host does."""
    built = Index()
    for entry in entries.entries_of(case.pieces):
        built.put(entry)
    if meaning and case.vectors is not None:
        for piece, vector in zip(case.pieces, case.vectors, strict=True):
            built.put_vector(piece.id, vector)
    return built


def measure(
    found: Sequence[Case], most: int, *, words: bool = True, meaning: bool = True, everything: bool = True
) -> dict[str, dict[str, float]]:
    """Return hit and recall among the first ``most``, and ms of CPU a question, by group and over all."""
    rows: dict[str, list[tuple[bool, float]]] = {}
    times = []
    for case in found:
        built = build(case, meaning=meaning)
        for number, one in enumerate(case.questions):
            vector = case.asked[number] if meaning and case.asked is not None else None
            began = time.process_time()
            question = Question(terms(one.text) if words else {}, vector, script_of(one.text), asks(one.text))
            hits = {hit.id for hit in built.find(question, limit=most, everything=everything)}
            times.append((time.process_time() - began) * 1e3)
            got = len(hits & one.evidence)
            for group in (one.group, "all"):
                rows.setdefault(group, []).append((got > 0, got / len(one.evidence)))
    return {
        group: {
            "hit": round(statistics.fmean(hit for hit, _ in seen), 3),
            "recall": round(statistics.fmean(part for _, part in seen), 3),
            "questions": len(seen),
        }
        for group, seen in sorted(rows.items())
    } | {"time": {"ms": round(statistics.fmean(times), 2)}}


def left_out(found: Sequence[Case], most: int) -> dict[str, dict[str, dict[str, float]]]:
    """Return the figures with all parts, and with each left out in turn."""
    figures = {
        "all parts": measure(found, most),
        "as the host asks (what fits too little is left out)": measure(found, most, everything=False),
        "without vectors": measure(found, most, meaning=False),
        "without words": measure(found, most, words=False),
    }
    for name, module, attribute, value in (
        ("without neighbours", entries, "NEIGHBOURS", ()),
        ("without days", entries, "DAY", 0.0),
        ("without origins", entries, "ORIGIN", 0.0),
        ("words: text alone", entries, None, None),
    ):
        changed = {attribute: value} if attribute else {"NEIGHBOURS": (), "DAY": 0.0, "ORIGIN": 0.0}
        before = {key: getattr(module, key) for key in changed}
        for key, new in changed.items():
            setattr(module, key, new)
        figures[name] = measure(found, most, meaning=attribute is not None)
        for key, old in before.items():
            setattr(module, key, old)
    rng = np.random.default_rng(1)
    noise = [
        replace(c, vectors=_unit(rng, len(c.pieces)), asked=_unit(rng, len(c.questions)))
        for c in found
        if c.vectors is not None
    ]
    if noise:
        figures["vectors that mean nothing"] = measure(noise, most)
    return figures


def _unit(rng: np.random.Generator, rows: int) -> Floats:
    made = rng.standard_normal((rows, e5.DIMENSIONS)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


async def run(wanted: argparse.Namespace) -> dict[str, Any]:
    """Return all figures."""
    async with AsyncExitStack() as stack:
        cache = None
        if wanted.embedder == "e5":
            cache = Cache(await stack.enter_async_context(e5.connect(e5.Config())), wanted.cache)
        figures: dict[str, Any] = {"bench": "memory"}
        if LINES.exists():
            figures["own set, first 5"] = left_out(await cases(own_set(), cache), 5)
        if wanted.locomo:
            figures["LoCoMo, first 10"] = left_out(await cases(dialogues(wanted.locomo), cache), 10)
        return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--locomo", type=Path, help="the archive of LoCoMo, or a folder with its JSON files")
    parser.add_argument("--embedder", choices=("e5", "none"), default="e5")
    parser.add_argument("--cache", type=Path, help="file that keeps vectors between runs, ending in .npz")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    wanted = parser.parse_args()
    figures = asyncio.run(run(wanted))
    if wanted.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    out = Console(highlight=False, width=160)
    for title, rows in figures.items():
        if isinstance(rows, dict):
            groups = list(rows["all parts"])
            table = Table("", *groups, title=title, title_justify="left", box=None)
            for name, row in rows.items():
                cells = (row.get(group, {}) for group in groups)
                table.add_row(name, *(" ".join(f"{k} {v}" for k, v in cell.items()) for cell in cells))
            out.print(table)


if __name__ == "__main__":
    main()
