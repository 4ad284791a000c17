"""The first tables: paid events, utterances, chat, outcomes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out, not taken from bot.store.tables: a migration stays what it was when the tables go on.
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)
WORD, KEY, NAME = sa.String(32), sa.String(200), sa.String(200)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "paid_event",
        sa.Column("id", ROW_ID, nullable=False),
        *_message(),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", WORD, nullable=False),
        sa.Column("received_at", UTC, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("settled_at", UTC, nullable=True),
        sa.Column("turn", KEY, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "message_id", name="paid_event_once"),
    )
    op.create_index("paid_event_by_state", "paid_event", ["state", "id"])
    op.create_index("paid_event_by_turn", "paid_event", ["turn"])
    op.create_index("paid_event_by_author", "paid_event", ["author_id"])

    op.create_table(
        "utterance",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("turn", KEY, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("planned", sa.Text(), nullable=False),
        sa.Column("heard", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("started_at", UTC, nullable=False),
        sa.Column("ended_at", UTC, nullable=True),
        sa.Column("timings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("turn", name="utterance_once"),
    )
    op.create_index("utterance_by_state", "utterance", ["state"])
    op.create_index("utterance_by_start", "utterance", ["started_at"])

    op.create_table(
        "asked",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("turn", KEY, nullable=False),
        *_message(),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["turn"], ["utterance.turn"], name="asked_in_utterance", ondelete="CASCADE"),
    )
    op.create_index("asked_by_turn", "asked", ["turn"])
    op.create_index("asked_by_author", "asked", ["author_id"])

    op.create_table(
        "chat_line",
        sa.Column("id", ROW_ID, nullable=False),
        *_message(),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("action", WORD, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("chat_line_by_time", "chat_line", ["at"])
    op.create_index("chat_line_by_author", "chat_line", ["author_id"])

    op.create_table(
        "outcome",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("author_hash", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("outcome", WORD, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("outcome_by_time", "outcome", ["at"])
    op.create_index("outcome_by_author", "outcome", ["author_hash"])

    op.create_table(
        "secret",
        sa.Column("name", WORD, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    """Remove them."""
    for table in ("secret", "outcome", "chat_line", "asked", "utterance", "paid_event"):
        op.drop_table(table)


def _message() -> tuple[sa.Column[str], ...]:
    return (
        sa.Column("source", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("author_name", NAME, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
