"""Bring a database up to date. Imported only when it is not.

``python -m bot.store.migrations.runner "what changes"`` writes the next file in ``versions/`` from the
difference between the tables and the files before it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

import bot.store.memory.tables  # noqa: F401 - its tables are part of the metadata
from bot.errors import ConfigError
from bot.store.tables import Table


def config() -> Config:
    """Return Alembic's settings: the files lie beside this one, in a checkout and in an installation."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def upgrade(connection: Connection, found: str | None) -> None:
    """Run what is missing, in the connection's transaction.

    Raises `ConfigError` when the database was made by a newer Haishin.
    """
    settings = config()
    scripts = ScriptDirectory.from_config(settings)
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise ConfigError(
            f"the database was made by a newer Haishin (its tables are at {found!r})",
            remedy="update Haishin, or name another database in 'store'; this one was not touched",
        )

    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def differences(connection: Connection) -> list[Any]:
    """Return what the tables in the code have and the database has not, or the other way round."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, Table.metadata))


def main(about: str) -> None:
    """Write the next migration."""
    settings = config()
    with create_engine("sqlite://").begin() as connection:
        upgrade(connection, None)
        settings.attributes["connection"] = connection
        newest = ScriptDirectory.from_config(settings).get_current_head() or "0000"
        command.revision(settings, about, autogenerate=True, rev_id=f"{int(newest) + 1:04d}")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
