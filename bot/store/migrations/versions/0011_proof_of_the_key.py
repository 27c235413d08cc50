"""The row that says which master key a database belongs to; written when a key was proved, not here."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_proof", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="installation_pkey"),
        sa.CheckConstraint("id = 1", name="there_is_one"),
    )


def downgrade() -> None:
    """An earlier version asks for no proof."""
    op.drop_table("installation")
