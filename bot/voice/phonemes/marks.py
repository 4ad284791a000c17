"""From phonemes and how long they last to the times of words and of the mouth's shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.types import Mark, MouthShape, Pcm, Viseme
from bot.voice.audio.pcm import s16le, spoken
from bot.voice.phonemes.lengths import TimedModel
from bot.voice.phonemes.readings import Reading

#: The sound comes so much before the times that the models give, in ms: fitted on kokoro's and hibari's vowels.
EARLY_MS: Final = 50
#: Of a diphthong, the first vowel has this part.
_FIRST_PART: Final = 0.6

_A, _I, _U, _E, _O = MouthShape.AA, MouthShape.IH, MouthShape.OU, MouthShape.EE, MouthShape.OH
#: The symbols of misaki: IPA, with capitals for diphthongs. Whatever else is a letter is a consonant.
_SHAPES: Final[dict[str, tuple[MouthShape, ...]]] = {
    **dict.fromkeys("aɑɐæʌ", (_A,)),
    **dict.fromkeys("iɪᵻɨj", (_I,)),
    **dict.fromkeys("uʊɯwyɥʉøœ", (_U,)),
    **dict.fromkeys("eɛəɜɚᵊɤ", (_E,)),
    **dict.fromkeys("oɔɒ", (_O,)),
    **dict.fromkeys("mbp", (MouthShape.CLOSED,)),
    "A": (_E, _I),
    "I": (_A, _I),
    "W": (_A, _U),
    "O": (_O, _U),
    "Q": (_E, _U),
    "Y": (_O, _I),
}
#: Signs without a sound of their own, whose time belongs to what follows, and to what stands before.
_TO_NEXT: Final = frozenset("ˈˌ")
_TO_LAST: Final = frozenset("↓→↗↘ːʰʲᵝ\u0303 ")


def timed_pcm(
    model: TimedModel, reading: Reading, wave: NDArray[np.float32], rate: int, lengths: Any, begun_ms: float
) -> Pcm:
    """Return the sound that a model made of a reading, trimmed, with its marks; without any where it gave no lengths.

    ``begun_ms`` of the text were spoken before it.
    """
    begin, end = spoken(wave, rate, reading.phonemes)
    data = s16le(wave[begin:end])
    known = model.checked(lengths, len(reading.phonemes) + 2, len(wave) / rate)
    if known is None or not data:
        return Pcm(data, rate)
    cut_ms, sound_ms = begin / rate * 1000, (end - begin) / rate * 1000
    return Pcm(data, rate, *marks_of(reading, known.tolist(), sound_ms, cut_ms, begun_ms))


def marks_of(
    reading: Reading, lengths: Sequence[float], sound_ms: float, cut_ms: float, begun_ms: float
) -> tuple[tuple[Mark, ...], tuple[Viseme, ...]]:
    """Return when the words of a reading begin, and when the mouth takes its shapes.

    ``lengths`` are in ms, one for each phoneme and one for the pad at either end. Of the sound ``cut_ms`` were cut at
    its beginning, ``sound_ms`` are left, and ``begun_ms`` of the text were spoken before it.
    """
    times = [0.0]
    for length in lengths:
        times.append(times[-1] + length)

    def at(time: float) -> int:
        return round(begun_ms + min(max(0.0, time - EARLY_MS - cut_ms), sound_ms))

    words = tuple(Mark(at(times[index + 1]), place) for index, place in reading.words)
    visemes: list[Viseme] = []
    for time, shape in _shapes(reading.phonemes, times):
        if visemes and visemes[-1].at_ms == at(time):
            visemes.pop()  # it had no time
        if not visemes or visemes[-1].shape is not shape:
            visemes.append(Viseme(at(time), shape))
    return words, tuple(visemes)


def _shapes(phonemes: str, times: Sequence[float]) -> Iterator[tuple[float, MouthShape]]:
    """Yield each shape of the mouth with the time from which on it is there."""
    pending: float | None = None
    yield 0.0, MouthShape.REST
    for index, char in enumerate(phonemes):
        begin, end = times[index + 1], times[index + 2]
        if char in _TO_NEXT:
            pending = begin if pending is None else pending
            continue
        if char in _TO_LAST:
            continue
        begin, pending = begin if pending is None else pending, None
        if not char.isalpha():
            yield begin, MouthShape.REST
            continue
        first, *rest = _SHAPES.get(char, (MouthShape.NN,))
        yield begin, first
        for second in rest:
            yield begin + (end - begin) * _FIRST_PART, second
    yield times[-2], MouthShape.REST
