"""Add the row that says which master key a database belongs to. It is filled when a key is proved."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_proof", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="installation_pkey"),
        sa.CheckConstraint("id = 1", name="there_is_one"),
    )


def downgrade() -> None:
    """Drop the table. An earlier version asks for no proof."""
    op.drop_table("installation")
