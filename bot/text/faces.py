r"""Find the faces that are made of signs: ``:)``, ``T_T``, ``(´・ω・`)``, ``ヾ(≧▽≦*)o``, ``¯\_(ツ)_/¯``.

A face is no speech, and tells nothing about a language although many hold kana, Greek or Thai letters.
A face must never be a word or a number: "two", "XP", "0.0" and "（5°）" are none.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Emoticons without brackets. Those that begin or end with a letter must stand apart from Latin words.
_ASCII: Final = re.compile(
    r"(?<![A-Za-z0-9_(（])(?:"
    r"[:;][-'^o]?[)(DPpOo3|/\\*]{1,3}|=[-'^]?[)(DPp]{1,3}|[:;]'[()]+"  # :) ;-P =D :'(
    r"|[：；][)）(（DP3]"
    r"|[xX][-']?[)(D]{1,3}|o7"  # xD XD o7
    r"|</?3+"  # <3
    r"|\^[_.ow-]{0,3}\^;*|-[_.]+-[|;]*|=[_.wv]=|>[_.w]{0,3}<|>[_.]+>|<[_.]+<|;[_.-]+;"  # ^_^ -.- >_< ;_;
    r"|T[_.^]+T|t_+t|[Qq][_.]+[Qq]|[oO][_.]+[oO]|0_+0|@_+@|\*_+\*|[xX]_+[xX]|u_+u|n_+n"  # T_T O.o
    r"|(?P<eye>[OoUuQqT])[wv](?P=eye)|TAT|QAQ|[zZ]{3,}|[oO][rR][zZ]|OT[LZ]"  # uwu QwQ TvT orz
    r")(?![A-Za-z0-9_])"
)
_EYE: Final = r"[>＞<＜^＾=＝;；TQoO´`｀'•・･●◕≧≦°ﾟ゜￣¯╥ಠಥ⊙☉★☆*╯˘◡๑⌒]"
_MOUTH: Final = r"[ﻌωДд∀▽▿□﹏‿◡ㅂヮᴥ︿△▱﹃ᗜ皿益]"
#: A mouth that no sentence has, between two eyes: ´∀｀ ≧▽≦ ＾ω＾
_BARE: Final = re.compile(
    rf"[ヾヽ~～ฅ]?{_EYE}{{1,3}}{_MOUTH}{{1,3}}{_EYE}{{1,3}}[ﾉゞ~～*;ฅ]*|இ[^\w\s]{{0,2}}௰?இ"
    r"|(?=[ﾟ.*･｡:・゜+☆★✧]*[ﾟ･｡゜])[ﾟ.*･｡:・゜+☆★✧━]{3,}|(?<![ｦ-ﾝ])[ﾞﾟ]+|"
    rf"[ಠಥ¬•]_+[ಠಥ¬•]"
)
_SHRUG: Final = re.compile(
    r"[٩۶][ ]?[(（][^()（）\n]{1,14}[)）][ ]?[و۶ง]|[<＜>＞][゜ﾟ]?[)）]{2,4}彡"
    r"|(?:[ε三]=)+┏?|[¯￣乁]?\\?[_＿]{0,3}[(（]ツ[)）][_＿]{0,3}/?[¯￣ㄏ]?|_?[(（][:：]3[」丿]∠[)）]_?"
)

#: What may be held between brackets, and the arms outside of them.
_HELD: Final = re.compile(r"([(（ʕ⁽꒰༼])([^()（）ʕʔ༼༽\n]{1,14})([)）ʔ⁾꒱༽])")
_LEFT: Final = re.compile(
    r"(?:[ヾヽシΣᕦᕙ☆★♪╮╭＼\\٩щ∑Ψ┌┐∠⊂⊃*~～^<＜_｡ﾟ・･✧♡|/-]"
    r"|(?<![ぁ-ゖ])[っつづ]|(?<![ァ-ヺ])[ノﾉヘ]|(?<![A-Za-z])[oOdbmqpcCwWψφσง]){1,4}$"
)
_RIGHT: Final = re.compile(
    r"(?:[ﾉゞヾᕤᕗ☆★♪╮╭╯╰︵┻━┳／/＼\\وง੭۶و✧♡♥*^>＞~～_｡ﾟ゜・･;；|∠っづ⊃彡ﾞ︶]|つ(?![ぁ-ゖ])"
    r"|[ノヘヽシ](?![ァ-ヺー])|[oOdbmqpvVwWyZz3](?![A-Za-z0-9])){1,8}"
)
_ARMS: Final = 4
#: The longest face without its brackets, in characters, and what none has.
_LONGEST_HELD: Final = 14
_WORDS: Final = re.compile("[A-Za-z]{2}|[\u3400-\u4dff\u4e01-\u9fff]|[ぁ-ゖ]{2}|\n")
#: Signs that sentences have: they make no face.
_ORDINARY: Final = frozenset(",.，。、!?！？:：;；\"'“”‘’「」『』《》〈〉【】[]{}—–-…·%$&@/~～+=#¥€£<>×÷±→←↑↓| \u3000")
#: Letters outside of the languages here that draw a face. Others (α, π, Москва) are letters.
_DRAWN: Final = frozenset("ᐛᐖᐕωΩσςεφψθДдзшщᴥʖʔ")
_KANA: Final = frozenset("ヮノツシヘへロヽヾつづっーﾉﾟﾞｰﾛｴ口皿益囧工о")
_FACED: Final = re.compile(
    r"(?i)[*=#]{0,2}(?P<left>[\^>;TQOX@*.=U~\-'`´]) ?(?:[_.o]{1,3}|(?<=\^)[owv-]?|(?<=>)) ?"
    r"(?:(?P=left)|<|(?<=_)-)[*=;]{0,3}|[_ ]{0,4}_ ?_[_ ]{0,4}"
    r"|[;；]?一[_ ]{1,3}一[;；]?|--;*|;;|[.・･]{2}[;?]*"
)
#: Every face has one of these; ordinary sentences mostly have none.
_HINT: Final = re.compile(
    r"[<＜>＞][゜ﾟ]?[)）]|[ﾞﾟ｡]|இ|[zZ]{3}|ﻌ|[(（ʕ⁽꒰༼]|[:;=：；<>^_\\@*]|[-.][-.]|[ωДд∀▽▿□﹏‿◡ㅂヮᴥ︿△▱﹃ᗜ]|[TQ]A[TQ]|[OoUuQqT][wv][OoUuQqT]|xD|X[D)]|o7|[oO][rR][zZ]|OT[LZ]|[oO]\.[oO]|x\)"
)


def drop_faces(text: str) -> str:
    """Return a text with a space for each face that is made of signs. Linear in the text's length."""
    if not _HINT.search(text):
        return text
    text = _SHRUG.sub(" ", text)
    text = _drop_bracketed(text)
    return _ASCII.sub(" ", _BARE.sub(" ", text))


