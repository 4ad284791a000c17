"""Turn Japanese text into the phonemes that Kokoro was trained on, with the readings of Open JTalk.

The package ``pyopenjtalk-plus`` (MIT, wheels for every system, dictionary inside) is imported here
and nowhere else, so that a host that speaks no Japanese does not need it.
"""

from __future__ import annotations

import re

import pyopenjtalk

_VOWELS = dict(zip("アイウエオ", "aiɯeo", strict=True))
# One row of the kana table each: the five sounds of its a, i, u, e and o columns.
_ROWS = {
    "アイウエオ": "a i ɯ e o",
    "カキクケコ": "ka kʲi kɯ ke ko",
    "ガギグゲゴ": "ɡa ɡʲi ɡɯ ɡe ɡo",
    "サシスセソ": "sa ɕi sɨ se so",
    "ザジズゼゾ": "ʣa ʥi zɨ ʣe ʣo",
    "タチツテト": "ta ʨi ʦɨ te to",
    "ダヂヅデド": "da ʥi zɨ de do",
    "ナニヌネノ": "na ɲi nɯ ne no",
    "ハヒフヘホ": "ha çi ɸɯ he ho",
    "バビブベボ": "ba bʲi bɯ be bo",
    "パピプペポ": "pa pʲi pɯ pe po",
    "マミムメモ": "ma mʲi mɯ me mo",
    "ラリルレロ": "ɾa ɾʲi ɾɯ ɾe ɾo",
    "ァィゥェォ": "a i ɯ e o",
}
_PHONEMES = {kana: sound for row, sounds in _ROWS.items() for kana, sound in zip(row, sounds.split(), strict=True)}
_PHONEMES |= {"ヤ": "ja", "ユ": "jɯ", "ヨ": "jo", "ャ": "ja", "ュ": "jɯ", "ョ": "jo", "ワ": "βa", "ヮ": "βa"}
_PHONEMES |= {"ヰ": "i", "ヱ": "e", "ヲ": "o", "ヴ": "vɯ", "ヵ": "ka", "ヶ": "ke", "ッ": "ʔ", "ー": "ː", "ン": "ɴ"}
_SMALL = {"ャ": "a", "ュ": "ɨ", "ョ": "o", "ァ": "a", "ィ": "i", "ゥ": "ɯ", "ェ": "e", "ォ": "o"}
#: What a syllable keeps of its consonant before a small vowel; the rest keep all but their own vowel.
_GLIDES = {"ウ": "β", "ク": "kᵝ", "グ": "ɡᵝ", "テ": "tʲ", "デ": "dʲ", "イ": "j"}
_NASALS = ((re.compile("ɴ(?=[mpb])"), "m"), (re.compile("ɴ(?=[kɡ])"), "ŋ"), (re.compile("ɴ(?=[ɲʨʥ])"), "ɲ"))
_DENTAL = re.compile("ɴ(?=[ntdɾzʣʦ])")
_PUNCTUATION = str.maketrans("、。！？，：；「」『』（）", ",.!?,:;“”“”()")
_MARKS = frozenset(".,!?;:…—“”()")


def phonemes(text: str) -> str:
    """Return the phonemes of a Japanese text; blocks for about a millisecond."""
    return "".join(sounds for sounds, _ in words(text)).strip()


def words(text: str) -> list[tuple[str, str]]:
    """Return the phonemes of each word and sign of a text, and how it is written; blocks as `phonemes` does."""
    out, begins = "", list[tuple[int, str]]()
    # Plain Open JTalk: the finer readings of this package load a second dictionary of 190 MB in the middle of a show.
    for word in pyopenjtalk.run_frontend(text, use_vanilla=True):
        if word["pos"] == "記号" or not word["mora_size"]:
            marks = "".join(c for c in word["string"].translate(_PUNCTUATION) if c in _MARKS)
            out = out.rstrip() + marks + (" " if marks else "")
            continue
        if out and not out.endswith(" ") and word["chain_flag"] != 1:
            out += " "
        begins.append((len(out), word["string"]))
        out += morae(word["pron"])
    # A nasal becomes another one, so every place stays.
    out = _assimilate(out)
    edges = [0, *(begin for begin, _ in begins), len(out)]
    written = ["", *(string for _, string in begins)]
    return [(out[begin:end], string) for begin, end, string in zip(edges, edges[1:], written, strict=False)]


def morae(kana: str) -> str:
    """Return the phonemes of katakana as a pronunciation dictionary writes it: "キャク" is kʲakɯ."""
    out = ""
    for index, char in enumerate(kana):
        vowel, before = _SMALL.get(char), kana[index - 1] if index else ""
        if vowel and before in _PHONEMES and before not in _SMALL and before not in "ッーン":
            stem = _GLIDES.get(before) or _PHONEMES[before].rstrip("aiɯɨeo")
            if stem and before not in "アエオ":
                old = _PHONEMES[before]
                out = out[: len(out) - len(old)] + stem + vowel
                continue
        out += _PHONEMES.get(char, "")
    return out


def _assimilate(sounds: str) -> str:
    for pattern, nasal in _NASALS:
        sounds = pattern.sub(nasal, sounds)
    return _DENTAL.sub("n", sounds)
