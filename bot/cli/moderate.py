"""``haishin moderate``: judge the moderation on data of your own, or use it from another program."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from pydantic import BaseModel, ValidationError

from bot.errors import ConfigError
from bot.text.encoding import guess
from bot.text.yaml_file import fit_to, read_yaml
from moderation import Action, Context, Direction, Level, Moderator, Policy, Verdict
from moderation.corrections.cases import Cases, run_cases
from moderation.evaluation import quality
from moderation.rules.lexicon import LANGUAGES

if TYPE_CHECKING:
    from rich.console import Console

#: Bytes of a file from which its encoding is guessed.
_GUESSED = 1 << 20
#: Rows that are shown as the slowest and as the worst mistakes.
SHOWN = 5
#: The longest field of a table that is read, in characters.
MAX_FIELD = 10_000_000
#: Of a longer line of standard input the rest is passed over; moderation looks at 4,000 characters.
MAX_LINE = 100_000
#: Bytes of a character at most, bytes that are read at once, lines that are judged together.
_WIDEST, _READ, _BATCH = 4, 1 << 16, 128
#: From this score on a text counts as bad in the figures.
THRESHOLD = 0.5
#: The verdict on a line of standard input in another encoding.
_UNREADABLE = {"action": Action.HOLD.value, "score": 1.0, "doubt": False, "categories": [], "rules": ["encoding"]}
_ENCODED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_YES = frozenset({"1", "true", "yes", "y", "bad", "toxic", "offensive", "hate", "hateful", "abusive"})


class _Configuration(BaseModel):
    """As much of a configuration as is of interest here."""

    moderation: Policy = Policy()


@dataclass(frozen=True, slots=True)
class Row:
    """One judged row of a table."""

    line: int
    text: str
    bad: bool
    verdict: Verdict
    took_us: float

    @property
    def found(self) -> bool:
        """Return whether its score calls it bad."""
        return self.verdict.score >= THRESHOLD

    @property
    def stopped(self) -> bool:
        """Return whether it is held or blocked."""
        return not self.verdict.allowed


def moderator_of(policy: str, language: str = "all") -> Moderator:
    """Make the moderator of a level, or of a YAML file with a policy. Raises `ConfigError`.

    ``language`` names whose lexicon is used: "en", "zh" or "all".
    """
    languages = LANGUAGES if language == "all" else (language,)
    if language not in (*LANGUAGES, "all"):
        raise ConfigError(f"there is no language {language!r}", remedy=f"give {', '.join(LANGUAGES)} or all")
    if policy in {level.value for level in Level}:
        return Moderator(Policy(level=Level(policy)), languages=languages)
    path = Path(policy)
    if not path.is_file():
        raise ConfigError(
            f"{policy!r} is no level and no file", remedy="give strict, standard, relaxed, or a YAML file with a policy"
        )
    whole = read_yaml(path).value or {}
    # A whole configuration may be given too: its section counts.
    under = isinstance(whole, dict) and "moderation" in whole
    data = read_yaml(path, fit=fit_to(_Configuration if under else Policy)).value or {}
    try:
        return Moderator(Policy.model_validate(data["moderation"] if under else data), languages=languages)
    except (ValidationError, ValueError) as error:
        raise ConfigError(
            f"the policy in {policy} is not right: {error}", remedy="docs/moderation.md names its settings"
        ) from error


def as_json(verdict: Verdict) -> dict[str, object]:
    """Return a verdict as an outside program reads it."""
    return {
        "action": verdict.action.value,
        "score": verdict.score,
        "doubt": verdict.doubt,
        "categories": list(verdict.categories),
        "rules": list(verdict.rules),
    }


def lines(moderator: Moderator, direction: Direction, source: BinaryIO, sink: TextIO) -> None:
    """Judge a line of text each, and write a line of JSON each, at once: another program may wait for it.

    Lines that are there already are judged together. A line that is not UTF-8 is held: nobody can say what stands
    in it.
    """
    context = Context(direction)
    for batch in _batches(source):
        readable = [line for line in batch if line is not None]
        verdicts = iter(moderator.check_all([(line, context) for line in readable]))
        for line in batch:
            verdict = _UNREADABLE if line is None else as_json(next(verdicts))
            sink.write(_ENCODED(verdict) + "\n")
        sink.flush()


def cases(file: Path, moderator: Moderator) -> bool:
    """Try the corrections of the control room against the rules alone; True when the rules agree with all of them.

    Raises `ConfigError` when there is no such file, or nothing in it that can be read.
    """
    if not file.is_file():
        raise ConfigError(
            f"there is no file {file}", remedy="the data folder has cases.ndjson after a first correction"
        )
    known = Cases(file)
    if not len(known):
        raise ConfigError(f"{file} has no correction", remedy="give the cases.ndjson of a data folder")
    out, err = _consoles()
    failures = run_cases(moderator, known)
    for failure in failures:
        rules = ", ".join(failure.verdict.rules) or "no rule"
        out.print(
            f"{failure.verdict.action}, but you said {failure.case.expect} ({rules}): {failure.case.text!r}",
            markup=False,
        )
    out.print(f"{len(known) - len(failures)} of {len(known)} corrections are what the rules say by themselves")
    if known.broken:
        err.print(f"{known.broken} lines of the file cannot be read and were left out")
    return not failures


def _batches(source: BinaryIO) -> Iterator[list[str | None]]:
    """Yield the lines that have arrived, at most `MAX_LINE` characters of each; None for one that is not UTF-8."""
    begun = b""
    while arrived := source.read1(_READ):  # type: ignore[attr-defined]
        *whole, begun = (begun + arrived).split(b"\n")
        begun = begun[: MAX_LINE * _WIDEST]  # of what is longer nothing more is read
        for at in range(0, len(whole), _BATCH):
            yield [_decoded(line) for line in whole[at : at + _BATCH]]
    if begun:
        yield [_decoded(begun)]


def _decoded(line: bytes) -> str | None:
    """Return a line as text, None when it is not UTF-8; a character that the cut has parted is left out."""
    cut = len(line) >= MAX_LINE * _WIDEST
    try:
        return line.decode("utf-8", "ignore" if cut else "strict").rstrip("\r")[:MAX_LINE]
    except UnicodeDecodeError:
        return None


def table(
    file: Path, moderator: Moderator, direction: Direction, *, text: str, label: str, positive: str, as_text: bool
) -> None:
    """Judge every row of a CSV file and print the figures. Raises `ConfigError`.

    A row counts as found when its score is `THRESHOLD` or more: that tells how well moderation knows bad from
    good. ``held`` and ``held_wrongly`` tell what the policy then does with the bad rows and with the others: it
    holds or blocks only what is so sure that ordinary viewers are left in peace.
    """
    rows = _rows(file, text, label)
    values = {value for _, _, value in rows}
    wanted = _positive(values, positive)
    context = Context(direction)
    judged = []
    from rich.progress import track  # noqa: PLC0415 - as `_consoles`

    _, err = _consoles()
    for number, words, value in track(rows, "judging", console=err, transient=True, disable=not err.is_terminal):
        began = time.perf_counter()
        verdict = moderator.check(words, context)
        judged.append(Row(number, words, value in wanted, verdict, (time.perf_counter() - began) * 1e6))
    found = quality([r.bad for r in judged], [r.found for r in judged], [r.verdict.score for r in judged])
    stopped = quality([r.bad for r in judged], [r.stopped for r in judged], [0.0] * len(judged))
    times = sorted(row.took_us for row in judged)
    result = {
        "file": file.name,
        "positive": sorted(wanted),
        **asdict(found),
        "held": stopped.recall,
        "held_wrongly": stopped.false_alarms,
        "held_precision": stopped.precision,
        "us_mean": round(sum(times) / len(times), 1),
        "us_p99": round(times[int(len(times) * 0.99)], 1),
        "rows_per_s": round(len(times) / sum(times) * 1e6),
    }
    if as_text:
        _show(result, judged)
    else:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")


def _rows(file: Path, text: str, label: str) -> list[tuple[int, str, str]]:
    csv.field_size_limit(MAX_FIELD)
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(_without_nul(handle))
            names = reader.fieldnames or []
            for name in (text, label):
                if name not in names:
                    raise ConfigError(f"{file} has no column {name!r}", remedy=f"its columns are: {', '.join(names)}")
            found = [(reader.line_num, row[text] or "", (row[label] or "").strip()) for row in reader]
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}", remedy="give a CSV file with a header") from error
    except UnicodeDecodeError:
        with file.open("rb") as raw:
            looks = guess(raw.read(_GUESSED))
        raise ConfigError(
            f"{file} is not UTF-8; it looks like {looks}",
            remedy="save it as 'CSV UTF-8' in Excel, or with the encoding UTF-8 in an editor",
        ) from None
    except csv.Error as error:
        raise ConfigError(f"{file} is no table of text: {error}", remedy="give a CSV file with a header") from error
    if not found:
        raise ConfigError(f"{file} has no rows", remedy="give a CSV file with a header and rows")
    return found


def _without_nul(handle: TextIO) -> Iterator[str]:
    for line in handle:
        yield line.replace("\0", "\ufffd")


def _positive(values: set[str], positive: str) -> set[str]:
    """Return the values of the label that mean "bad": the named ones, or those that can mean nothing else."""
    if positive:
        wanted = {value.strip() for value in positive.split(",")}
        if not wanted & values:
            raise ConfigError(
                f"no row has the label {positive!r}", remedy=f"the labels are: {', '.join(sorted(values)[:10])}"
            )
        return wanted
    wanted = {value for value in values if value.lower() in _YES}
    if not wanted:
        raise ConfigError(
            "which label means bad?", remedy=f"name it with --positive; there are: {', '.join(sorted(values)[:10])}"
        )
    return wanted


def _consoles() -> tuple[Console, Console]:
    """Return what writes to standard output and to standard error; `lines` is for programs, and starts without it."""
    from rich.console import Console  # noqa: PLC0415 - a tenth of the start of `lines`

    return Console(highlight=False, emoji=False), Console(stderr=True, highlight=False, emoji=False)


def _show(result: dict[str, object], judged: list[Row]) -> None:
    from rich.markup import escape  # noqa: PLC0415 - as `_consoles`
    from rich.table import Table  # noqa: PLC0415 - as `_consoles`

    out, _ = _consoles()
    for name, value in result.items():
        out.print(f"{name:14} {'-' if value is None else value}", markup=False)
    slowest = sorted(judged, key=lambda row: -row.took_us)
    missed = sorted((r for r in judged if r.bad and not r.found), key=lambda r: r.verdict.score)
    alarms = sorted((r for r in judged if not r.bad and r.found), key=lambda r: -r.verdict.score)
    wrongly = [r for r in judged if not r.bad and r.stopped]
    lists = (("slowest", slowest), ("missed", missed), ("false alarms", alarms), ("held wrongly", wrongly))
    for title, rows in lists:
        shown = Table("row", "µs", "score", "rules", "text", title=title, title_justify="left", box=None)
        for row in rows[:SHOWN]:
            rules = ", ".join(row.verdict.rules)[:40]
            shown.add_row(
                str(row.line), f"{row.took_us:.0f}", f"{row.verdict.score:.2f}", escape(rules), escape(row.text[:80])
            )
        if rows:
            out.print(shown)
