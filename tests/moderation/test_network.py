"""The tiny transformer: its arithmetic, its pieces, its file, and hostile texts."""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from moderation.classifier import transformer
from moderation.classifier.classifier import MODELS
from moderation.classifier.english import English, forms
from moderation.classifier.transformer import STEP, WINDOW, Bytes, Network
from moderation.classifier.wordpiece import SPECIAL, UNKNOWN, Pieces, words
from moderation.text.forms import Tables

DIMS, INNER, LAYERS = 8, 12, 2
VOCABULARY = (*SPECIAL, "you", "are", "bad", "un", "##happy", "don't", "'", "do", "ca", "##n", "1", "!", "🔪", "🏾")
OUTPUTS = ("toxic", "hate", "violence")
NUMBERS = {"slope": 1.0, "offset": 0.0, "hold_at": 0.6}


def small(seed: int = 0) -> Network:
    rng = np.random.default_rng(seed)

    def matrix(*shape: int) -> Bytes:
        return Bytes.quantized(rng.normal(size=shape).astype(np.float32))

    parts = {"pieces": matrix(len(VOCABULARY), DIMS), "places": matrix(WINDOW, DIMS), "head": matrix(3, 2 * DIMS + 1)}
    for at in range(LAYERS):
        parts |= {
            f"{at}.attend": matrix(3 * DIMS, DIMS), f"{at}.attended": matrix(DIMS, DIMS),
            f"{at}.up": matrix(INNER, DIMS), f"{at}.raised": matrix(1, INNER),
            f"{at}.down": matrix(DIMS, INNER), f"{at}.lowered": matrix(1, DIMS),
        }  # fmt: skip
    return Network(VOCABULARY, OUTPUTS, parts)


def slowly(net: Network, ids: list[int]) -> list[float]:
    """The same arithmetic, number by number, with the usual square root left to the weights."""

    def floats(name: str) -> list[list[float]]:
        return [[float(level) * float(scale) for level in row]
                for row, scale in zip(net.matrices[name].levels, net.matrices[name].scales, strict=True)]  # fmt: skip

    def times(matrix: list[list[float]], vector: list[float]) -> list[float]:
        return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]

    def normed(vector: list[float]) -> list[float]:
        length = math.sqrt(sum(a * a for a in vector) / DIMS)
        return [a / length for a in vector]

    def added(one: list[float], other: list[float]) -> list[float]:
        return [a + b for a, b in zip(one, other, strict=True)]

    vectors, places = floats("pieces"), floats("places")
    x = [added(vectors[number], places[at]) for at, number in enumerate(ids)]
    size = DIMS // 4
    for layer in range(LAYERS):
        seen = [times(floats(f"{layer}.attend"), normed(row)) for row in x]
        attended = []
        for q in seen:
            row: list[float] = []
            for start in range(0, DIMS, size):
                scores = [math.exp(sum(q[start + i] * k[DIMS + start + i] for i in range(size))) for k in seen]
                row += [
                    sum(score * v[2 * DIMS + start + i] for score, v in zip(scores, seen, strict=True)) / sum(scores)
                    for i in range(size)
                ]
            attended.append(row)
        x = [added(row, times(floats(f"{layer}.attended"), more)) for row, more in zip(x, attended, strict=True)]
        up, down = floats(f"{layer}.up"), floats(f"{layer}.down")
        raised, lowered = floats(f"{layer}.raised")[0], floats(f"{layer}.lowered")[0]
        x = [
            added(added(row, times(down, [max(0.0, a) for a in added(times(up, normed(row)), raised)])), lowered)
            for row in x
        ]
    x = [normed(row) for row in x]
    columns = list(zip(*x, strict=True))
    return times(floats("head"), [*map(max, columns), *(sum(column) / len(x) for column in columns), 1.0])


def test_it_computes_what_it_should() -> None:
    net = small()
    found = net.logits("you are bad unhappy!")
    assert found is not None
    assert found[0] == pytest.approx(slowly(net, net.pieces.ids("you are bad unhappy!")), abs=1e-3)


@pytest.mark.parametrize("sign", [1, -1])
def test_attention_that_is_very_sure_stays_a_number(sign: int) -> None:
    """Scores far below 0 all vanish in `exp`, those far above are too large for it."""
    net = small()
    attend = net.matrices["0.attend"].floats
    attend[DIMS : 2 * DIMS] = sign * attend[:DIMS]  # a word alone has one score, large and of this sign
    sure = Network(VOCABULARY, OUTPUTS, {**net.matrices, "0.attend": Bytes.quantized(attend * 300)})
    with np.errstate(all="raise", under="ignore"):
        found = sure.logits("bad")
    assert found is not None
    assert np.isfinite(found).all()


