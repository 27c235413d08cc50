"""Store the day of each reminder, so that one person's reminders of a day are found quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

#: The day of a reminder from its moment. Digests go out between 09:00 and 17:00 by the recipient's clock.
_FILL = {
    "postgresql": (
        "UPDATE chase SET told_on = (queued_at AT TIME ZONE person.timezone)::date"
        " FROM person WHERE person.id = chase.recipient_id"
    ),
    # SQLite has no time zones. In Europe, Africa and America the UTC date is right at these hours.
    "sqlite": "UPDATE chase SET told_on = date(queued_at)",
}
_BY_STEP = ("action_id", "due_on", "step", "recipient_id")
_BY_RECIPIENT = ("action_id", "recipient_id", "due_on", "step")


def upgrade() -> None:
    """Add a column for the day of each reminder, fill it, and add an index by recipient and day."""
    dialect = op.get_bind().dialect.name
    op.add_column("chase", sa.Column("told_on", sa.Date(), nullable=True))
    op.execute(_FILL[dialect])
    op.drop_index("ix_chase_recipient_id", "chase")
    with op.batch_alter_table("chase", recreate="always" if dialect == "sqlite" else "never") as table:
        table.alter_column("told_on", existing_type=sa.Date(), nullable=False)
        table.drop_constraint(_name(_BY_STEP), type_="unique")
        table.create_unique_constraint(_name(_BY_RECIPIENT), list(_BY_RECIPIENT))
    op.create_index("chases_by_recipient_and_day", "chase", ["recipient_id", "told_on"])


def downgrade() -> None:
    """Drop the day of each reminder. The moment at which it was queued is kept."""
    op.drop_index("chases_by_recipient_and_day", "chase")
    with op.batch_alter_table("chase") as table:
        table.drop_constraint(_name(_BY_RECIPIENT), type_="unique")
        table.create_unique_constraint(_name(_BY_STEP), list(_BY_STEP))
        table.drop_column("told_on")
    op.create_index("ix_chase_recipient_id", "chase", ["recipient_id"])


def _name(columns: tuple[str, ...]) -> str:
    return f"chase_{'_'.join(columns)}_key"
