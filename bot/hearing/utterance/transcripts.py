"""What a recogniser wrote, made fit to be read: what nobody said is left out, Chinese in one script.

Behind the voice detection nothing of forty minutes of noise, music and keys reached Whisper; without it every piece
gave a text, half of them plausible sentences. Its own doubt alone does not tell them apart: it was .35 and .39 for two
clear sentences, and .04 for the noise of a game once words to expect were given along.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from loguru import logger

from bot.hearing.listening_settings import ChineseScript
from bot.hearing.speech import Hints, Transcript
from bot.text.sanitize import has_word, one_line
from bot.text.scripts import CJK, HAN, KANA

#: The recogniser's doubt above which nobody spoke, unless it is sure of the words; and unless it is surer still. With
#: words to expect it doubted a clear sentence by .86 and was sure of it by .71; noise doubted so had .49 or less.
DOUBT, GREAT_DOUBT = 0.3, 0.6
#: How sure of its words it must be then, and always. Sentences had .58 or more, single words .25, noise .17 or less;
#: where the decoder looped, and for music, up to .57.
SURE, SURER, LEAST_SURE = 0.6, 0.65, 0.2
#: Characters in a second of voice that nobody speaks, in scripts with and without an alphabet.
FASTEST, FASTEST_CJK = 45.0, 18.0
#: Text in the shortest sound that may be said at any pace, in characters.
_FREE: Final = 12
_LONGEST: Final = 2000
#: The same words so often in a row are a loop of the decoder.
_LOOPS: Final = 5

#: Never said into a microphone: subtitles that the models learnt from.
_CREDITS: Final = re.compile(
    r"amara\.org|字幕(?:由|志愿者|組|组|制作|製作|提供)|明[镜鏡][与與和][点點]|点点栏目|點點欄目|請不吝點[讚赞]|请不吝点赞|"
    r"subtitles? (?:by|created)|transcri(?:bed|ption) (?:by|outsourcing)|字幕視聴|ご視聴ありがとう.*チャンネル登録",
    re.IGNORECASE,
)
#: What a streamer may well say, and models write for noise.
_USUAL: Final = frozenset(
    """
    you|i|bye|byebye|thankyou|thankyouforwatching|thanksforwatching|thankyouforwatchingthisvideo|pleasesubscribe|
    thankyouverymuch|illseeyouinthenextvideo|seeyounexttime|hmm|oh|uh|so|okay|music|applause|laughter|
    谢谢观看|谢谢大家|謝謝觀看|謝謝大家|谢谢收看|ご視聴ありがとうございました|ありがとうございました|おやすみなさい
    """.replace("\n", "").replace(" ", "").split("|")
)  # fmt: skip
_BRACKETS: Final = re.compile(r"[\[(（【♪*][^\])）】♪*]{0,40}[\])）】♪*]")
_ONE_LETTER: Final = re.compile(r"(\w)\1{15}")
_SIGNS: Final = re.compile(r"[\W_]+")


class Cleaner:
    """Makes texts of one utterance fit: the `Refine` of a `Recognition`."""

    def __init__(self, hints: Hints, convert: Callable[[str, str], str]) -> None:
        self._hints = [_bare(word) for word in hints.words]
        self._convert = convert

    def __call__(self, transcript: Transcript, voiced_s: float) -> Transcript | None:
        """Return the transcript to be read, or None when nobody said it."""
        text = one_line(_BRACKETS.sub(" ", transcript.text[: 2 * _LONGEST]), _LONGEST).strip()
        if not has_word(text):
            return None
        if is_invented(replace(transcript, text=text), voiced_s) or self._is_prompt(text):
            sure, doubt = transcript.confidence, transcript.no_speech
            logger.debug("a text that nobody said is left out: sure by {:.2f}, doubted by {:.2f}", sure, doubt)
            return None
        stable = transcript.stable if text.startswith(transcript.stable) else ""
        language = transcript.language
        return replace(
            transcript,
            text=self._convert(text, language),
            stable=self._convert(stable, language),
            confidence=min(1.0, max(0.0, transcript.confidence)),
        )

    def _is_prompt(self, text: str) -> bool:
        """Return whether it is the hints read back, as models do with noise: four of them or more, and nothing else."""
        bare = _bare(text)
        named = [word for word in self._hints if word and word in bare]
        return len(named) >= 4 and len(bare) <= 1.1 * sum(map(len, named))


def is_invented(transcript: Transcript, voiced_s: float) -> bool:
    """Return whether a recogniser made a text up: by its doubt, its pace, a loop, or what such models invent."""
    text, bare = transcript.text, _bare(transcript.text)
    enough = SURER if transcript.no_speech > GREAT_DOUBT else SURE if transcript.no_speech > DOUBT else LEAST_SURE
    if transcript.confidence < enough or _CREDITS.search(text):
        return True
    wide = len(CJK.findall(text))
    if wide / FASTEST_CJK + max(0, len(text) - wide - _FREE) / FASTEST > max(voiced_s, 0.3):
        return True
    if _loops(text):
        return True
    doubtful = transcript.confidence < SURE and transcript.no_speech > DOUBT / 2
    return bare in _USUAL and (doubtful or transcript.no_speech > GREAT_DOUBT)


def _loops(text: str) -> bool:
    """Return whether most of a text is one phrase over and over, or one letter."""
    if _ONE_LETTER.search(text):
        return True
    words = list(text) if CJK.search(text) else text.lower().split()
    for size in range(1, 7):
        grams = Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))
        often = max(grams.values(), default=0)
        if often >= _LOOPS * (2 if size == 1 else 1) and often * size > 0.6 * len(words):
            return True
    return False


def _bare(text: str) -> str:
    return _SIGNS.sub("", text).casefold()


def chinese_converter(script: ChineseScript) -> Callable[[str, str], str]:
    """Return what writes the Chinese of a text in one script. Japanese stays as it is. Loads a dictionary: 20 ms."""
    if script is ChineseScript.AS_HEARD:
        return lambda text, _language: text
    import opencc  # noqa: PLC0415 - costs 20 ms, and only these texts need it

    convert: Callable[[str], str] = opencc.OpenCC("t2s" if script is ChineseScript.SIMPLIFIED else "s2t").convert

    def one_script(text: str, language: str) -> str:
        japanese = language == "ja" or KANA.search(text)
        return text if japanese or not HAN.search(text) else convert(text)

    return one_script
