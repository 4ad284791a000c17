"""The memory's store on both databases, as in the tests of the store."""

from __future__ import annotations

from tests.store.conftest import postgres
from tests.store.memory.conftest import clock, database, memory

__all__ = ["clock", "database", "memory", "postgres"]
