"""Say names as the persona and the operator spell them. What is shown stays as it is."""

from __future__ import annotations

from dataclasses import replace

from bot.text.pronunciations import Pronunciations
from bot.types import Clause
from bot.voice.reading.aloud import read_aloud


class Pronouncer:
    """Changes what is spoken of a clause. Moderation judges what is shown and what is spoken."""

    def __init__(self, table: Pronunciations) -> None:
        self._table = table

    def __call__(self, clause: Clause) -> Clause:
        """Return a clause whose names are spelled for a voice."""
        if not clause.speech:
            return clause
        spelled = self._table.put_in(clause.text, clause.language)
        return clause if spelled == clause.text else replace(clause, speech=read_aloud(spelled, clause.language))
