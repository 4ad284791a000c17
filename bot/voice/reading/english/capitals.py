"""Tell shouted words from acronyms, and calm words that are drawn out."""

from __future__ import annotations

import re
from typing import Final

#: Spelled letter by letter although they are long enough and have a vowel to be said.
_SPELLED: Final = frozenset(
    "AIDC AOTY EULA FAQS HTTPS IIRC IMDB LGBTQ LMAO LMAOO NAACP OECD RGBA UEFI USAF USSR VRAM YMCA AITA IDGAF STFU "
    "EGPU "
    "NVME UFOS USBS CEOS DVDA IELTS KDA AFAIK".split()
)
#: Acronyms that are said as a word: they stay as they are, a voice knows them.
_SAID: Final = frozenset(
    "NASA NATO FIFA UEFA UNESCO UNICEF OPEC FEMA NAFTA COVID LASER RADAR SCUBA GIF JPEG RAM ROM SIM PIN SWAT YOLO "
    "FOMO "
    "GOAT DOTA MOBA IMAX BIOS OLED QLED DRAM SAAS KPOP WIFI POTUS LOL RIP AWOL BAFTA CAPTCHA MENSA NASDAQ IKEA LEGO "
    "ROFL ASAP".split()
)
#: Short words that are shouted more often than they are letters.
_WORDS: Final = frozenset(
    "ALL AND ANY ARE ASK BAD BAN BED BEST BIG BOY BUT BUY BYE CAN CAT COW CRY CUT DAD DAY DID DIE DOG DON EAT END "
    "EGG FAN FAR "
    "FEW FIX FLY FOR FUN GAS GET GIT GOD GOT GUN GUY HAD HAS HER HEY HIM HIS HIT HOT HOW ICE ILL ITS JOB JOY KEY "
    "KID LET "
    "LIE LOT LOW MAD MAN MAY MEN MOM MUD NEW NOT NOW OFF OLD ONE OUR OUT OWN PAY PET PUT RED RUN SAD SAT SAW SAY "
    "SEE SET "
    "SHE SIT SIX SKY SON SUN TEN THE TOO TOP TRY TWO USE WAR WAS WAY WET WHO WHY WIN WON WOW YAY YEP YES YET YOU "
    "NO GO SO "
    "WE HE ME MY BE DO UP ON IN AT IF OF OR AN AM AS BY IS TO HI OH AH UH UM EW HA BOO AHH NAH YEAH IT US".split()
)
#: A word of English opens with one of these; other capitals are letters although they hold a vowel ("HDMI", "ISBN").
_OPENS: Final = re.compile(
    "(?:[BCDFGHJKLMNPQRSTVWXZ]?|[BCFGPS]L|[BCDFGPTVW]R|[CGKPRSTWZ]H|[GK]N|[DST]W|S[CKMNPQTV]|SC[HR]|SHR|SP[HLR]|STR|[TP]HR|T?CH"
    "|C?HR|CZ|DJ|FJ|KL|KR|LL|MC[A-Z]?|MN|NG|PS|PT|PW|RW|SCHL|SCHW|SCHM|TS|VL|XB|XM|CHL|QU)[AEIOUY]"
)
_CLOSES_BADLY: Final = re.compile("[AEIOU](?:[BCDFGHJKLMNPQRSTVWXZ]{3})")
_NO_END: Final = re.compile("(?:[SDTK]D|[DGK]B|[DTP]V|[BDFGKTV]P|[BDGPT]C|[KPST]G|H[DPZ]|[BDP]F)$")
_CLUSTERS: Final = re.compile(".(?:.CH|.TH|.SH|G?HT|[CFGLNPRTMDWBK].?[STD]|.[CKPDT]S|..Y|RLD|RST|NKS?|MPT|LLS|CKS)")
_CAPITALS: Final = re.compile(r"(?<![\w.&'-])[A-Z]{2,30}(?:'[A-Z]{1,2})?(?![\w&]|\.[A-Z])")
_VOWEL: Final = re.compile("[AEIOUY]")
_RUN: Final = re.compile(r"([a-z\u00c0-\u024f])\1{2,}", re.IGNORECASE)
_LATIN_WORD: Final = re.compile(r"[A-Za-z\u00c0-\u024f]{3,}")
#: Words that people draw out: each run is one letter of theirs. In other words a run becomes two letters ("sweeet").
_DRAWN: Final = frozenset(
    "so no go yes hey oh ah hi why bye wow man please really very whoa nice love guys dude bro what yay omg me we "
    "be he "
    "my now how good look cool hello yo ha aw ow nope yep yeah yup nah never ever right wait stop help sorry "
    "thanks let "
    "lets damn lol gg rip noice same sure fine true you this that big long bad sad mad fun win run one more here "
    "there "
    "slow fast baby girl boy boys woo ooh shh mm hmm brr grr ew hm um uh goal".split()
)


def calm_capitals(text: str) -> str:
    """Return a text whose shouted words are small, because a voice spells capitals; acronyms stay ("HP", "NASA")."""
    if text.islower() or (not text.isascii() and not _CAPITALS.search(text)):
        return text
    found = _CAPITALS.findall(text)
    if not found:
        return text
    letters = [char for char in text if char.isalpha()]
    shouting = len(found) > 2 and sum(map(str.isupper, letters)) > 0.8 * len(letters)
    return _CAPITALS.sub(lambda m: _calm(m[0], shouting=shouting), text)


def _calm(word: str, *, shouting: bool) -> str:
    if word in _SAID or word in _SPELLED:
        return word
    bare = word.partition("'")[0]
    if bare not in _WORDS and _spelled(bare):
        return word
    if bare in _WORDS or (len(bare) > 3 and _VOWEL.search(bare)) or (shouting and len(bare) > 3):
        return word if not shouting and bare in ("IT", "US", "AM", "MAY", "AT") else word.capitalize()
    return word


def _spelled(word: str) -> bool:
    """Return whether no word of English is built like this one: it opens, or ends in four letters, as none does."""
    return (
        not _OPENS.match(word)
        or (len(word) < 6 and _NO_END.search(word) is not None)
        or (len(word) == 4 and _CLOSES_BADLY.fullmatch(word) is not None and not _CLUSTERS.fullmatch(word))
    )


def calm_stretched(text: str) -> str:
    """Shorten drawn-out letters: "sooooo" is "so". Three equal capitals are a numeral or a name and stay."""
    return _LATIN_WORD.sub(_shorter, text)


def _shorter(found: re.Match[str]) -> str:
    word = found[0]
    if (
        not _RUN.search(word)
        or set(word) in ({"w"}, {"h"})
        or (word.isupper() and (len(word) < 4 or set(word) <= set("IVXLCDMW")))
    ):
        return word
    one = _RUN.sub(r"\1", word)
    if one.lower() in _DRAWN:
        return one
    return _RUN.sub(lambda m: m[0][:2], word)
