"""Store what an action said before it was corrected."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Add columns for what an action said before a correction. For earlier corrections they are empty."""
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("action_event", recreate=recreate) as table:
        table.add_column(sa.Column("before", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("before_case_id", sa.Integer(), nullable=True))
        table.create_foreign_key("action_event_before_case_id_fkey", "cases", ["before_case_id"], ["id"])
    given = sa.text("before_case_id IS NOT NULL")
    op.create_index(
        "action_events_by_case_before",
        "action_event",
        ["before_case_id"],
        sqlite_where=given,
        postgresql_where=given,
    )


def downgrade() -> None:
    """Drop the columns for what actions said before they were corrected."""
    op.drop_index("action_events_by_case_before", "action_event")
    with op.batch_alter_table("action_event") as table:
        table.drop_constraint("action_event_before_case_id_fkey", type_="foreignkey")
        table.drop_column("before_case_id")
        table.drop_column("before")
