"""Store the accounts seen in a panel's channel that have no place on the panel."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Create the table of accounts in a panel's channel that have no place on the panel."""
    op.create_table(
        "channel_guest",
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("panel_id", "user_id", name="channel_guest_pkey"),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name="channel_guest_panel_id_fkey"),
    )


def downgrade() -> None:
    """Drop the record of accounts in a panel's channel that have no place on the panel."""
    op.drop_table("channel_guest")
