"""How fast moderation is and how well it judges.

    python -m bench.moderation [--data FOLDER] [--json]

Speed and the lines of ``bench/lines`` (ordinary chat, insults and dangers that no training saw) need nothing else.
``--data`` names a folder with the research sets (moderation/models/CARD.md tells where they come from); then their
figures are printed too. Times are µs on one core; "held" means held or blocked under the standard policy, "found" a
score of .5 or more.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

if not __package__:
    # Run as a file, this folder stands first on the path, and "moderation" would be this very file.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import yaml
from rich.console import Console
from rich.table import Table

import bot  # noqa: F401 - as in the host, before numpy: one thread for its matrices
from moderation import Context, Direction, Mode, Moderator, Policy, Rule
from moderation.evaluation import quality
from moderation.worker import MOST_LINES
from scripts.train import disguise

LINES = Path(__file__).parent / "lines"
ROUNDS = 20
COPIES = 10
#: Lines of a busy chat that are made up, of each kind.
BUSY = 3000
EMOTES = "KEKW PogChamp LUL Kappa monkaS 4Head PepeHands catJAM Sadge 😂 🔥 ❤️ 👏 [打call] [doge]".split()
NAMES = "ann bob_tv Kaito xX_dora_Xx 小云 mira_fan nightowl lea".split()
#: File, column of the text, column of the label, the labels that mean bad.
SETS = (
    ("cold_dev.csv", "TEXT", "label", ("1",)),
    ("davidson.csv", "tweet", "class", ("0", "1")),
    ("hatemoji_build_validation.csv", "text", "label_gold", ("1",)),
)
HOSTILE = (
    "ignore say dot a.b " * 200,
    "\u0301" * 10_000,
    "x" * 1_000_000,
    "\ud800" * 5_000,
    "a@" * 2_000,
    "傻" * 4_000,
    "i'll kill him at school tonight, don't tell your mom, the rope is ready " * 60,
)
OUT = Context(
    Direction.OUT,
    window=("That was a great match, everybody.", "谢谢大家！", "Now let us see who is next."),
    heard=("how was the match?",),
)


def lines_of(name: str) -> list[str]:
    """Read one of the files of lines."""
    return (LINES / f"{name}.txt").read_text("utf-8").splitlines()


def chat_of(lines: Sequence[str], count: int, rng: random.Random) -> list[str]:
    """Make lines as a busy chat writes them, about 40 characters each and hardly one like another.

    Emotes stand in every second one, a name in every third, numbers, letters drawn out, now and then a link.
    """
    made = []
    for _ in range(count):
        parts, least = [rng.choice(lines)], rng.randint(5, 25)
        while sum(map(len, parts)) < least:
            parts.append(rng.choice(lines))
        if rng.random() < 0.5:
            parts += [rng.choice(EMOTES)] * rng.randint(1, 4)
        if rng.random() < 0.33:
            parts.insert(0, f"@{rng.choice(NAMES)}{rng.randrange(1000)}")
        if rng.random() < 0.2:
            parts.append(str(rng.randrange(10_000)))
        if rng.random() < 0.1:
            parts.append(rng.choice(("LOOOOOL", "nooooo", "哈哈哈哈哈哈", "6666666")))
        if rng.random() < 0.03:
            parts.append(f"https://clips.twitch.tv/{rng.randrange(10**6)}")
        made.append(" ".join(parts))
    return made


def together(moderator: Moderator, lines: Sequence[str]) -> dict[str, float]:
    """Time lines that wait and are judged in batches: µs of the processor for each line, and their length."""
    began = time.process_time()
    for at in range(0, len(lines), MOST_LINES):
        moderator.check_all([(line, Context()) for line in lines[at : at + MOST_LINES]])
    spent = (time.process_time() - began) / len(lines) * 1e6
    return {"cpu": round(spent, 1), "characters": round(statistics.fmean(map(len, lines)), 1)}


def busy_chat(moderator: Moderator) -> dict[str, dict[str, float]]:
    """Measure what lines of a busy chat cost: each language, both in one line, and the same said again and again."""
    rng = random.Random(11)
    english, chinese = lines_of("ordinary_en"), lines_of("ordinary_zh")
    en, zh = chat_of(english, BUSY, rng), chat_of(chinese, BUSY, rng)
    mixed = [f"{rng.choice(chinese)} {line}" for line in chat_of(english, BUSY, rng)]
    repeated = [rng.choice(en[:100]) for _ in range(BUSY)]
    kinds = {"English": en, "Chinese": zh, "both in one line": mixed, "said again and again": repeated}
    return {name: together(moderator, lines) for name, lines in kinds.items()}


def timed(moderator: Moderator, lines: Sequence[str], context: Context, rounds: int = ROUNDS) -> dict[str, float]:
    """Time every check, in µs, after one round that counts for nothing. What the classifier remembers is remembered."""
    times: list[float] = []
    for turn in range(rounds + 1):
        for line in lines:
            began = time.perf_counter()
            moderator.check(line, context)
            if turn:
                times.append((time.perf_counter() - began) * 1e6)
    times.sort()
    return {
        "mean": round(statistics.fmean(times), 1),
        "p50": round(statistics.median(times), 1),
        "p99": round(times[int(len(times) * 0.99)], 1),
    }


def speed(moderator: Moderator) -> dict[str, Any]:
    """Measure what a check costs on ordinary chat."""
    rules = Moderator(Policy(rules={Rule.CLASSIFIER: Mode.OFF}))
    chat = lines_of("ordinary_en") + lines_of("ordinary_zh")
    return {
        "characters_mean": round(statistics.fmean(map(len, chat)), 1),
        "rules and lexicons": timed(rules, chat, Context()),
        "with the classifier": timed(moderator, chat, Context()),
        "English": timed(moderator, lines_of("ordinary_en"), Context()),
        "Chinese": timed(moderator, lines_of("ordinary_zh"), Context()),
        "outbound, window of three": timed(moderator, chat, OUT),
        "busy chat": busy_chat(moderator),
        "hostile": timed(moderator, HOSTILE, Context(), rounds=3),
    }


def share(values: Iterable[bool]) -> float:
    """Return the share of what is true."""
    found = list(values)
    return round(sum(found) / len(found), 4)


def own_lines(moderator: Moderator) -> dict[str, dict[str, float]]:
    """Judge ordinary chat and insults, plain and in each disguise."""
    out: dict[str, dict[str, float]] = {}
    for language, kinds in (("en", disguise.ENGLISH), ("zh", disguise.CHINESE)):
        for what in ("ordinary", "insults"):
            out[f"{what} {language}"] = _judged(moderator, lines_of(f"{what}_{language}"))
        rng = random.Random(7)
        for kind in kinds:
            changed = [
                text
                for line in lines_of(f"insults_{language}")
                for _ in range(COPIES)
                if (text := disguise.disguise(line, kind, rng)) != line
            ]
            out[f"insults {language}, {kind.replace('_', ' ')}"] = _judged(moderator, changed)
    return out


def dangers(moderator: Moderator) -> dict[str, dict[str, float]]:
    """Judge threats, wishes to die, grooming and praise of terror, and what is written near to them."""
    out: dict[str, dict[str, float]] = {}
    for language in ("en", "zh"):
        for label, lines in yaml.safe_load((LINES / f"danger_{language}.yaml").read_text("utf-8")).items():
            out[f"{label}, {language}"] = _judged(moderator, lines)
    return out


def _judged(moderator: Moderator, lines: list[str]) -> dict[str, float]:
    verdicts = [moderator.check(line) for line in lines]
    return {
        "lines": len(lines),
        "held": share(not v.allowed for v in verdicts),
        "found": share(v.score >= 0.5 for v in verdicts),
    }


def research(moderator: Moderator, folder: Path) -> dict[str, dict[str, Any]]:
    """Judge the research sets. The classifier learnt from Davidson's: its own figures come from its script."""
    out: dict[str, dict[str, Any]] = {}
    for name, text, label, bad in SETS:
        if not (folder / name).is_file():
            continue
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            rows = [(row[text], row[label] in bad) for row in csv.DictReader(file)]
        verdicts = [moderator.check(line) for line, _ in rows]
        labels = [is_bad for _, is_bad in rows]
        found = quality(labels, [v.score >= 0.5 for v in verdicts], [v.score for v in verdicts])
        held = quality(labels, [not v.allowed for v in verdicts], [v.score for v in verdicts])
        out[name] = {
            "rows": found.rows, "accuracy": found.accuracy, "F1": found.f1, "macro-F1": found.macro_f1,
            "AUC": found.auc, "recall at 1 %": found.recall_at_1,
            "held": held.recall, "held wrongly": held.false_alarms,
        }  # fmt: skip
    for attacks_file in ("injection_en.json", "injection_multilingual.json"):
        if (folder / attacks_file).is_file():
            attacks = [row["user_input"] for row in json.loads((folder / attacks_file).read_text("utf-8"))]
            out[attacks_file] = {"rows": len(attacks), **_judged(moderator, attacks)}
    return out


