"""What a platform attests of a payment, and the second events that tell of the same one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)
KEY, NAME = sa.String(200), sa.String(200)


def upgrade() -> None:
    """Add the columns and the table."""
    with op.batch_alter_table("paid_event") as table:
        table.add_column(sa.Column("event", NAME, nullable=False, server_default=""))
        table.add_column(sa.Column("pair", KEY, nullable=False, server_default=""))
        table.add_column(sa.Column("evidence", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("paid_event") as table:  # the defaults were for the rows that are there
        for column in ("event", "pair", "evidence"):
            table.alter_column(column, server_default=None)
        table.create_index("paid_event_by_pair", ["pair"])
    op.create_table(
        "paid_twin",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("event", NAME, nullable=False),
        sa.Column("paid_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "message_id", name="paid_twin_once"),
    )
    op.create_index("paid_twin_of_paid", "paid_twin", ["paid_id"])
    op.create_index("paid_twin_by_time", "paid_twin", ["received_at"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("paid_twin")
    with op.batch_alter_table("paid_event") as table:
        table.drop_index("paid_event_by_pair")
        for column in ("event", "pair", "evidence"):
            table.drop_column(column)
