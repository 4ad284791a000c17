"""Changes of the tables over time, one file each in ``versions/``.

A database that is up to date is recognised by `HEAD` alone: Alembic, which takes a third of a second
to import, is only loaded when there is something to change.
"""

#: The newest revision in ``versions/``.
HEAD = "0004"
