"""Store the agenda item that the bot's last answer to each person in a meeting was about."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Add a column for the item that the bot's last answer to a person was about."""
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("attendance", recreate=recreate) as table:
        table.add_column(sa.Column("answered_item_id", sa.Integer(), nullable=True))
        table.create_foreign_key("attendance_answered_item_id_fkey", "agenda_item", ["answered_item_id"], ["id"])
    op.create_index("ix_attendance_answered_item_id", "attendance", ["answered_item_id"])


def downgrade() -> None:
    """Drop the record of which item the bot's last answer to each person was about."""
    op.drop_index("ix_attendance_answered_item_id", "attendance")
    with op.batch_alter_table("attendance") as table:
        table.drop_constraint("attendance_answered_item_id_fkey", type_="foreignkey")
        table.drop_column("answered_item_id")
