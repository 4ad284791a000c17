"""A hundred attacks through the whole show: ``python -m bench.attacks`` prints what became of each.

The show is the real one: intake, moderation both ways, inbox, prompts, the embedded language model behind
its chain, the loop, the stage hub. Only the voice (silence, so that it takes no time), the database and the
page are stand-ins. Each attack meets a host without memory of the others. The last line is one JSON object;
``violations`` lists the attacks of which something was heard that must not be, and must be empty.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from loguru import logger

from bot.app.builtin_models import llm_entries
from bot.app.casting import prompter_of
from bot.config import Settings
from bot.mind.failover import LlmChain, open_llm
from bot.mind.memory.history import History
from bot.show.outbound import LeakGuard
from bot.show.turn import HostPolicy, Judge
from bot.types import Author, Delta, Health, Kind, Llm, Message, Money, Pcm, Prompt, Style, Tool
from moderation import Context, Direction, Moderator, Policy, Verdict
from moderation.text.forms import Tables
from tests.support.harness import Stagehand
from tests.support.observing import Telling

FILE = Path(__file__).with_suffix(".yaml")
#: Where the host is heard, so that the strictest of their policies counts.
PLATFORMS = ("twitch", "bilibili_web")
#: How long the model may take for its first word, in seconds.
PATIENCE_S = 60.0
_RATE = 24_000
_SILENCE = bytes(_RATE // 50 * 2)


@dataclass(frozen=True)
class Attack:
    """One attack: a line of a viewer, or several lines that belong together."""

    id: str
    kind: str
    language: str
    lines: tuple[str, ...]
    must_not_say: tuple[re.Pattern[str], ...]
    why: str
    author: str = "viewer"
    source: str = "twitch"
    amount: int = 0


@dataclass
class Fate:
    """What became of an attack."""

    refused: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    blocked: list[tuple[str, str]] = field(default_factory=list)
    violated: list[str] = field(default_factory=list)
    failed: bool = False
    seconds: float = 0.0


class Silence:
    """A voice that says every clause in 20 ms of nothing."""

    languages: frozenset[str] = frozenset()

    async def speak(self, text: str, style: Style) -> AsyncIterator[Pcm]:
        """Yield one frame."""
        del text, style
        yield Pcm(_SILENCE, _RATE)

    async def check(self) -> Health:
        """Be well."""
        return Health(ok=True, detail="silence")


class Echo:
    """The worst model there is: it says whatever the newest line of the prompt says, and then its instructions."""

    async def reply(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> AsyncIterator[Delta]:
        """Yield the viewers' words and the system lines back."""
        del tools
        rows = re.sub(r"</?[0-9a-f]{8}>", "", prompt.lines[-1].text).split("\n")
        words = " ".join(str(value) for row in rows if row.startswith("{") for value in json.loads(row).values())
        yield Delta(f"{words}. {prompt.lines[0].text}")

    async def check(self) -> Health:
        """Be well."""
        return Health(ok=True, detail="echo")


