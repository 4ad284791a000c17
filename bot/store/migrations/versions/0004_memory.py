"""What the host remembers, and what it spent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)
KEY, NAME, WORD = sa.String(200), sa.String(200), sa.String(32)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "memory_piece",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("slot", WORD, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("page", NAME, nullable=False),
        sa.Column("language", WORD, nullable=False),
        sa.Column("turn", KEY, nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("used_at", UTC, nullable=False),
        sa.Column("due_at", UTC, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("memory_piece_by_viewer", "memory_piece", ["source", "author_id"])
    op.create_index("memory_piece_by_kind", "memory_piece", ["kind", "state"])
    op.create_index("memory_piece_by_digest", "memory_piece", ["digest"])
    op.create_table(
        "memory_origin",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("piece", ROW_ID, nullable=False),
        sa.Column("turn", KEY, nullable=False),
        sa.Column("author_hash", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for column, name in (("piece", "piece"), ("turn", "turn"), ("author_hash", "author")):
        op.create_index(f"memory_origin_by_{name}", "memory_origin", [column])
    op.create_table(
        "memory_vector",
        sa.Column("piece", ROW_ID, nullable=False),
        sa.Column("embedder", KEY, nullable=False),
        sa.Column("dimensions", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("piece"),
    )
    op.create_index("memory_vector_by_embedder", "memory_vector", ["embedder"])
    op.create_table(
        "memory_viewer",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("since", UTC, nullable=False),
        sa.Column("seen_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "author_id", name="memory_viewer_once"),
    )
    op.create_index("memory_viewer_by_person", "memory_viewer", ["person"])
    op.create_table(
        "spend",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stream", KEY, nullable=False),
        sa.Column("link", KEY, nullable=False),
        sa.Column("model", NAME, nullable=False),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("prompt", ROW_ID, nullable=False),
        sa.Column("completion", ROW_ID, nullable=False),
        sa.Column("characters", ROW_ID, nullable=False),
        sa.Column("micros", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("day", "stream", "link", "model", "purpose", name="spend_once"),
    )
    op.create_index("spend_by_day", "spend", ["day"])


def downgrade() -> None:
    """Remove them."""
    for table in ("spend", "memory_viewer", "memory_vector", "memory_origin", "memory_piece"):
        op.drop_table(table)
