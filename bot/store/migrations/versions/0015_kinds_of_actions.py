"""Every action has a kind, which may be said where its words may not."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_KINDS = (
    "visit", "referral", "nrm", "intelligence_submission", "return_interview", "assessment", "strategy_discussion",
    "disruption", "other",
)  # fmt: skip


def upgrade() -> None:
    """Add the column. What was given before is of the kind `other`, since its words are sealed."""
    # Written anew, so that SQLite keeps the table in the words in which the models make it, and its numbers unique.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    listed = ", ".join(f"'{kind}'" for kind in _KINDS)
    with op.batch_alter_table(
        "action", recreate="always" if is_sqlite else "never", table_kwargs={"sqlite_autoincrement": True}
    ) as table:
        table.add_column(sa.Column("kind", sa.String(40), nullable=False, server_default="other"))
        table.create_check_constraint("kind_is_known", f"kind IN ({listed})")
    with op.batch_alter_table("action", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.alter_column("kind", existing_type=sa.String(40), existing_nullable=False, server_default=None)


def downgrade() -> None:
    """Remove the column."""
    with op.batch_alter_table("action", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_constraint("kind_is_known", type_="check")
        table.drop_column("kind")
