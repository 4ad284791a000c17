"""What ``haishin moderate -`` costs a line from outside: the command as another program runs it.

Method: lines of ``bench/lines`` go into the command's standard input all at once; the CPU time of its process (user and
system) is taken at the end. The start is the CPU time of a run with a single line; it is subtracted. "own lines" are
those of the files, "busy chat" the same with what a busy room adds (emotes, names, links, copypasta). ``rules`` leaves
the classifier out (a policy with ``rules: {classifier: off}``).
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.moderation import chat_of, lines_of
from bench.support.host import ROOT, environment


def cpu_s(lines: Sequence[str], *options: str) -> float:
    """Run the command over lines; return its CPU time in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = "".join(f"{line}\n" for line in lines)
    command = [sys.executable, "-m", "bot", "moderate", "-", *options]
    subprocess.run(command, input=text.encode(), stdout=subprocess.DEVNULL, check=True, cwd=ROOT, env=environment())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def several(lines: Sequence[str], count: int) -> list[str]:
    """Return so many lines, made of these; those that repeat differ by their end."""
    return [f"{lines[n % len(lines)]}{'' if n < len(lines) else f' {n // len(lines)}'}" for n in range(count)]


def measure(count: int) -> dict[str, object]:
    """Measure each kind of lines."""
    rng = random.Random(11)
    english, chinese = lines_of("ordinary_en"), lines_of("ordinary_zh")
    kinds = {
        "English": several(english, count),
        "Chinese": several(chinese, count),
        "both in one line": several([f"{rng.choice(chinese)} {line}" for line in english], count),
        "busy chat, English": chat_of(english, count, rng),
        "busy chat, Chinese": chat_of(chinese, count, rng),
    }
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "rules.yaml"
        config.write_text("rules: {classifier: off}\n", "utf-8")
        rules = ("--policy", str(config))
        start, start_rules = min(cpu_s(["hello"]) for _ in range(3)), min(cpu_s(["hello"], *rules) for _ in range(3))
        each = {name: round((cpu_s(lines) - start) / count * 1e6) for name, lines in kinds.items()}
        alone = {name: round((cpu_s(lines, *rules) - start_rules) / count * 1e6) for name, lines in kinds.items()}
    long = {name: round(sum(map(len, lines)) / len(lines)) for name, lines in kinds.items()}
    figures = {"start_cpu_s": round(start, 2), "us_a_line": each, "rules_us": alone, "characters": long}
    return {"bench": "moderate", **figures}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=4000)
    print(json.dumps(measure(parser.parse_args().lines), ensure_ascii=False))


if __name__ == "__main__":
    main()
