"""The cases: texts that a person corrected, kept in a file, and tried against the rules at any time.

One line of JSON each. The file may be edited by hand; a line that cannot be read (torn by a crash,
or mistyped) is left out and counted, never an error. What is in force of it stands in `Allowances`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from moderation.corrections.allowances import MAX_TEXT, Allowances, Expect, exact
from moderation.verdict import Context, Direction, Verdict

#: The file in the data folder.
CASES: Final = "cases.ndjson"
#: Cases that are kept; the oldest leaves. A file larger than this in bytes is read as far as this.
MAX_CASES: Final = 5_000
MAX_FILE: Final = 16 << 20
#: Longest name of a platform, and rules of one case.
_MAX_WORD, _MAX_RULES = 100, 20


@dataclass(frozen=True, slots=True)
class Case:
    """One correction. ``rules`` are those that found it then."""

    text: str
    expect: Expect
    direction: Direction
    platform: str = ""
    rules: tuple[str, ...] = ()
    at: str = ""

    @property
    def id(self) -> str:
        """Its name: the same text in the same direction is the same case."""
        return hashlib.sha256(f"{self.direction}\n{exact(self.text)}".encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that the rules judge otherwise than the person did."""

    case: Case
    verdict: Verdict


class Checks(Protocol):
    """A moderator."""

    def check(self, text: str, context: Context) -> Verdict:
        """Judge a text."""
        ...


class Cases:
    """The cases in memory, and in a file if there is one. Its calls write to the disk: not for an event loop."""

    def __init__(self, file: Path | None = None, allowances: Allowances | None = None) -> None:
        self.file = file
        self.allowances = allowances if allowances is not None else Allowances()
        #: Lines of the file that could not be read.
        self.broken = 0
        self._cases: dict[str, Case] = {}
        if file is not None:
            for case in _read(file):
                if case is None:
                    self.broken += 1
                else:
                    self._put(case)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._cases)

    def __iter__(self) -> Iterator[Case]:
        """Return them, the oldest first."""
        return iter(list(self._cases.values()))

    def get(self, id: str) -> Case | None:  # noqa: A002 - what it is
        """Return one."""
        return self._cases.get(id)

    def add(self, case: Case) -> None:
        """Add a correction: it is in force and on the disk when this returns. Raise `OSError` and change nothing."""
        known = case.id in self._cases or len(self._cases) >= MAX_CASES
        kept = [old for old in self if old.id != case.id][-(MAX_CASES - 1) :]
        if known:
            self._rewrite([*kept, case])
        else:
            self._append(case)
        self._put(case)

    def remove(self, id: str) -> Case | None:  # noqa: A002 - as above
        """Remove a correction and return it. Raise `OSError` and change nothing."""
        case = self._cases.get(id)
        if case is not None:
            self._rewrite([old for old in self if old.id != id])
            del self._cases[id]
            self.allowances.withdraw(case.text, case.direction)
        return case

    def _put(self, case: Case) -> None:
        self._cases.pop(case.id, None)
        self._cases[case.id] = case
        self.allowances.decide(case.text, case.direction, case.expect)
        while len(self._cases) > MAX_CASES:
            oldest = self._cases.pop(next(iter(self._cases)))
            self.allowances.withdraw(oldest.text, oldest.direction)

    def _append(self, case: Case) -> None:
        if self.file is None:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with open(self.file, "ab+", opener=_owner_alone) as out:
            torn = False
            if out.tell():  # a line that a crash tore must not swallow this one
                out.seek(-1, os.SEEK_END)
                torn = out.read(1) != b"\n"
            out.write((b"\n" if torn else b"") + _line(case))
            out.flush()
            os.fsync(out.fileno())

    def _rewrite(self, cases: Iterable[Case]) -> None:
        if self.file is None:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        new = self.file.with_suffix(".new")
        with open(new, "wb", opener=_owner_alone) as out:
            out.writelines(map(_line, cases))
            out.flush()
            os.fsync(out.fileno())
        new.replace(self.file)


def _owner_alone(path: str, flags: int) -> int:
    """Open a file for its owner alone, also when others could read it before: viewers wrote what stands in it."""
    handle = os.open(path, flags, 0o600)
    if os.name == "posix":
        with contextlib.suppress(OSError):  # somebody else's file stays theirs
            os.fchmod(handle, 0o600)
    return handle


def case_of(text: str, expect: Expect, direction: Direction, platform: str, rules: Iterable[str]) -> Case:
    """Make a case of a text that a person corrects now."""
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return Case(text[:MAX_TEXT], expect, direction, platform[:_MAX_WORD], tuple(rules)[:_MAX_RULES], at)


def run_cases(moderator: Checks, cases: Iterable[Case]) -> list[Failure]:
    """Judge every case; return those whose verdict is not what the person said.

    With the moderator's own `Allowances` empty this tells what the rules have learned since; with
    them filled, what no correction can lift.
    """
    failures = []
    for case in cases:
        verdict = moderator.check(case.text, Context(case.direction, platform=case.platform))
        if verdict.allowed != (case.expect == Expect.ALLOW):
            failures.append(Failure(case, verdict))
    return failures


def _line(case: Case) -> bytes:
    return json.dumps(asdict(case), ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _read(file: Path) -> Iterator[Case | None]:
    try:
        with file.open("rb") as source:
            raw = source.read(MAX_FILE)
    except FileNotFoundError:
        return
    except OSError:  # no rights, or a folder: the show goes on without it, and says so
        yield None
        return
    for line in raw.split(b"\n"):
        if line.strip():
            yield _case(line)


def _case(line: bytes) -> Case | None:
    try:
        data: Any = json.loads(line)
        text, expect, rules = data["text"], Expect(data["expect"]), data.get("rules", [])
        direction, platform, at = Direction(data["direction"]), data.get("platform", ""), data.get("at", "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    words = [platform, at, *rules] if isinstance(rules, list) else [None]
    if not all(isinstance(w, str) and len(w) <= _MAX_WORD for w in words):
        return None
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT or len(rules) > _MAX_RULES:
        return None
    return Case(text, expect, direction, platform, tuple(rules), at)
