"""Messages as the layers show them: on one line, without control characters, payments with their size."""

from __future__ import annotations

import re
from typing import Any, Final, Protocol, cast

from bot.persona.lines import Lines, event_values, purpose_for
from bot.show.floor_settings import LARGE
from bot.stage.layers.messages import MAX_LINE, MAX_NAME, Alert, ChatLine, Part
from bot.text.money import minor_digits, money
from bot.text.sanitize import one_line
from bot.types import Fragment, Kind, Message, Money, Role

#: What joins emoji, and letters of Persian and of Indian scripts: it is seen, though it shows nothing by itself.
JOINERS: Final = "\u200c\u200d"
#: A payment is of tier 2 from this share of a large one on (`bot.show.floor_settings.LARGE`), of 3 and 4 from these.
TIERS: Final = (0.25, 1.0, 2.5)
#: Most stretches of a line; what comes behind is one.
MAX_PARTS: Final = 60
_WORD: Final = re.compile(r"\S{2,40}(?!\S)")
_TAGS: Final = re.compile(r"\[[a-z_]+\]\s*")
#: The roles that are shown, the highest first.
_ROLES: Final = (Role.BROADCASTER, Role.MODERATOR, Role.VIP, Role.SUBSCRIBER, Role.BOT)


class Emotes(Protocol):
    """Knows which pictures this server has, by the names that `bot.stage.layers.emotes` gives them."""

    def name(self, source: str, emote: str, url: str) -> str:
        """Return where the picture of a platform's emote is; empty for none."""
        ...

    def word(self, source: str, word: str) -> str:
        """Return where the picture of a word is; empty for none."""
        ...


def key_of(message: Message) -> str:
    """Return what names a message among those of all platforms."""
    return one_line(f"{message.source}/{message.id}", 200)


def clean(text: str, longest: int = MAX_LINE) -> str:
    """Return a text as it may be shown."""
    return one_line(text, longest, keep=JOINERS)


def tier_of(message: Message) -> int:
    """Return how large a payment is, from 1 to 4; 0 when nobody paid. An unknown currency counts as small."""
    if not message.paid:
        return 0
    paid = message.amount or (message.evidence.units if message.evidence else None)
    large = LARGE.get(paid.currency.upper()) if paid else None
    if paid is None or not large:
        return 1
    share = float(paid.minor / 10 ** minor_digits(paid.currency)) / large
    return 1 + sum(share >= bound for bound in TIERS)


def chat_line(message: Message, emotes: Emotes | None = None) -> ChatLine:
    """Return a message as the chat box shows it. Its words and its name must have been moderated."""
    evidence, roles = message.evidence, message.author.roles
    return ChatLine(
        key=key_of(message),
        source=message.source,
        author=clean(message.author.name, MAX_NAME),
        role=cast("Any", next((role.value for role in _ROLES if role in roles), "")),
        kind=message.kind.value,
        parts=_parts(message, emotes),
        amount=_amount(message),
        item=clean(evidence.item, MAX_NAME) if evidence else "",
        count=max(1, min(evidence.count, 1_000_000)) if evidence else 1,
        combo=clean(evidence.combo, 200) if evidence else "",
        tier=tier_of(message),
    )


def alert(message: Message, lines: Lines, language: str) -> Alert:
    """Return an event as its alert, with a line of the host's own."""
    shown = chat_line(message)
    purpose = purpose_for(message)
    own = lines.pick(purpose, language, **event_values(message)) if purpose else ""
    return Alert(
        id=shown.key,
        source=shown.source,
        kind=shown.kind,
        author=shown.author,
        line=clean(_TAGS.sub("", own)),
        text=clean(message.text),
        amount=shown.amount,
        item=shown.item,
        count=shown.count,
        combo=shown.combo,
        tier=shown.tier,
    )


def _amount(message: Message) -> str:
    units: Money | None = message.evidence.units if message.evidence else None
    paid = units or message.amount
    return money(paid) if paid is not None and paid.minor > 0 else ""


def _parts(message: Message, emotes: Emotes | None) -> list[Part]:
    whole = clean(message.text)
    if not whole or emotes is None:
        return [Part(text=whole)] if whole else []
    pieces = message.fragments
    # Words that moderation has masked are no longer those of the pieces.
    if "".join(piece.text for piece in pieces) != message.text:
        pieces = (Fragment(kind="text", text=message.text),)
    parts: list[Part] = []
    for piece in pieces[:MAX_PARTS]:
        where = emotes.name(message.source, piece.id, piece.url) if piece.kind == "emote" else ""
        found = [Part(text=_inner(piece.text), emote=where)] if where else _words(message.source, piece.text, emotes)
        for part in found:
            if not part.emote and parts and not parts[-1].emote:
                parts[-1] = Part(text=f"{parts[-1].text}{part.text}"[:MAX_LINE])
            elif part.text:
                parts.append(part)
    return parts if any(part.emote for part in parts) else [Part(text=whole)]


def _words(source: str, text: str, emotes: Emotes) -> list[Part]:
    """Return a stretch of a line with the words in it that are pictures."""
    parts: list[Part] = []
    begin = 0
    for found in _WORD.finditer(text):
        if len(parts) < MAX_PARTS and (where := emotes.word(source, found[0])):
            parts += [Part(text=_inner(text[begin : found.start()])), Part(text=_inner(found[0]), emote=where)]
            begin = found.end()
    parts.append(Part(text=_inner(text[begin:])))
    return [part for part in parts if part.text]


def _inner(text: str) -> str:
    """Return a stretch of a line as it may be shown, with one space at each edge where it had any."""
    body = clean(text)
    before = " " if text[:1].isspace() else ""
    after = " " if body and text[-1:].isspace() else ""
    return f"{before}{body}{after}"[:MAX_LINE]


def is_event(message: Message) -> bool:
    """Return whether a message is something that viewers do rather than write."""
    return message.kind not in (Kind.CHAT, Kind.HOST, Kind.TIMER)
