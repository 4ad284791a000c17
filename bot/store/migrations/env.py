"""What Alembic runs for each command; the connection comes from `bot.store.migrations.runner`."""

from __future__ import annotations

from alembic import context

import bot.store.memory.tables  # noqa: F401 - its tables are part of the metadata
from bot.store.tables import Table

# SQLite cannot alter most things in place: "batch" copies the table instead.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
