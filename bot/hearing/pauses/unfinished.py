"""Whether a text stops where no sentence ends: its last words want something after them.

A model that listens to the voice alone takes half of all sentences cut in the middle for finished ones. The words know
better: nobody is done after "because", 然后 or を.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from bot.text.scripts import HAN, KANA

#: Nothing ends with one of these, whatever stands behind it.
_EN: Final = frozenset(
    """
    a an the my your our their its every
    and or but nor because although though unless until while whereas whether if than as
    of from with into onto between among without during toward towards upon per via
    um uh uhm er erm hmm
    i'm you're we're they're it's that's there's i'll we'll you'll they'll i've we've they've let's gonna wanna
    """.split()
)
#: A sentence may end with these, and a recogniser then sets a full stop.
_EN_OPEN: Final = frozenset(
    """
    am is are was were be been being do does did have has had can could will would shall should may might must
    to at by for in on about like so that this these those which who what when where how then just really very
    he she we they it i not no his her
    """.split()
)
_EN_TAILS: Final = ("you know", "i mean", "kind of", "sort of", "as well as", "such as", "the thing is", "i think that")
_ZH: Final = re.compile(
    "(?:的话|然后|因为|所以|但是|可是|不过|而且|并且|或者|还有|以及|如果|要是|虽然|除非|只要|即使|就是|就是说|比如|比如说|例如|"
    "那个|这个|一个|那么|于是|我觉得|我想说|我的意思是|和|跟|与|把|被|让|在|从|向|往|为了|关于|对于|呃|额|"
    "(?<=.)嗯|(?<=[我你他她它们这那])(?:是|要|想|会|能|就|还|也|都))$"
)
_JA: Final = re.compile(
    "(?:を|は|が|に|へ|と|の|も|で|や|って|とか|から|ので|けど|けれど|のに|たら|れば|なら|し|そして|それで|だから|でも|しかし|"
    "えっと|ええと|えーと|あの|あのー|その|そのー|まあ|なんか|えー|うーん)$"
)
#: Recognisers write a voice that trails off so.
_TRAILS_OFF: Final = re.compile(r"(?:\.\.+|…|[-–—,、，:：;；])\s*$")
_STOP: Final = re.compile(r"[.!?。！？…～~]['\"”’」』)）]*\s*$")
#: Whole texts that are remembered, and the part of them with a full stop that shows that a recogniser sets them.
_REMEMBERED, _STOPS = 5, 0.6
_WORD: Final = re.compile(r"[a-z][a-z'’]*")


class LastWords:
    """Judges texts by their last words, and by a missing full stop where the recogniser sets them.

    Whisper leaves it away behind most broken sentences (19 of 36), and behind one of 36 whole ones. Other recognisers
    set none at all, which their last texts show.
    """

    def __init__(self) -> None:
        self._stopped: deque[bool] = deque([True] * _REMEMBERED, maxlen=_REMEMBERED)

    def want_more(self, text: str) -> bool:
        """Return whether the last words want more."""
        stops = sum(self._stopped) >= _STOPS * len(self._stopped)
        return is_unfinished(text) or bool(stops and text and not _STOP.search(text))

    def note(self, text: str) -> None:
        """Take note of a whole utterance's text."""
        self._stopped.append(bool(_STOP.search(text)))


def is_unfinished(text: str) -> bool:
    """Return whether the last words of a text want more after them. An empty text is not unfinished."""
    text = text.strip().lower()
    if not text or text.endswith(("?", "？", "!", "！")):
        return False
    if _TRAILS_OFF.search(text):
        return True
    stopped = bool(_STOP.search(text))
    bare = text.rstrip(" .。\"'”’)」』")
    if not bare:
        return False
    if KANA.match(bare[-1]):
        # 。 stands behind 「ですが」 and 「だから」 that close a thought, and never behind を.
        return bool(_JA.search(bare)) and (not stopped or bare[-1] in "をはへ")
    if HAN.match(bare[-1]):
        return bool(_ZH.search(bare))
    words = _WORD.findall(bare.replace("’", "'"))
    if not words:
        return False
    if words[-1] in _EN or bare.endswith(_EN_TAILS):
        return True
    return not stopped and len(words) > 1 and words[-1] in _EN_OPEN