def is_face(bracketed: str) -> bool:
    """Return whether a text in round brackets, which it begins and ends with, is a face."""
    return _HELD.fullmatch(bracketed) is not None and _is_face(bracketed[1:-1])


def may_be_face(start: str) -> bool:
    """Return whether the start of what stands in round brackets may still become a face."""
    return len(start) <= _LONGEST_HELD and not _WORDS.search(start)


def _drop_bracketed(text: str) -> str:
    out, end = "", 0
    for found in _HELD.finditer(text):
        if found.start() < end or not _is_face(found[2]):
            continue
        before = text[end : found.start()]
        arms = _LEFT.search(before[-_ARMS - 1 :])
        out += before[: len(before) - len(arms[0])] if arms else before
        out += " "
        right = _RIGHT.match(text, found.end())
        end = right.end() if right else found.end()
    return out + text[end:] if end else text


def _is_face(content: str) -> bool:
    """Return whether what stands in brackets is drawn and not written."""
    held = content.strip()
    if _FACED.fullmatch(held):
        return True
    signs = strange = 0
    drawn = any(char in _DRAWN for char in held)
    letter = False
    for char in held:
        kind = unicodedata.category(char)
        if char in _KANA or char in _DRAWN or "\u3131" <= char <= "\u318e":
            signs, strange, letter = signs + 1, strange + 1, False
        elif kind[0] == "L" and kind != "Lm":
            # Two letters side by side are a word; one is an eye or a mouth. Han and kana are words by themselves.
            if letter or "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" or "\u0370" <= char <= "\u04ff":
                return False
            letter = True
            if char > "\u024f":
                signs, strange = signs + 1, strange + 1
        elif kind == "Nd" and char.isascii():
            if char not in "03" or letter:
                return False
            letter = True
        else:
            letter = False
            if char not in _ORDINARY:
                signs += 1
                strange += not char.isascii()
    return strange > 0 and (signs > 1 or (drawn and len(held.replace(" ", "")) > 2))
