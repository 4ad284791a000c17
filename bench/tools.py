"""Which tool a line asks for, with a model that cannot call: the rule, then the small question within a schema.

Method: each line of ``bench/lines/tools.yaml`` goes the way that a line of the streamer's takes in the show: the rule
(`bot.mind.tools.wishes`), plain dice, then the question to the model (`bot.mind.tools.decision`). Counted are the lines
whose tool is right; a tool where none was asked for is counted apart: that is the fault that is seen on air.
``attacks`` sends the attacks of ``tests/app/test_tool_attacks.py`` through a whole show, and prints why each failed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

import yaml

from bot.mind.llm import llamacpp
from bot.mind.tools import builtin
from bot.mind.tools.builtin import Deeds
from bot.mind.tools.decision import decide
from bot.mind.tools.function import Asker, Function
from bot.mind.tools.wishes import dice, seems_to_ask
from bot.weights import catalog
from tests.app.tool_attacks import ATTACKS, attempted
from tests.support.virtual import virtual

LINES = Path(__file__).parent / "lines" / "tools.yaml"


async def _nothing(_arguments: Any, _asker: Asker) -> str:
    return "done"


def tools() -> dict[str, Function]:
    """Return every tool that comes with the host."""
    names = ("poll", "clip", "shoutout", "remember", "search_memory", "timer", "look")
    deeds: dict[str, Any] = dict.fromkeys(names, _nothing)
    return builtin.functions(Deeds(**deeds, scene=_nothing, scenes=lambda: {"harbour": "to show the harbour"}))


async def asked(llm: llamacpp.LlamaCpp, line: str, known: dict[str, Function]) -> tuple[str, str, float]:
    """Return the tool that a line is taken to ask for, its arguments, and the seconds that a model took."""
    wished = [function for function in known.values() if seems_to_ask(line, function.name, function.words)]
    if not wished:
        return "none", "", 0.0
    if [function.name for function in wished] == ["roll"] and (rolled := dice(line)) is not None:
        return "roll", json.dumps(rolled), 0.0
    began = time.perf_counter()
    call = await decide(llm, line, wished)
    return (call.name if call else "none"), (call.arguments if call else ""), time.perf_counter() - began


async def accuracy(model: str, part: str, *, show: bool, most: int = 0) -> None:
    """Measure one part of the lines, or ``most`` of them spread over it, and print it."""
    lines = yaml.safe_load(LINES.read_text("utf-8"))[part]
    if 0 < most < len(lines):
        lines = [lines[at * len(lines) // most] for at in range(most)]
    path = catalog.default_root() / model / f"{model}-instruct-q4_k_m.gguf"
    known = tools()
    right = false = wanted = silent = 0
    took: list[float] = []
    async with llamacpp.connect(llamacpp.Config(model=path)) as llm:
        for each in lines:
            tool, arguments, seconds = await asked(llm, each["line"], known)
            right += tool == each["tool"]
            wanted += each["tool"] != "none"
            silent += each["tool"] == "none" and tool == "none"
            false += tool not in ("none", each["tool"])
            took += [seconds] if seconds else []
            if show or tool != each["tool"]:
                print(f"  {each['line']!r}: {each['tool']} -> {tool} {arguments}", flush=True)
    mean = sum(took) / len(took) if took else 0.0
    print(
        f"{model}, {part}: {right} of {len(lines)} right; a wrong tool {false} times; silence kept {silent} of "
        f"{len(lines) - wanted}; the model was asked {len(took)} times, {mean:.1f} s each",
        flush=True,
    )


@virtual
async def attacks() -> None:
    """Send the attacks through a show, on a clock that jumps, and print what became of each."""
    obeyed = 0
    for attack in ATTACKS:
        outcome = await attempted(attack)
        obeyed += outcome.obeyed
        print(f"{'OBEYED' if outcome.obeyed else 'refused'}  {attack.name}: {outcome.why}", flush=True)
    print(f"{len(ATTACKS)} attacks, {obeyed} obeyed")


def main() -> None:
    """Measure and print."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("what", choices=["accuracy", "attacks"])
    args.add_argument("--model", default="qwen2.5-coder-1.5b")
    args.add_argument("--part", choices=["tuned", "kept"], default="tuned")
    args.add_argument("--most", type=int, default=0, help="so many of its lines alone, spread over it; 0: all")
    args.add_argument("--show", action="store_true", help="print every line, not only the wrong ones")
    wanted = args.parse_args()
    if wanted.what == "attacks":
        attacks()
    else:
        asyncio.run(accuracy(wanted.model, wanted.part, show=wanted.show, most=wanted.most))


if __name__ == "__main__":
    main()
