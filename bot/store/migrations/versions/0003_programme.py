"""The programme: the runs of its segments, and what they remember."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)
KEY, NAME, WORD = sa.String(200), sa.String(200), sa.String(32)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "programme_run",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("run", KEY, nullable=False),
        sa.Column("segment", KEY, nullable=False),
        sa.Column("cause", NAME, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("phase", WORD, nullable=False),
        sa.Column("turn", KEY, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("aired_s", sa.Float(), nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("started_at", UTC, nullable=True),
        sa.Column("ended_at", UTC, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("run", name="programme_run_once"),
    )
    op.create_index("programme_run_by_state", "programme_run", ["state"])
    op.create_index("programme_run_by_due", "programme_run", ["due_at"])
    op.create_table(
        "programme_memory",
        sa.Column("name", KEY, nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("programme_memory")
    op.drop_table("programme_run")