def test_the_order_of_words_matters() -> None:
    net = small()
    one, other = net.logits("you are bad"), net.logits("bad are you")
    assert one is not None
    assert other is not None
    assert np.abs(one - other).max() > 1e-3


def test_a_long_text_is_read_in_windows() -> None:
    net = small()
    for count, windows in ((1, 1), (WINDOW, 1), (WINDOW + 1, 2), (WINDOW + STEP, 2), (WINDOW + STEP + 1, 3)):
        found = net.logits(" ".join(["you"] * count))
        assert found is not None
        assert found.shape == (windows, len(OUTPUTS))


def test_nothing_to_read_gives_nothing() -> None:
    assert small().logits("") is None
    assert small().logits("https://x.y/z @someone") is None


def test_known_words_are_whole_and_others_are_made_of_parts() -> None:
    pieces = Pieces(VOCABULARY)
    names = [
        [VOCABULARY[number] for number in pieces.ids(text)] for text in ("don't", "unhappy", "can't", "zzz 🔪🏾!!!")
    ]
    assert names == [["don't"], ["un", "##happy"], ["ca", "##n", "[UNK]"], ["[UNK]", "🔪", "🏾", "!"]]
    assert pieces.ids("unhappy") == pieces.ids("unhappy")


def test_runs_are_short_and_pictures_stand_once() -> None:
    assert list(words("sooooo 😂😂😂 !!! go go")) == ["soo", "😂", "!", "go", "go"]


def test_a_word_without_end_is_cut() -> None:
    assert len(Pieces(VOCABULARY).ids("un" * 50_000)) <= 40
    assert Pieces(VOCABULARY).ids("x" * 50_000) == [UNKNOWN]


def test_pieces_begin_with_the_special_ones() -> None:
    with pytest.raises(ValueError, match="begin otherwise"):
        Pieces(("a", "b", "c"))


def test_bytes_are_precise_enough() -> None:
    matrix = np.random.default_rng(0).normal(size=(50, 40)).astype(np.float32)
    assert np.abs(Bytes.quantized(matrix).floats - matrix).max() <= np.abs(matrix).max() / 250
    assert not Bytes.quantized(np.zeros((2, 3), np.float32)).floats.any()


def test_a_network_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = small()
    written.save(tmp_path / "net.bin", {"offset": 0.5})
    read, numbers = transformer.read(tmp_path / "net.bin")
    assert numbers == {"offset": 0.5}
    assert read.outputs == OUTPUTS
    assert read.pieces.vocabulary == VOCABULARY
    one, other = written.logits("you are bad"), read.logits("you are bad")
    assert one is not None
    assert other is not None
    assert (one == other).all()


def _packed(header: dict[str, object], body: bytes) -> bytes:
    packed = zlib.compress(body)
    head = header | {"sha256": hashlib.sha256(packed).hexdigest()}
    return b"haishin-network-1\n" + json.dumps(head).encode() + b"\n" + packed


def _header(raw: bytes) -> tuple[dict[str, object], bytes]:
    _, line, packed = raw.split(b"\n", 2)
    return json.loads(line), zlib.decompress(packed)


def _with(**changes: object) -> Callable[[bytes], bytes]:
    def change(raw: bytes) -> bytes:
        header, body = _header(raw)
        return _packed(header | changes, body)

    return change


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "another format": lambda raw: b"PK\x03\x04" + raw,
    "cut off": lambda raw: raw[:-1],
    "one bit changed": lambda raw: raw[:-5] + bytes([raw[-5] ^ 1]) + raw[-4:],
    "a long header": lambda raw: raw.replace(b"\n", b"\n" + b" " * 9000, 1),
    "deep": lambda raw: raw.split(b"\n", 1)[0] + b"\n" + b"[" * 7999 + b"\nx",
    "no object": lambda raw: raw.split(b"\n", 1)[0] + b"\n[1]\nx",
    "no matrices": _with(matrices={}),
    "matrices that are a list": _with(matrices=[1, 2]),
    "a size that is no number": _with(matrices={"pieces": ["8", 8]}),
    "a size without end": _with(matrices={"pieces": [1 << 40, 8]}),
    "negative": _with(matrices={"pieces": [-1, 8]}),
    "numbers that are none": _with(numbers={"offset": float("nan")}),
    "no outputs": _with(outputs=[]),
    "outputs that are others": _with(outputs=["toxic"]),
    "more than it says": lambda raw: _packed(_header(raw)[0], _header(raw)[1] + b"x"),
    "not finite": lambda raw: _packed(_header(raw)[0], _header(raw)[1][:-4] + b"\x00\x00\xc0\x7f"),
    "grows without end": lambda raw: _packed(_header(raw)[0], bytes(40_000_000)),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_an_error(tmp_path: Path, what: str) -> None:
    path = tmp_path / "net.bin"
    small().save(path, {"offset": 0.5})
    transformer.read(path)
    path.write_bytes(BROKEN[what](path.read_bytes()))
    with pytest.raises(ValueError, match=r"\w"):
        transformer.read(path)