def shown(title: str, rows: dict[str, dict[str, Any]]) -> Table:
    """Make a table for people."""
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    table = Table("", *names, title=title, title_justify="left", box=None)
    for name, row in rows.items():
        table.add_row(name, *(str(row.get(column, "")) for column in names))
    return table


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with the research sets")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    wanted = parser.parse_args()
    began = time.perf_counter()
    moderator = Moderator()
    started_ms = round((time.perf_counter() - began) * 1e3, 1)
    figures: dict[str, Any] = {
        "bench": "moderation",
        "start_ms": started_ms,
        "speed_us": speed(moderator),
        "lines": own_lines(moderator),
        "dangers": dangers(moderator),
        "sets": research(moderator, wanted.data) if wanted.data else {},
    }
    if wanted.json:
        print(json.dumps(figures))
        return
    out = Console(highlight=False, width=140)
    timings = figures["speed_us"]
    out.print(f"start {started_ms} ms; ordinary chat, {timings.pop('characters_mean')} characters on average")
    busy = timings.pop("busy chat")
    out.print(shown("\nµs a check", timings))
    out.print(shown("\nµs of CPU for a line of a busy chat, in batches", busy))
    out.print(shown("\nlines that no training saw", figures["lines"]))
    out.print(shown("\ndangers, by writers who saw no rule", figures["dangers"]))
    if figures["sets"]:
        out.print(shown("\nresearch sets", figures["sets"]))


if __name__ == "__main__":
    main()
