"""Add a table whose one row proves which master key the database belongs to. The bot adds the row at its next start."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the empty table for the proof of the master key."""
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_proof", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="installation_pkey"),
        sa.CheckConstraint("id = 1", name="there_is_one"),
    )


def downgrade() -> None:
    """Drop the table with the proof. Nothing then shows which master key the database belongs to."""
    op.drop_table("installation")