def test_a_number_that_is_missing_is_an_error(tmp_path: Path) -> None:
    small().save(tmp_path / "net.bin", {"offset": 0.5})
    with pytest.raises(ValueError, match="no number named"):
        English.load(tmp_path / "net.bin")


def rows_of(judge: English, form: str) -> list[transformer.Floats]:
    found = judge.network.logits(form)
    return [] if found is None else list(found)


def test_the_worst_form_counts_and_names_its_category(tmp_path: Path) -> None:
    small().save(tmp_path / "net.bin", NUMBERS)
    judge, tables = English.load(tmp_path / "net.bin"), Tables()
    for text in ("un-happy you", "b🔪ad", "you are bad", "1 you!"):
        found = judge.judge(text, tables)
        rows = [row for form in forms(text, tables) for row in rows_of(judge, form)]
        worst = max(rows, key=lambda row: float(row[0]))
        assert found is not None
        assert found.toxic == pytest.approx(1 / (1 + math.exp(-float(worst[0]))))
        assert found.category == OUTPUTS[1 + int(worst[1] < worst[2])]
    assert judge.judge("123 !?", tables) is None


def test_a_plain_line_is_scored_once() -> None:
    tables = Tables()
    plain = "kill the boss, he has no health left!"
    assert list(forms(plain, tables)) == [plain]
    assert list(forms("you b.a.d", tables)) == ["you b.a.d", "you bad"]
    assert list(forms("b🔥ad", tables))[:2] == ["b🔥ad", "bad"]
    assert not list(forms("123", tables))
    assert list(forms("👳 = 🐀", tables)) == ["👳 = 🐀"]


@pytest.mark.parametrize(
    "text",
    [
        "", "\x00", "\ud800", "a\udfff", "\u0301" * 5000, "'" * 5000, "a'" * 5000, "🔪" * 9000, "you " * 50_000,
        "a" * 100_000, "\ue000a", "1" * 100_000, "you🔪" * 5000,
    ],
)  # fmt: skip
def test_any_text_is_judged(text: str) -> None:
    net = small()
    found = English(net, NUMBERS).judge(text, Tables())
    assert found is None or 0 <= found.toxic <= 1


@pytest.mark.parametrize("packed", [True, False])
def test_company_changes_no_bit_of_a_line(packed: bool) -> None:
    net = English.load(MODELS / "en.bin").network
    net._packed = net._packed and packed
    texts = ["gg", "you are bad", "what a nice game that was today, was it not?", "bad " * 80, "!", "gg wp"]
    together = net.logits_of(texts * 3)
    for text, row in zip(texts * 3, together, strict=True):
        assert np.array_equal(net.logits(text), row)


def test_what_fills_up_a_window_is_left_out_only_where_it_changes_no_bit() -> None:
    net = English.load(MODELS / "en.bin").network
    windows = [(1,), (4, 5), tuple(range(3, 15)), (2, 9, 7, 30, 31)]
    packed = net._read(windows, 12)
    usual, net._packed = net._packed, False
    padded = net._read(windows, 12)
    if usual:
        assert np.array_equal(packed, padded)
    net._packed = True  # as on a processor where rows are not alike: then only the last bits differ
    assert np.allclose(net._read(windows, 12), padded, atol=1e-4)


def test_rows_that_are_read_otherwise_in_company_are_noticed() -> None:
    class Fickle(np.ndarray):  # type: ignore[type-arg]
        """A matrix that reads the last of an odd number of rows a little otherwise."""

        def __rmatmul__(self, rows: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
            found = rows @ np.asarray(self)
            found[-1] += len(rows) % 2
            return found

    matrix = np.ones((8, 4), np.float32)
    fickle = matrix.view(Fickle)
    assert not transformer._reads_alike(fickle)
