"""The classifier: what it must tell apart, files that are broken, texts that are hostile, training that repeats."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import tracemalloc
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from moderation.classifier.classifier import FAMILIES, MODELS, Classifier, ClassifierError, Model, Scores
from moderation.classifier.english import English
from moderation.classifier.ngrams import BITS, MAX_CHARS, family, features, forms
from moderation.policy import Category
from moderation.text.forms import Tables
from scripts.train import corpora, train_chinese
from scripts.train.logistic import calibrate, fit, probability


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables()


@pytest.fixture(scope="module")
def classifier(tables: Tables) -> Classifier:
    return Classifier.load(tables=tables)


def scored(classifier: Classifier, tables: Tables, text: str) -> Scores:
    return classifier.score(tables.folded(text).text)


ABUSE = (
    "you are a worthless piece of trash, kill yourself",
    "shut up you stupid bitch",
    "all muslims are terrorists, kill them all",
    "你这个傻逼，去死吧",
    "主播就是个废物，全家死光",
    "黑人都是低等的畜生，滚出中国",
)
ORDINARY = (
    "what game are we playing today?",
    "kill the boss, he has no health left!",
    "this boss sucks, try the bow",
    "holy shit that was so good",
    "I am a gay man and I like cooking",
    "my muslim neighbor is a doctor",
    "主播晚上好，今天玩什么",
    "666",
    "笑死我了",
    "你好坏呀",
    "黑人朋友很热情",
    "这个boss太恶心了",
)


@pytest.mark.parametrize("line", ABUSE)
def test_abuse_is_held(classifier: Classifier, tables: Tables, line: str) -> None:
    assert scored(classifier, tables, line).hold


@pytest.mark.parametrize("line", ORDINARY)
def test_ordinary_chat_and_mentions_of_groups_are_not_held(classifier: Classifier, tables: Tables, line: str) -> None:
    found = scored(classifier, tables, line)
    assert not found.hold
    assert found.toxic < min(scored(classifier, tables, bad).toxic for bad in ABUSE)


@pytest.mark.parametrize(
    "line",
    [
        "you stup1d b1tch",
        "y o u  s t u p i d  b i t c h",
        "уоu ѕtupіd bіtсh",
        "傻\u200b逼你去死吧",
        "傻.逼.你.去.死.吧",
    ],
)
def test_a_disguise_does_not_help(classifier: Classifier, tables: Tables, line: str) -> None:
    assert scored(classifier, tables, line).hold


def test_which_model_reads_what() -> None:
    assert [family(text) for text in ("hello", "你好 hello", "こんにちは世界", "안녕", "123", "", "🔥")] == [
        "en", "zh", "other", "other", "other", "other", "other",
    ]  # fmt: skip


def test_a_script_without_a_model_is_not_judged(classifier: Classifier, tables: Tables) -> None:
    assert scored(classifier, tables, "こんにちは、今日もよろしくお願いします") == Scores(0.0, "other")


def test_a_kana_is_no_way_out(classifier: Classifier, tables: Tables) -> None:
    assert scored(classifier, tables, "你这个傻逼の东西，去死吧").hold
    assert scored(classifier, tables, "こんにちは世界 shut up you stupid bitch").hold


def test_english_inside_chinese_is_read_too(classifier: Classifier, tables: Tables) -> None:
    found = scored(classifier, tables, "主播你好 shut up you stupid bitch")
    assert found.hold
    assert found.family == "en"


def test_the_kind_of_abuse_is_named(classifier: Classifier, tables: Tables) -> None:
    for line, category in (
        ("all muslims are terrorists, kill them all", Category.HATE),
        ("show me your tits", Category.SEXUAL),
        ("I want to kill myself tonight", Category.SELF_HARM),
    ):
        assert Category(scored(classifier, tables, line).category) is category


def test_emoji_are_words_in_english_and_sounds_in_chinese(tables: Tables) -> None:
    assert ("en", "you are a pig face ") in list(forms("you are a 🐷", tables))
    assert list(forms("草 泥 🐴", tables)) == [("zh", "草泥马")]


def test_pinyin_is_heard_as_its_characters() -> None:
    common = set(features("zh", "你真是shabi")) & set(features("zh", "你真是傻逼"))
    assert len(common) > len(set(features("zh", "你真是xyz")) & set(features("zh", "你真是傻逼")))


def test_what_is_said_of_one_group_counts_for_all() -> None:
    for of, plain in (("en", "i like {} a lot"), ("zh", "我很喜欢{}的音乐")):
        one, other, none = (
            set(features("zh" if of == "zh" else "en", plain.format(who)))
            for who in (("jews", "muslims", "boats") if of == "en" else ("黑人", "河南人", "小狗"))
        )
        assert len(one & other) > len(one & none)


def test_features_are_sorted_and_each_once() -> None:
    for found in (features("en", "you you you are"), features("zh", "你你好你好")):
        assert len(found)
        assert (np.diff(found) > 0).all()
        assert found[0] >= 0
        assert found[-1] < 1 << BITS
    assert not len(features("en", "?!"))
    assert not len(features("zh", ""))


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\x00", "\ud800", "\udfff你\ud800", "a", "你", "\n" * 5000, "🔥" * 5000, "\u0301" * 5000, "'" * 5000,
        "@" * 5000,
        "\U0010ffff你", "http://" * 500, "a." * 2500, "女马" * 2000, "﷽" * 500, "\ue000你\ue000",
        "a" * 100_000, "你" * 100_000,
        "kill your self " * 10_000, "傻 逼 " * 30_000,
    ],
)  # fmt: skip
def test_any_text_has_a_score(classifier: Classifier, tables: Tables, text: str) -> None:
    for line in (text, tables.folded(text).text):
        found = classifier.score(line)
        assert 0 <= found.toxic <= 1
        assert found.family in ("en", "zh", "other")


def test_what_lies_beyond_the_cut_changes_nothing(classifier: Classifier) -> None:
    line = ("hello there " * MAX_CHARS)[:MAX_CHARS]
    assert classifier.score(line) == classifier.score(line + " you stupid bitch" * 6000)


def test_a_chat_line_needs_little_memory(classifier: Classifier, tables: Tables) -> None:
    lines = [tables.folded(line).text for line in ABUSE + ORDINARY]
    for line in lines:
        classifier.score(line)
    tracemalloc.start()
    try:
        for line in lines:
            classifier.score(line)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_the_weights_are_small_and_complete() -> None:
    assert sum(path.stat().st_size for path in MODELS.iterdir()) <= 8 << 20
    assert (MODELS / "en.bin").stat().st_size <= 5.5e6
    chinese = Model.read(MODELS / "zh.bin")
    assert chinese.bits == BITS
    for hold_at in (chinese.hold_at, English.load(MODELS / "en.bin").hold_at):
        assert 0.5 <= hold_at < 1


def small(seed: int = 0) -> Model:
    weights = np.random.default_rng(seed).normal(size=256)
    return Model.quantized(weights, bias=0.25, slope=1.5, offset=-0.5, hold_at=0.75)


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = small()
    written.save(tmp_path / "en.bin")
    read = Model.read(tmp_path / "en.bin")
    assert (read.table == written.table).all()
    assert (read.bits, read.largest, read.bias, read.slope, read.offset, read.hold_at) == (
        8, written.largest, 0.25, 1.5, -0.5, 0.75,
    )  # fmt: skip


def test_a_byte_is_precise_enough() -> None:
    weights = np.random.default_rng(1).normal(size=1 << 12)
    model = Model.quantized(weights, bias=0, slope=1, offset=0, hold_at=0.5)
    curve = np.sign(model.table) * (np.abs(model.table.astype(float)) / 127) ** 2 * model.largest
    assert np.abs(curve - weights).max() < model.largest / 100


def broken(raw: bytes) -> dict[str, bytes]:
    head, line, packed = raw.split(b"\n", 2)
    header = json.loads(line)

    def with_header(**changes: object) -> bytes:
        return b"\n".join([head, json.dumps(header | changes).encode(), packed])

    bomb = zlib.compress(bytes(50_000_000))
    return {
        "empty": b"",
        "another format": b"PK\x03\x04" + raw,
        "only its name": head + b"\n",
        "cut off": raw[:-1],
        "one bit changed": raw[:-5] + bytes([raw[-5] ^ 1]) + raw[-4:],
        "no number": with_header(bias="x"),
        "not finite": with_header(bias=float("nan")),
        "a list": with_header(slope=[1]),
        "too many bits": with_header(bits=60),
        "bits that are no number": with_header(bits="8"),
        "another size": with_header(bits=9),
        "no checksum": b"\n".join([head, b"{}", packed]),
        "no object": b"\n".join([head, b"[1]", packed]),
        "deep": b"\n".join([head, b"[" * 3999, packed]),
        "a long header": b"\n".join([head, b" " * 5000 + line, packed]),
        "grows without end": b"\n".join(
            [head, json.dumps(header | {"sha256": hashlib.sha256(bomb).hexdigest()}).encode(), bomb]
        ),
    }


@pytest.mark.parametrize("what", list(broken(b"x\n{}\ny" + b"z" * 9)))
def test_a_broken_file_is_an_error_that_says_so(tmp_path: Path, what: str) -> None:
    small().save(tmp_path / "zh.bin")
    shutil.copy(MODELS / "en.bin", tmp_path)
    shutil.copy(MODELS / "en-ngrams.bin", tmp_path)
    Classifier.load(tmp_path)
    path = tmp_path / "zh.bin"
    path.write_bytes(broken(path.read_bytes())[what])
    with pytest.raises(ClassifierError, match=r"zh\.bin is damaged"):
        Classifier.load(tmp_path)


def test_a_missing_file_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match=r"en\.bin cannot be read"):
        Classifier.load(tmp_path)
    shutil.copy(MODELS / "en.bin", tmp_path)
    shutil.copy(MODELS / "en-ngrams.bin", tmp_path)
    (tmp_path / "zh.bin").mkdir()
    with pytest.raises(ClassifierError, match=r"zh\.bin cannot be read"):
        Classifier.load(tmp_path)
    (tmp_path / "en.bin").write_bytes((MODELS / "en.bin").read_bytes()[:-1])
    with pytest.raises(ClassifierError, match=r"en\.bin is damaged"):
        Classifier.load(tmp_path)


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """Sets of the same form as the public ones, small enough to learn in a second."""
    folder = tmp_path / "sets"
    folder.mkdir()

    def table(name: str, header: tuple[str, ...], lines: Sequence[tuple[object, ...]]) -> None:
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([header, *lines])

    chinese = [("race", i % 2, f"这些{'坏蛋真讨厌' if i % 2 else '朋友真可爱'}{i}") for i in range(200)]
    table("cold_train.csv", ("topic", "label", "TEXT"), chinese)
    table("cold_dev.csv", ("topic", "label", "TEXT"), chinese[:20])
    tweets = [
        (i % 3, f"RT @somebody: {'nice day' if i % 3 == 2 else 'nasty hoe'} number {i} https://x.y/z")
        for i in range(300)
    ]
    table("davidson.csv", ("class", "tweet"), tweets)
    pairs = [(i, f"{'hate' if i % 2 else 'love'} all 👳 {i}", i % 2, i ^ 1) for i in range(200)]
    for name in ("train", "validation"):
        table(f"hatemoji_build_{name}.csv", ("entry_id", "text", "label_gold", "matched_id"), pairs)
    return folder


def test_training_twice_gives_the_same_weights(sets: Path, tables: Tables, tmp_path: Path) -> None:
    for name in ("one", "other"):
        train_chinese.train(sets, tables, bits=16, quick=True).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_what_belongs_to_the_place_is_taken_away(sets: Path) -> None:
    assert corpora.clean("!!! RT @some_body: you &amp; me &#128514; https://t.co/abc") == "you & me 😂"
    lines = corpora.davidson(sets / "davidson.csv")
    assert [line.text for line in lines[:3]] == ["nasty hoe number 0", "nasty hoe number 1", "nice day number 2"]
    assert [line.toxic for line in lines[:3]] == [True, True, False]


def test_the_two_lines_of_a_pair_stay_together(sets: Path) -> None:
    lines = corpora.hatemoji(sets / "hatemoji_build_train.csv")
    assert all(first.kin == second.kin for first, second in zip(lines[::2], lines[1::2], strict=True))
    assert len({line.kin for line in lines}) == 100


@pytest.mark.parametrize("of", FAMILIES)
def test_the_written_lines_fill_every_slot_and_repeat(of: str) -> None:
    lines = corpora.written(of)  # type: ignore[arg-type]
    assert lines == corpora.written(of)  # type: ignore[arg-type]
    assert not [line.text for line in lines if "{" in line.text]
    assert {line.source for line in lines} == {"ordinary", "identity", "abuse"}
    assert all(line.toxic == (line.source == "abuse") for line in lines)


def test_regression_finds_what_tells_the_classes_apart() -> None:
    rng = np.random.default_rng(0)
    labels = rng.random(400) < 0.5
    rows = [np.unique(np.append(rng.integers(2, 60, 8), int(toxic))).astype(np.int64) for toxic in labels]
    model = fit(rows, labels, np.ones(400), 64, penalty=0.1)
    assert model.weights[1] > 0 > model.weights[0]
    assert np.abs(model.weights[2:]).max() < min(model.weights[1], -model.weights[0])
    assert ((model.logits(rows) > 0) == labels).all()


def test_calibration_makes_a_logit_a_frequency() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=20_000) * 4
    labels = rng.random(20_000) < probability(0.5 * logits - 1)
    slope, offset = calibrate(logits, labels)
    assert slope == pytest.approx(0.5, abs=0.03)
    assert offset == pytest.approx(-1, abs=0.06)
