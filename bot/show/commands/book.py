"""Which commands there are, what each is called, who may give it, and when it rests."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.intake.commands import name_of
from bot.show.commands.settings import FOR_MODERATORS, NAMES, BuiltIn, CommandSettings, OwnCommand, Who
from bot.text.someone import NOBODY, called
from bot.types import Author, Role, Viewer

#: What stands for the viewer's name in the owner's texts.
NAME = "{name}"
#: Viewers whose last use of a command is remembered.
MAX_VIEWERS = 10_000


class Cooldown:
    """When a command may be used again: by anybody, and by one viewer. Times are of the loop's clock, in seconds."""

    def __init__(self, all_s: float, viewer_s: float) -> None:
        self._all_s, self._viewer_s = all_s, viewer_s
        self._used: float | None = None
        self._by: OrderedDict[Viewer, float] = OrderedDict()

    def ready(self, viewer: Viewer, now: float) -> bool:
        """Return whether a viewer may use it now."""
        if self._used is not None and now - self._used < self._all_s:
            return False
        at = self._by.get(viewer)
        return at is None or now - at >= self._viewer_s

    def begin(self, viewer: Viewer, now: float) -> None:
        """Record that a viewer used it."""
        self._used = self._by[viewer] = now
        self._by.move_to_end(viewer)
        if len(self._by) > MAX_VIEWERS:
            self._by.popitem(last=False)

    def forget(self, viewer: Viewer) -> None:
        """Forget a viewer."""
        self._by.pop(viewer, None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: a built-in one or one ``own``."""

    name: str
    who: Who
    cooldown: Cooldown
    built_in: BuiltIn | None = None
    own: OwnCommand | None = None


class Book:
    """The commands of some settings, by every name that they have."""

    def __init__(self, settings: CommandSettings) -> None:
        #: In the order in which help names them.
        self.entries: list[Entry] = []
        self._by_name: dict[str, tuple[Entry, str]] = {}
        for built_in in BuiltIn:
            if built_in not in settings.disabled:
                usual = Who.MODERATOR if built_in in FOR_MODERATORS else Who.EVERYONE
                cooldown = Cooldown(settings.cooldown_s, settings.viewer_cooldown_s)
                entry = Entry(built_in.value, settings.who.get(built_in, usual), cooldown, built_in=built_in)
                self._add(entry, ((name, lang) for lang, names in NAMES[built_in].items() for name in names))
        for name, own in settings.own.items():
            cooldown = Cooldown(own.cooldown_s, own.viewer_cooldown_s)
            entry = Entry(name, own.who, cooldown, own=own)
            self._add(entry, ((word, "") for word in (name, *own.aliases)))

    def _add(self, entry: Entry, names: Iterator[tuple[str, str]]) -> None:
        self.entries.append(entry)
        for name, language in names:
            self._by_name.setdefault(name_of(name), (entry, language))

    def find(self, name: str) -> tuple[Entry, str] | None:
        """Return the command of a name as `name_of` makes it, and the language of that name: empty for English ones.

        English is what everybody types, so it tells nothing of the viewer.
        """
        found = self._by_name.get(name)
        return None if found is None else (found[0], "" if found[1] == "en" else found[1])

    def forget(self, viewer: Viewer) -> None:
        """Forget when a viewer used what."""
        for entry in self.entries:
            entry.cooldown.forget(viewer)


def shown_name(entry: Entry, language: str) -> str:
    """Return what a command is called in a language."""
    if entry.built_in is None:
        return entry.name
    return called_in(entry.built_in, language)


def called_in(built_in: BuiltIn, language: str) -> str:
    """Return what a built-in command is called in a language."""
    names = NAMES[built_in]
    return names.get(language, names["en"])[0]


def listed(entries: Iterable[Entry], language: str, prefix: str, room: int) -> str:
    """Return the names of commands in one line of at most ``room`` characters; "…" stands for what does not fit."""
    names = ""
    for entry in entries:
        if entry.built_in is BuiltIn.HELP:
            continue
        longer = f"{names} {prefix}{shown_name(entry, language)}".strip()
        if len(longer) > room - 2:
            return f"{names} …".strip()
        names = longer
    return names or "-"


def named(text: str, name: str, language: str) -> tuple[str, str]:
    """Return the owner's text with a viewer's name, and with a word that names nobody."""
    return text.replace(NAME, called(name, language)), text.replace(NAME, called(NOBODY, language))


def standing(author: Author) -> Who:
    """Return the highest rank that the platform gives a viewer. A name gives none."""
    for role, who in _RANKS:
        if role in author.roles:
            return who
    return Who.EVERYONE


_RANKS = (
    (Role.BROADCASTER, Who.BROADCASTER),
    (Role.MODERATOR, Who.MODERATOR),
    (Role.VIP, Who.VIP),
    (Role.SUBSCRIBER, Who.SUBSCRIBER),
)
