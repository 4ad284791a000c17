"""What a long run keeps of what it saw, on the disk: in memory it would be taken for the host's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

_TABLES = """
pragma journal_mode = off;
pragma synchronous = off;
pragma cache_size = -64;
create table payment (id text primary key, name text);
create table thanks (name text primary key, times integer);
create table run (run text primary key, segment text, state text, note text);
create table alike (words text, other text);
create table greeting (words text);
"""


class Kept:
    """Payments, thanks, runs of segments, texts that were alike, and greetings, in a file."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, isolation_level=None, cached_statements=16)
        self._db.executescript(_TABLES)

    def pay(self, message: str, name: str) -> None:
        """Keep a payment, and who made it."""
        self._db.execute("insert into payment values (?, ?)", (message, name))

    def thank(self, name: str) -> None:
        """Count that a name was heard."""
        self._db.execute("insert into thanks values (?, 1) on conflict (name) do update set times = times + 1", (name,))

    def run(self, run: str, segment: str, state: str, note: str) -> None:
        """Keep how a run of a segment stands now."""
        self._db.execute("insert or replace into run values (?, ?, ?, ?)", (run, segment, state, note))

    def like(self, words: str, other: str) -> None:
        """Keep a text and the one that it was like."""
        self._db.execute("insert into alike values (?, ?)", (words, other))

    def greet(self, words: str) -> None:
        """Keep a greeting."""
        self._db.execute("insert into greeting values (?)", (words,))

    def payments(self) -> Iterator[tuple[str, str, int]]:
        """Yield each payment in its order: its id, who made it, and how often that name was heard."""
        yield from self._db.execute(
            "select id, payment.name, coalesce(times, 0) from payment left join thanks using (name) "
            "order by payment.rowid"
        )

    def runs(self) -> Iterator[tuple[str, str, str]]:
        """Yield the last of each run: its segment, its state, its note."""
        yield from self._db.execute("select segment, state, note from run")

    def alike(self) -> Iterator[tuple[str, str]]:
        """Yield the texts that were alike."""
        yield from self._db.execute("select words, other from alike order by rowid")

    def greetings(self) -> Iterator[str]:
        """Yield the greetings in their order."""
        for (words,) in self._db.execute("select words from greeting order by rowid"):
            yield words