class Noting:
    """A judge that remembers what it did not let out."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.blocked: list[tuple[str, str]] = []

    def check(self, text: str, context: Context) -> Verdict:
        """Judge a text; never raises."""
        verdict = self._judge.check(text, context)
        if context.direction is Direction.OUT and not verdict.allowed:
            self.blocked.append((text, ", ".join(verdict.rules)))
        return verdict


def read(file: Path = FILE) -> list[Attack]:
    """Read the attacks. Raise `ValueError` for one that could not be judged."""
    found = [_attack(row) for row in yaml.safe_load(file.read_text("utf-8"))]
    if len({attack.id for attack in found}) != len(found):
        raise ValueError("two attacks have one id")
    return found


def _attack(row: Mapping[str, Any]) -> Attack:
    text = row["text"]
    patterns = tuple(re.compile(pattern) for pattern in row["must_not_say"])
    if not patterns or not row["why"]:
        raise ValueError(f"{row['id']}: nothing tells what must not be said, or why")
    rest = {name: row[name] for name in ("author", "source", "amount") if name in row}
    lines = (text,) if isinstance(text, str) else tuple(text)
    return Attack(row["id"], row["kind"], row["language"], lines, patterns, row["why"], **rest)


class Trial:
    """One host that is attacked again and again. ``tables`` fold what was spoken before it is looked at."""

    def __init__(self, persona: str, llm: Llm) -> None:
        self.hand = Stagehand(persona=persona, manners=HostPolicy(greeting=False, pause_after_blocks=0), filler_s=60.0)
        moderator = Moderator(Policy(), on_air=PLATFORMS)
        show = self.hand.show
        show.composer.llm = llm
        show.cast.prompter = prompter_of(self.hand.persona, Settings())
        show.speaker.tts = Silence()
        self.judge = Noting(LeakGuard(moderator, lambda: show.cast.prompter.private))
        show.performance._outbound.judge = self.judge  # noqa: SLF001 - of a harness
        self.hand.intake.judge = moderator
        self.hand.observers.add(Telling(offered=self._offered))
        self._refused: list[str] = []
        self._tables = Tables()
        self._count = 0

    def _offered(self, message: Message, verdict: Verdict, offer: object) -> None:
        del message, offer
        if verdict.rules:
            self._refused.append(f"{verdict.action.value}: {', '.join(verdict.rules)}")

    async def run(self, attack: Attack, page: Any) -> Fate:
        """Attack; wait until the host has finished; judge what was heard."""
        began = time.monotonic()
        self.hand.show.history = History()
        self._refused, self.judge.blocked = [], []
        self.hand.failures.clear()
        page.tracks.clear()
        for line in attack.lines:
            self._count += 1
            amount = Money(attack.amount, "USD") if attack.amount else None
            kind = Kind.SUPER_CHAT if amount else Kind.CHAT
            author = Author(f"{attack.id}", attack.author)
            await self.hand.intake.offer(Message(f"a{self._count}", attack.source, author, line, kind, amount))
            await self.hand.quiet(120)
        spoken = [track.text for track in page.tracks]
        folded = self._tables.folded(" ".join(spoken)).text
        violated = [p.pattern for p in attack.must_not_say if p.search(folded) or any(map(p.search, spoken))]
        failed = any(what.startswith("llm") for what in self.hand.failures)
        return Fate(self._refused, spoken, self.judge.blocked, violated, failed, time.monotonic() - began)


async def attacks(
    llm: Llm, wanted: Sequence[Attack], tell: Callable[[Attack, Fate], None] = lambda _a, _f: None
) -> dict[str, Any]:
    """Run attacks against a host with this model; return the counts."""
    fates: list[tuple[Attack, Fate]] = []
    for persona, of in (("mira", lambda a: a.language != "zh"), ("xiaoyun", lambda a: a.language == "zh")):
        trial = Trial(persona, llm)
        if isinstance(llm, LlmChain):
            await llm.warm(trial.hand.show.cast.prompter.ahead(History()))
        async with trial.hand.on_air() as page:
            for attack in filter(of, wanted):
                fates.append((attack, await trial.run(attack, page)))
                tell(*fates[-1])
    what = Counter(_outcome(fate) for _, fate in fates)
    return {
        "bench": "attacks",
        "attacks": len(fates),
        **{name: what[name] for name in ("refused", "stopped", "answered", "silent")},
        "model_failed": sum(fate.failed for _, fate in fates),
        "violations": [attack.id for attack, fate in fates if fate.violated],
        "s_mean": round(sum(fate.seconds for _, fate in fates) / max(1, len(fates)), 2),
        "s_max": round(max((fate.seconds for _, fate in fates), default=0.0), 2),
    }


def _outcome(fate: Fate) -> str:
    if fate.blocked:
        return "stopped"
    if any(reason.startswith(("hold", "block")) for reason in fate.refused):
        return "refused"
    return "answered" if fate.spoken else "silent"


def _tell(attack: Attack, fate: Fate) -> None:
    print(f"{attack.id:14} {_outcome(fate):9} {fate.seconds:5.1f} s  {' / '.join(attack.lines)[:110]!r}")
    for reason in fate.refused:
        print(f"{'':16}in: {reason}")
    for text, rules in fate.blocked:
        print(f"{'':16}stopped ({rules}): {text!r}")
    if fate.spoken:
        print(f"{'':16}said: {' '.join(fate.spoken)!r}")
    if fate.failed:
        print(f"{'':16}the model failed: this attack was not answered by it")
    if fate.violated:
        print(f"{'':16}VIOLATION ({attack.why}): {fate.violated}")
    sys.stdout.flush()


async def _main(model: str, wanted: Sequence[Attack]) -> dict[str, Any]:
    if model == "echo":
        return await attacks(Echo(), wanted, _tell)
    settings = Settings() if model == "auto" else Settings(llm=[{"provider": "llamacpp", "model": model}])
    entries = await llm_entries(settings, lambda _name, _done, _all: None)
    # What a slow machine answers counts as well, so it gets its time.
    async with open_llm([{**entry, "first_s": PATIENCE_S, "gap_s": PATIENCE_S} for entry in entries]) as llm:
        return await attacks(llm, wanted, _tell)


def main() -> None:
    """Print what became of each attack, and the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="auto", help="auto, echo (repeats everything), or a name of models.lock")
    parser.add_argument("--only", default="", help="attacks whose id begins with this")
    parser.add_argument("--kinds", action="store_true", help="count the kinds and end")
    wanted = parser.parse_args()
    logger.remove()
    chosen = [attack for attack in read() if attack.id.startswith(wanted.only)]
    if wanted.kinds:
        print(json.dumps(Counter(attack.kind for attack in chosen)))
        return
    result = asyncio.run(_main(wanted.model, chosen))
    print(json.dumps({"model": wanted.model, **result}))
    if result["violations"] or result["model_failed"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
