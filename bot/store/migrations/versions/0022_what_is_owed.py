"""Store which earlier flag a flag was copied from, and when a meeting last received the cases that it must hear."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_FROM = ("origin_id", "carried_from_id")


def upgrade() -> None:
    """Add columns for the earlier flag that a flag was copied from, and for when a meeting last received cases.

    They begin empty.
    """
    # SQLite rebuilds the table, so that its definition reads as the models make it.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("flag", recreate="always" if is_sqlite else "never") as table:
        for name in _FROM:
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
            table.create_foreign_key(f"flag_{name}_fkey", "flag", [name], ["id"])
    for name in _FROM:
        op.create_index(f"ix_flag_{name}", "flag", [name])
    with op.batch_alter_table("meeting", recreate="always" if is_sqlite else "never") as table:
        table.add_column(sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drop the links from flags to earlier flags, and the moments at which meetings last received their cases."""
    with op.batch_alter_table("meeting") as table:
        table.drop_column("gathered_at")
    for name in _FROM:
        op.drop_index(f"ix_flag_{name}", "flag")
    with op.batch_alter_table("flag") as table:
        for name in _FROM:
            table.drop_constraint(f"flag_{name}_fkey", type_="foreignkey")
            table.drop_column(name)
